//! The reference procedure, and its cases: what is measured is the same everywhere and every time.
//!
//! Sixteen steps of people, four roles, twenty-odd variables, two conditions, terms on half of the steps;
//! no documents, since printing is measured apart. One case in ten goes back once, one in twenty ends
//! early, and half of the rest skip a step. Values come as texts, as a browser sends them.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostics;
use crate::engine::{Actor, Command, State};
use crate::expression::{Map, Value};
use crate::library::{Files, Library};
use crate::procedure::Executable;

/// The organisation and the procedure, as a library names executables.
pub const NAME: &str = "reference/connection";

const FILE: &str = "reference.yaml";
const TEXT: &str = include_str!("reference.yaml");

/// The embedded file, read. A test of the crate checks it.
pub fn library() -> Library {
    let files = Files::from([(FILE.to_owned(), TEXT.to_owned())]);
    Library::read(&files, &mut Diagnostics::default())
}

/// The person who holds `role` at one desk among many.
pub fn actor(role: &str, client: usize) -> Actor {
    Actor {
        id: format!("reference:{role}-{client}"),
        name: format!("{role} {client}"),
        roles: BTreeSet::from([role.to_owned()]),
    }
}

/// The next command of a case, and the role that gives it; none when nothing is open. The same seed
/// takes the same way through the procedure.
pub fn next(executable: &Executable, state: &State, seed: u64) -> Option<(String, Command)> {
    let (task, open) = state.tasks.first_key_value()?;
    let step = executable.step(&open.step)?;
    // The first label leads on, the second goes back; nobody goes back twice.
    let goes_back = seed % 10 == 3 && !state.visits.contains_key(&open.step);
    let choice = step.choices().get(usize::from(goes_back));
    let command = Command::CompleteTask {
        task: *task,
        submission: submission(&open.step, state, seed),
        choice: choice.map(|choice| choice.label.value.clone()),
    };
    Some((open.role.clone(), command))
}

/// What is typed at a step; nothing where it has no form.
fn submission(step: &str, state: &State, seed: u64) -> Map {
    // Long gone, so that it is in the past whatever the clock says.
    const DAY: &str = "2026-01-15";
    match step {
        "1" => {
            let id_number = (1_000_000 + seed % 9_000_000).to_string();
            let applicant = map([
                ("name", text("María Muñoz Tolaba")),
                ("id_number", Value::Text(id_number)),
                ("phone", text("72945610")),
                ("email", text("maria.munoz@example.com")),
            ]);
            map([
                ("applicant", Value::Map(applicant)),
                ("address", text("Plaza Independencia 12")),
                ("category", text(if seed.is_multiple_of(4) { "business" } else { "household" })),
                ("wanted_on", text("2027-03-01")),
            ])
        }
        "2" => map([("papers_note", text(""))]),
        "3" => {
            let feasible = Value::Bool(seed % 20 != 7);
            map([("surveyed_on", text(DAY)), ("distance", text("18.5")), ("feasible", feasible)])
        }
        "4" => map([("phases", text("one")), ("cable", text("24.5"))]),
        "5" => map([("works", text(if seed.is_multiple_of(2) { "2450.80" } else { "815.25" }))]),
        "8" => {
            let paid = state.data.get("total").cloned().unwrap_or_default();
            map([("paid", paid), ("paid_on", text(DAY)), ("receipt", text("A-004812"))])
        }
        "9" => map([("crew", text("north")), ("planned_on", text("2027-02-01"))]),
        "10" => map([("supervisor", text("Luis Ramos"))]),
        "11" => map([("built_on", text(DAY))]),
        "12" => map([("voltage", text("220"))]),
        "13" => {
            let meter = map([("number", text("22160944")), ("reading", text("0"))]);
            map([("meter", Value::Map(meter))])
        }
        "14" => map([("contract", text("CS-2027-00412")), ("signed_on", text(DAY))]),
        _ => Map::new(),
    }
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: &str) -> Value {
    Value::text(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{CaseStatus, Facts, decide};

    #[test]
    fn the_file_is_clean() {
        let files = Files::from([(FILE.to_owned(), TEXT.to_owned())]);
        let mut found = Diagnostics::default();
        let library = Library::read(&files, &mut found);
        crate::check::check(&library, &mut found);
        assert_eq!(found.into_sorted(), []);
    }

    /// Works a case to its end: how it ended, and the steps that were done.
    fn worked(executable: &Executable, seed: u64) -> (Option<String>, u32) {
        let now = "2026-11-23T13:00:00Z".parse().expect("an instant");
        let facts = Facts { now, ..Facts::default() };
        let clerk = actor("clerk", 1);
        let start = Command::StartCase { version: 1 };
        let started = decide(executable, State::default(), &clerk, &start, &facts);
        let mut state = started.expect("started").state;
        while let Some((role, command)) = next(executable, &state, seed) {
            let done = decide(executable, state, &actor(&role, 1), &command, &facts);
            state = done.expect("accepted").state;
        }
        assert_eq!(state.status, CaseStatus::Ended);
        (state.outcome, state.visits.values().sum())
    }

    #[test]
    fn of_twenty_cases_two_go_back_and_one_ends_early() {
        let executable = library().executable(NAME).expect("the procedure");
        let cases: Vec<_> = (0..20).map(|seed| worked(&executable, seed)).collect();
        let early = cases.iter().filter(|(end, _)| end.as_deref() == Some("not feasible")).count();
        assert_eq!(early, 1);
        // Sixteen steps, less the supervisor's for small works, and three more for a round.
        let mut steps: Vec<u32> = cases.iter().map(|(_, steps)| *steps).collect();
        steps.sort_unstable();
        assert_eq!(steps[0], 3);
        assert_eq!(steps[1..=7], [15; 7]);
        assert_eq!(steps[8..=17], [16; 10]);
        assert_eq!(steps[18..], [18; 2]);
    }
}
