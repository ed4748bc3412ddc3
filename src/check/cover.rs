//! What the rows of a decision table cover: combinations of inputs for which no row holds, rows that hold
//! together, rows that never get their turn. Exact, or *not proved* when it would take too long.
//!
//! A condition compares with finitely many values, so that the values of an input fall into finitely
//! many classes that no row tells apart: of a number, what lies on, just below or just above a written
//! one, by the input's own decimals; of a text, each written one and any other. Of each class one
//! example is tried. Asked by the rules about tables; knows nothing of files and findings.

use std::cell::Cell;
use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use rust_decimal::Decimal;

use crate::decision::{Row, Table};
use crate::expression::Value;
use crate::field::{Field, Kind};

/// Rows that are looked at in all searches of a table before they are given up: a fraction of a
/// second's work.
const MAX_WORK: usize = 2_000_000;

/// An example value for each input, in their order.
pub type Example = Vec<Value>;

/// The outcome of a search.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof<T> {
    Found(T),
    /// There is none.
    Nothing,
    /// It would have taken too long.
    Unknown,
}

/// The rows of a table over the classes of its inputs.
pub struct Cover {
    inputs: Vec<Classes>,
    rows: usize,
    /// Rows that may still be looked at.
    work: Cell<usize>,
}

/// The classes of one input: an example of each, and the rows that hold for it.
struct Classes {
    examples: Vec<Value>,
    holding: Vec<FixedBitSet>,
    /// For each row, the classes for which it holds.
    of_row: Vec<FixedBitSet>,
}

impl Cover {
    pub fn of(table: &Table, currency_decimals: u32) -> Self {
        let inputs = table.inputs.iter().enumerate();
        let inputs = inputs.map(|(at, input)| classes(at, input, &table.rows, currency_decimals));
        Self { inputs: inputs.collect(), rows: table.rows.len(), work: Cell::new(MAX_WORK) }
    }

    /// A combination of values for which no row holds.
    pub fn gap(&self) -> Proof<Example> {
        let all: Vec<FixedBitSet> = self.inputs.iter().map(Classes::all).collect();
        let mut rows = FixedBitSet::with_capacity(self.rows);
        rows.insert_range(..);
        self.hole(&all, rows)
    }

    /// A combination for which both rows hold.
    pub fn both(&self, one: usize, other: usize) -> Option<Example> {
        let common = |classes: &Classes| {
            let mut both = classes.of_row[one].intersection(&classes.of_row[other]);
            both.next().map(|class| classes.examples[class].clone())
        };
        self.inputs.iter().map(common).collect()
    }

    /// Whether a row holds for no combination at all.
    pub fn is_void(&self, row: usize) -> bool {
        self.inputs.iter().any(|classes| classes.of_row[row].is_clear())
    }

    /// A combination for which the row is the first that holds; [`Proof::Nothing`] when those before it
    /// leave none.
    pub fn turn_of(&self, row: usize) -> Proof<Example> {
        let own: Vec<FixedBitSet> =
            self.inputs.iter().map(|classes| classes.of_row[row].clone()).collect();
        let mut before = FixedBitSet::with_capacity(self.rows);
        before.insert_range(..row);
        self.hole(&own, before)
    }

    /// Among the given classes of each input: a combination for which none of `rows` holds.
    fn hole(&self, among: &[FixedBitSet], rows: FixedBitSet) -> Proof<Example> {
        let mut search = Search {
            cover: self,
            among,
            full_from: (0..self.rows).map(|row| self.full_from(row, among)).collect(),
            covered: BTreeSet::new(),
        };
        let mut example = Vec::new();
        match search.explore(0, rows, &mut example) {
            Some(true) => Proof::Found(example),
            Some(false) => Proof::Nothing,
            None => Proof::Unknown,
        }
    }

    /// The input from which on a row holds for everything.
    fn full_from(&self, row: usize, among: &[FixedBitSet]) -> usize {
        let is_full = |at: &usize| among[*at].is_subset(&self.inputs[*at].of_row[row]);
        self.inputs.len() - (0..self.inputs.len()).rev().take_while(is_full).count()
    }
}

impl Classes {
    fn all(&self) -> FixedBitSet {
        let mut all = FixedBitSet::with_capacity(self.examples.len());
        all.insert_range(..);
        all
    }
}

/// A walk over the classes of one input after the other, with the rows that still hold.
struct Search<'a> {
    cover: &'a Cover,
    among: &'a [FixedBitSet],
    full_from: Vec<usize>,
    /// Inputs and rows that are known to leave no hole.
    covered: BTreeSet<(usize, Vec<usize>)>,
}

