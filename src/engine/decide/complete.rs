//! Completing a task: the submission is read, the step's own doings follow, and the case moves on.

use super::{Working, advance, deliver, first, issue, ledger, look_up, task};
use crate::engine::{Entry, Rejection, TaskStatus};
use crate::expression::{Layer, Map, Value};
use crate::field::{Context, Field};
use crate::procedure::{Choice, DocumentUse, Save, Set, Step};

pub(super) fn complete(
    working: &mut Working<'_>,
    number: u32,
    submission: &Map,
    choice: Option<&str>,
) -> Result<(), Rejection> {
    let open = task::open_task(working, number)?;
    task::four_eyes(working, &open.step)?;
    task::one_at_a_time(working, number)?;
    if let Some(opens_at) = open.opens_at.filter(|opens_at| working.facts.now < *opens_at) {
        return Err(Rejection::NotOpenYet { opens_at });
    }
    let is_offered = open.status == TaskStatus::Offered;
    let within = open.within.clone();
    let executable = working.executable;
    let place = executable.place(&open.step).ok_or(Rejection::TaskNotOpen)?;
    let step = &executable.procedure.steps[place];
    let chosen = chosen(step, choice)?;
    working.here.clone_from(&within);
    let values = read(working, place, submission)?;
    if is_offered {
        working.emit(Entry::TaskClaimed { task: number });
        first::taken(working, within.as_ref());
    }
    hand_in(working, step);
    set_changed(working, values);
    in_hand(working, step, &step.receives)?;
    finish(working, step, chosen)?;
    working.emit(Entry::TaskCompleted {
        task: number,
        step: step.id.value.clone(),
        choice: chosen.map(|choice| choice.label.value.clone()),
    });
    advance::leave(working, advance::Token::new(place, within), chosen)
}

/// What every step does once its data is there, people's and automatic ones alike.
pub(super) fn finish(
    working: &mut Working<'_>,
    step: &Step,
    chosen: Option<&Choice>,
) -> Result<(), Rejection> {
    if working.is_explored() {
        return Ok(());
    }
    look_up::look_up(working, step)?;
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
            within: working.state.owner(working.here.as_ref()).cloned(),
        });
    }
    save(working, step, &step.saves)?;
    if let Some(choice) = chosen {
        save(working, step, &choice.saves)?;
    }
    ledger::move_all(working, step, &step.moves)?;
    if let Some(choice) = chosen {
        ledger::move_all(working, step, &choice.moves)?;
    }
    issue::issue(working, step, &step.issues)?;
    if let Some(choice) = chosen {
        issue::issue(working, step, &choice.issues)?;
    }
    issue::sign(working, step)?;
    deliver::send(working, step)
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

/// The variables that the submission fills in, or everything that is wrong with it.
pub(super) fn read(
    working: &Working<'_>,
    place: usize,
    submission: &Map,
) -> Result<Map, Rejection> {
    let executable = working.executable;
    let scope = working.scope();
    let record = |register: &str, key: &str| {
        let name = (register.to_owned(), key.to_owned());
        let row = working.saved.get(&name).or_else(|| working.facts.records.get(&name))?.clone();
        Some(match executable.register(register) {
            Some(register) => register.complete(row),
            None => row,
        })
    };
    let context = Context {
        record: &record,
        currency_decimals: executable.organisation.currency.decimals,
        scope: &scope,
    };
    let (values, errors) = executable.read(place, submission, &context);
    if errors.is_empty() { Ok(values) } else { Err(Rejection::InvalidSubmission { errors }) }
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
pub(super) fn set_changed(working: &mut Working<'_>, mut values: Map) {
    let within = working.state.owner(working.here.as_ref()).cloned();
    let state = &working.state;
    let known = |name: &str| match &within {
        // What is seen from the case is not yet the branch's own.
        Some(place) => state.blocks.get(&place.block)?.items.get(&place.branch)?.get(name),
        None => state.data.get(name),
    };
    values.retain(|name, value| known(name) != Some(value));
    if !values.is_empty() {
        working.emit(Entry::VariablesSet { values, within });
    }
}

/// Whether what the step needs is there.
pub(super) fn in_hand(
    working: &Working<'_>,
    step: &Step,
    needs: &[DocumentUse],
) -> Result<(), Rejection> {
    for needed in needs {
        if !issue::is_wanted(working, step, needed)? {
            continue;
        }
        let is_there = working.state.document(&needed.name).is_some()
            || working.state.papers.contains(needed.name.as_str());
        if !is_there {
            return Err(Rejection::NotInHand { name: needed.name.value.clone() });
        }
    }
    Ok(())
}

fn set(working: &mut Working<'_>, step: &Step, set: &[Set]) -> Result<(), Rejection> {
    if set.is_empty() {
        return Ok(());
    }
    // Later assignments see the earlier ones.
    let mut values = Map::new();
    for assignment in set {
        let value = {
            let scope = Layer { own: &values, outer: &working.scope() };
            assignment.value.evaluate(&scope).map_err(|fault| no_way(step, fault.message))?
        };
        let value = match value {
            Value::Number(number) => {
                let field = working.executable.field(&assignment.variable);
                let currency = working.executable.organisation.currency.decimals;
                let decimals = field.map(|field| field.decimals(currency));
                let fitted = Value::fit(number, decimals).ok_or_else(|| {
                    no_way(step, format!("{} has too many digits", assignment.variable.value))
                })?;
                Value::Number(fitted)
            }
            value => value,
        };
        // The rest of a group stays as it is.
        if let Some((group, _)) = assignment.variable.split_once('.')
            && !values.contains_key(group)
            && let Some(known) = working.state.variable(working.here.as_ref(), group)
        {
            values.insert(group.to_owned(), known.clone());
        }
        Value::put(&mut values, &assignment.variable, value);
    }
    set_changed(working, values);
    Ok(())
}

fn save(working: &mut Working<'_>, step: &Step, saves: &[Save]) -> Result<(), Rejection> {
    for save in saves {
        let Some(register) = working.executable.register(&save.register) else { continue };
        let data = working.state.data_at(working.here.as_ref());
        let group = Value::at(&data, &save.variable).and_then(Value::as_map).cloned();
        let Some(group) = group else {
            return Err(no_way(step, format!("{} has not been filled in", save.variable.value)));
        };
        let key = group.get(register.key.as_str()).map(ToString::to_string);
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            let reason = format!("{} has no {}", save.variable.value, register.key.value);
            return Err(no_way(step, reason));
        };
        // Columns that the group doesn't have stay as they are.
        let own: Vec<&Field> = register
            .fields
            .iter()
            .filter(|field| group.contains_key(field.name.as_str()))
            .collect();
        let name = (register.id.value.clone(), key.clone());
        let looked_for = working.facts.looked_for.as_ref();
        if !working.saved.contains_key(&name)
            && looked_for.is_some_and(|looked_for| !looked_for.contains(&name))
        {
            return Err(Rejection::RowNotLoaded { register: name.0, key });
        }
        let known = working.saved.get(&name).or_else(|| working.facts.records.get(&name));
        let mut row = register.complete(known.cloned().unwrap_or_default());
        for field in own {
            let value = group.get(field.name.as_str()).cloned().unwrap_or_default();
            row.insert(field.name.value.clone(), value);
        }
        working.saved.insert(name, row.clone());
        working.emit(Entry::RecordSaved { register: register.id.value.clone(), key, row });
    }
    Ok(())
}

pub(super) fn no_way(step: &Step, reason: String) -> Rejection {
    Rejection::NoWayOn { step: step.id.value.clone(), reason }
}
