//! `external_without_attendant`: somebody outside is to act, and nobody in the office records it.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let is_external =
        |role: &str| subject.organisation.role(role).is_some_and(|role| role.is_external);
    for (_, step) in subject.steps() {
        let Some(role) = step.role.as_ref().filter(|role| is_external(role)) else { continue };
        let of_role = subject.organisation.role(role).and_then(|role| role.attended_by.as_ref());
        match step.attended_by.as_ref().or(of_role) {
            None => found.push(
                Diagnostic::new(
                    "external_without_attendant",
                    role.span,
                    format!("nobody in the office records step {}", *step.id),
                )
                .label(format!("`{}` is outside the office", role.value))
                .help("add `attended_by: <role>` to the step or to the role"),
            ),
            Some(attends) if is_external(attends) => found.push(
                Diagnostic::new(
                    "external_without_attendant",
                    attends.span,
                    format!("`{}` is outside the office, too", attends.value),
                )
                .label(format!("so nobody records step {}", *step.id))
                .help("name a role of the office"),
            ),
            Some(_) => {}
        }
    }
    let starts = &subject.procedure.starts.by;
    if let Some(first) = starts.first().filter(|_| starts.iter().all(|role| is_external(role))) {
        found.push(
            Diagnostic::new(
                "external_without_attendant",
                first.span,
                format!("nobody in the office can start {}", *subject.procedure.id),
            )
            .label(format!("`{}` is outside the office", first.value))
            .help("name the role that starts the case for them"),
        );
    }
}
