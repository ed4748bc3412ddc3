//! Questions about the database as a whole, for `doctor`.

use std::collections::BTreeSet;

use super::columns::{case_id, get};
use super::sql::{Dialect, Kind, Rows, Text, query};
use super::{Bundle, CaseId, Error, Snapshot, Store};

const AFTER: &str = "SELECT id, number FROM cases WHERE id > $1 ORDER BY id LIMIT $2";

/// A counter and its numbers disagree: one missing, one too many, or a counter set by hand.
const GAPS: &str = "\
SELECT coalesce(s.organisation, n.organisation) AS organisation,
       coalesce(s.series, n.series) AS series, coalesce(s.year, n.year) AS year,
       s.last, n.given, n.first, n.final
  FROM series AS s
  FULL JOIN (SELECT organisation, series, year, count(*) AS given, min(counter) AS first,
                    max(counter) AS final
               FROM assigned_numbers GROUP BY organisation, series, year) AS n
    ON n.organisation = s.organisation AND n.series = s.series AND n.year = s.year
 WHERE n.given IS NULL OR s.last IS NULL OR s.last <> n.final OR n.given <> n.final - n.first + 1
 ORDER BY 1, 2, 3 LIMIT 100";

const KNOWN_RECORDS: &str = "\
SELECT r.register, r.key FROM {rows} CROSS JOIN records AS r
 WHERE r.organisation = v.organisation AND r.register = v.register AND r.key = v.key";

const WANTED: &[(&str, Kind)] =
    &[("organisation", Kind::Text), ("register", Kind::Text), ("key", Kind::Text)];

/// Rows whose case is gone. SQLite is asked itself (`foreign_key_check`) where it has foreign keys;
/// PostgreSQL has none on what is written with every step. The numbers and movements of an archived case stay.
const ORPHANS: Text = Text {
    sqlite: "\
SELECT DISTINCT o.place
  FROM (SELECT case_id, 'case_words' AS place FROM case_words
         UNION SELECT case_id, 'assigned_numbers' FROM assigned_numbers
         UNION SELECT case_id, 'movements' FROM movements) AS o
 WHERE NOT EXISTS (SELECT 1 FROM cases AS c WHERE c.id = o.case_id)
   AND (o.place NOT IN ('assigned_numbers', 'movements')
        OR NOT EXISTS (SELECT 1 FROM archived AS a WHERE a.case_id = o.case_id))
 ORDER BY 1",
    postgres: "\
SELECT DISTINCT o.place
  FROM (SELECT case_id, 'entries' AS place FROM entries
         UNION SELECT case_id, 'tasks' FROM tasks
         UNION SELECT case_id, 'case_words' FROM case_words
         UNION SELECT case_id, 'documents' FROM documents
         UNION SELECT case_id, 'assigned_numbers' FROM assigned_numbers
         UNION SELECT case_id, 'movements' FROM movements
         UNION SELECT case_id, 'timers' FROM timers
         UNION SELECT case_id, 'subscriptions' FROM subscriptions
         UNION SELECT case_id, 'locks' FROM locks
         UNION SELECT case_id, 'notices' FROM notices
         UNION SELECT case_id, 'jobs' FROM jobs
         UNION SELECT case_id, 'commands' FROM commands) AS o
 WHERE NOT EXISTS (SELECT 1 FROM cases AS c WHERE c.id = o.case_id)
   AND (o.place NOT IN ('assigned_numbers', 'movements')
        OR NOT EXISTS (SELECT 1 FROM archived AS a WHERE a.case_id = o.case_id))
 ORDER BY 1",
};

/// Rows that lists and counters would look for in vain: their organisation is not that of their
/// case.
const STRAYED: &str = "\
SELECT c.id, c.number, s.place
  FROM (SELECT case_id, organisation, 'tasks' AS place FROM tasks
         UNION SELECT case_id, organisation, 'jobs' FROM jobs
         UNION SELECT case_id, organisation, 'locks' FROM locks
         UNION SELECT case_id, organisation, 'documents' FROM documents
         UNION SELECT case_id, organisation, 'assigned_numbers' FROM assigned_numbers
         UNION SELECT case_id, organisation, 'movements' FROM movements) AS s
  JOIN cases AS c ON c.id = s.case_id WHERE c.organisation <> s.organisation LIMIT 100";

const BUNDLE_AFTER: &str = "\
SELECT hash, files FROM bundles WHERE hash > $1 ORDER BY hash LIMIT 1";

