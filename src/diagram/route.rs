//! Which way every arrow takes, as a list of the channels and gutters it goes through.
//!
//! Channels lie between the columns, gutters between the rows, gaps between the systems, and one
//! margin beside them all. Boxes stand in none of these, so that no arrow can lead through a box. An
//! arrow may also go straight through cells that are empty; these are then its own.
//!
//! Heights are chosen so that no two arrows lie on each other beside a box: ways out lie on tens
//! around the main line, ways in on the fives between them, unless both are the two ends of one
//! straight line.

use std::collections::BTreeSet;

use super::chart::{Chart, Edge};
use super::columns::Columns;
use super::page::{Cell, Page};

/// A part of an arrow's way, upright and level in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leg {
    /// Upright, left of the column of this number.
    Channel { system: usize, channel: usize },
    /// Upright, left of everything.
    Margin,
    /// Level, above the row of this number.
    Gutter { system: usize, gutter: usize },
    /// Level, above the system of this number.
    Gap(usize),
}

#[derive(Debug)]
pub struct Route {
    /// Begins and ends upright; empty for a straight line.
    pub legs: Vec<Leg>,
    /// Where it arrives, below the main line of its box.
    pub entry: i32,
}

/// The way of every edge.
pub fn routes(chart: &Chart, columns: &Columns, page: &Page) -> Vec<Route> {
    let mut order: Vec<usize> = (0..chart.edges.len()).collect();
    // Short ways first: they have the best claim to the empty cells between their ends.
    order.sort_by_key(|at| {
        let edge = &chart.edges[*at];
        (page.cells[edge.from].column.abs_diff(page.cells[edge.to].column), *at)
    });
    let mut free = Free::of(page);
    let mut routes: Vec<Route> =
        chart.edges.iter().map(|_| Route { legs: Vec::new(), entry: 0 }).collect();
    for at in order {
        let edge = &chart.edges[at];
        if columns.is_drop[at] {
            continue;
        }
        let [from, to] = [edge.from, edge.to].map(|node| page.cells[node]);
        if columns.is_back[at] || from.system != to.system {
            routes[at].legs = around(page, from, to);
        } else if is_level(chart, edge, from, to) && free.take(from, to, from.row) {
            routes[at].entry = edge.exit;
        } else {
            routes[at].legs = onwards(page, &mut free, from, to);
        }
    }
    let fan = chart.fan();
    for node in 0..chart.nodes.len() {
        arrive(chart, page, &mut routes, (node, fan.leading_to(node)));
    }
    routes
}

/// The cells that stand empty.
struct Free {
    taken: BTreeSet<(usize, usize, usize)>,
}

impl Free {
    fn of(page: &Page) -> Self {
        Self { taken: page.cells.iter().map(|cell| (cell.system, cell.row, cell.column)).collect() }
    }

    /// Takes the cells of `row` between two columns, if all of them are empty.
    fn take(&mut self, from: Cell, to: Cell, row: usize) -> bool {
        let cells: Vec<_> =
            (from.column + 1..to.column).map(|column| (from.system, row, column)).collect();
        let is_free = cells.iter().all(|cell| !self.taken.contains(cell));
        if is_free {
            self.taken.extend(cells);
        }
        is_free
    }
}

/// Whether the arrow can arrive at the height at which it leaves.
fn is_level(chart: &Chart, edge: &Edge, from: Cell, to: Cell) -> bool {
    let node = &chart.nodes[edge.to];
    from.row == to.row && edge.exit > 8 - node.above && edge.exit < node.below - 8
}

/// Onwards within a system.
fn onwards(page: &Page, free: &mut Free, from: Cell, to: Cell) -> Vec<Leg> {
    let system = from.system;
    let channel = |channel| Leg::Channel { system, channel };
    let (leaving, arriving) = (channel(from.column + 1), channel(to.column));
    if free.take(from, to, from.row) {
        return vec![arriving];
    }
    if free.take(from, to, to.row) {
        return vec![leaving];
    }
    // The highest of those between the two rows, which are no detour, or else the one above both.
    let gutter = from.row.min(to.row) + usize::from(from.row != to.row);
    vec![leaving, level(page, system, gutter), arriving]
}

