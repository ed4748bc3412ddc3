//! Claiming a task and giving it back.

use super::Working;
use crate::engine::{Entry, Rejection, Task, TaskStatus};

/// The open task, when the person may work on it.
pub(super) fn open_task<'a>(working: &'a Working<'_>, task: u32) -> Result<&'a Task, Rejection> {
    let open = working.state.tasks.get(&task).ok_or(Rejection::TaskNotOpen)?;
    if !working.actor.has(&open.role) {
        return Err(Rejection::NotYourRole { role: open.role.clone() });
    }
    match &open.claimed_by {
        Some(by) if *by != working.actor.id => Err(Rejection::ClaimedByAnother { by: by.clone() }),
        _ => Ok(open),
    }
}

/// Four eyes: nobody who completed one of the named steps.
pub(super) fn four_eyes(working: &Working<'_>, step: &str) -> Result<(), Rejection> {
    let Some(step) = working.executable.step(step) else { return Ok(()) };
    for earlier in &step.not_by {
        let by = working.state.completed_by.get(earlier.as_str());
        if by.is_some_and(|people| people.contains(&working.actor.id)) {
            return Err(Rejection::FourEyes { step: earlier.value.clone() });
        }
    }
    Ok(())
}

pub(super) fn claim(working: &mut Working<'_>, task: u32) -> Result<(), Rejection> {
    let open = open_task(working, task)?;
    four_eyes(working, &open.step)?;
    // Claiming one's own task again changes nothing, so that a doubled click is no error.
    if open.status == TaskStatus::Offered {
        working.emit(Entry::TaskClaimed { task });
    }
    Ok(())
}

/// Who claimed a task gives it back; so may whoever may cancel the case, or a colleague who has left would
/// keep it for ever.
pub(super) fn release(working: &mut Working<'_>, task: u32) -> Result<(), Rejection> {
    let cancels = &working.executable.procedure.cancels;
    let is_in_charge = cancels.iter().any(|role| working.actor.has(role));
    let open = match working.state.tasks.get(&task) {
        Some(open) if is_in_charge => open,
        _ => open_task(working, task)?,
    };
    if open.status != TaskStatus::Claimed {
        return Err(Rejection::NotClaimed);
    }
    working.emit(Entry::TaskReleased { task });
    Ok(())
}

/// A timer that comes too early or twice, or whose task is closed, changes nothing: it may have been
/// fetched by a server that then stood still.
pub(super) fn overdue(working: &mut Working<'_>, task: u32) {
    let timer = working.state.tasks.get(&task).and_then(Task::timer);
    if timer.is_some_and(|fires_at| fires_at <= working.facts.now) {
        working.emit(Entry::TaskOverdue { task });
    }
}
