//! Schedules: when the next case of a procedure begins by itself, and when the next report is made.
//!
//! One row for each procedure or report that says so, from the moment it is published. Like a timer it is
//! leased by the server that is about to see to it; unlike one it stays and moves on to its next time.
//! That a case is started once for each occurrence is the business of its idempotency key, that a report is
//! made once that of its row.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::columns::{get, instant, name};
use super::sql::{Query, Row, Text, query};
use super::{Error, Store, Writing};

/// What comes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleKind {
    Case,
    Report,
}

impl ScheduleKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Report => "report",
        }
    }
}

/// A schedule as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScheduleRow {
    pub(crate) organisation: String,
    pub(crate) kind: ScheduleKind,
    /// Of the procedure, whose newest version begins, or of the report.
    pub(crate) name: String,
    /// As it is written there.
    pub(crate) recurrence: String,
    /// What came until then has been seen to.
    pub(crate) after_at: Timestamp,
    pub(crate) next_at: Timestamp,
}

const OF_ORGANISATION: &str = "\
SELECT organisation, kind, name, recurrence, after_at, next_at FROM schedules
 WHERE organisation = $1 ORDER BY kind, name LIMIT 1000";

const SAVE: &str = "\
INSERT INTO schedules
       (organisation, kind, name, recurrence, after_at, next_at, leased_until)
VALUES ($1, $2, $3, $4, $5, $6, 0)
ON CONFLICT (organisation, kind, name) DO UPDATE
   SET recurrence = $4, after_at = $5, next_at = $6, leased_until = 0, problem = NULL,
       problem_since = NULL";

const REMOVE: &str = "DELETE FROM schedules WHERE organisation = $1 AND kind = $2 AND name = $3";

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE schedules SET leased_until = $2
 WHERE (organisation, kind, name) IN (SELECT organisation, kind, name FROM schedules
                                       WHERE next_at <= $1 AND leased_until <= $1
                                       ORDER BY next_at LIMIT $3)
RETURNING organisation, kind, name, recurrence, after_at, next_at",
    postgres: "\
UPDATE schedules AS s SET leased_until = $2
  FROM (SELECT organisation, kind, name FROM schedules WHERE next_at <= $1 AND leased_until <= $1
         ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE s.organisation = due.organisation AND s.kind = due.kind AND s.name = due.name
RETURNING s.organisation, s.kind, s.name, s.recurrence, s.after_at, s.next_at",
};

// Whoever published another schedule meanwhile has set the times anew.
const MOVE_ON: &str = "\
UPDATE schedules SET after_at = $6, next_at = $7, leased_until = 0, problem = NULL,
       problem_since = NULL
 WHERE organisation = $1 AND kind = $2 AND name = $3 AND recurrence = $4 AND next_at = $5";

const REFUSE: &str = "\
UPDATE schedules SET leased_until = $6, problem = $7, problem_since = coalesce(problem_since, $8)
 WHERE organisation = $1 AND kind = $2 AND name = $3 AND recurrence = $4 AND next_at = $5";

impl Store {
    /// Up to `limit` schedules whose time has come `now` and that nobody has leased, leased for so long.
    pub(crate) async fn lease_schedules(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>, Error> {
        let rows = self.lease_alone(LEASE, now, lease, limit).await?;
        rows.iter().map(from_row).collect()
    }

    /// What came until `after` has been seen to; the lease ends.
    pub(crate) async fn move_schedule_on(
        &self,
        row: &ScheduleRow,
        after: Timestamp,
        next: Timestamp,
    ) -> Result<(), Error> {
        let moved = || {
            let statement = of(MOVE_ON, row).bind(after.as_microsecond());
            statement.bind(next.as_microsecond())
        };
        self.write_alone(moved).await.map(|_| ())
    }

    /// Nothing came of it, for this reason: nobody looks at it until then.
    pub(crate) async fn refuse_schedule(
        &self,
        row: &ScheduleRow,
        problem: &str,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        let refused = || {
            let statement = of(REFUSE, row).bind(until.as_microsecond()).bind(problem);
            statement.bind(now.as_microsecond())
        };
        self.write_alone(refused).await.map(|_| ())
    }

    #[cfg(test)]
    pub(crate) async fn schedules(&self, organisation: &str) -> Result<Vec<ScheduleRow>, Error> {
        let query = query(OF_ORGANISATION).bind(organisation);
        query.fetch_all(&mut self.reader().await?.on()).await?.iter().map(from_row).collect()
    }
}

impl Writing {
    pub(crate) async fn schedules(
        &mut self,
        organisation: &str,
    ) -> Result<Vec<ScheduleRow>, Error> {
        let rows = query(OF_ORGANISATION).bind(organisation).fetch_all(&mut self.on()).await?;
        rows.iter().map(from_row).collect()
    }

    pub(crate) async fn save_schedule(&mut self, row: &ScheduleRow) -> Result<(), Error> {
        query(SAVE)
            .bind(&row.organisation)
            .bind(row.kind.name())
            .bind(&row.name)
            .bind(&row.recurrence)
            .bind(row.after_at.as_microsecond())
            .bind(row.next_at.as_microsecond())
            .execute(&mut self.on())
            .await?;
        Ok(())
    }

    pub(crate) async fn remove_schedule(&mut self, row: &ScheduleRow) -> Result<(), Error> {
        let statement = query(REMOVE).bind(&row.organisation).bind(row.kind.name()).bind(&row.name);
        statement.execute(&mut self.on()).await?;
        Ok(())
    }
}

/// A statement about a schedule as it was when it was leased.
fn of<'q>(text: &'static str, row: &'q ScheduleRow) -> Query<'q> {
    query(text)
        .bind(&row.organisation)
        .bind(row.kind.name())
        .bind(&row.name)
        .bind(&row.recurrence)
        .bind(row.next_at.as_microsecond())
}

pub(super) fn from_row(row: &Row) -> Result<ScheduleRow, Error> {
    Ok(ScheduleRow {
        organisation: get(row, "organisation")?,
        kind: name(row, "kind")?,
        name: get(row, "name")?,
        recurrence: get(row, "recurrence")?,
        after_at: instant(row, "after_at")?,
        next_at: instant(row, "next_at")?,
    })
}
