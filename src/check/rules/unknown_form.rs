//! `unknown_form`: a step asks for a form that doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let forms = &subject.group.forms;
    for form in subject.steps().flat_map(|(_, step)| &step.forms) {
        if forms.iter().any(|known| *known.id == **form) || subject.may_be_lost(Some(form)) {
            continue;
        }
        found.push(
            Diagnostic::new(
                "unknown_form",
                form.span,
                format!("there is no form `{}`", form.value),
            )
            .label("no file of the organisation defines it")
            .suggest(form, forms.iter().map(|form| form.id.as_str())),
        );
    }
}
