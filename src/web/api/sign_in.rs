//! `POST /api/v1/sign-in`: a session for a name and its password, by the same door as the page's.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::body::Body;
use super::me;
use super::problem::Problem;
use crate::web::App;
use crate::web::door::{Proof, Tried, knock};
use crate::web::session::sign_in;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Name {
    organisation: String,
    login: String,
    password: String,
}

pub(in crate::web) async fn submit(
    State(app): State<App>,
    session: Session,
    Body(name): Body<Name>,
) -> Result<Response, Problem> {
    let proof = Proof::Password(&name.password);
    match knock(&app, &name.organisation, &name.login, proof).await? {
        Tried::Right(person) => {
            sign_in(&session, &person).await?;
            Ok(me::of(&person))
        }
        Tried::Wrong => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong-password",
            "there is nobody of this organisation, name and password",
        )),
        Tried::Wait(wait) => {
            // Whole minutes, rounded up: the exact second helps only who guesses.
            let minutes = u64::try_from(wait.as_secs() / 60 + 1).unwrap_or(1);
            let detail = format!("too many wrong passwords; try again in {minutes} min");
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "wait", detail);
            Err(problem.retry_after(minutes * 60))
        }
    }
}
