//! Working a case without a person: valid sample data in every field, the way that leads on.
//!
//! `play --auto` and the demo's cases use it, through the runtime like anybody else: nothing here may
//! write by itself.

mod begin;
mod rest;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use crate::engine::{Actor, CaseScope, Command, Entry, Record, Rejection, State, Task};
use crate::expression::{Map, Value};
use crate::field::{Field, Samples, sample};
use crate::procedure::{Choice, Executable, Step};
use crate::runtime::{Clock, Handled, Refusal, Runtime};

/// A wish for one visit of a step: the label of a `decide`, or the line of a `choose` to be led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub step: String,
    pub label: String,
}

impl std::str::FromStr for Wish {
    type Err = String;

    /// `2=No cumple`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (step, label) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` must be STEP=LABEL, such as \"2=No cumple\""))?;
        Ok(Self { step: step.trim().to_owned(), label: label.trim().to_owned() })
    }
}

/// Why driving stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("step {step} has no `{label}`; it has {known}")]
    UnknownLabel { step: String, label: String, known: String },
    #[error("no sample data leads from step {step} to `{label}`")]
    NoData { step: String, label: String },
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Someone who plays all roles.
pub struct Driver<'a> {
    pub runtime: &'a Runtime,
    pub executable: &'a Executable,
    pub seed: u64,
    /// Each is used once, in order, at its step; those that are left had no use yet.
    pub wishes: Vec<Wish>,
    /// Values that go into every submission that has the field.
    pub fixed: Vec<(String, Value)>,
    /// Who acts for a role; another person when four eyes are wanted.
    pub actor: &'a dyn Fn(&str, &BTreeSet<String>) -> Actor,
}

/// The rows of every register by their keys, as far as samples choose among them.
type Rows = BTreeMap<String, BTreeMap<String, Map>>;

/// What was typed and chosen for a task.
pub struct Turn {
    pub submission: Map,
    pub choice: Option<String>,
}