impl Search<'_> {
    /// Whether there is a hole; then `example` is one. None: given up.
    fn explore(&mut self, at: usize, rows: FixedBitSet, example: &mut Example) -> Option<bool> {
        let left = self.cover.work.get().checked_sub(1 + rows.count_ones(..))?;
        self.cover.work.set(left);
        if rows.ones().any(|row| self.full_from[row] <= at) {
            return Some(false);
        }
        let Some(classes) = self.cover.inputs.get(at) else { return Some(true) };
        let name = (at, rows.as_slice().to_vec());
        if self.covered.contains(&name) {
            return Some(false);
        }
        let mut tried: Vec<FixedBitSet> = Vec::new();
        for class in self.among[at].ones() {
            let mut left = rows.clone();
            left.intersect_with(&classes.holding[class]);
            // Where fewer rows hold, a hole is found first; more of them leave none either.
            if tried.iter().any(|tried| tried.is_subset(&left)) {
                continue;
            }
            example.push(classes.examples[class].clone());
            if self.explore(at + 1, left.clone(), example)? {
                return Some(true);
            }
            example.pop();
            tried.push(left);
        }
        self.covered.insert(name);
        Some(false)
    }
}

fn classes(at: usize, input: &Field, rows: &[Row], currency_decimals: u32) -> Classes {
    let mut classes = Classes {
        examples: Vec::new(),
        holding: Vec::new(),
        of_row: Vec::with_capacity(rows.len()),
    };
    for example in examples(at, input, rows, currency_decimals) {
        let mut holding = FixedBitSet::with_capacity(rows.len());
        holding.extend((0..rows.len()).filter(|row| rows[*row].cells[at].holds(&example)));
        if !classes.holding.contains(&holding) {
            classes.examples.push(example);
            classes.holding.push(holding);
        }
    }
    for row in 0..rows.len() {
        let mut of_row = FixedBitSet::with_capacity(classes.examples.len());
        of_row.extend((0..classes.examples.len()).filter(|class| classes.holding[*class][row]));
        classes.of_row.push(of_row);
    }
    classes
}

/// At least one value of every class.
fn examples(at: usize, input: &Field, rows: &[Row], currency_decimals: u32) -> Vec<Value> {
    let written: BTreeSet<&Value> = rows.iter().flat_map(|row| row.cells[at].values()).collect();
    let mut examples = match &input.kind {
        Kind::Number { min, max, .. } => {
            let step = Decimal::new(1, input.decimals(currency_decimals));
            numbers(&written, step, *min, *max)
        }
        Kind::Date { .. } => dates(&written),
        Kind::YesNo => vec![Value::Bool(true), Value::Bool(false)],
        Kind::Choice { options } => {
            options.iter().map(|(id, _)| Value::text(id.as_str())).collect()
        }
        _ => {
            // One that is not written anywhere stands for all others.
            let mut other = "…".to_owned();
            while written.contains(&Value::text(other.as_str())) {
                other.push('…');
            }
            written.into_iter().cloned().chain([Value::Text(other)]).collect()
        }
    };
    if input.is_optional {
        examples.push(Value::Null);
    }
    examples
}

/// On, just below and just above every written number, within the input's limits.
fn numbers(
    written: &BTreeSet<&Value>,
    step: Decimal,
    min: Option<Decimal>,
    max: Option<Decimal>,
) -> Vec<Value> {
    let mut tried: BTreeSet<Decimal> = min.into_iter().chain(max).collect();
    for number in written.iter().filter_map(|value| value.as_number()) {
        tried.extend([number - step, number, number + step]);
    }
    let fits = |number: &Decimal| {
        min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max)
    };
    if tried.is_empty() {
        tried.insert(Decimal::ZERO);
    }
    tried.into_iter().filter(fits).map(Value::number).collect()
}

fn dates(written: &BTreeSet<&Value>) -> Vec<Value> {
    let mut tried: BTreeSet<Date> = BTreeSet::new();
    let days = written.iter().filter_map(|value| value.as_text()?.parse::<Date>().ok());
    for day in days {
        let beside = |span: Span| day.checked_add(span).ok();
        tried.extend([beside(-1.day()), Some(day), beside(1.day())].into_iter().flatten());
    }
    if tried.is_empty() {
        tried.insert(Date::constant(2026, 1, 1));
    }
    tried.into_iter().map(|day| Value::text(day.to_string())).collect()
}

#[cfg(test)]
mod tests;
