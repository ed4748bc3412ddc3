//! The value of an expression, exactly and without surprises.
//!
//! Rules that differ from minijinja's, and why: nothing (`Null`) spreads through arithmetic and makes
//! an order comparison false, because an optional field that nobody filled in is not an error of the
//! clerk; everything else that doesn't fit is a [`Fault`], never a guess.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::ast::{Binary, Comparison, Expr, Expression, Part};
use super::{Map, Value};

/// Bytes of a text that `~` may make: a long expression that joins long notes again and again would
/// else be the one thing here that costs more than it looks.
const MAX_TEXT: usize = 100_000;

/// What an expression may ask about.
pub trait Scope {
    /// The value of a variable; none when no form has filled it in.
    fn variable(&self, name: &str) -> Option<&Value>;
    /// The day on which the command is handled, in the organisation's time zone.
    fn today(&self) -> Date;
    /// The number of the newest document of this name that the case has issued.
    fn number_of(&self, document: &str) -> Option<String>;
    /// How often a step has been completed.
    fn visits(&self, step: &str) -> u32;
    /// The case's own number.
    fn case_number(&self) -> &str;
    /// The parameter `set.value` in force on a day. Where no case is at hand there are none.
    fn parameter(&self, _path: &str, _on: Date) -> Option<&Value> {
        None
    }
}

/// Why an expression has no value, in words for the owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    pub message: String,
}

impl Fault {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

type Evaluated<'a> = Result<Cow<'a, Value>, Fault>;

impl Expression {
    /// The value of the whole expression.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Fault> {
        self.look(scope).map(Cow::into_owned)
    }

    /// The same without a copy of what is there already, for who only looks.
    pub(super) fn look<'a>(&'a self, scope: &'a dyn Scope) -> Evaluated<'a> {
        value(&self.root, scope)
    }

    /// The expression as a condition: nothing counts as no.
    pub fn holds(&self, scope: &dyn Scope) -> Result<bool, Fault> {
        truth(&*value(&self.root, scope)?)
    }
}

fn value<'a>(part: &'a Part, scope: &'a dyn Scope) -> Evaluated<'a> {
    Ok(Cow::Owned(match &part.expr {
        Expr::Literal(literal) => return Ok(Cow::Borrowed(literal)),
        Expr::Name(name) if name == "today" => Value::text(scope.today().to_string()),
        Expr::Name(name) => {
            return scope
                .variable(name)
                .map(Cow::Borrowed)
                .ok_or_else(|| Fault::new(format!("`{name}` has not been filled in")));
        }
        Expr::Attribute(of, name) => return attribute(of, name, scope),
        Expr::Not(of) => Value::Bool(!truth(&*value(of, scope)?)?),
        Expr::Negate(of) => match &*value(of, scope)? {
            Value::Null => Value::Null,
            Value::Number(number) => Value::Number(-*number),
            _ => return Err(Fault::new("only a number can be negative")),
        },
        Expr::Binary(op, left, right) => binary(*op, left, right, scope)?,
        Expr::Compare(first, rest) => compare(first, rest, scope)?,
        Expr::If(test, yes, no) => {
            if truth(&*value(test, scope)?)? {
                return value(yes, scope);
            }
            match no {
                Some(no) => return value(no, scope),
                None => Value::Null,
            }
        }
        Expr::Filter(name, of, args) => return filter(name, of, args, scope),
        Expr::Test(name, of) => test(name, of, scope)?,
        Expr::Call(name, args) if name == "parameter" => return parameter(args, scope),
        Expr::Call(name, args) => call(name, args, scope)?,
        Expr::List(items) => Value::List(
            items
                .iter()
                .map(|item| value(item, scope).map(Cow::into_owned))
                .collect::<Result<_, _>>()?,
        ),
    }))
}

fn attribute<'a>(of: &'a Part, name: &str, scope: &'a dyn Scope) -> Evaluated<'a> {
    if let Expr::Name(root) = &of.expr
        && root == "case"
        && name == "number"
    {
        return Ok(Cow::Owned(Value::text(scope.case_number())));
    }
    let missing = || Fault::new(format!("`{name}` has not been filled in"));
    match value(of, scope)? {
        Cow::Borrowed(Value::Map(map)) => map.get(name).map(Cow::Borrowed).ok_or_else(missing),
        Cow::Owned(Value::Map(mut map)) => map.remove(name).map(Cow::Owned).ok_or_else(missing),
        other if other.is_null() => Ok(Cow::Owned(Value::Null)),
        _ => Err(Fault::new(format!("there is no `{name}` in this value"))),
    }
}

fn truth(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(value) => Ok(*value),
        _ => Err(Fault::new("this is not a yes or no")),
    }
}

