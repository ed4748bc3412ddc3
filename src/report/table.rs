//! What a report says: heads, rows in their order, groups and totals, as plain values.
//!
//! A table is all that a file is made of, so that the Excel file, the PDF, the page and the API can't
//! differ. It says everything in the organisation's own words: ids of choices are labels here.

use std::cmp::Ordering;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Column, Report, Span};
use crate::expression::Value;
use crate::language::Language;

/// Rows of one report: what fits into memory many times over, and what nobody reads to its end.
pub const MAX_ROWS: usize = 20_000;

/// One cell: nothing, a number, or a text; dates are texts `2026-11-23`.
pub type Cell = Value;

/// A report as it was at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub report: String,
    pub title: String,
    pub says: Option<String>,
    /// Who it is about.
    pub organisation: String,
    pub language: String,
    pub currency_symbol: String,
    /// The name of a time zone.
    pub time_zone: String,
    pub span: Option<Span>,
    pub made_at: Timestamp,
    pub columns: Vec<Head>,
    /// One without a name when nothing is grouped.
    pub sections: Vec<Section>,
    /// Of each column over all rows; nothing where it is not added up.
    pub totals: Vec<Cell>,
    /// Cases that were worked in the period perhaps and can't be told of: they have been archived since.
    #[serde(default)]
    pub archived: u64,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub label: String,
    pub style: Style,
    pub is_total: bool,
}

/// How a column's cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Text,
    Date,
    /// With so many decimals; as many as it has when none are said.
    Number(Option<u32>),
    Money(u32),
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Section {
    pub name: Option<String>,
    pub rows: Vec<Vec<Cell>>,
    pub totals: Vec<Cell>,
}

/// The period has more rows than a report may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_ROWS} rows; choose a shorter period or narrow the report with `when`")]
pub struct TooMany;

impl Table {
    /// That cases are missing, in a sentence; none when none are.
    pub fn archived_words(&self, language: &Language) -> Option<String> {
        let count = i64::try_from(self.archived).unwrap_or(i64::MAX);
        (count > 0).then(|| language.text("report-archived", &[("count", count.into())]))
    }

    pub fn count(&self) -> usize {
        self.sections.iter().map(|section| section.rows.len()).sum()
    }

    pub fn has_totals(&self) -> bool {
        self.columns.iter().any(|head| head.is_total)
    }
}

impl Style {
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number(_) | Self::Money(_))
    }
}

/// Gathers rows, then brings them into order.
#[derive(Debug, Default)]
pub struct Builder {
    rows: Vec<Vec<Cell>>,
}

impl Builder {
    pub fn push(&mut self, row: Vec<Cell>) -> Result<(), TooMany> {
        if self.rows.len() >= MAX_ROWS {
            return Err(TooMany);
        }
        self.rows.push(row);
        Ok(())
    }

    /// Orders, groups, counts and adds up. Rows that are equal by the order keep the one in which they
    /// came. The group's own column is left in the rows: a filtered sheet must not lose it.
    pub fn finish(self, report: &Report, columns: &[Head]) -> (Vec<Section>, Vec<Cell>) {
        let mut rows = self.rows;
        let group = report.group.as_ref().and_then(|label| report.column(label));
        let places = report.order.iter().filter_map(|label| report.column(label));
        let order: Vec<usize> = group.into_iter().chain(places).collect();
        rows.sort_by(|left, right| {
            let compared = order.iter().map(|place| compare(&left[*place], &right[*place]));
            compared.fold(Ordering::Equal, Ordering::then)
        });
        let totals = sums(columns, &rows);
        let mut sections: Vec<Section> = Vec::new();
        for row in rows {
            let name = group.map(|place| row[place].to_string());
            match sections.last_mut().filter(|section| section.name == name) {
                Some(section) => section.rows.push(row),
                None => sections.push(Section { name, rows: vec![row], totals: Vec::new() }),
            }
        }
        for section in &mut sections {
            section.totals = sums(columns, &section.rows);
        }
        let is_row = |(_, column): &(usize, &Column)| column.is_row();
        for (place, _) in report.columns.iter().enumerate().filter(is_row) {
            let rows = sections.iter_mut().flat_map(|section| &mut section.rows);
            (1_i64..).zip(rows).for_each(|(at, row)| row[place] = Value::from(at));
        }
        (sections, totals)
    }
}

fn sums(columns: &[Head], rows: &[Vec<Cell>]) -> Vec<Cell> {
    let sum = |(place, head): (usize, &Head)| {
        let numbers = rows.iter().filter_map(|row| row[place].as_number());
        let sum = || numbers.fold(Decimal::ZERO, Decimal::saturating_add);
        if head.is_total { Value::number(sum()) } else { Value::Null }
    };
    columns.iter().enumerate().map(sum).collect()
}

/// Nothing comes last, numbers by their size, texts without regard to capitals.
fn compare(left: &Cell, right: &Cell) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        // A column may have both: a total order all the same.
        (Value::Number(_), _) => Ordering::Less,
        (_, Value::Number(_)) => Ordering::Greater,
        (left, right) => {
            let (left, right) = (left.to_string(), right.to_string());
            left.to_lowercase().cmp(&right.to_lowercase()).then_with(|| left.cmp(&right))
        }
    }
}
