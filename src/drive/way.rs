//! Which way leads on, and which data leads there.

use std::cmp::Reverse;

use super::{Driver, Error, Rows};
use crate::engine::{CaseScope, State};
use crate::expression::{Layer, Map, Value, reads_of_expression};
use crate::field::{Context, Kind, find, read};
use crate::procedure::{Branch, Destination, Executable, Step, Target};

/// Fields that conditions read are tried in all combinations, up to this many.
const MAX_TRIES: usize = 256;

/// The label of the choice that leads on best; the first of the file among equals.
pub(super) fn leading_on(executable: &Executable, place: usize) -> Option<String> {
    let choices = executable.procedure.steps[place].choices();
    // `max_by_key` takes the last of equals.
    let best = choices.iter().rev().max_by_key(|choice| rank(executable, place, &choice.target))?;
    Some(best.label.value.clone())
}

/// How far a way leads on: forward, then the regular end, then any end, then back.
fn rank(executable: &Executable, place: usize, target: &Target) -> u8 {
    match executable.destination(place, target) {
        // The end of a branch leads on, too: the case waits behind it.
        Destination::Join => 3,
        Destination::Step(next) if next > place => 3,
        Destination::Over => 2,
        Destination::End(outcome) if outcome == crate::procedure::COMPLETED => 2,
        Destination::End(_) => 1,
        Destination::Step(_) => 0,
    }
}

/// A task to be filled in, and what is known around it.
pub(super) struct Road<'a> {
    pub driver: &'a Driver<'a>,
    pub state: &'a State,
    pub place: usize,
    pub rows: &'a Rows,
}

/// How well data leads on: what stands first counts before all that follows.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// Refused data leads nowhere, so that the fewest faults are best.
    faults: Reverse<usize>,
    /// The step's own `choose` takes the line that was wished for, or there is no such wish.
    own: bool,
    /// Later steps at which a wish would come true.
    wished: usize,
    /// The ranks of all other ways.
    ways: u32,
}

impl Road<'_> {
    /// `raw` with the yes-or-no and choice fields of the step set so that every `choose` that can be
    /// decided by them leads on, or to the line that was wished for.
    pub(super) fn steer(&self, raw: Map) -> Result<Map, Error> {
        let levers = self.levers();
        let all = levers.iter().fold(1_usize, |all, (_, values)| all.saturating_mul(values.len()));
        let mut best: Option<(Score, Map)> = None;
        for number in 0..all.min(MAX_TRIES) {
            let mut tried = raw.clone();
            let mut rest = number;
            for (path, values) in &levers {
                let value = values[rest % values.len()].clone();
                rest /= values.len();
                Value::put(&mut tried, path, value);
            }
            let score = self.score(&tried);
            if best.as_ref().is_none_or(|(high, _)| score > *high) {
                best = Some((score, tried));
            }
        }
        let Some((score, chosen)) = best else { return Ok(raw) };
        // A wish for this very step must come true now; one for a later step has its own levers later.
        let own = &self.driver.executable.procedure.steps[self.place].id;
        match self.driver.wishes.iter().find(|wish| wish.step == **own) {
            Some(wish) if !score.own => {
                Err(Error::NoData { step: wish.step.clone(), label: wish.label.clone() })
            }
            _ => Ok(chosen),
        }
    }

    /// Fields of the step that some `choose` or `choose_any` reads, with what they may be. What was fixed stays.
    fn levers(&self) -> Vec<(String, Vec<Value>)> {
        let executable = self.driver.executable;
        let fields = executable.fields(self.place);
        let mut levers: Vec<(String, Vec<Value>)> = Vec::new();
        let steps = executable.procedure.steps.iter();
        for when in steps.flat_map(Step::conditions) {
            for read in reads_of_expression(when) {
                let path = read.path.join(".");
                let known = levers.iter().any(|(lever, _)| *lever == path)
                    || self.driver.fixed.iter().any(|(fixed, _)| *fixed == path);
                let Some(field) = find(fields, &path).filter(|field| !known && field.is_asked())
                else {
                    continue;
                };
                match &field.kind {
                    Kind::YesNo => {
                        levers.push((path, vec![Value::Bool(true), Value::Bool(false)]));
                    }
                    Kind::Choice { options } if !options.is_empty() => {
                        let ids = options.iter().map(|(id, _)| Value::text(id.as_str()));
                        levers.push((path, ids.collect()));
                    }
                    _ => {}
                }
            }
        }
        levers
    }

    fn score(&self, raw: &Map) -> Score {
        let Driver { executable, runtime, wishes, .. } = self.driver;
        let today = executable.organisation.calendar.date(runtime.clock().now());
        let scope = CaseScope::of(executable, self.state, today);
        let record = |register: &str, key: &str| self.rows.get(register)?.get(key).cloned();
        let context = Context {
            record: &record,
            currency_decimals: executable.organisation.currency.decimals,
            scope: &scope,
        };
        let mut errors = Vec::new();
        let values = read(executable.fields(self.place), raw, &context, &mut errors);
        let scope = Layer { own: &values, outer: &scope };
        let step = &executable.procedure.steps[self.place];
        let rules = executable.forms_of(step).flat_map(|form| &form.rules);
        let broken = rules.filter(|rule| !rule.must.holds(&scope).unwrap_or(true)).count();
        let mut score =
            Score { faults: Reverse(errors.len() + broken), own: true, wished: 0, ways: 0 };
        for (at, other) in executable.procedure.steps.iter().enumerate() {
            let wish = wishes.iter().find(|wish| wish.step == *other.id);
            let branch = taken(other.branches(), &scope);
            let is_wished = |label: &str| branch.is_some_and(|branch| is_named(branch, label));
            if let (Some(wish), Some(block)) = (wish, &other.block) {
                let named = block.strands.iter().find(|strand| *strand.name == wish.label);
                let begins = named.and_then(|strand| strand.when.as_ref());
                let holds = begins.is_some_and(|when| when.holds(&scope).unwrap_or(false));
                score.wished += usize::from(holds);
                continue;
            }
            match (wish, branch) {
                // Of a `decide`, the wish is for another visit.
                (Some(_), _) if other.branches().is_empty() => {}
                (Some(wish), _) if at == self.place => score.own = is_wished(&wish.label),
                (Some(wish), _) => score.wished += usize::from(is_wished(&wish.label)),
                (None, Some(branch)) => {
                    score.ways += u32::from(rank(executable, at, &branch.target));
                }
                (None, None) => {}
            }
        }
        score
    }
}

/// The line of a `choose` that the data would take; none while something is not filled in.
fn taken<'a>(branches: &'a [Branch], scope: &Layer<'_>) -> Option<&'a Branch> {
    for branch in branches {
        match &branch.when {
            None => return Some(branch),
            Some(when) => {
                if when.holds(scope).ok()? {
                    return Some(branch);
                }
            }
        }
    }
    None
}

/// Whether a wish means this line: by its label, its outcome or its step.
pub(super) fn is_named(branch: &Branch, label: &str) -> bool {
    branch.label.as_deref() == Some(label)
        || match &branch.target {
            Target::End(outcome) => **outcome == label,
            Target::Go(step) => **step == label,
            Target::Join(_) => label == "join",
            Target::Next => false,
        }
}
