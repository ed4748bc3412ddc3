//! Branches beside a step that stays open, begun by a line of its `on`.
//!
//! Such a step stands in a block of its own from the moment it is entered: its own token in the nameless
//! branch, what happens meanwhile in a branch each. When the step is done its token is *held* there
//! until those branches are over that it waits for, and then goes on where the step led. Whatever takes
//! the step away takes the block away, and all that was begun beside it.

use super::Working;
use super::advance::{self, Token};
use super::block;
use super::complete::no_way;
use crate::engine::{Block, BlockStatus, Entry, Place, Rejection, State};
use crate::expression::Map;
use crate::procedure::{Destination, Happening, Rest, Step};

/// Branches of one line that are open at once: more would neither be looked at nor fit into a command.
const MAX_OPEN: usize = 1_000;
/// So many of them are tried by the proof: what two of them do to each other, more do as well.
const MAX_EXPLORED: usize = 2;

/// A step is entered beside which branches may begin: where its token stands from now on.
pub(super) fn enter(working: &mut Working<'_>, step: &Step, token: Token) -> Token {
    let block = working.state.block_count + 1;
    let step = step.id.value.clone();
    working.emit(Entry::BesideOpened { block, step, within: token.within });
    let branch = Place::THE_STEP.to_owned();
    Token { within: Some(Place { block, branch }), ..token }
}

/// What stands around the step at whose place the token is, when the token is the step's own.
pub(super) fn around(working: &Working<'_>, token: &Token) -> Option<u32> {
    around_step(&working.state, token).map(|(block, _)| block)
}

fn around_step<'a>(state: &'a State, token: &Token) -> Option<(u32, &'a Block)> {
    let place = token.within.as_ref().filter(|place| place.branch == Place::THE_STEP)?;
    let open = state.blocks.get(&place.block).filter(|open| open.is_beside)?;
    Some((place.block, open))
}

/// A line of `on` has come about: its branch begins. `own` is what this branch alone knows, when it may
/// come again.
pub(super) fn begin(
    working: &mut Working<'_>,
    token: &Token,
    (line, happening): (u32, &Happening),
    own: Map,
) -> Result<(), Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    let (Some((block, open)), Some(beside)) =
        (around_step(&working.state, token), happening.beside())
    else {
        return Ok(());
    };
    let comes_again = happening.comes_again();
    let same = |name: &&String| line_of(name) == Some(line);
    let all = open.running.iter().chain(&open.done).filter(same);
    let last = all.filter_map(|name| name.split_once('.')?.1.parse::<u32>().ok()).max();
    if open.running.iter().filter(same).count() >= MAX_OPEN {
        return Err(no_way(step, format!("more than {MAX_OPEN} branches would be open")));
    }
    // The checker refuses a branch without steps.
    let Some(first) = beside.strand.steps.clone().next() else { return Ok(()) };
    let branch = match comes_again {
        true => format!("{line}.{}", last.unwrap_or_default() + 1),
        false => line.to_string(),
    };
    let item = comes_again.then_some(own);
    working.emit(Entry::BranchBegun { block, branch: branch.clone(), item });
    working.pending.push(Token::new(first, Some(Place { block, branch })));
    Ok(())
}

/// Whether the proof tries a line: once when it comes once, and as often as can make a difference.
pub(super) fn may_come(state: &State, token: &Token, (line, happening): (u32, &Happening)) -> bool {
    let Some((_, open)) = around_step(state, token) else { return false };
    let same = |name: &&String| line_of(name) == Some(line);
    if happening.comes_again() {
        return open.running.iter().filter(same).count() < MAX_EXPLORED;
    }
    !open.running.iter().chain(&open.done).any(|name| same(&name))
}

/// The line of `on` that began a branch; none for the step itself.
pub(super) fn line_of(branch: &str) -> Option<u32> {
    branch.split('.').next()?.parse().ok()
}

