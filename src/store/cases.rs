//! Cases: one row each, with the state as folded from the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::columns::{get, instant, instant_if_any, json, name, to_json};
use super::journal::Line;
use super::{Change, Error, Store, Writing, chain, search};
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
    /// The hash of the last of them.
    pub head: String,
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

const SEVERAL: &str = "\
SELECT c.* FROM jsonb_each($1) AS wanted CROSS JOIN cases AS c WHERE c.id = wanted.value";

// What is JSON within JSON is stored to the letter as it was written.
const INSERT: &str = "\
INSERT INTO cases (id, organisation, procedure, version, number, subject, search, status, outcome,
                   started_at, ended_at, revision, entries, head, state)
SELECT value ->> 'id', value ->> 'organisation', value ->> 'procedure', value ->> 'version',
       value ->> 'number', value ->> 'subject', value ->> 'search', value ->> 'status',
       value ->> 'outcome', value ->> 'started_at', value ->> 'ended_at', 1,
       value ->> 'entries', value ->> 'head', value ->> 'state'
  FROM jsonb_each($1)";

// Compare and set: a case that is no longer as it was read stays as it is.
pub(super) const UPDATE: &str = "\
UPDATE cases
   SET number = value ->> 'number', subject = value ->> 'subject', search = value ->> 'search',
       status = value ->> 'status', outcome = value ->> 'outcome', ended_at = value ->> 'ended_at',
       entries = value ->> 'entries', head = value ->> 'head', state = value ->> 'state',
       revision = revision + 1
  FROM jsonb_each($1)
 WHERE cases.id = value ->> 'id' AND cases.revision = value ->> 'revision'
   AND cases.head = value ->> 'previous'";

#[derive(Serialize)]
struct Row<'a> {
    id: &'a CaseId,
    organisation: &'a str,
    procedure: &'a str,
    version: u32,
    number: &'a str,
    subject: &'a str,
    search: String,
    status: CaseStatus,
    outcome: Option<&'a str>,
    started_at: Option<i64>,
    ended_at: Option<i64>,
    /// As it was read.
    revision: Option<u32>,
    entries: usize,
    head: &'a str,
    /// The head as it was read.
    previous: &'a str,
    state: String,
}

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
    /// The cases that there are of those wanted. One that does not read back is not the others'
    /// trouble.
    pub(crate) async fn cases(
        &mut self,
        wanted: &BTreeSet<CaseId>,
    ) -> Result<BTreeMap<CaseId, Result<CaseRow, Error>>, Error> {
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query(SEVERAL).bind(to_json(wanted)?).fetch_all(self.on()).await?;
        rows.iter().map(|row| Ok((case_id(row, "id")?, from_row(row)))).collect()
    }
}

pub(super) async fn case(on: &mut SqliteConnection, id: &CaseId) -> Result<Option<CaseRow>, Error> {
    let row = sqlx::query(CASE).bind(id.to_string()).fetch_optional(on).await?;
    row.as_ref().map(from_row).transpose()
}

pub(super) async fn write(
    on: &mut SqliteConnection,
    changes: &[(&Change<'_>, Vec<Line<'_>>)],
) -> Result<(), Error> {
    let (mut begun, mut changed) = (Vec::new(), Vec::new());
    for (change, lines) in changes {
        let rows = if change.before.is_some() { &mut changed } else { &mut begun };
        rows.push(row_of(change, lines)?);
    }
    if !begun.is_empty() {
        sqlx::query(INSERT).bind(to_json(&begun)?).execute(&mut *on).await?;
    }
    if let Some(first) = changed.first() {
        let done = sqlx::query(UPDATE).bind(to_json(&changed)?).execute(on).await?;
        if done.rows_affected() != changed.len() as u64 {
            return Err(Error::Conflict { case: first.id.to_string() });
        }
    }
    Ok(())
}

fn row_of<'a>(change: &'a Change<'_>, lines: &'a [Line<'_>]) -> Result<Row<'a>, Error> {
    let state = change.after;
    let previous = change.before.map_or(chain::START, |before| &before.head);
    Ok(Row {
        id: change.case,
        organisation: change.organisation,
        procedure: &state.procedure,
        version: state.version,
        number: &state.number,
        subject: change.subject,
        search: search::fold(&format!("{} {}", state.number, change.subject)),
        status: state.status,
        outcome: state.outcome.as_deref(),
        started_at: state.started_at.map(Timestamp::as_microsecond),
        ended_at: state.ended_at.map(Timestamp::as_microsecond),
        revision: change.before.map(|before| before.revision),
        entries: change.before.map_or(0, |before| before.entries as usize) + lines.len(),
        head: lines.last().map_or(previous, |line| &line.hash),
        previous,
        state: to_json(state)?,
    })
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
        head: get(row, "head")?,
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
