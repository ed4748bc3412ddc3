//! The cells of the page: every system has columns, and for each lane that it needs one row or more.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{Chart, Lane, SMALL_LEADING};
use super::columns::Columns;

/// Where a box stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub system: usize,
    pub column: usize,
    pub row: usize,
}

/// A row of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub lane: usize,
    /// The largest above and below the main line of its boxes.
    pub above: i32,
    pub below: i32,
}

#[derive(Debug, PartialEq, Eq, Default)]
pub struct System {
    /// The width of each column.
    pub columns: Vec<i32>,
    pub rows: Vec<Row>,
}

#[derive(Debug)]
pub struct Page {
    /// For each node.
    pub cells: Vec<Cell>,
    pub systems: Vec<System>,
}

impl Page {
    pub fn of(chart: &Chart, columns: &Columns) -> Self {
        let mut used: Vec<BTreeSet<(usize, usize)>> = vec![BTreeSet::new(); columns.systems];
        for (node, spot) in chart.nodes.iter().zip(&columns.spots) {
            used[spot.system].insert((node.lane, spot.storey));
        }
        let row = |(lane, _): &(usize, usize)| Row { lane: *lane, above: 0, below: 0 };
        let mut systems: Vec<System> = used
            .iter()
            .map(|used| System { columns: Vec::new(), rows: used.iter().map(row).collect() })
            .collect();
        let rows: Vec<BTreeMap<(usize, usize), usize>> =
            used.iter().map(|used| used.iter().copied().zip(0..).collect()).collect();
        let mut cells = Vec::with_capacity(chart.nodes.len());
        for (node, spot) in chart.nodes.iter().zip(&columns.spots) {
            let row = rows[spot.system][&(node.lane, spot.storey)];
            let system = &mut systems[spot.system];
            if system.columns.len() <= spot.column {
                system.columns.resize(spot.column + 1, 0);
            }
            system.columns[spot.column] = system.columns[spot.column].max(node.width);
            system.rows[row].above = system.rows[row].above.max(node.above);
            system.rows[row].below = system.rows[row].below.max(node.below);
            cells.push(Cell { system: spot.system, column: spot.column, row });
        }
        for system in &mut systems {
            for (lane, of) in chart.lanes.iter().enumerate() {
                make_room_for_name(system, lane, of);
            }
        }
        Self { cells, systems }
    }
}

/// A lane with little in it is still as high as its name.
fn make_room_for_name(system: &mut System, lane: usize, of: &Lane) {
    let needed = SMALL_LEADING * of.name.len() as i32 + if of.short.is_some() { 20 } else { 0 };
    let rows = system.rows.iter().filter(|row| row.lane == lane);
    let height: i32 = rows.map(|row| row.above + row.below).sum();
    if let Some(last) = system.rows.iter_mut().rfind(|row| row.lane == lane) {
        last.below += (needed - height).max(0);
    }
}
