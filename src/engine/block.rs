//! Blocks of branches that are open at once: how entries change them, and what stands inside which.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::apply::visited;
use super::lifecycle::{self, BLOCK};
use super::{BlockStatus, Entry, Owner, State};
use crate::expression::{Map, Value};

/// A branch of a block of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub block: u32,
    /// By its name.
    pub branch: String,
}

impl Place {
    /// The branch that is the step itself, in what stands around a step beside which others may begin.
    pub const THE_STEP: &str = "";
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
    /// Those that have ended, where others wait for them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub done: BTreeSet<String>,
    /// What each branch of an `each` alone knows, until it has ended.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<String, Map>,
    /// How many branches the join waits for, when that is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<u32>,
    /// People may add branches.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_open: bool,
    /// How often something has come from each branch and not gone on, where that is counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arrived: BTreeMap<String, u32>,
    /// It stands around a step beside which branches may begin, and is not what is written there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_beside: bool,
    /// Where the step leads that is done and waits for what was begun beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Option<String>>,
}

impl Block {
    /// A block in which these branches run.
    pub fn entered(step: &str, within: Option<Place>, branches: BTreeSet<String>) -> Self {
        Self {
            step: step.to_owned(),
            within,
            status: BlockStatus::Running,
            running: branches,
            ended: 0,
            done: BTreeSet::new(),
            items: BTreeMap::new(),
            wanted: None,
            is_open: false,
            arrived: BTreeMap::new(),
            is_beside: false,
            held: Vec::new(),
        }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
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

    /// The branch that a place is known by: a step beside which others may begin stands in the one around.
    pub fn known_by<'a>(&'a self, place: Option<&'a Place>) -> Option<&'a Place> {
        let is_step = |place: &&Place| {
            let open = self.blocks.get(&place.block);
            place.branch == Place::THE_STEP && open.is_some_and(|open| open.is_beside)
        };
        self.around(place).find(|place| !is_step(place))
    }

    /// The branches around a place, the innermost first.
    fn around<'a>(&'a self, place: Option<&'a Place>) -> impl Iterator<Item = &'a Place> {
        std::iter::successors(place, |place| {
            let around = self.blocks.get(&place.block)?.within.as_ref();
            // A block's number is higher than that of the one around it, so that this ends.
            around.filter(|around| around.block < place.block)
        })
    }

    /// The innermost branch with values of its own around a place; none: the case has them.
    pub fn owner<'a>(&'a self, place: Option<&'a Place>) -> Option<&'a Place> {
        self.around(place).find(|place| self.items_of(place).is_some())
    }

    fn items_of(&self, place: &Place) -> Option<&Map> {
        self.blocks.get(&place.block)?.items.get(&place.branch)
    }

    /// A variable as it is seen from a place: the branch's own, or the case's.
    pub fn variable(&self, place: Option<&Place>, name: &str) -> Option<&Value> {
        // Most cases have no blocks, and this is asked often.
        let own = match place {
            Some(_) => self.around(place).find_map(|place| self.items_of(place)?.get(name)),
            None => None,
        };
        own.or_else(|| self.data.get(name))
    }

    /// All variables as they are seen from a place.
    pub fn data_at(&self, place: Option<&Place>) -> Cow<'_, Map> {
        let own: Vec<&Map> = self.around(place).filter_map(|place| self.items_of(place)).collect();
        if own.is_empty() {
            return Cow::Borrowed(&self.data);
        }
        let mut data = self.data.clone();
        for items in own.into_iter().rev() {
            data.extend(items.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        Cow::Owned(data)
    }

    /// The case as it is seen from a place: with the branch's own values among its variables.
    pub fn seen_from(&self, place: Option<&Place>) -> Cow<'_, Self> {
        match self.data_at(place) {
            Cow::Borrowed(_) => Cow::Borrowed(self),
            Cow::Owned(data) => Cow::Owned(Self { data, ..self.clone() }),
        }
    }

    /// Where the variables of a branch are written; of one that is unknown, the case's.
    pub(super) fn data_of(&mut self, place: Option<&Place>) -> &mut Map {
        let own =
            place.and_then(|place| self.blocks.get_mut(&place.block)?.items.get_mut(&place.branch));
        own.unwrap_or(&mut self.data)
    }
}

/// Makes an entry about a block part of the state.
pub(super) fn apply(state: &mut State, at: Timestamp, entry: &Entry) {
    match entry {
        Entry::BlockEntered { block, step, branches, within, items, wanted, is_open } => {
            state.block_count = state.block_count.max(*block);
            let branches = branches.iter().cloned().collect();
            let entered = Block::entered(step, within.clone(), branches);
            let (items, wanted, is_open) = (items.clone(), *wanted, *is_open);
            state.blocks.insert(*block, Block { items, wanted, is_open, ..entered });
        }
        Entry::BesideOpened { block, step, within } => {
            state.block_count = state.block_count.max(*block);
            let itself = BTreeSet::from([Place::THE_STEP.to_owned()]);
            let around = Block::entered(step, within.clone(), itself);
            state.blocks.insert(*block, Block { is_beside: true, ..around });
        }
        Entry::TokenHeld { block, to } => {
            if let Some(open) = state.blocks.get_mut(block) {
                open.held.push(to.clone());
            }
        }
        Entry::BranchBegun { block, branch, item } => {
            if let Some(open) = state.blocks.get_mut(block) {
                open.running.insert(branch.clone());
                open.items.extend(item.iter().map(|item| (branch.clone(), item.clone())));
            }
        }
        Entry::RowKept { block, branch, into } => keep(state, *block, branch, into),
        Entry::ItemsClosed { block } => {
            if let Some(open) = state.blocks.get_mut(block) {
                open.is_open = false;
            }
        }
        Entry::TokenArrived { block, branch } => {
            if let Some(open) = state.blocks.get_mut(block) {
                *open.arrived.entry(branch.clone()).or_default() += 1;
            }
        }
        Entry::BlockPassed { block } => {
            if let Some(open) = state.blocks.get_mut(block) {
                open.arrived.values_mut().for_each(|count| *count -= 1);
                open.arrived.retain(|_, count| *count > 0);
            }
        }
        Entry::BranchEnded { block, branch } => {
            if let Some(open) = state.blocks.get_mut(block)
                && open.running.remove(branch)
            {
                open.ended += 1;
                open.done.insert(branch.clone());
                open.items.remove(branch);
            }
            tidy(state, *block);
        }
        Entry::BranchTaken { block, branch } => {
            if let Some(open) = state.blocks.get_mut(block) {
                open.running.retain(|running| running == branch);
            }
        }
        Entry::BlockJoined { block, withdrawn } => {
            change(state, *block, entry);
            state.unwatch(Owner::Block(*block));
            if let Some(open) = state.blocks.get_mut(block) {
                withdrawn.iter().for_each(|branch| {
                    open.running.remove(branch);
                });
                let step = open.step.clone();
                // What stands around a step is left when the step has been.
                if !open.is_beside {
                    visited(state, &step, at);
                }
            }
            tidy(state, *block);
        }
        Entry::BlockWithdrawn { block } => {
            change(state, *block, entry);
            state.unwatch(Owner::Block(*block));
            if let Some(open) = state.blocks.get_mut(block) {
                open.running.clear();
            }
            tidy(state, *block);
        }
        _ => {}
    }
}

/// The branch's values become the last row of the table, wherever the table is.
fn keep(state: &mut State, block: u32, branch: &str, into: &str) {
    let Some(open) = state.blocks.get(&block) else { return };
    let row = Value::Map(open.items.get(branch).cloned().unwrap_or_default());
    let owner = state.owner(open.within.as_ref()).cloned();
    let table = state.data_of(owner.as_ref()).entry(into.to_owned()).or_default();
    match table {
        Value::List(rows) => rows.push(row),
        other => *other = Value::List(vec![row]),
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
