//! Questions about the database as a whole, for `doctor`.

use sqlx::Row;

use super::cases::case_id;
use super::columns::get;
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

/// A row that a case saved and that is gone. What is not JSON is told of where its journal is read.
const LOST_RECORDS: &str = "\
WITH saved AS (
    SELECT DISTINCT case_id, CASE WHEN json_valid(body) THEN body ->> 'register' END AS register,
                    CASE WHEN json_valid(body) THEN body ->> 'key' END AS key
      FROM entries WHERE kind = 'record_saved')
SELECT c.id, c.number, s.register, s.key
  FROM saved AS s JOIN cases AS c ON c.id = s.case_id
  LEFT JOIN records AS r ON r.organisation = c.organisation AND r.register = s.register
                        AND r.key = s.key
 WHERE s.key IS NOT NULL AND r.key IS NULL LIMIT 100";

/// Entries whose column `kind` is not what they are.
const MISNAMED: &str = "\
SELECT c.id, c.number, e.seq, e.kind FROM entries AS e JOIN cases AS c ON c.id = e.case_id
 WHERE e.kind <> CASE WHEN json_valid(e.body) THEN e.body ->> 'entry' ELSE e.kind END LIMIT 100";

/// Rows that lists and counters would look for in vain: their organisation is not that of their
/// case.
const STRAYED: &str = "\
SELECT c.id, c.number, s.place
  FROM (SELECT case_id, organisation, 'tasks' AS place FROM tasks
         UNION SELECT case_id, organisation, 'documents' FROM documents
         UNION SELECT case_id, organisation, 'assigned_numbers' FROM assigned_numbers) AS s
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
        let rows = sqlx::query(AFTER)
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(limit)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|row| Ok((case_id(row, "id")?, get(row, "number")?))).collect()
    }
}

impl Snapshot {
    /// What SQLite itself finds: broken pages, broken constraints, rows whose case is gone.
    pub(crate) async fn broken(&mut self) -> Result<Vec<String>, Error> {
        let mut found: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check(100)").fetch_all(self.on()).await?;
        found.retain(|line| line != "ok");
        let rows = sqlx::query("PRAGMA foreign_key_check").fetch_all(self.on()).await?;
        for row in rows.iter().take(100) {
            let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
            found.push(format!("a row of `{table}` belongs to nothing in `{parent}`"));
        }
        Ok(found)
    }

    /// Files that are no longer those that were published.
    pub(crate) async fn changed_bundles(&mut self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut hash = String::new();
        // One at a time: a bundle may have megabytes.
        loop {
            let query = sqlx::query(BUNDLE_AFTER).bind(&hash);
            let Some(row) = query.fetch_optional(self.on()).await? else { return Ok(found) };
            hash = get(&row, "hash")?;
            if Bundle::hash_of(get(&row, "files")?) != hash {
                found.push(format!("the published files {hash} have been changed"));
            }
        }
    }

    /// Series that are not gapless, in words.
    pub(crate) async fn gaps(&mut self) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(GAPS).fetch_all(self.on()).await?;
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
        for row in &sqlx::query(LOST_RECORDS).fetch_all(self.on()).await? {
            let (register, key): (String, String) = (get(row, "register")?, get(row, "key")?);
            let what = format!("the row `{key}` that it saved in `{register}` is gone");
            found.push((case_id(row, "id")?, get(row, "number")?, what));
        }
        for row in &sqlx::query(MISNAMED).fetch_all(self.on()).await? {
            let (seq, kind): (u32, String) = (get(row, "seq")?, get(row, "kind")?);
            let what = format!("entry {seq} says `{kind}` of itself and is something else");
            found.push((case_id(row, "id")?, get(row, "number")?, what));
        }
        for row in &sqlx::query(STRAYED).fetch_all(self.on()).await? {
            let place: String = get(row, "place")?;
            let what = format!("a row of `{place}` belongs to another organisation");
            found.push((case_id(row, "id")?, get(row, "number")?, what));
        }
        Ok(found)
    }
}
