//! Moving on: out of a step by its way, into the next, through automatic steps and blocks, to the end.
//!
//! A token that moves is pending until it stands somewhere: at a task, or parked in front of a gate.
//! When none is pending any more, parked tokens are asked again whether they can go on (`gate`).

use super::complete::{finish, no_way};
use super::{Working, beside, block, cancel, first, gate, job, lock, watch};
use crate::calendar::Term;
use crate::engine::{CaseStatus, Entry, Gate, Holder, Owner, Place, Rejection};
use crate::procedure::{Choice, Destination, Step, Target, Way};

/// Automatic steps of one command, of all tokens together, before the procedure is called broken. The checker proves that there is no
/// loop of them; this bounds what an old version can do.
const MAX_AUTOMATIC: usize = 100_000;

/// What is open in a case at once, in all its branches: each of them is a line in a queue that somebody
/// reads, and a part of every state that is written. It bounds what blocks in blocks make of their
/// thousand branches each.
pub const MAX_OPEN: u32 = 2_000;

/// A token that moves: where the case will stand, in a branch or in none.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) place: usize,
    pub(super) within: Option<Place>,
    /// The last gate of the step that it has passed.
    pub(super) passed: Option<Gate>,
}

impl Token {
    pub(super) fn new(place: usize, within: Option<Place>) -> Self {
        Self { place, within, passed: None }
    }
}

/// Leaves the step at `place`, by the choice that was made or by what the data says.
pub(super) fn leave(
    working: &mut Working<'_>,
    token: Token,
    chosen: Option<&Choice>,
) -> Result<(), Rejection> {
    next(working, token, chosen)?;
    run(working)
}

/// Enters a step: offers it to its queue, or passes it at once and goes on. A block's branches are
/// entered in the order of the file, each as far as it goes by itself.
pub(super) fn enter(working: &mut Working<'_>, token: Token) -> Result<(), Rejection> {
    working.pending.push(token);
    run(working)
}

/// Moves what is pending until everything stands.
pub(super) fn run(working: &mut Working<'_>) -> Result<(), Rejection> {
    let mut place = 0;
    for _ in 0..MAX_AUTOMATIC {
        match take(working) {
            Some(token) => {
                place = token.place;
                pass(working, token)?;
                room(working, place)?;
            }
            None if gate::settle(working)? => {}
            None => return Ok(()),
        }
    }
    let step = &working.executable.procedure.steps[place];
    Err(no_way(step, "automatic steps lead round in a circle".to_owned()))
}

/// Refuses a command as soon as more is open than a case may have. Where only the flow is explored, the
/// walk has limits of its own.
fn room(working: &Working<'_>, place: usize) -> Result<(), Rejection> {
    let state = &working.state;
    let standing = state.tasks.len() + state.jobs.len() + state.waits.len() + state.parked.len();
    if standing + working.pending.len() <= MAX_OPEN as usize || working.is_explored() {
        return Ok(());
    }
    Err(too_much(&working.executable.procedure.steps[place], MAX_OPEN))
}

pub(super) fn too_much(step: &Step, most: u32) -> Rejection {
    Rejection::TooMuchOpen { step: step.id.value.clone(), most }
}

/// The next token to move: the one that stands first in line. One whose branch was joined or withdrawn
/// meanwhile, or whose case has ended, is not moved any more.
fn take(working: &mut Working<'_>) -> Option<Token> {
    while let Some(token) = working.pending.pop() {
        if is_open(working, &token.within) {
            return Some(token);
        }
    }
    None
}

/// Whether a scope is still there: it was not joined, withdrawn or ended meanwhile.
fn is_open(working: &Working<'_>, scope: &Option<Place>) -> bool {
    let state = &working.state;
    match scope {
        Some(place) => {
            state.blocks.get(&place.block).is_some_and(|open| open.running.contains(&place.branch))
        }
        None => state.status == CaseStatus::Running,
    }
}

/// Goes into one step, and through it unless it waits for somebody.
fn pass(working: &mut Working<'_>, token: Token) -> Result<(), Rejection> {
    let executable = working.executable;
    let Some(step) = executable.procedure.steps.get(token.place) else { return Ok(()) };
    working.here.clone_from(&token.within);
    if working.is_lost() {
        return Err(no_way(step, "nobody can tell where this leads".to_owned()));
    }
    if working.is_folded(token.place) {
        stand(working, step, token.within);
        return Ok(());
    }
    if let Some(gate) = gate::closed(working, step, &token) {
        let parked = working.state.parked_count + 1;
        working.emit(Entry::TokenParked {
            token: parked,
            step: step.id.value.clone(),
            gate,
            within: token.within,
        });
        lock::ask(working, step, (parked, gate));
        return Ok(());
    }
    let has_beside = step.is_waited_at() && step.besides().next().is_some();
    let token = if has_beside { beside::enter(working, step, token) } else { token };
    if let Some(written) = &step.block {
        return block::enter(working, token, written);
    }
    if let Some(role) = executable.queue(step) {
        return offer(working, (token.place, step), role, token.within);
    }
    if let Some(awaited) = &step.wait {
        if watch::wait(working, &token, awaited)? {
            return Ok(());
        }
        // What was waited for is there already: it decides as if it had come just now.
        first::taken(working, token.within.as_ref());
    }
    if let Some(errand) = &step.errand {
        return job::create(working, token, errand);
    }
    finish(working, step, None)?;
    working.emit(Entry::StepPassed { step: step.id.value.clone() });
    next(working, token, None)
}