impl Driver<'_> {
    /// The actor for an open task, by its role and whoever four eyes exclude.
    pub fn actor_for(&self, state: &State, step: &Step, role: &str) -> Actor {
        let mut excluded = BTreeSet::new();
        for other in &step.not_by {
            excluded.extend(state.completed_by.get(other.as_str()).into_iter().flatten().cloned());
        }
        (self.actor)(role, &excluded)
    }

    /// The oldest open task that can be worked on now; the oldest of all when none can.
    pub fn next<'s>(&self, state: &'s State) -> Option<(u32, &'s Task)> {
        let now = self.runtime.clock().now();
        let is_ready = |task: &Task| task.opens_at.is_none_or(|opens_at| opens_at <= now);
        let ready = state.tasks.iter().find(|(_, task)| is_ready(task));
        ready.or(state.tasks.iter().next()).map(|(number, task)| (*number, task))
    }

    /// Completes the oldest open task that can be, or does what happens when there is none. None when the
    /// case waits for something that only comes from outside.
    pub async fn step(&mut self, handled: &Handled) -> Result<Option<Handled>, Error> {
        let Some((task, open)) = self.next(&handled.state) else {
            return self.rest(handled).await;
        };
        let Some(place) = self.executable.place(&open.step) else { return Ok(None) };
        let step = &self.executable.procedure.steps[place];
        let seen = handled.state.seen_from(open.within.as_ref());
        let turn = self.turn(&seen, place).await?;
        let actor = self.actor_for(&handled.state, step, &open.role);
        let command =
            Command::CompleteTask { task, submission: turn.submission, choice: turn.choice };
        let first = self.runtime.handle(&actor, &handled.case, command.clone(), None).await;
        let done = match first {
            // A manual clock waits in no time; the system's is left to the caller.
            Err(Refusal::Rejected(Rejection::NotOpenYet { opens_at }))
                if matches!(self.runtime.clock(), Clock::Manual(_)) =>
            {
                let wait = self.runtime.clock().now().duration_until(opens_at);
                self.runtime.clock().advance(wait.max(SignedDuration::ZERO));
                self.runtime.handle(&actor, &handled.case, command, None).await?
            }
            other => other?,
        };
        self.came_true(&done.records);
        Ok(Some(done))
    }

    /// Takes back the wishes for a `choose` or a branch that the data has fulfilled; whoever completes a task by
    /// another way than [`step`](Self::step) says so here.
    pub fn came_true(&mut self, records: &[Record]) {
        for record in records {
            // Only the first wish for a step is due.
            let due = |step: &str| self.wishes.iter().position(|wish| wish.step == *step);
            match &record.entry {
                Entry::WayChosen { step, branch } => {
                    let known = self.executable.step(step);
                    let taken = known.and_then(|step| step.branches().get(*branch as usize));
                    if let (Some(at), Some(taken)) = (due(step), taken)
                        && way::is_named(taken, &self.wishes[at].label)
                    {
                        self.wishes.remove(at);
                    }
                }
                Entry::BlockEntered { step, branches, .. } => {
                    if let Some(at) = due(step)
                        && branches.contains(&self.wishes[at].label)
                    {
                        self.wishes.remove(at);
                    }
                }
                _ => {}
            }
        }
    }

    /// Sample data and the way that leads on, or the way that was wished for.
    pub async fn turn(&mut self, state: &State, place: usize) -> Result<Turn, Error> {
        let step = &self.executable.procedure.steps[place];
        let choice = match step.choices() {
            // A wish for a `choose` is fulfilled by the data, and stays until it is.
            [] => None,
            choices => {
                let at = self.wishes.iter().position(|wish| wish.step == *step.id);
                match at.map(|at| self.wishes.remove(at)) {
                    Some(wish) => Some(label(choices, wish)?),
                    None => way::leading_on(self.executable, place),
                }
            }
        };
        let rows = self.rows().await?;
        let raw = self.sample(state, self.executable.fields(place), &rows);
        let road = way::Road { driver: self, state, place, rows: &rows };
        let submission = road.steer(raw)?;
        self.seed = self.seed.wrapping_add(1);
        Ok(Turn { submission, choice })
    }

    async fn rows(&self) -> Result<Rows, Error> {
        let organisation = &self.executable.organisation.id;
        let mut all = Rows::new();
        for register in self.executable.registers.iter() {
            let store = self.runtime.store();
            let rows = store.records(organisation, &register.id, "", 50).await;
            let rows = rows.map_err(|error| Refusal::Failed(error.into()))?;
            all.insert(register.id.value.clone(), rows.into_iter().collect());
        }
        Ok(all)
    }

    fn sample(&self, state: &State, fields: &[Field], rows: &Rows) -> Map {
        let executable = self.executable;
        let organisation = &executable.organisation;
        let keys_of = |register: &str| {
            rows.get(register).map(|rows| rows.keys().cloned().collect()).unwrap_or_default()
        };
        let today = organisation.calendar.date(self.runtime.clock().now());
        let scope = CaseScope::of(executable, state, today);
        let mut samples = Samples {
            seed: self.seed,
            keys: &keys_of,
            scope: &scope,
            currency_decimals: organisation.currency.decimals,
        };
        let asked: Vec<&Field> = fields.iter().collect();
        let mut raw = sample(&asked, &state.data, &mut samples);
        // What the case knows already stays as it is when the step lets it be edited.
        keep_known(&mut raw, &state.data);
        for (path, value) in &self.fixed {
            if crate::field::find(fields, path).is_some() {
                Value::put(&mut raw, path, value.clone());
            }
        }
        raw
    }
}

fn label(choices: &[Choice], wish: Wish) -> Result<String, Error> {
    if choices.iter().any(|choice| *choice.label == wish.label) {
        return Ok(wish.label);
    }
    let known: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
    Err(Error::UnknownLabel { step: wish.step, label: wish.label, known: known.join(", ") })
}

fn keep_known(raw: &mut Map, known: &Map) {
    for (name, value) in raw {
        match (value, known.get(name)) {
            (Value::Map(inner), Some(Value::Map(known))) => keep_known(inner, known),
            (value @ (Value::Text(_) | Value::Number(_)), Some(known))
                if matches!(known, Value::Text(_) | Value::Number(_)) =>
            {
                *value = known.clone();
            }
            _ => {}
        }
    }
}
