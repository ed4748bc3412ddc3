//! Fields of forms, registers, tables and parameters.

use schemars::JsonSchema;

use super::scalar::{Any, Count, Either, Expr, Flag, Named, Number, Text};

/// A field: typed and labelled once, read and written everywhere.
#[derive(JsonSchema)]
#[schemars(title = "a field", deny_unknown_fields)]
pub struct Field {
    /// What stands beside it on the screen and in lists.
    pub label: Text,
    /// What the person should know while filling it in.
    pub help: Option<Text>,
    /// What it holds; `text` unless said.
    #[schemars(rename = "type")]
    pub kind: Option<FieldType>,
    /// May stay empty.
    pub optional: Option<Flag>,
    /// Nobody fills it in: a step's `assigns`, `set` or `looks_up` does.
    pub assigned: Option<Flag>,
    /// What stands in it before anybody types: an expression.
    pub default: Option<Expr>,
    /// Reckoned by this expression; nobody fills it in.
    pub computed: Option<Expr>,
    /// Asked for only when this condition holds; else it is empty.
    pub when: Option<Expr>,
    /// A valid example; needed with `pattern`, and shown when somebody's value doesn't fit.
    pub sample: Option<Any>,
    /// `text`: a regular expression for the whole value.
    pub pattern: Option<Text>,
    /// `text` and `note`: characters at most.
    pub max_length: Option<Count>,
    /// Numbers: the least; dates: the earliest, as an expression.
    pub min: Option<Either<Number, Expr>>,
    /// Numbers: the most; dates: the latest, as an expression.
    pub max: Option<Either<Number, Expr>>,
    /// `number` and `money`: decimal places (2, and the currency's, unless said).
    pub decimals: Option<Count>,
    /// `choice`: id and label of each option, or a list of labels that are their own ids.
    pub options: Option<Either<Named<Text>, Vec<Text>>>,
    /// `record`: the register whose row is chosen.
    pub register: Option<Text>,
    /// Makes it a group of these fields: `cliente.nombre`.
    pub fields: Option<Named<Field>>,
    /// A group: the register whose row fills what is still empty once the key is typed.
    pub from: Option<Text>,
    /// Makes it a table with these columns.
    pub rows: Option<Named<Field>>,
    /// A table: rows at least, 1 unless said.
    pub min_rows: Option<Count>,
    /// A table: rows at most, 50 unless said, 500 at most.
    pub max_rows: Option<Count>,
}

/// What a field holds.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    Note,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Number,
    /// An amount in the organisation's currency.
    Money,
    /// A day.
    Date,
    /// True or false.
    YesNo,
    /// One of `options`.
    Choice,
    /// A row of a `register`, chosen by its key.
    Record,
}
