//! Reports: lists over many cases, as their files say, and as Excel files and PDFs.
//!
//! A [`Report`] is the written side. `runtime` looks up its rows and makes a [`Table`] of plain values
//! out of them; from then on only the table counts: [`xlsx`] and [`pdf`] make files of it, pages and
//! the API show it. Nothing here knows the store, the clock or a case.

mod decode;
mod layout;
mod period;
mod regular;
mod sheet;
mod table;

pub use decode::decode;
pub use layout::{MAX_PRINTED, pdf, words};
pub use period::{Period, Span};
pub use regular::{Of, Regular};
pub use sheet::xlsx;
pub use table::{Builder, Cell, Head, MAX_ROWS, Section, Style, Table, TooMany};

use crate::expression::Expression;
use crate::field::NumberStyle;
use crate::yaml::Spanned;

/// The column whose value is the number of its row.
pub const ROW: &str = "row";

/// One report, as its file says.
#[derive(Debug, Clone)]
pub struct Report {
    pub id: Spanned<String>,
    pub title: String,
    pub says: Option<String>,
    /// Roles that may see it.
    pub seen_by: Vec<Spanned<String>>,
    /// None: the rows of a register, as they are when it is made.
    pub period: Option<Period>,
    /// When it is made by itself.
    pub regular: Option<Regular>,
    pub source: Source,
    /// The table of which each row is a row of the report.
    pub each: Option<Spanned<String>>,
    pub when: Option<Expression>,
    pub columns: Vec<Column>,
    /// Labels of columns.
    pub order: Vec<Spanned<String>>,
    pub group: Option<Spanned<String>>,
}

/// What there is a row for.
#[derive(Debug, Clone)]
pub enum Source {
    /// Each of these documents that was issued in the period.
    Documents(Vec<Spanned<String>>),
    /// Each time that one of these steps was completed in the period: procedure and step.
    Steps(Vec<(Spanned<String>, Spanned<String>)>),
    /// Each row of the register.
    Register(Spanned<String>),
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    pub label: Spanned<String>,
    pub value: Expression,
    /// How its numbers are written, where the value doesn't tell.
    pub number: Option<(NumberStyle, Option<u32>)>,
    pub is_total: bool,
}

impl Report {
    /// Whether somebody with these roles may see it.
    pub fn is_seen_by(&self, has: impl Fn(&str) -> bool) -> bool {
        self.seen_by.iter().any(|role| has(role))
    }

    /// The place of a column by its label.
    pub fn column(&self, label: &str) -> Option<usize> {
        self.columns.iter().position(|column| *column.label == label)
    }
}

impl Column {
    /// Whether it counts the rows.
    pub fn is_row(&self) -> bool {
        self.value.source.trim() == ROW
    }
}
