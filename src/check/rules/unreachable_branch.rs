//! `unreachable_branch`: a line of `choose` after the one that always holds.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let mut always = None;
        for branch in step.branches() {
            if let Some(first) = always {
                found.push(
                    Diagnostic::new(
                        "unreachable_branch",
                        branch.span,
                        "this line is never reached",
                    )
                    .label("comes too late")
                    .also(first, "this line has no `when` and always holds")
                    .help("put the line without `when` last"),
                );
            } else if branch.when.is_none() {
                always = Some(branch.span);
            }
        }
    }
}
