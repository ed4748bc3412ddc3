//! What couples a branch with what is outside of it.
//!
//! The engine looks beyond the branch in which a token stands only where a step says so: milestones,
//! critical sections, `cancels`, and a `spawn` whose tokens leave the branch one by one. A step joins
//! tokens of its own branch only, and a block waits for its own branches. (What is left over may still end
//! the case when its branch is long gone. That is not counted on: who walks over the rest finds fewer
//! ends than there are, never more.)

use std::collections::BTreeSet;

use super::steps_of;
use crate::check::branches::cancelled;
use crate::procedure::{Begins, Block, Join, Procedure, Rest, Step, Then, Within};

/// The branches that nothing couples with what is outside, in the order of the file.
pub fn closed(procedure: &Procedure) -> Vec<Within> {
    let blocks = procedure.steps.iter().enumerate();
    let blocks = blocks.filter_map(|(at, step)| Some((at, step.block.as_ref()?)));
    let all = blocks.flat_map(|(block, written)| {
        (0..written.strands.len()).map(move |strand| Within { block, strand })
    });
    all.filter(|within| is_closed(procedure, *within)).collect()
}

/// The blocks whose leftovers can't touch anything any more.
pub fn inert(procedure: &Procedure) -> BTreeSet<usize> {
    let blocks = procedure.steps.iter().enumerate();
    let blocks = blocks.filter_map(|(at, step)| Some((at, step.block.as_ref()?)));
    let is_inert = |at: usize, block: &Block| {
        let strands = (0..block.strands.len()).map(|strand| Within { block: at, strand });
        strands.into_iter().all(|within| is_closed(procedure, within))
    };
    blocks.filter(|(at, block)| is_inert(*at, block)).map(|(at, _)| at).collect()
}

/// Whether a token in the branch may be moved by something else than its own steps.
pub fn is_cancelled_from(procedure: &Procedure, place: usize) -> bool {
    let mut within = procedure.steps[place].within;
    let has_cancels = procedure.steps.iter().any(|step| !step.control.cancels.is_empty());
    let has_milestones = procedure.steps.iter().any(|step| step.control.enabled_while.is_some());
    let is_left = |step: &Step| {
        let mut on = step.on.iter();
        let has_branches = step.block.is_some() || step.besides().next().is_some();
        has_branches && on.any(|happening| matches!(happening.then, Then::Leave(_)))
    };
    if has_cancels || has_milestones || procedure.steps.iter().any(is_left) {
        return true;
    }
    // The block in which it stands waits for all; those around must not withdraw it.
    while let Some(around) = within {
        let block = procedure.steps[around.block].block.as_ref();
        let withdraws = |block: &Block| {
            block.rest() == Some(Rest::Cancel) || matches!(block.begins, Begins::First)
        };
        let line = procedure.happening(around).and_then(|(_, line)| line.beside());
        let is_left = line.is_some_and(|beside| beside.rest == Some(Rest::Cancel));
        if line.is_none() && block.is_some_and(withdraws) || is_left {
            return true;
        }
        within = procedure.steps[around.block].within;
    }
    false
}

fn is_closed(procedure: &Procedure, within: Within) -> bool {
    let inside = steps_of(procedure, within);
    let Some(block) = procedure.steps[within.block].block.as_ref() else { return false };
    let counts_tokens = matches!(*block.join, Join::None | Join::Queue);
    let own = &procedure.steps[inside.clone()];
    let is_plain = |step: &Step| {
        step.control.mutex.is_none()
            && step.control.enabled_while.is_none()
            && step.control.cancels.is_empty()
            && !(counts_tokens && step.control.spawn.is_some() && step.within == Some(within))
            && !(counts_tokens && leaves(step.block.as_ref()) && step.within == Some(within))
    };
    own.iter().all(is_plain)
        && procedure.steps.iter().all(|other| {
            let is_named = |name: &str| own.iter().any(|step| *step.id == name);
            let waits = other.control.enabled_while.as_ref();
            !waits.is_some_and(|name| is_named(name))
                && !cuts(&cancelled(procedure, other), &inside)
        })
}

/// Several tokens come out of it.
fn leaves(block: Option<&Block>) -> bool {
    block.is_some_and(|block| matches!(*block.join, Join::None | Join::Queue))
}

/// Only a part of the branch is named: what is withdrawn depends on where its tokens stand.
fn cuts(named: &BTreeSet<usize>, inside: &std::ops::Range<usize>) -> bool {
    inside.clone().any(|place| named.contains(&place))
        && !inside.clone().all(|place| named.contains(&place))
}