/// Back, or to another system: above or below the lanes.
fn around(page: &Page, from: Cell, to: Cell) -> Vec<Leg> {
    let leaving = Leg::Channel { system: from.system, channel: from.column + 1 };
    let arriving = Leg::Channel { system: to.system, channel: to.column };
    if from.system == to.system {
        let rows = page.systems[from.system].rows.len();
        let is_high = from.row + to.row < rows;
        return vec![leaving, Leg::Gap(from.system + usize::from(!is_high)), arriving];
    }
    // The gap on the side of the other one.
    let beside = |own: usize, other: usize| Leg::Gap(own + usize::from(other > own));
    let first = beside(from.system, to.system);
    let last = beside(to.system, from.system);
    if first == last {
        vec![leaving, first, arriving]
    } else {
        vec![leaving, first, Leg::Margin, last, arriving]
    }
}

fn level(page: &Page, system: usize, gutter: usize) -> Leg {
    match gutter {
        0 => Leg::Gap(system),
        last if last == page.systems[system].rows.len() => Leg::Gap(system + 1),
        gutter => Leg::Gutter { system, gutter },
    }
}

/// Gives every arrow that comes to `node` a height of its own: the higher it comes from, the higher.
fn arrive(chart: &Chart, page: &Page, routes: &mut [Route], (node, into): (usize, &[usize])) {
    let arriving = |is_straight: bool| {
        let has = |at: &usize| routes[*at].legs.is_empty() == is_straight;
        into.iter().copied().filter(has).collect::<Vec<_>>()
    };
    let straight: Vec<i32> = arriving(true).into_iter().map(|at| routes[at].entry).collect();
    let mut bent: Vec<(Origin, usize)> = arriving(false)
        .into_iter()
        .map(|at| (origin(page, &routes[at], &chart.edges[at]), at))
        .collect();
    bent.sort_unstable();
    let from_above = bent.iter().any(|(origin, _)| *origin < Origin::beside(page.cells[node], 0));
    let (above, below) = (chart.nodes[node].above, chart.nodes[node].below);
    // `Chart` has made the box high enough for as many as there are.
    let mut slots: Vec<i32> = (-4..bent.len() as i32 + 4)
        .map(|ten| ten * 10 + 5)
        .filter(|slot| 9 - above <= *slot && *slot <= below - 9)
        .collect();
    // Near the number, with air to a straight arrow, on the side it comes from.
    slots.sort_by_key(|slot| {
        let is_close = straight.iter().any(|straight| (slot - straight).abs() < 8);
        (is_close, slot.abs(), (*slot < 0) != from_above)
    });
    slots.truncate(bent.len());
    slots.sort_unstable();
    for ((_, at), slot) in bent.into_iter().zip(slots) {
        routes[at].entry = slot;
    }
}

/// From which height an arrow comes, among those that arrive in one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// From the gap above.
    Above,
    /// From beside: twice the row and one more, or twice the gutter; and below the main line.
    Beside(usize, i32),
    Below,
}

impl Origin {
    fn beside(cell: Cell, offset: i32) -> Self {
        Self::Beside(2 * cell.row + 1, offset)
    }
}

fn origin(page: &Page, route: &Route, edge: &Edge) -> Origin {
    match route.legs.iter().rev().nth(1) {
        Some(Leg::Gutter { gutter, .. }) => Origin::Beside(2 * gutter, 0),
        Some(Leg::Gap(gap)) if *gap <= page.cells[edge.to].system => Origin::Above,
        Some(Leg::Gap(_)) => Origin::Below,
        _ => Origin::beside(page.cells[edge.from], edge.exit),
    }
}
