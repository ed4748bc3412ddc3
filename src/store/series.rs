//! Gapless numbers: one counter a series and year, and every number that was given.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::columns::get;
use super::sql::{Kind, On, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Writing};
use crate::engine::{Entry, Record};

/// A number that an entry of a journal gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NumberRow {
    pub(crate) seq: u32,
    pub(crate) series: String,
    /// The counter's year; 0 for a series that never begins anew.
    pub(crate) year: i16,
    pub(crate) counter: u64,
    pub(crate) number: String,
}

// Locked, in one order everywhere: a number is given to one at a time, or there would be gaps.
const LAST: Text = Text {
    sqlite: "\
SELECT s.organisation, s.series, s.year, s.last FROM {rows} CROSS JOIN series AS s
 WHERE s.organisation = v.organisation AND s.series = v.series AND s.year = v.year",
    postgres: "\
SELECT s.organisation, s.series, s.year, s.last FROM {rows} CROSS JOIN series AS s
 WHERE s.organisation = v.organisation AND s.series = v.series AND s.year = v.year
 ORDER BY s.organisation, s.series, s.year FOR UPDATE OF s",
};

const WANTED: &[(&str, Kind)] =
    &[("organisation", Kind::Text), ("series", Kind::Text), ("year", Kind::Int)];

const OF_CASE: &str = "\
SELECT seq, series, year, counter, number FROM assigned_numbers WHERE case_id = $1 ORDER BY seq";

const ASSIGN: &str = "\
INSERT INTO assigned_numbers (case_id, seq, organisation, series, year, counter, number)
SELECT case_id, seq, organisation, series, year, counter, number FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("seq", Kind::Int),
    ("organisation", Kind::Text),
    ("series", Kind::Text),
    ("year", Kind::Int),
    ("counter", Kind::Int),
    ("number", Kind::Text),
];

// `true` tells SQLite's parser that ON belongs to the insertion and not to a join.
const COUNT: &str = "\
INSERT INTO series (organisation, series, year, last)
SELECT organisation, series, year, last FROM {rows} WHERE true
    ON CONFLICT (organisation, series, year) DO UPDATE SET last = excluded.last";

const COUNTERS: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("series", Kind::Text),
    ("year", Kind::Int),
    ("last", Kind::Int),
];

/// Organisation, series and the counter's year.
pub(crate) type Counter = (String, String, i16);

impl Writing {
    /// The last number of each counter; none where there has been none.
    pub(crate) async fn last_numbers(
        &mut self,
        wanted: &BTreeSet<Counter>,
    ) -> Result<BTreeMap<Counter, u64>, Error> {
        let mut counters = Rows::of(WANTED);
        for (organisation, series, year) in wanted {
            counters.push([organisation.into(), series.into(), (*year).into()]);
        }
        let rows = counters.fetch_all(LAST, &mut self.on()).await?;
        let from_row = |row| {
            let counter = (get(row, "organisation")?, get(row, "series")?, get(row, "year")?);
            Ok((counter, get(row, "last")?))
        };
        rows.iter().map(from_row).collect()
    }
}

/// The numbers that a stretch of a journal gives.
pub(crate) fn assigned(records: &[Record]) -> Vec<NumberRow> {
    let numbers = records.iter().filter_map(|record| match &record.entry {
        Entry::CaseStarted { series, year, counter, number, .. }
        | Entry::NumberAssigned { series, year, counter, number, .. }
        | Entry::DocumentIssued { series, year, counter, number, .. } => Some(NumberRow {
            seq: record.seq,
            series: series.clone(),
            year: *year,
            counter: *counter,
            number: number.clone(),
        }),
        _ => None,
    });
    numbers.collect()
}

pub(super) async fn of_case(on: &mut On<'_>, id: &CaseId) -> Result<Vec<NumberRow>, Error> {
    let rows = query(OF_CASE).bind(id).fetch_all(on).await?;
    let from_row = |row| {
        Ok(NumberRow {
            seq: get(row, "seq")?,
            series: get(row, "series")?,
            year: get(row, "year")?,
            counter: get(row, "counter")?,
            number: get(row, "number")?,
        })
    };
    rows.iter().map(from_row).collect()
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) -> Result<(), Error> {
    let mut given = Rows::of(COLUMNS);
    let mut last: BTreeMap<(&str, String, i16), u64> = BTreeMap::new();
    for change in changes {
        for number in assigned(change.records) {
            let counter = (change.organisation, number.series.clone(), number.year);
            let highest = last.entry(counter).or_default();
            *highest = number.counter.max(*highest);
            given.push([
                change.case.into(),
                number.seq.into(),
                change.organisation.into(),
                number.series.into(),
                number.year.into(),
                as_stored(number.counter)?.into(),
                number.number.into(),
            ]);
        }
    }
    let mut counters = Rows::of(COUNTERS);
    for ((organisation, series, year), counter) in last {
        let counter = as_stored(counter)?;
        counters.push([organisation.into(), series.into(), year.into(), counter.into()]);
    }
    script.add(ASSIGN, given);
    script.add(COUNT, counters);
    Ok(())
}

/// The databases count to 2^63.
pub(super) fn as_stored(counter: u64) -> Result<i64, Error> {
    counter.try_into().map_err(|error| Error::unreadable("a counter", error))
}
