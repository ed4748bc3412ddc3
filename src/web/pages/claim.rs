//! `POST …/claim` and `…/release`: takes a task out of its queue, and gives it back.

use axum::extract::Path;
use axum::response::Redirect;

use crate::engine::Command;
use crate::web::body::{Pairs, Sent};
use crate::web::desk::Desk;
use crate::web::fail::Fail;
use crate::web::rejection::refused;
use crate::web::routes;
use crate::web::session::Here;

pub(in crate::web) async fn claim(
    here: Here,
    Path((case, task)): Path<(String, u32)>,
    pairs: Pairs,
) -> Result<Redirect, Fail> {
    let desk = here.desk(&case, task).await?;
    ask(&here, &desk, Command::ClaimTask { task }, &Sent::new(pairs)).await?;
    Ok(Redirect::to(&routes::task(&desk.case.id, task)))
}

pub(in crate::web) async fn release(
    here: Here,
    Path((case, task)): Path<(String, u32)>,
    pairs: Pairs,
) -> Result<Redirect, Fail> {
    let desk = here.desk(&case, task).await?;
    ask(&here, &desk, Command::ReleaseTask { task }, &Sent::new(pairs)).await?;
    Ok(Redirect::to("/"))
}

async fn ask(here: &Here, desk: &Desk, command: Command, sent: &Sent) -> Result<(), Fail> {
    let asked = here.app.runtime.handle(&here.actor, &desk.case.id, command, sent.key()).await;
    match asked {
        Ok(_) => Ok(()),
        Err(refusal) => {
            let back = routes::case(&desk.case.id);
            Err(refused(here, &desk.executable, refusal, back).await)
        }
    }
}
