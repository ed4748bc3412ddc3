//! Moving on: out of a step by its way, into the next, through automatic steps and blocks, to the end.

use super::complete::{finish, no_way};
use super::{Working, block};
use crate::calendar::Term;
use crate::engine::{Entry, Place, Rejection};
use crate::procedure::{Choice, Destination, Step, Target, Way};

/// Automatic steps in a row before the procedure is called broken. The checker proves that there is no
/// loop of them; this bounds what an old version can do.
const MAX_AUTOMATIC: usize = 1_000;

/// Where the case stands: a step, in a branch or in none.
pub(super) struct Token {
    pub(super) place: usize,
    pub(super) within: Option<Place>,
}

/// Leaves the step at `place`, by the choice that was made or by what the data says.
pub(super) fn leave(
    working: &mut Working<'_>,
    token: Token,
    chosen: Option<&Choice>,
) -> Result<(), Rejection> {
    match next(working, token, chosen)? {
        Some(token) => enter(working, token),
        None => Ok(()),
    }
}

/// Enters a step: offers it to its queue, or passes it at once and goes on. A block's branches are
/// entered in the order of the file, each as far as it goes by itself.
pub(super) fn enter(working: &mut Working<'_>, token: Token) -> Result<(), Rejection> {
    // The last stands first in line. Without blocks nothing ever waits, and nothing is allocated.
    let mut waiting: Vec<Token> = Vec::new();
    let mut place = token.place;
    let mut token = Some(token);
    for _ in 0..MAX_AUTOMATIC {
        let Some(here) = token.take().or_else(|| block::first(working, &mut waiting)) else {
            return Ok(());
        };
        place = here.place;
        token = pass(working, here, &mut waiting)?;
    }
    let step = &working.executable.procedure.steps[place];
    Err(no_way(step, "automatic steps lead round in a circle".to_owned()))
}

/// Goes through one step; where the case stands then, unless it waits for somebody.
fn pass(
    working: &mut Working<'_>,
    token: Token,
    waiting: &mut Vec<Token>,
) -> Result<Option<Token>, Rejection> {
    let executable = working.executable;
    let Some(step) = executable.procedure.steps.get(token.place) else { return Ok(None) };
    if let Some(written) = &step.block {
        return block::enter(working, token, written, waiting);
    }
    if let Some(role) = executable.queue(step) {
        offer(working, step, role, token.within);
        return Ok(None);
    }
    finish(working, step, None)?;
    working.emit(Entry::StepPassed { step: step.id.value.clone() });
    next(working, token, None)
}

/// Where the step's way leads.
fn next(
    working: &mut Working<'_>,
    token: Token,
    chosen: Option<&Choice>,
) -> Result<Option<Token>, Rejection> {
    let executable = working.executable;
    let step = &executable.procedure.steps[token.place];
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
    follow(working, token, target)
}

/// Goes where `target` of the token's step leads.
pub(super) fn follow(
    working: &mut Working<'_>,
    token: Token,
    target: &Target,
) -> Result<Option<Token>, Rejection> {
    match working.executable.destination(token.place, target) {
        Destination::Step(place) => Ok(Some(Token { place, within: token.within })),
        Destination::Join => block::end_branch(working, token),
        Destination::End(outcome) => {
            end(working, outcome);
            Ok(None)
        }
    }
}

/// Ends the case, whatever else is open: in other branches, or left over from a join.
fn end(working: &mut Working<'_>, outcome: &str) {
    withdraw_all(working);
    working.emit(Entry::CaseEnded { outcome: outcome.to_owned() });
}

/// Withdraws every open task.
pub(super) fn withdraw_all(working: &mut Working<'_>) {
    let open: Vec<u32> = working.state.tasks.keys().copied().collect();
    for task in open {
        working.emit(Entry::TaskWithdrawn { task });
    }
}

fn offer(working: &mut Working<'_>, step: &Step, role: &str, within: Option<Place>) {
    let calendar = working.executable.organisation.calendar_of(role);
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
        within,
    });
}
