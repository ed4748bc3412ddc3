//! `step_without_work`: a step without a role that does nothing by itself either.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::Way;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        if step.role.is_some() {
            continue;
        }
        let does_something =
            !step.set.is_empty() || !step.assigns.is_empty() || matches!(step.way, Way::Choose(_));
        let needs_somebody = !step.forms.is_empty() || matches!(step.way, Way::Decide(_));
        if does_something && !needs_somebody {
            continue;
        }
        let headline = if needs_somebody {
            format!("nobody is there to do step {}", *step.id)
        } else {
            format!("step {} does nothing", *step.id)
        };
        found.push(
            Diagnostic::new("step_without_work", step.id.span, headline).label("no `role`").help(
                "say who does it: `role: …`; only steps with `set` or `choose` run by themselves",
            ),
        );
    }
}
