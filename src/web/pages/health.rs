//! `GET /health`: 200 while the database answers and the writer lives. For whoever watches the service,
//! not for people.
//!
//! Whether the writer lives only the writer can tell: it is asked to do something to a case that doesn't
//! exist, and says so. Nothing is written by that, and one question waits at a time, so that watching
//! can't fill the queue. After a transaction that failed (a full disk), a small one is tried.

use std::sync::Arc;

use axum::extract::State;

use crate::engine::{Actor, Command};
use crate::runtime::Refusal;
use crate::store::CaseId;
use crate::web::App;
use crate::web::fail::Fail;

pub(in crate::web) async fn show(State(app): State<App>) -> Result<&'static str, Fail> {
    app.runtime.store().organisations().await?;
    let permit = Arc::clone(&app.watching).acquire_owned().await.map_err(|_| Fail::Busy)?;
    let runtime = app.runtime.clone();
    // Asked to the end even when whoever watches has left: the order stands in the queue all the same.
    let asking = tokio::spawn(async move {
        let _permit = permit;
        let nobody = Actor { id: String::new(), name: String::new(), roles: [].into() };
        let nothing = CaseId(uuid::Uuid::nil());
        runtime.handle(&nobody, &nothing, Command::ClaimTask { task: 0 }, None).await
    });
    match asking.await.map_err(|error| Fail::broken(&error))? {
        Err(Refusal::NotFound) | Ok(_) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    // Whoever watches is told to come again, whatever it was: the log says what.
    match app.runtime.can_write().await {
        Ok(()) => Ok("ok"),
        Err(error) => {
            tracing::error!(%error, "the database can't be written to");
            Err(Fail::Busy)
        }
    }
}
