//! `/sign-in`: name and password; in a demo, everybody's name with their roles, one click each.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use super::task::resume;
use crate::organisation::Organisation;
use crate::store::Person;
use crate::web::body::{Pairs, Sent};
use crate::web::door::{Proof, Tried, knock};
use crate::web::fail::Fail;
use crate::web::session::{Here, language_of, local, sign_in};
use crate::web::view::{initials, tint};
use crate::web::{App, routes, view};
use crate::wording::role_title;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    next: Option<String>,
}

#[derive(Serialize)]
struct SignInPage {
    houses: Vec<House>,
    next: String,
    /// Fields that were being filled in when the session ended.
    typed: Vec<(String, String)>,
    login: String,
    chosen: String,
    is_wrong: bool,
    /// Minutes before the name may try again.
    wait: Option<i64>,
    demo: bool,
}

/// An organisation, with its people in a demo.
#[derive(Serialize)]
struct House {
    id: String,
    name: String,
    language: String,
    people: Vec<Face>,
}

#[derive(Serialize)]
struct Face {
    id: String,
    name: String,
    initials: String,
    tint: usize,
    roles: Vec<String>,
}

pub(in crate::web) async fn show(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Fail> {
    let next = local(asked.next.as_deref().unwrap_or("/")).to_owned();
    page(&app, &headers, Errand { next, typed: Vec::new() }, None).await
}

/// The same for somebody whose session ended while they typed at `next`. What they had typed waits in
/// the page itself, as hidden inputs: nothing is stored for a stranger.
pub(in crate::web) async fn interrupted(
    app: &App,
    headers: &HeaderMap,
    next: String,
    sent: &Sent,
) -> Result<Response, Fail> {
    let asked = page(app, headers, Errand { next, typed: sent.kept() }, None).await?;
    Ok((StatusCode::UNAUTHORIZED, asked).into_response())
}

pub(in crate::web) async fn submit(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Response, Fail> {
    let sent = Sent::new(pairs);
    let errand = Errand { next: local(sent.text("next")).to_owned(), typed: sent.resumed().kept() };
    let (organisation, login) = (sent.text("organisation"), sent.text("login"));
    let proof = match sent.get("person") {
        Some(id) if app.demo => Proof::Click(id),
        _ => Proof::Password(sent.text("password")),
    };
    let wait = match knock(&app, organisation, login, proof).await? {
        Tried::Right(person) => {
            sign_in(&session, &person).await?;
            return go_on(&app, &headers, *person, errand.next, &sent.resumed()).await;
        }
        Tried::Wrong => None,
        Tried::Wait(wait) => Some(wait),
    };
    page(&app, &headers, errand, Some(Refused { sent: &sent, wait })).await
}

/// To where the person was going; with what they had typed there, if they were in the middle of it.
async fn go_on(
    app: &App,
    headers: &HeaderMap,
    person: Person,
    next: String,
    kept: &Sent,
) -> Result<Response, Fail> {
    let onward = Redirect::to(&next).into_response();
    let Some((case, task)) = routes::task_of(&next).filter(|_| !kept.is_empty()) else {
        return Ok(onward);
    };
    let here = Here::of(app, person, headers, next.clone()).await?;
    match resume(&here, case, task, kept).await {
        // Somebody else has signed in: their own page says so better.
        Err(Fail::NotFound) => Ok(onward),
        answer => answer,
    }
}

/// What the door was knocked at for: an address, and what was being typed there.
struct Errand {
    next: String,
    typed: Vec<(String, String)>,
}

/// A sign-in that failed: what was typed, and how long the name has to wait if that is why.
struct Refused<'a> {
    sent: &'a Sent,
    wait: Option<SignedDuration>,
}

async fn page(
    app: &App,
    headers: &HeaderMap,
    errand: Errand,
    wrong: Option<Refused<'_>>,
) -> Result<Response, Fail> {
    let mut houses = Vec::new();
    let mut only = None;
    for id in app.runtime.store().organisations().await? {
        let Some(organisation) = app.organisation(&id).await? else { continue };
        let people = if app.demo { faces(app, &organisation).await? } else { Vec::new() };
        houses.push(House {
            id,
            name: organisation.name.clone(),
            language: organisation.language.clone(),
            people,
        });
        only = Some(organisation);
    }
    let only = only.filter(|_| houses.len() == 1);
    let language = language_of(headers, None, only.as_deref());
    let page = SignInPage {
        houses,
        next: errand.next,
        typed: errand.typed,
        login: wrong.as_ref().map_or("", |wrong| wrong.sent.text("login")).to_owned(),
        chosen: wrong.as_ref().map_or("", |wrong| wrong.sent.text("organisation")).to_owned(),
        is_wrong: wrong.is_some(),
        // Whole minutes, rounded up: the exact second helps only who guesses.
        wait: wrong.as_ref().and_then(|wrong| wrong.wait).map(|wait| wait.as_secs() / 60 + 1),
        demo: app.demo,
    };
    let status = match (page.is_wrong, page.wait) {
        (_, Some(_)) => StatusCode::TOO_MANY_REQUESTS,
        (true, None) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, None) => StatusCode::OK,
    };
    Ok((status, view::plain(&language, "sign_in.html", page)?).into_response())
}

async fn faces(app: &App, organisation: &Organisation) -> Result<Vec<Face>, Fail> {
    let people = app.runtime.store().people(&organisation.id).await?;
    let face = |person: Person| Face {
        initials: initials(&person.name),
        tint: tint(&person.id),
        roles: person.roles.iter().map(|role| role_title(organisation, role)).collect(),
        id: person.id,
        name: person.name,
    };
    Ok(people.into_iter().filter(|person| person.is_active).map(face).collect())
}
