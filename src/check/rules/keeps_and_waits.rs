//! `keeps_and_waits`: what keeps something that only one case of the organisation can have waits for
//! something else at the same time. Two cases that do so in another order wait for each other for ever, and
//! no proof of a single procedure would find it.
//!
//! A step of a person or a machine ends by itself, whatever other cases do. What can wait for others is a
//! block, by what its branches wait for, and a step that waits for a case of another procedure.

use std::collections::BTreeSet;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::library::Group;
use crate::procedure::{Mutex, Procedure, Step};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let steps = &subject.procedure.steps;
    for step in steps {
        let Some(mutex) = step.control.mutex.as_ref().filter(|mutex| mutex.is_shared()) else {
            continue;
        };
        if let Some((span, what)) = waits_for(subject.group, step) {
            found.push(told(subject, step, mutex, (span, what)));
        }
        let inside = step
            .block
            .as_ref()
            .and_then(|block| Some(block.strands.first()?.steps.start..block.until));
        for inner in inside.into_iter().flat_map(|inside| &steps[inside]) {
            let own = inner
                .control
                .mutex
                .as_ref()
                .map(|other| (other.name.span, format!("`{}`", *other.name)));
            let milestone = inner.control.enabled_while.as_ref();
            let milestone = milestone.map(|other| (other.span, format!("step {}", **other)));
            let waits = own.or(milestone).or_else(|| waits_for(subject.group, inner));
            if let Some(waits) = waits {
                found.push(told(subject, step, mutex, waits));
            }
        }
    }
    mixed(subject, found);
}

/// The case for whose end a step waits, when that one may wait for something that only one can have.
fn waits_for(group: &Group, step: &Step) -> Option<(Span, String)> {
    let child = step.child().filter(|child| child.waits)?;
    let (mut todo, mut seen) = (vec![child.procedure.as_str()], BTreeSet::new());
    while let Some(name) = todo.pop() {
        if !seen.insert(name) {
            continue;
        }
        let known = group.procedures.iter().find(|known| *known.id == *name);
        let Some(procedure) = known else { continue };
        if has_shared(procedure) {
            return Some((child.procedure.span, format!("a case of `{}`", *child.procedure)));
        }
        let below = procedure.steps.iter().filter_map(Step::child);
        todo.extend(below.filter(|child| child.waits).map(|child| child.procedure.as_str()));
    }
    None
}

fn has_shared(procedure: &Procedure) -> bool {
    let mut sections = procedure.steps.iter().filter_map(|step| step.control.mutex.as_ref());
    sections.any(Mutex::is_shared)
}

fn told(
    subject: &Subject<'_>,
    step: &Step,
    mutex: &Mutex,
    (span, what): (Span, String),
) -> Diagnostic {
    let keeps = format!("{} keeps `{}` of all cases", subject.place(step), *mutex.name);
    Diagnostic::new("keeps_and_waits", span, format!("{keeps}, and waits for {what} meanwhile"))
        .label("another case may have this, and wait for the first")
        .also(mutex.name.span, "kept from here on")
        .help("take the one behind the other, or name at this step what both need together")
}

/// One name for two things in one file is a slip.
fn mixed(subject: &Subject<'_>, found: &mut Diagnostics) {
    let sections = subject.procedure.steps.iter().filter_map(|step| step.control.mutex.as_ref());
    let (shared, own): (Vec<&Mutex>, Vec<&Mutex>) = sections.partition(|mutex| mutex.is_shared());
    for mutex in own {
        let Some(other) = shared.iter().find(|other| other.name.value == mutex.name.value) else {
            continue;
        };
        let headline =
            format!("`{}` is of the case here, and of the organisation elsewhere", *mutex.name);
        found.push(
            Diagnostic::new("mixed_mutex", mutex.name.span, headline)
                .label("does not keep other cases away")
                .also(other.name.span, "keeps them away")
                .help("write `of: organisation` at both, or give them two names"),
        );
    }
}
