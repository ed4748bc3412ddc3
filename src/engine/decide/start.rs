//! Beginning a case: a person does it, or another case.

use super::complete::set_changed;
use super::{Working, advance};
use crate::engine::CaseStatus;
use crate::engine::{Actor, Entry, MAX_DEPTH, Parent, Rejection};
use crate::expression::Map;
use crate::field::{Context, read};

pub(super) fn by_a_person(working: &mut Working<'_>, version: u32) -> Result<(), Rejection> {
    let procedure = &working.executable.procedure;
    let is_scheduled = working.actor.is_clock() && procedure.schedule.is_some();
    if !is_scheduled && !procedure.starts.iter().any(|role| working.actor.has(role)) {
        let role = procedure.starts.first().map(|role| role.value.clone()).unwrap_or_default();
        return Err(Rejection::NotYourRole { role });
    }
    // What only another case could give is empty; the checker sees to it that it may be.
    start(working, version, None, &Map::new())
}

pub(super) fn for_a_case(
    working: &mut Working<'_>,
    version: u32,
    parent: &Parent,
    input: &Map,
) -> Result<(), Rejection> {
    if working.actor.id != Actor::MACHINE {
        return Err(Rejection::NotYourRole { role: String::new() });
    }
    if parent.depth > MAX_DEPTH {
        return Err(Rejection::TooDeep { most: MAX_DEPTH });
    }
    start(working, version, Some(parent), input)
}

fn start(
    working: &mut Working<'_>,
    version: u32,
    parent: Option<&Parent>,
    input: &Map,
) -> Result<(), Rejection> {
    if working.state.status != CaseStatus::New {
        return Err(Rejection::CaseExists);
    }
    let values = inputs(working, input)?;
    let series = &working.executable.organisation.case_series;
    let (year, counter, number) = working.next_number(series);
    working.emit(Entry::CaseStarted {
        procedure: working.executable.procedure.id.value.clone(),
        version,
        number,
        series: series.id.value.clone(),
        year,
        counter,
        parent: parent.cloned().map(Box::new),
    });
    if !values.is_empty() {
        set_changed(working, values);
    }
    advance::enter(working, advance::Token::new(0, None))
}

/// What the case is given, read like a submission.
fn inputs(working: &Working<'_>, input: &Map) -> Result<Map, Rejection> {
    let executable = working.executable;
    let record = |register: &str, key: &str| {
        let row = working.facts.records.get(&(register.to_owned(), key.to_owned()))?;
        Some(executable.register(register)?.complete(row.clone()))
    };
    let scope = working.scope();
    let context = Context {
        record: &record,
        currency_decimals: executable.organisation.currency.decimals,
        scope: &scope,
    };
    let mut errors = Vec::new();
    let values = read(executable.inputs(), input, &context, &mut errors);
    if errors.is_empty() { Ok(values) } else { Err(Rejection::InvalidSubmission { errors }) }
}
