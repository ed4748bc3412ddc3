//! Jobs: one row each, from the moment that a machine is asked until it has answered.
//!
//! As with timers the row is the job. Whoever does it *leases* the row for a while: this server, another
//! one, or an outside worker; when that one dies, the lease ends and somebody else does it, under the
//! same idempotency key. The row changes in the transaction that writes what came of it.
//!
//! A row without a topic is the servers' own work; one with a topic is fetched over the API.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::columns::{case_id, get, instant, name};
use super::sql::{Bind, Kind, Row, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Snapshot, Store};
use crate::engine::{Entry, Job, JobStatus, Request, State};

/// A job that somebody has leased.
pub(crate) type Leased = (CaseId, u32);

/// The kind of a row whose job is withdrawn and whose child must be cancelled.
pub(crate) const STOP: &str = "stop";

/// The kind of one that waits for a child.
pub(crate) const CHILD: &str = "case";

/// A job as its row tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobRow {
    pub(crate) kind: String,
    pub(crate) status: JobStatus,
    pub(crate) due_at: Timestamp,
}

/// Where a job belongs: enough to know who may see it, without reading its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlace {
    pub organisation: String,
    pub procedure: String,
    pub version: u32,
    /// Empty for what the servers do themselves.
    pub role: String,
    pub status: JobStatus,
    /// Whose it is; none when nobody has fetched it.
    pub lease: Option<String>,
}

/// What an outside worker asks for.
#[derive(Debug, Clone)]
pub struct JobFilter<'a> {
    pub organisation: &'a str,
    pub roles: &'a BTreeSet<String>,
    pub topics: &'a [String],
    pub now: Timestamp,
    pub until: Timestamp,
    /// The name of the lease.
    pub lease: &'a str,
    pub limit: u32,
}

/// A case that is stuck at a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    pub case: CaseId,
    pub job: u32,
    pub kind: String,
    pub step: String,
    pub reason: String,
    pub since: Timestamp,
    pub number: String,
    pub subject: String,
    pub procedure: String,
}

const COLUMNS: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("job", Kind::Int),
    ("organisation", Kind::Text),
    ("procedure", Kind::Text),
    ("step", Kind::Text),
    ("kind", Kind::Text),
    ("topic", Kind::Text),
    ("role", Kind::Text),
    ("status", Kind::Text),
    ("due_at", Kind::Int),
    ("reason", Kind::Text),
];

const INSERT: &str = "\
INSERT INTO jobs (case_id, job, organisation, procedure, step, kind, topic, role, status, due_at,
                  reason, leased_until)
SELECT case_id, job, organisation, procedure, step, kind, topic, role, status, due_at, reason, 0
  FROM {rows}";

const CHANGED: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("job", Kind::Int),
    ("status", Kind::Text),
    ("due_at", Kind::Int),
    ("reason", Kind::Text),
];

const UPDATE: &str = "\
UPDATE jobs SET status = v.status, due_at = v.due_at, reason = v.reason, leased_until = 0,
       lease = NULL
  FROM {rows}
 WHERE jobs.case_id = v.case_id AND jobs.job = v.job";

// Whoever just begins the child keeps the row until then, so that nobody looks for it too early.
const TO_STOP: &str = "\
UPDATE jobs SET kind = 'stop', status = 'waiting', due_at = v.due_at FROM {rows}
 WHERE jobs.case_id = v.case_id AND jobs.job = v.job";

// Whoever just looks after the child has looked too early, perhaps: it is taken from them.
const WAKE: &str = "\
UPDATE jobs SET due_at = v.due_at, leased_until = 0, lease = NULL FROM {rows}
 WHERE jobs.case_id = v.case_id AND jobs.job = v.job AND jobs.status = 'waiting'
   AND jobs.kind = 'case'";

const MOVED: &[(&str, Kind)] = &[("case_id", Kind::Id), ("job", Kind::Int), ("due_at", Kind::Int)];

const REMOVED: &[(&str, Kind)] = &[("case_id", Kind::Id), ("job", Kind::Int)];

