//! `wait_any`: of its branches the first in which something happens is worked; the others are
//! withdrawn.

use super::{Working, block};
use crate::engine::{Block, Entry, Place};
use crate::procedure::Begins;

/// Something has happened in the branch at `place`, or in one inside of it; whether that decided.
pub(super) fn taken(working: &mut Working<'_>, place: Option<&Place>) -> bool {
    let mut decided = false;
    let mut around = place.cloned();
    while let Some(place) = around {
        let Some(open) = working.state.blocks.get(&place.block) else { return decided };
        // A block's number is higher than that of the one around it, so that this ends.
        around = open.within.clone().filter(|around| around.block < place.block);
        if is_undecided(working, open, &place.branch) {
            block::withdraw_others(working, &place);
            working.emit(Entry::BranchTaken { block: place.block, branch: place.branch });
            decided = true;
        }
    }
    decided
}

/// Whether nothing has happened yet in any branch of a `wait_any`.
fn is_undecided(working: &Working<'_>, open: &Block, branch: &str) -> bool {
    let written = working.written(open);
    written.is_some_and(|(_, _, written)| matches!(written.begins, Begins::First))
        && open.running.len() > 1
        && open.running.contains(branch)
}
