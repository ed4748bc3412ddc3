//! The filters, tests and functions that a document's template has, and no others.
//!
//! minijinja's own set stays out: some of it grows without spending fuel (`indent`, `format`,
//! `replace`), some prints past the escaping (`safe`, `tojson`), and none of it knows the
//! organisation's language. An empty value stays empty through every filter; an unknown one is a
//! mistake of the template. Registered by `template`, tables of words come from the sheet.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::value::{Kwargs, Rest, Serde, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::language::Language;

use super::{Figure, Sheet};

/// Rows that `range` counts at most: a page has not many more lines for filling in by hand.
const MAX_RANGE: i64 = 1000;

/// The names of the filters, for the checker. A test asks the engine for each.
pub const FILTERS: &[&str] = &[
    "money",
    "number",
    "date",
    "long_date",
    "label",
    "sum",
    "length",
    "round",
    "default",
    "upper",
    "lower",
];

/// The names of the functions, for the checker.
pub const FUNCTIONS: &[&str] = &["issued", "number_of", "parameter", "range"];

/// What the filters know beside the value.
pub(super) struct Words {
    pub(super) language: Language,
    pub(super) zone: TimeZone,
    symbol: String,
    decimals: u32,
    labels: BTreeMap<String, BTreeMap<String, String>>,
    numbers: BTreeMap<String, String>,
    parameters: BTreeMap<String, Vec<Figure>>,
    /// The day of issue, whose parameters hold.
    issued_on: Option<Date>,
}

impl Words {
    pub(super) fn of(sheet: &Sheet) -> Self {
        Self {
            language: Language::parse(&sheet.language),
            // A zone that this build does not know shifts an hour, but a document still prints.
            zone: TimeZone::get(&sheet.time_zone).unwrap_or(TimeZone::UTC),
            symbol: sheet.currency_symbol.clone(),
            decimals: sheet.currency_decimals,
            labels: sheet.labels.clone(),
            numbers: sheet.numbers.clone(),
            parameters: sheet.parameters.clone(),
            issued_on: sheet.context["document"]["issued_on"]
                .as_str()
                .and_then(|day| day.parse().ok()),
        }
    }
}

/// Gives the environment all that a template may use.
pub(super) fn register(env: &mut Environment<'_>, words: &Arc<Words>) {
    let with = || Arc::clone(words);

    let words = with();
    env.add_filter("money", move |value: Value| {
        number(&value, "money", |amount| {
            words.language.money(&amount, &words.symbol, words.decimals)
        })
    });
    let words = with();
    env.add_filter("number", move |value: Value, places: Option<u32>, named: Kwargs| {
        let places = places.or(named.get("decimals")?).unwrap_or(2).min(15);
        named.assert_all_used()?;
        number(&value, "number", |value| words.language.number(&value, places))
    });
    let words = with();
    env.add_filter("date", move |value: Value| {
        day(&value, "date", &words.zone, |date| words.language.date(date))
    });
    let words = with();
    env.add_filter("long_date", move |value: Value| {
        day(&value, "long_date", &words.zone, |date| words.language.long_date(date))
    });
    let words = with();
    env.add_filter("label", move |value: Value, path: String| {
        let known = known(value)?;
        let label = known.as_str().and_then(|id| words.labels.get(&path)?.get(id));
        Ok::<_, Error>(label.map_or(known.clone(), Value::from))
    });
    env.add_filter("sum", sum);
    env.add_filter("length", length);
    env.add_filter("round", round);
    env.add_filter("default", default);
    env.add_filter("upper", |value: Value| letters(value, "upper", str::to_uppercase));
    env.add_filter("lower", |value: Value| letters(value, "lower", str::to_lowercase));

    env.add_test("defined", |value: Value| !is_empty(&value));
    env.add_test("undefined", |value: Value| is_empty(&value));
    env.add_test("none", |value: Value| value.is_none());

    let words = with();
    env.add_function("issued", move |document: String| words.numbers.contains_key(&document));
    let words = with();
    env.add_function("number_of", move |document: String| {
        words.numbers.get(&document).map_or(Value::from(()), Value::from)
    });
    let words = with();
    env.add_function("parameter", move |path: String, on: Rest<Value>| {
        parameter(&words, &path, on.first())
    });
    env.add_function("range", range);
}

/// A parameter on the day of issue, or on another day; nothing where none is in force then, as the paper
/// has been issued already.
fn parameter(words: &Words, path: &str, on: Option<&Value>) -> Result<Value, Error> {
    let Some(given) = words.parameters.get(path) else {
        let message = format!("there is no parameter `{path}`");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    };
    let day = match on.cloned().map(known).transpose()? {
        None => words.issued_on,
        Some(on) => on.as_str().and_then(|day| day.parse().ok()),
    };
    let begun = day.and_then(|day| {
        let (_, until, value) = given.iter().rev().find(|(from, ..)| *from <= day)?;
        until.is_none_or(|until| day <= until).then_some(value)
    });
    Ok(begun.map_or(Value::from(()), |value| Value::from(Serde(value.clone()))))
}

