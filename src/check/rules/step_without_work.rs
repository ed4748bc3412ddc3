//! `step_without_work`: a step without a role that does nothing by itself either, or asks for what only a
//! person can do.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Step, Way};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let steps = subject.steps().filter(|(_, step)| is_alone(step) && !subject.is_damaged_at(step));
    for (_, step) in steps {
        let of_a_person = needs_a_person(step);
        let headline = match of_a_person {
            Some(key) => format!("step {} has `{key}`, and nobody is there to do it", *step.id),
            None if does_something(step) => continue,
            None => format!("step {} does nothing", *step.id),
        };
        found.push(
            Diagnostic::new("step_without_work", step.id.span, headline).label("no `role`").help(
                "say who does it: `role: …`; by itself a step can `looks_up`, `set`, `assigns`, \
                     `saves`, `issues`, `choose`, `wait`, `send`, `call` and have a `job` done",
            ),
        );
    }
}

/// A block is worked on in its branches.
fn is_alone(step: &Step) -> bool {
    step.role.is_none() && step.block.is_none()
}

fn does_something(step: &Step) -> bool {
    step.errand.is_some()
        || step.wait.is_some()
        || !step.sends.is_empty()
        || !step.signals.is_empty()
        || !step.set.is_empty()
        || !step.looks_up.is_empty()
        || !step.assigns.is_empty()
        || !step.saves.is_empty()
        || !step.moves.is_empty()
        || !step.issues.is_empty()
        || matches!(step.way, Way::Choose(_))
}

/// A key that means nothing without somebody.
fn needs_a_person(step: &Step) -> Option<&'static str> {
    let keys = [
        ("form", !step.forms.is_empty()),
        ("decide", matches!(step.way, Way::Decide(_))),
        ("hands_in", !step.hands_in.is_empty()),
        ("receives", !step.receives.is_empty()),
        ("signs", !step.signs.is_empty()),
        ("opens", step.opens.is_some()),
        ("due", step.due.is_some()),
        ("not_by", !step.not_by.is_empty()),
        ("attended_by", step.attended_by.is_some()),
    ];
    keys.into_iter().find(|(_, is_there)| *is_there).map(|(key, _)| key)
}
