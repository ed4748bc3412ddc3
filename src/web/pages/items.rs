//! `POST /cases/{case}/blocks/{block}`: one more item of an open `each`, or the word that there are no
//! more.

use axum::extract::Path;
use axum::response::Redirect;
use serde::Serialize;

use crate::engine::{BlockStatus, Command};
use crate::procedure::{Begins, Executable};
use crate::store::CaseRow;
use crate::web::body::{Pairs, Sent};
use crate::web::fail::Fail;
use crate::web::rejection::refused;
use crate::web::routes;
use crate::web::session::Here;

/// A block to which people may add items, as the case's page shows it.
#[derive(Serialize)]
pub(in crate::web) struct OpenBlock {
    href: String,
    step: String,
    activity: String,
    /// What is counted: the item's own name in the procedure.
    name: String,
    running: usize,
    ended: u32,
    /// The person has the role that adds.
    is_own: bool,
}

/// The blocks of a case to which items may be added now, at most so many.
pub(in crate::web) fn open_blocks(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
    most: usize,
) -> Vec<OpenBlock> {
    let open = case
        .state
        .blocks
        .iter()
        .filter(|(_, block)| block.is_open && block.status == BlockStatus::Running);
    let shown = open.filter_map(|(number, block)| {
        let step = executable.step(&block.step)?;
        let written = step.block.as_ref()?;
        let Begins::Each(each) = &written.begins else { return None };
        Some(OpenBlock {
            href: routes::block(&case.id, *number),
            step: here.speaker.step(&step.id),
            activity: step.activity.clone(),
            name: written.strands.first()?.name.value.clone(),
            running: block.running.len(),
            ended: block.ended,
            is_own: each.open.as_ref().is_some_and(|role| here.actor.has(role)),
        })
    });
    shown.take(most).collect()
}

pub(in crate::web) async fn submit(
    here: Here,
    Path((case, block)): Path<(String, u32)>,
    pairs: Pairs,
) -> Result<Redirect, Fail> {
    let case = here.case(&case).await?;
    let executable = here.app.executable_of(&case).await?;
    let sent = Sent::new(pairs);
    let command = match sent.text("do") {
        "close" => Command::CloseItems { block },
        _ => Command::AddItem { block },
    };
    let back = routes::case(&case.id);
    match here.app.runtime.handle(&here.actor, &case.id, command, sent.key()).await {
        Ok(_) => Ok(Redirect::to(&back)),
        Err(refusal) => Err(refused(&here, &executable, refusal, back).await),
    }
}
