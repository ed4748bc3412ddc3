//! `unknown_series`: a document or an `assigns` takes its number from a series that doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Spanned;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let series = &subject.organisation.series;
    let mut check = |name: &Spanned<String>| {
        if subject.organisation.series(name).is_none() && !subject.may_be_lost(Some("organisation"))
        {
            found.push(
                Diagnostic::new(
                    "unknown_series",
                    name.span,
                    format!("there is no series `{}`", name.value),
                )
                .label("not one of the organisation's `series`")
                .suggest(name, series.iter().map(|series| series.id.as_str())),
            );
        }
    };
    for document in subject.executable.documents.values() {
        check(&document.series);
    }
    for assign in subject.steps().flat_map(|(_, step)| &step.assigns) {
        check(&assign.series);
    }
}
