//! Where a machine's answer goes: `into: { cuenta: { numero: text, saldo: money } }`.
//!
//! A machine's field needs no label for anybody to fill it in, so there is a short form: a name and a
//! type, `optional` before it when it may be missing. A group is a table of such names, rows are a list
//! with one. Whoever wants a label, limits or options writes the field as in a form, with its `label`.

use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::field::{Field, Kind, check_name, decode_fields, spoken};
use crate::form::Form;
use crate::yaml::{Kind as Yaml, Node, ScalarStyle, Spanned, pairs, wrong_shape};

/// The form of an answer; its name can't be that of a form in a file.
pub(super) fn form(step: &str, node: &Node, sources: &Sources, found: &mut Diagnostics) -> Form {
    let fields = fields(node, "into", sources, found);
    if let [_, second, ..] = fields.as_slice() {
        found.push(
            Diagnostic::new("wrong_shape", second.name.span, "an answer goes into one variable")
                .label("a second variable")
                .help("make a group of them: `into: { answer: { one: text, two: money } }`"),
        );
    }
    Form {
        id: Spanned::new(format!("step {step}"), node.span),
        title: fields.first().map(|field| field.label.clone()).unwrap_or_default(),
        help: None,
        shows: Vec::new(),
        edits: Vec::new(),
        fields,
        rules: Vec::new(),
    }
}

/// What a procedure needs to begin, as a form.
pub(in crate::procedure) fn inputs(
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Form {
    let fields = fields(node, "inputs", sources, found);
    let title = fields.first().map(|field| field.label.clone()).unwrap_or_default();
    let id = Spanned::new("the inputs".to_owned(), node.span);
    let (shows, edits, rules) = (Vec::new(), Vec::new(), Vec::new());
    Form { id, title, help: None, shows, edits, fields, rules }
}

/// Fields in the short form or the long one.
fn fields(
    node: &Node,
    what: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<Field> {
    let mut fields = Vec::new();
    for (name, node) in pairs(node, what, found) {
        fields.extend(field(name, node, what, sources, found));
    }
    fields
}

fn field(
    name: Spanned<String>,
    node: &Node,
    what: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Field> {
    match &node.kind {
        Yaml::Mapping(entries) => {
            if entries.iter().any(|(key, _)| key.text() == Some("label")) {
                return long(&name, node.clone(), what, sources, found);
            }
            check_name(&name, found);
            let fields = fields(node, what, sources, found);
            Some(unlabelled(name, Kind::Group { fields }))
        }
        Yaml::Sequence(items) => {
            let [columns] = items.as_slice() else {
                found.push(wrong_shape(node, &name, "a list with one table: a row's columns"));
                return None;
            };
            check_name(&name, found);
            let columns = fields(columns, what, sources, found);
            Some(unlabelled(name, Kind::Table { columns, min_rows: 0, max_rows: 500 }))
        }
        Yaml::Scalar { text, .. } => {
            let (is_optional, kind) = match text.strip_prefix("optional ") {
                Some(kind) => (true, kind.trim()),
                None => (false, text.as_str()),
            };
            let mut field = long(&name, typed(&name, kind, node.span), what, sources, found)?;
            field.is_optional = is_optional;
            Some(field)
        }
    }
}

/// `{ label: name, type: kind }`, as if it had been written out.
fn typed(name: &Spanned<String>, kind: &str, span: Span) -> Node {
    let scalar = |text: &str, span| Node {
        kind: Yaml::Scalar { text: text.to_owned(), style: ScalarStyle::Plain },
        span,
    };
    let entries = vec![
        (scalar("label", name.span), scalar(&spoken(name), name.span)),
        (scalar("type", span), scalar(kind, span)),
    ];
    Node { kind: Yaml::Mapping(entries), span }
}

/// The one field of a table of fields.
fn long(
    name: &Spanned<String>,
    node: Node,
    what: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Field> {
    let key = Node {
        kind: Yaml::Scalar { text: name.value.clone(), style: ScalarStyle::Plain },
        span: name.span,
    };
    let span = node.span;
    let table = Node { kind: Yaml::Mapping(vec![(key, node)]), span };
    decode_fields(&table, what, sources, found).pop()
}

fn unlabelled(name: Spanned<String>, kind: Kind) -> Field {
    let label = spoken(&name);
    Field::bare(name, label, kind)
}
