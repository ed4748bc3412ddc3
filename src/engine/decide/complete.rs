//! Completing a task: the submission is read, the step's own doings follow, and the case moves on.

use super::{Working, advance, issue, task};
use crate::engine::{CaseScope, Entry, Rejection, TaskStatus};
use crate::expression::{Layer, Map, Scope, Value};
use crate::field::{self, Context, Field, FieldError, Problem};
use crate::procedure::{Choice, Save, Set, Step};

pub(super) fn complete(
    working: &mut Working<'_>,
    number: u32,
    submission: &Map,
    choice: Option<&str>,
) -> Result<(), Rejection> {
    let open = task::open_task(working, number)?;
    task::four_eyes(working, &open.step)?;
    if let Some(opens_at) = open.opens_at.filter(|opens_at| working.facts.now < *opens_at) {
        return Err(Rejection::NotOpenYet { opens_at });
    }
    let executable = working.executable;
    let place = executable.place(&open.step).ok_or(Rejection::TaskNotOpen)?;
    let step = &executable.procedure.steps[place];
    let chosen = chosen(step, choice)?;
    let data = read(working, place, submission)?;
    if open.status == TaskStatus::Offered {
        working.emit(Entry::TaskClaimed { task: number });
    }
    hand_in(working, step);
    set_changed(working, data);
    in_hand(working, step)?;
    finish(working, step, chosen)?;
    working.emit(Entry::TaskCompleted {
        task: number,
        step: open.step.clone(),
        choice: chosen.map(|choice| choice.label.value.clone()),
    });
    advance::leave(working, place, chosen)
}

/// What every step does once its data is there, people's and automatic ones alike.
pub(super) fn finish(
    working: &mut Working<'_>,
    step: &Step,
    chosen: Option<&Choice>,
) -> Result<(), Rejection> {
    set(working, step, &step.set)?;
    if let Some(choice) = chosen {
        set(working, step, &choice.set)?;
    }
    for assign in &step.assigns {
        let Some(series) = working.executable.organisation.series(&assign.series) else { continue };
        let (year, counter, number) = working.next_number(series);
        working.emit(Entry::NumberAssigned {
            variable: assign.variable.value.clone(),
            series: series.id.value.clone(),
            year,
            counter,
            number,
        });
    }
    save(working, step, &step.saves)?;
    if let Some(choice) = chosen {
        save(working, step, &choice.saves)?;
    }
    issue::issue(working, step, &step.issues)?;
    if let Some(choice) = chosen {
        issue::issue(working, step, &choice.issues)?;
    }
    issue::sign(working, step)
}

fn chosen<'a>(step: &'a Step, choice: Option<&str>) -> Result<Option<&'a Choice>, Rejection> {
    let choices = step.choices();
    if choices.is_empty() {
        return Ok(None);
    }
    let labels = || choices.iter().map(|choice| choice.label.value.clone()).collect();
    let Some(choice) = choice else {
        return Err(Rejection::ChoiceRequired { choices: labels() });
    };
    let found = choices.iter().find(|known| *known.label == choice);
    found
        .map(Some)
        .ok_or_else(|| Rejection::UnknownChoice { choice: choice.to_owned(), choices: labels() })
}

/// The data after the submission, or everything that is wrong with it.
fn read(working: &Working<'_>, place: usize, submission: &Map) -> Result<Map, Rejection> {
    let executable = working.executable;
    let fields: Vec<&Field> = executable.fields(place).iter().collect();
    let mut data = working.state.data.clone();
    let mut errors = Vec::new();
    let scope = working.scope();
    let record = |register: &str, key: &str| {
        working.facts.records.get(&(register.to_owned(), key.to_owned())).cloned()
    };
    let context = Context {
        record: &record,
        currency_decimals: executable.organisation.currency.decimals,
        scope: &scope,
    };
    field::read(&fields, submission, &mut data, &context, &mut errors);
    if errors.is_empty() {
        let scope = Layer { own: &data, outer: &scope };
        errors.extend(broken_rules(working, place, &scope));
    }
    if errors.is_empty() { Ok(data) } else { Err(Rejection::InvalidSubmission { errors }) }
}

