//! Decision tables: what follows from what, row by row, as a manual prints it.
//!
//! `cell` reads and tests the conditions in the rows, `decode` the whole table, `decide` finds the rows
//! that hold. Whether a table has holes or contradicts itself is `check`'s question. Nothing here
//! knows of cases: a step looks a table up with values of its own.

mod cell;
mod decide;
mod decode;

pub use cell::{Atom, Cell};
pub use decide::Outcome;
pub use decode::{MAX_ROWS, decode};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::expression::{Expression, Type, Value};
use crate::field::{Field, Kind, type_of};
use crate::yaml::Spanned;

/// One decision table, as its file says.
#[derive(Debug, Clone)]
pub struct Table {
    pub id: Spanned<String>,
    pub title: String,
    pub hits: Hits,
    /// Columns with conditions.
    pub inputs: Vec<Field>,
    /// Columns with results.
    pub outputs: Vec<Field>,
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// What comes out when no row holds.
    pub otherwise: Option<Vec<Output>>,
}

/// Which of the rows that hold count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hits {
    /// Never more than one holds.
    Unique,
    /// The first that holds.
    First,
    /// All that hold.
    Collect(Collect),
}

/// What is made of the results of several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collect {
    List,
    Sum,
    Min,
    Max,
    Count,
}

/// One row: a condition for every input, a result for every output.
#[derive(Debug, Clone)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub results: Vec<Output>,
    pub span: Span,
}

/// A result in a row.
#[derive(Debug, Clone)]
pub enum Output {
    Value(Value),
    /// `= consumo * 0.5`, over the inputs.
    Reckoned(Expression),
}

impl Table {
    /// What looking the table up gives: the value itself when it has one output, a group with them when
    /// it has several; of those that are collected, a list or a number.
    pub fn result(&self) -> Type {
        let none = BTreeMap::new();
        let outputs = || {
            let fields = self.outputs.iter();
            fields.map(|field| (field.name.value.clone(), type_of(field, &none))).collect()
        };
        let one = match self.outputs.as_slice() {
            [only] => type_of(only, &none),
            _ => Type::Group(Arc::new(outputs())),
        };
        match self.hits {
            Hits::Unique | Hits::First | Hits::Collect(Collect::Min | Collect::Max) => one,
            Hits::Collect(Collect::List) => Type::List(Box::new(one)),
            Hits::Collect(Collect::Sum | Collect::Count) => Type::Number,
        }
    }

    /// The paths below a variable that looking the table up fills in.
    pub fn leaves(&self, variable: &str) -> Vec<String> {
        match (self.hits, self.outputs.as_slice()) {
            (Hits::Unique | Hits::First, [_, _, ..]) => {
                let fields = self.outputs.iter();
                fields.map(|field| format!("{variable}.{}", *field.name)).collect()
            }
            _ => vec![variable.to_owned()],
        }
    }

    /// The output behind a path below a variable that the table was looked up for.
    pub fn field<'t>(&'t self, variable: &str, path: &str) -> Option<&'t Field> {
        if matches!(self.hits, Hits::Collect(Collect::List | Collect::Count)) {
            return None;
        }
        match (self.outputs.as_slice(), path.strip_prefix(variable)?) {
            ([only], "") => Some(only),
            ([_, _, ..], rest) => {
                let name = rest.strip_prefix('.')?;
                self.outputs.iter().find(|field| *field.name == name)
            }
            _ => None,
        }
    }

    /// A result as it may come out, for trying out what reads it.
    pub fn sample(&self) -> Value {
        let row = self.rows.iter().map(|row| &row.results).chain(&self.otherwise).next();
        let value = |at: usize| match row.and_then(|row| row.get(at)) {
            Some(Output::Value(value)) => value.clone(),
            _ => match self.outputs[at].kind {
                Kind::Number { .. } => Value::number(1),
                Kind::YesNo => Value::Bool(true),
                Kind::Date { .. } => Value::text("2026-01-02"),
                _ => Value::text("—"),
            },
        };
        let one = match self.outputs.as_slice() {
            [_] => value(0),
            _ => {
                let outputs = self.outputs.iter().enumerate();
                Value::Map(
                    outputs.map(|(at, field)| (field.name.value.clone(), value(at))).collect(),
                )
            }
        };
        match self.hits {
            Hits::Collect(Collect::List) => Value::List(vec![one]),
            Hits::Collect(Collect::Count) => Value::number(1),
            _ => one,
        }
    }

    pub fn input(&self, name: &str) -> Option<&Field> {
        self.inputs.iter().find(|input| *input.name == name)
    }
}
