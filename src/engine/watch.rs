//! What a case listens for from outside: times, messages, signals, each for one of its tasks, waits or
//! blocks; and how entries change that.
//!
//! One list with one numbering: a watch's number is what a timer is fired by and what a message is
//! delivered to. A watch ends with what it is for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::apply::visited;
use super::{Entry, Place, State};
use crate::calendar::Left;

/// What a watch is for, by its number within the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    Task(u32),
    Wait(u32),
    Block(u32),
    Job(u32),
}

/// What is listened for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaits {
    Until(Timestamp),
    Message { name: String, key: String },
    Signal { name: String },
}

/// Something that the case listens for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    pub of: Owner,
    /// Which line of the step's `on`; none: the due date of a task, or what a wait is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    pub awaits: Awaits,
    pub since: Timestamp,
    /// Of a term that stands still: what is left of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

/// A token at a step that waits by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Place>,
}

impl Watch {
    /// When it fires; none when it waits for no time, or stands still.
    pub fn fires_at(&self) -> Option<Timestamp> {
        match self.awaits {
            Awaits::Until(at) if self.left.is_none() => Some(at),
            _ => None,
        }
    }
}

impl State {
    /// Every watch that fires at some time, by its number.
    pub fn timers(&self) -> impl Iterator<Item = (u32, Timestamp)> {
        self.watches.iter().filter_map(|(no, watch)| Some((*no, watch.fires_at()?)))
    }

    /// The watch over a task's due date.
    pub fn due_watch(&self, task: u32) -> Option<(u32, &Watch)> {
        let mut watches = self.watches.iter();
        let found =
            watches.find(|(_, watch)| watch.of == Owner::Task(task) && watch.line.is_none());
        found.map(|(no, watch)| (*no, watch))
    }

    /// The step at which a watch's owner stands, and the branch that it stands in.
    pub fn stands(&self, owner: Owner) -> Option<(&str, &Option<Place>)> {
        match owner {
            Owner::Task(task) => {
                self.tasks.get(&task).map(|open| (open.step.as_str(), &open.within))
            }
            Owner::Wait(wait) => {
                self.waits.get(&wait).map(|open| (open.step.as_str(), &open.within))
            }
            Owner::Job(job) => self.jobs.get(&job).map(|open| (open.step.as_str(), &open.within)),
            Owner::Block(block) => {
                self.blocks.get(&block).map(|open| (open.step.as_str(), &open.within))
            }
        }
    }

    /// Begins to listen.
    pub(super) fn watch(&mut self, no: u32, watch: Watch) {
        self.watch_count = self.watch_count.max(no);
        self.watches.insert(no, watch);
    }

    /// Whatever was listened for on behalf of `owner` is of no interest any more.
    pub(super) fn unwatch(&mut self, owner: Owner) {
        self.watches.retain(|_, watch| watch.of != owner);
    }
}

/// Makes an entry about waits and watches part of the state.
pub(super) fn apply(state: &mut State, at: Timestamp, entry: &Entry) {
    match entry {
        Entry::WaitBegun { wait, step, awaits, within } => {
            state.wait_count = state.wait_count.max(*wait);
            let waiting = Waiting { step: step.clone(), within: within.clone() };
            state.waits.insert(*wait, waiting);
            let (of, awaits) = (Owner::Wait(*wait), awaits.clone());
            state.watch(
                state.watch_count + 1,
                Watch { of, line: None, awaits, since: at, left: None },
            );
        }
        Entry::WaitEnded { wait, step } => {
            state.waits.remove(wait);
            state.unwatch(Owner::Wait(*wait));
            visited(state, step, at);
        }
        Entry::WaitWithdrawn { wait } => {
            state.waits.remove(wait);
            state.unwatch(Owner::Wait(*wait));
        }
        Entry::WatchSet { watch, of, line, awaits } => {
            let awaits = awaits.clone();
            let set = Watch { of: *of, line: Some(*line), awaits, since: at, left: None };
            state.watch(*watch, set);
        }
        Entry::WatchEnded { watch } => {
            state.watches.remove(watch);
        }
        Entry::TermSuspended { watch, left, task } => {
            if let Some(open) = state.watches.get_mut(watch) {
                open.left = Some(*left);
            }
            if let Some(open) = task.and_then(|task| state.tasks.get_mut(&task)) {
                open.due_at = None;
            }
        }
        Entry::TermResumed { watch, until, task } => {
            if let Some(open) = state.watches.get_mut(watch) {
                open.left = None;
                open.awaits = Awaits::Until(*until);
            }
            if let Some(open) = task.and_then(|task| state.tasks.get_mut(&task)) {
                open.due_at = Some(*until);
            }
        }
        Entry::Reminded { task: Some(task), .. } => {
            if let Some(open) = state.tasks.get_mut(task) {
                open.reminders += 1;
            }
        }
        Entry::TaskEscalated { task, role, .. } => {
            if let Some(open) = state.tasks.get_mut(task) {
                let before = std::mem::replace(&mut open.role, role.clone());
                open.escalated_from.push(before);
            }
        }
        _ => {}
    }
}
