//! Decision tables.

use schemars::JsonSchema;

use super::field::Field;
use super::scalar::{Any, Either, Named, Text};

/// A decision table: what follows from what, row by row.
#[derive(JsonSchema)]
#[schemars(title = "a decision table", deny_unknown_fields)]
pub struct Table {
    /// The id by which steps look it up.
    pub table: Text,
    /// For people.
    pub title: Option<Text>,
    /// Which of the rows that hold count; `unique` unless said.
    pub hits: Option<Hits>,
    /// `hits: collect`: what is made of the results; `list` unless said.
    pub collect: Option<Collect>,
    /// Columns with conditions.
    pub inputs: Named<Field>,
    /// Columns with results.
    pub outputs: Named<Field>,
    /// The rows: a condition for every input (a value, a list, `< 100`, `10..20`, `-` for any), a result for every output (a value, or `= expression`).
    pub rows: Vec<Named<Either<Any, Vec<Any>>>>,
    /// The results when no row holds.
    pub otherwise: Option<Named<Any>>,
}

/// Which of the rows that hold count.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Hits {
    /// Never more than one holds; the checker proves it.
    Unique,
    /// The first that holds.
    First,
    /// All that hold.
    Collect,
}

/// What is made of the results of several rows.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Collect {
    /// All of them.
    List,
    /// Their sum.
    Sum,
    /// The least; none when no row holds.
    Min,
    /// The greatest; none when no row holds.
    Max,
    /// How many rows hold.
    Count,
}
