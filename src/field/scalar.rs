//! One value from what somebody typed into one field, or what is wrong with it.
//!
//! Called for every field of every submission, so that nothing is copied that is right as it stands.

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::number::{plain_digits, steers};
use super::submit::{Context, Problem};
use super::{Field, Kind, NumberProblem, parse_number_with};
use crate::calendar::{Day, System};
use crate::expression::{Expression, Scope, Value};

/// Bytes of the key of a register's row. No register has such keys, and nobody is asked for megabytes.
pub const MAX_KEY: usize = 1_000;

pub(super) fn scalar(
    field: &Field,
    given: &Value,
    scope: &dyn Scope,
    context: &Context<'_>,
) -> Result<Value, Problem> {
    match &field.kind {
        Kind::Text { is_note, max_length, pattern } => {
            let text = match given {
                // What may go when it is cleaned is a few letters of a pasted text, never megabytes.
                Value::Text(text) if text.len() / 8 > *max_length => {
                    return Err(Problem::TooLong { max: *max_length });
                }
                Value::Text(text) => clean(text),
                Value::Number(number) => Cow::Owned(number.to_string()),
                _ => return Err(Problem::WrongPattern { sample: field.label.clone() }),
            };
            // No text has more letters than bytes.
            if text.len() > *max_length && text.chars().count() > *max_length {
                return Err(Problem::TooLong { max: *max_length });
            }
            if !is_note && text.contains('\n') {
                return Err(Problem::SeveralLines);
            }
            match pattern {
                Some(pattern) if !pattern.is_match(&text) => Err(Problem::WrongPattern {
                    sample: field.sample.as_ref().map(ToString::to_string).unwrap_or_default(),
                }),
                _ => Ok(Value::Text(text.into_owned())),
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
fn clean(text: &str) -> Cow<'_, str> {
    let is_kept = |letter: char| letter == '\n' || !(letter.is_control() || steers(letter));
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text.trim());
    }
    let spaced = text.chars().map(|letter| if letter == '\t' { ' ' } else { letter });
    Cow::Owned(spaced.filter(|letter| is_kept(*letter)).collect::<String>().trim().to_owned())
}

/// Letters that print as nothing: spaces, joiners, a soft hyphen, the mark at the head of a file, and
/// those that `clean` takes out.
fn is_unseen(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || steers(letter)
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Nothing was typed, or nothing that can be seen.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.chars().all(is_unseen),
        _ => false,
    }
}

/// The key that a submission names a record by: the key itself, or a whole row that an earlier form
/// has copied (the default of a table is another table).
pub fn record_key(given: &Value, key: &str) -> Option<String> {
    match given {
        // A key of that size is no key; nobody looks for it.
        Value::Text(text) if text.len() > MAX_KEY => None,
        Value::Text(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Map(row) => row.get(key).map(ToString::to_string).filter(|key| key.len() <= MAX_KEY),
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
            Some(Ok(Value::Text(limit))) => Ok(Some(limit)),
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
    let mut parts = text.trim().split(['/', '-', '.']);
    let (Some(first), Some(month), Some(last), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
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
        year @ 1300..=1500 => {
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            System::Persian.date(Day { year: year.into(), month, day })
        }
        _ => None,
    }
}
