//! `POST /api/v1/cases/{case}/blocks/{block}/items` and `…/close`: one more item of an open `each`, and
//! the word that there are no more.

use axum::extract::Path;
use axum::response::Response;

use super::answer::answer;
use super::caller::Caller;
use super::key::IdempotencyKey;
use super::problem::Problem;
use crate::engine::Command;

pub(in crate::web) async fn add(
    caller: Caller,
    Path((case, block)): Path<(String, u32)>,
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    ask(caller, &case, Command::AddItem { block }, key).await
}

pub(in crate::web) async fn close(
    caller: Caller,
    Path((case, block)): Path<(String, u32)>,
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    ask(caller, &case, Command::CloseItems { block }, key).await
}

async fn ask(
    Caller(here): Caller,
    case: &str,
    command: Command,
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    let case = here.case(case).await?;
    let executable = here.app.executable_of(&case).await?;
    let asked = here.app.runtime.handle(&here.actor, &case.id, command, key.of_command()).await;
    answer(&here, &executable, asked).await
}
