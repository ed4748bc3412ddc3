//! What `play` prints.

use serde::Serialize;

use crate::engine::{Awaits, CaseStatus, Entry, Record, Rejection, State, Task};
use crate::language::Language;
use crate::procedure::Executable;
use crate::runtime::Handled;
use crate::wording;

/// A document of the case.
#[derive(Debug, Serialize)]
pub struct Printed {
    pub name: String,
    pub number: String,
    pub copies: u32,
    pub file: Option<String>,
}

/// What became of the case, with the keys in the order of reading.
#[derive(Serialize)]
struct Summary<'a> {
    case: &'a str,
    outcome: Option<&'a str>,
    steps: Vec<&'a str>,
    documents: &'a [Printed],
}

/// The journal as it was written, then one line that sums it up.
pub fn json(
    records: &[Record],
    handled: &Handled,
    documents: &[Printed],
) -> serde_json::Result<()> {
    for record in records {
        out!("{}", serde_json::to_string(record)?);
    }
    let steps = records
        .iter()
        .filter_map(|record| match &record.entry {
            Entry::TaskCompleted { step, .. } | Entry::StepPassed { step } => Some(step.as_str()),
            _ => None,
        })
        .collect();
    let outcome = handled.state.outcome.as_deref();
    let summary = Summary { case: &handled.state.number, outcome, steps, documents };
    out!("{}", serde_json::to_string(&summary)?);
    Ok(())
}

pub fn beginning(executable: &Executable, handled: &Handled) {
    let procedure = &executable.procedure;
    let section = procedure.section.as_ref().map(|section| format!("{section} "));
    let section = section.unwrap_or_default();
    out!("{} · {section}{}\n", handled.state.number, procedure.title);
}

/// What one completed task did: the step first, then what came of it.
pub fn step(executable: &Executable, handled: &Handled) {
    for record in &handled.records {
        match &record.entry {
            Entry::TaskCompleted { step, choice, .. } => {
                let activity = executable.step(step).map_or("", |step| step.activity.as_str());
                out!("{step:>3}  {} — {}", record.actor_name, short(activity));
                if let Some(choice) = choice {
                    out!("     → {choice}");
                }
            }
            Entry::StepPassed { step } => out!("{step:>3}  ·"),
            Entry::BlockEntered { step, branches, .. } => {
                out!("{step:>3}  ⇉ {}", branches.join(", "));
            }
            // The step itself, beside which other branches may begin.
            Entry::BranchEnded { branch, .. } if branch.is_empty() => {}
            Entry::BranchEnded { branch, .. } => out!("     · {branch} ✓"),
            Entry::BlockJoined { .. } => out!("     ⇶"),
            _ => {}
        }
    }
    for record in &handled.records {
        match &record.entry {
            Entry::DocumentIssued { title, number, copies, .. } => {
                out!("     + {title} {number} (×{copies})");
            }
            Entry::NumberAssigned { variable, number, .. } => {
                out!("     {variable} = {number}");
            }
            _ => {}
        }
    }
}

pub fn ending(handled: &Handled, documents: &[Printed], language: &Language) {
    let outcome = match (handled.state.status, &handled.state.outcome) {
        (CaseStatus::Ended, Some(outcome)) if outcome == crate::procedure::COMPLETED => {
            language.text("outcome-completed", &[])
        }
        (CaseStatus::Ended, Some(outcome)) => outcome.clone(),
        _ => "…".to_owned(),
    };
    out!("\n= {outcome}");
    for document in documents.iter().filter_map(|document| document.file.as_ref()) {
        out!("{document}");
    }
}

/// The open task that was refused. At the terminal it stands above the questions already.
pub fn refused(executable: &Executable, task: Option<(u32, &Task)>) {
    let Some((_, open)) = task else { return };
    let activity = executable.step(&open.step).map_or("", |step| step.activity.as_str());
    let role = wording::role_title(&executable.organisation, &open.role);
    eprintln!("{:>3}  {role} — {}", open.step, short(activity));
}

/// Why the engine refused, and every field that is wrong.
pub fn rejection(executable: &Executable, rejection: &Rejection, language: &Language) {
    let when = |at| language.instant(at, &executable.organisation.calendar.zone);
    eprintln!("! {}", wording::rejection(language, executable, rejection, None, &when));
    if let Rejection::InvalidSubmission { errors } = rejection {
        for error in errors {
            let field = executable.field(&error.path);
            let label = field.map_or(error.path.as_str(), |field| &field.label);
            eprintln!("  {label}: {}", wording::problem(language, &error.problem));
        }
    }
}

/// The beginning of an activity, to the end of a word.
fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= 90 {
        return text;
    }
    let cut: String = text.chars().take(90).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{} …", &cut[..end])
}

/// Why a case is not over.
pub fn waiting(state: &State, most: usize) {
    let listens: Vec<String> = state
        .watches
        .values()
        .filter_map(|watch| match &watch.awaits {
            Awaits::Message { name, key } => Some(format!("the message {name} ({key})")),
            Awaits::Signal { name } => Some(format!("the signal {name}")),
            _ => None,
        })
        .collect();
    if state.tasks.is_empty() && !listens.is_empty() {
        eprintln!("the case waits for {}", listens.join(", "));
    } else {
        eprintln!("the case is still open after {most} steps");
    }
}
