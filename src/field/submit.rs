//! From what somebody typed to values, or to what is wrong with each field.
//!
//! Pure: the day, the case's data and the registers' rows come in through [`Context`].

use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Field, Kind, NumberProblem, parse_number};
use crate::expression::{Expression, Layer, Map, Scope, Value};

/// What reading a submission needs besides the fields.
pub struct Context<'a> {
    /// The row of a register by its key, as it is now.
    pub record: &'a dyn Fn(&str, &str) -> Option<Map>,
    /// The places that money has.
    pub currency_decimals: u32,
    /// The case around the submission: variables, the day, documents.
    pub scope: &'a dyn Scope,
}

/// One thing that is wrong with a submission.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// `cliente.ci`, or `materiales.2.cantidad` for the third row; empty for the form as a whole.
    pub path: String,
    #[serde(flatten)]
    pub problem: Problem,
}

/// Why a field is refused. Each has a sentence in every language of the screens.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    Required,
    NotANumber,
    AmbiguousNumber,
    TooManyDecimals {
        allowed: u32,
    },
    TooManyDigits,
    TooSmall {
        min: String,
    },
    TooLarge {
        max: String,
    },
    NotADate,
    NotYesNo,
    NotAnOption,
    TooLong {
        max: usize,
    },
    SeveralLines,
    WrongPattern {
        sample: String,
    },
    UnknownRecord {
        key: String,
    },
    TooFewRows {
        min: usize,
    },
    TooManyRows {
        max: usize,
    },
    NotReckonable {
        reason: String,
    },
    /// A rule of the form, in the owner's words.
    Rule {
        says: String,
    },
    UnknownField,
}

/// Reads all `fields` from `raw` in their order. Values appear in `data` as soon as they are read, so
/// that later fields' `when`, `default` and `computed` see them. `data` begins as the case's data.
pub fn read(
    fields: &[&Field],
    raw: &Map,
    data: &mut Map,
    context: &Context<'_>,
    errors: &mut Vec<FieldError>,
) {
    for field in fields {
        let given = raw.get(field.name.as_str());
        let value = {
            let scope = Layer { own: data, outer: context.scope };
            one(field, given, &field.name, &scope, data.get(field.name.as_str()), context, errors)
        };
        // Parts of a group that belong to other forms stay as they are.
        match (data.get_mut(field.name.as_str()), value) {
            (Some(Value::Map(old)), Value::Map(new))
                if matches!(field.kind, Kind::Group { .. }) =>
            {
                old.extend(new);
            }
            (_, value) => {
                data.insert(field.name.value.clone(), value);
            }
        }
    }
    for name in raw.keys() {
        if !fields.iter().any(|field| *field.name == *name) {
            errors.push(FieldError { path: name.clone(), problem: Problem::UnknownField });
        }
    }
}

fn one(
    field: &Field,
    given: Option<&Value>,
    path: &str,
    scope: &dyn Scope,
    before: Option<&Value>,
    context: &Context<'_>,
    errors: &mut Vec<FieldError>,
) -> Value {
    let mut fail = |problem| {
        errors.push(FieldError { path: path.to_owned(), problem });
        Value::Null
    };
    if let Some(when) = &field.when {
        match when.holds(scope) {
            Ok(true) => {}
            Ok(false) => return Value::Null,
            Err(fault) => return fail(Problem::NotReckonable { reason: fault.message }),
        }
    }
    if field.is_assigned {
        return before.cloned().unwrap_or_default();
    }
    if let Some(computed) = &field.computed {
        return match rounded(field, computed, scope, context.currency_decimals) {
            Ok(value) => value,
            Err(problem) => fail(problem),
        };
    }
    match &field.kind {
        Kind::Group { fields } => {
            group(fields, given, path, scope, before.and_then(Value::as_map), context, errors)
        }
        Kind::Table { columns, min_rows, max_rows } => {
            let limits = (*min_rows, *max_rows, field.is_optional);
            table(columns, given, path, scope, limits, context, errors)
        }
        _ => {
            let given = given.filter(|value| match value {
                Value::Null => false,
                Value::Text(text) => !text.trim().is_empty(),
                _ => true,
            });
            match given {
                // An unticked box sends nothing: that is a no.
                None if matches!(field.kind, Kind::YesNo) => Value::Bool(false),
                None if field.is_optional => Value::Null,
                None => fail(Problem::Required),
                Some(given) => match scalar(field, given, scope, context) {
                    Ok(value) => value,
                    Err(problem) => fail(problem),
                },
            }
        }
    }
}

