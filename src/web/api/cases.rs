//! `/api/v1/cases`: begins a case, shows one, cancels one. Who belongs to the organisation sees its
//! cases, as on the pages.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::answer::{CaseBody, answer, done};
use super::body::Body;
use super::caller::Caller;
use super::key::IdempotencyKey;
use super::problem::{Problem, refused};
use crate::engine::Command;
use crate::web::fail::Fail;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Start {
    procedure: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Cancel {
    reason: String,
}

/// A case as it stands, with what only lists know of it.
#[derive(Serialize)]
struct Standing<'a> {
    #[serde(flatten)]
    case: CaseBody<'a>,
    subject: &'a str,
    /// Counts the commands that changed the case.
    revision: u32,
}

pub(in crate::web) async fn start(
    Caller(here): Caller,
    key: IdempotencyKey,
    Body(start): Body<Start>,
) -> Result<Response, Problem> {
    let (app, organisation, procedure) = (&here.app, &here.person.organisation, &start.procedure);
    let key = key.of_command();
    match app.runtime.start_case(&here.actor, organisation, procedure, key).await {
        Ok(handled) => Ok(done(StatusCode::CREATED, &handled)),
        Err(refusal) => {
            // Only a no needs the procedure, for its words.
            let newest = app.procedures(organisation).await?;
            let mut known = newest.iter().map(|(_, executable)| executable);
            let executable = known.find(|executable| *executable.procedure.id == *procedure);
            Err(refused(&here, executable.ok_or(Fail::NotFound)?, refusal).await)
        }
    }
}

pub(in crate::web) async fn show(
    Caller(here): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = here.case(&id).await?;
    let standing = Standing {
        case: CaseBody::of(case.id, &case.state),
        subject: &case.subject,
        revision: case.revision,
    };
    Ok(Json(standing).into_response())
}

pub(in crate::web) async fn cancel(
    Caller(here): Caller,
    Path(id): Path<String>,
    key: IdempotencyKey,
    Body(cancel): Body<Cancel>,
) -> Result<Response, Problem> {
    let case = here.case(&id).await?;
    let executable = here.app.executable_of(&case).await?;
    let command = Command::CancelCase { reason: cancel.reason };
    let asked = here.app.runtime.handle(&here.actor, &case.id, command, key.of_command()).await;
    answer(&here, &executable, asked).await
}
