//! Values that no form asks for: what a step reckoned, what a message or a machine brought, the rows that
//! the branches of a block left. Pages of a case show them beside what people filled in.

use super::value::{Head, Shown, Words};
use crate::expression::{Map, Value};
use crate::field::{Kind, spoken};

/// Whether the value at a path is shown.
type Wanted<'a> = dyn Fn(&str, &Value) -> bool + 'a;

impl Words<'_> {
    /// Everything in `data` that has a value and is wanted.
    pub(super) fn unasked(&self, data: &Map, is_wanted: &Wanted<'_>) -> Vec<Shown> {
        let mut shown = Vec::new();
        for (name, value) in data {
            self.below(name, value, is_wanted, &mut shown);
        }
        shown
    }

    fn below(&self, path: &str, value: &Value, is_wanted: &Wanted<'_>, into: &mut Vec<Shown>) {
        if value.is_null() || !is_wanted(path, value) {
            return;
        }
        let field = self.executable.field(path);
        match (field, value) {
            (Some(field), value) if !matches!(field.kind, Kind::Group { .. }) => {
                into.push(self.of(field, value));
            }
            (_, Value::Map(inner)) => {
                for (name, value) in inner {
                    self.below(&format!("{path}.{name}"), value, is_wanted, into);
                }
            }
            (_, Value::List(items)) if items.is_empty() => {}
            (_, Value::List(items)) => into.push(self.list(path, items)),
            (_, value) => into.push(Shown::Line {
                label: label(path),
                text: self.bare(value),
                is_number: matches!(value, Value::Number(_)),
            }),
        }
    }

    /// A table of rows, or a line of values.
    fn list(&self, path: &str, items: &[Value]) -> Shown {
        let rows: Option<Vec<&Map>> = items.iter().map(Value::as_map).collect();
        let Some(rows) = rows else {
            let text: Vec<String> = items.iter().map(|item| self.bare(item)).collect();
            return Shown::Line { label: label(path), text: text.join(", "), is_number: false };
        };
        let mut names: Vec<&str> = Vec::new();
        for name in rows.iter().flat_map(|row| row.keys()) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let field = |name: &str| self.executable.field(name);
        let head = |name: &&str| Head {
            label: field(name).map_or_else(|| spoken(name), |field| field.label.clone()),
            is_number: rows
                .iter()
                .filter_map(|row| row.get(*name))
                .all(|value| matches!(value, Value::Number(_) | Value::Null)),
        };
        let cell = |row: &&Map, name: &str| match (row.get(name), field(name)) {
            (None, _) => String::new(),
            (Some(value), Some(field)) => self.text(field, value),
            (Some(value), None) => self.bare(value),
        };
        Shown::Table {
            label: label(path),
            heads: names.iter().map(head).collect(),
            rows: rows
                .iter()
                .map(|row| names.iter().map(|name| cell(row, name)).collect())
                .collect(),
        }
    }

    /// A value of which nothing is known but itself.
    fn bare(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(yes) => self.speaker.t(if *yes { "yes" } else { "no" }, &[]),
            Value::Number(number) => self.speaker.language.plain_number(number),
            value => value.to_string(),
        }
    }
}

/// `cuenta.saldo_final` is *Cuenta: saldo final*.
fn label(path: &str) -> String {
    spoken(&path.replace('.', ": "))
}
