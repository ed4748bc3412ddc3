//! Branches that are open at once: where they begin, where each ends, and where they are joined.

use super::Working;
use super::advance::{Token, follow};
use super::complete::no_way;
use crate::engine::{Block as Open, BlockStatus, Entry, Place, Rejection};
use crate::procedure::{Begins, Block, Join, Rest, Step, Way};

/// Enters a block: every branch that begins waits to be entered, the first of the file first.
pub(super) fn enter(
    working: &mut Working<'_>,
    token: Token,
    written: &Block,
    waiting: &mut Vec<Token>,
) -> Result<Option<Token>, Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    let begun = begun(working, step, written)?;
    let block = working.state.block_count + 1;
    let branches: Vec<String> =
        begun.iter().map(|at| written.strands[*at].name.value.clone()).collect();
    working.emit(Entry::BlockEntered {
        block,
        step: step.id.value.clone(),
        branches: branches.clone(),
        within: token.within,
    });
    if begun.is_empty() {
        return join(working, block);
    }
    for (at, branch) in begun.into_iter().zip(branches).rev() {
        // The checker refuses a branch without steps.
        let Some(place) = written.strands[at].steps.clone().next() else {
            return Err(no_way(step, format!("the branch {branch} has no steps")));
        };
        waiting.push(Token { place, within: Some(Place { block, branch }) });
    }
    Ok(None)
}

/// The branches that begin, in the order of the file.
fn begun(working: &Working<'_>, step: &Step, written: &Block) -> Result<Vec<usize>, Rejection> {
    let strands = written.strands.iter().enumerate();
    if written.begins == Begins::All {
        return Ok(strands.map(|(at, _)| at).collect());
    }
    let mut begun = Vec::new();
    for (at, strand) in strands.clone() {
        if let Some(when) = &strand.when
            && when.holds(&working.scope()).map_err(|fault| no_way(step, fault.message))?
        {
            begun.push(at);
        }
    }
    if begun.is_empty() {
        begun.extend(strands.filter(|(_, strand)| strand.is_else).map(|(at, _)| at));
    }
    Ok(begun)
}

/// The next branch to enter. One whose block was joined or withdrawn meanwhile, or whose case ended, is
/// not entered any more.
pub(super) fn first(working: &Working<'_>, waiting: &mut Vec<Token>) -> Option<Token> {
    let blocks = &working.state.blocks;
    while let Some(token) = waiting.pop() {
        let is_open = token.within.as_ref().is_some_and(|place| {
            blocks.get(&place.block).is_some_and(|open| open.running.contains(&place.branch))
        });
        if is_open {
            return Some(token);
        }
    }
    None
}

/// Ends the branch that a token stands in; where the case goes on if that was what its block waited
/// for.
pub(super) fn end_branch(
    working: &mut Working<'_>,
    token: Token,
) -> Result<Option<Token>, Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    let open = token.within.and_then(|place| {
        let open = working.state.blocks.get(&place.block)?;
        open.running.contains(&place.branch).then_some((place, open))
    });
    // Only a damaged state or an unsound version has none.
    let Some((Place { block, branch }, open)) = open else {
        return Err(no_way(step, "the branch is not open".to_owned()));
    };
    let is_waited_for = open.status == BlockStatus::Running;
    working.emit(Entry::BranchEnded { block, branch });
    let written = |open: &Open| working.executable.step(&open.step)?.block.as_ref();
    let is_met = working.state.blocks.get(&block).is_some_and(|open| {
        let wanted = written(open).map_or(0, Block::wanted);
        open.running.is_empty() || open.ended as usize >= wanted
    });
    if is_waited_for && is_met { join(working, block) } else { Ok(None) }
}

/// Joins a block: the rest is withdrawn if it shall be, and the case goes on behind the block.
fn join(working: &mut Working<'_>, block: u32) -> Result<Option<Token>, Rejection> {
    let executable = working.executable;
    let Some(open) = working.state.blocks.get(&block) else { return Ok(None) };
    let Some(place) = executable.place(&open.step) else { return Ok(None) };
    let step = &executable.procedure.steps[place];
    let within = open.within.clone();
    let withdrawn = match step.block.as_ref().map(|written| *written.join) {
        Some(Join::First { rest: Rest::Cancel, .. }) => withdraw(working, block),
        _ => Vec::new(),
    };
    working.emit(Entry::BlockJoined { block, withdrawn });
    let token = Token { place, within };
    match &step.way {
        Way::On(target) => follow(working, token, target),
        _ => Err(no_way(step, "a block leads on by `go` or `end`".to_owned())),
    }
}

/// Withdraws everything that is open in the running branches of a block, however deep inside; the
/// names of the branches.
fn withdraw(working: &mut Working<'_>, block: u32) -> Vec<String> {
    let state = &working.state;
    let Some(open) = state.blocks.get(&block) else { return Vec::new() };
    let is_inside = |place: &Option<Place>| {
        state.branch_around(place, block).is_some_and(|branch| open.running.contains(branch))
    };
    let tasks: Vec<u32> = state
        .tasks
        .iter()
        .filter(|(_, task)| is_inside(&task.within))
        .map(|(number, _)| *number)
        .collect();
    let jobs: Vec<u32> = state
        .jobs
        .iter()
        .filter(|(_, job)| is_inside(&job.within))
        .map(|(number, _)| *number)
        .collect();
    // From the innermost outwards.
    let blocks: Vec<u32> = state
        .blocks
        .iter()
        .rev()
        .filter(|(_, inner)| is_inside(&inner.within))
        .map(|(number, _)| *number)
        .collect();
    let branches = open.running.iter().cloned().collect();
    for task in tasks {
        working.emit(Entry::TaskWithdrawn { task });
    }
    for job in jobs {
        working.emit(Entry::JobWithdrawn { job });
    }
    for block in blocks {
        working.emit(Entry::BlockWithdrawn { block });
    }
    branches
}
