//! `GET /health`: 200 while the database answers. For whoever watches the service, not for people.

use axum::extract::State;

use crate::web::App;
use crate::web::fail::Fail;

pub(in crate::web) async fn show(State(app): State<App>) -> Result<&'static str, Fail> {
    app.runtime.store().organisations().await?;
    Ok("ok")
}
