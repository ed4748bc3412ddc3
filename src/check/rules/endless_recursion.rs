//! `endless_recursion`: procedures begin cases of each other on every way, so that none ever ends.
//!
//! A procedure *must* begin another one when no way from its start to an end goes past the steps that do. A
//! step in a branch may be gone past: whether it is depends on the others.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Graph, Node, Procedure};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let own = subject.procedure.id.value.as_str();
    let procedures = &subject.group.procedures;
    let must: BTreeMap<&str, BTreeSet<&str>> =
        procedures.iter().map(|one| (one.id.as_str(), must_begin(one))).collect();
    // The shortest way round, from what this one must begin.
    let mut from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut todo: Vec<&str> = vec![own];
    let mut at = 0;
    while at < todo.len() {
        let one = todo[at];
        at += 1;
        for next in must.get(one).into_iter().flatten().copied() {
            if next == own {
                return found.push(told(subject, &round(own, one, &from)));
            }
            if !from.contains_key(next) {
                from.insert(next, one);
                todo.push(next);
            }
        }
    }
}

fn round<'a>(own: &'a str, last: &'a str, from: &BTreeMap<&'a str, &'a str>) -> Vec<&'a str> {
    let mut way = vec![last];
    while let Some(before) =
        way.last().and_then(|one| from.get(one)).filter(|_| way.last() != Some(&own))
    {
        way.push(before);
    }
    way.reverse();
    way
}

fn told(subject: &Subject<'_>, round: &[&str]) -> Diagnostic {
    let next = round.get(1).copied().unwrap_or(round[0]);
    let mut begins = subject.steps().filter_map(|(_, step)| step.child());
    let place = begins.find(|child| *child.procedure == next);
    let span = place.map_or(subject.procedure.id.span, |child| child.procedure.span);
    let own = &subject.procedure.id;
    Diagnostic::new("endless_recursion", span, format!("every case of `{}` begins another", **own))
        .label(format!("on every way: {} → {}", round.join(" → "), **own))
        .help("let a `decide` or a `choose` before it lead past it")
}

/// The procedures that every case of this one begins before it can end.
fn must_begin(procedure: &Procedure) -> BTreeSet<&str> {
    let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (place, step) in procedure.steps.iter().enumerate() {
        if let Some(child) = step.child().filter(|_| step.within.is_none()) {
            by_name.entry(child.procedure.as_str()).or_default().insert(place);
        }
    }
    if by_name.is_empty() {
        return BTreeSet::new();
    }
    let graph = Graph::of(procedure);
    let must = by_name.into_iter().filter(|(_, places)| !leads_past(&graph, places));
    must.map(|(name, _)| name).collect()
}

/// Whether some way leads from the start to an end and touches none of the steps.
fn leads_past(graph: &Graph, places: &BTreeSet<usize>) -> bool {
    let (mut todo, mut seen) = (vec![graph.start], BTreeSet::new());
    while let Some(node) = todo.pop() {
        match &graph.flows[node] {
            Node::End(_) => return true,
            Node::Step(place) if places.contains(place) => continue,
            _ if seen.insert(node) => todo.extend(graph.flows.neighbors(node)),
            _ => {}
        }
    }
    false
}
