//! A decision table from YAML.

use super::{Cell, Collect, Hits, Output, Row, Table};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::{Expression, Value};
use crate::field::{Field, Kind, decode_fields, literal};
use crate::organisation::check_id;
use crate::yaml::{Entries, Kind as Yaml, Node, ScalarStyle, Spanned, wrong_shape};

/// Rows of one table: no manual prints more, and comparing each with each stays quick.
pub const MAX_ROWS: usize = 1_000;

/// Reads a file that begins with `table`.
pub fn decode(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Table> {
    let mut entries = Entries::open(node, "a decision table", found)?;
    let id = entries.require_text("table", found)?;
    check_id(&id, found);
    let title = entries.text("title", found).map(|title| title.value);
    let mut columns = |key: &'static str, found: &mut Diagnostics| {
        let node = entries.require(key, found);
        node.map(|node| decode_fields(node, key, sources, found)).unwrap_or_default()
    };
    let (inputs, outputs) = (columns("inputs", found), columns("outputs", found));
    check_columns(&inputs, &outputs, found);
    let hits = hits(&mut entries, &outputs, found);
    entries.require("rows", found);
    let written = entries.list("rows", found);
    let otherwise = entries.get("otherwise");
    let otherwise_key = entries.key_span("otherwise");
    entries.finish(found);
    if written.len() > MAX_ROWS {
        found.push(
            Diagnostic::new("bad_value", node.span, "this table is too long")
                .label(format!("{} rows; at most {MAX_ROWS}", written.len()))
                .help("take a column that many rows share into a table of its own"),
        );
        return None;
    }
    let columns = Columns { inputs: &inputs, outputs: &outputs, sources };
    let rows = written.iter().filter_map(|node| columns.row(node, true, found)).collect();
    if let (Some(span), Hits::Collect(_)) = (otherwise_key, hits) {
        found.push(
            Diagnostic::new("bad_value", span, "what is collected has no `otherwise`")
                .label("when no row holds, nothing is collected")
                .help("take it out; read the result behind `default(…)` where it may be none"),
        );
    }
    let otherwise =
        otherwise.and_then(|node| columns.row(node, false, found)).map(|row| row.results);
    Some(Table {
        title: title.unwrap_or_else(|| id.value.clone()),
        id,
        hits,
        inputs,
        outputs,
        rows,
        otherwise,
    })
}

/// Columns are plain, and each has a name of its own.
fn check_columns(inputs: &[Field], outputs: &[Field], found: &mut Diagnostics) {
    for field in inputs.iter().chain(outputs) {
        let is_plain = match field.kind {
            Kind::Text { is_note, .. } => !is_note,
            Kind::Group { .. } | Kind::Table { .. } | Kind::Record { .. } => false,
            _ => true,
        };
        let is_asked = field.is_asked() && field.when.is_none() && field.default.is_none();
        if !is_plain || !is_asked {
            found.push(
                Diagnostic::new("wrong_shape", field.name.span, "a column holds one plain value")
                    .label("its rows say what it is")
                    .help("a column has a `label`, a `type` and its limits, nothing else"),
            );
        }
    }
    for output in outputs {
        if let Some(input) = inputs.iter().find(|input| *input.name == *output.name) {
            found.push(
                Diagnostic::new(
                    "duplicate_id",
                    output.name.span,
                    format!("there are two columns `{}`", *output.name),
                )
                .label("again here")
                .also(input.name.span, "first here")
                .help("give one of them another name"),
            );
        }
    }
    for (what, columns, span) in [("input", inputs, outputs), ("output", outputs, inputs)] {
        if let (true, Some(other)) = (columns.is_empty(), span.first()) {
            found.push(
                Diagnostic::new("wrong_shape", other.name.span, format!("a table needs an {what}"))
                    .label("there is only this"),
            );
        }
    }
}

fn hits(entries: &mut Entries<'_>, outputs: &[Field], found: &mut Diagnostics) -> Hits {
    let written = entries.get("hits");
    let collect = entries.get("collect");
    let hits = match written.map(|node| (node.text(), node)) {
        None if collect.is_some() => Some("collect"),
        None => Some("unique"),
        Some((Some(known @ ("unique" | "first" | "collect")), _)) => Some(known),
        Some((_, node)) => {
            found.push(wrong_shape(node, "hits", "`unique`, `first` or `collect`"));
            None
        }
    };
    match hits {
        Some("collect") => Hits::Collect(collected(collect, outputs, found)),
        Some(hits) => {
            if let Some(node) = collect {
                found.push(
                    Diagnostic::new("bad_value", node.span, "nothing is collected here")
                        .label(format!("`hits: {hits}` has one row at most"))
                        .help("write `hits: collect`, or take this out"),
                );
            }
            if hits == "first" { Hits::First } else { Hits::Unique }
        }
        None => Hits::First,
    }
}