// SQLite has no DELETE … USING.
const REMOVE: Text = Text {
    sqlite: "DELETE FROM jobs WHERE (case_id, job) IN (SELECT v.case_id, v.job FROM {rows})",
    postgres: "DELETE FROM jobs USING {rows} WHERE jobs.case_id = v.case_id AND jobs.job = v.job",
};

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE jobs SET leased_until = $2, lease = $3
 WHERE (case_id, job) IN (SELECT case_id, job FROM jobs
                           WHERE topic = '' AND status = 'waiting' AND due_at <= $1
                             AND leased_until <= $1 ORDER BY due_at LIMIT $4)
RETURNING case_id, job, kind",
    postgres: "\
UPDATE jobs SET leased_until = $2, lease = $3
  FROM (SELECT case_id, job FROM jobs WHERE topic = '' AND status = 'waiting' AND due_at <= $1
           AND leased_until <= $1 ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) AS due
 WHERE jobs.case_id = due.case_id AND jobs.job = due.job
RETURNING jobs.case_id, jobs.job, jobs.kind",
};

const FETCH: Text = Text {
    sqlite: "\
UPDATE jobs SET leased_until = $2, lease = $3
 WHERE (case_id, job) IN (SELECT case_id, job FROM jobs
                           WHERE organisation = $5 AND topic <> '' AND status = 'waiting'
                             AND topic IN (SELECT value FROM json_each($6))
                             AND role IN (SELECT value FROM json_each($7))
                             AND due_at <= $1 AND leased_until <= $1 ORDER BY due_at LIMIT $4)
RETURNING case_id, job, kind",
    postgres: "\
UPDATE jobs SET leased_until = $2, lease = $3
  FROM (SELECT case_id, job FROM jobs
         WHERE organisation = $5 AND topic <> '' AND status = 'waiting' AND topic = ANY ($6)
           AND role = ANY ($7) AND due_at <= $1 AND leased_until <= $1
         ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) AS due
 WHERE jobs.case_id = due.case_id AND jobs.job = due.job
RETURNING jobs.case_id, jobs.job, jobs.kind",
};

// Whether there is anything to fetch: workers ask all the time, and readers stand in nobody's way.
const FETCHABLE: Text = Text {
    sqlite: "\
SELECT 1 AS found FROM jobs
 WHERE organisation = $2 AND topic <> '' AND status = 'waiting'
   AND topic IN (SELECT value FROM json_each($3)) AND role IN (SELECT value FROM json_each($4))
   AND due_at <= $1 AND leased_until <= $1 LIMIT 1",
    postgres: "\
SELECT 1 AS found FROM jobs
 WHERE organisation = $2 AND topic <> '' AND status = 'waiting' AND topic = ANY ($3)
   AND role = ANY ($4) AND due_at <= $1 AND leased_until <= $1 LIMIT 1",
};

const POSTPONE: &str = "\
UPDATE jobs SET leased_until = 0, lease = NULL, due_at = $4
 WHERE case_id = $1 AND job = $2 AND lease = $3 AND kind = $5";

const DROP: &str =
    "DELETE FROM jobs WHERE case_id = $1 AND job = $2 AND lease = $3 AND kind = 'stop'";

const EXTEND: &str = "\
UPDATE jobs SET leased_until = $4
 WHERE case_id = $1 AND job = $2 AND lease = $3 AND status = 'waiting'";

const PLACE: &str = "\
SELECT j.organisation, j.procedure, c.version, j.role, j.status, j.lease
  FROM jobs AS j JOIN cases AS c ON c.id = j.case_id WHERE j.case_id = $1 AND j.job = $2";

const OF_CASE: &str = "SELECT job, kind, status, due_at FROM jobs WHERE case_id = $1 ORDER BY job";

const INCIDENTS: &str = "\
SELECT j.case_id, j.job, j.kind, j.step, j.reason, j.due_at, c.number, c.subject, c.procedure
  FROM jobs AS j JOIN cases AS c ON c.id = j.case_id
 WHERE j.organisation = $1 AND j.status = 'incident' AND ($2 = '' OR j.procedure = $2)
 ORDER BY j.due_at, j.case_id, j.job LIMIT $3";