fn binary(op: Binary, left: &Part, right: &Part, scope: &dyn Scope) -> Result<Value, Fault> {
    let left = value(left, scope)?;
    match op {
        Binary::And if !truth(&left)? => return Ok(Value::Bool(false)),
        Binary::Or if truth(&left)? => return Ok(Value::Bool(true)),
        _ => {}
    }
    let right = value(right, scope)?;
    match op {
        Binary::And | Binary::Or => truth(&right).map(Value::Bool),
        Binary::Join => {
            let joined = format!("{left}{right}");
            if joined.len() > MAX_TEXT {
                return Err(Fault::new("the text is too long"));
            }
            Ok(Value::Text(joined))
        }
        _ if left.is_null() || right.is_null() => Ok(Value::Null),
        _ => match (&*left, &*right) {
            (Value::Number(a), Value::Number(b)) => arithmetic(op, *a, *b),
            (Value::Text(a), Value::Number(b)) => shifted(op, a, *b),
            (Value::Text(a), Value::Text(b)) if op == Binary::Subtract => between(a, b),
            _ => Err(Fault::new("these two can't be reckoned with")),
        },
    }
}

fn arithmetic(op: Binary, a: Decimal, b: Decimal) -> Result<Value, Fault> {
    let result = match op {
        Binary::Add => a.checked_add(b),
        Binary::Subtract => a.checked_sub(b),
        Binary::Multiply => a.checked_mul(b),
        _ if b.is_zero() => return Err(Fault::new("a division by zero")),
        Binary::Divide => a.checked_div(b),
        Binary::FloorDivide => a.checked_div(b).map(|quotient| quotient.floor()),
        Binary::Remainder => a.checked_rem(b),
        Binary::And | Binary::Or | Binary::Join => None,
    };
    result.map(Value::number).ok_or_else(|| Fault::new("the result is too large"))
}

/// A date some days later or earlier.
fn shifted(op: Binary, date: &str, days: Decimal) -> Result<Value, Fault> {
    let days = days.to_i64().filter(|_| days.fract().is_zero());
    let days = days.ok_or_else(|| Fault::new("a whole number of days is needed"))?;
    let days = if op == Binary::Subtract { -days } else { days };
    let date = day(date)?;
    let span = jiff::Span::new().try_days(days).map_err(|_| Fault::new("this is too many days"))?;
    date.checked_add(span)
        .map(|date| Value::text(date.to_string()))
        .map_err(|_| Fault::new("this is too many days"))
}

fn between(a: &str, b: &str) -> Result<Value, Fault> {
    let days = (day(a)? - day(b)?).get_days();
    Ok(Value::number(days))
}

fn day(text: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::new(format!("`{text}` is not a date")))
}

fn compare(first: &Part, rest: &[(Comparison, Part)], scope: &dyn Scope) -> Result<Value, Fault> {
    let mut left = value(first, scope)?;
    for (op, part) in rest {
        let right = value(part, scope)?;
        if !holds(*op, &left, &right)? {
            return Ok(Value::Bool(false));
        }
        left = right;
    }
    Ok(Value::Bool(true))
}

fn holds(op: Comparison, left: &Value, right: &Value) -> Result<bool, Fault> {
    Ok(match op {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::In => contains(right, left)?,
        Comparison::NotIn => !contains(right, left)?,
        _ => {
            let order = match (left, right) {
                (Value::Null, _) | (_, Value::Null) => return Ok(false),
                (Value::Number(a), Value::Number(b)) => a.cmp(b),
                (Value::Text(a), Value::Text(b)) => a.cmp(b),
                _ => return Err(Fault::new("these two have no order")),
            };
            match op {
                Comparison::Less => order == Ordering::Less,
                Comparison::LessOrEqual => order != Ordering::Greater,
                Comparison::Greater => order == Ordering::Greater,
                _ => order != Ordering::Less,
            }
        }
    })
}

fn contains(whole: &Value, part: &Value) -> Result<bool, Fault> {
    match (whole, part) {
        (Value::Null, _) => Ok(false),
        (Value::List(items), part) => Ok(items.contains(part)),
        (Value::Text(text), Value::Text(part)) => Ok(text.contains(part.as_str())),
        _ => Err(Fault::new("`in` needs a list or a text")),
    }
}

fn filter<'a>(name: &str, of: &'a Part, args: &'a [Part], scope: &'a dyn Scope) -> Evaluated<'a> {
    if name == "default" {
        return match value(of, scope) {
            Ok(found) if !found.is_null() => Ok(found),
            _ => args.first().map_or(Ok(Cow::Owned(Value::Null)), |other| value(other, scope)),
        };
    }
    let on = value(of, scope)?;
    if on.is_null() && name != "length" && name != "sum" {
        return Ok(on);
    }
    let argument = args.first().map(|arg| value(arg, scope)).transpose()?;
    Ok(Cow::Owned(match (name, &*on) {
        ("sum", Value::Null) | ("length", Value::Null) => Value::number(0),
        ("sum", Value::List(rows)) => sum(rows, argument.as_deref())?,
        ("length", Value::List(items)) => Value::number(items.len() as u64),
        ("length", Value::Text(text)) => Value::number(text.chars().count() as u64),
        ("round", Value::Number(number)) => {
            let digits = argument.as_deref().and_then(Value::as_number).and_then(|n| n.to_u32());
            Value::number(number.round_dp_with_strategy(
                digits.unwrap_or(0).min(20),
                rust_decimal::RoundingStrategy::MidpointAwayFromZero,
            ))
        }
        ("lower", Value::Text(text)) => Value::Text(text.to_lowercase()),
        ("upper", Value::Text(text)) => Value::Text(text.to_uppercase()),
        _ => return Err(Fault::new(format!("`{name}` can't be used on this value"))),
    }))
}

