//! The order in which a person would tell the steps: as the case goes, the first way first.

use super::blocks::Blocks;
use super::chart::Chart;

/// All nodes: those that are reached as the case goes, then the others as they stand in the file.
pub fn order(chart: &Chart, blocks: &Blocks) -> Vec<usize> {
    let count = chart.nodes.len();
    let mut out = vec![Vec::new(); count];
    for flow in &chart.flows {
        out[flow.from].push(flow.to);
    }
    // Depth first with the last way first, read from behind: what several ways lead to comes after
    // all of them, and the first way's steps come first.
    let mut is_seen = vec![false; count];
    let mut finished = Vec::with_capacity(count);
    let start = (0..count).find(|at| chart.nodes[*at].kind == super::chart::Kind::Start);
    let mut stack: Vec<(usize, usize)> = start.map(|at| (at, 0)).into_iter().collect();
    if let Some(start) = start {
        is_seen[start] = true;
    }
    while let Some((at, done)) = stack.last_mut() {
        let (at, place) = (*at, *done);
        *done += 1;
        match out[at].iter().rev().nth(place) {
            Some(to) if !is_seen[*to] => {
                is_seen[*to] = true;
                stack.push((*to, 0));
            }
            Some(_) => {}
            None => {
                finished.push(at);
                stack.pop();
            }
        }
    }
    finished.reverse();
    finished.extend((0..count).filter(|at| !blocks.is_reached[*at]));
    as_numbered(chart, finished)
}

/// Steps that tramite numbered keep the order of the file; new ones stand behind what leads to them.
fn as_numbered(chart: &Chart, told: Vec<usize>) -> Vec<usize> {
    let is_numbered = |at: &usize| chart.nodes[*at].number().is_some();
    let mut order: Vec<usize> = told.iter().copied().filter(is_numbered).collect();
    if order.is_empty() {
        return told;
    }
    order.sort_unstable();
    let mut before = None;
    for at in told {
        if !is_numbered(&at) {
            let place = before.and_then(|before| order.iter().position(|known| *known == before));
            order.insert(place.map_or(0, |place| place + 1), at);
        }
        before = Some(at);
    }
    order
}