/// Nobody filled it in, or it is not there at all.
fn is_empty(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

/// The value, or the engine's own complaint that it does not exist (with its name, which only
/// minijinja knows).
fn known(value: Value) -> Result<Value, Error> {
    if value.is_undefined() { value.get_attr("") } else { Ok(value) }
}

fn unfit(filter: &str, needs: &str, value: &Value) -> Error {
    let message = format!("`{filter}` needs {needs}, this is a {}", value.kind());
    Error::new(ErrorKind::InvalidOperation, message)
}

fn number(value: &Value, filter: &str, write: impl Fn(Decimal) -> String) -> Result<Value, Error> {
    let value = known(value.clone())?;
    if value.is_none() {
        return Ok(value);
    }
    let number = decimal(&value).ok_or_else(|| unfit(filter, "a number", &value))?;
    Ok(Value::from(write(number)))
}

fn day(
    value: &Value,
    filter: &str,
    zone: &TimeZone,
    write: impl Fn(Date) -> String,
) -> Result<Value, Error> {
    let value = known(value.clone())?;
    if value.is_none() {
        return Ok(value);
    }
    let text = value.as_str().ok_or_else(|| unfit(filter, "a date", &value))?;
    let date = match (Timestamp::from_str(text), Date::from_str(text)) {
        (Ok(instant), _) => Zoned::new(instant, zone.clone()).date(),
        (_, Ok(date)) => date,
        _ => return Err(unfit(filter, "a date such as 2026-11-23", &value)),
    };
    Ok(Value::from(write(date)))
}

/// A number of the template as an exact decimal: JSON's floats carry decimals of up to 15 digits,
/// and their shortest text is that decimal.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    if value.kind() != ValueKind::Number {
        return None;
    }
    if value.is_integer() {
        let whole = i128::try_from(value.clone()).ok()?;
        return Decimal::try_from_i128_with_scale(whole, 0).ok();
    }
    Decimal::from_str(&f64::try_from(value.clone()).ok()?.to_string()).ok()
}

/// The way back, as whole numbers where they are whole.
fn value(number: Decimal) -> Value {
    match number.to_i64().filter(|_| number.fract().is_zero()) {
        Some(whole) => Value::from(whole),
        None => Value::from(number.to_f64().unwrap_or_default()),
    }
}

fn sum(rows: Value, column: Option<String>) -> Result<Value, Error> {
    let mut total = Decimal::ZERO;
    for row in known(rows)?.try_iter()? {
        let cell = match &column {
            Some(column) => row.get_attr(column)?,
            None => row,
        };
        if is_empty(&cell) {
            continue;
        }
        let number = decimal(&cell).ok_or_else(|| unfit("sum", "a column of numbers", &cell))?;
        total = total
            .checked_add(number)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the sum is too large"))?;
    }
    Ok(value(total))
}

fn length(value: Value) -> Result<usize, Error> {
    let value = known(value)?;
    if value.is_none() {
        return Ok(0);
    }
    value.len().ok_or_else(|| unfit("length", "a table or a text", &value))
}

fn round(number: Value, places: Option<u32>) -> Result<Value, Error> {
    let number = known(number)?;
    if number.is_none() {
        return Ok(number);
    }
    let exact = decimal(&number).ok_or_else(|| unfit("round", "a number", &number))?;
    let places = places.unwrap_or(0).min(15);
    let strategy = RoundingStrategy::MidpointAwayFromZero;
    Ok(value(exact.round_dp_with_strategy(places, strategy)))
}

fn default(value: Value, other: Option<Value>) -> Value {
    if is_empty(&value) { other.unwrap_or(Value::from(())) } else { value }
}

/// Letters are changed in values only: in markup that a macro made, `\u{2a}` would become nonsense.
fn letters(value: Value, filter: &str, change: fn(&str) -> String) -> Result<Value, Error> {
    let value = known(value)?;
    if value.is_none() {
        return Ok(value);
    }
    if value.is_safe() {
        let message = format!("`{filter}` is for values; in markup write #{filter}[…]");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    let text = value.as_str().ok_or_else(|| unfit(filter, "a text", &value))?;
    Ok(Value::from(change(text)))
}

fn range(start: i64, end: Option<i64>) -> Result<Value, Error> {
    let (start, end) = end.map_or((0, start), |end| (start, end));
    if end.saturating_sub(start) > MAX_RANGE {
        let message = format!("`range` counts {MAX_RANGE} at most");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    Ok((start..end).map(Value::from).collect())
}