fn sum(rows: &[Value], column: Option<&Value>) -> Result<Value, Fault> {
    let mut total = Decimal::ZERO;
    for row in rows {
        let cell = match (column, row) {
            (Some(Value::Text(column)), Value::Map(row)) => row.get(column.as_str()),
            (None, cell) => Some(cell),
            _ => return Err(Fault::new("`sum` needs the name of a column")),
        };
        match cell {
            Some(Value::Number(number)) => {
                total =
                    total.checked_add(*number).ok_or_else(|| Fault::new("the sum is too large"))?;
            }
            None | Some(Value::Null) => {}
            Some(_) => return Err(Fault::new("only numbers can be summed up")),
        }
    }
    Ok(Value::number(total))
}

fn test(name: &str, of: &Part, scope: &dyn Scope) -> Result<Value, Fault> {
    let found = value(of, scope);
    match name {
        "defined" => Ok(Value::Bool(found.is_ok_and(|found| !found.is_null()))),
        "undefined" => Ok(Value::Bool(!found.is_ok_and(|found| !found.is_null()))),
        "none" => Ok(Value::Bool(found?.is_null())),
        _ => Err(Fault::new(format!("there is no test `{name}`"))),
    }
}

fn call(name: &str, args: &[Part], scope: &dyn Scope) -> Result<Value, Fault> {
    let argument = args.first().map(|arg| value(arg, scope)).transpose()?;
    match (name, argument.as_deref()) {
        ("issued", Some(Value::Text(document))) => {
            Ok(Value::Bool(scope.number_of(document).is_some()))
        }
        ("number_of", Some(Value::Text(document))) => {
            Ok(scope.number_of(document).map_or(Value::Null, Value::Text))
        }
        ("visits", Some(step)) => Ok(Value::number(scope.visits(&step.to_string()))),
        ("days", Some(Value::Number(days))) => Ok(Value::Number(*days)),
        _ => Err(Fault::new(format!("`{name}` can't be called like this"))),
    }
}

/// `parameter('tarifas.social')` today, `parameter('tarifas.social', fecha)` on the day of the fact.
fn parameter<'a>(args: &'a [Part], scope: &'a dyn Scope) -> Evaluated<'a> {
    let Some(Expr::Literal(Value::Text(path))) = args.first().map(|name| &name.expr) else {
        return Err(Fault::new("`parameter` needs a name"));
    };
    let on = match args.get(1).map(|on| value(on, scope)).transpose()?.as_deref() {
        None => scope.today(),
        Some(Value::Null) => return Ok(Cow::Owned(Value::Null)),
        Some(Value::Text(on)) => day(on)?,
        Some(_) => return Err(Fault::new("this is not a date")),
    };
    let known = scope.parameter(path, on).map(Cow::Borrowed);
    known.ok_or_else(|| Fault::new(format!("`{path}` has no value for {on}")))
}

/// A scope of plain values, for tables' rows and tests.
#[derive(Debug)]
pub struct Layer<'a> {
    /// Asked first.
    pub own: &'a Map,
    pub outer: &'a dyn Scope,
}

impl std::fmt::Debug for dyn Scope + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scope")
    }
}

impl Scope for Layer<'_> {
    fn variable(&self, name: &str) -> Option<&Value> {
        self.own.get(name).or_else(|| self.outer.variable(name))
    }
    fn today(&self) -> Date {
        self.outer.today()
    }
    fn number_of(&self, document: &str) -> Option<String> {
        self.outer.number_of(document)
    }
    fn visits(&self, step: &str) -> u32 {
        self.outer.visits(step)
    }
    fn case_number(&self) -> &str {
        self.outer.case_number()
    }
    fn parameter(&self, path: &str, on: Date) -> Option<&Value> {
        self.outer.parameter(path, on)
    }
}

/// A scope in which one name has a value of its own: a group while it is being filled in.
#[derive(Debug)]
pub struct Within<'a> {
    pub name: &'a str,
    pub own: &'a Value,
    pub outer: &'a dyn Scope,
}

impl Scope for Within<'_> {
    fn variable(&self, name: &str) -> Option<&Value> {
        if name == self.name { Some(self.own) } else { self.outer.variable(name) }
    }
    fn today(&self) -> Date {
        self.outer.today()
    }
    fn number_of(&self, document: &str) -> Option<String> {
        self.outer.number_of(document)
    }
    fn visits(&self, step: &str) -> u32 {
        self.outer.visits(step)
    }
    fn case_number(&self) -> &str {
        self.outer.case_number()
    }
    fn parameter(&self, path: &str, on: Date) -> Option<&Value> {
        self.outer.parameter(path, on)
    }
}
