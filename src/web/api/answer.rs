//! What a case is in JSON, and what a command did to it.
//!
//! The answer to a command is made from [`Handled`] alone. Nothing is looked up that may have changed
//! since: when the command is repeated, the runtime hands back the case as it was right after the first
//! time, and the bytes are the same.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;

use super::problem::{Problem, refused};
use crate::engine::{Block, BlockStatus, Job, State, Task};
use crate::expression::Map;
use crate::procedure::Executable;
use crate::runtime::{Handled, Refusal};
use crate::store::CaseId;
use crate::web::routes;
use crate::web::session::Here;

/// A case.
#[derive(Serialize)]
pub(super) struct CaseBody<'a> {
    id: CaseId,
    number: &'a str,
    procedure: &'a str,
    version: u32,
    status: &'static str,
    outcome: Option<&'a str>,
    started_at: Option<Timestamp>,
    started_by: &'a str,
    ended_at: Option<Timestamp>,
    data: &'a Map,
    /// The open ones.
    tasks: Vec<TaskBody<'a>>,
    /// The blocks of which people may say that there is one more item, or no more.
    blocks: Vec<BlockBody<'a>>,
    /// What machines are asked for.
    jobs: Vec<JobBody<'a>>,
    /// What only one case at a time can have: waited for, or had.
    locks: Vec<LockBody<'a>>,
    documents: Vec<DocumentBody<'a>>,
    papers: Vec<&'a str>,
}

#[derive(Serialize)]
struct TaskBody<'a> {
    task: u32,
    step: &'a str,
    role: &'a str,
    status: crate::engine::TaskStatus,
    claimed_by: Option<&'a str>,
    offered_at: Timestamp,
    opens_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    /// The branch that it stands in, by the block's number and its own name; both or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
}

#[derive(Serialize)]
struct BlockBody<'a> {
    block: u32,
    step: &'a str,
    /// Its open branches, by their names.
    branches: Vec<&'a str>,
    /// How many have ended.
    ended: u32,
}

#[derive(Serialize)]
struct JobBody<'a> {
    job: u32,
    step: &'a str,
    kind: &'static str,
    status: crate::engine::JobStatus,
    attempts: u32,
    created_at: Timestamp,
    due_at: Timestamp,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct LockBody<'a> {
    name: &'a str,
    status: crate::engine::LockStatus,
    since: Timestamp,
}

#[derive(Serialize)]
struct DocumentBody<'a> {
    no: u32,
    document: &'a str,
    number: &'a str,
    step: &'a str,
    is_signed: bool,
}

/// What a command did.
#[derive(Serialize)]
struct Done<'a> {
    #[serde(flatten)]
    case: CaseBody<'a>,
    /// The lines that it added to the journal; nothing when there was nothing to be done.
    entries: Option<Lines>,
}

#[derive(Serialize)]
struct Lines {
    first: u32,
    last: u32,
}

impl<'a> CaseBody<'a> {
    pub(super) fn of(id: CaseId, state: &'a State) -> Self {
        let document = |issued: &'a crate::engine::Issued| DocumentBody {
            no: issued.no,
            document: &issued.document,
            number: &issued.number,
            step: &issued.step,
            is_signed: issued.is_signed,
        };
        let line = |lock: &'a crate::engine::Lock| LockBody {
            name: &lock.name,
            status: lock.status,
            since: lock.since,
        };
        Self {
            id,
            number: &state.number,
            procedure: &state.procedure,
            version: state.version,
            status: state.status.name(),
            outcome: state.outcome.as_deref(),
            started_at: state.started_at,
            started_by: &state.started_by,
            ended_at: state.ended_at,
            data: &state.data,
            tasks: state.tasks.iter().map(|(number, task)| open(state, *number, task)).collect(),
            blocks: state
                .blocks
                .iter()
                .filter_map(|(number, block)| list(*number, block))
                .collect(),
            jobs: state.jobs.iter().map(|(number, job)| asked(*number, job)).collect(),
            locks: state.locks.values().map(line).collect(),
            documents: state.documents.iter().map(document).collect(),
            papers: state.papers.iter().map(String::as_str).collect(),
        }
    }
}

fn open<'a>(state: &'a State, number: u32, task: &'a Task) -> TaskBody<'a> {
    let within = state.known_by(task.within.as_ref());
    TaskBody {
        task: number,
        step: &task.step,
        role: &task.role,
        status: task.status,
        claimed_by: task.claimed_by.as_deref(),
        offered_at: task.offered_at,
        opens_at: task.opens_at,
        due_at: task.due_at,
        branch: within.map(|place| place.branch.as_str()),
        block: within.map(|place| place.block),
    }
}

/// A block to which items may be added.
fn list(number: u32, block: &Block) -> Option<BlockBody<'_>> {
    let is_open = block.is_open && block.status == BlockStatus::Running;
    is_open.then(|| BlockBody {
        block: number,
        step: &block.step,
        branches: block.running.iter().map(String::as_str).collect(),
        ended: block.ended,
    })
}

fn asked(number: u32, job: &Job) -> JobBody<'_> {
    JobBody {
        job: number,
        step: &job.step,
        kind: job.request.kind(),
        status: job.status,
        attempts: job.attempts,
        created_at: job.created_at,
        due_at: job.due_at,
        reason: job.reason.as_deref(),
    }
}

/// The answer to a command that was done: `status` and the case as the command left it.
pub(super) fn done(status: StatusCode, handled: &Handled) -> Response {
    let ends = handled.records.first().zip(handled.records.last());
    let body = Json(Done {
        case: CaseBody::of(handled.case, &handled.state),
        entries: ends.map(|(first, last)| Lines { first: first.seq, last: last.seq }),
    });
    match status {
        StatusCode::CREATED => {
            (status, [(LOCATION, routes::api_case(&handled.case))], body).into_response()
        }
        status => (status, body).into_response(),
    }
}

/// The answer to a command about a case that is there already.
pub(super) async fn answer(
    here: &Here,
    executable: &Executable,
    asked: Result<Handled, Refusal>,
) -> Result<Response, Problem> {
    match asked {
        Ok(handled) => Ok(done(StatusCode::OK, &handled)),
        Err(refusal) => Err(refused(here, executable, refusal).await),
    }
}
