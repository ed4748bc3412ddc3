//! What people ask of a case, and what must be looked up before it can be decided.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::State;
use crate::expression::{Map, Value};
use crate::field::{Field, Kind, record_key};
use crate::procedure::{Executable, Step};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Stable id of the person.
    pub id: String,
    /// As it is printed on documents.
    pub name: String,
    /// Roles held in the organisation whose case it is.
    #[serde(skip)]
    pub roles: BTreeSet<String>,
}

impl Actor {
    pub fn has(&self, role: &str) -> bool {
        self.roles.contains(role)
    }
}

/// A wish; decided on as a whole or refused as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Begins the case: `version` is the published version that it runs on.
    StartCase {
        version: u32,
    },
    ClaimTask {
        task: u32,
    },
    /// Gives a claimed task back to its queue.
    ReleaseTask {
        task: u32,
    },
    /// `submission` is what was typed, unread; `choice` the label of a `decide`.
    CompleteTask {
        task: u32,
        submission: Map,
        choice: Option<String>,
    },
    CancelCase {
        reason: String,
    },
}

/// What `decide` will ask the facts for; the runtime loads it in one go beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Series that a number may be taken from.
    pub series: BTreeSet<String>,
    /// Rows of registers by (register, key).
    pub records: BTreeSet<(String, String)>,
}

/// What a command needs to be decided on.
pub fn needs(executable: &Executable, state: &State, command: &Command) -> Needs {
    let mut needs = Needs::default();
    match command {
        Command::StartCase { .. } => {
            needs.series.insert(executable.organisation.case_series.id.value.clone());
            follow(executable, 0, &mut needs);
        }
        Command::CompleteTask { task, submission, .. } => {
            let step = state.tasks.get(task).and_then(|task| executable.place(&task.step));
            let Some(place) = step else { return needs };
            series_of(executable, &executable.procedure.steps[place], &mut needs);
            for next in 0..executable.procedure.steps.len() {
                follow(executable, next, &mut needs);
            }
            records_of(executable.fields(place), submission, &mut needs.records);
            let step = &executable.procedure.steps[place];
            let automatic = executable.procedure.steps.iter().filter(|step| step.role.is_none());
            for step in std::iter::once(step).chain(automatic) {
                saved_by(executable, step, state, submission, &mut needs.records);
            }
        }
        _ => {}
    }
    needs
}

/// An automatic step may be passed in the same command.
fn follow(executable: &Executable, place: usize, needs: &mut Needs) {
    if let Some(step) = executable.procedure.steps.get(place)
        && step.role.is_none()
    {
        series_of(executable, step, needs);
    }
}

fn series_of(executable: &Executable, step: &Step, needs: &mut Needs) {
    needs.series.extend(step.assigns.iter().map(|assign| assign.series.value.clone()));
    for issue in step.all_issues() {
        if let Some(document) = executable.documents.get(issue.name.as_str()) {
            needs.series.insert(document.series.value.clone());
        }
    }
}

/// The rows that a step may write to, by the key as it is or as it was just typed: columns that the
/// step doesn't know stay as they are.
fn saved_by(
    executable: &Executable,
    step: &Step,
    state: &State,
    submission: &Map,
    records: &mut BTreeSet<(String, String)>,
) {
    let of_choices = step.choices().iter().flat_map(|choice| &choice.saves);
    for save in step.saves.iter().chain(of_choices) {
        let Some(register) = executable.register(&save.register) else { continue };
        let path = format!("{}.{}", save.variable.value, register.key.value);
        let keys = [Value::at(&state.data, &path), Value::at(submission, &path)];
        let keys = keys.into_iter().flatten().map(|key| key.to_string().trim().to_owned());
        records.extend(keys.map(|key| (register.id.value.clone(), key)));
    }
}

/// The rows that a submission refers to by key.
fn records_of(fields: &[Field], raw: &Map, records: &mut BTreeSet<(String, String)>) {
    let by_name: BTreeMap<&str, &Field> =
        fields.iter().map(|field| (field.name.as_str(), field)).collect();
    for (name, value) in raw {
        let Some(field) = by_name.get(name.as_str()) else { continue };
        match (&field.kind, value) {
            (Kind::Record { register, key }, given) => {
                if let Some(key) = record_key(given, key) {
                    records.insert((register.value.clone(), key));
                }
            }
            (Kind::Group { fields }, Value::Map(inner)) => records_of(fields, inner, records),
            (Kind::Table { columns, .. }, Value::List(rows)) => {
                for row in rows.iter().filter_map(Value::as_map) {
                    records_of(columns, row, records);
                }
            }
            _ => {}
        }
    }
}
