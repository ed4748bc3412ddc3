//! `POST /api/v1/cases/{case}/tasks/{task}/…`: claims a task, gives it back, completes it. A task is
//! seen only with its role, as on the pages.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::answer::done;
use super::body::{Body, Nothing, too_large};
use super::caller::Caller;
use super::key::IdempotencyKey;
use super::problem::{Problem, refused};
use crate::engine::Command;
use crate::expression::{Map, Value};
use crate::store::{CaseId, TaskPlace};
use crate::web::fail::Fail;
use crate::web::session::Here;

/// Values that one submission may have, as many as a form of the pages: each costs the one writer time,
/// and everybody waits for it.
const MOST_VALUES: usize = 20_000;

/// What is filled in. Values are as people type them: a number may be `"1.250,50"` or 1250.5.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Filled {
    #[serde(default)]
    data: Map,
    choice: Option<String>,
}

pub(in crate::web) async fn claim(
    Caller(here): Caller,
    Path((case, task)): Path<(String, u32)>,
    key: IdempotencyKey,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    ask(&here, &case, Command::ClaimTask { task }, task, &key).await
}

pub(in crate::web) async fn release(
    Caller(here): Caller,
    Path((case, task)): Path<(String, u32)>,
    key: IdempotencyKey,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Response, Problem> {
    ask(&here, &case, Command::ReleaseTask { task }, task, &key).await
}

pub(in crate::web) async fn complete(
    Caller(here): Caller,
    Path((case, task)): Path<(String, u32)>,
    key: IdempotencyKey,
    Body(filled): Body<Filled>,
) -> Result<Response, Problem> {
    if filled.data.values().map(values).sum::<usize>() > MOST_VALUES {
        return Err(too_large("`data` has more than 20,000 values"));
    }
    let Filled { data: submission, choice } = filled;
    ask(&here, &case, Command::CompleteTask { task, submission, choice }, task, &key).await
}

async fn ask(
    here: &Here,
    case: &str,
    command: Command,
    task: u32,
    key: &IdempotencyKey,
) -> Result<Response, Problem> {
    let (runtime, organisation) = (&here.app.runtime, &here.person.organisation);
    let case: CaseId = case.parse().map_err(|_| Fail::NotFound)?;
    let asked = runtime.handle_within(organisation, &here.actor, &case, command, key.of_command());
    let refusal = match asked.await {
        Ok(handled) => return Ok(done(StatusCode::OK, &handled)),
        Err(refusal) => refusal,
    };
    // Why it was refused is told to those who see the task; only a no needs the question.
    let place = runtime.store().task_place(&case, task).await?;
    let is_seen = |place: &TaskPlace| {
        place.organisation == here.person.organisation && here.actor.has(&place.role)
    };
    let place = place.filter(is_seen).ok_or(Fail::NotFound)?;
    let TaskPlace { organisation, procedure, version, .. } = &place;
    let executable =
        runtime.executable(organisation, procedure, *version).await.map_err(Fail::from)?;
    let executable = executable.ok_or(Fail::NotFound)?;
    Err(refused(here, &executable, refusal).await)
}

/// A value and all within it. JSON of more than 128 levels isn't read, so this doesn't go deep.
fn values(value: &Value) -> usize {
    1 + match value {
        Value::List(items) => items.iter().map(values).sum(),
        Value::Map(map) => map.values().map(values).sum(),
        _ => 0,
    }
}
