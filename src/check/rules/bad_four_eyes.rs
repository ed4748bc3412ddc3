//! `bad_four_eyes`: a `not_by` that can't be met or says nothing.

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
            } else if subject.procedure.steps[place].role.is_none() {
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
}
