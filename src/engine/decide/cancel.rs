//! `cancels`: completing one step withdraws what is open at others.

use std::collections::BTreeSet;

use super::Working;
use super::advance::{self, Token};
use super::{beside, block};
use crate::engine::{BlockStatus, Entry, Holder, Place, Rejection};
use crate::procedure::Step;

/// Withdraws every token at the steps that `step` names, and in the branches that it names. A branch in
/// which nothing is left has ended.
pub(super) fn region(
    working: &mut Working<'_>,
    step: &Step,
    token: &Token,
) -> Result<(), Rejection> {
    let named = named(working, step);
    let is_named = |step: &str| named.contains(step);
    let state = &working.state;
    let tokens: Vec<(Holder, Option<Place>)> = state
        .tokens()
        .filter(|standing| is_named(standing.step))
        .map(|standing| (standing.holder, standing.within.clone()))
        .collect();
    // From the innermost outwards.
    let blocks: Vec<(u32, Option<Place>)> = state
        .blocks
        .iter()
        .rev()
        .filter(|(_, open)| is_named(&open.step) && open.status != BlockStatus::Withdrawn)
        .map(|(no, open)| (*no, open.within.clone()))
        .collect();
    let mut scopes: BTreeSet<Option<(u32, String)>> = BTreeSet::new();
    let key = |scope: Option<Place>| scope.map(|place| (place.block, place.branch));
    for (holder, within) in tokens {
        advance::withdraw(working, holder);
        scopes.insert(key(within));
    }
    for (no, within) in blocks {
        if working.state.blocks.get(&no).is_some_and(|open| open.is_beside) {
            beside::cancel(working, no)?;
        } else {
            block::withdraw(working, no);
            working.emit(Entry::BlockWithdrawn { block: no });
        }
        scopes.insert(key(within));
    }
    let steps = &working.executable.procedure.steps;
    working.pending.retain(|moving| !named.contains(steps[moving.place].id.as_str()));
    // The token itself still stands in its branch.
    working.pending.push(token.clone());
    let mark = working.pending.len() - 1;
    for scope in scopes.into_iter().rev() {
        let scope = scope.map(|(block, branch)| Place { block, branch });
        block::close(working, scope)?;
    }
    if mark < working.pending.len() {
        working.pending.remove(mark);
    }
    working.here.clone_from(&token.within);
    Ok(())
}

/// The steps that are withdrawn: by their own numbers, or by the name of a branch that they stand in.
fn named<'a>(working: &Working<'a>, step: &'a Step) -> BTreeSet<&'a str> {
    let procedure = &working.executable.procedure;
    let mut named = BTreeSet::new();
    for name in &step.control.cancels {
        if working.executable.place(name).is_some() {
            named.insert(name.as_str());
        }
        let blocks = procedure.steps.iter().filter_map(|step| step.block.as_ref());
        let strands = blocks.flat_map(|block| &block.strands);
        for strand in strands.filter(|strand| strand.name.value == name.value) {
            let steps = procedure.steps[strand.steps.clone()].iter();
            named.extend(steps.map(|step| step.id.as_str()));
        }
    }
    named
}
