//! Timers: one row each, from the moment that it is set until it has fired or is no longer wanted.
//!
//! The row is the timer, and there is nothing else that could get lost: whoever fires it reads the
//! row, and the same transaction that writes what came of it removes the row. A server that is about
//! to fire some *leases* them for a while, so that the others leave them alone; when it dies, the
//! lease ends and somebody else takes them. Fired twice all the same, a timer takes effect once: the
//! engine looks at the case.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::columns::{case_id, get, instant};
use super::sql::{Kind, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Snapshot, Store};
use crate::engine::Entry;

/// A timer that is due: its case, its task.
pub(crate) type Due = (CaseId, u32);

const SET: &str = "\
INSERT INTO timers (case_id, task, fires_at, leased_until)
SELECT case_id, task, fires_at, 0 FROM {rows}";

const COLUMNS: &[(&str, Kind)] =
    &[("case_id", Kind::Id), ("task", Kind::Int), ("fires_at", Kind::Int)];

// SQLite has no DELETE … USING.
const REMOVE: Text = Text {
    sqlite: "DELETE FROM timers WHERE (case_id, task) IN (SELECT v.case_id, v.task FROM {rows})",
    postgres: "\
DELETE FROM timers USING {rows} WHERE timers.case_id = v.case_id AND timers.task = v.task",
};

const REMOVED: &[(&str, Kind)] = &[("case_id", Kind::Id), ("task", Kind::Int)];

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE timers SET leased_until = $2
 WHERE (case_id, task) IN (SELECT case_id, task FROM timers
                            WHERE fires_at <= $1 AND leased_until <= $1
                            ORDER BY fires_at LIMIT $3)
RETURNING case_id, task",
    postgres: "\
UPDATE timers SET leased_until = $2
  FROM (SELECT case_id, task FROM timers WHERE fires_at <= $1 AND leased_until <= $1
         ORDER BY fires_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE timers.case_id = due.case_id AND timers.task = due.task
RETURNING timers.case_id, timers.task",
};

const OF_CASE: &str = "SELECT task, fires_at FROM timers WHERE case_id = $1 ORDER BY task";

impl Store {
    /// Up to `limit` timers that are due `now` and that nobody has leased, leased for so long.
    pub(crate) async fn lease_timers(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Due>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let statement =
            || query(LEASE).bind(now.as_microsecond()).bind(until.as_microsecond()).bind(limit);
        let mut again = Again::default();
        let rows = loop {
            let done = statement().fetch_all(&mut self.writer().await?.on()).await;
            if !again.is_worth_it(&done).await {
                break done?;
            }
        };
        rows.iter().map(|row| Ok((case_id(row, "case_id")?, get(row, "task")?))).collect()
    }
}

impl Snapshot {
    /// When each task's timer fires.
    pub(crate) async fn timers(&mut self, id: &CaseId) -> Result<BTreeMap<u32, Timestamp>, Error> {
        let rows = query(OF_CASE).bind(id).fetch_all(&mut self.on()).await?;
        rows.iter().map(|row| Ok((get(row, "task")?, instant(row, "fires_at")?))).collect()
    }
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let (mut set, mut removed) = (Rows::of(COLUMNS), Rows::of(REMOVED));
    for change in changes {
        let before = change.before.map(|before| &before.state.tasks);
        let had = |task: &u32| Some(before?.get(task)?.timer()?.as_microsecond());
        for entry in change.records.iter().map(|record| &record.entry) {
            match entry {
                Entry::TaskCompleted { task, .. }
                | Entry::TaskWithdrawn { task }
                | Entry::TaskOverdue { task }
                    if had(task).is_some() =>
                {
                    removed.push([change.case.into(), (*task).into()]);
                }
                // One that is closed in the same breath never gets a row.
                Entry::TaskOffered { task, .. } => {
                    let timer = change.after.tasks.get(task).and_then(|open| open.timer());
                    if let Some(fires_at) = timer {
                        let fires_at = fires_at.as_microsecond();
                        set.push([change.case.into(), (*task).into(), fires_at.into()]);
                    }
                }
                _ => {}
            }
        }
    }
    script.add(REMOVE, removed);
    script.add(SET, set);
}
