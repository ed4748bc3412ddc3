//! Cases that a case begins: a child is begun once, however often that is tried, and its end completes
//! the job of the parent that waits for it.
//!
//! The child's id follows from the parent's and the job's number, so that whoever tries again finds it. The
//! transaction in which a child ends wakes the parent's job (`store::jobs`); it is looked at every few minutes
//! besides, so that nothing depends on that alone.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Errand;
use super::outcome::{Failure, Outcome};
use crate::engine::{
    Actor, CANCELLED, CaseScope, CaseStatus, Command, Parent, Rejection, Request, State,
};
use crate::expression::{Map, Value};
use crate::language::Language;
use crate::procedure::Executable;
use crate::runtime::writer::Wish;
use crate::runtime::{Handled, Key, Refusal, Runtime};
use crate::store::{CaseId, CaseRow, Leased};
use crate::wording;

impl Runtime {
    /// Begins a case for another one, under an id that follows from that.
    pub(in crate::runtime) async fn start_child(
        &self,
        organisation: &str,
        procedure: &str,
        (case, parent, input): (CaseId, Parent, Map),
        key: Key<'_>,
    ) -> Result<Handled, Refusal> {
        let (organisation, procedure) = (organisation.to_owned(), procedure.to_owned());
        let wish = Wish::StartChild { case, organisation, procedure, parent, input };
        self.order(&Actor::machine(), wish, Some(key)).await
    }
}

/// How often a parent looks by itself whether its child has ended.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// The child of a job that has given up so many before: as old as its parent, so that it sorts near it.
pub(super) fn child_id(leased: &Leased, given_up: u32) -> CaseId {
    let (case, _) = leased;
    let hash = Sha256::digest(format!("child {}", name(leased, given_up)));
    let mut bytes: [u8; 16] = std::array::from_fn(|place| hash[place]);
    bytes[..6].copy_from_slice(&case.0.as_bytes()[..6]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    CaseId(Uuid::from_bytes(bytes))
}

fn name((case, job): &Leased, given_up: u32) -> String {
    match given_up {
        0 => format!("{case} {job}"),
        given_up => format!("{case} {job} {given_up}"),
    }
}

/// Begins the child, or sees how far it is. None: the parent goes on waiting.
pub(super) async fn look(
    runtime: &Runtime,
    errand: &Errand<'_>,
) -> Result<Option<Outcome>, Refusal> {
    let Request::Case { procedure, input, waits } = &errand.job.request else {
        return Ok(Some(Outcome::Failed(Failure::lasting("this begins no case"))));
    };
    let id = child_id(errand.leased, errand.job.given_up);
    if errand.job.child.is_none() {
        match begin(runtime, errand, &id, (procedure, input)).await? {
            Ok(number) => note(runtime, errand, &id, number).await?,
            Err(failure) => return Ok(Some(Outcome::Failed(failure))),
        }
    }
    let Some(child) = runtime.store().case(&id).await? else {
        return Ok(Some(Outcome::Failed(Failure::lasting("the case that it began is gone"))));
    };
    let version = (&child.organisation, &child.procedure, child.version);
    let executable = runtime.executable(version.0, version.1, version.2).await?;
    let executable = executable.ok_or(Refusal::NotFound)?;
    Ok(match child.status {
        _ if !waits => Some(Outcome::Done(begun(&child))),
        CaseStatus::Ended => Some(Outcome::Done(outputs(&executable, &child))),
        CaseStatus::Cancelled => {
            let failure = Failure::lasting(format!("{} was cancelled", child.number));
            Some(Outcome::Failed(Failure { codes: vec![CANCELLED.to_owned()], ..failure }))
        }
        CaseStatus::New | CaseStatus::Running => None,
    })
}

/// The child's number, or why it can't begin.
async fn begin(
    runtime: &Runtime,
    errand: &Errand<'_>,
    id: &CaseId,
    (procedure, input): (&str, &Map),
) -> Result<Result<String, Failure>, Refusal> {
    let (case, job) = errand.leased;
    let above = errand.case.state.parent.as_ref();
    let parent = Parent {
        case: case.to_string(),
        number: errand.case.number.clone(),
        job: *job,
        depth: above.map_or(1, |above| above.depth + 1),
    };
    let key = match errand.job.given_up {
        0 => format!("child {}", errand.key()),
        given_up => format!("child {}-{given_up}", errand.key()),
    };
    let begun = runtime
        .start_child(
            &errand.case.organisation,
            procedure,
            (*id, parent, input.clone()),
            Key::api(&key),
        )
        .await;
    match begun {
        Ok(handled) => Ok(Ok(handled.state.number.clone())),
        Err(Refusal::NotFound) => {
            Ok(Err(Failure::lasting(format!("there is no procedure `{procedure}`"))))
        }
        Err(Refusal::Rejected(rejection)) => Ok(Err(refused(errand, procedure, &rejection))),
        Err(refusal) => Err(refusal),
    }
}

fn refused(errand: &Errand<'_>, procedure: &str, rejection: &Rejection) -> Failure {
    let language = Language::parse(&errand.executable.organisation.language);
    match rejection {
        Rejection::InvalidSubmission { errors } => {
            let each = errors.iter().take(5).map(|error| {
                format!("{}: {}", error.path, wording::problem(&language, &error.problem))
            });
            let each = each.collect::<Vec<_>>().join("; ");
            Failure::lasting(format!("`{procedure}` does not take what it is given: {each}"))
        }
        Rejection::NoWayOn { reason, .. } => {
            Failure::lasting(format!("`{procedure}` can't begin: {reason}"))
        }
        Rejection::TooDeep { most } => {
            Failure::lasting(format!("cases begin each other more than {most} deep"))
        }
        rejection => Failure::lasting(format!("`{procedure}` can't begin: {}", rejection.code())),
    }
}

/// The parent remembers its child, and when to look after it.
async fn note(
    runtime: &Runtime,
    errand: &Errand<'_>,
    id: &CaseId,
    number: String,
) -> Result<(), Refusal> {
    let (case, job) = *errand.leased;
    let child = id.to_string();
    let look_at = later(runtime);
    let command = Command::NoteChild { job, child, number, look_at };
    match runtime.handle(&Actor::machine(), &case, command, None).await {
        // Withdrawn meanwhile: the child will be cancelled.
        Err(Refusal::Rejected(_)) => Ok(()),
        noted => noted.map(|_| ()),
    }
}

pub(super) fn later(runtime: &Runtime) -> Timestamp {
    runtime.clock().now().checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX)
}

