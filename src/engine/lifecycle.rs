//! The legal changes of a case, of a task, of a job and of a block, as tables of (from, cause, to).
//!
//! `apply` follows them, a test walks them, the documentation prints them, and the database repeats the
//! states as `CHECK` constraints.

use serde::{Deserialize, Serialize};

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// Not started yet: the state before the first entry.
    #[default]
    New,
    Running,
    Ended,
    Cancelled,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    Offered,
    Claimed,
    Completed,
    Withdrawn,
}

/// Where a block of branches stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockStatus {
    /// The case waits for branches.
    Running,
    /// The case has gone on; some branches may still be worked on.
    Joined,
    Withdrawn,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// A machine does it, or will try again.
    Waiting,
    /// It can't go on by itself: somebody must look at it.
    Incident,
    Completed,
    /// It failed in a way that the procedure leads on from.
    Failed,
    Withdrawn,
}

/// Where a case stands with what only one can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockStatus {
    /// In line.
    Wanted,
    Held,
    Released,
    Withdrawn,
}

/// One legal change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<S> {
    pub from: S,
    /// The entry that causes it.
    pub cause: &'static str,
    pub to: S,
}

const fn change<S>(from: S, cause: &'static str, to: S) -> Change<S> {
    Change { from, cause, to }
}

/// The life of a case.
pub const CASE: &[Change<CaseStatus>] = &[
    change(CaseStatus::New, "case_started", CaseStatus::Running),
    change(CaseStatus::Running, "case_ended", CaseStatus::Ended),
    change(CaseStatus::Running, "case_cancelled", CaseStatus::Cancelled),
];

/// The life of a task.
pub const TASK: &[Change<TaskStatus>] = &[
    change(TaskStatus::Offered, "task_claimed", TaskStatus::Claimed),
    change(TaskStatus::Claimed, "task_released", TaskStatus::Offered),
    change(TaskStatus::Claimed, "task_completed", TaskStatus::Completed),
    change(TaskStatus::Offered, "task_withdrawn", TaskStatus::Withdrawn),
    change(TaskStatus::Claimed, "task_withdrawn", TaskStatus::Withdrawn),
];

/// The life of a block.
pub const BLOCK: &[Change<BlockStatus>] = &[
    change(BlockStatus::Running, "block_joined", BlockStatus::Joined),
    change(BlockStatus::Running, "block_withdrawn", BlockStatus::Withdrawn),
    change(BlockStatus::Joined, "block_withdrawn", BlockStatus::Withdrawn),
];

/// The life of a job.
pub const JOB: &[Change<JobStatus>] = &[
    change(JobStatus::Waiting, "job_failed", JobStatus::Waiting),
    change(JobStatus::Waiting, "incident_raised", JobStatus::Incident),
    change(JobStatus::Incident, "incident_resolved", JobStatus::Waiting),
    change(JobStatus::Waiting, "job_completed", JobStatus::Completed),
    change(JobStatus::Incident, "job_completed", JobStatus::Completed),
    change(JobStatus::Waiting, "error_handled", JobStatus::Failed),
    change(JobStatus::Waiting, "job_withdrawn", JobStatus::Withdrawn),
    change(JobStatus::Incident, "job_withdrawn", JobStatus::Withdrawn),
];

/// The life of what a case stands in line for.
pub const LOCK: &[Change<LockStatus>] = &[
    change(LockStatus::Wanted, "lock_taken", LockStatus::Held),
    change(LockStatus::Wanted, "lock_withdrawn", LockStatus::Withdrawn),
    change(LockStatus::Held, "lock_released", LockStatus::Released),
];

/// The state after `cause`, when that is legal from here.
pub fn after<S: Copy + PartialEq>(table: &[Change<S>], from: S, cause: &str) -> Option<S> {
    table.iter().find(|change| change.from == from && change.cause == cause).map(|change| change.to)
}

impl TaskStatus {
    /// Somebody can still work on it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Offered | Self::Claimed)
    }

    /// As the database and the screens write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Claimed => "claimed",
            Self::Completed => "completed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl JobStatus {
    /// The case waits for it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Incident)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Incident => "incident",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl LockStatus {
    /// The case waits for it, or has it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Wanted | Self::Held)
    }
}

impl CaseStatus {
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Running => "running",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
        }
    }
}