impl Store {
    /// Up to `limit` jobs of the servers' own that are due `now` and that nobody has leased, leased for
    /// so long under the name `key`.
    pub(crate) async fn lease_jobs(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        key: &str,
        limit: u32,
    ) -> Result<Vec<(Leased, String)>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let (now, until) = (now.as_microsecond(), until.as_microsecond());
        let statement = || query(LEASE).bind(now).bind(until).bind(key).bind(limit);
        let rows = self.rows_alone(statement).await?;
        rows.iter().map(|row| Ok((leased(row)?, get(row, "kind")?))).collect()
    }

    /// Gives a job back that nothing came of yet, to be looked at again then; not one that has become
    /// another kind of work meanwhile.
    pub(crate) async fn postpone_job(
        &self,
        (case, job): &Leased,
        (lease, kind): (&str, &str),
        due_at: Timestamp,
    ) -> Result<(), Error> {
        let postpone = || {
            let query = query(POSTPONE).bind(case).bind(*job).bind(lease);
            query.bind(due_at.as_microsecond()).bind(kind)
        };
        self.write_alone(postpone).await.map(|_| ())
    }

    /// The child of a withdrawn job is cancelled: nothing is left to do.
    pub(crate) async fn drop_job(&self, (case, job): &Leased, lease: &str) -> Result<(), Error> {
        self.write_alone(|| query(DROP).bind(case).bind(*job).bind(lease)).await.map(|_| ())
    }

    /// The same for an outside worker.
    pub async fn fetch_jobs(&self, filter: &JobFilter<'_>) -> Result<Vec<(CaseId, u32)>, Error> {
        let roles: Vec<String> = filter.roles.iter().cloned().collect();
        let fetchable = query(FETCHABLE)
            .bind(filter.now.as_microsecond())
            .bind(filter.organisation)
            .bind(filter.topics.to_vec())
            .bind(roles.clone());
        if fetchable.fetch_optional(&mut self.reader().await?.on()).await?.is_none() {
            return Ok(Vec::new());
        }
        let statement = || {
            query(FETCH)
                .bind(filter.now.as_microsecond())
                .bind(filter.until.as_microsecond())
                .bind(filter.lease)
                .bind(filter.limit)
                .bind(filter.organisation)
                .bind(filter.topics.to_vec())
                .bind(roles.clone())
        };
        let rows = self.rows_alone(statement).await?;
        rows.iter().map(leased).collect()
    }

    /// Makes a lease last until then; whether it is still that one's.
    pub async fn extend_job(
        &self,
        case: &CaseId,
        job: u32,
        lease: &str,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let statement = || {
            let query = query(EXTEND).bind(case).bind(job).bind(lease);
            query.bind(until.as_microsecond())
        };
        Ok(self.write_alone(statement).await? > 0)
    }

    pub async fn job_place(&self, case: &CaseId, job: u32) -> Result<Option<JobPlace>, Error> {
        let query = query(PLACE).bind(case).bind(job);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        let place = |row: Row| {
            Ok(JobPlace {
                organisation: get(&row, "organisation")?,
                procedure: get(&row, "procedure")?,
                version: get(&row, "version")?,
                role: get(&row, "role")?,
                status: name(&row, "status")?,
                lease: get(&row, "lease")?,
            })
        };
        row.map(place).transpose()
    }

    /// Jobs that can't go on by themselves, the longest stuck first; of one procedure, or of all.
    pub async fn incidents(
        &self,
        organisation: &str,
        procedure: &str,
        limit: u32,
    ) -> Result<Vec<IncidentRow>, Error> {
        let query = query(INCIDENTS).bind(organisation).bind(procedure).bind(limit);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        let incident = |row: &Row| {
            Ok(IncidentRow {
                case: case_id(row, "case_id")?,
                job: get(row, "job")?,
                kind: get(row, "kind")?,
                step: get(row, "step")?,
                reason: get(row, "reason")?,
                since: instant(row, "due_at")?,
                number: get(row, "number")?,
                subject: get(row, "subject")?,
                procedure: get(row, "procedure")?,
            })
        };
        rows.iter().map(incident).collect()
    }
}

