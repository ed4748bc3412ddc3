//! Fields from YAML.

use std::str::FromStr;

use regex::Regex;
use rust_decimal::Decimal;

use super::{Field, Kind, NumberStyle};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::{Expression, Value};
use crate::yaml::{Entries, Kind as Yaml, Node, ScalarStyle, Spanned, pairs, torn, wrong_shape};

const TYPES: [&str; 9] =
    ["text", "note", "integer", "number", "money", "date", "yes_no", "choice", "record"];

/// What other languages call them.
const ELSEWHERE: [(&str, &str); 14] = [
    ("bool", "yes_no"),
    ("boolean", "yes_no"),
    ("checkbox", "yes_no"),
    ("currency", "money"),
    ("datetime", "date"),
    ("decimal", "number"),
    ("double", "number"),
    ("enum", "choice"),
    ("float", "number"),
    ("int", "integer"),
    ("multiline", "note"),
    ("reference", "record"),
    ("select", "choice"),
    ("string", "text"),
];

/// Reads a table of fields: name to description.
pub fn decode_fields(
    node: &Node,
    what: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<Field> {
    let mut fields = Vec::new();
    for (name, node) in pairs(node, what, found) {
        check_name(&name, found);
        if let Some(field) = decode(name, node, sources, found) {
            fields.push(field);
        }
    }
    fields
}

/// A variable's name must be able to stand in a condition.
pub fn check_name(name: &Spanned<String>, found: &mut Diagnostics) {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if starts && letters.all(|letter| letter.is_alphanumeric() || letter == '_') {
        // What conditions and templates understand by themselves.
        const RESERVED: [&str; 23] = [
            "actor",
            "and",
            "caller",
            "case",
            "document",
            "else",
            "false",
            "if",
            "in",
            "is",
            "kwargs",
            "loop",
            "none",
            "not",
            "or",
            "organisation",
            "procedure",
            "self",
            "step",
            "super",
            "today",
            "true",
            "varargs",
        ];
        if RESERVED.contains(&name.as_str()) {
            found.push(
                Diagnostic::new(
                    "bad_id",
                    name.span,
                    format!("`{}` is a reserved word", name.value),
                )
                .label("conditions and documents use this name already")
                .help("choose another name; the label can say what it likes"),
            );
        }
        return;
    }
    found.push(
        Diagnostic::new("bad_id", name.span, format!("`{}` can't be a variable", name.value))
            .label("only letters, digits and `_`, not beginning with a digit")
            .help(format!("write `{}`", name.replace(['-', ' ', '.'], "_"))),
    );
}

fn decode(
    name: Spanned<String>,
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Field> {
    let mut entries = Entries::open(node, "a field", found)?;
    let label = entries.require_text("label", found).map(|label| label.value);
    let help = entries.text("help", found).map(|help| help.value);
    let expression = |key, entries: &mut Entries<'_>, found: &mut Diagnostics| {
        entries.get(key).and_then(|node| Expression::parse(node, sources, found))
    };
    let default = expression("default", &mut entries, found);
    let computed = expression("computed", &mut entries, found);
    let when = expression("when", &mut entries, found);
    let sample_node = entries.get("sample");
    let from = entries.text("from", found);
    let kind = kind(&name, &mut entries, sources, found)?;
    let sample = sample_node.and_then(|node| literal(node, &kind, found));
    if let Kind::Text { pattern: Some(pattern), .. } = &kind {
        check_sample(&name, pattern, sample.as_ref(), sample_node, found);
    }
    if let Some(from) = from.as_ref().filter(|_| !matches!(kind, Kind::Group { .. })) {
        found.push(
            Diagnostic::new("wrong_shape", from.span, "only a group is filled from a register")
                .label("this field is no group")
                .help("a single row of a register is chosen with `type: record`"),
        );
    }
    let field = Field {
        label: label.unwrap_or_else(|| name.value.clone()),
        help,
        is_optional: entries.flag("optional", false, found),
        is_assigned: entries.flag("assigned", false, found),
        from,
        default,
        computed,
        when,
        sample,
        kind,
        name,
    };
    entries.finish(found);
    Some(field)
}

fn check_sample(
    name: &Spanned<String>,
    pattern: &Regex,
    sample: Option<&Value>,
    sample_node: Option<&Node>,
    found: &mut Diagnostics,
) {
    match (sample.and_then(Value::as_text), sample_node) {
        (Some(sample), _) if pattern.is_match(sample) => {}
        (Some(_), Some(node)) => found.push(
            Diagnostic::new("bad_sample", node.span, "the sample doesn't fit the pattern")
                .label("not accepted by this field's own pattern"),
        ),
        _ => found.push(
            Diagnostic::new("bad_sample", name.span, "a field with a pattern needs a sample")
                .label("no `sample` here")
                .help("add `sample:` with a value that fits; people see it when theirs doesn't"),
        ),
    }
}

fn kind(
    name: &Spanned<String>,
    entries: &mut Entries<'_>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Kind> {
    let group = entries.get("fields");
    let table = entries.get("rows");
    let min_rows = entries.count("min_rows", found);
    let max_rows = entries.count("max_rows", found);
    if let Some(node) = table {
        let columns = decode_fields(node, "rows", sources, found);
        for column in &columns {
            if matches!(column.kind, Kind::Group { .. } | Kind::Table { .. }) {
                found.push(
                    Diagnostic::new(
                        "wrong_shape",
                        column.name.span,
                        "a table has only plain columns",
                    )
                    .label("a group or a table inside a table"),
                );
            }
        }
        let min = min_rows.unwrap_or(1);
        let max = max_rows.unwrap_or(min.max(50));
        if min > max || !(1..=500).contains(&max) {
            let key = if max_rows.is_some() { "max_rows" } else { "min_rows" };
            found.push(
                Diagnostic::new(
                    "bad_value",
                    entries.key_span(key).unwrap_or(node.span),
                    "a table has from `min_rows` to `max_rows` rows, 500 at most",
                )
                .label(format!("from {min} to {max} here")),
            );
        }
        let max_rows = max.clamp(1, 500) as usize;
        return Some(Kind::Table { columns, min_rows: min as usize, max_rows });
    }
    if let Some(node) = group {
        return Some(Kind::Group { fields: decode_fields(node, "fields", sources, found) });
    }
    let written = entries.text("type", found);
    let kind = written.as_ref().map_or("text", |kind| kind.as_str());
    Some(match kind {
        "text" | "note" => text_kind(kind == "note", entries, found),
        "integer" | "number" | "money" => number_kind(kind, entries, found),
        "date" => {
            let mut limit = |key, found: &mut Diagnostics| {
                let node = entries.get(key)?;
                Expression::parse(node, sources, found).map(Box::new)
            };
            Kind::Date { min: limit("min", found), max: limit("max", found) }
        }
        "yes_no" => Kind::YesNo,
        "choice" => Kind::Choice { options: options(entries, found) },
        "record" => {
            Kind::Record { register: entries.require_text("register", found)?, key: String::new() }
        }
        other => {
            let span = written.as_ref().map_or(name.span, |kind| kind.span);
            let finding =
                Diagnostic::new("unknown_type", span, format!("there is no type `{other}`"))
                    .label("not a type of field");
            found.push(match ELSEWHERE.iter().find(|(name, _)| *name == other) {
                Some((_, name)) => finding.help(format!("write `{name}`")),
                None => finding.suggest(other, TYPES),
            });
            return None;
        }
    })
}

fn text_kind(is_note: bool, entries: &mut Entries<'_>, found: &mut Diagnostics) -> Kind {
    let written = entries.text("pattern", found);
    let pattern = written.as_ref().and_then(|written| {
        // A bound on the compiled size: a pattern from a file must not cost megabytes.
        regex::RegexBuilder::new(&format!("^(?:{})$", written.value))
            .size_limit(1 << 20)
            .build()
            .map_err(|error| {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim().to_owned();
                found.push(
                    Diagnostic::new("bad_value", written.span, "this pattern can't be read")
                        .label(reason)
                        .help(
                            "a pattern is a regular expression for the whole value, as `[0-9]{7}`",
                        ),
                );
            })
            .ok()
    });
    let otherwise = if is_note { 4_000 } else { 200 };
    Kind::Text {
        is_note,
        max_length: entries.count("max_length", found).unwrap_or(otherwise).min(100_000) as usize,
        pattern,
    }
}

fn number_kind(kind: &str, entries: &mut Entries<'_>, found: &mut Diagnostics) -> Kind {
    let style = match kind {
        "integer" => NumberStyle::Integer,
        "money" => NumberStyle::Money,
        _ => NumberStyle::Number,
    };
    let mut limit = |key, found: &mut Diagnostics| -> Option<Decimal> {
        let node = entries.get(key)?;
        let number = node.text().and_then(|text| Decimal::from_str(text).ok());
        if number.is_none() {
            found.push(wrong_shape(node, key, "a number"));
        }
        number
    };
    let (min, max) = (limit("min", found), limit("max", found));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        let span = entries.key_span("min").unwrap_or(entries.span);
        found.push(
            Diagnostic::new("bad_value", span, "nothing fits between `min` and `max`")
                .label(format!("{min} is more than {max}")),
        );
    }
    let decimals =
        if style == NumberStyle::Integer { None } else { entries.count("decimals", found) };
    Kind::Number { style, decimals: decimals.map(|places| places.min(10)), min, max }
}

