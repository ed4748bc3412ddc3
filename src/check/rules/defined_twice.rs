//! `defined_twice`: two forms of one procedure define the same variable.

use std::collections::BTreeMap;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::field::leaves;
use crate::yaml::Spanned;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let mut seen: BTreeMap<String, (Span, String)> = BTreeMap::new();
    let mut done: Vec<&str> = Vec::new();
    // In the order of the steps, so that the later form is the one that is told.
    // What machines answer stands among them.
    let steps = &subject.executable.procedure.steps;
    let inputs = subject.procedure.inputs.iter().map(|form| &form.id);
    for name in inputs.chain(steps.iter().flat_map(|step| &step.forms)) {
        let Some(form) = subject.executable.forms.get(name.as_str()) else { continue };
        if done.contains(&name.as_str()) {
            continue;
        }
        done.push(name);
        for (path, field) in leaves(&form.fields) {
            let span = field.name.span;
            if let Some((first, other)) = seen.get(&path) {
                found.push(
                    Diagnostic::new(
                        "defined_twice",
                        span,
                        format!("`{path}` is defined by two forms of {}", *subject.procedure.id),
                    )
                    .label(format!("again in form `{}`", name.value))
                    .also(*first, format!("first in form `{other}`"))
                    .help(format!("list it under `shows: [{path}]` or `edits: [{path}]` instead")),
                );
            } else {
                seen.insert(path, (span, name.value.clone()));
            }
        }
    }
    messages(subject, &seen, found);
}

/// A variable that takes a message is that message's alone.
fn messages(
    subject: &Subject<'_>,
    seen: &BTreeMap<String, (Span, String)>,
    found: &mut Diagnostics,
) {
    let mut taken: BTreeMap<&str, (Span, &str)> = BTreeMap::new();
    let starts = &subject.procedure.starts;
    let is_of_form = |name: &str| seen.keys().find(|path| path.split('.').next() == Some(name));
    if let Some(day) = &starts.day {
        if let Some(path) = is_of_form(day) {
            twice(day, "takes the day of the schedule", seen[path].0, found);
        }
        taken.insert(day, (day.span, ""));
    }
    for heard in starts.message.iter().chain(subject.steps().flat_map(|(_, step)| step.heard())) {
        let Some(into) = &heard.into else { continue };
        let of_form = is_of_form(into);
        let first = of_form.map(|path| seen[path].0).or_else(|| {
            let (first, name) = taken.get(into.as_str())?;
            (*name != heard.name.as_str()).then_some(*first)
        });
        if let Some(first) = first {
            twice(into, "takes a message", first, found);
        }
        taken.entry(into).or_insert((into.span, &heard.name));
    }
}

fn twice(name: &Spanned<String>, takes: &str, first: Span, found: &mut Diagnostics) {
    let headline = format!("`{}` {takes} and is something else, too", name.value);
    found.push(
        Diagnostic::new("defined_twice", name.span, headline)
            .label("again here")
            .also(first, "first here")
            .help("take it into a variable of its own"),
    );
}
