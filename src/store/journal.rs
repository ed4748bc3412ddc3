//! The journal: what happened to each case, line by line. Rows are only ever added.

use serde::Serialize;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::chain::{self, Link, Stored};
use super::columns::{get, instant, json, to_json};
use super::{CaseId, Change, Error, Store, Writing};
use crate::engine::Record;

const UP_TO: &str = "\
SELECT seq, at, actor, actor_name, body FROM entries
 WHERE case_id = $1 AND seq <= $2 ORDER BY seq";

// All rows in one statement: each statement is a trip to the connection's thread.
const INSERT: &str = "\
INSERT INTO entries (case_id, seq, at, actor, actor_name, kind, body, hash)
SELECT value ->> 'case', value ->> 'seq', value ->> 'at', value ->> 'actor',
       value ->> 'actor_name', value ->> 'kind', value ->> 'body', value ->> 'hash'
  FROM jsonb_each($1)";

const STORED: &str = "\
SELECT seq, at, actor, actor_name, kind, body, hash FROM entries WHERE case_id = $1 ORDER BY seq";

const IS_THERE: &str = "\
SELECT count(*) FROM entries WHERE case_id = $1 AND seq = $2 AND hash = $3";

/// A line as it is going to be stored.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub(super) case: &'a CaseId,
    pub(super) seq: u32,
    at: i64,
    actor: &'a str,
    actor_name: &'a str,
    kind: &'static str,
    /// JSON within JSON, so that it is stored to the letter as it was written.
    body: String,
    pub(super) hash: String,
}

impl Store {
    /// Everything that happened to a case, in order.
    pub async fn journal(&self, id: &CaseId) -> Result<Vec<Record>, Error> {
        all(&mut *self.reader().await?, id).await
    }
}

impl Writing {
    pub(crate) async fn journal_up_to(
        &mut self,
        id: &CaseId,
        last: u32,
    ) -> Result<Vec<Record>, Error> {
        up_to(self.on(), id, last).await
    }
}

pub(super) async fn all(on: &mut SqliteConnection, id: &CaseId) -> Result<Vec<Record>, Error> {
    up_to(on, id, u32::MAX).await
}

async fn up_to(on: &mut SqliteConnection, id: &CaseId, last: u32) -> Result<Vec<Record>, Error> {
    let rows = sqlx::query(UP_TO).bind(id.to_string()).bind(last).fetch_all(on).await?;
    rows.iter().map(from_row).collect()
}

/// The lines that a change adds, each linked to the one before it.
pub(super) fn lines<'a>(change: &Change<'a>) -> Result<Vec<Line<'a>>, Error> {
    let mut lines: Vec<Line<'a>> = Vec::with_capacity(change.records.len());
    let head = change.before.map_or(chain::START, |before| &before.head);
    for record in change.records {
        let body = to_json(&record.entry)?;
        let link = Link {
            seq: i64::from(record.seq),
            at: record.at.as_microsecond(),
            actor: &record.actor,
            actor_name: &record.actor_name,
            kind: record.entry.kind(),
            body: &body,
        };
        let hash = link.hash(change.case, lines.last().map_or(head, |line| &line.hash));
        lines.push(Line {
            case: change.case,
            seq: record.seq,
            at: record.at.as_microsecond(),
            actor: &record.actor,
            actor_name: &record.actor_name,
            kind: record.entry.kind(),
            body,
            hash,
        });
    }
    Ok(lines)
}

pub(super) async fn write(
    on: &mut SqliteConnection,
    changes: &[(&Change<'_>, Vec<Line<'_>>)],
) -> Result<(), Error> {
    let lines: Vec<&Line<'_>> = changes.iter().flat_map(|(_, lines)| lines).collect();
    if !lines.is_empty() {
        sqlx::query(INSERT).bind(to_json(&lines)?).execute(on).await?;
    }
    Ok(())
}

/// Whether the line with this hash is there.
pub(super) async fn has(
    on: &mut SqliteConnection,
    case: &CaseId,
    seq: u32,
    hash: &str,
) -> Result<bool, Error> {
    let query = sqlx::query_scalar(IS_THERE).bind(case.to_string()).bind(seq).bind(hash);
    let found: i64 = query.fetch_one(on).await?;
    Ok(found > 0)
}

/// A journal letter by letter, whether or not it can be read.
pub(super) async fn stored(on: &mut SqliteConnection, id: &CaseId) -> Result<Vec<Stored>, Error> {
    let rows = sqlx::query(STORED).bind(id.to_string()).fetch_all(on).await?;
    let from_row = |row| {
        Ok(Stored {
            seq: get(row, "seq")?,
            at: get(row, "at")?,
            actor: get(row, "actor")?,
            actor_name: get(row, "actor_name")?,
            kind: get(row, "kind")?,
            body: get(row, "body")?,
            hash: get(row, "hash")?,
        })
    };
    rows.iter().map(from_row).collect()
}

fn from_row(row: &SqliteRow) -> Result<Record, Error> {
    Ok(Record {
        seq: get(row, "seq")?,
        at: instant(row, "at")?,
        actor: get(row, "actor")?,
        actor_name: get(row, "actor_name")?,
        entry: json(row, "body")?,
    })
}
