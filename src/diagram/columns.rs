//! In which column every box stands: the longest way to it, with the ways back left out.
//!
//! A step that hands on to a lane further down may stand right below the step before it, so that a
//! procedure that goes to and fro between two desks becomes half as long. Such a way is a *drop*.

use std::collections::BTreeSet;

use super::chart::{Chart, Edge, Shape};

/// Where the boxes stand, before columns are broken into rows of the page.
#[derive(Debug, PartialEq, Eq)]
pub struct Columns {
    /// For each node.
    pub column: Vec<usize>,
    /// For each node: how many boxes of its lane and column are above it.
    pub storey: Vec<usize>,
    /// For each edge: it leads back to where the case has been.
    pub is_back: Vec<bool>,
    /// For each edge: straight down in its column.
    pub is_drop: Vec<bool>,
}

impl Columns {
    pub fn of(chart: &Chart) -> Self {
        let edges = with_unreachable(chart);
        let (is_back, order) = search(chart.nodes.len(), &edges);
        let mut is_drop: Vec<bool> = edges
            .iter()
            .enumerate()
            .map(|(at, edge)| at < chart.edges.len() && !is_back[at] && can_drop(chart, edge))
            .collect();
        // Every round takes one drop back, so that this ends.
        loop {
            let column = longest(&edges, &is_back, &is_drop, &order);
            let storey = storeys(chart, &column, &is_back);
            for (at, edge) in edges.iter().enumerate() {
                // A longer way has drawn the lower box to the right.
                is_drop[at] &= column[edge.from] == column[edge.to];
            }
            match blocked(chart, &column, &storey, &is_drop) {
                Some(at) => is_drop[at] = false,
                None => {
                    let count = chart.edges.len();
                    is_drop.truncate(count);
                    return Self { column, storey, is_back: is_back[..count].to_vec(), is_drop };
                }
            }
        }
    }
}

fn can_drop(chart: &Chart, edge: &Edge) -> bool {
    let [from, to] = [edge.from, edge.to].map(|at| &chart.nodes[at]);
    let are_steps = [from, to].iter().all(|node| matches!(node.shape, Shape::Step(_)));
    edge.is_plain && are_steps && to.lane > from.lane
}

/// The edges, and one more from the box before it to each step that nothing leads to: a faulty
/// procedure is drawn too, with such a step beside its neighbour.
fn with_unreachable(chart: &Chart) -> Vec<Edge> {
    let mut edges = chart.edges.clone();
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
            for edge in chart.edges.iter().filter(|edge| edge.from == at) {
                if !std::mem::replace(&mut is_seen[edge.to], true) {
                    todo.push(edge.to);
                }
            }
        }
    }
    edges
}

/// Which edges lead back, and all nodes in an order in which every other edge leads on.
///
/// Depth first, lower numbers first. With a stack of its own: how long a procedure is, is not ours to
/// say.
fn search(count: usize, edges: &[Edge]) -> (Vec<bool>, Vec<usize>) {
    let mut ways: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, edge) in edges.iter().enumerate() {
        ways[edge.from].push(at);
    }
    for ways in &mut ways {
        ways.sort_by_key(|at| edges[*at].to);
    }
    let mut is_back = vec![false; edges.len()];
    let mut is_seen = vec![false; count];
    let mut is_open = vec![false; count];
    let mut order = Vec::with_capacity(count);
    let mut stack = Vec::new();
    if count > 0 {
        stack.push((0, 0));
        is_seen[0] = true;
        is_open[0] = true;
    }
    while let Some((node, next)) = stack.last_mut() {
        let node = *node;
        let Some(&at) = ways[node].get(*next) else {
            is_open[node] = false;
            order.push(node);
            stack.pop();
            continue;
        };
        *next += 1;
        let to = edges[at].to;
        is_back[at] = is_open[to];
        if !is_seen[to] {
            is_seen[to] = true;
            is_open[to] = true;
            stack.push((to, 0));
        }
    }
    order.reverse();
    (is_back, order)
}

fn longest(edges: &[Edge], is_back: &[bool], is_drop: &[bool], order: &[usize]) -> Vec<usize> {
    let mut ways: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
    for (at, edge) in edges.iter().enumerate().filter(|(at, _)| !is_back[*at]) {
        ways[edge.from].push(at);
    }
    let mut column = vec![0; order.len()];
    for node in order {
        for &at in &ways[*node] {
            let to = edges[at].to;
            column[to] = column[to].max(column[*node] + usize::from(!is_drop[at]));
        }
    }
    column
}

/// Boxes of one lane and column are stacked. Each would like to be as high as the box that leads to
/// it; steps choose before ends.
fn storeys(chart: &Chart, column: &[usize], is_back: &[bool]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..chart.nodes.len()).collect();
    order.sort_by_key(|at| (column[*at], *at));
    let mut wish: Vec<Option<usize>> = vec![None; order.len()];
    let mut storey = vec![0; order.len()];
    let mut taken = BTreeSet::new();
    for at in order {
        let lane = chart.nodes[at].lane;
        let wished = wish[at].unwrap_or(0);
        // Upwards from the wish first, and there is always a free one.
        storey[at] = (wished..)
            .find(|storey| !taken.contains(&(lane, column[at], *storey)))
            .unwrap_or(wished);
        taken.insert((lane, column[at], storey[at]));
        for (_, edge) in chart.edges.iter().enumerate().filter(|(edge, _)| !is_back[*edge]) {
            if edge.from == at && chart.nodes[edge.to].lane == lane {
                wish[edge.to].get_or_insert(storey[at]);
            }
        }
    }
    storey
}

/// A drop that would lead through another box.
fn blocked(chart: &Chart, column: &[usize], storey: &[usize], is_drop: &[bool]) -> Option<usize> {
    let height = |at: usize| (chart.nodes[at].lane, storey[at]);
    (0..chart.edges.len()).filter(|at| is_drop[*at]).find(|at| {
        let edge = chart.edges[*at];
        (0..column.len()).any(|node| {
            column[node] == column[edge.from]
                && height(node) > height(edge.from)
                && height(node) < height(edge.to)
        })
    })
}
