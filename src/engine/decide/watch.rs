//! Beginning to listen: at a step that waits, and for what may happen while a step is open.

use jiff::Timestamp;

use super::Working;
use super::advance::{self, Token};
use super::complete::no_way;
use crate::calendar::Calendar;
use crate::engine::{Awaits, Entry, MAX_MESSAGE_KEY, Owner, Rejection};
use crate::expression::{Line, Piece, Value};
use crate::procedure::{Awaited, Heard, Step};

/// A token comes to a step that waits; whether there is anything to wait for.
pub(super) fn wait(
    working: &mut Working<'_>,
    token: &Token,
    awaited: &Awaited,
) -> Result<bool, Rejection> {
    let step = &working.executable.procedure.steps[token.place];
    if working.is_explored() {
        // A day may be past, or not be given.
        let waits = !matches!(awaited, Awaited::Day(_)) || working.guess_holds() == Some(true);
        if waits {
            advance::stand(working, step, token.within.clone());
        }
        return Ok(waits);
    }
    let now = working.facts.now;
    let Some(awaits) = awaits(working, step, awaited, (now, None))? else { return Ok(false) };
    if matches!(awaits, Awaits::Until(at) if at <= now) {
        return Ok(false);
    }
    let wait = working.state.wait_count + 1;
    working.emit(Entry::WaitBegun {
        wait,
        step: step.id.value.clone(),
        awaits,
        within: token.within.clone(),
    });
    set(working, Owner::Wait(wait), token.place, now)?;
    Ok(true)
}

/// Listens for all that the step's `on` names, its terms counted from `from`.
pub(super) fn set(
    working: &mut Working<'_>,
    of: Owner,
    place: usize,
    from: Timestamp,
) -> Result<(), Rejection> {
    if working.is_explored() {
        return Ok(());
    }
    let step = &working.executable.procedure.steps[place];
    let due = match of {
        Owner::Task(task) => working.state.tasks.get(&task).and_then(|open| open.due_at),
        Owner::Wait(_) | Owner::Block(_) | Owner::Job(_) => None,
    };
    for (line, happening) in (0..).zip(&step.on) {
        if let Some(awaits) = awaits(working, step, &happening.awaited, (from, due))? {
            let watch = working.state.watch_count + 1;
            working.emit(Entry::WatchSet { watch, of, line, awaits });
        }
    }
    Ok(())
}

/// What exactly is listened for; none when no day is given, or the step is never due.
fn awaits(
    working: &Working<'_>,
    step: &Step,
    awaited: &Awaited,
    (from, due): (Timestamp, Option<Timestamp>),
) -> Result<Option<Awaits>, Rejection> {
    Ok(match awaited {
        Awaited::Term(term, _) => Some(Awaits::Until(calendar(working, step).after(from, term))),
        Awaited::Due(_) => due.map(Awaits::Until),
        Awaited::Day(day) => {
            let value = day.evaluate(&working.scope());
            match value.map_err(|fault| no_way(step, fault.message))? {
                Value::Null => None,
                value => {
                    let day = value.to_string().parse().ok();
                    let begins = day.and_then(|day| calendar(working, step).midnight(day));
                    let no_day = || no_way(step, format!("{value} is not a day"));
                    Some(Awaits::Until(begins.ok_or_else(no_day)?))
                }
            }
        }
        Awaited::Message(heard) => Some(Awaits::Message {
            name: heard.name.value.clone(),
            key: key(working, step, heard)?,
        }),
        Awaited::Signal(name) => Some(Awaits::Signal { name: name.value.clone() }),
    })
}

fn key(working: &Working<'_>, step: &Step, heard: &Heard) -> Result<String, Rejection> {
    match &heard.key {
        Some(line) => filled(working, step, line),
        None => Ok(String::new()),
    }
}

/// A key with every hole filled: one that lacks a part would be another one's, and so would one that is cut.
pub(super) fn filled(working: &Working<'_>, step: &Step, line: &Line) -> Result<String, Rejection> {
    let mut text = String::new();
    for piece in &line.pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Value(value) | Piece::Spoken(value, _) => {
                let value = value.evaluate(&working.scope());
                let value = value.map_err(|fault| no_way(step, fault.message))?;
                text.push_str(&value.to_string());
            }
        }
    }
    let text = text.trim();
    if text.chars().count() > MAX_MESSAGE_KEY {
        let reason = format!("the key of a message has more than {MAX_MESSAGE_KEY} letters");
        return Err(no_way(step, reason));
    }
    Ok(text.to_owned())
}

/// By which calendar the step's terms are reckoned.
pub(super) fn calendar<'a>(working: &Working<'a>, step: &'a Step) -> &'a Calendar {
    let organisation = &working.executable.organisation;
    match working.executable.queue(step) {
        Some(role) => organisation.calendar_of(role),
        None => &organisation.calendar,
    }
}