/// The step's own token leads on. It is held while anything is open that the case waits for.
pub(super) fn pass(
    working: &mut Working<'_>,
    (block, place): (u32, usize),
    to: &Destination<'_>,
) -> Result<(), Rejection> {
    let Some(open) = working.state.blocks.get(&block) else { return Ok(()) };
    let executable = working.executable;
    let waits = |branch: &String| rest(working, open, branch) == Some(None);
    if open.running.iter().any(waits) {
        let to = match to {
            Destination::Step(place) => Some(executable.procedure.steps[*place].id.value.clone()),
            _ => None,
        };
        working.emit(Entry::TokenHeld { block, to });
        return Ok(());
    }
    let to = match to {
        Destination::Step(place) => Some(*place),
        _ => None,
    };
    let within = open.within.clone();
    go_on(working, (place, within), to)
}

/// A token goes on around the step at `place`: to another step, or to the end of what is around.
fn go_on(
    working: &mut Working<'_>,
    (place, within): (usize, Option<Place>),
    to: Option<usize>,
) -> Result<(), Rejection> {
    match to {
        Some(to) => {
            working.pending.push(Token::new(to, within));
            Ok(())
        }
        None => advance::come_to_end(working, Token::new(place, within)),
    }
}

/// What becomes of a branch when the step is done; none for the step itself.
fn rest(working: &Working<'_>, open: &Block, branch: &str) -> Option<Option<Rest>> {
    let step = working.executable.step(&open.step)?;
    let line = step.on.get(line_of(branch)? as usize)?;
    line.beside().map(|beside| beside.rest)
}

/// The step, or a branch beside it, is over: the case goes on when that was what it waited for.
pub(super) fn ended(working: &mut Working<'_>, place: Place) -> Result<(), Rejection> {
    let block = place.block;
    let is_step = place.branch == Place::THE_STEP;
    let Some(open) = working.state.blocks.get(&block) else { return Ok(()) };
    let (around, was_waited_for) = (open.within.clone(), open.status == BlockStatus::Running);
    working.emit(Entry::BranchEnded { block, branch: place.branch });
    if !was_waited_for {
        // What was left over has come to its end: it may have been the last of what is around.
        return block::close(working, around);
    }
    if is_step {
        withdraw_some(working, block);
    }
    let Some(open) = working.state.blocks.get(&block) else { return Ok(()) };
    let waits =
        |branch: &String| branch == Place::THE_STEP || rest(working, open, branch) == Some(None);
    if open.running.iter().any(waits) {
        return Ok(());
    }
    let step = working.executable.place(&open.step);
    let held: Vec<Option<usize>> = open
        .held
        .iter()
        .map(|to| to.as_ref().and_then(|to| working.executable.place(to)))
        .collect();
    working.emit(Entry::BlockJoined { block, withdrawn: Vec::new() });
    for to in held {
        go_on(working, (step.unwrap_or_default(), around.clone()), to)?;
    }
    block::close(working, around)
}

/// The step is done: what shall not outlast it is withdrawn.
fn withdraw_some(working: &mut Working<'_>, block: u32) {
    let Some(open) = working.state.blocks.get(&block) else { return };
    let is_cancelled = |branch: &&String| rest(working, open, branch) == Some(Some(Rest::Cancel));
    let branches: Vec<String> = open.running.iter().filter(is_cancelled).cloned().collect();
    block::clear(working, block, &branches);
    for branch in branches {
        working.emit(Entry::BranchEnded { block, branch });
    }
}

/// The step is taken away, with all that was begun beside it: where its token stands then.
pub(super) fn leave(working: &mut Working<'_>, token: Token) -> Token {
    let Some((block, open)) = around_step(&working.state, &token) else { return token };
    let within = open.within.clone();
    block::withdraw(working, block);
    working.emit(Entry::BlockWithdrawn { block });
    Token { within, ..token }
}

/// A step beside which branches were begun is withdrawn by another. One that was done already goes on:
/// only what was begun beside it is taken away.
pub(super) fn cancel(working: &mut Working<'_>, block: u32) -> Result<(), Rejection> {
    let Some(open) = working.state.blocks.get(&block) else { return Ok(()) };
    let (step, within) = (working.executable.place(&open.step), open.within.clone());
    let held = open.held.clone();
    block::withdraw(working, block);
    working.emit(Entry::BlockWithdrawn { block });
    for to in held {
        let to = to.and_then(|to| working.executable.place(&to));
        go_on(working, (step.unwrap_or_default(), within.clone()), to)?;
    }
    Ok(())
}
