//! Idempotency: what a command did, so that it is not done twice when its answer got lost.
//!
//! A key belongs to the person who sent it. Only what took effect is kept: a refused command
//! changes nothing, and may be sent again under the same key.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::SqliteConnection;

use super::cases::case_id;
use super::columns::{get, to_json};
use super::{CaseId, Change, Error, Writing};

/// A person's id and the key that the person gave the command.
pub(crate) type Key<'a> = (&'a str, &'a str);

/// A command that was done before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) case: CaseId,
    /// Its lines of the journal: from here…
    pub(crate) first: u32,
    /// … to here; one less than `first` when there was nothing to be done.
    pub(crate) last: u32,
}

const DONE: &str = "\
SELECT c.actor, c.key, c.case_id, c.first_seq, c.last_seq
  FROM jsonb_each($1) AS wanted CROSS JOIN commands AS c
 WHERE c.actor = wanted.value ->> 0 AND c.key = wanted.value ->> 1";

const REMEMBER: &str = "\
INSERT INTO commands (actor, key, case_id, first_seq, last_seq)
SELECT value ->> 'actor', value ->> 'name', value ->> 'case', value ->> 'first', value ->> 'last'
  FROM jsonb_each($1)";

#[derive(Serialize)]
struct Row<'a> {
    actor: &'a str,
    name: &'a str,
    case: &'a CaseId,
    first: usize,
    last: usize,
}

impl Writing {
    /// What was done before of the commands with these (person, key).
    pub(crate) async fn done_before(
        &mut self,
        wanted: &BTreeSet<Key<'_>>,
    ) -> Result<BTreeMap<(String, String), Done>, Error> {
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query(DONE).bind(to_json(wanted)?).fetch_all(self.on()).await?;
        let from_row = |row| {
            let done = Done {
                case: case_id(row, "case_id")?,
                first: get(row, "first_seq")?,
                last: get(row, "last_seq")?,
            };
            Ok(((get(row, "actor")?, get(row, "key")?), done))
        };
        rows.iter().map(from_row).collect()
    }
}

pub(super) async fn write(on: &mut SqliteConnection, changes: &[Change<'_>]) -> Result<(), Error> {
    let rows: Vec<Row<'_>> = changes.iter().filter_map(row_of).collect();
    if !rows.is_empty() {
        sqlx::query(REMEMBER).bind(to_json(&rows)?).execute(on).await?;
    }
    Ok(())
}

fn row_of<'a>(change: &Change<'a>) -> Option<Row<'a>> {
    let (actor, name) = change.key?;
    let before = change.before.map_or(0, |before| before.entries as usize);
    let last = before + change.records.len();
    Some(Row { actor, name, case: change.case, first: before + 1, last })
}

/// Whether a command of this key is there.
pub(super) async fn has(on: &mut SqliteConnection, key: Key<'_>) -> Result<bool, Error> {
    let query = sqlx::query(DONE).bind(to_json(&[key])?);
    Ok(query.fetch_optional(on).await?.is_some())
}
