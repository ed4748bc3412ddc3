//! Branches: where they end, what is alive in them, and where they are joined. `begin` begins them.
//!
//! One rule for all: a *scope* (the case itself, or one branch) is over when nothing in it is alive. A
//! token that comes to the end of its scope while others are alive in it is gone; with the last one
//! the scope ends: the branch comes to its join, or the case is completed.

use super::Working;
use super::advance::{self, Token, follow};
use super::complete::no_way;
use super::{begin, beside};
use crate::engine::{Block as Open, BlockStatus, CaseStatus, Entry, Holder, Place, Rejection};
use crate::procedure::{Begins, Block, Join, Rest, Step, Way};

pub(super) use super::begin::enter;

impl<'a> Working<'a> {
    /// The step at which a block stands, and what is written there; none for what only stands around
    /// a step.
    pub(super) fn written(&self, open: &Open) -> Option<(usize, &'a Step, &'a Block)> {
        if open.is_beside {
            return None;
        }
        let place = self.executable.place(&open.step)?;
        let step = &self.executable.procedure.steps[place];
        Some((place, step, step.block.as_ref()?))
    }

    /// Whether anything stands or moves in a scope, or must still be finished there.
    fn is_alive(&self, scope: &Option<Place>) -> bool {
        let keeps = |open: &Open| match open.status {
            BlockStatus::Running => true,
            BlockStatus::Joined if open.is_beside => !open.running.is_empty(),
            BlockStatus::Joined => {
                let rest = self.written(open).and_then(|(_, _, written)| written.rest());
                rest == Some(Rest::Finish) && !open.running.is_empty()
            }
            BlockStatus::Withdrawn => false,
        };
        self.pending.iter().any(|token| token.within == *scope)
            || self.state.tokens().any(|token| token.within == scope)
            || self.state.blocks.values().any(|open| open.within == *scope && keeps(open))
    }
}

/// A token has come to the end of its branch.
pub(super) fn arrive(working: &mut Working<'_>, token: Token) -> Result<(), Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    let open = token.within.as_ref().and_then(|place| {
        let open = working.state.blocks.get(&place.block)?;
        open.running.contains(&place.branch).then_some((place, open))
    });
    // Only a damaged state or an unsound version has none.
    let Some((place, open)) = open else {
        return Err(no_way(step, "the branch is not open".to_owned()));
    };
    let (block, around) = (place.block, open.within.clone());
    if working.is_frontier(block) {
        return close(working, token.within);
    }
    if open.is_beside {
        return close(working, token.within);
    }
    let Some((behind, _, written)) = working.written(open) else { return Ok(()) };
    match *written.join {
        Join::None => go_on(working, behind, around)?,
        Join::Queue => {
            working.emit(Entry::TokenArrived { block, branch: place.branch.clone() });
            let is_whole = working.state.blocks.get(&block).is_some_and(|open| {
                let mut strands = written.strands.iter();
                strands.all(|strand| open.arrived.contains_key(strand.name.as_str()))
            });
            if is_whole {
                working.emit(Entry::BlockPassed { block });
                go_on(working, behind, around)?;
            }
        }
        _ => {}
    }
    close(working, token.within)
}

/// Ends a scope unless something is alive in it: a branch comes to its join, a case is completed.
pub(super) fn close(working: &mut Working<'_>, scope: Option<Place>) -> Result<(), Rejection> {
    if working.state.status != CaseStatus::Running || working.is_alive(&scope) {
        return Ok(());
    }
    let Some(place) = scope else {
        advance::end(working, crate::procedure::COMPLETED);
        return Ok(());
    };
    let Some(open) = working.state.blocks.get(&place.block) else { return Ok(()) };
    if !open.running.contains(&place.branch) {
        return Ok(());
    }
    end_branch(working, place)
}

/// Ends a branch; the case goes on if that was what its block waited for.
fn end_branch(working: &mut Working<'_>, place: Place) -> Result<(), Rejection> {
    let block = place.block;
    let Some(open) = working.state.blocks.get(&block) else { return Ok(()) };
    if open.is_beside {
        return beside::ended(working, place);
    }
    let is_waited_for = open.status == BlockStatus::Running;
    let around = open.within.clone();
    let Some((_, step, written)) = working.written(open) else { return Ok(()) };
    keep(working, written, &place);
    working.emit(Entry::BranchEnded { block, branch: place.branch });
    if working.is_frontier(block) {
        working.pending.clear();
        return Ok(());
    }
    working.here.clone_from(&around);
    if begin::follow_up(working, block, step, written)? {
        return Ok(());
    }
    if is_waited_for && is_met(working, block, step, written)? {
        return join(working, block);
    }
    // What was left over has come to its end: it may have been the last of the scope around.
    if is_waited_for { Ok(()) } else { close(working, around) }
}

