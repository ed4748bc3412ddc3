//! What a step waits for, and what may happen meanwhile and leads away from it, as events.
//!
//! Only what has an arrow or a shape of its own: reminders and the like stay at their step.

use super::model::Event;
use super::way::{Target, target};
use crate::yaml::plain::{Plain, Table, get, take};

/// A line of `on` that leads away from the step, or begins something beside it.
#[derive(Debug)]
pub struct Happening {
    /// Its place among the lines.
    pub place: usize,
    pub event: Event,
    pub target: Target,
    /// The steps that begin beside the step, until they are drawn.
    pub does: Option<Table>,
    /// The first of them.
    pub first: Option<usize>,
    /// What it says besides.
    pub rest: Table,
}

/// What a step waits for by itself.
pub fn waited(step: &Table) -> Option<Event> {
    let Plain::Table(wait) = get(step, "wait")? else { return None };
    event(wait, "until")
}

/// What begins a case by itself: a message before a time.
pub fn begins(procedure: &Table) -> Option<Event> {
    let starts = get(procedure, "starts")?.as_table()?;
    let text = |key| get(starts, key).and_then(Plain::as_text).map(str::to_owned);
    text("message").map(Event::Message).or_else(|| text("every").map(Event::Timer))
}

/// Takes the lines of `on` that lead away or begin something; what doesn't stays.
pub fn take_on(step: &mut Table) -> Vec<Happening> {
    let lines = match take(step, "on") {
        Some(Plain::List(lines)) => lines,
        Some(line) => vec![line],
        None => return Vec::new(),
    };
    let mut taken = Vec::new();
    let mut left = Vec::new();
    for (place, line) in lines.into_iter().enumerate() {
        match line {
            Plain::Table(mut rest) if ["go", "end"].iter().any(|key| get(&rest, key).is_some()) => {
                let target = target(&mut rest);
                let event = event(&rest, "after").unwrap_or(Event::Timer(String::new()));
                taken.push(Happening { place, event, target, does: None, first: None, rest });
            }
            Plain::Table(mut rest) if matches!(get(&rest, "does"), Some(Plain::Table(_))) => {
                let does = take(&mut rest, "does").and_then(|does| match does {
                    Plain::Table(steps) => Some(steps),
                    _ => None,
                });
                let event = event(&rest, "after").unwrap_or(Event::Timer(String::new()));
                let (target, first) = (Target::Next, None);
                taken.push(Happening { place, event, target, does, first, rest });
            }
            line => left.push(line),
        }
    }
    if !left.is_empty() {
        // What is left of several lines stays a list, so that the others find their places in it.
        let is_one = taken.is_empty() && left.len() == 1;
        let left = if is_one { left.remove(0) } else { Plain::List(left) };
        step.push(("on".to_owned(), left));
    }
    taken
}

fn event(table: &Table, time: &str) -> Option<Event> {
    let text = |key| get(table, key).and_then(Plain::as_text).map(str::to_owned);
    let of_time = text(time).map(Event::Timer);
    of_time
        .or_else(|| text("message").map(Event::Message))
        .or_else(|| text("signal").map(Event::Signal))
}
