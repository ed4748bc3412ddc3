//! A case as folded from its journal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Block, CaseStatus, Job, Lock, Parent, Parked, Place, TaskStatus, Waiting, Watch};
use crate::expression::{Map, Value};

/// Everything that is so about a case now. Ordered maps only, so that equal states have equal bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    pub status: CaseStatus,
    pub procedure: String,
    pub version: u32,
    /// As people say it.
    pub number: String,
    pub started_at: Option<Timestamp>,
    pub started_by: String,
    /// The case that began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    pub ended_at: Option<Timestamp>,
    pub outcome: Option<String>,
    /// The variables.
    pub data: Map,
    /// Only the open tasks: a closed one is history and stands in the journal.
    pub tasks: BTreeMap<u32, Task>,
    /// How many tasks there have been; the next one's number is one more.
    pub task_count: u32,
    /// Only those that are not over: branches are open in them, or in a block inside them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blocks: BTreeMap<u32, Block>,
    /// How many blocks there have been.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub block_count: u32,
    /// Only the open ones, as of the tasks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<u32, Job>,
    /// How many jobs there have been.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub job_count: u32,
    /// Tokens in front of steps that they can't enter yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parked: BTreeMap<u32, Parked>,
    /// How many there have been.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parked_count: u32,
    /// What only one case of the organisation can have: what this one waits for or has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locks: BTreeMap<u32, Lock>,
    /// How often it has stood in line.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lock_count: u32,
    /// Tokens at steps that wait by themselves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waits: BTreeMap<u32, Waiting>,
    /// How many there have been.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_count: u32,
    /// What the case listens for from outside.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub watches: BTreeMap<u32, Watch>,
    /// How much it has listened for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub watch_count: u32,
    /// What this case has moved: by ledger, item and account, what it brought there less what it took
    /// away. Nothing stands for nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>,
    pub documents: Vec<Issued>,
    pub papers: BTreeSet<String>,
    /// How often each step was completed.
    pub visits: BTreeMap<String, u32>,
    /// Who completed each step, for four eyes.
    pub completed_by: BTreeMap<String, BTreeSet<String>>,
    /// When each step was last completed, for terms that count from it.
    pub completed_at: BTreeMap<String, Timestamp>,
}

/// An open task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub step: String,
    pub role: String,
    pub status: TaskStatus,
    pub claimed_by: Option<String>,
    pub offered_at: Timestamp,
    pub opens_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    /// The journal says so already.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_overdue: bool,
    /// How often somebody was reminded of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reminders: u32,
    /// Roles from whose queues it has gone up; their people may still work on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalated_from: Vec<String>,
    /// The branch that the step stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Place>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Task {
    /// The roles whose people may work on it.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.role).chain(&self.escalated_from).map(String::as_str)
    }
}

/// A document that the case has issued; what it prints from stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    pub no: u32,
    pub document: String,
    pub number: String,
    pub step: String,
    pub is_signed: bool,
}

impl State {
    /// What the case itself has brought into an account, less what it has taken out.
    pub fn moved_into(&self, ledger: &str, item: &str, account: &str) -> Decimal {
        let amount = self.moved.get(ledger).and_then(|items| items.get(item)?.get(account));
        amount.and_then(Value::as_number).unwrap_or_default()
    }

    /// The newest document of a name.
    pub fn document(&self, name: &str) -> Option<&Issued> {
        self.documents.iter().rev().find(|issued| issued.document == name)
    }

    pub fn is_open(&self) -> bool {
        self.status == CaseStatus::Running
    }
}