fn collected(written: Option<&Node>, outputs: &[Field], found: &mut Diagnostics) -> Collect {
    let collect = match written.map(|node| (node.text(), node)) {
        None | Some((Some("list"), _)) => Collect::List,
        Some((Some("sum"), _)) => Collect::Sum,
        Some((Some("min"), _)) => Collect::Min,
        Some((Some("max"), _)) => Collect::Max,
        Some((Some("count"), _)) => Collect::Count,
        Some((_, node)) => {
            found.push(wrong_shape(node, "collect", "`list`, `sum`, `min`, `max` or `count`"));
            Collect::List
        }
    };
    let fits = match (collect, outputs) {
        (Collect::List | Collect::Count, _) => true,
        (Collect::Sum, [only]) => matches!(only.kind, Kind::Number { .. }),
        (_, [only]) => matches!(only.kind, Kind::Number { .. } | Kind::Date { .. }),
        _ => false,
    };
    if let Some(node) = written.filter(|_| !fits) {
        found.push(
            Diagnostic::new("bad_value", node.span, "these results can't be collected like this")
                .label("needs one output, a number")
                .help("`min` and `max` take dates, too; `list` and `count` take any outputs"),
        );
        return Collect::List;
    }
    collect
}

struct Columns<'a> {
    inputs: &'a [Field],
    outputs: &'a [Field],
    sources: &'a Sources,
}

impl Columns<'_> {
    /// A row; `otherwise` has no conditions.
    fn row(&self, node: &Node, has_cells: bool, found: &mut Diagnostics) -> Option<Row> {
        let Yaml::Mapping(entries) = &node.kind else {
            found.push(wrong_shape(node, "rows", "a table of keys"));
            return None;
        };
        let inputs = if has_cells { self.inputs } else { &[] };
        let known = || inputs.iter().chain(self.outputs).map(|field| field.name.as_str());
        let mut is_whole = true;
        for (key, _) in entries {
            let name = key.text().unwrap_or_default();
            if !known().any(|known| known == name) {
                let finding = Diagnostic::new(
                    "unknown_field",
                    key.span,
                    format!("there is no column `{name}`"),
                );
                let finding = finding.label("not a column of this table");
                found.push(finding.suggest(name, known()));
                is_whole = false;
            }
        }
        let written = |name: &Spanned<String>| {
            let mut entries = entries.iter();
            entries.find(|(key, _)| key.text() == Some(name.as_str())).map(|(_, value)| value)
        };
        let mut cells = Vec::new();
        for input in inputs {
            let cell = match written(&input.name) {
                Some(node) => Cell::decode(node, input, self.sources, found),
                None => Some(Cell::any(node.span)),
            };
            is_whole &= cell.is_some();
            cells.extend(cell);
        }
        let mut results = Vec::new();
        for output in self.outputs {
            let result = self.result(written(&output.name), output, node, found);
            is_whole &= result.is_some();
            results.extend(result);
        }
        let span = entries.first().map_or(node.span, |(key, _)| key.span);
        is_whole.then_some(Row { cells, results, span })
    }

    fn result(
        &self,
        written: Option<&Node>,
        output: &Field,
        row: &Node,
        found: &mut Diagnostics,
    ) -> Option<Output> {
        let Some(node) = written.filter(|node| !node.is_null()) else {
            if !output.is_optional {
                let name = &*output.name;
                found.push(
                    Diagnostic::new("missing_key", row.span, format!("this row has no `{name}`"))
                        .label("what comes out of it?")
                        .help("write it, or make the output `optional: true`"),
                );
                return None;
            }
            return Some(Output::Value(Value::Null));
        };
        let Some(reckoned) = node.text().and_then(|text| text.trim_start().strip_prefix('='))
        else {
            return literal(node, &output.kind, found).map(Output::Value);
        };
        let text = node.text().unwrap_or_default();
        let from = text.len() - reckoned.trim_start().len();
        let span = node.locate(&self.sources.get(node.span.file).text, from, text.len());
        let kind = Yaml::Scalar { text: reckoned.trim().to_owned(), style: ScalarStyle::Plain };
        Expression::parse(&Node { kind, span }, self.sources, found).map(Output::Reckoned)
    }
}
