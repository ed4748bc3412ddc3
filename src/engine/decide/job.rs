//! Jobs: a step asks a machine, and the answer or the failure leads on.

use super::advance::{self, Token};
use super::complete::{finish, no_way, read, set_changed};
use super::{Working, first, watch};
use crate::engine::{Actor, CANCELLED, Entry, Job, JobStatus, Owner, Rejection, Request};
use crate::expression::{Fault, Line, Map, Piece, Scope, Value};
use crate::field::{Field, Kind};
use crate::procedure::{ANY, Errand, Step, Target, What};

/// Letters of a reason that are kept: what a machine says may be a whole page.
const MAX_REASON: usize = 1_000;

/// Gives a step's errand to a machine: the case waits there.
pub(super) fn create(
    working: &mut Working<'_>,
    token: Token,
    errand: &Errand,
) -> Result<(), Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    if working.is_explored() {
        advance::stand(working, step, token.within);
        return Ok(());
    }
    let request = request(working, errand).map_err(|fault| no_way(step, fault.message))?;
    let job = working.state.job_count + 1;
    working.emit(Entry::JobCreated {
        job,
        step: step.id.value.clone(),
        request: Box::new(request),
        tries: errand.tries,
        within: token.within,
    });
    watch::set(working, Owner::Job(job), token.place, working.facts.now)
}

fn request(working: &Working<'_>, errand: &Errand) -> Result<Request, Fault> {
    let scope = working.scope();
    Ok(match &errand.what {
        What::Send(mail) => {
            let to = mail.to.iter().map(|to| filled(to, &scope, Value::to_string));
            let to: Vec<String> = to.collect::<Result<_, _>>()?;
            Request::Send {
                // One text may name several people.
                to: to
                    .iter()
                    .flat_map(|to| to.split([',', ';']))
                    .map(|to| to.trim().to_owned())
                    .filter(|to| !to.is_empty())
                    .collect(),
                subject: filled(&mail.subject, &scope, Value::to_string)?,
                body: filled(&mail.body, &scope, Value::to_string)?,
                attach: mail
                    .attach
                    .iter()
                    .filter_map(|name| Some(working.state.document(name)?.no))
                    .collect(),
            }
        }
        What::Call(call) => Request::Call {
            service: call.service.value.clone(),
            method: call.method.key().to_owned(),
            path: filled(&call.path, &scope, escaped)?,
            body: call.body.as_ref().map_or(Ok(Value::Null), |body| body.evaluate(&scope))?,
            timeout_ms: call.timeout_ms,
        },
        What::Work(work) => Request::Work {
            topic: work.topic.value.clone(),
            role: work.workers.value.clone(),
            input: table(work.with.evaluate(&scope)?),
        },
        What::Case(child) => Request::Case {
            procedure: child.procedure.value.clone(),
            input: table(child.with.evaluate(&scope)?),
            waits: child.waits,
        },
    })
}

fn table(value: Value) -> Map {
    match value {
        Value::Map(map) => map,
        _ => Map::new(),
    }
}

/// A text with its holes filled, each as `show` writes it; nothing is trimmed.
fn filled(
    line: &Line,
    scope: &dyn Scope,
    show: impl Fn(&Value) -> String,
) -> Result<String, Fault> {
    let mut text = String::new();
    for piece in &line.pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Value(value) | Piece::Spoken(value, _) => {
                text.push_str(&show(&value.evaluate(scope)?));
            }
        }
    }
    Ok(text)
}

/// As it can stand in an address: nothing of the case's data can lead elsewhere.
fn escaped(value: &Value) -> String {
    let mut text = String::new();
    for byte in value.to_string().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The open job, when whoever asks may work on it: the server, a worker with its role, and for one that
/// is stuck whoever may cancel the case.
fn open_job<'a>(working: &'a Working<'_>, number: u32) -> Result<&'a Job, Rejection> {
    let open = working.state.jobs.get(&number).ok_or(Rejection::JobNotOpen)?;
    let is_worker = open.request.role().is_some_and(|role| working.actor.has(role));
    let is_in_charge = open.status == JobStatus::Incident && in_charge(working).is_ok();
    if working.actor.id == Actor::MACHINE || is_worker || is_in_charge {
        return Ok(open);
    }
    let role = open.request.role().map(ToOwned::to_owned);
    Err(Rejection::NotYourRole { role: role.unwrap_or_else(|| first_in_charge(working)) })
}

fn in_charge(working: &Working<'_>) -> Result<(), Rejection> {
    let cancels = &working.executable.procedure.cancels;
    if cancels.iter().any(|role| working.actor.has(role)) {
        return Ok(());
    }
    Err(Rejection::NotYourRole { role: first_in_charge(working) })
}

fn first_in_charge(working: &Working<'_>) -> String {
    let cancels = &working.executable.procedure.cancels;
    cancels.first().map(|role| role.value.clone()).unwrap_or_default()
}

pub(super) fn complete(
    working: &mut Working<'_>,
    number: u32,
    answer: &Value,
) -> Result<(), Rejection> {
    let open = open_job(working, number)?;
    let within = open.within.clone();
    let place = working.executable.place(&open.step).ok_or(Rejection::JobNotOpen)?;
    let step = &working.executable.procedure.steps[place];
    working.here.clone_from(&within);
    let values = read(working, place, &submission(working.executable.fields(place), answer))?;
    first::taken(working, within.as_ref());
    set_changed(working, values);
    finish(working, step, None)?;
    working.emit(Entry::JobCompleted { job: number, step: step.id.value.clone() });
    advance::leave(working, Token::new(place, within), None)
}

/// An answer as the submission of the step's fields: the one variable is the answer.
pub(in crate::engine) fn submission(fields: &[Field], answer: &Value) -> Map {
    let of = |field: &Field| (field.name.value.clone(), fitting(field, answer));
    fields.iter().take(1).map(of).collect()
}

/// What of an answer the field asks for: other systems say more than one wants to know.
fn fitting(field: &Field, answer: &Value) -> Value {
    let members = |fields: &[Field], map: &Map| {
        let of = |field: &Field| {
            let value = map.get(field.name.as_str())?;
            Some((field.name.value.clone(), fitting(field, value)))
        };
        Value::Map(fields.iter().filter_map(of).collect())
    };
    match (&field.kind, answer) {
        (Kind::Group { fields }, Value::Map(map)) => members(fields, map),
        (Kind::Table { columns, .. }, Value::List(rows)) => {
            let rows = rows.iter().map(|row| match row {
                Value::Map(row) => members(columns, row),
                other => other.clone(),
            });
            Value::List(rows.collect())
        }
        (_, value) => value.clone(),
    }
}

/// What went wrong with a job.
pub(super) struct Failure<'a> {
    pub(super) reason: &'a str,
    pub(super) code: Option<&'a str>,
    /// None: trying again would change nothing.
    pub(super) retry_at: Option<jiff::Timestamp>,
}

