//! `POST /api/v1/sign-out`: the session ends.

use axum::http::StatusCode;
use tower_sessions::Session;

use super::body::{Body, Nothing};
use super::caller::Caller;
use super::problem::Problem;
use crate::web::fail::Fail;

pub(in crate::web) async fn submit(
    Caller(_): Caller,
    session: Session,
    Body(Nothing {}): Body<Nothing>,
) -> Result<StatusCode, Problem> {
    session.flush().await.map_err(Fail::from)?;
    Ok(StatusCode::NO_CONTENT)
}