fn rounded(
    field: &Field,
    computed: &Expression,
    scope: &dyn Scope,
    currency_decimals: u32,
) -> Result<Value, Problem> {
    let value = computed
        .evaluate(scope)
        .map_err(|fault| Problem::NotReckonable { reason: fault.message })?;
    match value {
        Value::Number(number) => {
            let places = field.decimals(currency_decimals);
            let number = number.round_dp_with_strategy(
                places,
                rust_decimal::RoundingStrategy::MidpointAwayFromZero,
            );
            if Value::is_storable(&number) {
                Ok(Value::number(number))
            } else {
                Err(Problem::TooManyDigits)
            }
        }
        value => Ok(value),
    }
}

fn group(
    fields: &[Field],
    given: Option<&Value>,
    path: &str,
    scope: &dyn Scope,
    before: Option<&Map>,
    context: &Context<'_>,
    errors: &mut Vec<FieldError>,
) -> Value {
    let none = Map::new();
    let raw = given.and_then(Value::as_map).unwrap_or(&none);
    let name = path.rsplit('.').next().unwrap_or(path).to_owned();
    let mut own = before.cloned().unwrap_or_default();
    for field in fields {
        // Inside a group its own fields are read as `visita.fecha`, as everywhere else.
        let value = {
            let layer = Map::from([(name.clone(), Value::Map(own.clone()))]);
            let scope = Layer { own: &layer, outer: scope };
            let path = format!("{path}.{}", *field.name);
            let before = before.and_then(|before| before.get(field.name.as_str()));
            one(field, raw.get(field.name.as_str()), &path, &scope, before, context, errors)
        };
        own.insert(field.name.value.clone(), value);
    }
    for name in raw.keys() {
        if !fields.iter().any(|field| *field.name == *name) {
            let path = format!("{path}.{name}");
            errors.push(FieldError { path, problem: Problem::UnknownField });
        }
    }
    Value::Map(own)
}

fn table(
    columns: &[Field],
    given: Option<&Value>,
    path: &str,
    scope: &dyn Scope,
    (min, max, is_optional): (usize, usize, bool),
    context: &Context<'_>,
    errors: &mut Vec<FieldError>,
) -> Value {
    let rows: Vec<&Map> = match given {
        Some(Value::List(rows)) => rows.iter().filter_map(Value::as_map).collect(),
        _ => Vec::new(),
    };
    let rows: Vec<&Map> = rows.into_iter().filter(|row| !is_empty_row(columns, row)).collect();
    let mut fail = |problem| errors.push(FieldError { path: path.to_owned(), problem });
    if rows.len() > max {
        fail(Problem::TooManyRows { max });
        return Value::Null;
    }
    if rows.len() < min && !(is_optional && rows.is_empty()) {
        fail(Problem::TooFewRows { min });
        return Value::List(Vec::new());
    }
    let read = |(at, raw): (usize, &&Map)| {
        let mut own = Map::new();
        for column in columns {
            let value = {
                let scope = Layer { own: &own, outer: scope };
                let path = format!("{path}.{at}.{}", *column.name);
                one(column, raw.get(column.name.as_str()), &path, &scope, None, context, errors)
            };
            own.insert(column.name.value.clone(), value);
        }
        Value::Map(own)
    };
    Value::List(rows.iter().enumerate().map(read).collect())
}

/// A row in which nothing was typed is a spare line of the form, not a row.
fn is_empty_row(columns: &[Field], row: &Map) -> bool {
    columns.iter().filter(|column| column.is_asked()).all(|column| {
        match row.get(column.name.as_str()) {
            None | Some(Value::Null | Value::Bool(false)) => true,
            Some(Value::Text(text)) => text.trim().is_empty(),
            Some(_) => false,
        }
    })
}