/// What is known of a child that is not waited for.
fn begun(child: &CaseRow) -> Value {
    Value::Map(Map::from([("number".to_owned(), Value::text(child.number.as_str()))]))
}

/// What a child hands back: its `outputs`, how it ended, and its number.
fn outputs(executable: &Executable, child: &CaseRow) -> Value {
    let state: &State = &child.state;
    let at = state.ended_at.unwrap_or(child.started_at);
    let today = executable.organisation.calendar.date(at);
    let scope = CaseScope::of(executable, state, today);
    let mut answer = Map::new();
    for output in &executable.procedure.outputs {
        // What was not filled in on its way is nothing, and the parent says whether it can do without.
        let value = output.value.evaluate(&scope).unwrap_or_default();
        answer.insert(output.variable.value.clone(), value);
    }
    answer.insert("outcome".to_owned(), Value::text(state.outcome.as_deref().unwrap_or_default()));
    answer.insert("number".to_owned(), Value::text(child.number.as_str()));
    Value::Map(answer)
}

/// Cancels the child of a job that is no longer waited for; whether that is done. One that can't be
/// cancelled now, because what it moved is on its way, is looked at again later. Those that it had given up
/// are cancelled already: the last is looked for.
pub(super) async fn stop(runtime: &Runtime, leased: &Leased) -> Result<bool, Refusal> {
    let mut last = None;
    for given_up in 0.. {
        match runtime.store().case(&child_id(leased, given_up)).await? {
            Some(child) => last = Some(child),
            None => break,
        }
    }
    let Some(child) = last else { return Ok(true) };
    let id = child.id;
    let version = (&child.organisation, &child.procedure, child.version);
    let executable = runtime.executable(version.0, version.1, version.2).await?;
    let code = executable.map(|executable| executable.organisation.language.clone());
    let language = Language::parse(code.as_deref().unwrap_or("en"));
    let number = child.state.parent.as_ref().map(|parent| parent.number.clone());
    let args = [("number", number.unwrap_or_default().into())];
    let reason = language.text("reason-not-waited-for", &args);
    let command = Command::CancelCase { reason };
    match runtime.handle(&Actor::machine(), &id, command, None).await {
        Ok(_) | Err(Refusal::Rejected(Rejection::CaseNotRunning)) => Ok(true),
        Err(Refusal::Rejected(rejection)) => {
            let code = rejection.code();
            tracing::warn!(case = %id, code, "a case that nobody waits for can't be cancelled yet");
            Ok(false)
        }
        Err(refusal) => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_one_id_and_every_job_another() {
        let parent = CaseId(Uuid::now_v7());
        let (one, two) = (child_id(&(parent, 1), 0), child_id(&(parent, 2), 0));
        assert_eq!(one, child_id(&(parent, 1), 0));
        assert_ne!(one, child_id(&(parent, 1), 1));
        assert_ne!(one, two);
        assert_eq!(one.0.get_version_num(), 7);
        assert_eq!(one.0.as_bytes()[..6], parent.0.as_bytes()[..6]);
    }
}
