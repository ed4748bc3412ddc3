//! `/api/v1/jobs` and below a case: outside workers fetch jobs with a lease, complete them, say that they
//! failed, or ask for more time. A job is seen only with its role.
//!
//! Leasing changes no case and has no idempotency key: what an answer that was lost has leased comes back
//! when the lease ends.

use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer::answer;
use super::body::Body;
use super::caller::{Caller, limit};
use super::key::IdempotencyKey;
use super::problem::Problem;
use crate::engine::{Command, JobStatus, Request};
use crate::expression::{Map, Value};
use crate::procedure::Executable;
use crate::runtime::Key;
use crate::store::{CaseId, JobFilter, JobPlace};
use crate::web::fail::Fail;
use crate::web::session::Here;

const USUAL: u32 = 1;
const MOST: u32 = 50;
const MOST_TOPICS: usize = 50;
const USUAL_LEASE: u32 = 60;
const MOST_LEASE: u32 = 3_600;
/// A job that is put off for longer is one that nobody looks at: it is on no board meanwhile.
const MOST_RETRY: u32 = 86_400;
const MOST_WAIT: u32 = 20;
const MOST_CODE: usize = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Fetch {
    topics: Vec<String>,
    limit: Option<u32>,
    lease_seconds: Option<u32>,
    /// How long to wait when there is nothing yet.
    wait_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Complete {
    lease: Option<String>,
    #[serde(default)]
    answer: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Failed {
    lease: String,
    reason: String,
    code: Option<String>,
    retry: Option<bool>,
    retry_in_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Extend {
    lease: String,
    lease_seconds: Option<u32>,
}

#[derive(Serialize)]
struct Fetched {
    jobs: Vec<JobBody>,
}

/// A job as a worker gets it.
#[derive(Serialize)]
struct JobBody {
    case: CaseId,
    job: u32,
    topic: String,
    number: String,
    procedure: String,
    version: u32,
    step: String,
    input: Map,
    /// Counted from 1.
    attempt: u32,
    lease: String,
    leased_until: Timestamp,
}

#[derive(Serialize)]
struct Extended {
    leased_until: Timestamp,
}

pub(in crate::web) async fn fetch(
    Caller(here): Caller,
    Body(wanted): Body<Fetch>,
) -> Result<Response, Problem> {
    let count = limit(wanted.limit, USUAL, MOST)?;
    if !(1..=MOST_TOPICS).contains(&wanted.topics.len()) {
        return Err(Problem::bad_request("bad-query", "`topics` must name from 1 to 50 topics"));
    }
    let seconds = lease_seconds(wanted.lease_seconds)?;
    let wait = wanted.wait_seconds.unwrap_or(0).min(MOST_WAIT);
    let end = tokio::time::Instant::now() + Duration::from_secs(u64::from(wait));
    loop {
        let jobs = leased(&here, &wanted.topics, count, seconds).await?;
        if !jobs.is_empty() || tokio::time::Instant::now() >= end {
            return Ok(Json(Fetched { jobs }).into_response());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

async fn leased(
    here: &Here,
    topics: &[String],
    limit: u32,
    seconds: u32,
) -> Result<Vec<JobBody>, Problem> {
    let runtime = &here.app.runtime;
    let lease = Uuid::now_v7().to_string();
    let now = runtime.clock().now();
    let until = later(now, seconds);
    let filter = JobFilter {
        organisation: &here.person.organisation,
        roles: &here.person.roles,
        topics,
        now,
        until,
        lease: &lease,
        limit,
    };
    let mut jobs = Vec::new();
    for (id, number) in runtime.store().fetch_jobs(&filter).await? {
        let Some(case) = runtime.store().case(&id).await? else { continue };
        // Withdrawn a moment ago.
        let Some(job) = case.state.jobs.get(&number) else { continue };
        let Request::Work { topic, input, .. } = &job.request else { continue };
        jobs.push(JobBody {
            case: id,
            job: number,
            topic: topic.clone(),
            number: case.number.clone(),
            procedure: case.procedure.clone(),
            version: case.version,
            step: job.step.clone(),
            input: input.clone(),
            attempt: job.attempts + 1,
            lease: lease.clone(),
            leased_until: until,
        });
    }
    Ok(jobs)
}

pub(in crate::web) async fn complete(
    Caller(here): Caller,
    Path((case, job)): Path<(String, u32)>,
    key: IdempotencyKey,
    Body(done): Body<Complete>,
) -> Result<Response, Problem> {
    let (case, place) = door(&here, &case, job).await?;
    // Whoever is in charge may answer for a machine that is stuck, and has no lease.
    let is_stuck = place.as_ref().is_some_and(|place| place.status == JobStatus::Incident);
    if !(is_stuck && done.lease.is_none()) {
        held_or_done(&here, place.as_ref(), done.lease.as_deref(), &key).await?;
    }
    let command = Command::CompleteJob { job, answer: done.answer };
    ask(&here, &case, command, key.of_command()).await
}

pub(in crate::web) async fn fail(
    Caller(here): Caller,
    Path((case, job)): Path<(String, u32)>,
    key: IdempotencyKey,
    Body(failed): Body<Failed>,
) -> Result<Response, Problem> {
    let (case, place) = door(&here, &case, job).await?;
    if failed.code.as_ref().is_some_and(|code| code.chars().count() > MOST_CODE) {
        return Err(Problem::bad_request("bad-query", "`code` has at most 60 letters"));
    }
    held_or_done(&here, place.as_ref(), Some(&failed.lease), &key).await?;
    let runtime = &here.app.runtime;
    let row = runtime.store().case(&case).await?;
    let attempts = row.and_then(|row| Some(row.state.jobs.get(&job)?.attempts)).unwrap_or(0);
    let retry_at = match (failed.retry, failed.retry_in_seconds) {
        (Some(false), _) => None,
        (_, Some(seconds)) if seconds > MOST_RETRY => {
            let says = "`retry_in_seconds` is 86400 at most: a day";
            return Err(Problem::bad_request("bad-query", says));
        }
        (_, Some(seconds)) => Some(later(runtime.clock().now(), seconds)),
        _ => runtime.usual_retry(attempts),
    };
    // When it is tried again is another time whenever this is asked.
    let contents = format!("{case} {job} {failed:?}");
    let Failed { reason, code, .. } = failed;
    let key = key.of_command().map(|key| key.made_from(&contents));
    ask(&here, &case, Command::FailJob { job, reason, code, retry_at }, key).await
}

pub(in crate::web) async fn extend(
    Caller(here): Caller,
    Path((case, job)): Path<(String, u32)>,
    Body(wanted): Body<Extend>,
) -> Result<Response, Problem> {
    let (case, place) = door(&here, &case, job).await?;
    held(place.as_ref(), Some(&wanted.lease))?;
    let runtime = &here.app.runtime;
    let until = later(runtime.clock().now(), lease_seconds(wanted.lease_seconds)?);
    if !runtime.store().extend_job(&case, job, &wanted.lease, until).await? {
        return Err(lost());
    }
    Ok(Json(Extended { leased_until: until }).into_response())
}

/// Somebody in charge has seen to what was wrong.
pub(in crate::web) async fn retry(
    Caller(here): Caller,
    Path((case, job)): Path<(String, u32)>,
    key: IdempotencyKey,
    Body(super::body::Nothing {}): Body<super::body::Nothing>,
) -> Result<Response, Problem> {
    let case = here.case(&case).await?;
    ask(&here, &case.id, Command::RetryJob { job }, key.of_command()).await
}

/// The job, when it is open: one of the person's organisation and roles, or a stuck one of theirs to
/// look after. A worker that comes too late finds the case and no job any more.
async fn door(here: &Here, case: &str, job: u32) -> Result<(CaseId, Option<JobPlace>), Problem> {
    let id: CaseId = case.parse().map_err(|_| Fail::NotFound)?;
    let Some(place) = here.app.runtime.store().job_place(&id, job).await? else {
        return Ok((here.case(case).await?.id, None));
    };
    let is_seen = place.organisation == here.person.organisation
        && (here.actor.has(&place.role) || here.is_in_charge);
    if !is_seen {
        return Err(Fail::NotFound.into());
    }
    Ok((id, Some(place)))
}

/// What was done already is answered by its key, with the lease long gone.
async fn held_or_done(
    here: &Here,
    place: Option<&JobPlace>,
    lease: Option<&str>,
    key: &IdempotencyKey,
) -> Result<(), Problem> {
    let Err(lost) = held(place, lease) else { return Ok(()) };
    let store = here.app.runtime.store();
    if store.is_done(&here.actor.id, key.name()).await? { Ok(()) } else { Err(lost) }
}

fn held(place: Option<&JobPlace>, lease: Option<&str>) -> Result<(), Problem> {
    match place {
        // The engine says that it is over.
        None => Ok(()),
        Some(place) if lease.is_some() && place.lease.as_deref() == lease => Ok(()),
        Some(_) => Err(lost()),
    }
}

fn lost() -> Problem {
    let detail = "the lease has ended and the job is somebody else's, or will be: fetch again";
    Problem::new(StatusCode::CONFLICT, "lease-lost", detail)
}

fn lease_seconds(asked: Option<u32>) -> Result<u32, Problem> {
    match asked.unwrap_or(USUAL_LEASE) {
        seconds if (1..=MOST_LEASE).contains(&seconds) => Ok(seconds),
        _ => Err(Problem::bad_request("bad-query", "`lease_seconds` must be from 1 to 3600")),
    }
}

fn later(now: Timestamp, seconds: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

async fn ask(
    here: &Here,
    case: &CaseId,
    command: Command,
    key: Option<Key<'_>>,
) -> Result<Response, Problem> {
    let row = here.case(&case.to_string()).await?;
    let executable: std::sync::Arc<Executable> = here.app.executable_of(&row).await?;
    let asked = here.app.runtime.handle(&here.actor, case, command, key).await;
    answer(here, &executable, asked).await
}
