"""Holds diagrams against the schema of BPMN 2.0, which a package on PyPI brings along.

Usage: bpmn_schema.py FILE...; says `missing: WHY` where it can't, else a line for each fault.
"""

import importlib.util
import pathlib
import sys

try:
    from lxml import etree

    # Only found, never imported: that would take its own dependencies.
    package = importlib.util.find_spec("SpiffWorkflow")
    folder = pathlib.Path(next(iter(package.submodule_search_locations)))
except (ImportError, AttributeError, StopIteration) as why:
    print(f"missing: lxml and SpiffWorkflow ({why})")
    sys.exit(0)

schema = etree.XMLSchema(etree.parse(folder / "bpmn/parser/schema/BPMN20.xsd"))
for name in sys.argv[1:]:
    if not schema.validate(etree.parse(name)):
        for fault in schema.error_log:
            print(f"{name}:{fault.line}: {fault.message}")
print("examined", len(sys.argv) - 1)
