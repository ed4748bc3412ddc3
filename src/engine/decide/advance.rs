//! Moving on: out of a step by its way, into the next, through automatic steps, to the end.

use super::Working;
use super::complete::{finish, no_way};
use crate::calendar::Term;
use crate::engine::{Entry, Rejection};
use crate::procedure::{Choice, Destination, Step, Way};

/// Automatic steps in a row before the procedure is called broken. The checker proves that there is no
/// loop of them; this bounds what an old version can do.
const MAX_AUTOMATIC: usize = 1_000;

/// Leaves the step at `place`, by the choice that was made or by what the data says.
pub(super) fn leave(
    working: &mut Working<'_>,
    place: usize,
    chosen: Option<&Choice>,
) -> Result<(), Rejection> {
    match next(working, place, chosen)? {
        Next::Step(step) => enter(working, step),
        Next::Ended => Ok(()),
    }
}

/// Enters the step at `place`: offers it to its queue, or passes it at once and goes on.
pub(super) fn enter(working: &mut Working<'_>, place: usize) -> Result<(), Rejection> {
    let mut place = place;
    for _ in 0..MAX_AUTOMATIC {
        let executable = working.executable;
        let Some(step) = executable.procedure.steps.get(place) else { return Ok(()) };
        if let Some(role) = executable.queue(step) {
            offer(working, step, role);
            return Ok(());
        }
        finish(working, step, None)?;
        working.emit(Entry::StepPassed { step: step.id.value.clone() });
        match next(working, place, None)? {
            Next::Step(next) => place = next,
            Next::Ended => return Ok(()),
        }
    }
    let step = &working.executable.procedure.steps[place];
    Err(no_way(step, "automatic steps lead round in a circle".to_owned()))
}

enum Next {
    Step(usize),
    Ended,
}

fn next(
    working: &mut Working<'_>,
    place: usize,
    chosen: Option<&Choice>,
) -> Result<Next, Rejection> {
    let executable = working.executable;
    let step = &executable.procedure.steps[place];
    let target = match (&step.way, chosen) {
        (_, Some(choice)) => &choice.target,
        (Way::On(target), None) => target,
        (Way::Choose(branches), None) => {
            let mut taken = None;
            for (at, branch) in branches.iter().enumerate() {
                let holds = match &branch.when {
                    None => true,
                    Some(when) => {
                        when.holds(&working.scope()).map_err(|fault| no_way(step, fault.message))?
                    }
                };
                if holds {
                    taken = Some((at, branch));
                    break;
                }
            }
            let Some((at, branch)) = taken else {
                return Err(no_way(step, "no condition of `choose` holds".to_owned()));
            };
            working.emit(Entry::WayChosen {
                step: step.id.value.clone(),
                branch: u32::try_from(at).unwrap_or(u32::MAX),
            });
            &branch.target
        }
        (Way::Decide(_), None) => {
            return Err(no_way(step, "nobody decides on an automatic step".to_owned()));
        }
    };
    match executable.destination(place, target) {
        Destination::Step(next) => Ok(Next::Step(next)),
        Destination::End(outcome) => {
            let outcome = outcome.to_owned();
            working.emit(Entry::CaseEnded { outcome });
            Ok(Next::Ended)
        }
    }
}

fn offer(working: &mut Working<'_>, step: &Step, role: &str) {
    let calendar = &working.executable.organisation.calendar;
    let now = working.facts.now;
    let opens_at = step.opens.as_ref().map(|(term, _)| match term {
        Term::AfterStep { term, step } => {
            let from = working.state.completed_at.get(step.as_str()).copied().unwrap_or(now);
            calendar.opening(from, term)
        }
        term => calendar.opening(now, term),
    });
    let from = opens_at.map_or(now, |opens_at| opens_at.max(now));
    let due_at = step.due.as_ref().map(|(term, _)| calendar.after(from, term));
    working.emit(Entry::TaskOffered {
        task: working.state.task_count + 1,
        step: step.id.value.clone(),
        role: role.to_owned(),
        opens_at,
        due_at,
    });
}
