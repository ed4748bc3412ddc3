//! What was to come by itself and was refused: schedules, messages and timers with a problem, for the board.
//!
//! The problem stands in the row of the thing itself, and goes with it: what has come in the end is not
//! told any more.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::columns::{case_id, get, instant, name};
use super::sql::{Row, Text, query};
use super::{CaseId, Error, Posted, ScheduleKind, ScheduleRow, Store, messages, schedules};

/// Which thing it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Refused {
    /// The next case of a procedure, or the next of a report, by its name.
    Schedule {
        kind: ScheduleKind,
        name: String,
    },
    Message {
        sender: String,
        id: String,
    },
    Timer {
        case: CaseId,
        watch: u32,
    },
    /// A report that could not be made, and when it was due.
    Report {
        name: String,
        due_at: Timestamp,
    },
}

/// One of them, with what a list shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    pub what: Refused,
    /// Whose; of a report none.
    pub procedure: String,
    /// Why, as it was written down.
    pub problem: String,
    pub since: Timestamp,
    pub next_try: Timestamp,
    /// When it was to come; none for a message.
    pub due_at: Option<Timestamp>,
    /// The message's name and key.
    pub message: Option<(String, String)>,
    /// Whose timer it is: the case, its number and subject.
    pub case: Option<(CaseId, String, String)>,
}

/// Which are wanted.
#[derive(Debug, Clone, Copy)]
pub struct RefusedFilter<'a> {
    pub organisation: &'a str,
    pub procedures: &'a [String],
    pub reports: &'a [String],
    pub limit: u32,
}

const SCHEDULES: Text = Text {
    sqlite: "\
SELECT kind, name, next_at, problem, problem_since, leased_until FROM schedules
 WHERE organisation = $1 AND problem IS NOT NULL
   AND (kind = 'case' AND name IN (SELECT value FROM json_each($2))
     OR kind = 'report' AND name IN (SELECT value FROM json_each($3)))
 ORDER BY problem_since, kind, name LIMIT $4",
    postgres: "\
SELECT kind, name, next_at, problem, problem_since, leased_until FROM schedules
 WHERE organisation = $1 AND problem IS NOT NULL
   AND (kind = 'case' AND name = ANY ($2) OR kind = 'report' AND name = ANY ($3))
 ORDER BY problem_since, kind, name LIMIT $4",
};

const MESSAGES: Text = Text {
    sqlite: "\
SELECT sender, id, name, key, refused_by, problem, problem_since, leased_until FROM messages
 WHERE organisation = $1 AND problem IS NOT NULL AND delivered_at IS NULL
   AND refused_by IN (SELECT value FROM json_each($2))
 ORDER BY problem_since, sender, id LIMIT $3",
    postgres: "\
SELECT sender, id, name, key, refused_by, problem, problem_since, leased_until FROM messages
 WHERE organisation = $1 AND problem IS NOT NULL AND delivered_at IS NULL
   AND refused_by = ANY ($2)
 ORDER BY problem_since, sender, id LIMIT $3",
};

const TIMERS: Text = Text {
    sqlite: "\
SELECT t.case_id, t.watch, t.fires_at, t.problem, t.problem_since, t.leased_until, c.number,
       c.subject, c.procedure
  FROM timers AS t JOIN cases AS c ON c.id = t.case_id
 WHERE t.problem IS NOT NULL AND c.organisation = $1
   AND c.procedure IN (SELECT value FROM json_each($2))
 ORDER BY t.problem_since, t.case_id, t.watch LIMIT $3",
    postgres: "\
SELECT t.case_id, t.watch, t.fires_at, t.problem, t.problem_since, t.leased_until, c.number,
       c.subject, c.procedure
  FROM timers AS t JOIN cases AS c ON c.id = t.case_id
 WHERE t.problem IS NOT NULL AND c.organisation = $1 AND c.procedure = ANY ($2)
 ORDER BY t.problem_since, t.case_id, t.watch LIMIT $3",
};

const REPORTS: Text = Text {
    sqlite: "\
SELECT report, due_at, made_at, problem FROM made_reports
 WHERE organisation = $1 AND problem IS NOT NULL AND report IN (SELECT value FROM json_each($2))
 ORDER BY due_at, report LIMIT $3",
    postgres: "\
SELECT report, due_at, made_at, problem FROM made_reports
 WHERE organisation = $1 AND problem IS NOT NULL AND report = ANY ($2)
 ORDER BY due_at, report LIMIT $3",
};

const LEASE_SCHEDULE: &str = "\
UPDATE schedules SET leased_until = $5
 WHERE organisation = $1 AND kind = $2 AND name = $3 AND next_at <= $4 AND problem IS NOT NULL
RETURNING organisation, kind, name, recurrence, after_at, next_at";

const LEASE_MESSAGE: &str = "\
UPDATE messages SET leased_until = $4
 WHERE organisation = $1 AND sender = $2 AND id = $3 AND delivered_at IS NULL
   AND problem IS NOT NULL
RETURNING organisation, sender, id, name, key, contents, sent_by, sent_by_name, received_at";

