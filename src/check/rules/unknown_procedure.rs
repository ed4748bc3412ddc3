//! `unknown_procedure`: a step begins a case of a procedure that doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let procedures = &subject.group.procedures;
    for name in subject.steps().flat_map(|(_, step)| step.child()) {
        let is_known = procedures.iter().any(|known| known.id.value == name.procedure.value);
        if !is_known && !subject.may_be_lost(None) {
            let headline = format!("there is no procedure `{}`", *name.procedure);
            found.push(
                Diagnostic::new("unknown_procedure", name.procedure.span, headline)
                    .label("no file of the organisation has it")
                    .suggest(&name.procedure, procedures.iter().map(|known| known.id.as_str())),
            );
        }
    }
}
