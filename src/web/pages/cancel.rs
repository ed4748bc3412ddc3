//! `POST /cases/{case}/cancel`: ends a case before its time, with the reason.

use axum::extract::Path;
use axum::response::Redirect;

use crate::engine::Command;
use crate::web::body::{Pairs, Sent};
use crate::web::fail::Fail;
use crate::web::rejection::refused;
use crate::web::routes;
use crate::web::session::Here;

pub(in crate::web) async fn submit(
    here: Here,
    Path(case): Path<String>,
    pairs: Pairs,
) -> Result<Redirect, Fail> {
    let case = here.case(&case).await?;
    let executable = here.app.executable_of(&case).await?;
    let sent = Sent::new(pairs);
    let command = Command::CancelCase { reason: sent.text("reason").to_owned() };
    let back = routes::case(&case.id);
    match here.app.runtime.handle(&here.actor, &case.id, command, sent.key()).await {
        Ok(_) => Ok(Redirect::to(&back)),
        Err(refusal) => Err(refused(&here, &executable, refusal, back).await),
    }
}
