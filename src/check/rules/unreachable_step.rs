//! `unreachable_step`: no way leads to a step.

use petgraph::Direction;

use crate::check::{Subject, branches};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Node, Target, Way};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let graph = &subject.executable.graph;
    let steps = &subject.procedure.steps;
    let reached = branches::reached(subject);
    for (at, step) in subject.steps() {
        let node = graph.steps[at];
        if reached.contains(&node) {
            continue;
        }
        // What only other unreachable steps lead to is reached as soon as those are; a circle of
        // them has no such first step, and its first in the file stands for it.
        let leads_here: Vec<usize> = graph
            .flows
            .neighbors_directed(node, Direction::Incoming)
            .filter_map(|from| match graph.flows[from] {
                Node::Step(from) if from != at => Some(from),
                Node::Join(block) if !reached.contains(&graph.steps[block]) => Some(block),
                _ => None,
            })
            .collect();
        if leads_here.iter().any(|from| *from < at) {
            continue;
        }
        let before = at.checked_sub(1).map(|before| &steps[before]);
        if before.is_some_and(is_stuck) {
            continue;
        }
        let mut finding = Diagnostic::new(
            "unreachable_step",
            step.id.span,
            format!("no way leads to step {}", *step.id),
        )
        .label("nobody would ever be asked to do this");
        if let Some(before) = before {
            finding = finding.also(before.id.span, "this step leads elsewhere");
        }
        found.push(finding.help(format!("let a step `go: {}`, or take the step out", *step.id)));
    }
}

/// Told as `leads_to_itself` already; the step after it follows from that.
fn is_stuck(step: &crate::procedure::Step) -> bool {
    matches!(&step.way, Way::On(Target::Go(go)) if **go == *step.id)
}