const DROP_MESSAGE: &str = "\
UPDATE messages SET delivered_at = $4, dropped_by = $5
 WHERE organisation = $1 AND sender = $2 AND id = $3 AND delivered_at IS NULL
   AND problem IS NOT NULL";

impl Store {
    /// What was refused and has not come since, the oldest first.
    pub async fn refused(&self, filter: &RefusedFilter<'_>) -> Result<Vec<RefusedRow>, Error> {
        let procedures = filter.procedures.to_vec();
        let mut reader = self.reader().await?;
        let on = &mut reader.on();
        let of_schedules = query(SCHEDULES).bind(filter.organisation).bind(procedures.clone());
        let of_schedules = of_schedules.bind(filter.reports.to_vec()).bind(filter.limit);
        let of_schedules = of_schedules.fetch_all(on).await?;
        let of = |text| {
            let query = query(text).bind(filter.organisation).bind(procedures.clone());
            query.bind(filter.limit)
        };
        let of_messages = of(MESSAGES).fetch_all(on).await?;
        let of_timers = of(TIMERS).fetch_all(on).await?;
        let of_reports = query(REPORTS).bind(filter.organisation).bind(filter.reports.to_vec());
        let of_reports = of_reports.bind(filter.limit).fetch_all(on).await?;
        let mut rows = Vec::new();
        for row in &of_reports {
            rows.push(report(row)?);
        }
        for row in &of_schedules {
            rows.push(schedule(row)?);
        }
        for row in &of_messages {
            rows.push(message(row)?);
        }
        for row in &of_timers {
            rows.push(timer(row)?);
        }
        rows.sort_by_key(|row| row.since);
        Ok(rows)
    }

    /// Leases a schedule that was refused, whoever is to look at it next.
    pub(crate) async fn lease_refused_schedule(
        &self,
        organisation: &str,
        (kind, name): (ScheduleKind, &str),
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Option<ScheduleRow>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX).as_microsecond();
        let leased = || {
            let query = query(LEASE_SCHEDULE).bind(organisation).bind(kind.name()).bind(name);
            query.bind(now.as_microsecond()).bind(until)
        };
        let rows = self.rows_alone(leased).await?;
        rows.first().map(schedules::from_row).transpose()
    }

    /// The same of a message.
    pub(crate) async fn lease_refused_message(
        &self,
        organisation: &str,
        (sender, id): (&str, &str),
        until: Timestamp,
    ) -> Result<Option<Posted>, Error> {
        let leased = || {
            let query = query(LEASE_MESSAGE).bind(organisation).bind(sender).bind(id);
            query.bind(until.as_microsecond())
        };
        let rows = self.rows_alone(leased).await?;
        rows.first().map(messages::posted).transpose()
    }

    /// Gives a message up that was refused; whether it was still there.
    pub(crate) async fn drop_message(
        &self,
        organisation: &str,
        (sender, id): (&str, &str),
        (now, by): (Timestamp, &str),
    ) -> Result<bool, Error> {
        let dropped = || {
            let query = query(DROP_MESSAGE).bind(organisation).bind(sender).bind(id);
            query.bind(now.as_microsecond()).bind(by)
        };
        Ok(self.write_alone(dropped).await? > 0)
    }
}

fn report(from: &Row) -> Result<RefusedRow, Error> {
    let (since, due_at) = (instant(from, "made_at")?, instant(from, "due_at")?);
    Ok(RefusedRow {
        what: Refused::Report { name: get(from, "report")?, due_at },
        procedure: String::new(),
        problem: get(from, "problem")?,
        since,
        next_try: since,
        due_at: Some(due_at),
        message: None,
        case: None,
    })
}

fn row(what: Refused, procedure: String, row: &Row) -> Result<RefusedRow, Error> {
    Ok(RefusedRow {
        what,
        procedure,
        problem: get(row, "problem")?,
        since: instant(row, "problem_since")?,
        next_try: instant(row, "leased_until")?,
        due_at: None,
        message: None,
        case: None,
    })
}

fn schedule(from: &Row) -> Result<RefusedRow, Error> {
    let (kind, called): (ScheduleKind, String) = (name(from, "kind")?, get(from, "name")?);
    let procedure = if kind == ScheduleKind::Case { called.clone() } else { String::new() };
    let due_at = Some(instant(from, "next_at")?);
    let what = Refused::Schedule { kind, name: called };
    Ok(RefusedRow { due_at, ..row(what, procedure, from)? })
}

fn message(from: &Row) -> Result<RefusedRow, Error> {
    let what = Refused::Message { sender: get(from, "sender")?, id: get(from, "id")? };
    let message = Some((get(from, "name")?, get(from, "key")?));
    Ok(RefusedRow { message, ..row(what, get(from, "refused_by")?, from)? })
}

fn timer(from: &Row) -> Result<RefusedRow, Error> {
    let case = case_id(from, "case_id")?;
    let what = Refused::Timer { case, watch: get(from, "watch")? };
    let due_at = Some(instant(from, "fires_at")?);
    let case = Some((case, get(from, "number")?, get(from, "subject")?));
    Ok(RefusedRow { due_at, case, ..row(what, get(from, "procedure")?, from)? })
}
