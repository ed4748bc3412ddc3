//! `POST /api/v1/messages` and `/api/v1/signals`: what other systems tell cases; `GET
//! /api/v1/messages/{id}`: what has become of a message.
//!
//! The sender's own id takes the place of an idempotency key: what is sent again under it is known.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::caller::Caller;
use super::problem::Problem;
use crate::engine::{MAX_MESSAGE_KEY, Received};
use crate::expression::{Map, Scope, Value};
use crate::field::{self, Context, FieldError};
use crate::organisation::{Message, Organisation};
use crate::runtime::Setback;
use crate::store::{MessageFate, Posted, Taken};
use crate::web::fail::Fail;
use crate::web::session::Here;
use crate::yaml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Sent {
    /// The sender's own id of it.
    id: String,
    message: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    contents: Map,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Given {
    id: String,
    signal: String,
}

#[derive(Serialize)]
struct Fate {
    id: String,
    /// `kept`, `delivered` or `dropped`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    /// The case that began with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<Begun>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Serialize)]
struct Begun {
    id: String,
    number: String,
}

pub(in crate::web) async fn send(
    Caller(here): Caller,
    Body(sent): Body<Sent>,
) -> Result<Response, Problem> {
    let organisation = house(&here).await?;
    let message = organisation.message(&sent.message);
    let message = message.filter(|message| may(&here, &message.by)).ok_or(Fail::NotFound)?;
    check_id(&sent.id)?;
    check_id(if sent.key.is_empty() { "-" } else { &sent.key })?;
    let now = here.app.runtime.clock().now();
    let contents = read(&organisation, message, &sent.contents, now)?;
    let received = Received {
        sender: here.actor.id.clone(),
        id: sent.id,
        name: sent.message,
        key: sent.key.trim().to_owned(),
        contents,
        is_signal: false,
    };
    let keep_until = organisation.calendar.after(now, &message.keep);
    post(&here, received, keep_until).await
}

pub(in crate::web) async fn give(
    Caller(here): Caller,
    Body(given): Body<Given>,
) -> Result<Response, Problem> {
    let organisation = house(&here).await?;
    let signal = organisation.signal(&given.signal);
    signal.filter(|signal| may(&here, &signal.by)).ok_or(Fail::NotFound)?;
    check_id(&given.id)?;
    let (key, contents) = (String::new(), Map::new());
    let (sender, id, name) = (here.actor.id.clone(), given.id, given.signal);
    let received = Received { sender, id, name, key, contents, is_signal: true };
    let now = here.app.runtime.clock().now();
    post(&here, received, now).await
}

pub(in crate::web) async fn show(
    Caller(here): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let organisation = house(&here).await?;
    let fate = fate(&here, &id).await?.ok_or(Fail::NotFound)?;
    let by = organisation.message(&fate.name).map(|message| &message.by);
    let by = by.or_else(|| organisation.signal(&fate.name).map(|signal| &signal.by));
    if !by.is_some_and(|by| may(&here, by)) {
        return Err(Fail::NotFound.into());
    }
    Ok(Json(told(id, fate)).into_response())
}

async fn post(here: &Here, received: Received, keep_until: Timestamp) -> Result<Response, Problem> {
    let id = received.id.clone();
    let posted = Posted {
        organisation: here.person.organisation.clone(),
        received,
        keep_until,
        sent_by: (here.actor.id.clone(), here.actor.name.clone()),
    };
    let status = match here.app.runtime.post(&posted).await? {
        Taken::New => StatusCode::ACCEPTED,
        Taken::Known => StatusCode::OK,
        Taken::Other => {
            let detail = "this `id` was given to another message; send a new one";
            return Err(Problem::new(StatusCode::CONFLICT, "id-reused", detail));
        }
    };
    let fate = fate(here, &id).await?.ok_or(Fail::NotFound)?;
    Ok((status, Json(told(id, fate))).into_response())
}

async fn fate(here: &Here, id: &str) -> Result<Option<MessageFate>, Problem> {
    Ok(here.app.runtime.store().fate(&here.person.organisation, &here.actor.id, id).await?)
}

fn told(id: String, fate: MessageFate) -> Fate {
    let (status, delivered_at) = match fate.delivered_at {
        Some(_) if fate.is_dropped => ("dropped", None),
        Some(at) => ("delivered", Some(at)),
        None => ("kept", None),
    };
    let case = fate.began.map(|(case, number)| Begun { id: case.to_string(), number });
    let problem = fate.problem.map(|problem| Setback::read(&problem).to_string());
    Fate { id, status, delivered_at, case, problem }
}

async fn house(here: &Here) -> Result<std::sync::Arc<Organisation>, Problem> {
    let organisation = here.app.organisation(&here.person.organisation).await?;
    Ok(organisation.ok_or(Fail::NotFound)?)
}

fn may(here: &Here, by: &[Spanned<String>]) -> bool {
    by.iter().any(|role| here.actor.has(role))
}

fn check_id(id: &str) -> Result<(), Problem> {
    let fits = !id.trim().is_empty() && id.chars().count() <= MAX_MESSAGE_KEY;
    let says = || format!("`id` and `key` have from 1 to {MAX_MESSAGE_KEY} letters");
    if fits { Ok(()) } else { Err(Problem::bad_request("bad-message", says())) }
}

/// What a message knows of the case that it is for: nothing but the day.
struct Outside {
    today: Date,
}

impl Scope for Outside {
    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }
    fn today(&self) -> Date {
        self.today
    }
    fn number_of(&self, _: &str) -> Option<String> {
        None
    }
    fn visits(&self, _: &str) -> u32 {
        0
    }
    fn case_number(&self) -> &str {
        ""
    }
}

/// What it contains, or everything that is wrong with it.
fn read(
    organisation: &Organisation,
    message: &Message,
    contents: &Map,
    now: Timestamp,
) -> Result<Map, Problem> {
    let scope = Outside { today: organisation.calendar.date(now) };
    let context = Context {
        // Rows of registers are looked up when the message is delivered.
        record: &|_, _| Some(Map::new()),
        currency_decimals: organisation.currency.decimals,
        scope: &scope,
    };
    let mut errors: Vec<FieldError> = Vec::new();
    let values = field::read(&message.fields, contents, &context, &mut errors);
    if errors.is_empty() {
        return Ok(values.into_iter().filter(|(_, value)| *value != Value::Null).collect());
    }
    let wrong: Vec<String> = errors.iter().map(|error| error.path.clone()).collect();
    let detail = format!("these fields of `contents` are wrong: {}", wrong.join(", "));
    Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-message", detail))
}
