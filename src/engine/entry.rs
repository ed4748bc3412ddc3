//! What has happened: the lines of a case's journal.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Awaits, Gate, Owner, Parent, Place, Request};
use crate::calendar::Left;
use crate::expression::{Map, Value};
use crate::procedure::Frozen;

/// One thing that happened, in the past tense. Stored for ever: fields are added only with a default,
/// and no variant ever changes its meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    CaseStarted {
        procedure: String,
        version: u32,
        /// The case's number as people say it.
        number: String,
        series: String,
        year: i16,
        counter: u64,
        /// The case that began it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<Box<Parent>>,
    },
    /// A step waits for a person of `role`.
    TaskOffered {
        task: u32,
        step: String,
        role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
        /// The branch that the step stands in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    TaskClaimed {
        task: u32,
    },
    TaskReleased {
        task: u32,
    },
    TaskCompleted {
        task: u32,
        step: String,
        /// The label that the person chose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<String>,
    },
    TaskWithdrawn {
        task: u32,
    },
    /// Its due time has passed and it is still open.
    TaskOverdue {
        task: u32,
    },
    /// A step without a role was passed.
    StepPassed {
        step: String,
    },
    /// Variables at top level as they are from now on.
    VariablesSet {
        values: Map,
        /// The branch of an `each` that alone has them; none: the whole case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    PapersHandedIn {
        step: String,
        papers: Vec<String>,
    },
    /// A decision table was looked up; `value` is what the variable is from now on.
    TableLookedUp {
        step: String,
        table: String,
        variable: String,
        /// What was asked, as it was compared.
        inputs: Map,
        /// The rows that counted, from 1 as they stand in the file; none for its `otherwise`.
        rows: Vec<u32>,
        value: Value,
        /// The branch that has the variable for itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    NumberAssigned {
        variable: String,
        series: String,
        year: i16,
        counter: u64,
        number: String,
        /// As of `VariablesSet`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    RecordSaved {
        register: String,
        key: String,
        row: Map,
    },
    /// So much of an item went from one account of a ledger to another.
    Moved {
        step: String,
        ledger: String,
        /// The key of the row.
        item: String,
        /// A number above zero.
        amount: Value,
        from: String,
        to: String,
    },
    DocumentIssued {
        /// Counts the case's documents from 1.
        no: u32,
        document: String,
        title: String,
        number: String,
        series: String,
        year: i16,
        counter: u64,
        copies: u32,
        step: String,
        /// The version whose template prints it.
        version: u32,
        frozen: Box<Frozen>,
    },
    DocumentSigned {
        no: u32,
        step: String,
    },
    /// The data led on by this line of a `choose`.
    WayChosen {
        step: String,
        branch: u32,
    },
    /// A token waits in front of a step that it can't enter yet.
    TokenParked {
        /// Counts the case's parked tokens from 1.
        token: u32,
        step: String,
        gate: Gate,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    /// It goes on, or is one with another that does.
    TokenReleased {
        token: u32,
    },
    /// It is no longer wanted.
    TokenWithdrawn {
        token: u32,
    },
    /// A parked token gets in line for what only one case of the organisation can have.
    LockWanted {
        /// Counts what the case has stood in line for from 1.
        lock: u32,
        /// The section.
        name: String,
        token: u32,
    },
    /// It is its turn: the case has it.
    LockTaken {
        lock: u32,
    },
    /// Nobody of the case needs it any more: it is the next one's.
    LockReleased {
        lock: u32,
    },
    /// The token is no longer in line.
    LockWithdrawn {
        lock: u32,
    },
    /// A step waits by itself, for one thing.
    WaitBegun {
        /// Counts the case's waits from 1.
        wait: u32,
        step: String,
        awaits: Awaits,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    /// It has come.
    WaitEnded {
        wait: u32,
        step: String,
    },
    /// It is no longer waited for.
    WaitWithdrawn {
        wait: u32,
    },
    /// Something may happen meanwhile; set again, it may happen later.
    WatchSet {
        /// Counts what the case listens for from 1, with the due dates of tasks and what waits are for.
        watch: u32,
        of: Owner,
        /// Which line of the step's `on`.
        line: u32,
        awaits: Awaits,
    },
    /// It has happened, and is not listened for any more.
    WatchEnded {
        watch: u32,
    },
    /// A message has come, and is delivered to nobody else.
    MessageReceived {
        /// The sender's id of it.
        message: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        sender: String,
        name: String,
        key: String,
    },
    /// A signal has come, as to all that listened for it.
    SignalReceived {
        watch: u32,
        signal: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        sender: String,
        name: String,
    },
    /// A step sends a message.
    MessageSent {
        name: String,
        key: String,
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        contents: Map,
        /// Until then it waits for whoever listens.
        keep_until: Timestamp,
    },
    /// A step gives a signal to all that listen now.
    SignalSent {
        name: String,
    },
    /// What has happened takes the step away: its tokens are withdrawn, and the case goes on by this
    /// line of its `on`.
    Interrupted {
        step: String,
        line: u32,
    },
    /// Somebody is reminded of a step.
    Reminded {
        step: String,
        /// None: of a block, or of something that is waited for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<u32>,
        /// Also by a mail to whoever has an address.
        #[serde(default, skip_serializing_if = "is_false")]
        by_mail: bool,
    },
    /// A task is this role's from now on; people of the role before may still work on it.
    TaskEscalated {
        task: u32,
        role: String,
        /// Its people get a mail.
        #[serde(default, skip_serializing_if = "is_false")]
        by_mail: bool,
    },
    /// A term stands still.
    TermSuspended {
        watch: u32,
        left: Left,
        /// The task whose due date it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<u32>,
    },
    /// It runs again.
    TermResumed {
        watch: u32,
        until: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<u32>,
    },
    /// Branches begin at once; none when no condition of a `choose_any` holds.
    BlockEntered {
        /// Counts the case's blocks from 1.
        block: u32,
        step: String,
        branches: Vec<String>,
        /// The branch that the block itself stands in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
        /// What each branch of an `each` alone knows.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        items: BTreeMap<String, Map>,
        /// How many branches the join waits for, when that is not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wanted: Option<u32>,
        /// People may add branches.
        #[serde(default, skip_serializing_if = "is_false")]
        is_open: bool,
    },
    /// A step begins beside which branches may begin: what stands around it is a block, whose nameless
    /// branch is the step itself.
    BesideOpened {
        block: u32,
        step: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    /// The step is done, and waits for what was begun beside it.
    TokenHeld {
        block: u32,
        /// The step to which it leads; none: the end of the branch around, or of the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// One more branch of a block: another round, the next in its order, one that somebody added, or
    /// one beside a step.
    BranchBegun {
        block: u32,
        branch: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Map>,
    },
    /// What a branch of an `each` filled in stands in the table `into` from now on, as its last row.
    RowKept {
        block: u32,
        branch: String,
        into: String,
    },
    /// Nobody may add branches any more.
    ItemsClosed {
        block: u32,
    },
    /// Something has come to the end of a branch of a block that counts what comes.
    TokenArrived {
        block: u32,
        branch: String,
    },
    /// One from every branch went on together.
    BlockPassed {
        block: u32,
    },
    /// A step was passed over: its milestone was gone.
    StepSkipped {
        step: String,
    },
    /// The last step of a branch is done.
    BranchEnded {
        block: u32,
        branch: String,
    },
    /// The first thing has happened in a block of which one branch is worked: it is this one.
    BranchTaken {
        block: u32,
        branch: String,
    },
    /// Enough branches have ended: the case goes on after the block.
    BlockJoined {
        block: u32,
        /// Branches that are not waited for, and whose tasks have been withdrawn.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        withdrawn: Vec<String>,
    },
    /// A block is closed because a branch around it was withdrawn.
    BlockWithdrawn {
        block: u32,
    },
    /// A machine is asked for something, and the case waits for it.
    JobCreated {
        /// Counts the case's jobs from 1.
        job: u32,
        step: String,
        request: Box<Request>,
        /// How often it is tried before the case is stuck.
        tries: u32,
        /// The branch that the step stands in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Place>,
    },
    /// The case that was asked for has begun.
    ChildStarted {
        job: u32,
        /// The id of that case.
        case: String,
        number: String,
        /// When it is looked whether it has ended, if nobody says so before.
        look_at: Timestamp,
    },
    /// The machine has answered, and the step is done.
    JobCompleted {
        job: u32,
        step: String,
    },
    /// It did not work.
    JobFailed {
        job: u32,
        reason: String,
        /// What the other side calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// When it is tried again; none: no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
    },
    /// It failed in a way that the procedure leads on from.
    ErrorHandled {
        job: u32,
        step: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        reason: String,
    },
    JobWithdrawn {
        job: u32,
    },
    /// A job can't go on by itself.
    IncidentRaised {
        job: u32,
        reason: String,
    },
    /// Somebody has seen to it, and the job is tried again.
    IncidentResolved {
        job: u32,
        /// The case that it had begun was cancelled: another one is begun.
        #[serde(default, skip_serializing_if = "is_false")]
        anew: bool,
    },
    CaseEnded {
        outcome: String,
    },
    CaseCancelled {
        reason: String,
    },
}

impl Entry {
    /// The kind as it is stored and shown.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CaseStarted { .. } => "case_started",
            Self::TaskOffered { .. } => "task_offered",
            Self::TaskClaimed { .. } => "task_claimed",
            Self::TaskReleased { .. } => "task_released",
            Self::TaskCompleted { .. } => "task_completed",
            Self::TaskWithdrawn { .. } => "task_withdrawn",
            Self::TaskOverdue { .. } => "task_overdue",
            Self::StepPassed { .. } => "step_passed",
            Self::VariablesSet { .. } => "variables_set",
            Self::PapersHandedIn { .. } => "papers_handed_in",
            Self::TableLookedUp { .. } => "table_looked_up",
            Self::NumberAssigned { .. } => "number_assigned",
            Self::RecordSaved { .. } => "record_saved",
            Self::Moved { .. } => "moved",
            Self::DocumentIssued { .. } => "document_issued",
            Self::DocumentSigned { .. } => "document_signed",
            Self::WayChosen { .. } => "way_chosen",
            Self::TokenParked { .. } => "token_parked",
            Self::TokenReleased { .. } => "token_released",
            Self::TokenWithdrawn { .. } => "token_withdrawn",
            Self::LockWanted { .. } => "lock_wanted",
            Self::LockTaken { .. } => "lock_taken",
            Self::LockReleased { .. } => "lock_released",
            Self::LockWithdrawn { .. } => "lock_withdrawn",
            Self::WaitBegun { .. } => "wait_begun",
            Self::WaitEnded { .. } => "wait_ended",
            Self::WaitWithdrawn { .. } => "wait_withdrawn",
            Self::WatchSet { .. } => "watch_set",
            Self::WatchEnded { .. } => "watch_ended",
            Self::MessageReceived { .. } => "message_received",
            Self::SignalReceived { .. } => "signal_received",
            Self::MessageSent { .. } => "message_sent",
            Self::SignalSent { .. } => "signal_sent",
            Self::Interrupted { .. } => "interrupted",
            Self::Reminded { .. } => "reminded",
            Self::TaskEscalated { .. } => "task_escalated",
            Self::TermSuspended { .. } => "term_suspended",
            Self::TermResumed { .. } => "term_resumed",
            Self::BranchTaken { .. } => "branch_taken",
            Self::BlockEntered { .. } => "block_entered",
            Self::BesideOpened { .. } => "beside_opened",
            Self::TokenHeld { .. } => "token_held",
            Self::BranchBegun { .. } => "branch_begun",
            Self::RowKept { .. } => "row_kept",
            Self::ItemsClosed { .. } => "items_closed",
            Self::TokenArrived { .. } => "token_arrived",
            Self::BlockPassed { .. } => "block_passed",
            Self::StepSkipped { .. } => "step_skipped",
            Self::BranchEnded { .. } => "branch_ended",
            Self::BlockJoined { .. } => "block_joined",
            Self::BlockWithdrawn { .. } => "block_withdrawn",
            Self::JobCreated { .. } => "job_created",
            Self::ChildStarted { .. } => "child_started",
            Self::JobCompleted { .. } => "job_completed",
            Self::JobFailed { .. } => "job_failed",
            Self::ErrorHandled { .. } => "error_handled",
            Self::JobWithdrawn { .. } => "job_withdrawn",
            Self::IncidentRaised { .. } => "incident_raised",
            Self::IncidentResolved { .. } => "incident_resolved",
            Self::CaseEnded { .. } => "case_ended",
            Self::CaseCancelled { .. } => "case_cancelled",
        }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// An entry with who and when: one line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Counts the case's entries from 1.
    pub seq: u32,
    /// To the microsecond.
    pub at: Timestamp,
    /// Id of the person.
    pub actor: String,
    /// The person's name as it was then.
    pub actor_name: String,
    #[serde(flatten)]
    pub entry: Entry,
}
