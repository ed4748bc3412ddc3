//! Which arrows lead back, and an order of the boxes in which all others lead on.

use super::chart::{Chart, Edge};

#[derive(Debug)]
pub struct Order {
    /// Those of the chart, then one to each step that nothing leads to.
    pub edges: Vec<Edge>,
    /// For each edge.
    pub is_back: Vec<bool>,
    /// Every node once.
    pub nodes: Vec<usize>,
}

impl Order {
    /// Depth first, lower numbers first. With a stack of its own: how long a procedure is, is not
    /// ours to say.
    pub fn of(chart: &Chart) -> Self {
        let count = chart.nodes.len();
        let edges = with_unreachable(chart);
        let mut ways: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (at, edge) in edges.iter().enumerate() {
            ways[edge.from].push(at);
        }
        for ways in &mut ways {
            ways.sort_by_key(|at| edges[*at].to);
        }
        let mut is_back = vec![false; edges.len()];
        let mut state = vec![State::Unseen; count];
        let mut nodes = Vec::with_capacity(count);
        let mut stack = Vec::new();
        if count > 0 {
            stack.push((0, 0));
            state[0] = State::Open;
        }
        while let Some((node, next)) = stack.last_mut() {
            let node = *node;
            let Some(&at) = ways[node].get(*next) else {
                state[node] = State::Done;
                nodes.push(node);
                stack.pop();
                continue;
            };
            *next += 1;
            let to = edges[at].to;
            is_back[at] = state[to] == State::Open;
            if state[to] == State::Unseen {
                state[to] = State::Open;
                stack.push((to, 0));
            }
        }
        nodes.reverse();
        Self { edges, is_back, nodes }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    Open,
    Done,
}

/// The edges, and one more to each step that nothing leads to, from the box before it: a faulty
/// procedure is drawn too, with such a step beside its neighbour.
fn with_unreachable(chart: &Chart) -> Vec<Edge> {
    let mut edges = chart.edges.clone();
    let fan = chart.fan();
    let mut is_seen = vec![false; chart.nodes.len()];
    for root in 0..chart.nodes.len() {
        if is_seen[root] {
            continue;
        }
        if root > 0 {
            edges.push(Edge { from: root - 1, to: root, exit: 0, is_plain: false });
        }
        is_seen[root] = true;
        let mut todo = vec![root];
        while let Some(at) = todo.pop() {
            for edge in fan.out(at) {
                let to = chart.edges[*edge].to;
                if !std::mem::replace(&mut is_seen[to], true) {
                    todo.push(to);
                }
            }
        }
    }
    edges
}