fn scalar(
    field: &Field,
    given: &Value,
    scope: &dyn Scope,
    context: &Context<'_>,
) -> Result<Value, Problem> {
    match &field.kind {
        Kind::Text { is_note, max_length, pattern } => {
            let text = match given {
                Value::Text(text) => text.trim().replace("\r\n", "\n"),
                Value::Number(number) => number.to_string(),
                _ => return Err(Problem::WrongPattern { sample: field.label.clone() }),
            };
            if text.chars().count() > *max_length {
                return Err(Problem::TooLong { max: *max_length });
            }
            if !is_note && text.contains('\n') {
                return Err(Problem::SeveralLines);
            }
            let text: String =
                text.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect();
            match pattern {
                Some(pattern) if !pattern.is_match(&text) => Err(Problem::WrongPattern {
                    sample: field.sample.as_ref().map(ToString::to_string).unwrap_or_default(),
                }),
                _ => Ok(Value::Text(text)),
            }
        }
        Kind::Number { min, max, .. } => {
            number(given, field.decimals(context.currency_decimals), *min, *max)
        }
        Kind::Date { min, max } => date(given, min.as_deref(), max.as_deref(), scope),
        Kind::YesNo => match given {
            Value::Bool(value) => Ok(Value::Bool(*value)),
            Value::Text(text) => match text.trim() {
                "true" | "on" | "yes" | "si" | "sí" | "1" => Ok(Value::Bool(true)),
                "false" | "no" | "0" => Ok(Value::Bool(false)),
                _ => Err(Problem::NotYesNo),
            },
            _ => Err(Problem::NotYesNo),
        },
        Kind::Choice { options } => match given.as_text() {
            Some(id) if options.iter().any(|(known, _)| known == id) => Ok(Value::text(id)),
            _ => Err(Problem::NotAnOption),
        },
        Kind::Record { register, key } => {
            let key = record_key(given, key).ok_or(Problem::NotAnOption)?;
            (context.record)(register, &key).map(Value::Map).ok_or(Problem::UnknownRecord { key })
        }
        Kind::Group { .. } | Kind::Table { .. } => Err(Problem::UnknownField),
    }
}

/// The key that a submission names a record by: the key itself, or a whole row that an earlier form
/// has copied (the default of a table is another table).
pub fn record_key(given: &Value, key: &str) -> Option<String> {
    match given {
        Value::Text(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Map(row) => row.get(key).map(ToString::to_string),
        _ => None,
    }
}

fn number(
    given: &Value,
    decimals: u32,
    min: Option<Decimal>,
    max: Option<Decimal>,
) -> Result<Value, Problem> {
    let number = match given {
        Value::Number(number) => *number,
        Value::Text(text) => parse_number(text).map_err(|problem| match problem {
            NumberProblem::NotANumber => Problem::NotANumber,
            NumberProblem::Ambiguous => Problem::AmbiguousNumber,
        })?,
        _ => return Err(Problem::NotANumber),
    };
    let number = number.normalize();
    if number.scale() > decimals {
        return Err(Problem::TooManyDecimals { allowed: decimals });
    }
    if let Some(min) = min.filter(|min| number < *min) {
        return Err(Problem::TooSmall { min: min.to_string() });
    }
    if let Some(max) = max.filter(|max| number > *max) {
        return Err(Problem::TooLarge { max: max.to_string() });
    }
    if !Value::is_storable(&number) {
        return Err(Problem::TooManyDigits);
    }
    Ok(Value::Number(number))
}

fn date(
    given: &Value,
    min: Option<&Expression>,
    max: Option<&Expression>,
    scope: &dyn Scope,
) -> Result<Value, Problem> {
    let date = given.as_text().and_then(parse_date).ok_or(Problem::NotADate)?;
    let value = Value::text(date.to_string());
    let limit = |limit: Option<&Expression>| -> Result<Option<String>, Problem> {
        match limit.map(|limit| limit.evaluate(scope)) {
            None | Some(Ok(Value::Null)) => Ok(None),
            Some(Ok(limit)) => Ok(Some(limit.to_string())),
            Some(Err(fault)) => Err(Problem::NotReckonable { reason: fault.message }),
        }
    };
    let written = value.as_text().unwrap_or_default();
    if let Some(min) = limit(min)?.filter(|min| written < min.as_str()) {
        return Err(Problem::TooSmall { min });
    }
    if let Some(max) = limit(max)?.filter(|max| written > max.as_str()) {
        return Err(Problem::TooLarge { max });
    }
    Ok(value)
}

/// `2026-11-23` as browsers send it, `23/11/2026` as people write it.
fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = Date::from_str(text) {
        return Some(date);
    }
    let mut parts = text.split(['/', '-', '.']);
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let year = parts.next()?.parse().ok()?;
    if parts.next().is_some() {
        return None;
    }
    Date::new(year, month, day).ok()
}
