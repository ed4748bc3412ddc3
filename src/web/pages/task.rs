//! `/cases/{case}/tasks/{task}`: one step of one case: what is to be done, the forms, the papers, the
//! ways on. Everything that is typed stays until the step is completed.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::case::{Head, Paper, head, paper};
use super::sign_in::interrupted;
use crate::engine::{Command, Rejection};
use crate::expression::{Map, Value};
use crate::field::{Field, FieldError, Kind, find, leaves};
use crate::runtime::Refusal;
use crate::web::body::{CHOICE, DO, Pairs, Sent, new_key};
use crate::web::desk::Desk;
use crate::web::fail::Fail;
use crate::web::form::{
    FormView, Looked, Problems, Registers, Sources, blank_row, forms, look_up, prefill, reckon,
    typed,
};
use crate::web::rejection::said;
use crate::web::session::Here;
use crate::web::step::{Bar, StepView, bar, step_view};
use crate::web::{App, routes, view};

#[derive(Serialize)]
struct TaskPage {
    case: Head,
    step: StepView,
    /// Why the step can't be completed by this person now, if it can't.
    bar: Option<Bar>,
    /// Why it was not completed just now.
    refusal: Option<String>,
    problems: Vec<crate::web::form::Line>,
    /// Looked through on demand, and nothing found.
    is_right: bool,
    forms: Vec<FormView>,
    has_inputs: bool,
    /// Something is computed, or asked for only under a condition: the script looks after each change.
    is_live: bool,
    documents: Vec<Paper>,
    key: String,
}

/// How the page came about.
#[derive(Default)]
struct Outcome {
    status: StatusCode,
    refusal: Option<String>,
    /// What the engine found.
    errors: Vec<FieldError>,
    /// Say what is wrong even though nobody asked the engine.
    is_review: bool,
    /// What registers have filled in already.
    looked: Looked,
}

pub(in crate::web) async fn show(
    here: Here,
    Path((case, task)): Path<(String, u32)>,
) -> Result<Response, Fail> {
    let desk = here.desk(&case, task).await?;
    if desk.task.is_none() {
        return Ok(Redirect::to(&routes::case(&desk.case.id)).into_response());
    }
    let raw = {
        let scope = desk.scope(&here);
        let fields = desk.executable.fields(desk.place);
        prefill(fields, &desk.data(), &sources(&here, &desk, &scope))
    };
    let looked = Looked::known(&desk.executable, desk.executable.fields(desk.place), &raw);
    page(&here, &desk, raw, Outcome { looked, ..Outcome::default() }).await
}

pub(in crate::web) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    here: Result<Here, Fail>,
    Path((case, task)): Path<(String, u32)>,
    pairs: Pairs,
) -> Result<Response, Fail> {
    let sent = Sent::new(pairs);
    let here = match here {
        Ok(here) => here,
        Err(Fail::SignIn(_)) => {
            // Whether there is such a task, a stranger doesn't learn.
            let case = case.parse().map_err(|_| Fail::NotFound)?;
            return interrupted(&app, &headers, routes::task(&case, task), &sent).await;
        }
        Err(fail) => return Err(fail),
    };
    let desk = here.desk(&case, task).await?;
    let fields = desk.executable.fields(desk.place);
    let outcome = Outcome { looked: Looked::sent(fields, &sent), ..Outcome::default() };
    let mut words = sent.text(DO).split(' ');
    match (words.next(), words.next(), words.next().and_then(|row| row.parse().ok())) {
        (Some("add"), Some(table), _) => {
            let mut raw = typed(fields, &sent, None);
            add_row(&here, &desk, &mut raw, table);
            page(&here, &desk, raw, outcome).await
        }
        (Some("remove"), Some(table), Some(row)) => {
            let raw = typed(fields, &sent, Some((table, row)));
            page(&here, &desk, raw, outcome).await
        }
        (Some("peek"), ..) => page(&here, &desk, typed(fields, &sent, None), outcome).await,
        (Some("review"), ..) => {
            let outcome = Outcome { is_review: true, ..outcome };
            page(&here, &desk, typed(fields, &sent, None), outcome).await
        }
        _ => complete(&here, desk, &sent).await,
    }
}

/// The page with what was typed before the session ended, looked through; nothing is done by it.
pub(in crate::web) async fn resume(
    here: &Here,
    case: &str,
    task: u32,
    kept: &Sent,
) -> Result<Response, Fail> {
    let desk = here.desk(case, task).await?;
    let fields = desk.executable.fields(desk.place);
    let looked = Looked::sent(fields, kept);
    let outcome = Outcome { is_review: true, looked, ..Outcome::default() };
    page(here, &desk, typed(fields, kept, None), outcome).await
}