impl Snapshot {
    pub(crate) async fn jobs(&mut self, id: &CaseId) -> Result<BTreeMap<u32, JobRow>, Error> {
        let rows = query(OF_CASE).bind(id).fetch_all(&mut self.on()).await?;
        let row = |row: &Row| {
            let (kind, status) = (get(row, "kind")?, name(row, "status")?);
            let own = JobRow { kind, status, due_at: instant(row, "due_at")? };
            Ok((get(row, "job")?, own))
        };
        rows.iter().map(row).collect()
    }
}

fn leased(row: &Row) -> Result<Leased, Error> {
    Ok((case_id(row, "case_id")?, get(row, "job")?))
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let (mut created, mut changed, mut removed) =
        (Rows::of(COLUMNS), Rows::of(CHANGED), Rows::of(REMOVED));
    let (mut stopped, mut woken) = (Rows::of(MOVED), Rows::of(MOVED));
    for change in changes {
        for job in touched(change) {
            let is_known = change.before.is_some_and(|before| before.state.jobs.contains_key(&job));
            match (is_known, change.after.jobs.get(&job)) {
                (false, Some(open)) => created.push(row(change, job, open)),
                (true, Some(open)) => changed.push([
                    change.case.into(),
                    job.into(),
                    open.status.name().into(),
                    open.due_at.as_microsecond().into(),
                    open.reason.as_deref().unwrap_or_default().into(),
                ]),
                (true, None) if has_child(change, job) => {
                    let at = change.records.last().map_or(0, |record| record.at.as_microsecond());
                    stopped.push([change.case.into(), job.into(), at.into()]);
                }
                (true, None) => removed.push([change.case.into(), job.into()]),
                // One that is over in the same breath never gets a row.
                (false, None) => {}
            }
        }
        // A row may be changed by one statement of a script only, and who asked for that one looks again.
        if let Some((case, job)) = waiting_parent(change)
            && !changes.iter().any(|other| *other.case == case && touched(other).contains(&job))
        {
            let at = change.after.ended_at.map_or(0, Timestamp::as_microsecond);
            woken.push([case.into(), job.into(), at.into()]);
        }
    }
    script.add(REMOVE, removed);
    script.add(TO_STOP, stopped);
    script.add(WAKE, woken);
    script.add(UPDATE, changed);
    script.add(INSERT, created);
}

/// The job that waits for the end of a case that has ended. Of one that is over as it begins, whoever
/// begins it sees so.
fn waiting_parent(change: &Change<'_>) -> Option<(CaseId, u32)> {
    let state: &State = change.after;
    let parent = state.parent.as_ref().filter(|_| !state.is_open() && change.before.is_some())?;
    Some((parent.case.parse().ok()?, parent.job))
}

/// Whether a job that is withdrawn may have begun a case.
fn has_child(change: &Change<'_>, job: u32) -> bool {
    let is_withdrawn =
        |entry: &Entry| matches!(entry, Entry::JobWithdrawn { job: it } if *it == job);
    let before = change.before.and_then(|before| before.state.jobs.get(&job));
    before.is_some_and(|job| matches!(job.request, Request::Case { .. }))
        && change.records.iter().any(|record| is_withdrawn(&record.entry))
}

/// The jobs that a change says anything about.
fn touched(change: &Change<'_>) -> BTreeSet<u32> {
    let of = |entry: &Entry| match entry {
        Entry::JobCreated { job, .. }
        | Entry::ChildStarted { job, .. }
        | Entry::JobCompleted { job, .. }
        | Entry::JobFailed { job, .. }
        | Entry::ErrorHandled { job, .. }
        | Entry::JobWithdrawn { job }
        | Entry::IncidentRaised { job, .. }
        | Entry::IncidentResolved { job, .. } => Some(*job),
        _ => None,
    };
    change.records.iter().filter_map(|record| of(&record.entry)).collect()
}

fn row<'a>(change: &Change<'a>, job: u32, open: &'a Job) -> [Bind<'a>; 11] {
    let request: &'a Request = &open.request;
    [
        change.case.into(),
        job.into(),
        change.organisation.into(),
        (&change.after.procedure).into(),
        (&open.step).into(),
        request.kind().into(),
        request.topic().unwrap_or_default().into(),
        request.role().unwrap_or_default().into(),
        open.status.name().into(),
        open.due_at.as_microsecond().into(),
        open.reason.as_deref().unwrap_or_default().into(),
    ]
}
