//! Rows of registers as they are now. Their columns are the organisation's, so a row is JSON.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{get, json, to_json};
use super::sql::{Dialect, Kind, Rows, Script, Text, query};
use super::{Change, Error, Store, Writing, search};
use crate::engine::Entry;
use crate::expression::{Map, Value};

const RECORD: &str = "\
SELECT data FROM records WHERE organisation = $1 AND register = $2 AND key = $3";

const SEARCH: Text = Text {
    sqlite: "\
SELECT key, data FROM records AS r WHERE r.organisation = $1 AND r.register = $2
   AND NOT EXISTS (SELECT 1 FROM json_each($3) AS word WHERE instr(r.search, word.value) = 0)
 ORDER BY key LIMIT $4",
    postgres: "\
SELECT key, data FROM records AS r WHERE r.organisation = $1 AND r.register = $2
   AND NOT EXISTS (SELECT 1 FROM unnest($3) AS word WHERE strpos(r.search, word) = 0)
 ORDER BY key LIMIT $4",
};

// A save keeps the columns that it doesn't know, so nobody else may save the row in between; nor
// begin it, and a row that is not there yet can't be locked. So its name is, in one order everywhere.
const LOCK: &str = "\
SELECT pg_advisory_xact_lock(wanted.name)
  FROM (SELECT DISTINCT
               hashtextextended(concat_ws('/', v.organisation, v.register, v.key), 0) AS name
          FROM {rows} ORDER BY 1) AS wanted";

const SEVERAL: Text = Text {
    sqlite: "\
SELECT r.organisation, r.register, r.key, r.data FROM {rows} CROSS JOIN records AS r
 WHERE r.organisation = v.organisation AND r.register = v.register AND r.key = v.key",
    postgres: "\
SELECT r.organisation, r.register, r.key, r.data FROM {rows} CROSS JOIN records AS r
 WHERE r.organisation = v.organisation AND r.register = v.register AND r.key = v.key
",
};

const WANTED: &[(&str, Kind)] =
    &[("organisation", Kind::Text), ("register", Kind::Text), ("key", Kind::Text)];

const SAVE: &str = "\
INSERT INTO records (organisation, register, key, revision, data, search)
SELECT organisation, register, key, 1, data, search FROM {rows} WHERE true
    ON CONFLICT (organisation, register, key) DO UPDATE
   SET data = excluded.data, search = excluded.search, revision = records.revision + 1";

const SEED: &str = "\
INSERT INTO records (organisation, register, key, revision, data, search)
SELECT organisation, register, key, 1, data, search FROM {rows} WHERE true
    ON CONFLICT (organisation, register, key) DO NOTHING";

const COLUMNS: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("register", Kind::Text),
    ("key", Kind::Text),
    ("data", Kind::Text),
    ("search", Kind::Text),
];

/// Organisation, register and key.
pub(crate) type RecordKey = (String, String, String);

impl Store {
    pub async fn record(
        &self,
        organisation: &str,
        register: &str,
        key: &str,
    ) -> Result<Option<Map>, Error> {
        let row = query(RECORD)
            .bind(organisation)
            .bind(register)
            .bind(key)
            .fetch_optional(&mut self.reader().await?.on())
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
        let rows = query(SEARCH)
            .bind(organisation)
            .bind(register)
            .bind(search::words(search))
            .bind(limit)
            .fetch_all(&mut self.reader().await?.on())
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
        let mut keys = Rows::of(WANTED);
        for (organisation, register, key) in wanted {
            keys.push([organisation.into(), register.into(), key.into()]);
        }
        self.lock_records(wanted).await?;
        let rows = keys.fetch_all(SEVERAL, &mut self.on()).await?;
        let from_row = |row| {
            let key = (get(row, "organisation")?, get(row, "register")?, get(row, "key")?);
            Ok((key, json(row, "data")?))
        };
        rows.iter().map(from_row).collect()
    }

    /// Until the end of the transaction. SQLite's has the database for itself.
    async fn lock_records(&mut self, wanted: &BTreeSet<RecordKey>) -> Result<(), Error> {
        let mut names = Rows::of(WANTED);
        for (organisation, register, key) in wanted {
            names.push([organisation.into(), register.into(), key.into()]);
        }
        if self.on().dialect() == Dialect::Postgres {
            names.fetch_all(LOCK, &mut self.on()).await?;
        }
        Ok(())
    }

    /// Adds the rows whose keys are not there yet: (register, key, row).
    pub(crate) async fn seed_records(
        &mut self,
        organisation: &str,
        seeds: &[(String, String, Map)],
    ) -> Result<(), Error> {
        let names = seeds
            .iter()
            .map(|(register, key, _)| (organisation.to_owned(), register.clone(), key.clone()));
        self.lock_records(&names.collect()).await?;
        let mut rows = Rows::of(COLUMNS);
        for (register, key, row) in seeds {
            push(&mut rows, organisation, register, key, row)?;
        }
        rows.execute(SEED, &mut self.on()).await?;
        Ok(())
    }
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) -> Result<(), Error> {
    // Of two saves of one row the later one stays: PostgreSQL writes none twice in one statement.
    let mut saved: BTreeMap<(&str, &str, &str), &Map> = BTreeMap::new();
    for change in changes {
        for record in change.records {
            if let Entry::RecordSaved { register, key, row } = &record.entry {
                saved.insert((change.organisation, register, key), row);
            }
        }
    }
    let mut rows = Rows::of(COLUMNS);
    for ((organisation, register, key), row) in saved {
        push(&mut rows, organisation, register, key, row)?;
    }
    script.add(SAVE, rows);
    Ok(())
}

fn push<'a>(
    rows: &mut Rows<'a>,
    organisation: &'a str,
    register: &'a str,
    key: &'a str,
    row: &Map,
) -> Result<(), Error> {
    let values: Vec<String> = row.values().map(Value::to_string).collect();
    let search = search::fold(&values.join(" "));
    rows.push([
        organisation.into(),
        register.into(),
        key.into(),
        to_json(row)?.into(),
        search.into(),
    ]);
    Ok(())
}