fn broken_rules(working: &Working<'_>, place: usize, scope: &dyn Scope) -> Vec<FieldError> {
    let step = &working.executable.procedure.steps[place];
    let rules = working.executable.forms_of(step).flat_map(|form| &form.rules);
    rules
        .filter_map(|rule| {
            let problem = match rule.must.holds(scope) {
                Ok(true) => return None,
                Ok(false) => Problem::Rule { says: rule.says.clone() },
                Err(fault) => Problem::NotReckonable { reason: fault.message },
            };
            Some(FieldError { path: String::new(), problem })
        })
        .collect()
}

fn hand_in(working: &mut Working<'_>, step: &Step) {
    if !step.hands_in.is_empty() {
        working.emit(Entry::PapersHandedIn {
            step: step.id.value.clone(),
            papers: step.hands_in.iter().map(|paper| paper.value.clone()).collect(),
        });
    }
}

/// Only what changed goes into the journal.
fn set_changed(working: &mut Working<'_>, data: Map) {
    let values: Map = data
        .into_iter()
        .filter(|(name, value)| working.state.data.get(name) != Some(value))
        .collect();
    if !values.is_empty() {
        working.emit(Entry::VariablesSet { values });
    }
}

fn in_hand(working: &Working<'_>, step: &Step) -> Result<(), Rejection> {
    let scope = working.scope();
    for needed in step.receives.iter().chain(&step.signs) {
        if let Some(when) = &needed.when
            && !when.holds(&scope).map_err(|fault| no_way(step, fault.message))?
        {
            continue;
        }
        let is_there = working.state.document(&needed.name).is_some()
            || working.state.papers.contains(needed.name.as_str());
        if !is_there && !step.all_issues().any(|issue| *issue.name == *needed.name) {
            return Err(Rejection::NotInHand { name: needed.name.value.clone() });
        }
    }
    Ok(())
}

fn set(working: &mut Working<'_>, step: &Step, set: &[Set]) -> Result<(), Rejection> {
    if set.is_empty() {
        return Ok(());
    }
    let mut data = working.state.data.clone();
    for assignment in set {
        let value = {
            let scope = CaseScope { data: &data, ..working.scope() };
            assignment.value.evaluate(&scope).map_err(|fault| no_way(step, fault.message))?
        };
        if let Value::Number(number) = &value
            && !Value::is_storable(number)
        {
            return Err(no_way(step, format!("{} has too many digits", assignment.variable.value)));
        }
        Value::put(&mut data, &assignment.variable, value);
    }
    set_changed(working, data);
    Ok(())
}

fn save(working: &mut Working<'_>, step: &Step, saves: &[Save]) -> Result<(), Rejection> {
    for save in saves {
        let Some(register) = working.executable.register(&save.register) else { continue };
        let group = Value::at(&working.state.data, &save.variable).and_then(Value::as_map);
        let Some(group) = group else {
            return Err(no_way(step, format!("{} has not been filled in", save.variable.value)));
        };
        let row: Map = register
            .fields
            .iter()
            .map(|field| {
                let value = group.get(field.name.as_str()).cloned().unwrap_or_default();
                (field.name.value.clone(), value)
            })
            .collect();
        let Some(key) = register.key_of(&row) else {
            return Err(no_way(
                step,
                format!("{} has no {}", save.variable.value, register.key.value),
            ));
        };
        working.emit(Entry::RecordSaved { register: register.id.value.clone(), key, row });
    }
    Ok(())
}

pub(super) fn no_way(step: &Step, reason: String) -> Rejection {
    Rejection::NoWayOn { step: step.id.value.clone(), reason }
}
