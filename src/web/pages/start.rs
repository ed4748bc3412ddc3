//! `POST /cases`: starts a case, and goes to its first task if that is the person's own.

use axum::response::Redirect;

use crate::web::body::{Pairs, Sent};
use crate::web::fail::Fail;
use crate::web::rejection::refused;
use crate::web::routes;
use crate::web::session::Here;

pub(in crate::web) async fn submit(here: Here, pairs: Pairs) -> Result<Redirect, Fail> {
    let sent = Sent::new(pairs);
    let organisation = &here.person.organisation;
    let wanted = sent.text("procedure");
    let newest = here.app.procedures(organisation).await?;
    let (_, executable) = newest
        .iter()
        .find(|(_, executable)| *executable.procedure.id == wanted)
        .ok_or(Fail::NotFound)?;
    let started = here.app.runtime.start_case(&here.actor, organisation, wanted, sent.key()).await;
    let handled = match started {
        Ok(handled) => handled,
        Err(refusal) => return Err(refused(&here, executable, refusal, "/".to_owned()).await),
    };
    let own = handled.state.tasks.iter().find(|(_, task)| here.actor.has(&task.role));
    Ok(Redirect::to(&match own {
        Some((task, _)) => routes::task(&handled.case, *task),
        None => routes::case(&handled.case),
    }))
}
