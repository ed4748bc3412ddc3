//! What only one case of an organisation can have at a time: where a case stands with it, and how entries
//! change that.
//!
//! Each token that comes to such a section has a number of its own in the line. Who else is in line, and
//! whose turn it is, only the store knows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lifecycle::{self, LOCK};
use super::{Entry, Gate, LockStatus, State};
use crate::procedure::{Executable, Mutex};

/// One that the case waits for, or has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// The section's name.
    pub name: String,
    /// The parked token that asked for it.
    pub token: u32,
    pub status: LockStatus,
    /// Since when it waits for it, or has it.
    pub since: Timestamp,
}

impl State {
    /// Whether the case has it.
    pub fn has_lock(&self, name: &str) -> bool {
        self.locks.values().any(|lock| lock.name == name && lock.status == LockStatus::Held)
    }

    /// What the tokens of a state must be waiting for or have, when nothing else is known of it: of
    /// markings, which keep no locks since where the tokens stand says as much.
    pub(super) fn with_locks(mut self, executable: &Executable) -> Self {
        let shared = |step: &str| {
            let mutex = executable.step(step).and_then(|step| step.control.mutex.as_ref());
            mutex.filter(|mutex| mutex.is_shared())
        };
        if !executable.procedure.steps.iter().any(|step| shared(&step.id).is_some()) {
            return self;
        }
        let parked = self.parked.iter().filter(|(_, parked)| parked.gate == Gate::Mutex);
        let wanted = parked.filter_map(|(no, parked)| Some((*no, shared(&parked.step)?)));
        let wanted = wanted.map(|(no, mutex)| (no, no, mutex, LockStatus::Wanted));
        let tasks = self.tasks.values().map(|open| open.step.as_str());
        let blocks = self.blocks.values();
        let is_running = |open: &&super::Block| open.status == super::BlockStatus::Running;
        let blocks = blocks.filter(|open| is_running(open) && !open.is_beside);
        let inside = tasks.chain(blocks.map(|open| open.step.as_str())).filter_map(shared);
        let mut names: Vec<&Mutex> = inside.collect();
        names.sort_by(|one, two| one.name.value.cmp(&two.name.value));
        names.dedup_by(|one, two| one.name.value == two.name.value);
        let held = (self.parked_count + 1..).zip(names);
        let held = held.map(|(no, mutex)| (no, 0, mutex, LockStatus::Held));
        let since = Timestamp::UNIX_EPOCH;
        let lock = |(no, token, mutex, status): (u32, u32, &Mutex, LockStatus)| {
            (no, Lock { name: mutex.name.value.clone(), token, status, since })
        };
        let locks: std::collections::BTreeMap<u32, Lock> = wanted.chain(held).map(lock).collect();
        self.lock_count = locks.keys().next_back().copied().unwrap_or_default();
        self.locks = locks;
        self
    }
}

/// Makes an entry about a lock part of the state.
pub(super) fn apply(state: &mut State, at: Timestamp, entry: &Entry) {
    match entry {
        Entry::LockWanted { lock, name, token } => {
            state.lock_count = state.lock_count.max(*lock);
            let (name, token, status) = (name.clone(), *token, LockStatus::Wanted);
            state.locks.insert(*lock, Lock { name, token, status, since: at });
        }
        Entry::LockTaken { lock }
        | Entry::LockReleased { lock }
        | Entry::LockWithdrawn { lock } => {
            let Some(open) = state.locks.get_mut(lock) else { return };
            let Some(to) = lifecycle::after(LOCK, open.status, entry.kind()) else { return };
            (open.status, open.since) = (to, at);
            if !to.is_open() {
                state.locks.remove(lock);
            }
        }
        _ => {}
    }
}
