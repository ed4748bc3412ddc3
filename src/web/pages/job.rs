//! `/cases/{case}/jobs/{job}`: a machine that is stuck. Whoever may cancel the case has it try again, or
//! writes down by hand what the machine should have answered.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::case::{Head, head};
use crate::engine::{Command, Job, JobStatus, Rejection, Request};
use crate::expression::{Map, Value};
use crate::field::FieldError;
use crate::language::Arg;
use crate::procedure::Executable;
use crate::runtime::Refusal;
use crate::store::CaseRow;
use crate::web::body::{Pairs, Sent, new_key};
use crate::web::desk::Desk;
use crate::web::fail::Fail;
use crate::web::form::{FormView, Looked, Problems, Registers, forms, reckon, typed};
use crate::web::house::may_cancel;
use crate::web::rejection::{refused, said};
use crate::web::session::Here;
use crate::web::{routes, view};

/// What a machine does for a case, or can't do.
#[derive(Serialize)]
pub(in crate::web) struct Machine {
    step: String,
    branch: Option<String>,
    activity: String,
    /// What is asked of it, in a sentence.
    words: String,
    since: String,
    is_stuck: bool,
    /// Why it failed the last time.
    reason: Option<String>,
    /// When it is tried again.
    again: Option<String>,
    /// For who is in charge, when it is stuck.
    href: Option<String>,
    /// The case that it waits for.
    child: Option<Link>,
    key: String,
}

/// Another case.
#[derive(Serialize)]
pub(in crate::web) struct Link {
    pub(in crate::web) href: String,
    pub(in crate::web) number: String,
}

#[derive(Serialize)]
struct JobPage {
    case: Head,
    machine: Machine,
    refusal: Option<String>,
    problems: Vec<crate::web::form::Line>,
    forms: Vec<FormView>,
    key: String,
}

/// The open jobs of a case, at most so many; those that are stuck first.
pub(in crate::web) fn machines(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
    most: usize,
) -> Vec<Machine> {
    let mut jobs: Vec<(u32, &Job)> = case.state.jobs.iter().map(|(no, job)| (*no, job)).collect();
    jobs.sort_by_key(|(_, job)| job.status != JobStatus::Incident);
    let jobs = jobs.into_iter().take(most);
    jobs.map(|(number, job)| machine(here, case, executable, number, job)).collect()
}

fn machine(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
    number: u32,
    job: &Job,
) -> Machine {
    let speaker = &here.speaker;
    let is_stuck = job.status == JobStatus::Incident;
    let is_mine = is_stuck && may_cancel(executable, &here.actor);
    let step = executable.step(&job.step);
    Machine {
        step: speaker.step(&job.step),
        branch: executable.branch(&job.step),
        activity: step.map(|step| step.activity.clone()).unwrap_or_default(),
        words: asked(here, &job.request),
        since: speaker.when(job.created_at),
        is_stuck,
        reason: job.reason.clone(),
        again: (!is_stuck && job.attempts > 0).then(|| speaker.when(job.due_at)),
        href: is_mine.then(|| routes::job(&case.id, number)),
        child: job.child.as_ref().map(|child| link(&child.case, &child.number)),
        key: new_key(),
    }
}

/// A case by its id and number, as another case tells it.
pub(in crate::web) fn link(case: &str, number: &str) -> Link {
    Link { href: format!("/cases/{case}"), number: number.to_owned() }
}

/// `Correo a ana@example.org`.
pub(in crate::web) fn asked(here: &Here, request: &Request) -> String {
    let say = |key: &str, what: Arg<'_>| here.speaker.t(key, &[("what", what)]);
    let title = |procedure: &String| here.house.titles.get(procedure).unwrap_or(procedure).clone();
    match request {
        Request::Send { to, .. } => say("web-machine-send", to.join(", ").into()),
        Request::Call { service, .. } => say("web-machine-call", service.into()),
        Request::Case { procedure, waits: true, .. } => {
            say("web-machine-case", title(procedure).into())
        }
        Request::Case { procedure, .. } => say("web-machine-begins", title(procedure).into()),
        Request::Work { topic, .. } => say("web-machine-work", topic.into()),
    }
}