/// A case, its number, and what is wrong with it.
pub(crate) type Wrong = (CaseId, String, String);

impl Store {
    /// Ids and numbers of all cases, page by page.
    pub(crate) async fn case_ids(
        &self,
        after: Option<CaseId>,
        limit: u32,
    ) -> Result<Vec<(CaseId, String)>, Error> {
        let after = after.unwrap_or(CaseId(uuid::Uuid::nil()));
        let query = query(AFTER).bind(after).bind(limit);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(|row| Ok((case_id(row, "id")?, get(row, "number")?))).collect()
    }
}

impl Snapshot {
    /// What the database itself finds: broken pages, broken constraints, rows whose case is gone.
    pub(crate) async fn broken(&mut self) -> Result<Vec<String>, Error> {
        let on = &mut self.on();
        let mut found = Vec::new();
        for row in &query(ORPHANS).fetch_all(on).await? {
            let table: &str = get(row, "place")?;
            found.push(format!("a row of `{table}` belongs to nothing in `cases`"));
        }
        if on.dialect() == Dialect::Postgres {
            return Ok(found);
        }
        for row in &query("PRAGMA integrity_check(100)").fetch_all(on).await? {
            let line: String = get(row, "integrity_check")?;
            if line != "ok" {
                found.push(line);
            }
        }
        for row in query("PRAGMA foreign_key_check").fetch_all(on).await?.iter().take(100) {
            let (table, parent): (String, String) = (get(row, "table")?, get(row, "parent")?);
            found.push(format!("a row of `{table}` belongs to nothing in `{parent}`"));
        }
        Ok(found)
    }

    /// Of the rows that a case saved, those that are gone: (register, key).
    pub(crate) async fn lost_records(
        &mut self,
        organisation: &str,
        saved: BTreeSet<(&str, &str)>,
    ) -> Result<Vec<(String, String)>, Error> {
        let mut rows = Rows::of(WANTED);
        for (register, key) in &saved {
            rows.push([organisation.into(), (*register).into(), (*key).into()]);
        }
        let mut lost: BTreeSet<(String, String)> =
            saved.iter().map(|(register, key)| ((*register).into(), (*key).into())).collect();
        for row in &rows.fetch_all(KNOWN_RECORDS, &mut self.on()).await? {
            lost.remove(&(get(row, "register")?, get(row, "key")?));
        }
        Ok(lost.into_iter().collect())
    }

    /// Files that are no longer those that were published.
    pub(crate) async fn changed_bundles(&mut self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut hash = String::new();
        // One at a time: a bundle may have megabytes.
        loop {
            let query = query(BUNDLE_AFTER).bind(&hash);
            let Some(row) = query.fetch_optional(&mut self.on()).await? else { return Ok(found) };
            hash = get(&row, "hash")?;
            if Bundle::hash_of(get(&row, "files")?) != hash {
                found.push(format!("the published files {hash} have been changed"));
            }
        }
    }

    /// Series that are not gapless, in words.
    pub(crate) async fn gaps(&mut self) -> Result<Vec<String>, Error> {
        let rows = query(GAPS).fetch_all(&mut self.on()).await?;
        let mut found = Vec::new();
        for row in &rows {
            let place: (String, String, i64) =
                (get(row, "organisation")?, get(row, "series")?, get(row, "year")?);
            let last: Option<i64> = get(row, "last")?;
            let given: Option<i64> = get(row, "given")?;
            let (first, end): (Option<i64>, Option<i64>) = (get(row, "first")?, get(row, "final")?);
            let shown = |number: Option<i64>| number.map_or("none".to_owned(), |n| n.to_string());
            found.push(format!(
                "series `{}` of `{}` in {}: the counter stands at {}, and {} numbers from {} to {} \
                 were given",
                place.1,
                place.0,
                place.2,
                shown(last),
                given.unwrap_or_default(),
                shown(first),
                shown(end),
            ));
        }
        Ok(found)
    }

    /// What only shows when the tables are compared as a whole.
    pub(crate) async fn strays(&mut self) -> Result<Vec<Wrong>, Error> {
        let mut found = Vec::new();
        for row in &query(STRAYED).fetch_all(&mut self.on()).await? {
            let place: String = get(row, "place")?;
            let what = format!("a row of `{place}` belongs to another organisation");
            found.push((case_id(row, "id")?, get(row, "number")?, what));
        }
        found.extend(super::archive::unsound(&mut self.on()).await?);
        Ok(found)
    }
}
