//! From what somebody typed to values, or to what is wrong with each field.
//!
//! Pure: the day, the case's data and the registers' rows come in through [`Context`].

use icu_calendar::{Date as CalendarDate, Iso};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::number::{plain_digits, steers};
use super::{Field, Kind, NumberProblem, parse_number_with};
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
            Ok(false) => return emptied(field, before),
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
            let given = given.filter(|value| !is_nothing(value));
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

/// What is left of a field that is not asked for: nothing. Of a group, only what this form would have
/// asked for goes; parts that other forms filled in stay.
fn emptied(field: &Field, before: Option<&Value>) -> Value {
    let (Kind::Group { fields }, Some(Value::Map(before))) = (&field.kind, before) else {
        return Value::Null;
    };
    let mut left = before.clone();
    for field in fields {
        let own = emptied(field, before.get(field.name.as_str()));
        left.insert(field.name.value.clone(), own);
    }
    // A group with nothing in it is as empty as one that nobody has opened.
    if left.values().all(Value::is_null) { Value::Null } else { Value::Map(left) }
}

/// Nothing was typed, or nothing that can be seen.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => clean(text).is_empty(),
        _ => false,
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
    let rows = kept_rows(columns, given, scope, (min, is_optional), context);
    let mut fail = |problem| errors.push(FieldError { path: path.to_owned(), problem });
    if rows.len() > max {
        fail(Problem::TooManyRows { max });
        return Value::Null;
    }
    if rows.len() < min && !(is_optional && rows.is_empty()) {
        fail(Problem::TooFewRows { min });
        return Value::List(Vec::new());
    }
    let read = |(at, raw): (usize, &Map)| {
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
    Value::List(rows.into_iter().map(read).collect())
}

/// How much of a row of a form is somebody's work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    Empty,
    /// Nothing but the defaults that stand in every spare line of the form.
    Blank,
    Written,
}

/// The rows that count, each with its place in the submission, by which errors name it. Blank rows
/// count only where the table would else be too short: a row whose defaults are right as they stand
/// must be possible, and one that isn't is told what it lacks.
fn kept_rows<'a>(
    columns: &[Field],
    given: Option<&'a Value>,
    scope: &dyn Scope,
    (min, is_optional): (usize, bool),
    context: &Context<'_>,
) -> Vec<(usize, &'a Map)> {
    let rows = given.and_then(Value::as_list).unwrap_or_default();
    let rows = rows.iter().filter_map(Value::as_map).enumerate();
    let known: Vec<(usize, &Map, Row)> =
        rows.map(|(at, row)| (at, row, row_kind(columns, row, scope, context))).collect();
    let written = known.iter().filter(|(.., kind)| *kind == Row::Written).count();
    let mut spare = if is_optional && written == 0 { 0 } else { min.saturating_sub(written) };
    let counts = |(at, row, kind)| match kind {
        Row::Written => Some((at, row)),
        Row::Blank if spare > 0 => {
            spare -= 1;
            Some((at, row))
        }
        Row::Blank | Row::Empty => None,
    };
    known.into_iter().filter_map(counts).collect()
}

fn row_kind(columns: &[Field], row: &Map, scope: &dyn Scope, context: &Context<'_>) -> Row {
    let mut kind = Row::Empty;
    for column in columns.iter().filter(|column| column.is_asked()) {
        let given = row.get(column.name.as_str());
        let given = given.filter(|given| !is_nothing(given) && **given != Value::Bool(false));
        let Some(given) = given else { continue };
        if !is_default(column, given, scope, context) {
            return Row::Written;
        }
        kind = Row::Blank;
    }
    kind
}

/// What was sent is the default, as it stands or as it reads: `15,0` is 15.
fn is_default(column: &Field, given: &Value, scope: &dyn Scope, context: &Context<'_>) -> bool {
    let default = column.default.as_ref().and_then(|default| default.evaluate(scope).ok());
    let Some(default) = default.filter(|default| !default.is_null()) else { return false };
    *given == default
        || given.as_text().is_some_and(|text| text.trim() == default.to_string())
        || match (scalar(column, given, scope, context), scalar(column, &default, scope, context)) {
            (Ok(given), Ok(default)) => given == default,
            _ => false,
        }
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
                Value::Text(text) => clean(text),
                Value::Number(number) => number.to_string(),
                _ => return Err(Problem::WrongPattern { sample: field.label.clone() }),
            };
            if text.chars().count() > *max_length {
                return Err(Problem::TooLong { max: *max_length });
            }
            if !is_note && text.contains('\n') {
                return Err(Problem::SeveralLines);
            }
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

/// A text as it is kept. A tab, pasted from a spreadsheet, is a space; other control characters and
/// those that turn the direction of writing around go, since nobody sees them.
fn clean(text: &str) -> String {
    let visible = |letter: char| match letter {
        '\t' => Some(' '),
        '\n' => Some('\n'),
        _ if letter.is_control() || steers(letter) => None,
        _ => Some(letter),
    };
    text.chars().filter_map(visible).collect::<String>().trim().to_owned()
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
        Value::Text(text) => {
            parse_number_with(text, decimals).map_err(|problem| match problem {
                NumberProblem::NotANumber => Problem::NotANumber,
                NumberProblem::Ambiguous => Problem::AmbiguousNumber,
                NumberProblem::TooLong => Problem::TooManyDigits,
            })?
        }
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

/// `2026-11-23` as browsers send it, `23/11/2026` as people write it, `۱۴۰۵/۰۹/۰۲` as they do in Iran.
/// A year has four digits: what `23/11/26` means is a guess.
fn parse_date(text: &str) -> Option<Date> {
    let text = plain_digits(text);
    let parts: Vec<&str> = text.trim().split(['/', '-', '.']).collect();
    let [first, month, last] = parts[..] else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let digits = |part: &str, most: usize| {
        let is_plain = part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| is_plain)
    };
    let (month, day) = (digits(month, 2)?, digits(day, 2)?);
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    match digits(year, 4)? {
        year @ 1900..=2200 => Date::new(year, month, day).ok(),
        // No case is as old as that: these are the solar years of the Hijra.
        year @ 1300..=1500 => solar(year, month, day),
        _ => None,
    }
}

/// A day of the solar calendar of Iran and Afghanistan.
fn solar(year: i16, month: i8, day: i8) -> Option<Date> {
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    let solar = CalendarDate::try_new_persian(year.into(), month, day).ok()?;
    let iso = solar.to_calendar(Iso);
    let year = i16::try_from(iso.year().extended_year()).ok()?;
    let month = i8::try_from(iso.month().ordinal).ok()?;
    Date::new(year, month, i8::try_from(iso.day_of_month().0).ok()?).ok()
}
