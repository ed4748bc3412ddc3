//! `external_without_attendant`: a step of somebody outside, and nobody in the office records it.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let Some(role) = &step.role else { continue };
        let Some(known) = subject.organisation.role(role) else { continue };
        if known.is_external && known.attended_by.is_none() && step.attended_by.is_none() {
            found.push(
                Diagnostic::new(
                    "external_without_attendant",
                    role.span,
                    format!("nobody in the office records step {}", *step.id),
                )
                .label(format!("`{}` is outside the office", role.value))
                .help("add `attended_by: <role>` to the step or to the role"),
            );
        }
    }
}