/// Follows the step's way.
pub(super) fn next(
    working: &mut Working<'_>,
    token: Token,
    chosen: Option<&Choice>,
) -> Result<(), Rejection> {
    let executable = working.executable;
    let step = &executable.procedure.steps[token.place];
    working.here.clone_from(&token.within);
    let target = match (&step.way, chosen) {
        (_, Some(choice)) => &choice.target,
        (Way::On(target), None) => target,
        (Way::Choose(branches), None) => {
            let mut taken = None;
            for (at, branch) in branches.iter().enumerate() {
                let holds = match &branch.when {
                    None => true,
                    // That one line holds in any case has been checked.
                    Some(_) if working.is_explored() && at + 1 == branches.len() => true,
                    Some(when) => working.holds(step, when)?,
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
    if !step.control.cancels.is_empty() {
        cancel::region(working, step, &token)?;
        // What was withdrawn may have been all that a join around still waited for.
        if !is_open(working, &token.within) {
            return Ok(());
        }
    }
    let tokens = step.control.spawn.as_ref().map_or(1, |spawn| spawn.value);
    for _ in 1..tokens {
        // Before the last one goes: where it goes to must not think that it was the only one.
        let to = executable.destination(token.place, target);
        match (to, beside::around(working, &token)) {
            (to @ Destination::Step(_), Some(block)) => {
                beside::pass(working, (block, token.place), &to)?;
            }
            (Destination::Step(place), None) => {
                working.pending.push(Token::new(place, token.within.clone()));
            }
            _ => {}
        }
    }
    follow(working, token, target)
}

/// Goes where `target` of the token's step leads.
pub(super) fn follow(
    working: &mut Working<'_>,
    token: Token,
    target: &Target,
) -> Result<(), Rejection> {
    let to = working.executable.destination(token.place, target);
    if let Destination::End(outcome) = to {
        end(working, outcome);
        return Ok(());
    }
    if let Some(block) = beside::around(working, &token) {
        beside::pass(working, (block, token.place), &to)?;
        return block::close(working, token.within);
    }
    match to {
        Destination::Step(place) => working.pending.push(Token::new(place, token.within)),
        _ => return come_to_end(working, token),
    }
    Ok(())
}

/// A token comes to the end of its branch, or of the case when it stands in none.
pub(super) fn come_to_end(working: &mut Working<'_>, token: Token) -> Result<(), Rejection> {
    match token.within {
        Some(_) => block::arrive(working, token),
        None => block::close(working, None),
    }
}

/// Ends the case, whatever else is open: in other branches, or left over from a join.
pub(super) fn end(working: &mut Working<'_>, outcome: &str) {
    withdraw_all(working);
    working.emit(Entry::CaseEnded { outcome: outcome.to_owned() });
}

/// Withdraws every token, wherever it stands.
pub(super) fn withdraw_all(working: &mut Working<'_>) {
    working.pending.clear();
    let open: Vec<Holder> = working.state.tokens().map(|token| token.holder).collect();
    for holder in open {
        withdraw(working, holder);
    }
    lock::give_back_all(working);
}

/// Takes a token away from where it stands.
pub(super) fn withdraw(working: &mut Working<'_>, holder: Holder) {
    working.emit(match holder {
        Holder::Task(task) => Entry::TaskWithdrawn { task },
        Holder::Job(job) => Entry::JobWithdrawn { job },
        Holder::Parked(token) => Entry::TokenWithdrawn { token },
        Holder::Wait(wait) => Entry::WaitWithdrawn { wait },
    });
}

/// Where only the flow is followed, all work and all waiting is a task.
pub(super) fn stand(working: &mut Working<'_>, step: &Step, within: Option<Place>) {
    working.emit(Entry::TaskOffered {
        task: working.state.task_count + 1,
        step: step.id.value.clone(),
        role: String::new(),
        opens_at: None,
        due_at: None,
        within,
    });
}

fn offer(
    working: &mut Working<'_>,
    (place, step): (usize, &Step),
    role: &str,
    within: Option<Place>,
) -> Result<(), Rejection> {
    if working.is_explored() {
        stand(working, step, within);
        return Ok(());
    }
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
    let task = working.state.task_count + 1;
    working.emit(Entry::TaskOffered {
        task,
        step: step.id.value.clone(),
        role: role.to_owned(),
        opens_at,
        due_at,
        within,
    });
    watch::set(working, Owner::Task(task), place, from)
}
