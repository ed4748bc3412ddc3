//! Cases: one row each, with the state as folded from the journal.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::columns::{get, instant, instant_if_any, json, name, to_json};
use super::{Change, Error, Store, Writing, search};
use crate::engine::{CaseStatus, State};

/// A case's own id; ids made later sort later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub Uuid);

/// A case as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRow {
    pub id: CaseId,
    pub organisation: String,
    pub procedure: String,
    pub version: u32,
    pub number: String,
    pub subject: String,
    pub status: CaseStatus,
    pub outcome: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Counts the commands that changed it.
    pub revision: u32,
    /// Lines of its journal.
    pub entries: u32,
    pub state: State,
}

/// Which cases are wanted, newest first.
#[derive(Debug, Clone)]
pub struct CaseFilter<'a> {
    pub organisation: &'a str,
    pub procedure: Option<&'a str>,
    pub status: Option<CaseStatus>,
    /// Words that number and subject contain.
    pub search: &'a str,
    /// The last row of the page before: when it started, in microseconds, and its id.
    pub before: Option<(i64, CaseId)>,
    pub limit: u32,
}

const CASE: &str = "SELECT * FROM cases WHERE id = $1";

pub(super) const NEWEST_FIRST: &str = "\
SELECT * FROM cases
 WHERE organisation = $1 AND (started_at, id) < ($2, $3)
   AND ($4 IS NULL OR procedure = $4) AND ($5 IS NULL OR status = $5)
   AND NOT EXISTS (SELECT 1 FROM json_each($6) AS word WHERE instr(search, word.value) = 0)
 ORDER BY started_at DESC, id DESC LIMIT $7";

pub(super) const BY_NUMBER: &str = "\
SELECT id FROM cases WHERE number = $1 AND ($2 IS NULL OR organisation = $2)
 ORDER BY started_at DESC LIMIT 1";

const INSERT: &str = "\
INSERT INTO cases (id, number, subject, search, status, outcome, ended_at, entries, state,
                   revision, organisation, procedure, version, started_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12, $13)";

// Compare and set: a case that is no longer as it was read stays as it is.
const UPDATE: &str = "\
UPDATE cases
   SET number = $2, subject = $3, search = $4, status = $5, outcome = $6, ended_at = $7,
       entries = $8, state = $9, revision = revision + 1
 WHERE id = $1 AND revision = $10 AND entries = $11";

impl Store {
    pub async fn case(&self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        case(&mut *self.reader().await?, id).await
    }

    pub async fn cases(&self, filter: &CaseFilter<'_>) -> Result<Vec<CaseRow>, Error> {
        let before =
            filter.before.map_or((i64::MAX, String::new()), |(at, id)| (at, id.to_string()));
        let rows = sqlx::query(NEWEST_FIRST)
            .bind(filter.organisation)
            .bind(before.0)
            .bind(before.1)
            .bind(filter.procedure)
            .bind(filter.status.map(CaseStatus::name))
            .bind(search::words(filter.search))
            .bind(filter.limit)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// The case that somebody names by its id or its number.
    pub async fn find_case(
        &self,
        organisation: Option<&str>,
        text: &str,
    ) -> Result<Option<CaseId>, Error> {
        let text = text.trim();
        if let Ok(id) = text.parse::<CaseId>() {
            let case = self.case(&id).await?;
            let is_theirs =
                |case: &CaseRow| organisation.is_none_or(|own| own == case.organisation);
            return Ok(case.filter(is_theirs).map(|case| case.id));
        }
        let row = sqlx::query(BY_NUMBER)
            .bind(text)
            .bind(organisation)
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.map(|row| case_id(&row, "id")).transpose()
    }
}

impl Writing {
    pub(crate) async fn case(&mut self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        case(self.on(), id).await
    }
}

pub(super) async fn case(on: &mut SqliteConnection, id: &CaseId) -> Result<Option<CaseRow>, Error> {
    let row = sqlx::query(CASE).bind(id.to_string()).fetch_optional(on).await?;
    row.as_ref().map(from_row).transpose()
}

pub(super) async fn write(on: &mut SqliteConnection, change: &Change<'_>) -> Result<(), Error> {
    let state = change.after;
    let entries = change.before.map_or(0, |before| before.entries);
    let started_at = state.started_at.map(Timestamp::as_microsecond);
    let query = sqlx::query(if change.before.is_some() { UPDATE } else { INSERT })
        .bind(change.case.to_string())
        .bind(&state.number)
        .bind(change.subject)
        .bind(search::fold(&format!("{} {}", state.number, change.subject)))
        .bind(state.status.name())
        .bind(&state.outcome)
        .bind(state.ended_at.map(Timestamp::as_microsecond))
        .bind(i64::from(entries) + change.records.len() as i64)
        .bind(to_json(state)?);
    let query = match change.before {
        Some(before) => query.bind(before.revision).bind(before.entries),
        None => query
            .bind(change.organisation)
            .bind(&state.procedure)
            .bind(state.version)
            .bind(started_at),
    };
    if query.execute(on).await?.rows_affected() != 1 {
        return Err(Error::Conflict { case: change.case.to_string() });
    }
    Ok(())
}

pub(super) fn case_id(row: &SqliteRow, column: &str) -> Result<CaseId, Error> {
    get::<&str>(row, column)?.parse().map_err(|error| Error::unreadable(column, error))
}

fn from_row(row: &SqliteRow) -> Result<CaseRow, Error> {
    Ok(CaseRow {
        id: case_id(row, "id")?,
        organisation: get(row, "organisation")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        number: get(row, "number")?,
        subject: get(row, "subject")?,
        status: name(row, "status")?,
        outcome: get(row, "outcome")?,
        started_at: instant(row, "started_at")?,
        ended_at: instant_if_any(row, "ended_at")?,
        revision: get(row, "revision")?,
        entries: get(row, "entries")?,
        state: json(row, "state")?,
    })
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for CaseId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl Serialize for CaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
