//! `no_way_out`, `leads_to_itself`: steps from which no case can ever end.

use petgraph::algo::tarjan_scc;
use petgraph::visit::EdgeRef;

use super::endless_loop;
use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Node, Target, Way};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let graph = &subject.executable.graph;
    let steps = &subject.procedure.steps;
    let endless: Vec<usize> = endless_loop::cycles(subject).into_iter().flatten().collect();
    // Only the innermost trap is told: what merely leads into it is right as soon as it has a way out.
    for part in tarjan_scc(&graph.flows) {
        let mut places: Vec<usize> = part
            .iter()
            .filter_map(|node| match graph.flows[*node] {
                Node::Step(at) => Some(at),
                _ => None,
            })
            .collect();
        places.sort_unstable();
        let leads_out = part
            .iter()
            .flat_map(|node| graph.flows.edges(*node))
            .any(|edge| !part.contains(&edge.target()));
        if leads_out || places.is_empty() || places.iter().any(|at| endless.contains(at)) {
            continue;
        }
        let step = &steps[places[0]];
        if let (1, Way::On(Target::Go(go))) = (places.len(), &step.way) {
            found.push(
                Diagnostic::new(
                    "leads_to_itself",
                    go.span,
                    format!("step {} leads to itself", *step.id),
                )
                .label("the same step again, for ever")
                .also(step.id.span, "this step")
                .help("lead on to the step that follows"),
            );
            continue;
        }
        let names: Vec<&str> = places.iter().map(|at| steps[*at].id.as_str()).collect();
        found.push(
            Diagnostic::new(
                "no_way_out",
                step.id.span,
                format!("from step {} no case can end", *step.id),
            )
            .label(if places.len() == 1 {
                "every way leads back to it".to_owned()
            } else {
                format!("steps {} only lead to each other", names.join(", "))
            })
            .help(
                "give one of them a way on: `go`, `end`, or another line of `decide` or `choose`",
            ),
        );
    }
}
