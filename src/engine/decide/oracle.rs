//! What answers in the place of data when the ways that a case can take are explored: every condition,
//! every count and every choice among equals is a question that can be answered in several ways.
//!
//! A script is a list of answers. What is asked beyond its end is answered with the first; `next` makes
//! the following script, until all have been tried. Nobody but `explore` makes an oracle.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::Working;
use crate::expression::Value;
use crate::procedure::Within;

/// Questions in one command: more come only from loops that nobody works in.
const MAX_ANSWERS: usize = 64;

/// Answers for one command, and how the command is bounded.
pub(super) struct Oracle<'a> {
    pub(super) script: RefCell<Script>,
    /// Counts that can make a difference in the procedure.
    pub(super) sizes: &'a [usize],
    /// Branches that stand for themselves as one task.
    pub(super) folded: &'a BTreeSet<Within>,
    /// The block at whose branch's end nothing more is followed.
    pub(super) frontier: Option<u32>,
}

/// The answers that are given, and how many there were to choose from.
#[derive(Debug, Default)]
pub(super) struct Script {
    answers: Vec<(usize, usize)>,
    at: usize,
    /// More was asked than can be answered.
    pub(super) is_overlong: bool,
}

impl Script {
    /// One of so many possibilities.
    fn ask(&mut self, possibilities: usize) -> usize {
        if self.at == self.answers.len() {
            if self.at == MAX_ANSWERS {
                self.is_overlong = true;
                return 0;
            }
            self.answers.push((0, possibilities));
        }
        let answer = self.answers[self.at].0;
        self.at += 1;
        answer
    }

    /// Goes on to the next script; false when there is none.
    pub(super) fn next(&mut self) -> bool {
        self.answers.truncate(self.at);
        self.at = 0;
        while let Some((answer, possibilities)) = self.answers.pop() {
            if answer + 1 < possibilities {
                self.answers.push((answer + 1, possibilities));
                return true;
            }
        }
        false
    }
}

impl Working<'_> {
    /// Whether only the flow is followed: no data, no terms, no people.
    pub(super) fn is_explored(&self) -> bool {
        self.oracle.is_some()
    }

    /// One of so many possibilities; none when data decides.
    pub(super) fn guess(&self, possibilities: usize) -> Option<usize> {
        let oracle = self.oracle.as_ref()?;
        Some(oracle.script.borrow_mut().ask(possibilities))
    }

    /// Yes or no; none when data decides.
    pub(super) fn guess_holds(&self) -> Option<bool> {
        self.guess(2).map(|answer| answer == 0)
    }

    /// How many; none when data decides.
    pub(super) fn guess_count(&self) -> Option<usize> {
        let sizes = self.oracle.as_ref()?.sizes;
        Some(sizes[self.guess(sizes.len())?])
    }

    /// So many rows with nothing in them; none when data decides.
    pub(super) fn guess_rows(&self) -> Option<Vec<Value>> {
        Some(vec![Value::Null; self.guess_count()?])
    }

    /// Whether the questions never end.
    pub(super) fn is_lost(&self) -> bool {
        self.oracle.as_ref().is_some_and(|oracle| oracle.script.borrow().is_overlong)
    }

    /// Whether the branch that begins at a step is not gone into.
    pub(super) fn is_folded(&self, place: usize) -> bool {
        let Some(oracle) = &self.oracle else { return false };
        let within = self.executable.procedure.steps.get(place).and_then(|step| step.within);
        within.is_some_and(|within| oracle.folded.contains(&within))
    }

    /// Whether what is behind this block is not followed.
    pub(super) fn is_frontier(&self, block: u32) -> bool {
        self.oracle.as_ref().is_some_and(|oracle| oracle.frontier == Some(block))
    }
}
