//! The proof that every case can end: all markings that a case can come to are walked over, by the
//! engine itself ([`Explorer`]), and from each of them an end must be in reach.
//!
//! What a walk over everything at once can't do in a life time is taken apart along the branches:
//!
//! 1. A branch is *closed* when nothing couples its steps with what is outside (`coupling` decides
//!    what does). It is walked alone, and in the walk of what is around it, it is a single task, which
//!    comes to the branch's end, or ends the case, if the branch can. Nothing is lost: what a closed
//!    branch does inside neither needs nor changes anything outside, so that whatever the whole can do
//!    is steps of branches, each on its own, and the ends of branches. If in the small walks the end is
//!    in reach from everywhere, then in the whole too: follow the way of the walk around, and where it
//!    wants a branch to end, follow that branch's own way, to its end or the case's. Nothing is added
//!    either: a way of the small walks is a way of the whole. A branch that may end without anybody's
//!    work isn't taken out, since the walk around would have to wait for it.
//! 2. Where several such branches are waited for by a join that wants all of them, only the first goes
//!    on, as long as it is not the last: its end changes nothing but that it has ended, which nobody
//!    asks before the last one ends, and nothing can withdraw it but the end of the case. So whatever can
//!    happen before it can happen after it, and comes to the same. `may_go_alone` has the conditions.
//!
//! A walk that gets too long is given up, and the procedure is *not proved*, never sound.

mod coupling;
mod cover;
mod region;
mod tell;

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::diagnostic::Diagnostics;
use crate::engine::{Budget, Explorer, Fold, Marking, State};
use crate::procedure::{Executable, Procedure, Within};

pub use region::{Node, Region};

/// How a procedure is walked over.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Markings whose next ones are looked for, in all walks together.
    pub markings: usize,
    /// Tasks, blocks and entries that are looked at meanwhile: what a marking costs grows with what
    /// stands in it.
    pub work: usize,
    /// Bytes of the markings that are kept, roughly.
    pub bytes: usize,
    /// Whether it is taken apart; without, everything is walked at once.
    pub is_reduced: bool,
}

impl Limits {
    /// A second or two, and a few hundred megabytes, whatever the procedure.
    pub const USUAL: Self =
        Self { markings: 10_000, work: 5_000_000, bytes: 256 << 20, is_reduced: true };
}

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}

/// All walks over a procedure.
#[derive(Debug)]
pub struct Proof {
    /// The last is that of the case.
    pub regions: Vec<Region>,
    /// Of each branch that was walked alone: its walk.
    branches: BTreeMap<Within, usize>,
}

impl Proof {
    pub fn of(executable: &Executable, limits: Limits) -> Self {
        let procedure = &executable.procedure;
        let budget = Budget::new(limits.work, limits.bytes);
        let mut explorer = Explorer::new(executable, coupling::inert(procedure), budget);
        let mut left = limits.markings;
        let (mut regions, mut branches) = (Vec::new(), BTreeMap::new());
        let mut lengths = BTreeMap::new();
        // The innermost first: their blocks stand further down.
        let closed: Vec<Within> =
            if limits.is_reduced { coupling::closed(procedure) } else { Vec::new() };
        for within in closed.into_iter().rev() {
            let walk = region::Walk { explorer: &explorer, procedure, lengths: &lengths, limits };
            let region = walk.run(Some(within), &mut left);
            if region.may_end_at_once {
                continue;
            }
            let length = region.length_of_way_out();
            // A branch with a mistake is told of itself; around it nothing is to follow from that.
            let ends_branch = region.ends_branch() || length.is_none();
            explorer.fold(within, Fold { ends_branch, ends_case: region.ends_case() });
            lengths.insert(within, length.unwrap_or(1));
            branches.insert(within, regions.len());
            regions.push(region);
        }
        let walk = region::Walk { explorer: &explorer, procedure, lengths: &lengths, limits };
        regions.push(walk.run(None, &mut left));
        Self { regions, branches }
    }

    /// From everywhere the case can end.
    pub fn is_sound(&self) -> bool {
        self.is_complete() && self.regions.iter().all(Region::is_sound)
    }

    /// Everything was walked over.
    pub fn is_complete(&self) -> bool {
        !self.regions.iter().any(|region| region.is_cut)
    }

    /// How many markings were walked over.
    pub fn markings(&self) -> usize {
        self.regions.iter().map(|region| region.nodes.len()).sum()
    }

    /// What the walk of the case takes for the same, as its keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let last = self.regions.last();
        last.into_iter().flat_map(|region| &region.nodes).map(|node| node.marking.key.as_str())
    }

    /// A case as the walk sees it when nothing is taken apart.
    pub fn marking(executable: &Executable, state: &State) -> Marking {
        Marking::of(executable, state, &coupling::inert(&executable.procedure))
    }

    /// Steps that some case comes to, as far as was walked.
    fn reached(&self) -> BTreeSet<usize> {
        self.regions.iter().flat_map(|region| region.entered.iter().copied()).collect()
    }
}

/// Proves a procedure whose flow has no plain mistakes, or says where it fails.
pub fn check(subject: &Subject<'_>, limits: Limits, found: &mut Diagnostics) {
    let proof = Proof::of(&subject.executable, limits);
    tell::tell(subject, &proof, found);
}

/// The steps of a branch.
fn steps_of(procedure: &Procedure, within: Within) -> std::ops::Range<usize> {
    procedure.strand(within).map_or(0..0, |strand| strand.steps.clone())
}
