//! What walking over all ways of a procedure may cost: time and memory, counted and not measured, so
//! that the same procedure is given up at the same place on every machine.
//!
//! `explore` spends it, the checker's proof says how much there is. Cases that run have none.

use std::cell::Cell;

use crate::engine::{Marking, State};

/// What is left.
#[derive(Debug)]
pub struct Budget {
    work: Cell<usize>,
    bytes: Cell<usize>,
}

/// A task or another token in a marking, with its entry in the tree, its step and its branch.
const TOKEN: usize = 400;

/// A block without its branches.
const BLOCK: usize = 500;

/// The name of a branch in a list of them.
const BRANCH: usize = 64;

impl Budget {
    /// `work`: things that are looked at, a token, a block or an entry each; `bytes`: roughly, of all
    /// markings that are kept at the same time.
    pub fn new(work: usize, bytes: usize) -> Self {
        Self { work: Cell::new(work), bytes: Cell::new(bytes) }
    }

    /// Nothing more can be done.
    pub fn is_spent(&self) -> bool {
        self.work.get() == 0 || self.bytes.get() == 0
    }

    /// Something is done.
    pub(super) fn spend(&self, work: usize) {
        self.work.set(self.work.get().saturating_sub(work));
    }

    /// A marking is kept.
    pub(super) fn keep(&self, marking: &Marking) {
        self.bytes.set(self.bytes.get().saturating_sub(marking.bytes()));
    }

    /// A marking is let go.
    pub fn free(&self, marking: &Marking) {
        // What is spent stays so: the walk has lost something by then.
        if self.bytes.get() > 0 {
            self.bytes.set(self.bytes.get() + marking.bytes());
        }
    }
}

/// How many things a command has to look at in a state. A block counts for more: what stands in its
/// branches is told anew on every level.
pub(super) fn things(state: &State) -> usize {
    let branches = state.blocks.values().map(|open| 3 + open.running.len());
    state.tokens().count() + branches.sum::<usize>()
}

impl Marking {
    /// How much room it takes, roughly; the key is kept twice.
    fn bytes(&self) -> usize {
        let state = &self.state;
        let branches = state.blocks.values().map(|open| {
            BLOCK + BRANCH * (open.running.len() + open.done.len() + open.arrived.len())
        });
        size_of::<Self>()
            + 2 * self.key.len()
            + TOKEN * state.tokens().count()
            + branches.sum::<usize>()
    }
}