async fn complete(here: &Here, desk: Desk, sent: &Sent) -> Result<Response, Fail> {
    let submission = typed(desk.executable.fields(desk.place), sent, None);
    let looked = Looked::sent(desk.executable.fields(desk.place), sent);
    if looked.is_stale(&desk.executable, desk.executable.fields(desk.place), &submission) {
        // What is sent may be somebody else's, filled in for the key before: it is shown once more.
        let outcome = Outcome { is_review: true, looked, ..Outcome::default() };
        return page(here, &desk, submission, outcome).await;
    }
    let command = Command::CompleteTask {
        task: desk.number,
        submission: submission.clone(),
        choice: sent.get(CHOICE).map(ToOwned::to_owned),
    };
    let id = desk.case.id;
    let handled = here.app.runtime.handle(&here.actor, &id, command, sent.key()).await;
    let rejection = match handled {
        Ok(handled) => {
            let first = handled.records.first().map_or(0, |record| record.seq);
            let done = format!("{}?done={first}", routes::case(&id));
            return Ok(Redirect::to(&done).into_response());
        }
        Err(Refusal::Rejected(rejection)) => rejection,
        Err(refusal) => return Err(refusal.into()),
    };
    // The case may have moved on meanwhile: what is shown is how it stands now.
    let desk = here.desk(&id.to_string(), desk.number).await?;
    let outcome = match rejection {
        Rejection::InvalidSubmission { errors } => Outcome {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            errors,
            looked,
            ..Outcome::default()
        },
        rejection => Outcome {
            status: StatusCode::CONFLICT,
            refusal: Some(said(here, &desk.executable, &rejection).await?),
            looked,
            ..Outcome::default()
        },
    };
    page(here, &desk, submission, outcome).await
}

async fn page(here: &Here, desk: &Desk, mut raw: Map, outcome: Outcome) -> Result<Response, Fail> {
    let fields = desk.executable.fields(desk.place);
    at_least_a_row(here, desk, &mut raw);
    let registers = Registers::load(here, desk, fields, &raw, &outcome.looked).await?;
    let has_filled = {
        let scope = desk.scope(here);
        look_up(fields, &mut raw, &outcome.looked, &registers, &sources(here, desk, &scope))
    };
    let reckoned = reckon(here, desk, &raw, &registers);
    // What a register has just filled in is no longer missing, whatever the engine said before.
    let is_review = outcome.is_review || (has_filled && !outcome.errors.is_empty());
    let errors = if is_review { &reckoned.errors } else { &outcome.errors };
    let problems = Problems::of(errors, fields, &here.speaker);
    let rows = here.app.runtime.store().documents(&desk.case.id).await?;
    let forms = forms(here, desk, &raw, &reckoned, &registers, &problems);
    let page = TaskPage {
        case: head(here, &desk.case, &desk.executable),
        step: step_view(here, desk, &reckoned.data),
        bar: bar(here, desk).await?,
        refusal: outcome.refusal,
        is_right: is_review && problems.summary.is_empty(),
        problems: problems.summary,
        has_inputs: forms.iter().any(|form| !form.fields.is_empty()),
        is_live: is_live(fields) || desk.step().all_issues().any(|issue| issue.when.is_some()),
        forms,
        documents: rows.iter().map(|row| paper(here, row)).collect(),
        key: new_key(),
    };
    Ok((outcome.status, view::page(here, "task.html", page)?).into_response())
}

fn sources<'a>(
    here: &'a Here,
    desk: &'a Desk,
    scope: &'a dyn crate::expression::Scope,
) -> Sources<'a> {
    Sources { executable: &desk.executable, speaker: &here.speaker, scope }
}

fn is_live(fields: &[Field]) -> bool {
    fields.iter().any(|field| {
        let below = match &field.kind {
            Kind::Group { fields } | Kind::Table { columns: fields, .. } => is_live(fields),
            _ => false,
        };
        below || field.computed.is_some() || field.when.is_some() || field.from.is_some()
    })
}

/// One more line for the table at `path`.
fn add_row(here: &Here, desk: &Desk, raw: &mut Map, path: &str) {
    let scope = desk.scope(here);
    let field = find(desk.executable.fields(desk.place), path);
    let Some(Kind::Table { columns, max_rows, .. }) = field.map(|field| &field.kind) else {
        return;
    };
    let mut rows = match Value::at(raw, path) {
        Some(Value::List(rows)) => rows.clone(),
        _ => Vec::new(),
    };
    if rows.len() < *max_rows {
        rows.push(blank_row(columns, &sources(here, desk, &scope)));
        Value::put(raw, path, Value::List(rows));
    }
}

/// A table always has a line to write in.
fn at_least_a_row(here: &Here, desk: &Desk, raw: &mut Map) {
    for (path, field) in leaves(desk.executable.fields(desk.place)) {
        let is_empty =
            Value::at(raw, &path).and_then(Value::as_list).is_none_or(|rows| rows.is_empty());
        if matches!(field.kind, Kind::Table { .. }) && field.is_asked() && is_empty {
            add_row(here, desk, raw, &path);
        }
    }
}
