//! `POST /sign-out`: the session ends, and the browser forgets the pages it kept.

use axum::http::HeaderName;
use axum::response::{IntoResponse, Redirect};
use tower_sessions::Session;

use crate::web::fail::Fail;

const CLEAR: HeaderName = HeaderName::from_static("clear-site-data");

pub(in crate::web) async fn submit(session: Session) -> Result<impl IntoResponse, Fail> {
    session.flush().await?;
    // On a shared desk the back button must not show the last person's pages.
    Ok(([(CLEAR, "\"cache\"")], Redirect::to("/sign-in")))
}
