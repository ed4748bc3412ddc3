//! `circular_order`: branches of an `any_order` that wait for each other.

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::Begins;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let Some(block) = &step.block else { continue };
        let Begins::AnyOrder { before } = &block.begins else { continue };
        let mut order = DiGraph::<(), ()>::new();
        let nodes: Vec<_> = block.strands.iter().map(|_| order.add_node(())).collect();
        for (first, then) in before {
            order.add_edge(nodes[*first], nodes[*then], ());
        }
        for circle in tarjan_scc(&order) {
            let is_circle = circle.len() > 1
                || circle.first().is_some_and(|one| order.contains_edge(*one, *one));
            if !is_circle {
                continue;
            }
            let mut places: Vec<usize> = circle.iter().map(|node| node.index()).collect();
            places.sort_unstable();
            let names: Vec<&str> =
                places.iter().map(|place| block.strands[*place].name.as_str()).collect();
            let headline = match names.as_slice() {
                [one] => format!("the branch `{one}` waits for itself"),
                _ => format!("the branches {} wait for each other", names.join(", ")),
            };
            found.push(
                Diagnostic::new("circular_order", block.strands[places[0]].name.span, headline)
                    .label("never begins")
                    .help("take the pair out of `before` that is the wrong way round"),
            );
        }
    }
}
