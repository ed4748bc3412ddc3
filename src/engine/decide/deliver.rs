//! A message or signal comes to a case that listens; and a step sends some itself.

use super::Working;
use super::complete::{no_way, set_changed};
use super::happen::{happen, stands};
use super::watch::filled;
use crate::engine::{Awaits, Entry, Received, Rejection};
use crate::expression::{Map, Value};
use crate::field::{self, Context};
use crate::procedure::{Awaited, Heard, Step};

/// One that nobody listens for any more changes nothing: it stays where it is kept.
pub(super) fn deliver(
    working: &mut Working<'_>,
    no: u32,
    received: &Received,
) -> Result<(), Rejection> {
    let Some(watch) = working.state.watches.get(&no).cloned() else { return Ok(()) };
    let fits = match &watch.awaits {
        Awaits::Message { name, key } => {
            !received.is_signal && *name == received.name && *key == received.key
        }
        Awaits::Signal { name } => received.is_signal && *name == received.name,
        Awaits::Until(_) => false,
    };
    let Some((place, within)) = stands(working, watch.of).filter(|_| fits) else { return Ok(()) };
    let step = &working.executable.procedure.steps[place];
    working.here = within;
    let (message, name) = (received.id.clone(), received.name.clone());
    let sender = received.sender.clone();
    working.emit(if received.is_signal {
        Entry::SignalReceived { watch: no, signal: message, sender, name }
    } else {
        Entry::MessageReceived { message, sender, name, key: received.key.clone() }
    });
    let happening = watch.line.and_then(|line| step.on.get(line as usize));
    let awaited = match watch.line {
        None => step.wait.as_ref(),
        Some(_) => happening.map(|happening| &happening.awaited),
    };
    let heard = awaited.and_then(Awaited::heard);
    let values = heard.map(|heard| contents(working, heard, &received.contents)).transpose()?;
    let mut values = values.unwrap_or_default();
    // What comes for a branch that begins with it is that branch's alone.
    if happening.is_none_or(|happening| happening.beside().is_none()) {
        set_changed(working, std::mem::take(&mut values));
    }
    happen(working, (no, &watch), values)
}

/// The variable that takes what a message contains, or everything that is wrong with it.
fn contents(working: &Working<'_>, heard: &Heard, contents: &Map) -> Result<Map, Rejection> {
    let executable = working.executable;
    let fields = executable.fields_heard(heard);
    let Some(into) = heard.into.as_ref().filter(|_| !fields.is_empty()) else {
        return Ok(Map::new());
    };
    let record = |register: &str, key: &str| {
        let name = (register.to_owned(), key.to_owned());
        working.saved.get(&name).or_else(|| working.facts.records.get(&name)).cloned()
    };
    let scope = working.scope();
    let context = Context {
        record: &record,
        currency_decimals: executable.organisation.currency.decimals,
        scope: &scope,
    };
    let raw = Map::from([(into.value.clone(), Value::Map(contents.clone()))]);
    let mut errors = Vec::new();
    let values = field::read(&fields, &raw, &context, &mut errors);
    if errors.is_empty() { Ok(values) } else { Err(Rejection::InvalidSubmission { errors }) }
}

/// What a step sends when it is done; it leaves when the command is written.
pub(super) fn send(working: &mut Working<'_>, step: &Step) -> Result<(), Rejection> {
    let organisation = &working.executable.organisation;
    for sends in &step.sends {
        let Some(message) = organisation.message(&sends.name) else { continue };
        let key = match &sends.key {
            Some(line) => filled(working, step, line)?,
            None => String::new(),
        };
        let mut contents = Map::new();
        for (name, value) in &sends.with {
            let value = value.evaluate(&working.scope());
            let value = value.map_err(|fault| no_way(step, fault.message))?;
            contents.insert(name.value.clone(), value);
        }
        let keep_until = organisation.calendar.after(working.facts.now, &message.keep);
        let name = message.name.value.clone();
        working.emit(Entry::MessageSent { name, key, contents, keep_until });
    }
    for name in &step.signals {
        working.emit(Entry::SignalSent { name: name.value.clone() });
    }
    Ok(())
}
