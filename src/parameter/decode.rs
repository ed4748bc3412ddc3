//! Parameter sets from YAML.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Period, Set};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::{MAX_DIGITS, Value};
use crate::field::{Field, Kind, decode_fields, literal};
use crate::organisation::check_id;
use crate::yaml::{Entries, Kind as Yaml, Node, Spanned, text, torn, wrong_shape};

/// What a period says about itself; no value can be called so.
const OWN: [&str; 3] = ["from", "until", "says"];

/// Reads the `parameters` of a file.
pub fn decode(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Vec<Set> {
    let Some(mut entries) = Entries::open(node, "a file of parameters", found) else {
        return Vec::new();
    };
    let written = entries.pairs("parameters", found);
    entries.finish(found);
    written.into_iter().filter_map(|(id, node)| set(id, node, sources, found)).collect()
}

fn set(
    id: Spanned<String>,
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Set> {
    check_id(&id, found);
    let mut entries = Entries::open(node, "a set of parameters", found)?;
    let title = entries.text("title", found).map(|title| title.value);
    let fields = entries.require("values", found);
    let fields =
        fields.map(|node| decode_fields(node, "values", sources, found)).unwrap_or_default();
    fields.iter().for_each(|field| plain(field, found));
    entries.require("periods", found);
    let written = entries.list("periods", found);
    entries.finish(found);
    let periods: Vec<Period> =
        written.iter().filter_map(|node| period(node, &fields, found)).collect();
    // A period that could not be read would leave gaps that there aren't.
    if periods.len() == written.len() {
        fields.iter().for_each(|field| follow(field, &id, &periods, found));
    }
    Some(Set { title: title.unwrap_or_else(|| id.value.clone()), id, fields, periods })
}

/// A decreed value is one plain value.
fn plain(field: &Field, found: &mut Diagnostics) {
    if OWN.contains(&field.name.as_str()) {
        found.push(
            Diagnostic::new(
                "bad_id",
                field.name.span,
                format!("`{}` can't be a parameter", *field.name),
            )
            .label("a period says this about itself"),
        );
    }
    let is_plain =
        !matches!(field.kind, Kind::Group { .. } | Kind::Table { .. } | Kind::Record { .. });
    if !is_plain || field.computed.is_some() || field.when.is_some() || field.is_assigned {
        found.push(
            Diagnostic::new("wrong_shape", field.name.span, "a parameter is one plain value")
                .label("its periods say what it is"),
        );
    }
}

fn period(node: &Node, fields: &[Field], found: &mut Diagnostics) -> Option<Period> {
    let Yaml::Mapping(entries) = &node.kind else {
        found.push(wrong_shape(node, "periods", "a table of keys"));
        return None;
    };
    let (mut from, mut until, mut values) = (None, None, BTreeMap::new());
    let mut is_whole = true;
    for (at, (key, value)) in entries.iter().enumerate() {
        let name = key.text().unwrap_or_default();
        match name {
            "from" => from = day(value, found),
            "until" => {
                until = day(value, found);
                is_whole &= until.is_some();
            }
            "says" => {
                text(value, "says", found);
            }
            _ => match fields.iter().find(|field| *field.name == name) {
                Some(field) if !value.is_null() => match figure(value, field, found) {
                    Some(value) => {
                        values.insert(name.to_owned(), value);
                    }
                    None => is_whole = false,
                },
                Some(_) => {}
                None => {
                    let known = fields.iter().map(|field| field.name.as_str()).chain(OWN);
                    let headline = format!("there is no value `{name}` in this set");
                    let finding = Diagnostic::new("unknown_field", key.span, headline)
                        .label("not one of `values`");
                    found.push(match torn(entries, at) {
                        Some(help) => finding.help(help),
                        None => finding.suggest(name, known),
                    });
                    is_whole = false;
                }
            },
        }
    }
    let place = entries.first().map_or(node.span, |(key, _)| key.span);
    if !entries.iter().any(|(key, _)| key.text() == Some("from")) {
        found.push(
            Diagnostic::new("missing_key", place, "a period needs `from`")
                .label("the first day on which this holds is missing"),
        );
    }
    let from = from?;
    if until.is_some_and(|until| until < from) {
        found.push(
            Diagnostic::new("bad_period", node.span, "this period ends before it begins")
                .label("`until` is the last day, `from` the first"),
        );
        return None;
    }
    is_whole.then_some(Period { from, until, values, span: place })
}

/// A value as its field reads it, not too long to be stored.
fn figure(node: &Node, field: &Field, found: &mut Diagnostics) -> Option<Value> {
    let value = literal(node, &field.kind, found)?;
    if value.as_number().is_none_or(|number| Value::is_storable(&number)) {
        return Some(value);
    }
    let finding = Diagnostic::new("bad_value", node.span, "this number has too many digits");
    found.push(finding.label(format!("at most {MAX_DIGITS} are kept")));
    None
}

fn day(node: &Node, found: &mut Diagnostics) -> Option<Date> {
    let day = node.text().and_then(|text| Date::from_str(text).ok());
    if day.is_none() {
        found.push(
            Diagnostic::new("bad_value", node.span, "this is not a date")
                .label("no such day")
                .help("write it as 2026-08-06"),
        );
    }
    day
}

/// The periods that give a value follow each other without overlapping; a hole is told.
fn follow(field: &Field, set: &str, periods: &[Period], found: &mut Diagnostics) {
    let name = &field.name;
    let given: Vec<&Period> =
        periods.iter().filter(|period| period.values.contains_key(name.as_str())).collect();
    if given.is_empty() {
        found.push(
            Diagnostic::new("missing_key", name.span, format!("no period gives `{}`", **name))
                .label("never in force")
                .help(format!("write `{}: …` in one of the periods", **name)),
        );
    }
    for pair in given.windows(2) {
        let (earlier, later) = (pair[0], pair[1]);
        let finding = |code, headline: String| {
            Diagnostic::new(code, later.span, headline).also(earlier.span, "the period before it")
        };
        if later.from <= earlier.from {
            found.push(
                finding("bad_period", format!("two periods give `{}` out of order", **name))
                    .label("begins no later than the one above it")
                    .help("write the periods in the order of their days"),
            );
            return;
        }
        let Some(until) = earlier.until else { continue };
        if later.from <= until {
            found.push(
                finding("bad_period", format!("two periods give `{}` for the same days", **name))
                    .label(format!("begins while the other one holds, until {until}"))
                    .help("take `until` out: a period ends by itself when the next one begins"),
            );
        } else if until.checked_add(1.day()).is_ok_and(|next| next < later.from) {
            found.push(
                finding(
                    "period_gap",
                    format!("`{set}.{}` has no value between two periods", **name),
                )
                .label(format!("the one before it ended on {until}"))
                .help("whoever asks for a day in between is told that there is none"),
            );
        }
    }
}
