//! Claiming a task and giving it back.

use super::{Working, advance, first};
use crate::engine::{Entry, Rejection, Task, TaskStatus};
use crate::procedure::Begins;

/// The open task, when the person may work on it.
pub(super) fn open_task<'a>(working: &'a Working<'_>, task: u32) -> Result<&'a Task, Rejection> {
    let open = working.state.tasks.get(&task).ok_or(Rejection::TaskNotOpen)?;
    if !open.roles().any(|role| working.actor.has(role)) {
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

/// Steps of an `any_order`: nobody begins one while somebody works on another.
pub(super) fn one_at_a_time(working: &Working<'_>, task: u32) -> Result<(), Rejection> {
    let state = &working.state;
    let Some(own) = state.tasks.get(&task) else { return Ok(()) };
    // Nearly always there are no blocks.
    for (block, open) in &state.blocks {
        let is_any_order = working
            .written(open)
            .is_some_and(|(_, _, written)| matches!(written.begins, Begins::AnyOrder { .. }));
        if !is_any_order || state.branch_around(&own.within, *block).is_none() {
            continue;
        }
        let busy = state.tasks.iter().find(|(other, open)| {
            **other != task
                && open.status == TaskStatus::Claimed
                && state.branch_around(&open.within, *block).is_some()
        });
        if let Some((_, busy)) = busy {
            return Err(Rejection::AnotherFirst { step: busy.step.clone() });
        }
    }
    Ok(())
}

pub(super) fn claim(working: &mut Working<'_>, task: u32) -> Result<(), Rejection> {
    let open = open_task(working, task)?;
    four_eyes(working, &open.step)?;
    one_at_a_time(working, task)?;
    // Claiming one's own task again changes nothing, so that a doubled click is no error.
    if open.status == TaskStatus::Offered {
        let within = open.within.clone();
        working.emit(Entry::TaskClaimed { task });
        if first::taken(working, within.as_ref()) {
            return advance::run(working);
        }
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
