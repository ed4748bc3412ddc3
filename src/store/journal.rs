//! The journal: what happened to each case, line by line. Rows are only ever added.

use serde::Serialize;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::columns::{get, instant, json, to_json};
use super::{CaseId, Change, Error, Store, Writing};
use crate::engine::Record;

const UP_TO: &str = "\
SELECT seq, at, actor, actor_name, body FROM entries
 WHERE case_id = $1 AND seq <= $2 ORDER BY seq";

// All rows in one statement: each statement is a trip to the connection's thread.
const INSERT: &str = "\
INSERT INTO entries (case_id, seq, at, actor, actor_name, kind, body)
SELECT value ->> 'case', value ->> 'seq', value ->> 'at', value ->> 'actor',
       value ->> 'actor_name', value ->> 'kind', value ->> 'body'
  FROM json_each($1)";

#[derive(Serialize)]
struct Row<'a> {
    case: &'a CaseId,
    seq: u32,
    at: i64,
    actor: &'a str,
    actor_name: &'a str,
    kind: &'static str,
    /// JSON within JSON, so that it is stored to the letter as it was written.
    body: String,
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

pub(super) async fn write(on: &mut SqliteConnection, change: &Change<'_>) -> Result<(), Error> {
    let mut rows = Vec::new();
    for record in change.records {
        rows.push(Row {
            case: change.case,
            seq: record.seq,
            at: record.at.as_microsecond(),
            actor: &record.actor,
            actor_name: &record.actor_name,
            kind: record.entry.kind(),
            body: to_json(&record.entry)?,
        });
    }
    sqlx::query(INSERT).bind(to_json(&rows)?).execute(on).await?;
    Ok(())
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
