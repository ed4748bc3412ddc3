//! From what somebody typed to values, or to what is wrong with each field.
//!
//! Pure: the day, the case's data and the registers' rows come in through [`Context`].

use std::fmt;

use super::scalar::{is_nothing, scalar};
use super::{Field, Kind};
use crate::expression::{Expression, Layer, Map, Scope, Value, Within};

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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldError {
    /// `cliente.ci`, or `materiales.2.cantidad` for the third row; empty for the form as a whole.
    pub path: String,
    #[serde(flatten)]
    pub problem: Problem,
}

/// Why a field is refused. Each has a sentence in every language of the screens.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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

/// Reads all `fields` from `raw` in their order and gives their values by name. Each is seen as soon as
/// it is read, by later fields' `when`, `default` and `computed`; what the case knew before stands in
/// the context's scope, and is neither copied nor given back.
pub fn read(
    fields: &[Field],
    raw: &Map,
    context: &Context<'_>,
    errors: &mut Vec<FieldError>,
) -> Map {
    let mut reading = Reading { context, errors };
    let mut values = Map::new();
    for field in fields {
        let name = field.name.as_str();
        let value = {
            let scope = Layer { own: &values, outer: context.scope };
            let path = Path { before: None, part: Part::Name(name) };
            let before = context.scope.variable(name);
            let value = reading.one(field, raw.get(name), path, &scope, before);
            if field.computed.is_some() { onto(before, value, field) } else { value }
        };
        values.insert(name.to_owned(), value);
    }
    reading.refuse_unknown(fields, raw, None);
    values
}

/// A group that is computed leaves those parts as they are that it has no word about.
fn onto(before: Option<&Value>, value: Value, field: &Field) -> Value {
    match (before, value) {
        (Some(Value::Map(before)), Value::Map(own)) if matches!(field.kind, Kind::Group { .. }) => {
            let mut all = before.clone();
            all.extend(own);
            Value::Map(all)
        }
        (_, value) => value,
    }
}

/// Where a value stands, from the inside out: written down only when something is wrong there.
#[derive(Clone, Copy)]
struct Path<'a> {
    before: Option<&'a Path<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Name(&'a str),
    Row(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(before) = self.before {
            write!(f, "{before}.")?;
        }
        match self.part {
            Part::Name(name) => f.write_str(name),
            Part::Row(row) => write!(f, "{row}"),
        }
    }
}

/// A submission on its way, and what is wrong with it so far.
struct Reading<'a> {
    context: &'a Context<'a>,
    errors: &'a mut Vec<FieldError>,
}

impl Reading<'_> {
    fn fail(&mut self, path: Path<'_>, problem: Problem) -> Value {
        self.errors.push(FieldError { path: path.to_string(), problem });
        Value::Null
    }

    fn one(
        &mut self,
        field: &Field,
        given: Option<&Value>,
        path: Path<'_>,
        scope: &dyn Scope,
        before: Option<&Value>,
    ) -> Value {
        if let Some(when) = &field.when {
            match when.holds(scope) {
                Ok(true) => {}
                Ok(false) => return emptied(field, before),
                Err(fault) => {
                    return self.fail(path, Problem::NotReckonable { reason: fault.message });
                }
            }
        }
        if field.is_assigned {
            return before.cloned().unwrap_or_default();
        }
        let read = match (&field.computed, &field.kind) {
            (Some(computed), _) => rounded(field, computed, scope, self.context.currency_decimals),
            (None, Kind::Group { fields }) => {
                let before = before.and_then(Value::as_map);
                return self.group((&field.name, fields), given, path, scope, before);
            }
            (None, Kind::Table { columns, min_rows, max_rows }) => {
                let limits = (*min_rows, *max_rows, field.is_optional);
                return self.table(columns, given, path, scope, limits);
            }
            (None, _) => match given.filter(|value| !is_nothing(value)) {
                // An unticked box sends nothing: that is a no.
                None if matches!(field.kind, Kind::YesNo) => Ok(Value::Bool(false)),
                None if field.is_optional => Ok(Value::Null),
                None => Err(Problem::Required),
                Some(given) => scalar(field, given, scope, self.context),
            },
        };
        read.unwrap_or_else(|problem| self.fail(path, problem))
    }

    /// The group as it was, with what this form asks for: parts of other forms stay as they are.
    fn group(
        &mut self,
        (name, fields): (&str, &[Field]),
        given: Option<&Value>,
        path: Path<'_>,
        scope: &dyn Scope,
        before: Option<&Map>,
    ) -> Value {
        let raw = given.and_then(Value::as_map);
        let mut own = Value::Map(before.cloned().unwrap_or_default());
        for field in fields {
            // Inside a group its own fields are read as `visita.fecha`, as everywhere else.
            let value = {
                let scope = Within { name, own: &own, outer: scope };
                let name = field.name.as_str();
                let given = raw.and_then(|raw| raw.get(name));
                let path = Path { before: Some(&path), part: Part::Name(name) };
                self.one(field, given, path, &scope, before.and_then(|before| before.get(name)))
            };
            if let Value::Map(own) = &mut own {
                own.insert(field.name.value.clone(), value);
            }
        }
        if let Some(raw) = raw {
            self.refuse_unknown(fields, raw, Some(&path));
        }
        own
    }

    fn refuse_unknown(&mut self, fields: &[Field], raw: &Map, before: Option<&Path<'_>>) {
        for name in raw.keys() {
            if !fields.iter().any(|field| *field.name == *name) {
                self.fail(Path { before, part: Part::Name(name) }, Problem::UnknownField);
            }
        }
    }

    fn table(
        &mut self,
        columns: &[Field],
        given: Option<&Value>,
        path: Path<'_>,
        scope: &dyn Scope,
        (min, max, is_optional): (usize, usize, bool),
    ) -> Value {
        let rows = kept_rows(columns, given, scope, (min, is_optional), self.context);
        if rows.len() > max {
            return self.fail(path, Problem::TooManyRows { max });
        }
        if rows.len() < min && !(is_optional && rows.is_empty()) {
            self.fail(path, Problem::TooFewRows { min });
            return Value::List(Vec::new());
        }
        let read = |(at, raw): (usize, &Map)| {
            let row = Path { before: Some(&path), part: Part::Row(at) };
            let mut own = Map::new();
            for column in columns {
                let name = column.name.as_str();
                let value = {
                    let scope = Layer { own: &own, outer: scope };
                    let path = Path { before: Some(&row), part: Part::Name(name) };
                    self.one(column, raw.get(name), path, &scope, None)
                };
                own.insert(name.to_owned(), value);
            }
            Value::Map(own)
        };
        Value::List(rows.into_iter().map(read).collect())
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
