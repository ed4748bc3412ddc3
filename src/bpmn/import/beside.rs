//! What a diagram begins beside a task, by an event at its edge that doesn't interrupt: its elements must be
//! nobody else's, or they can't be written as steps of their own.

use super::chart::{Chart, Kind};
use super::read::{Reader, Scope};
use crate::diagram::Fan;

/// The elements that each arrow of this kind leads to, when nothing else leads to them: by the arrow.
pub fn regions(chart: &Chart) -> Vec<(usize, Option<Vec<usize>>)> {
    let besides = (0..chart.flows.len()).filter(|flow| chart.flows[*flow].is_beside());
    let fan = chart.fan();
    besides.map(|flow| (flow, region(chart, &fan, flow))).collect()
}

fn region(chart: &Chart, fan: &Fan, begin: usize) -> Option<Vec<usize>> {
    let mut is_inside = vec![false; chart.nodes.len()];
    let (mut todo, mut region) = (vec![chart.flows[begin].to], Vec::new());
    while let Some(at) = todo.pop() {
        if !std::mem::replace(&mut is_inside[at], true) {
            region.push(at);
            let out = fan.out(at).iter().filter(|flow| !chart.flows[**flow].is_beside());
            todo.extend(out.map(|flow| chart.flows[*flow].to));
        }
    }
    let is_own = |flow: &usize| *flow == begin || is_inside[chart.flows[*flow].from];
    let is_alone = region.iter().all(|at| fan.leading_to(*at).iter().all(is_own));
    let is_work = |at: &usize| matches!(chart.nodes[*at].kind, Kind::Manual | Kind::Automatic);
    let is_host_outside = !is_inside[chart.flows[begin].from];
    (is_alone && is_host_outside && region.iter().any(is_work)).then_some(region)
}

/// Names what can't be written beside its task, and leaves it with nothing that leads to it.
pub fn settle(reader: &mut Reader<'_>, scope: &mut Scope<'_>) {
    let mut loose: Vec<usize> = regions(&scope.chart)
        .into_iter()
        .filter_map(|(flow, region)| region.is_none().then_some(flow))
        .collect();
    // From the last, so that the places of the others stay.
    loose.sort_unstable();
    for flow in loose.into_iter().rev() {
        let gone = scope.chart.flows.remove(flow);
        let mut lost = Vec::new();
        let event = scope.chart.nodes[gone.to].id.as_str();
        if let Some(element) = reader.by_id.get(event).copied() {
            let why = "may happen meanwhile; what follows it stands at the end";
            reader.lose(element, why, &mut lost);
        }
        scope.chart.nodes[gone.from].lost.extend(lost);
    }
}