/// What a branch of an `each` filled in comes into the table that keeps it.
fn keep(working: &mut Working<'_>, written: &Block, place: &Place) {
    let Begins::Each(each) = &written.begins else { return };
    let Some(into) = &each.into else { return };
    working.emit(Entry::RowKept {
        block: place.block,
        branch: place.branch.clone(),
        into: into.value.clone(),
    });
}

/// Whether enough branches have ended.
fn is_met(
    working: &Working<'_>,
    block: u32,
    step: &Step,
    written: &Block,
) -> Result<bool, Rejection> {
    let Some(open) = working.state.blocks.get(&block) else { return Ok(false) };
    let is_enough = match &*written.join {
        Join::First { .. } => open.wanted.is_some_and(|wanted| open.ended >= wanted),
        Join::When { holds, .. } => working.holds(step, holds)?,
        Join::All | Join::Chosen | Join::None | Join::Queue => false,
    };
    Ok(is_enough || open.running.is_empty() && !open.is_open)
}

/// Joins a block: the rest is withdrawn if it shall be, and the case goes on behind the block.
pub(super) fn join(working: &mut Working<'_>, block: u32) -> Result<(), Rejection> {
    let open = working.state.blocks.get(&block);
    let Some(open) = open.filter(|open| open.status == BlockStatus::Running) else {
        return Ok(());
    };
    let around = open.within.clone();
    let Some((place, _, written)) = working.written(open) else { return Ok(()) };
    let goes_on = !matches!(*written.join, Join::None | Join::Queue);
    let withdrawn = match written.rest() {
        Some(Rest::Cancel) => withdraw(working, block),
        _ => Vec::new(),
    };
    working.emit(Entry::BlockJoined { block, withdrawn });
    if goes_on { go_on(working, place, around) } else { close(working, around) }
}

/// A token goes on behind the block at a place.
fn go_on(working: &mut Working<'_>, place: usize, within: Option<Place>) -> Result<(), Rejection> {
    let step = &working.executable.procedure.steps[place];
    working.here.clone_from(&within);
    match &step.way {
        Way::On(target) => follow(working, Token::new(place, within), target),
        _ => Err(no_way(step, "a block leads on by `go` or `end`".to_owned())),
    }
}

/// Withdraws everything that is open in the running branches of a block, however deep inside; the
/// names of the branches.
pub(super) fn withdraw(working: &mut Working<'_>, block: u32) -> Vec<String> {
    let Some(open) = working.state.blocks.get(&block) else { return Vec::new() };
    let branches: Vec<String> = open.running.iter().cloned().collect();
    clear(working, block, &branches);
    branches
}

/// Withdraws everything that is open in the running branches of a block but one.
pub(super) fn withdraw_others(working: &mut Working<'_>, place: &Place) {
    let Some(open) = working.state.blocks.get(&place.block) else { return };
    let others = open.running.iter().filter(|branch| **branch != place.branch);
    let others: Vec<String> = others.cloned().collect();
    clear(working, place.block, &others);
}

/// Withdraws everything that is open in some branches of a block.
pub(super) fn clear(working: &mut Working<'_>, block: u32, branches: &[String]) {
    let state = &working.state;
    let is_inside = |place: &Option<Place>| {
        state
            .branch_around(place, block)
            .is_some_and(|branch| branches.iter().any(|named| named == branch))
    };
    let tokens: Vec<Holder> =
        state.tokens().filter(|token| is_inside(token.within)).map(|token| token.holder).collect();
    // From the innermost outwards.
    let blocks: Vec<u32> = state
        .blocks
        .iter()
        .rev()
        .filter(|(_, inner)| is_inside(&inner.within))
        .map(|(number, _)| *number)
        .collect();
    for holder in tokens {
        advance::withdraw(working, holder);
    }
    for block in blocks {
        working.emit(Entry::BlockWithdrawn { block });
    }
}