pub(in crate::web) async fn show(
    here: Here,
    Path((case, job)): Path<(String, u32)>,
) -> Result<Response, Fail> {
    let desk = stuck(&here, &case, job).await?;
    page(&here, &desk, Map::new(), Outcome::default()).await
}

/// What a page says about what was sent.
#[derive(Default)]
struct Outcome {
    status: StatusCode,
    errors: Vec<FieldError>,
    refusal: Option<String>,
}

pub(in crate::web) async fn submit(
    here: Here,
    Path((case, job)): Path<(String, u32)>,
    pairs: Pairs,
) -> Result<Response, Fail> {
    let desk = stuck(&here, &case, job).await?;
    let sent = Sent::new(pairs);
    let fields = desk.executable.fields(desk.place);
    let raw = typed(fields, &sent, None);
    let answer = fields.first().and_then(|field| raw.get(field.name.as_str()));
    let command = Command::CompleteJob { job, answer: answer.cloned().unwrap_or(Value::Null) };
    let done = here.app.runtime.handle(&here.actor, &desk.case.id, command, sent.key()).await;
    let rejection = match done {
        Ok(_) => return Ok(Redirect::to(&routes::case(&desk.case.id)).into_response()),
        Err(Refusal::Rejected(rejection)) => rejection,
        Err(refusal) => return Err(refusal.into()),
    };
    let outcome = match rejection {
        Rejection::InvalidSubmission { errors } => {
            Outcome { status: StatusCode::UNPROCESSABLE_ENTITY, errors, refusal: None }
        }
        rejection => Outcome {
            status: StatusCode::CONFLICT,
            errors: Vec::new(),
            refusal: Some(said(&here, &desk.executable, &rejection).await?),
        },
    };
    page(&here, &desk, raw, outcome).await
}

pub(in crate::web) async fn retry(
    here: Here,
    Path((case, job)): Path<(String, u32)>,
    pairs: Pairs,
) -> Result<Redirect, Fail> {
    let case = here.case(&case).await?;
    let executable = here.app.executable_of(&case).await?;
    let sent = Sent::new(pairs);
    let back = routes::case(&case.id);
    let command = Command::RetryJob { job };
    match here.app.runtime.handle(&here.actor, &case.id, command, sent.key()).await {
        Ok(_) => Ok(Redirect::to(&back)),
        Err(refusal) => Err(refused(&here, &executable, refusal, back).await),
    }
}

/// A stuck job as if it were a task of who is in charge.
async fn stuck(here: &Here, case: &str, number: u32) -> Result<Desk, Fail> {
    let case = here.case(case).await?;
    let executable = here.app.executable_of(&case).await?;
    let job = case.state.jobs.get(&number).filter(|job| job.status == JobStatus::Incident);
    let job = job.filter(|_| may_cancel(&executable, &here.actor)).ok_or(Fail::NotFound)?;
    let place = executable.place(&job.step).ok_or(Fail::NotFound)?;
    let within = job.within.clone();
    Ok(Desk { case, executable, number, task: None, within, place })
}

async fn page(here: &Here, desk: &Desk, raw: Map, outcome: Outcome) -> Result<Response, Fail> {
    let fields = desk.executable.fields(desk.place);
    let registers = Registers::load(here, desk, fields, &raw, &Looked::default()).await?;
    let reckoned = reckon(here, desk, &raw, &registers);
    let problems = Problems::of(&outcome.errors, fields, &here.speaker);
    let job = desk.case.state.jobs.get(&desk.number).ok_or(Fail::NotFound)?;
    let page = JobPage {
        case: head(here, &desk.case, &desk.executable),
        machine: machine(here, &desk.case, &desk.executable, desk.number, job),
        refusal: outcome.refusal,
        forms: forms(here, desk, &raw, &reckoned, &registers, &problems),
        problems: problems.summary,
        key: new_key(),
    };
    Ok((outcome.status, view::page(here, "job.html", page)?).into_response())
}
