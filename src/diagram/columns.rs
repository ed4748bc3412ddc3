//! In which column every box stands: the longest way to it, with the ways back left out. The columns
//! are broken into systems, as music is, each about as wide as a page.
//!
//! A step that hands on to a lane further down may stand right below the step before it, so that a
//! procedure that goes to and fro between two desks becomes half as long. Such a way is a *drop*.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{Chart, Edge, Shape};
use super::order::Order;

#[derive(Debug, PartialEq, Eq)]
pub struct Columns {
    /// For each node.
    pub spots: Vec<Spot>,
    /// For each edge: it leads back to where the case has been.
    pub is_back: Vec<bool>,
    /// For each edge: straight down in its column.
    pub is_drop: Vec<bool>,
    pub systems: usize,
}

/// Where a box stands, before anything is known of heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub system: usize,
    /// Within the system.
    pub column: usize,
    /// How many boxes of its lane and column are above it.
    pub storey: usize,
}

impl Columns {
    /// At most `most` columns with steps stand side by side.
    pub fn of(chart: &Chart, most: usize) -> Self {
        let order = Order::of(chart);
        let count = chart.edges.len();
        let can_drop = |at: usize| !order.is_back[at] && can_drop(chart, &chart.edges[at]);
        let mut is_drop: Vec<bool> = (0..count).map(can_drop).collect();
        // Every round takes one drop back, so that this ends.
        loop {
            let column = longest(&order, &is_drop);
            let (mut spots, systems) = broken(chart, &column, most);
            stack(chart, &order, &mut spots);
            for (at, edge) in chart.edges.iter().enumerate() {
                // A longer way has drawn the lower box to the right.
                is_drop[at] &= column[edge.from] == column[edge.to];
            }
            match blocked(chart, &spots, &is_drop) {
                Some(at) => is_drop[at] = false,
                None => {
                    let is_back = order.is_back[..count].to_vec();
                    return Self { spots, is_back, is_drop, systems };
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

fn longest(order: &Order, is_drop: &[bool]) -> Vec<usize> {
    let mut ways: Vec<Vec<usize>> = vec![Vec::new(); order.nodes.len()];
    for (at, edge) in order.edges.iter().enumerate().filter(|(at, _)| !order.is_back[*at]) {
        ways[edge.from].push(at);
    }
    let mut column = vec![0; order.nodes.len()];
    for node in &order.nodes {
        for &at in &ways[*node] {
            let is_drop = is_drop.get(at).copied().unwrap_or(false);
            let to = order.edges[at].to;
            column[to] = column[to].max(column[*node] + usize::from(!is_drop));
        }
    }
    column
}

/// The columns broken into systems with equally many steps side by side. An end stays with its step,
/// beyond the last column if need be: it would be strange to turn the page for it.
fn broken(chart: &Chart, column: &[usize], most: usize) -> (Vec<Spot>, usize) {
    let is_step = |at: &usize| matches!(chart.nodes[*at].shape, Shape::Step(_));
    let with_step: BTreeSet<usize> =
        (0..column.len()).filter(is_step).map(|at| column[at]).collect();
    let systems = with_step.len().div_ceil(most).max(1);
    let each = with_step.len().div_ceil(systems).max(1);
    let mut first: Vec<usize> = with_step.iter().copied().step_by(each).collect();
    // The start stands before the first step.
    match first.first_mut() {
        Some(first) => *first = 0,
        None => first.push(0),
    }
    let spot = |column: usize| {
        let system = first.partition_point(|first| *first <= column) - 1;
        Spot { system, column: column - first[system], storey: 0 }
    };
    let mut spots: Vec<Spot> = column.iter().map(|column| spot(*column)).collect();
    for edge in &chart.edges {
        if matches!(chart.nodes[edge.to].shape, Shape::End { .. }) {
            let step = spots[edge.from];
            spots[edge.to] = Spot { column: step.column + 1, ..step };
        }
    }
    (spots, first.len())
}

/// Stacks boxes of one lane and column. Each would like to be as high as the box that leads to it;
/// steps choose before ends.
fn stack(chart: &Chart, order: &Order, spots: &mut [Spot]) {
    let mut nodes: Vec<usize> = (0..spots.len()).collect();
    nodes.sort_by_key(|at| (spots[*at].system, spots[*at].column, *at));
    let mut wish: Vec<Option<usize>> = vec![None; spots.len()];
    let mut stacks: BTreeMap<(usize, usize, usize), Stack> = BTreeMap::new();
    let fan = chart.fan();
    for at in nodes {
        let lane = chart.nodes[at].lane;
        let spot = &mut spots[at];
        let stack = stacks.entry((spot.system, spot.column, lane)).or_default();
        spot.storey = stack.take(wish[at].unwrap_or(0));
        for way in fan.out(at).iter().filter(|way| !order.is_back[**way]) {
            let to = chart.edges[*way].to;
            if chart.nodes[to].lane == lane {
                wish[to].get_or_insert(spot.storey);
            }
        }
    }
}

/// The storeys of one lane and column that are taken, each with the one to try next.
#[derive(Default)]
struct Stack {
    next: BTreeMap<usize, usize>,
}

impl Stack {
    /// Takes the lowest storey that is free, from `wish` on. Thousands of boxes wish for the same one:
    /// whoever has climbed past others leaves word how far.
    fn take(&mut self, wish: usize) -> usize {
        let mut passed = Vec::new();
        let mut storey = wish;
        while let Some(next) = self.next.get(&storey) {
            passed.push(storey);
            storey = *next;
        }
        passed.push(storey);
        self.next.extend(passed.into_iter().map(|at| (at, storey + 1)));
        storey
    }
}

/// A drop that would lead through another box.
fn blocked(chart: &Chart, spots: &[Spot], is_drop: &[bool]) -> Option<usize> {
    let column = |at: usize| (spots[at].system, spots[at].column);
    let height = |at: usize| (chart.nodes[at].lane, spots[at].storey);
    (0..chart.edges.len()).filter(|at| is_drop[*at]).find(|at| {
        let edge = chart.edges[*at];
        (0..spots.len()).any(|node| {
            column(node) == column(edge.from)
                && height(node) > height(edge.from)
                && height(node) < height(edge.to)
        })
    })
}
