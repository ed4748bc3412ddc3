//! Registers: data that cases share, such as customers, meters and the price list.
//!
//! This is the written side (key, fields, first rows); the rows as they are now live in the store.

mod ledger;

pub use ledger::{Account, Ledger, MAX_DECIMALS, millionths, of_millionths};

use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::{Line, Map};
use crate::field::{Field, Kind, decode_fields, literal};
use crate::organisation::check_id;
use crate::yaml::{Entries, Kind as Yaml, Node, Spanned, torn, wrong_shape};

/// One register, as `registers.yaml` says.
#[derive(Debug, Clone)]
pub struct Register {
    pub id: Spanned<String>,
    pub title: String,
    /// The field by which a row is found and replaced.
    pub key: Spanned<String>,
    pub fields: Vec<Field>,
    /// How a row is called in lists; its key when nothing is said.
    pub shows: Option<Line>,
    /// What stands in it on the first start.
    pub rows: Vec<Map>,
    /// How its rows are moved, if they are.
    pub ledger: Option<Ledger>,
}

/// Reads the `registers` of a file.
pub fn decode(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Vec<Register> {
    let Some(mut entries) = Entries::open(node, "a file of registers", found) else {
        return Vec::new();
    };
    let written = entries.pairs("registers", found);
    entries.finish(found);
    written.into_iter().filter_map(|(id, node)| register(id, node, sources, found)).collect()
}

fn register(
    id: Spanned<String>,
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Register> {
    check_id(&id, found);
    let mut entries = Entries::open(node, "a register", found)?;
    let title = entries.text("title", found).map(|title| title.value);
    let key = entries.require_text("key", found);
    let fields = entries
        .require("fields", found)
        .map(|node| decode_fields(node, "fields", sources, found))
        .unwrap_or_default();
    for field in &fields {
        if matches!(field.kind, Kind::Group { .. } | Kind::Table { .. } | Kind::Record { .. }) {
            found.push(
                Diagnostic::new("wrong_shape", field.name.span, "a register has only plain fields")
                    .label("a group, a table or another register's row"),
            );
        }
    }
    let shows = entries.get("shows").and_then(|node| Line::parse(node, sources, found));
    let written = entries.list("rows", found);
    let ledger = entries.get("ledger").and_then(|node| ledger::decode(node, found));
    entries.finish(found);
    let key = key?;
    if !fields.iter().any(|field| *field.name == *key) {
        found.push(
            Diagnostic::new(
                "unknown_field",
                key.span,
                format!("there is no field `{}`", key.value),
            )
            .label("the key must be one of the fields")
            .suggest(&key, fields.iter().map(|field| field.name.as_str())),
        );
    }
    let rows = written.iter().filter_map(|node| row(node, &fields, &key, found)).collect();
    Some(Register {
        title: title.unwrap_or_else(|| id.value.clone()),
        id,
        key,
        fields,
        shows,
        rows,
        ledger,
    })
}

fn row(node: &Node, fields: &[Field], key: &str, found: &mut Diagnostics) -> Option<Map> {
    let Yaml::Mapping(entries) = &node.kind else {
        found.push(wrong_shape(node, "rows", "a table of keys"));
        return None;
    };
    let mut row = Map::new();
    for (at, (name, value)) in entries.iter().enumerate() {
        let written = name.text().unwrap_or_default();
        match fields.iter().find(|field| *field.name == written) {
            Some(field) => {
                let value = literal(value, &field.kind, found).unwrap_or_default();
                row.insert(written.to_owned(), value);
            }
            None => {
                let headline = format!("there is no field `{written}`");
                let finding = Diagnostic::new("unknown_field", name.span, headline)
                    .label("not a field of this register");
                found.push(match torn(entries, at) {
                    Some(help) => finding.help(help),
                    None => {
                        finding.suggest(written, fields.iter().map(|field| field.name.as_str()))
                    }
                });
            }
        }
    }
    for field in fields {
        row.entry(field.name.value.clone()).or_default();
    }
    if row.get(key).is_none_or(|value| value.to_string().is_empty()) {
        found.push(
            Diagnostic::new("missing_key", node.span, format!("this row has no `{key}`"))
                .label("a row without its key can't be found again"),
        );
        return None;
    }
    Some(row)
}

impl Register {
    /// A row with all its columns: one that was saved before a column was added has nothing in it.
    #[must_use]
    pub fn complete(&self, mut row: Map) -> Map {
        for field in &self.fields {
            row.entry(field.name.value.clone()).or_default();
        }
        row
    }

    /// The key of a row, as text.
    pub fn key_of(&self, row: &Map) -> Option<String> {
        row.get(self.key.as_str()).map(ToString::to_string).filter(|key| !key.is_empty())
    }
}
