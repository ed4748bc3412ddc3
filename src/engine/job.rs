//! Jobs: work for machines that a case waits for, and how entries change them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::apply::visited;
use super::lifecycle::{self, JOB};
use super::{Entry, JobStatus, Owner, Place, State};
use crate::expression::{Map, Value};

/// A job that is not over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub step: String,
    /// The branch that the step stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Place>,
    pub request: Request,
    pub status: JobStatus,
    /// How often it may be tried.
    pub tries: u32,
    /// How often it has failed since somebody last said: try again.
    pub attempts: u32,
    pub created_at: Timestamp,
    /// When it is to be tried next, or since when it is stuck.
    pub due_at: Timestamp,
    /// Why it failed the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the other side called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<Child>,
    /// How many cases it has begun in vain before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub given_up: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The code of a failure whose case was cancelled.
pub const CANCELLED: &str = "cancelled";

/// Cases that begin each other: a procedure that begins itself without end must be found.
pub const MAX_DEPTH: u32 = 20;

/// The case that began this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Its id.
    pub case: String,
    pub number: String,
    pub job: u32,
    /// How many cases are above this one.
    pub depth: u32,
}

/// The case that a job has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// Its id.
    pub case: String,
    pub number: String,
}

/// What a machine is asked for, with the data as it was when the case came to the step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// A mail.
    Send {
        to: Vec<String>,
        subject: String,
        body: String,
        /// Numbers of the case's documents.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attach: Vec<u32>,
    },
    /// A request to another system.
    Call {
        /// Its name in the server's configuration.
        service: String,
        method: String,
        /// Below the service's address, with what it needs escaped.
        path: String,
        #[serde(default, skip_serializing_if = "Value::is_null")]
        body: Value,
        timeout_ms: u32,
    },
    /// Work for an outside worker.
    Work { topic: String, role: String, input: Map },
    /// A case of another procedure; without `waits` only its beginning is waited for.
    Case { procedure: String, input: Map, waits: bool },
}

impl Request {
    /// As the database and the screens write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Call { .. } => "call",
            Self::Work { .. } => "work",
            Self::Case { .. } => "case",
        }
    }

    /// What outside workers ask for it by; none when the server does it itself.
    pub fn topic(&self) -> Option<&str> {
        match self {
            Self::Work { topic, .. } => Some(topic),
            _ => None,
        }
    }

    /// The role that may do it besides the server.
    pub fn role(&self) -> Option<&str> {
        match self {
            Self::Work { role, .. } => Some(role),
            _ => None,
        }
    }
}

/// Makes an entry about a job part of the state.
pub(super) fn apply(state: &mut State, at: Timestamp, entry: &Entry) {
    match entry {
        Entry::JobCreated { job, step, request, tries, within } => {
            state.job_count = state.job_count.max(*job);
            let created = Job {
                step: step.clone(),
                within: within.clone(),
                request: request.as_ref().clone(),
                status: JobStatus::Waiting,
                tries: *tries,
                attempts: 0,
                created_at: at,
                due_at: at,
                reason: None,
                code: None,
                child: None,
                given_up: 0,
            };
            state.jobs.insert(*job, created);
        }
        Entry::JobFailed { job, reason, code, retry_at } => {
            change(state, *job, entry);
            if let Some(open) = state.jobs.get_mut(job) {
                open.attempts += 1;
                open.due_at = retry_at.unwrap_or(at);
                open.reason = Some(reason.clone());
                open.code.clone_from(code);
            }
        }
        Entry::ChildStarted { job, case, number, look_at } => {
            if let Some(open) = state.jobs.get_mut(job) {
                open.child = Some(Child { case: case.clone(), number: number.clone() });
                open.due_at = *look_at;
            }
        }
        Entry::IncidentRaised { job, reason } => {
            change(state, *job, entry);
            if let Some(open) = state.jobs.get_mut(job) {
                open.due_at = at;
                open.reason = Some(reason.clone());
            }
        }
        Entry::IncidentResolved { job, anew } => {
            change(state, *job, entry);
            if let Some(open) = state.jobs.get_mut(job) {
                open.attempts = 0;
                open.due_at = at;
                if *anew {
                    open.child = None;
                    open.given_up += 1;
                }
            }
        }
        Entry::JobCompleted { job, step } => {
            change(state, *job, entry);
            visited(state, step, at);
        }
        Entry::JobWithdrawn { job } | Entry::ErrorHandled { job, .. } => {
            change(state, *job, entry);
        }
        _ => {}
    }
}

fn change(state: &mut State, job: u32, entry: &Entry) {
    let Some(open) = state.jobs.get_mut(&job) else { return };
    let Some(to) = lifecycle::after(JOB, open.status, entry.kind()) else { return };
    open.status = to;
    if !to.is_open() {
        state.jobs.remove(&job);
        state.unwatch(Owner::Job(job));
    }
}
