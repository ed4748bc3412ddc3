//! Which way leads on, and which data leads there.

use super::{Driver, Error, Wish};
use crate::engine::{CaseScope, State};
use crate::expression::{Layer, Map, Value, reads_of_expression};
use crate::field::{Context, Field, Kind, find, read};
use crate::procedure::{Branch, Destination, Executable, Target};

/// Fields that conditions read are tried in all combinations, up to this many.
const MAX_TRIES: usize = 256;

/// The label of the first choice that leads forward in the file; else the first that doesn't end the
/// case; else the first.
pub(super) fn leading_on(executable: &Executable, place: usize) -> Option<String> {
    let step = &executable.procedure.steps[place];
    let rank = |target: &Target| rank(executable, place, target);
    let best = step.choices().iter().max_by(|a, b| {
        // `max_by` takes the last of equals; the file's first is wanted.
        rank(&a.target).cmp(&rank(&b.target)).then(std::cmp::Ordering::Greater)
    })?;
    Some(best.label.value.clone())
}

/// How far a way leads on: forward, then the regular end, then any end, then back.
fn rank(executable: &Executable, place: usize, target: &Target) -> u8 {
    match executable.destination(place, target) {
        Destination::Step(next) if next > place => 3,
        Destination::End(outcome) if outcome == crate::procedure::COMPLETED => 2,
        Destination::End(_) => 1,
        Destination::Step(_) => 0,
    }
}

/// `raw` with the yes-or-no and choice fields of the step set so that every `choose` that can be
/// decided by them leads on, or to the line that was wished for.
pub(super) fn steer(
    driver: &Driver<'_>,
    state: &State,
    place: usize,
    raw: Map,
    wishes: &[Wish],
) -> Result<Map, Error> {
    let executable = driver.executable;
    let levers = levers(driver, place);
    let mut best: Option<(i32, Map)> = None;
    for number in 0..levers.iter().map(|(_, values)| values.len()).product::<usize>().min(MAX_TRIES)
    {
        let mut tried = raw.clone();
        let mut rest = number;
        for (path, values) in &levers {
            let value = values[rest % values.len()].clone();
            rest /= values.len();
            Value::put(&mut tried, path, value);
        }
        let score = score(driver, state, place, &tried, wishes);
        if best.as_ref().is_none_or(|(high, _)| score > *high) {
            best = Some((score, tried));
        }
    }
    let (score, chosen) = best.unwrap_or((0, raw));
    // A wish for this very step must come true now; one for a later step has its own levers later.
    let own = &executable.procedure.steps[place];
    if let Some(wish) = wishes.iter().find(|wish| wish.step == *own.id)
        && !own.branches().is_empty()
        && score < WISHED
    {
        return Err(Error::NoData { step: wish.step.clone(), label: wish.label.clone() });
    }
    Ok(chosen)
}

/// More than all ways that merely lead on.
const WISHED: i32 = 1_000;

/// Fields of the step that some `choose` reads, with what they may be. What was fixed stays.
fn levers(driver: &Driver<'_>, place: usize) -> Vec<(String, Vec<Value>)> {
    let executable = driver.executable;
    let fields = executable.fields(place);
    let mut levers: Vec<(String, Vec<Value>)> = Vec::new();
    let branches = executable.procedure.steps.iter().flat_map(|step| step.branches());
    for when in branches.filter_map(|branch| branch.when.as_ref()) {
        for read in reads_of_expression(when) {
            let path = read.path.join(".");
            let known = levers.iter().any(|(lever, _)| *lever == path)
                || driver.fixed.iter().any(|(fixed, _)| *fixed == path);
            let Some(field) = find(fields, &path).filter(|field| !known && field.is_asked()) else {
                continue;
            };
            match &field.kind {
                Kind::YesNo => {
                    levers.push((path, vec![Value::Bool(true), Value::Bool(false)]));
                }
                Kind::Choice { options } => {
                    let ids = options.iter().map(|(id, _)| Value::text(id.as_str()));
                    levers.push((path, ids.collect()));
                }
                _ => {}
            }
        }
    }
    levers
}

/// How well the data leads on at every `choose` from here; data that the form refuses leads nowhere.
fn score(driver: &Driver<'_>, state: &State, place: usize, raw: &Map, wishes: &[Wish]) -> i32 {
    let executable = driver.executable;
    let today = executable.organisation.calendar.date(driver.runtime.clock().now());
    let scope = CaseScope::of(state, today);
    let mut data = state.data.clone();
    let fields: Vec<&Field> = executable.fields(place).iter().collect();
    let record = |register: &str, key: &str| {
        let register = executable.register(register)?;
        register.rows.iter().find(|row| register.key_of(row).as_deref() == Some(key)).cloned()
    };
    let context = Context {
        record: &record,
        currency_decimals: executable.organisation.currency.decimals,
        scope: &scope,
    };
    read(&fields, raw, &mut data, &context, &mut Vec::new());
    let scope = Layer { own: &data, outer: &scope };
    let step = &executable.procedure.steps[place];
    let rules = executable.forms_of(step).flat_map(|form| &form.rules);
    let broken = rules.filter(|rule| !rule.must.holds(&scope).unwrap_or(true)).count();
    let mut score = -100 * i32::try_from(broken).unwrap_or(100);
    for (at, other) in executable.procedure.steps.iter().enumerate() {
        let Some(branch) = taken(other.branches(), &scope) else { continue };
        let wish = wishes.iter().find(|wish| wish.step == *other.id);
        score += match wish {
            Some(wish) if is_named(branch, &wish.label) => WISHED,
            Some(_) => 0,
            None => i32::from(rank(executable, at, &branch.target)),
        };
    }
    score
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

fn is_named(branch: &Branch, label: &str) -> bool {
    branch.label.as_deref() == Some(label)
        || match &branch.target {
            Target::End(outcome) => **outcome == label,
            Target::Go(step) => **step == label,
            Target::Next => false,
        }
}
