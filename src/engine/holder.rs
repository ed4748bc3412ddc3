//! Where the tokens of a case stand: everything that a case can wait at, in one list.
//!
//! A token stands at an open task, at a job that a machine does, or it is parked in front of a step that can't be entered yet. What
//! asks "is anything still open in this branch?", or withdraws all that is, asks here and needs not
//! know how many kinds there are. A new kind of waiting is a variant here and a line in `tokens`.

use serde::{Deserialize, Serialize};

use super::{Place, State};

/// What a token stands at, by its number within the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    Task(u32),
    Job(u32),
    Parked(u32),
    /// At a step that waits by itself.
    Wait(u32),
}

/// A token where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    pub holder: Holder,
    /// The number of the step.
    pub step: &'a str,
    /// The branch that it stands in.
    pub within: &'a Option<Place>,
}

/// A token in front of a step that it can't enter yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    pub step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Place>,
    pub gate: Gate,
}

/// What a parked token waits for. In this order they are asked when a step is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Other tokens, which the step joins.
    Join,
    /// What a block of the same step has left over.
    Rest,
    /// Another step, while which alone this one may be done.
    Milestone,
    /// Whoever is in the critical section.
    Mutex,
}

impl State {
    /// Every token that stands somewhere, in no meaning order.
    pub fn tokens(&self) -> impl Iterator<Item = Standing<'_>> {
        let tasks = self.tasks.iter().map(|(task, open)| Standing {
            holder: Holder::Task(*task),
            step: &open.step,
            within: &open.within,
        });
        let parked = self.parked.iter().map(|(token, parked)| Standing {
            holder: Holder::Parked(*token),
            step: &parked.step,
            within: &parked.within,
        });
        let waits = self.waits.iter().map(|(wait, waiting)| Standing {
            holder: Holder::Wait(*wait),
            step: &waiting.step,
            within: &waiting.within,
        });
        let jobs = self.jobs.iter().map(|(job, open)| Standing {
            holder: Holder::Job(*job),
            step: &open.step,
            within: &open.within,
        });
        tasks.chain(jobs).chain(parked).chain(waits)
    }
}
