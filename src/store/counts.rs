//! How many tasks are open, by procedure, step and role: kept with every step, so that showing the
//! count costs nothing. The doctor compares them with the tasks.

use std::collections::BTreeMap;

use super::columns::get;
use super::sql::{Dialect, Kind, Rows, Script, query};
use super::{Change, Error, Snapshot, Store, TaskRow};

/// Organisation, procedure, step and role, with what is to be added.
pub(super) type Deltas = BTreeMap<(String, String, String, String), i64>;

/// Open tasks of a role at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCount {
    pub procedure: String,
    pub step: String,
    pub role: String,
    pub open: i64,
}

/// Rows that a count is spread over on PostgreSQL: so many transactions can change it at once.
const SHARDS: u8 = 8;

const ADD: &str = "\
INSERT INTO open_counts (organisation, procedure, step, role, shard, open)
SELECT organisation, procedure, step, role, shard, open FROM {rows} WHERE true
    ON CONFLICT (organisation, procedure, step, role, shard)
    DO UPDATE SET open = open_counts.open + excluded.open";

const COLUMNS: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("procedure", Kind::Text),
    ("step", Kind::Text),
    ("role", Kind::Text),
    ("shard", Kind::Int),
    ("open", Kind::Int),
];

const OF_ORGANISATION: &str = "\
SELECT procedure, step, role, CAST(sum(open) AS BIGINT) AS open FROM open_counts
 WHERE organisation = $1 GROUP BY procedure, step, role HAVING sum(open) <> 0
 ORDER BY procedure, step, role LIMIT 10000";

const WRONG: &str = "\
SELECT coalesce(c.organisation, t.organisation) AS organisation,
       coalesce(c.procedure, t.procedure) AS procedure, coalesce(c.step, t.step) AS step,
       coalesce(c.role, t.role) AS role, CAST(coalesce(c.open, 0) AS BIGINT) AS counted,
       coalesce(t.open, 0) AS open
  FROM (SELECT organisation, procedure, step, role, sum(open) AS open FROM open_counts
         GROUP BY organisation, procedure, step, role) AS c
  FULL JOIN (SELECT organisation, procedure, step, role, count(*) AS open FROM tasks
              WHERE closed_at IS NULL GROUP BY organisation, procedure, step, role) AS t
    ON t.organisation = c.organisation AND t.procedure = c.procedure AND t.step = c.step
   AND t.role = c.role
 WHERE coalesce(c.open, 0) <> coalesce(t.open, 0) ORDER BY 1, 2, 3, 4 LIMIT 100";

impl Store {
    /// How many tasks are open, where there are any.
    pub async fn open_counts(&self, organisation: &str) -> Result<Vec<OpenCount>, Error> {
        let query = query(OF_ORGANISATION).bind(organisation);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        let from_row = |row| {
            Ok(OpenCount {
                procedure: get(row, "procedure")?,
                step: get(row, "step")?,
                role: get(row, "role")?,
                open: get(row, "open")?,
            })
        };
        rows.iter().map(from_row).collect()
    }
}

impl Snapshot {
    /// Counts that are not those of the tasks, in words.
    pub(crate) async fn miscounted(&mut self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for row in &query(WRONG).fetch_all(&mut self.on()).await? {
            let of: (&str, &str, &str, &str) = (
                get(row, "organisation")?,
                get(row, "procedure")?,
                get(row, "step")?,
                get(row, "role")?,
            );
            let (counted, open): (i64, i64) = (get(row, "counted")?, get(row, "open")?);
            found.push(format!(
                "{open} tasks are open at step {} of `{}/{}` for `{}`, and {counted} are counted",
                of.2, of.0, of.1, of.3
            ));
        }
        Ok(found)
    }
}

pub(super) fn add(deltas: &mut Deltas, change: &Change<'_>, row: &TaskRow, by: i64) {
    if by != 0 {
        let procedure = change.after.procedure.clone();
        let key = (change.organisation.to_owned(), procedure, row.step.clone(), row.role.clone());
        *deltas.entry(key).or_default() += by;
    }
}

/// In the order of the keys, so that two transactions on one shard don't wait for each other in turn.
pub(super) fn write<'a>(
    script: &mut Script<'a>,
    dialect: Dialect,
    deltas: Deltas,
    changes: &[Change<'a>],
) {
    let shard = match (dialect, changes.first()) {
        // The last byte of an id is chance.
        (Dialect::Postgres, Some(change)) => change.case.0.as_bytes()[15] % SHARDS,
        _ => 0,
    };
    let mut rows = Rows::of(COLUMNS);
    for ((organisation, procedure, step, role), by) in deltas {
        if by != 0 {
            let shard = i64::from(shard);
            rows.push([
                organisation.into(),
                procedure.into(),
                step.into(),
                role.into(),
                shard.into(),
                by.into(),
            ]);
        }
    }
    script.add(ADD, rows);
}
