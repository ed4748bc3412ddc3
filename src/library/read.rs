//! One file: what its parts are, by their first keys.
//!
//! Called for each file of a workspace or of a stored version; what the parts say together is not looked
//! at here.

use std::ops::Range;
use std::sync::Arc;

use super::{Group, Invented, belonging};
use crate::decision;
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::document::{self, Template};
use crate::form;
use crate::organisation;
use crate::parameter;
use crate::procedure;
use crate::register;
use crate::report;
use crate::yaml::{Kind, Node, Spanned, parse};

/// The text less its `demo:` parts: people and cases to try things out with are no part of a version.
/// Nothing when no other part is left.
pub(super) fn without(text: &str, demos: &[Range<usize>]) -> Option<String> {
    let (mut rest, mut from) = (String::new(), 0);
    for demo in demos {
        rest.push_str(text.get(from..demo.start).unwrap_or_default());
        from = demo.end;
    }
    rest.push_str(text.get(from..).unwrap_or_default());
    let says_nothing =
        |line: &str| line.trim().is_empty() || line.starts_with('#') || line.starts_with("---");
    (!rest.lines().all(says_nothing)).then_some(rest)
}

/// Reads a file into its group; where its `demo:` parts stand.
pub(super) fn file(
    group: &mut Group,
    (file, path, text): (FileId, &str, &str),
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<Range<usize>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.ends_with(".typ.j2") {
        if name.starts_with('_') {
            let layout = Template::layout(file, text);
            let id = Spanned::new(name.to_owned(), Span::new(file, 0, 0));
            if document::is_shapely(&layout, &id, found) {
                Arc::make_mut(&mut group.layouts).insert(name.to_owned(), layout);
            }
        } else if let Some(document) = document::decode_file(file, text, found) {
            group.documents.push(document);
        }
        return Vec::new();
    }
    let before = found.len();
    let nodes = parse(file, text, found);
    let is_broken = found.len() > before;
    if !is_broken && nodes.iter().all(Node::is_null) {
        found.push(
            Diagnostic::new("unknown_kind", Span::new(file, 0, 0), "this file is empty")
                .label("the first key tells what a file holds")
                .help(format!("begin it with one of {}", listed(&KINDS)))
                .help("or take it away, if nothing shall stand in it"),
        );
    }
    let mut further = Diagnostics::default();
    let mut demos = Vec::new();
    for node in nodes.iter().filter(|node| !node.is_null()) {
        if first_key(node).and_then(Node::text) == Some("demo") {
            let range = node.span.start as usize..node.span.end as usize;
            group.demo = text.get(range.clone()).map(ToOwned::to_owned);
            group.invented = Invented::of(node);
            demos.push(range);
        } else {
            part(group, node, sources, &mut further);
        }
    }
    // In a file that is no YAML at one place, what looks wrong at another mostly follows from it.
    if !is_broken {
        found.extend(further);
    }
    demos
}

fn first_key(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::Mapping(entries) => entries.first().map(|(key, _)| key),
        _ => None,
    }
}

/// The first keys of the parts of files.
const KINDS: [&str; 8] =
    ["organisation", "registers", "form", "document", "procedure", "table", "parameters", "report"];

fn listed(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}:`")).collect();
    keys.join(", ")
}

/// One YAML document; what it is stands in its first key.
fn part(group: &mut Group, node: &Node, sources: &Sources, found: &mut Diagnostics) {
    let first = first_key(node);
    match first.and_then(Node::text) {
        Some("organisation") => {
            let organisation = organisation::decode(node, sources, found);
            if let (Some(old), Some(new)) = (&group.organisation, &organisation) {
                belonging::twice("organisation", &old.id, &new.id, found);
            }
            group.organisation = organisation.map(Arc::new).or(group.organisation.take());
        }
        Some("registers") => {
            let registers = register::decode(node, sources, found);
            Arc::make_mut(&mut group.registers).extend(registers);
        }
        Some("table") => {
            group.tables.extend(decision::decode(node, sources, found).map(Arc::new));
        }
        Some("parameters") => {
            let sets = parameter::decode(node, sources, found);
            Arc::make_mut(&mut group.parameters).sets.extend(sets);
        }
        Some("form") => group.forms.extend(form::decode(node, sources, found)),
        Some("document") => group.documents.extend(document::decode(node, None, found)),
        Some("procedure") => group.procedures.extend(procedure::decode(node, sources, found)),
        Some("report") => group.reports.extend(report::decode(node, sources, found)),
        written => {
            let span = first.map_or(node.span, |key| key.span);
            let finding = Diagnostic::new("unknown_kind", span, "what is this file?")
                .label("the first key tells what a file holds")
                .suggest(written.unwrap_or_default(), KINDS);
            found.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostics;
    use crate::library::{Files, Library};

    const PROCEDURE: &str = "organisation: office\nname: O\n---\nprocedure: p\ntitle: P\n";
    const DEMO: &str = "demo:\n  people: [ { login: eva, name: Eva, roles: [desk] } ]\n";

    fn kept(text: &str) -> Option<String> {
        let files = Files::from([("workflows/office/p.yaml".to_owned(), text.to_owned())]);
        let library = Library::read(&files, &mut Diagnostics::default());
        let group = library.groups.get("office").expect("a group");
        assert!(group.demo.as_deref().is_some_and(|demo| demo.starts_with("demo:")));
        group.files.get("workflows/office/p.yaml").cloned()
    }

    #[test]
    fn a_demo_is_no_part_of_a_version_wherever_it_stands() {
        assert_eq!(kept(DEMO), None);
        let last = kept(&format!("{PROCEDURE}---\n{DEMO}")).expect("a file");
        assert_eq!(last.trim_end(), format!("{PROCEDURE}---"));
        let first = kept(&format!("# People.\n{DEMO}---\n{PROCEDURE}")).expect("a file");
        assert_eq!(first.replace("\n\n", "\n"), format!("# People.\n---\n{PROCEDURE}"));
    }
}