/// Options as `id: label`, or as a list of labels that are their own ids.
fn options(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Vec<(String, String)> {
    let Some(node) = entries.require("options", found) else { return Vec::new() };
    let options: Vec<(String, String)> = match &node.kind {
        Yaml::Mapping(entries) => entries
            .iter()
            .enumerate()
            .filter_map(|(at, (id, label))| {
                if label.is_null() {
                    let headline = format!("the option `{}` has no label", id.text()?);
                    let finding = Diagnostic::new("wrong_shape", id.span, headline)
                        .label("nothing to show to people");
                    let usual = || format!("write it as `{}: A label`", id.text().unwrap_or("id"));
                    found.push(finding.help(torn(entries, at).unwrap_or_else(usual)));
                }
                Some((id.text()?.to_owned(), label.text().unwrap_or_default().to_owned()))
            })
            .collect(),
        Yaml::Sequence(labels) => labels
            .iter()
            .filter_map(|label| Some((label.text()?.to_owned(), label.text()?.to_owned())))
            .collect(),
        Yaml::Scalar { .. } => {
            found.push(wrong_shape(node, "options", "a list of options"));
            return Vec::new();
        }
    };
    if options.is_empty() {
        found.push(
            Diagnostic::new("wrong_shape", node.span, "a choice needs options")
                .label("nobody could fill this in"),
        );
    }
    options
}

/// A value written in a file (a register's row, a sample), read as the field would read it.
pub(crate) fn literal(node: &Node, kind: &Kind, found: &mut Diagnostics) -> Option<Value> {
    if node.is_null() {
        return Some(Value::Null);
    }
    let mut bad = |wanted: &str| {
        found.push(
            Diagnostic::new("bad_value", node.span, format!("this must be {wanted}"))
                .label(format!("this is {}", node.describe())),
        );
        None
    };
    match (kind, &node.kind) {
        (Kind::Number { .. }, _) => match node.text().map(Decimal::from_str) {
            Some(Ok(number)) => Some(Value::number(number)),
            _ => bad("a number"),
        },
        (Kind::YesNo, _) => match node.text() {
            Some("true" | "yes") => Some(Value::Bool(true)),
            Some("false" | "no") => Some(Value::Bool(false)),
            _ => bad("`true` or `false`"),
        },
        (Kind::Date { .. }, _) => match node.text().map(jiff::civil::Date::from_str) {
            Some(Ok(date)) => Some(Value::text(date.to_string())),
            _ => bad("a date such as 2026-11-23"),
        },
        (Kind::Choice { options }, _) => match node.text() {
            Some(id) if options.iter().any(|(known, _)| known == id) => Some(Value::text(id)),
            Some(id) => {
                found.push(
                    Diagnostic::new(
                        "unknown_option",
                        node.span,
                        format!("`{id}` is not an option"),
                    )
                    .label("not one of the options")
                    .suggest(id, options.iter().map(|(id, _)| id.as_str())),
                );
                None
            }
            None => bad("one of the options"),
        },
        (Kind::Group { fields }, Yaml::Mapping(entries)) => {
            let mut map = crate::expression::Map::new();
            for field in fields {
                let entry = entries.iter().find(|(key, _)| key.text() == Some(&field.name));
                let value = entry.and_then(|(_, node)| literal(node, &field.kind, found));
                map.insert(field.name.value.clone(), value.unwrap_or_default());
            }
            Some(Value::Map(map))
        }
        (_, Yaml::Scalar { text, style, .. }) => {
            let text = if *style == ScalarStyle::Block { text.trim_end() } else { text };
            Some(Value::text(text))
        }
        _ => bad("one value"),
    }
}
