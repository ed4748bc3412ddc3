//! Critical sections among all cases of an organisation: a case asks for what only one can have, enters
//! when it is its turn, and gives it back when nobody of it is in there any more.
//!
//! Whose turn it is, nobody here knows: the store keeps the queue, and the runtime tells the case
//! ([`Command::TakeLock`](crate::engine::Command::TakeLock)). Each token asks for itself, so that two of one case wait in the line
//! like everybody else. A case never keeps one thing while it waits in front of another: what it leaves
//! it gives back in the same command, and the checker sees to the blocks (`keeps_and_waits`).

use super::{Working, advance, gate};
use crate::engine::{Entry, Gate, LockStatus, Rejection};
use crate::procedure::{Mutex, Step};

/// The section is the organisation's, and the case doesn't have it. Steps that follow each other keep it:
/// it is given back when nothing moves any more.
pub(super) fn is_wanting(working: &Working<'_>, mutex: &Mutex) -> bool {
    mutex.is_shared() && !working.state.has_lock(mutex.name.as_str())
}

/// It is the turn of the parked token.
pub(super) fn is_granted(working: &Working<'_>, token: u32) -> bool {
    let mut locks = working.state.locks.values();
    locks.any(|lock| lock.token == token && lock.status == LockStatus::Held)
}

/// A token was parked: in front of a section of the organisation it gets in line.
pub(super) fn ask(working: &mut Working<'_>, step: &Step, (token, gate): (u32, Gate)) {
    let mutex = step.control.mutex.as_ref().filter(|mutex| mutex.is_shared());
    let Some(mutex) = mutex.filter(|_| gate == Gate::Mutex) else { return };
    let (lock, name) = (working.state.lock_count + 1, mutex.name.value.clone());
    working.emit(Entry::LockWanted { lock, name, token });
}

/// It is the turn of the one that asked. One that is not in line any more changes nothing.
pub(super) fn take(working: &mut Working<'_>, no: u32) -> Result<(), Rejection> {
    let Some(lock) = working.state.locks.get(&no) else { return Ok(()) };
    if lock.status != LockStatus::Wanted || working.state.has_lock(&lock.name) {
        return Ok(());
    }
    working.emit(Entry::LockTaken { lock: no });
    advance::run(working)
}

/// Gives back what nobody of the case is in any more, and leaves the line where nobody waits. Called
/// when a command has done all that it does.
pub(super) fn settle(working: &mut Working<'_>) {
    if working.state.locks.is_empty() {
        return;
    }
    let over: Vec<u32> = working
        .state
        .locks
        .iter()
        .filter(|(_, lock)| match lock.status {
            LockStatus::Wanted => !working.state.parked.contains_key(&lock.token),
            _ => !is_inside(working, &lock.name),
        })
        .map(|(no, _)| *no)
        .collect();
    for no in over {
        give_back(working, no);
    }
}

/// The case is over.
pub(super) fn give_back_all(working: &mut Working<'_>) {
    let all: Vec<u32> = working.state.locks.keys().copied().collect();
    for no in all {
        give_back(working, no);
    }
}

fn give_back(working: &mut Working<'_>, lock: u32) {
    let status = working.state.locks.get(&lock).map(|lock| lock.status);
    working.emit(match status {
        Some(LockStatus::Held) => Entry::LockReleased { lock },
        _ => Entry::LockWithdrawn { lock },
    });
}

fn is_inside(working: &Working<'_>, name: &str) -> bool {
    let steps = working.executable.procedure.steps.iter();
    let mut sections = steps.filter_map(|step| step.control.mutex.as_ref());
    let own = sections.find(|mutex| mutex.is_shared() && mutex.name.value == name);
    own.is_some_and(|mutex| gate::is_taken(working, mutex))
}
