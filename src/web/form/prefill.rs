//! What stands in the inputs before anybody types: what the case knows already, else the defaults.

use crate::expression::{Map, Scope, Value};
use crate::field::{Field, Kind};
use crate::procedure::Executable;
use crate::web::speaker::Speaker;

/// Where the first texts come from.
pub(in crate::web) struct Sources<'a> {
    pub(in crate::web) executable: &'a Executable,
    pub(in crate::web) speaker: &'a Speaker,
    pub(in crate::web) scope: &'a dyn Scope,
}

/// The first contents of `fields`; `data` is what the case holds under the same names.
pub(in crate::web) fn prefill(fields: &[Field], data: &Map, sources: &Sources<'_>) -> Map {
    let mut raw = Map::new();
    for field in fields.iter().filter(|field| field.is_asked()) {
        let known = data.get(field.name.as_str()).filter(|value| !value.is_null());
        let value = match &field.kind {
            Kind::Group { fields } => {
                let none = Map::new();
                let data = known.and_then(Value::as_map).unwrap_or(&none);
                Some(Value::Map(prefill(fields, data, sources)))
            }
            Kind::Table { columns, min_rows, .. } => {
                let start = known.cloned().or_else(|| default(field, sources));
                Some(Value::List(rows(columns, *min_rows, start.as_ref(), sources)))
            }
            _ => {
                let start = known.cloned().or_else(|| default(field, sources));
                start.map(|value| typed_text(field, &value, sources))
            }
        };
        if let Some(value) = value {
            raw.insert(field.name.value.clone(), value);
        }
    }
    raw
}

/// A line of a table that is yet to be filled in.
pub(in crate::web) fn blank_row(columns: &[Field], sources: &Sources<'_>) -> Value {
    Value::Map(prefill(columns, &Map::new(), sources))
}

/// Fills what is still empty in a group from a row of a register.
pub(super) fn fill(group: &mut Map, fields: &[Field], row: &Map, sources: &Sources<'_>) {
    for field in fields.iter().filter(|field| field.is_asked()) {
        let is_empty = match group.get(field.name.as_str()) {
            None | Some(Value::Null) => true,
            Some(Value::Text(text)) => text.trim().is_empty(),
            Some(_) => false,
        };
        let known = row.get(field.name.as_str()).filter(|value| is_empty && !value.is_null());
        if let Some(value) = known {
            group.insert(field.name.value.clone(), typed_text(field, value, sources));
        }
    }
}

/// Empties what stands in a group just as the row had filled it in.
pub(super) fn take_back(group: &mut Map, fields: &[Field], row: &Map, sources: &Sources<'_>) {
    for field in fields.iter().filter(|field| field.is_asked()) {
        let name = field.name.as_str();
        let Some(value) = row.get(name).filter(|value| !value.is_null()) else { continue };
        if group.get(name) == Some(&typed_text(field, value, sources)) {
            group.remove(name);
        }
    }
}

/// The rows to begin with, and one to write in when there are none.
fn rows(
    columns: &[Field],
    min_rows: usize,
    start: Option<&Value>,
    sources: &Sources<'_>,
) -> Vec<Value> {
    let start = start.and_then(Value::as_list).unwrap_or_default();
    let mut rows: Vec<Value> = start
        .iter()
        .filter_map(Value::as_map)
        .map(|row| Value::Map(prefill(columns, row, sources)))
        .collect();
    while rows.len() < min_rows.max(1) {
        rows.push(blank_row(columns, sources));
    }
    rows
}

fn default(field: &Field, sources: &Sources<'_>) -> Option<Value> {
    // A default that can't be reckoned yet is no default.
    let value = field.default.as_ref()?.evaluate(sources.scope).ok()?;
    Some(value).filter(|value| !value.is_null())
}

/// A value as the person would have typed it.
fn typed_text(field: &Field, value: &Value, sources: &Sources<'_>) -> Value {
    match (&field.kind, value) {
        (Kind::Record { register, .. }, Value::Map(row)) => {
            let register = sources.executable.register(register);
            Value::text(register.and_then(|register| register.key_of(row)).unwrap_or_default())
        }
        (Kind::Number { .. }, Value::Number(number)) => {
            Value::text(sources.speaker.typed_number(number))
        }
        (Kind::YesNo, Value::Bool(yes)) => Value::text(if *yes { "true" } else { "" }),
        (_, value) => Value::text(value.to_string()),
    }
}
