//! Schedules: when the next case of a procedure begins by itself.
//!
//! One row for each procedure that says so, from the moment it is published. Like a timer it is leased by
//! the server that is about to start the case; unlike one it stays and moves on to its next time.
//! That a case is started once for each occurrence is the business of its idempotency key.

use jiff::{SignedDuration, Timestamp};

use super::columns::{get, instant};
use super::sql::{Row, Text, query};
use super::{Error, Store, Writing};

/// A schedule as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScheduleRow {
    pub(crate) organisation: String,
    pub(crate) procedure: String,
    /// The version that says when; cases begin on the newest.
    pub(crate) version: u32,
    /// As it is written there.
    pub(crate) recurrence: String,
    /// What came until then has been seen to.
    pub(crate) after_at: Timestamp,
    pub(crate) next_at: Timestamp,
}

const OF_ORGANISATION: &str = "\
SELECT organisation, procedure, version, recurrence, after_at, next_at FROM schedules
 WHERE organisation = $1 ORDER BY procedure LIMIT 1000";

const SAVE: &str = "\
INSERT INTO schedules
       (organisation, procedure, version, recurrence, after_at, next_at, leased_until)
VALUES ($1, $2, $3, $4, $5, $6, 0)
ON CONFLICT (organisation, procedure) DO UPDATE
   SET version = $3, recurrence = $4, after_at = $5, next_at = $6, leased_until = 0";

const REMOVE: &str = "DELETE FROM schedules WHERE organisation = $1 AND procedure = $2";

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE schedules SET leased_until = $2
 WHERE (organisation, procedure) IN (SELECT organisation, procedure FROM schedules
                                      WHERE next_at <= $1 AND leased_until <= $1
                                      ORDER BY next_at LIMIT $3)
RETURNING organisation, procedure, version, recurrence, after_at, next_at",
    postgres: "\
UPDATE schedules AS s SET leased_until = $2
  FROM (SELECT organisation, procedure FROM schedules WHERE next_at <= $1 AND leased_until <= $1
         ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE s.organisation = due.organisation AND s.procedure = due.procedure
RETURNING s.organisation, s.procedure, s.version, s.recurrence, s.after_at, s.next_at",
};

// Whoever published another version meanwhile has set the times anew.
const MOVE_ON: &str = "\
UPDATE schedules SET after_at = $5, next_at = $6, leased_until = 0
 WHERE organisation = $1 AND procedure = $2 AND version = $3 AND next_at = $4";

const HOLD: &str = "\
UPDATE schedules SET leased_until = $5
 WHERE organisation = $1 AND procedure = $2 AND version = $3 AND next_at = $4";

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
        self.update(MOVE_ON, row, &[after.as_microsecond(), next.as_microsecond()]).await
    }

    /// Nobody looks at it until then.
    pub(crate) async fn hold_schedule(
        &self,
        row: &ScheduleRow,
        until: Timestamp,
    ) -> Result<(), Error> {
        self.update(HOLD, row, &[until.as_microsecond()]).await
    }

    async fn update(
        &self,
        text: &'static str,
        row: &ScheduleRow,
        values: &[i64],
    ) -> Result<(), Error> {
        let statement = || {
            let statement = query(text)
                .bind(&row.organisation)
                .bind(&row.procedure)
                .bind(row.version)
                .bind(row.next_at.as_microsecond());
            values.iter().fold(statement, |statement, value| statement.bind(*value))
        };
        self.write_alone(statement).await.map(|_| ())
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
            .bind(&row.procedure)
            .bind(row.version)
            .bind(&row.recurrence)
            .bind(row.after_at.as_microsecond())
            .bind(row.next_at.as_microsecond())
            .execute(&mut self.on())
            .await?;
        Ok(())
    }

    pub(crate) async fn remove_schedule(
        &mut self,
        organisation: &str,
        procedure: &str,
    ) -> Result<(), Error> {
        query(REMOVE).bind(organisation).bind(procedure).execute(&mut self.on()).await?;
        Ok(())
    }
}

fn from_row(row: &Row) -> Result<ScheduleRow, Error> {
    Ok(ScheduleRow {
        organisation: get(row, "organisation")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        recurrence: get(row, "recurrence")?,
        after_at: instant(row, "after_at")?,
        next_at: instant(row, "next_at")?,
    })
}
