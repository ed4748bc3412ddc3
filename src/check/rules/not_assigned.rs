//! `not_assigned`: a field waits for a number that no step assigns, or a step assigns what is no
//! such field.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::field::leaves;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let procedure = subject.procedure;
    let is_made = |path: &str| {
        procedure.steps.iter().any(|step| {
            if step.looked_up().any(|leaf| leaf == path) {
                return true;
            }
            let of_choices = step.choices().iter().flat_map(|choice| &choice.set);
            step.assigns.iter().any(|assign| *assign.variable == path)
                || step.set.iter().chain(of_choices).any(|set| *set.variable == path)
        })
    };
    for form in subject.executable.forms.values() {
        for (path, field) in leaves(&form.fields) {
            if field.is_assigned && !is_made(&path) {
                found.push(
                    Diagnostic::new(
                        "not_assigned",
                        field.name.span,
                        format!("no step of {} assigns `{path}`", *procedure.id),
                    )
                    .label("waits for a number")
                    .help(format!("add `assigns: {{ {path}: <series> }}` to a step")),
                );
            }
        }
    }
    for assign in procedure.steps.iter().flat_map(|step| &step.assigns) {
        let path = assign.variable.value.as_str();
        let finding =
            |headline: String| Diagnostic::new("not_assigned", assign.variable.span, headline);
        match subject.executable.field(path) {
            Some(field) if field.is_assigned => {}
            Some(_) => found.push(
                finding(format!("`{path}` is filled in by a person"))
                    .label("a number would overwrite it")
                    .help("write `assigned: true` in the field"),
            ),
            None => {
                let waiting =
                    subject.executable.forms.values().flat_map(|form| leaves(&form.fields));
                let waiting: Vec<String> =
                    waiting.filter(|(_, field)| field.is_assigned).map(|(path, _)| path).collect();
                found.push(
                    finding(format!("no form has a field `{path}`"))
                        .label("nothing waits for this number")
                        .suggest(path, waiting.iter().map(String::as_str)),
                );
            }
        }
    }
}
