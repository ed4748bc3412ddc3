//! The engine: what may happen to a case, and what then is so. Pure.
//!
//! No clock, randomness, async, SQL or logging here, and no dependence on the order of a hash map:
//! [`decide`] gets the time and the outside data as [`Facts`] and answers with entries or a rejection;
//! [`apply`] folds an entry into a [`State`] and can't fail. Replaying a journal gives the same state,
//! bit for bit. `runtime` is the only caller that writes what comes out.
//!
//! A released entry never changes its meaning: a new kind is added instead.

mod apply;
mod block;
mod command;
mod decide;
mod entry;
mod frozen;
mod holder;
mod job;
mod lifecycle;
mod lock;
mod marking;
mod message;
mod place;
mod rejection;
mod scope;
mod state;
mod watch;

pub use apply::{apply, replay};
pub use block::{Block, Place};
pub use command::{Actor, Cause, Command, Needs, needs};
use decide::submission;
pub use decide::{
    BalanceKey, Budget, Decision, Explorer, Facts, Fold, MAX_ITEMS, MAX_OPEN, Move, Over, Passed,
    Reached, Successors, decide,
};
pub use entry::{Entry, Record};
pub use frozen::frozen;
pub use holder::{Gate, Holder, Parked, Standing};
pub use job::{CANCELLED, Child, Job, MAX_DEPTH, Parent, Request};
pub use lifecycle::{
    BLOCK, BlockStatus, CASE, CaseStatus, Change, JOB, JobStatus, LOCK, LockStatus, TASK,
    TaskStatus,
};
pub use lock::Lock;
pub use marking::Marking;
pub use message::{MAX_MESSAGE_KEY, Received};
pub use rejection::{OpenBalance, Rejection};
pub use scope::CaseScope;

pub use crate::procedure::Frozen;
pub use state::{Issued, State, Task};
pub use watch::{Awaits, Owner, Waiting, Watch};
