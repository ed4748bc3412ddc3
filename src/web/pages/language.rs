//! `POST /language`: the reader's own choice of language, kept in a cookie for a year.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Redirect};

use crate::web::App;
use crate::web::body::{Pairs, Sent};
use crate::web::fail::Fail;
use crate::web::session::{LANGUAGE, known, local};

pub(in crate::web) async fn submit(
    State(app): State<App>,
    pairs: Pairs,
) -> Result<impl IntoResponse, Fail> {
    let sent = Sent::new(pairs);
    let code = known(sent.text("language")).ok_or(Fail::NotFound)?;
    let secure = if app.is_secure { "; Secure" } else { "" };
    let cookie =
        format!("{LANGUAGE}={code}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}");
    let back = Redirect::to(local(sent.text("back")));
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), back))
}
