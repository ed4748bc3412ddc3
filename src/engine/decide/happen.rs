//! What happens from outside: a time comes, a message, a signal. And what is done then: the case goes
//! on, somebody is reminded, a task goes up.

use super::Working;
use super::advance::{self, Token};
use super::complete::finish;
use super::{beside, block, first, watch};
use crate::engine::{
    Awaits, BlockStatus, Entry, Holder, Owner, Place, Rejection, TaskStatus, Watch,
};
use crate::expression::Map;
use crate::procedure::{Happening, Missed, Target, Then};

/// Times that are made up for in one go, when each shall be.
const MOST_MISSED: usize = 100;

/// A timer that comes too early or twice, or whose step is over, changes nothing: it may have been
/// fetched by a server that then stood still.
pub(super) fn fire(working: &mut Working<'_>, no: u32) -> Result<(), Rejection> {
    let Some(watch) = working.state.watches.get(&no).cloned() else { return Ok(()) };
    if watch.fires_at().is_none_or(|at| at > working.facts.now) {
        return Ok(());
    }
    happen(working, (no, &watch), Map::new())
}

/// Does what is to be done when `watch` has come about. `own` is what has come with it, for the branch
/// alone that begins.
pub(super) fn happen(
    working: &mut Working<'_>,
    (no, watch): (u32, &Watch),
    own: Map,
) -> Result<(), Rejection> {
    let Some((place, within)) = stands(working, watch.of) else { return Ok(()) };
    let step = &working.executable.procedure.steps[place];
    working.here.clone_from(&within);
    match (watch.of, watch.line) {
        (Owner::Task(task), None) => {
            working.emit(Entry::TaskOverdue { task });
            Ok(())
        }
        (Owner::Wait(wait), None) => {
            first::taken(working, within.as_ref());
            finish(working, step, None)?;
            working.emit(Entry::WaitEnded { wait, step: step.id.value.clone() });
            advance::leave(working, Token::new(place, within), None)
        }
        (of, Some(line)) => {
            let Some(happening) = step.on.get(line as usize) else { return Ok(()) };
            match &happening.then {
                Then::Leave(target) => {
                    interrupt(working, (of, line), Token::new(place, within), target)
                }
                Then::Remind { .. } => {
                    remind(working, (no, watch), happening, place);
                    Ok(())
                }
                Then::Escalate { to, by_mail } => {
                    escalate(working, of, (to, *by_mail));
                    end(working, no, watch);
                    Ok(())
                }
                Then::Does(_) => {
                    let times = again(working, (no, watch), happening, place);
                    let token = Token::new(place, within);
                    for _ in 0..times {
                        beside::begin(working, &token, (line, happening), own.clone())?;
                    }
                    advance::run(working)
                }
            }
        }
        (Owner::Block(_) | Owner::Job(_), None) => Ok(()),
    }
}

pub(super) fn stands(working: &Working<'_>, owner: Owner) -> Option<(usize, Option<Place>)> {
    let (step, within) = working.state.stands(owner)?;
    Some((working.executable.place(step)?, within.clone()))
}

/// A time comes once; a message or a signal may come again.
fn end(working: &mut Working<'_>, no: u32, watch: &Watch) {
    if matches!(watch.awaits, Awaits::Until(_)) {
        working.emit(Entry::WatchEnded { watch: no });
    }
}

/// The step is taken away, and the case goes on where the line of `on` says.
pub(super) fn interrupt(
    working: &mut Working<'_>,
    (of, line): (Owner, u32),
    token: Token,
    target: &Target,
) -> Result<(), Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    first::taken(working, token.within.as_ref());
    working.emit(Entry::Interrupted { step: step.id.value.clone(), line });
    match of {
        Owner::Task(task) => advance::withdraw(working, Holder::Task(task)),
        Owner::Wait(wait) => advance::withdraw(working, Holder::Wait(wait)),
        Owner::Job(job) => advance::withdraw(working, Holder::Job(job)),
        Owner::Block(no) => {
            let is_running = |open: &crate::engine::Block| open.status == BlockStatus::Running;
            if !working.state.blocks.get(&no).is_some_and(is_running) {
                return Ok(());
            }
            block::withdraw(working, no);
            working.emit(Entry::BlockWithdrawn { block: no });
        }
    }
    let token = beside::leave(working, token);
    advance::follow(working, token, target)?;
    advance::run(working)
}

/// Reminds, as often as it is time for it.
fn remind(
    working: &mut Working<'_>,
    (no, watch): (u32, &Watch),
    happening: &Happening,
    place: usize,
) {
    let step = &working.executable.procedure.steps[place];
    let task = match watch.of {
        Owner::Task(task) => Some(task),
        Owner::Wait(_) | Owner::Block(_) | Owner::Job(_) => None,
    };
    let by_mail = matches!(happening.then, Then::Remind { by_mail: true }) && task.is_some();
    for _ in 0..again(working, (no, watch), happening, place) {
        let step = step.id.value.clone();
        working.emit(Entry::Reminded { step, task, by_mail });
    }
}

/// Sets the next time if there is one; how many times are to be made up for now.
fn again(
    working: &mut Working<'_>,
    (no, watch): (u32, &Watch),
    happening: &Happening,
    place: usize,
) -> usize {
    let (Some((every, _)), Awaits::Until(at), Some(line)) =
        (&happening.every, &watch.awaits, watch.line)
    else {
        end(working, no, watch);
        return 1;
    };
    let step = &working.executable.procedure.steps[place];
    let calendar = watch::calendar(working, step);
    let now = working.facts.now;
    let mut next = calendar.after(*at, every);
    let mut missed = 0;
    while next <= now && missed < MOST_MISSED {
        missed += 1;
        next = calendar.after(next, every);
    }
    // After years of silence the count begins anew.
    if next <= now {
        next = calendar.after(now, every);
    }
    let awaits = Awaits::Until(next);
    working.emit(Entry::WatchSet { watch: no, of: watch.of, line, awaits });
    match happening.missed {
        Missed::Once => 1,
        Missed::All => 1 + missed,
        Missed::Skip => usize::from(missed == 0),
    }
}

/// The task goes to another queue. Whoever had claimed it and let it lie doesn't keep it.
fn escalate(working: &mut Working<'_>, of: Owner, (role, by_mail): (&str, bool)) {
    let Owner::Task(task) = of else { return };
    let Some(open) = working.state.tasks.get(&task) else { return };
    if open.role == role {
        return;
    }
    if open.status == TaskStatus::Claimed {
        working.emit(Entry::TaskReleased { task });
    }
    working.emit(Entry::TaskEscalated { task, role: role.to_owned(), by_mail });
}
