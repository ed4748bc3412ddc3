//! A chart made regular: every gateway either splits or joins, several ways out of a task are a
//! gateway, and what does nothing is passed by.

use super::chart::{Chart, Flow, Kind, Node, Own, Ways};
use crate::diagram::Fan;

/// Makes a chart regular; what is drawn without a gateway gets one.
pub fn normalise(chart: &mut Chart) {
    start(chart);
    // What is done at one element changes no other's arrows of the chart as it was drawn.
    let fan = chart.fan();
    for at in 0..chart.nodes.len() {
        match chart.nodes[at].kind {
            Kind::Gate(ways) => gate(chart, &fan, at, ways),
            Kind::Choice => {}
            Kind::End { .. } | Kind::Split(_) | Kind::Join(_) => {}
            _ if chart.well(fan.out(at)).nth(1).is_some() => implied(chart, fan.out(at), at),
            _ => {}
        }
    }
    let fan = chart.fan();
    for at in 0..chart.nodes.len() {
        let is_end = matches!(chart.nodes[at].kind, Kind::End { .. });
        if !is_end && chart.well(fan.out(at)).next().is_none() {
            let end = made(chart, Kind::End { ends_all: false }, at);
            arrow(chart, at, end);
        }
    }
    pass_by(chart);
}

/// Where a case begins: without a start event, at what nothing leads to.
fn start(chart: &mut Chart) {
    if chart.nodes.is_empty() || chart.nodes.iter().any(|node| node.kind == Kind::Start) {
        return;
    }
    let fan = chart.fan();
    let first = (0..chart.nodes.len()).find(|at| fan.leading_to(*at).is_empty()).unwrap_or(0);
    let start = made(chart, Kind::Start, first);
    arrow(chart, start, first);
}

/// A parallel or inclusive gateway is a split, a join, both in a row, or nothing.
fn gate(chart: &mut Chart, fan: &Fan, at: usize, ways: Ways) {
    let (into, out) = (fan.leading_to(at).len(), fan.out(at).len());
    let node = &mut chart.nodes[at];
    node.kind = match (into, out) {
        _ if node.own("step").is_some() => Kind::Split(ways),
        _ if node.own("join").is_some() => Kind::Join(ways),
        (2.., 2..) => {
            let split = made(chart, Kind::Split(ways), at);
            for flow in fan.out(at) {
                chart.flows[*flow].from = split;
            }
            arrow(chart, at, split);
            chart.nodes[at].kind = Kind::Join(ways);
            return;
        }
        (2.., _) => Kind::Join(ways),
        (_, 2..) => Kind::Split(ways),
        _ => Kind::Pass,
    };
}

/// Several ways out of a task all begin, or those whose conditions hold.
fn implied(chart: &mut Chart, out: &[usize], at: usize) {
    let has_conditions = out.iter().any(|flow| chart.flows[*flow].condition.is_some());
    let ways = if has_conditions { Ways::Some } else { Ways::All };
    let split = made(chart, Kind::Split(ways), at);
    for flow in out {
        let flow = &mut chart.flows[*flow];
        if flow.aside.is_none() {
            flow.from = split;
        }
    }
    arrow(chart, at, split);
}

/// Arrows into what does nothing lead to what comes behind it.
fn pass_by(chart: &mut Chart) {
    let fan = chart.fan();
    let next: Vec<Option<usize>> = (0..chart.nodes.len())
        .map(|at| {
            let mut out = fan.out(at).iter().copied();
            let (first, second) = (out.next()?, out.next());
            let has_words = |own: &Own| matches!(own.tag.as_str(), "step" | "way");
            let node = &chart.nodes[at];
            let is_idle = match node.kind {
                Kind::Pass => true,
                Kind::Choice => second.is_none() && !node.own.as_ref().is_some_and(has_words),
                _ => false,
            };
            (is_idle && second.is_none()).then(|| chart.flows[first].to)
        })
        .collect();
    let mut moved: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, flow) in chart.flows.iter_mut().enumerate() {
        let mut passed = Vec::new();
        while let Some(to) = next[flow.to] {
            // Round and round without doing anything.
            if passed.contains(&flow.to) {
                break;
            }
            passed.push(flow.to);
            flow.to = to;
        }
        moved.push((at, passed));
    }
    // What was lost at a passed node is told at the step before it, else at the one behind.
    let mut told = vec![false; chart.nodes.len()];
    for (flow, passed) in moved {
        for node in passed {
            if !std::mem::replace(&mut told[node], true) {
                let lost = std::mem::take(&mut chart.nodes[node].lost);
                let (from, to) = (chart.flows[flow].from, chart.flows[flow].to);
                let is_step = chart.nodes[from].is_step() || chart.nodes[from].kind == Kind::Choice;
                chart.nodes[if is_step { from } else { to }].lost.extend(lost);
            }
        }
    }
    chart.flows.retain(|flow| next[flow.from].is_none());
    for (node, next) in chart.nodes.iter_mut().zip(&next) {
        if next.is_some() {
            node.kind = Kind::Pass;
        }
    }
}

fn made(chart: &mut Chart, kind: Kind, like: usize) -> usize {
    let node = Node::made(kind, &chart.nodes[like]);
    chart.nodes.push(node);
    chart.nodes.len() - 1
}

fn arrow(chart: &mut Chart, from: usize, to: usize) {
    chart.flows.push(Flow {
        from,
        to,
        name: String::new(),
        documentation: None,
        condition: None,
        is_default: false,
        aside: None,
        own: None,
    });
}
