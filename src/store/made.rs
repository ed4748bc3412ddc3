//! Reports that were made by themselves: kept as they were then, until their time is over.
//!
//! A row is a report of one time of its schedule, so that it is made once however many servers try. One that
//! could not be made has its problem in the place of its contents, until it is made or given up.

use jiff::Timestamp;
use jiff::civil::Date;

use super::columns::{get, instant, json, to_json};
use super::sql::{Query, Row, query};
use super::{Error, Snapshot, Store};
use crate::report::Table;

/// A report as it was made, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeReport {
    pub report: String,
    /// The time of its schedule.
    pub due_at: Timestamp,
    pub title: String,
    /// The first and the last day that it tells of; none: a register.
    pub days: Option<(Date, Date)>,
    pub made_at: Timestamp,
    pub keep_until: Timestamp,
    /// Its rows.
    pub count: u32,
    /// Why it could not be made, as it was written down.
    pub problem: Option<String>,
}

const SAVE: &str = "\
INSERT INTO made_reports (organisation, report, due_at, title, first_day, last_day, made_at,
                          keep_until, row_count, contents, problem)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (organisation, report, due_at) DO UPDATE
   SET title = $4, first_day = $5, last_day = $6, made_at = $7, keep_until = $8, row_count = $9,
       contents = $10, problem = $11
 WHERE made_reports.contents IS NULL AND $10 IS NOT NULL";

const HEADS: &str = "\
SELECT report, due_at, title, first_day, last_day, made_at, keep_until, row_count, problem
  FROM made_reports WHERE organisation = $1 AND report = $2 AND due_at < $3
 ORDER BY due_at DESC LIMIT $4";

const CONTENTS: &str = "\
SELECT contents FROM made_reports
 WHERE organisation = $1 AND report = $2 AND due_at = $3 AND contents IS NOT NULL";

const IS_THERE: &str = "\
SELECT 1 AS found FROM made_reports WHERE organisation = $1 AND report = $2 AND due_at = $3";

const DROP: &str = "\
DELETE FROM made_reports
 WHERE organisation = $1 AND report = $2 AND due_at = $3 AND problem IS NOT NULL";

const FORGET: &str = "DELETE FROM made_reports WHERE keep_until < $1";

const AFTER: &str = "\
SELECT organisation, report, due_at, row_count, contents FROM made_reports
 WHERE contents IS NOT NULL AND (organisation, report, due_at) > ($1, $2, $3)
 ORDER BY organisation, report, due_at LIMIT 1";

impl Store {
    /// Keeps a report, or why it could not be made; whether this is new. What was made stays as it was.
    pub(crate) async fn save_report(
        &self,
        organisation: &str,
        made: &MadeReport,
        table: Option<&Table>,
    ) -> Result<bool, Error> {
        let contents = table.map(to_json).transpose()?;
        let day = |which: fn((Date, Date)) -> Date| made.days.map(|days| which(days).to_string());
        let (first, last) = (day(|days| days.0), day(|days| days.1));
        let save = || {
            query(SAVE)
                .bind(organisation)
                .bind(&made.report)
                .bind(made.due_at.as_microsecond())
                .bind(&made.title)
                .bind(first.as_deref())
                .bind(last.as_deref())
                .bind(made.made_at.as_microsecond())
                .bind(made.keep_until.as_microsecond())
                .bind(made.count)
                .bind(contents.as_deref())
                .bind(made.problem.as_deref())
        };
        Ok(self.write_alone(save).await? > 0)
    }

    /// What was made of a report before then, the newest first.
    pub async fn made_reports(
        &self,
        (organisation, report): (&str, &str),
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<MadeReport>, Error> {
        let query = query(HEADS).bind(organisation).bind(report).bind(before.as_microsecond());
        let rows = query.bind(limit).fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(made).collect()
    }

    /// All of it; none when it was not made.
    pub async fn made_report(
        &self,
        (organisation, report): (&str, &str),
        due_at: Timestamp,
    ) -> Result<Option<Table>, Error> {
        let query = of(CONTENTS, organisation, (report, due_at));
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        row.map(|row| json(&row, "contents")).transpose()
    }

    /// Whether it was made, or tried to be.
    pub(crate) async fn has_report(
        &self,
        organisation: &str,
        name: (&str, Timestamp),
    ) -> Result<bool, Error> {
        let query = of(IS_THERE, organisation, name);
        Ok(query.fetch_optional(&mut self.reader().await?.on()).await?.is_some())
    }

    /// Gives one up that could not be made; whether there was one.
    pub(crate) async fn drop_report(
        &self,
        organisation: &str,
        name: (&str, Timestamp),
    ) -> Result<bool, Error> {
        Ok(self.write_alone(|| of(DROP, organisation, name)).await? > 0)
    }

    /// Forgets what was to be kept until then.
    pub(crate) async fn forget_reports(&self, now: Timestamp) -> Result<(), Error> {
        self.write_alone(|| query(FORGET).bind(now.as_microsecond())).await.map(|_| ())
    }
}

impl Snapshot {
    /// Kept reports that can't be read any more, or that lack rows.
    pub(crate) async fn unreadable_reports(&mut self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut last = (String::new(), String::new(), i64::MIN);
        loop {
            // One at a time: some are large.
            let query = query(AFTER).bind(&last.0).bind(&last.1).bind(last.2);
            let Some(row) = query.fetch_optional(&mut self.on()).await? else { return Ok(found) };
            last = (get(&row, "organisation")?, get(&row, "report")?, get(&row, "due_at")?);
            let (organisation, report, _) = &last;
            let due_at = instant(&row, "due_at")?;
            let what = format!("the report {organisation}/{report} of {due_at}");
            match json::<Table>(&row, "contents") {
                Err(error) => found.push(format!("{what} can't be read: {error}")),
                Ok(table) if i64::try_from(table.count()) != Ok(get(&row, "row_count")?) => {
                    found.push(format!("{what} has not as many rows as it had"));
                }
                Ok(_) => {}
            }
        }
    }
}

fn of<'q>(
    text: &'static str,
    organisation: &'q str,
    (report, due_at): (&'q str, Timestamp),
) -> Query<'q> {
    query(text).bind(organisation).bind(report).bind(due_at.as_microsecond())
}

fn made(row: &Row) -> Result<MadeReport, Error> {
    let day = |column: &str| -> Result<Option<Date>, Error> {
        let written: Option<&str> = get(row, column)?;
        let parsed = written.map(str::parse).transpose();
        parsed.map_err(|error: jiff::Error| Error::unreadable(column, error))
    };
    Ok(MadeReport {
        report: get(row, "report")?,
        due_at: instant(row, "due_at")?,
        title: get(row, "title")?,
        days: day("first_day")?.zip(day("last_day")?),
        made_at: instant(row, "made_at")?,
        keep_until: instant(row, "keep_until")?,
        count: get(row, "row_count")?,
        problem: get(row, "problem")?,
    })
}
