//! Rows of registers as they are now. Their columns are the organisation's, so a row is JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::SqliteConnection;

use super::columns::{get, json, to_json};
use super::{Change, Error, Store, Writing, search};
use crate::engine::Entry;
use crate::expression::{Map, Value};

const RECORD: &str = "\
SELECT data FROM records WHERE organisation = $1 AND register = $2 AND key = $3";

const SEARCH: &str = "\
SELECT key, data FROM records AS r WHERE r.organisation = $1 AND r.register = $2
   AND NOT EXISTS (SELECT 1 FROM json_each($3) AS word WHERE instr(r.search, word.value) = 0)
 ORDER BY key LIMIT $4";

const SEVERAL: &str = "\
SELECT r.organisation, r.register, r.key, r.data
  FROM jsonb_each($1) AS wanted CROSS JOIN records AS r
 WHERE r.organisation = wanted.value ->> 0 AND r.register = wanted.value ->> 1
   AND r.key = wanted.value ->> 2";

// In the order of the list: of two saves of one row the later one stays.
const SAVE: &str = "\
INSERT INTO records (organisation, register, key, revision, data, search)
SELECT value ->> 'organisation', value ->> 'register', value ->> 'key', 1, value ->> 'data',
       value ->> 'search'
  FROM jsonb_each($1) WHERE true
    ON CONFLICT (organisation, register, key)
    DO UPDATE SET data = excluded.data, search = excluded.search, revision = revision + 1";

const SEED: &str = "\
INSERT INTO records (organisation, register, key, revision, data, search)
SELECT value ->> 'organisation', value ->> 'register', value ->> 'key', 1, value ->> 'data',
       value ->> 'search'
  FROM jsonb_each($1) WHERE true
    ON CONFLICT (organisation, register, key) DO NOTHING";

/// Organisation, register and key.
pub(crate) type RecordKey = (String, String, String);

#[derive(Serialize)]
struct Row<'a> {
    organisation: &'a str,
    register: &'a str,
    key: &'a str,
    data: String,
    search: String,
}

impl Store {
    pub async fn record(
        &self,
        organisation: &str,
        register: &str,
        key: &str,
    ) -> Result<Option<Map>, Error> {
        let row = sqlx::query(RECORD)
            .bind(organisation)
            .bind(register)
            .bind(key)
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.map(|row| json(&row, "data")).transpose()
    }

    /// The first rows, by key, in which all words of `search` are found.
    pub async fn records(
        &self,
        organisation: &str,
        register: &str,
        search: &str,
        limit: u32,
    ) -> Result<Vec<(String, Map)>, Error> {
        let rows = sqlx::query(SEARCH)
            .bind(organisation)
            .bind(register)
            .bind(search::words(search))
            .bind(limit)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|row| Ok((get(row, "key")?, json(row, "data")?))).collect()
    }
}

impl Writing {
    /// The rows that there are of those wanted.
    pub(crate) async fn records(
        &mut self,
        wanted: &BTreeSet<RecordKey>,
    ) -> Result<BTreeMap<RecordKey, Map>, Error> {
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = sqlx::query(SEVERAL).bind(to_json(wanted)?).fetch_all(self.on()).await?;
        let from_row = |row| {
            let key = (get(row, "organisation")?, get(row, "register")?, get(row, "key")?);
            Ok((key, json(row, "data")?))
        };
        rows.iter().map(from_row).collect()
    }

    /// Adds the rows whose keys are not there yet: (register, key, row).
    pub(crate) async fn seed_records(
        &mut self,
        organisation: &str,
        seeds: &[(String, String, Map)],
    ) -> Result<(), Error> {
        let mut rows = Vec::new();
        for (register, key, row) in seeds {
            rows.push(row_of(organisation, register, key, row)?);
        }
        if !rows.is_empty() {
            sqlx::query(SEED).bind(to_json(&rows)?).execute(self.on()).await?;
        }
        Ok(())
    }
}

pub(super) async fn write(on: &mut SqliteConnection, changes: &[Change<'_>]) -> Result<(), Error> {
    let mut rows = Vec::new();
    for change in changes {
        for record in change.records {
            if let Entry::RecordSaved { register, key, row } = &record.entry {
                rows.push(row_of(change.organisation, register, key, row)?);
            }
        }
    }
    if !rows.is_empty() {
        sqlx::query(SAVE).bind(to_json(&rows)?).execute(on).await?;
    }
    Ok(())
}

fn row_of<'a>(
    organisation: &'a str,
    register: &'a str,
    key: &'a str,
    row: &Map,
) -> Result<Row<'a>, Error> {
    let values: Vec<String> = row.values().map(Value::to_string).collect();
    let search = search::fold(&values.join(" "));
    Ok(Row { organisation, register, key, data: to_json(row)?, search })
}
