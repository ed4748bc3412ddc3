//! Blocks of branches that are open at once: how entries change them, and what stands inside which.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::apply::visited;
use super::lifecycle::{self, BLOCK};
use super::{BlockStatus, Entry, State};

/// A branch of a block of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub block: u32,
    /// By its name.
    pub branch: String,
}

/// A block that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    pub step: String,
    /// The branch that the block itself stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Place>,
    pub status: BlockStatus,
    /// The branches that have begun and not ended.
    pub running: BTreeSet<String>,
    /// How many have ended.
    pub ended: u32,
}

impl State {
    /// The branch of `block` in which `place` stands, through whatever blocks lie between.
    pub fn branch_around<'a>(&'a self, place: &'a Option<Place>, block: u32) -> Option<&'a str> {
        let mut place = place.as_ref();
        while let Some(here) = place {
            if here.block == block {
                return Some(&here.branch);
            }
            // A block's number is higher than that of the one around it, so that this ends.
            let around = self.blocks.get(&here.block)?.within.as_ref();
            place = around.filter(|around| around.block < here.block);
        }
        None
    }
}

/// Makes an entry about a block part of the state.
pub(super) fn apply(state: &mut State, at: Timestamp, entry: &Entry) {
    match entry {
        Entry::BlockEntered { block, step, branches, within } => {
            state.block_count = state.block_count.max(*block);
            let entered = Block {
                step: step.clone(),
                within: within.clone(),
                status: BlockStatus::Running,
                running: branches.iter().cloned().collect(),
                ended: 0,
            };
            state.blocks.insert(*block, entered);
        }
        Entry::BranchEnded { block, branch } => {
            if let Some(open) = state.blocks.get_mut(block)
                && open.running.remove(branch)
            {
                open.ended += 1;
            }
            tidy(state, *block);
        }
        Entry::BlockJoined { block, withdrawn } => {
            change(state, *block, entry);
            if let Some(open) = state.blocks.get_mut(block) {
                withdrawn.iter().for_each(|branch| {
                    open.running.remove(branch);
                });
                let step = open.step.clone();
                visited(state, &step, at);
            }
            tidy(state, *block);
        }
        Entry::BlockWithdrawn { block } => {
            change(state, *block, entry);
            if let Some(open) = state.blocks.get_mut(block) {
                open.running.clear();
            }
            tidy(state, *block);
        }
        _ => {}
    }
}

fn change(state: &mut State, block: u32, entry: &Entry) {
    if let Some(open) = state.blocks.get_mut(&block)
        && let Some(to) = lifecycle::after(BLOCK, open.status, entry.kind())
    {
        open.status = to;
    }
}

/// Takes out a block that is over, and those around it that only waited for it: a block stays as long as
/// one inside it does, or nobody could tell any more what stands in which branch.
fn tidy(state: &mut State, block: u32) {
    let mut block = block;
    while let Some(open) = state.blocks.get(&block) {
        let is_inside = |other: &Block| other.within.as_ref().is_some_and(|at| at.block == block);
        let is_over = open.status != BlockStatus::Running
            && open.running.is_empty()
            && !state.blocks.values().any(is_inside);
        if !is_over {
            return;
        }
        let around = state.blocks.remove(&block).and_then(|over| over.within);
        match around {
            Some(around) => block = around.block,
            None => return,
        }
    }
}
