//! `endless_loop`: steps that run by themselves lead round in a circle without any person's work.

use petgraph::algo::tarjan_scc;
use petgraph::visit::EdgeRef;

use crate::check::{Subject, branches};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::Node;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for cycle in cycles(subject) {
        let steps = &subject.procedure.steps;
        let Some(first) = cycle.first().map(|at| &steps[*at]) else { continue };
        let names: Vec<&str> = cycle.iter().map(|at| steps[*at].id.as_str()).collect();
        found.push(
            Diagnostic::new(
                "endless_loop",
                first.id.span,
                format!("steps {} go round for ever", names.join(", ")),
            )
            .label("nobody works on any step of this circle")
            .help("let a person's step stand in the circle, or lead out of it"),
        );
    }
}

/// Circles of automatic steps, each in the order of the file.
pub fn cycles(subject: &Subject<'_>) -> Vec<Vec<usize>> {
    let steps = &subject.procedure.steps;
    let graph = &subject.executable.graph;
    let alone = branches::pass_alone(subject);
    let automatic = graph.flows.filter_map(
        |_, node| match node {
            Node::Step(at) if steps[*at].is_passed_at_once() => Some(*at),
            Node::Join(at) if alone[*at] => Some(*at),
            _ => None,
        },
        // What happens meanwhile takes its time.
        |_, flow| flow.happening.is_none().then_some(()),
    );
    let mut cycles: Vec<Vec<usize>> = tarjan_scc(&automatic)
        .into_iter()
        .filter(|part| {
            part.len() > 1
                || part
                    .first()
                    .is_some_and(|one| automatic.edges(*one).any(|edge| edge.target() == *one))
        })
        .map(|part| {
            let mut places: Vec<usize> = part.into_iter().map(|node| automatic[node]).collect();
            places.sort_unstable();
            // A block and its join.
            places.dedup();
            places
        })
        .collect();
    cycles.sort();
    cycles
}
