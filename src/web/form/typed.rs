//! What was typed, as a submission: texts by the fields' paths, nothing else.

use crate::expression::{Map, Value};
use crate::field::{Field, Kind};
use crate::web::body::Sent;

/// The texts that were sent for `fields`. Rows without a letter are left out, and so is the row that a
/// button wants removed, named by its table and number.
pub(in crate::web) fn typed(fields: &[Field], sent: &Sent, removed: Option<(&str, usize)>) -> Map {
    below(fields, "", sent, removed)
}

fn below(fields: &[Field], before: &str, sent: &Sent, removed: Option<(&str, usize)>) -> Map {
    let mut raw = Map::new();
    for field in fields.iter().filter(|field| field.is_asked()) {
        let path = format!("{before}{}", *field.name);
        let value = match &field.kind {
            Kind::Group { fields } => {
                Some(Value::Map(below(fields, &format!("{path}."), sent, removed)))
            }
            Kind::Table { columns, max_rows, .. } => {
                // A few more than allowed are kept, so that a person sees which are too many.
                let rows = sent.rows(&path).into_iter().take(max_rows + 20);
                let kept = rows.filter(|row| removed != Some((path.as_str(), *row)));
                let read = kept.map(|row| below(columns, &format!("{path}.{row}."), sent, None));
                Some(Value::List(read.filter(|row| !is_blank(row)).map(Value::Map).collect()))
            }
            _ => sent.get(&path).map(Value::text),
        };
        if let Some(value) = value {
            raw.insert(field.name.value.clone(), value);
        }
    }
    raw
}

/// Nothing was typed into the row: a spare line.
fn is_blank(row: &Map) -> bool {
    row.values().all(|value| value.as_text().is_none_or(|text| text.trim().is_empty()))
}
