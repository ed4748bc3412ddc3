//! `bad_four_eyes`, `bad_term`: a step refers to another that can't come before it.

use petgraph::algo::has_path_connecting;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let graph = &subject.executable.graph;
    for (at, step) in subject.steps() {
        for other in &step.not_by {
            let Some(place) = subject.executable.place(other) else { continue };
            let mut report = |headline: String, label: &str| {
                found.push(
                    Diagnostic::new("bad_four_eyes", other.span, headline)
                        .label(label)
                        .help("name a step that comes before and that a person completes"),
                );
            };
            if place == at {
                report(format!("step {} can't exclude who does it", *step.id), "the step itself");
            } else if subject.procedure.steps[place].is_automatic() {
                report(format!("nobody completes step {}", other.value), "runs by itself");
            } else if !has_path_connecting(&graph.flows, graph.steps[place], graph.steps[at], None)
            {
                report(
                    format!("step {} never comes before step {}", other.value, *step.id),
                    "comes later or on another way",
                );
            }
        }
    }
    check_opens(subject, found);
}

/// A term that counts from a step that can't have been completed yet would count from nothing.
fn check_opens(subject: &Subject<'_>, found: &mut Diagnostics) {
    let graph = &subject.executable.graph;
    for (at, step) in subject.steps() {
        let Some((term, written)) = &step.opens else { continue };
        let Some(place) = term.step().and_then(|name| subject.executable.place(name)) else {
            continue;
        };
        if place == at
            || !has_path_connecting(&graph.flows, graph.steps[place], graph.steps[at], None)
        {
            found.push(
                Diagnostic::new(
                    "bad_term",
                    written.span,
                    format!(
                        "step {} never comes before step {}",
                        *subject.procedure.steps[place].id, *step.id
                    ),
                )
                .label("counts from a step that isn't done by then")
                .help("count from a step on the way here"),
            );
        }
    }
}
