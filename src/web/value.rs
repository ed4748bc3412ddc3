//! Values as people read them: a choice by its label, a row of a register by its name, money with its
//! currency. For data that is shown; what stands in inputs is `form`'s business.

use serde::Serialize;

use super::speaker::Speaker;
use crate::engine::{CaseScope, State};
use crate::expression::{Layer, Map, Value};
use crate::field::{Field, Kind, NumberStyle, find, leaves};
use crate::procedure::Executable;
use crate::register::Register;

/// A value under its label.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Shown {
    Line { label: String, text: String, is_number: bool },
    Table { label: String, heads: Vec<Head>, rows: Vec<Vec<String>> },
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Head {
    pub(super) label: String,
    pub(super) is_number: bool,
}

/// Puts the values of one procedure's cases into words.
pub(super) struct Words<'a> {
    pub(super) executable: &'a Executable,
    pub(super) speaker: &'a Speaker,
}

impl Words<'_> {
    /// One value of a field; nothing gives an empty text.
    pub(super) fn text(&self, field: &Field, value: &Value) -> String {
        match (&field.kind, value) {
            (_, Value::Null) => String::new(),
            (Kind::Choice { options }, Value::Text(id)) => {
                let found = options.iter().find(|(known, _)| known == id);
                found.map_or_else(|| id.clone(), |(_, label)| label.clone())
            }
            (Kind::YesNo, Value::Bool(yes)) => self.speaker.t(if *yes { "yes" } else { "no" }, &[]),
            (Kind::Number { style, .. }, Value::Number(number)) => {
                let decimals = field.decimals(self.speaker.currency.decimals);
                match style {
                    NumberStyle::Money => self.speaker.money(number, decimals),
                    _ => self.speaker.language.number(number, decimals),
                }
            }
            (Kind::Date { .. }, Value::Text(date)) => match date.parse() {
                Ok(date) => self.speaker.date(date),
                Err(_) => date.clone(),
            },
            (Kind::Record { register, .. }, Value::Map(row)) => {
                match self.executable.register(register) {
                    Some(register) => row_name(register, row, self.speaker),
                    None => value.to_string(),
                }
            }
            (_, Value::Number(number)) => self.speaker.language.plain_number(number),
            _ => value.to_string(),
        }
    }

    /// The value at a path of the case's data, under its field's label.
    pub(super) fn shown(&self, path: &str, data: &Map) -> Option<Shown> {
        let value = Value::at(data, path).unwrap_or(&Value::Null);
        match self.executable.field(path) {
            Some(field) => Some(self.of(field, value)),
            None => self.column(path, value),
        }
    }

    /// A field of a row that a `record` field holds, such as `corte.abonado.nombre`.
    fn column(&self, path: &str, value: &Value) -> Option<Shown> {
        let (record, name) = path.rsplit_once('.')?;
        let Kind::Record { register, .. } = &self.executable.field(record)?.kind else {
            return None;
        };
        let field = find(&self.executable.register(register)?.fields, name)?;
        Some(self.of(field, value))
    }

    /// A field's value, a table's as a table.
    pub(super) fn of(&self, field: &Field, value: &Value) -> Shown {
        let Kind::Table { columns, .. } = &field.kind else {
            return Shown::Line {
                label: field.label.clone(),
                text: self.text(field, value),
                is_number: is_number(field),
            };
        };
        let head =
            |column: &Field| Head { label: column.label.clone(), is_number: is_number(column) };
        let row = |row: &Map| {
            let cell = |column: &Field| {
                let value = row.get(column.name.as_str()).unwrap_or(&Value::Null);
                self.text(column, value)
            };
            columns.iter().map(cell).collect()
        };
        Shown::Table {
            label: field.label.clone(),
            heads: columns.iter().map(head).collect(),
            rows: value
                .as_list()
                .unwrap_or_default()
                .iter()
                .filter_map(Value::as_map)
                .map(row)
                .collect(),
        }
    }

    /// Everything below `fields` that has a value.
    pub(super) fn filled(&self, fields: &[Field], data: &Map) -> Vec<Shown> {
        leaves(fields)
            .into_iter()
            .filter_map(|(path, field)| {
                let value = Value::at(data, &path).filter(|value| !value.is_null())?;
                Some(self.of(field, value))
            })
            .collect()
    }
}

pub(super) fn is_number(field: &Field) -> bool {
    matches!(field.kind, Kind::Number { .. })
}

/// How a register calls one of its rows.
pub(super) fn row_name(register: &Register, row: &Map, speaker: &Speaker) -> String {
    let key = || register.key_of(row).unwrap_or_default();
    let Some(line) = &register.shows else { return key() };
    let nothing = State::default();
    let outer = CaseScope::bare(&nothing, speaker.today());
    let name = line.fill(&Layer { own: row, outer: &outer });
    if name.is_empty() { key() } else { name }
}
