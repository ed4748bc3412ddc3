//! Timers: one row each, from the moment that it is set until it has fired or is no longer wanted.
//!
//! The row is the timer, and there is nothing else that could get lost: whoever fires it reads the
//! row, and the same transaction that writes what came of it removes the row. A server that is about
//! to fire some *leases* them for a while, so that the others leave them alone; when it dies, the
//! lease ends and somebody else takes them. Fired twice all the same, a timer takes effect once: the
//! engine looks at the case.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::columns::{case_id, get, instant};
use super::sql::{Kind, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Snapshot, Store};

/// A timer that is due: its case, and the number of its watch there.
pub(crate) type Due = (CaseId, u32);

const SET: &str = "\
INSERT INTO timers (case_id, watch, fires_at, leased_until)
SELECT case_id, watch, fires_at, 0 FROM {rows}";

const COLUMNS: &[(&str, Kind)] =
    &[("case_id", Kind::Id), ("watch", Kind::Int), ("fires_at", Kind::Int)];

// SQLite has no DELETE … USING.
const REMOVE: Text = Text {
    sqlite: "DELETE FROM timers WHERE (case_id, watch) IN (SELECT v.case_id, v.watch FROM {rows})",
    postgres: "\
DELETE FROM timers USING {rows} WHERE timers.case_id = v.case_id AND timers.watch = v.watch",
};

const REMOVED: &[(&str, Kind)] = &[("case_id", Kind::Id), ("watch", Kind::Int)];

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE timers SET leased_until = $2
 WHERE (case_id, watch) IN (SELECT case_id, watch FROM timers
                            WHERE fires_at <= $1 AND leased_until <= $1
                            ORDER BY fires_at LIMIT $3)
RETURNING case_id, fires_at, watch",
    postgres: "\
UPDATE timers SET leased_until = $2
  FROM (SELECT case_id, watch FROM timers WHERE fires_at <= $1 AND leased_until <= $1
         ORDER BY fires_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE timers.case_id = due.case_id AND timers.watch = due.watch
RETURNING timers.case_id, timers.fires_at, timers.watch",
};

const REFUSE: &str = "\
UPDATE timers SET leased_until = $3, problem = $4, problem_since = coalesce(problem_since, $5)
 WHERE case_id = $1 AND watch = $2";

const OF_CASE: &str = "SELECT watch, fires_at FROM timers WHERE case_id = $1 ORDER BY watch";

impl Store {
    /// Up to `limit` timers that are due `now` and that nobody has leased, leased for so long. Those of a case
    /// stand together, in the order in which they are to be fired.
    pub(crate) async fn lease_timers(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Due>, Error> {
        let rows = self.lease_alone(LEASE, now, lease, limit).await?;
        let of =
            |row| Ok((case_id(row, "case_id")?, instant(row, "fires_at")?, get(row, "watch")?));
        let mut due = rows.iter().map(of).collect::<Result<Vec<(CaseId, _, _)>, Error>>()?;
        // Rows of an update come in any order.
        due.sort_unstable();
        Ok(due.into_iter().map(|(case, _, watch)| (case, watch)).collect())
    }

    /// One that is due was refused, for this reason: it is left alone until then.
    pub(crate) async fn refuse_timer(
        &self,
        (case, watch): &Due,
        problem: &str,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        let refused = || {
            let query = query(REFUSE).bind(case).bind(*watch).bind(until.as_microsecond());
            query.bind(problem).bind(now.as_microsecond())
        };
        self.write_alone(refused).await.map(|_| ())
    }
}

impl Snapshot {
    /// When each watch of a case fires.
    pub(crate) async fn timers(&mut self, id: &CaseId) -> Result<BTreeMap<u32, Timestamp>, Error> {
        let rows = query(OF_CASE).bind(id).fetch_all(&mut self.on()).await?;
        rows.iter().map(|row| Ok((get(row, "watch")?, instant(row, "fires_at")?))).collect()
    }
}

/// One that is set and over in the same breath never gets a row.
pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let (mut set, mut removed) = (Rows::of(COLUMNS), Rows::of(REMOVED));
    for change in changes {
        let before: BTreeMap<u32, Timestamp> =
            change.before.map(|before| before.state.timers().collect()).unwrap_or_default();
        let after: BTreeMap<u32, Timestamp> = change.after.timers().collect();
        for (watch, fires_at) in &before {
            if after.get(watch) != Some(fires_at) {
                removed.push([change.case.into(), (*watch).into()]);
            }
        }
        for (watch, fires_at) in &after {
            if before.get(watch) != Some(fires_at) {
                let fires_at = fires_at.as_microsecond();
                set.push([change.case.into(), (*watch).into(), fires_at.into()]);
            }
        }
    }
    script.add(REMOVE, removed);
    script.add(SET, set);
}
