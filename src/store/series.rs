//! Gapless numbers: one counter a series and year, and every number that was given.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::SqliteConnection;

use super::columns::{get, to_json};
use super::{CaseId, Change, Error, Writing};
use crate::engine::{Entry, Record};

/// A number that an entry of a journal gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NumberRow {
    pub(crate) seq: u32,
    pub(crate) series: String,
    /// The counter's year; 0 for a series that never begins anew.
    pub(crate) year: i16,
    pub(crate) counter: u64,
    pub(crate) number: String,
}

const LAST: &str = "\
SELECT s.organisation, s.series, s.year, s.last
  FROM jsonb_each($1) AS wanted CROSS JOIN series AS s
 WHERE s.organisation = wanted.value ->> 0 AND s.series = wanted.value ->> 1
   AND s.year = wanted.value ->> 2";

const OF_CASE: &str = "\
SELECT seq, series, year, counter, number FROM assigned_numbers WHERE case_id = $1 ORDER BY seq";

const ASSIGN: &str = "\
INSERT INTO assigned_numbers (case_id, seq, organisation, series, year, counter, number)
SELECT value ->> 'case', value ->> 'seq', value ->> 'organisation', value ->> 'series',
       value ->> 'year', value ->> 'counter', value ->> 'number'
  FROM jsonb_each($1)";

// `true` tells the parser that ON belongs to the insertion and not to a join.
const COUNT: &str = "\
INSERT INTO series (organisation, series, year, last)
SELECT value ->> 'organisation', value ->> 'series', value ->> 'year', max(value ->> 'counter')
  FROM jsonb_each($1) WHERE true GROUP BY 1, 2, 3
    ON CONFLICT (organisation, series, year) DO UPDATE SET last = excluded.last";

/// Organisation, series and the counter's year.
pub(crate) type Counter = (String, String, i16);

#[derive(Serialize)]
struct Row<'a> {
    case: &'a CaseId,
    organisation: &'a str,
    #[serde(flatten)]
    number: NumberRow,
}

impl Writing {
    /// The last number of each counter; none where there has been none.
    pub(crate) async fn last_numbers(
        &mut self,
        wanted: &BTreeSet<Counter>,
    ) -> Result<BTreeMap<Counter, u64>, Error> {
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query(LAST).bind(to_json(wanted)?).fetch_all(self.on()).await?;
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

pub(super) async fn of_case(
    on: &mut SqliteConnection,
    id: &CaseId,
) -> Result<Vec<NumberRow>, Error> {
    let rows = sqlx::query(OF_CASE).bind(id.to_string()).fetch_all(on).await?;
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

pub(super) async fn write(on: &mut SqliteConnection, changes: &[Change<'_>]) -> Result<(), Error> {
    let rows: Vec<Row<'_>> = changes
        .iter()
        .flat_map(|change| {
            let (case, organisation) = (change.case, change.organisation);
            let numbers = assigned(change.records).into_iter();
            numbers.map(move |number| Row { case, organisation, number })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let rows = to_json(&rows)?;
    sqlx::query(ASSIGN).bind(rows.as_str()).execute(&mut *on).await?;
    sqlx::query(COUNT).bind(rows).execute(on).await?;
    Ok(())
}
