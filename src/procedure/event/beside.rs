//! What begins beside a step that stays open: a branch of its own, written under `does` in a line of `on`.
//!
//! Its steps stand in [`Procedure::steps`] right behind the step's own, and behind those of its branches
//! when it is a block. The branches of a step's lines are numbered behind those of its block: so one
//! [`Within`] says where a step stands. `table` reads them; `engine::decide::beside` runs them.

use super::{Awaited, Happening, Then};
use crate::procedure::{Procedure, Rest, Step, Strand, Within};

/// A branch beside a step.
#[derive(Debug, Clone)]
pub struct Beside {
    /// Called as what it begins with.
    pub strand: Strand,
    /// What becomes of it when the step is done: it is withdrawn (`cancel`), or the case goes on without it
    /// (`finish`). None: the case waits for it.
    pub rest: Option<Rest>,
}

impl Happening {
    /// The branch that begins with it.
    pub fn beside(&self) -> Option<&Beside> {
        match &self.then {
            Then::Does(beside) => Some(beside),
            _ => None,
        }
    }

    /// Whether it may happen again while what it began is still open. Then each time has values of its
    /// own, as the items of an `each` have.
    pub fn comes_again(&self) -> bool {
        self.every.is_some() || matches!(self.awaited, Awaited::Message(_) | Awaited::Signal(_))
    }
}

impl Step {
    /// The lines of its `on` that begin a branch, by their numbers.
    pub fn besides(&self) -> impl DoubleEndedIterator<Item = (usize, &Happening, &Beside)> {
        let lines = self.on.iter().enumerate();
        lines.filter_map(|(line, happening)| Some((line, happening, happening.beside()?)))
    }

    /// The place behind all steps of its branches, when it stands at `place` itself.
    pub fn until(&self, place: usize) -> usize {
        let block = self.block.as_ref().map_or(place + 1, |block| block.until);
        self.besides().map(|(.., beside)| beside.strand.steps.end).fold(block, usize::max)
    }

    /// A branch beside it by its name in a case: the step's number, what it began with, and the
    /// how many-eth it is. None for the step itself.
    pub fn beside_in_words(&self, branch: &str) -> Option<String> {
        let (line, no) =
            branch.split_once('.').map_or((branch, None), |(line, no)| (line, Some(no)));
        let happening = self.on.get(line.parse::<usize>().ok()?)?;
        let no = no.map(|no| format!(" {no}")).unwrap_or_default();
        Some(format!("{} · {}{no}", *self.id, happening.awaited.label()))
    }

    /// How many branches its block has; the lines of its `on` are numbered behind them.
    pub fn strand_count(&self) -> usize {
        self.block.as_ref().map_or(0, |block| block.strands.len())
    }
}

impl Procedure {
    /// The line of `on` that begins the branch, with its number; none for a branch of a block.
    pub fn happening(&self, within: Within) -> Option<(usize, &Happening)> {
        let step = self.steps.get(within.block)?;
        let line = within.strand.checked_sub(step.strand_count())?;
        step.on.get(line).filter(|line| line.beside().is_some()).map(|happening| (line, happening))
    }

    /// Whether the branch stands beside a step, and is none of a block.
    pub fn is_beside(&self, within: Within) -> bool {
        self.happening(within).is_some()
    }
}
