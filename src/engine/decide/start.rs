//! Beginning a case: a person does it, another case, the clock, or a message.

use super::complete::set_changed;
use super::{Working, advance};
use crate::engine::{Actor, CaseStatus, Cause, Entry, MAX_DEPTH, Parent, Received, Rejection};
use crate::expression::{Map, Value};
use crate::field::{Context, Field, read};

pub(super) fn by_a_person(working: &mut Working<'_>, version: u32) -> Result<(), Rejection> {
    let starts = &working.executable.procedure.starts.by;
    if !starts.iter().any(|role| working.actor.has(role)) {
        let role = starts.first().map(|role| role.value.clone()).unwrap_or_default();
        return Err(Rejection::NotYourRole { role });
    }
    // What only another case could give is empty; the checker sees to it that it may be.
    start(working, version, &Map::new(), &Origin::Asked)
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
    start(working, version, input, &Origin::Case(parent))
}

/// By itself, if the procedure says so. A message that it begins with no more changes nothing: it stays
/// where it is kept.
pub(super) fn alone(
    working: &mut Working<'_>,
    version: u32,
    cause: &Cause,
) -> Result<(), Rejection> {
    let starts = &working.executable.procedure.starts;
    let origin = match cause {
        Cause::Time(_) if working.actor.is_clock() && starts.schedule.is_some() => Origin::Asked,
        Cause::Time(_) => return Err(Rejection::NotYourRole { role: String::new() }),
        Cause::Message(received) => {
            let begins = starts.message.as_ref().is_some_and(|heard| *heard.name == received.name);
            if !begins {
                return Ok(());
            }
            Origin::Message(received)
        }
    };
    let input = cause.brings(working.executable);
    start(working, version, &input, &origin)
}

/// What stands at the beginning of the journal besides.
enum Origin<'a> {
    Asked,
    Case(&'a Parent),
    Message(&'a Received),
}

fn start(
    working: &mut Working<'_>,
    version: u32,
    input: &Map,
    origin: &Origin<'_>,
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
        parent: match origin {
            Origin::Case(parent) => Some(Box::new((*parent).clone())),
            Origin::Asked | Origin::Message(_) => None,
        },
    });
    if let Origin::Message(received) = origin {
        working.emit(Entry::MessageReceived {
            message: received.id.clone(),
            sender: received.sender.clone(),
            name: received.name.clone(),
            key: received.key.clone(),
        });
    }
    if !values.is_empty() {
        set_changed(working, values);
    }
    advance::enter(working, advance::Token::new(0, None))
}

/// What the case is given, read like a submission. What belongs to another way of beginning is empty.
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
    let (given, others): (Vec<Field>, Vec<Field>) = executable
        .begins_with()
        .iter()
        .cloned()
        .partition(|field| input.contains_key(field.name.as_str()));
    let fields = [executable.inputs(), &given].concat();
    let mut errors = Vec::new();
    let mut values = read(&fields, input, &context, &mut errors);
    values.extend(others.into_iter().map(|field| (field.name.value, Value::Null)));
    if errors.is_empty() { Ok(values) } else { Err(Rejection::InvalidSubmission { errors }) }
}
