//! Reports.

use schemars::JsonSchema;

use super::scalar::{Count, Either, Expr, Flag, Named, Text, Texts};

/// A list over many cases: a daily control, a monthly hand-over.
#[derive(JsonSchema)]
#[schemars(title = "a report", deny_unknown_fields)]
pub struct Report {
    /// The id: lower case letters, digits and `-`.
    pub report: Text,
    /// As it stands above the list.
    pub title: Text,
    /// What stands below the title.
    pub says: Option<Text>,
    /// The roles that may look at it.
    pub seen_by: Texts,
    /// The days that it tells of; a register has none.
    pub period: Option<Period>,
    /// When it is made by itself and kept: `working day at 17:00`, `month on the 1st at 08:00`.
    pub every: Option<Text>,
    /// What becomes of the times when no server ran: `once`, `all` or `skip`.
    pub missed: Option<super::procedure::Missed>,
    /// Which period it tells of then: `this`, or `last`.
    pub of: Option<Of>,
    /// How long what was made is kept: `18 months`. Two years unless said.
    pub keep: Option<Text>,
    /// What there is a row for.
    pub rows: Rows,
    /// The columns by their labels: an expression, or a table with more about it.
    pub columns: Named<Either<Expr, Column>>,
    /// The labels of the columns that it is sorted by.
    pub order: Option<Texts>,
    /// A heading and a sum for each value of this column.
    pub group: Option<Text>,
}

/// The days that a report tells of.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Period {
    /// One day.
    Day,
    /// A week of the organisation's calendar.
    Week,
    /// A month of the organisation's calendar.
    Month,
    /// A year of the organisation's calendar.
    Year,
}

/// Which period a report tells of that is made by itself.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Of {
    /// The one that the time lies in.
    This,
    /// The one before.
    Last,
}

/// What there is a row for: one of `documents`, `steps` and `register`.
#[derive(JsonSchema)]
#[schemars(title = "the rows of a report", deny_unknown_fields)]
pub struct Rows {
    /// Each of these documents that was issued in the period.
    pub documents: Option<Texts>,
    /// Each time that one of these steps was completed in the period: `{ procedure: [4, 7] }`.
    pub steps: Option<Named<Texts>>,
    /// Each row of this register, as it is now.
    pub register: Option<Text>,
    /// Rather one for each row of this table of its case.
    pub each: Option<Text>,
    /// Only those for which this holds.
    pub when: Option<Expr>,
}

/// A column with more than its expression.
#[derive(JsonSchema)]
#[schemars(title = "a column", deny_unknown_fields)]
pub struct Column {
    /// The expression.
    pub value: Expr,
    /// How a number is written, when it is not that of a field.
    #[schemars(rename = "type")]
    pub kind: Option<NumberType>,
    /// Decimal places.
    pub decimals: Option<Count>,
    /// Adds the column up.
    pub total: Option<Flag>,
}

/// How a number is written.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum NumberType {
    /// A whole number.
    Integer,
    /// A decimal.
    Number,
    /// An amount in the organisation's currency.
    Money,
}