pub(super) fn fail(
    working: &mut Working<'_>,
    number: u32,
    failure: &Failure<'_>,
) -> Result<(), Rejection> {
    let open = waiting(working, number)?;
    let (step, tries, attempts) = (open.step.clone(), open.tries, open.attempts + 1);
    let within = open.within.clone();
    let place = working.executable.place(&step).ok_or(Rejection::JobNotOpen)?;
    let written = &working.executable.procedure.steps[place];
    let reason = cut(failure.reason);
    let code = failure.code.map(ToOwned::to_owned);
    let retry_at = failure.retry_at.filter(|_| attempts < tries);
    let handled = target(written, failure.code, retry_at.is_none());
    if let Some(target) = handled {
        first::taken(working, within.as_ref());
        working.emit(Entry::ErrorHandled { job: number, step, code, reason });
        advance::follow(working, Token::new(place, within), target)?;
        return advance::run(working);
    }
    working.emit(Entry::JobFailed { job: number, reason: reason.clone(), code, retry_at });
    if retry_at.is_none() {
        working.emit(Entry::IncidentRaised { job: number, reason });
    }
    Ok(())
}

/// A late word about one that is stuck already is none.
fn waiting<'a>(working: &'a Working<'_>, number: u32) -> Result<&'a Job, Rejection> {
    let open = open_job(working, number)?;
    if open.status == JobStatus::Waiting { Ok(open) } else { Err(Rejection::JobNotOpen) }
}

fn cut(reason: &str) -> String {
    reason.trim().chars().take(MAX_REASON).collect()
}

/// The job is stuck, and no handler of the procedure is asked.
pub(super) fn raise(working: &mut Working<'_>, number: u32, reason: &str) -> Result<(), Rejection> {
    waiting(working, number)?;
    let reason = cut(reason);
    let told = reason.clone();
    working.emit(Entry::JobFailed { job: number, reason: told, code: None, retry_at: None });
    working.emit(Entry::IncidentRaised { job: number, reason });
    Ok(())
}

/// Where the procedure leads on after a failure: of this code at once, of any other when it is final.
fn target<'a>(step: &'a Step, code: Option<&str>, is_final: bool) -> Option<&'a Target> {
    let errand = step.errand.as_ref()?;
    let own = code.filter(|code| *code != ANY).and_then(|code| errand.handler(code));
    let any = || errand.handler(ANY).filter(|_| is_final);
    own.or_else(any).map(|handler| &handler.target)
}

/// The case that was asked for has begun.
pub(super) fn note_child(
    working: &mut Working<'_>,
    number: u32,
    (case, named): (&str, &str),
    look_at: jiff::Timestamp,
) -> Result<(), Rejection> {
    let open = open_job(working, number)?;
    if open.child.is_none() && open.status == JobStatus::Waiting {
        let (case, named) = (case.to_owned(), named.to_owned());
        working.emit(Entry::ChildStarted { job: number, case, number: named, look_at });
    }
    Ok(())
}

/// Somebody in charge says: try again. A case that was cancelled stays so, and another one is begun.
pub(super) fn retry(working: &mut Working<'_>, number: u32) -> Result<(), Rejection> {
    in_charge(working)?;
    let open = working.state.jobs.get(&number).ok_or(Rejection::JobNotOpen)?;
    // A doubled click is no error.
    if open.status == JobStatus::Incident {
        let was_cancelled = open.code.as_deref() == Some(CANCELLED);
        let anew = was_cancelled && open.child.is_some();
        working.emit(Entry::IncidentResolved { job: number, anew });
    }
    Ok(())
}
