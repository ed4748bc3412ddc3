//! Inputs as the templates see them: one flat description for every kind of field.

use serde::Serialize;

use crate::web::value::Shown;

/// One field of a form.
#[derive(Debug, Clone, Default, Serialize)]
pub(in crate::web) struct Input {
    /// `text`, `note`, `number`, `date`, `yes_no`, `radio`, `select`, `pick`, `computed`, `group`, `table`.
    pub(in crate::web) kind: &'static str,
    /// The field's path, by which it is sent.
    pub(in crate::web) name: String,
    pub(in crate::web) id: String,
    pub(in crate::web) label: String,
    pub(in crate::web) help: Option<String>,
    pub(in crate::web) is_optional: bool,
    /// What stands in it, letter by letter.
    pub(in crate::web) value: String,
    /// What was found for it: the name of the chosen row.
    pub(in crate::web) found: Option<String>,
    pub(in crate::web) errors: Vec<String>,
    /// Ids of help and errors, for readers who hear the page.
    pub(in crate::web) described_by: String,
    pub(in crate::web) options: Vec<Choice>,
    /// `decimal` or `numeric`: which keyboard a phone shows.
    pub(in crate::web) keyboard: Option<&'static str>,
    /// Stands before an amount.
    pub(in crate::web) unit: Option<String>,
    pub(in crate::web) min: Option<String>,
    pub(in crate::web) max: Option<String>,
    /// Short enough for half a line.
    pub(in crate::web) is_short: bool,
    /// Of a group.
    pub(in crate::web) fields: Vec<Input>,
    /// Of a group that a register fills: the key whose row was looked up last.
    pub(in crate::web) looked: Option<String>,
    /// Of a table.
    pub(in crate::web) heads: Vec<Column>,
    pub(in crate::web) rows: Vec<Row>,
    pub(in crate::web) can_add: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(in crate::web) struct Choice {
    pub(in crate::web) value: String,
    pub(in crate::web) label: String,
    pub(in crate::web) is_chosen: bool,
}

/// The head of a table's column.
#[derive(Debug, Clone, Serialize)]
pub(in crate::web) struct Column {
    pub(in crate::web) id: String,
    pub(in crate::web) label: String,
    pub(in crate::web) help: Option<String>,
    pub(in crate::web) is_optional: bool,
    pub(in crate::web) is_number: bool,
}

/// One line of a table.
#[derive(Debug, Clone, Serialize)]
pub(in crate::web) struct Row {
    pub(in crate::web) number: usize,
    pub(in crate::web) cells: Vec<Input>,
}

/// One form of a step.
#[derive(Debug, Clone, Serialize)]
pub(in crate::web) struct FormView {
    pub(in crate::web) title: String,
    pub(in crate::web) help: Option<String>,
    /// Filled in earlier, read-only here.
    pub(in crate::web) shows: Vec<Shown>,
    pub(in crate::web) fields: Vec<Input>,
}
