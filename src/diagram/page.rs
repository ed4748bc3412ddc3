//! The columns broken into systems, as music is: each as wide as the page, with the lanes it needs.
//!
//! Within a system, boxes stand in cells: a column, and a row of a lane.

use std::collections::BTreeSet;

use super::chart::{Chart, Shape};
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

#[derive(Debug, PartialEq, Eq)]
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
    /// Breaks the columns so that at most `most` with steps stand side by side, equally many in each
    /// system.
    pub fn of(chart: &Chart, columns: &Columns, most: usize) -> Self {
        let first = first_columns(chart, columns, most);
        let system = |column: usize| first.partition_point(|first| *first <= column) - 1;
        let mut cells = Vec::new();
        let mut systems: Vec<System> =
            first.iter().map(|_| System { columns: Vec::new(), rows: Vec::new() }).collect();
        let mut places: Vec<BTreeSet<(usize, usize)>> = vec![BTreeSet::new(); first.len()];
        for (at, node) in chart.nodes.iter().enumerate() {
            places[system(columns.column[at])].insert((node.lane, columns.storey[at]));
        }
        for (system, places) in systems.iter_mut().zip(&places) {
            let row = |(lane, _): &(usize, usize)| Row { lane: *lane, above: 0, below: 0 };
            system.rows = places.iter().map(row).collect();
        }
        for (at, node) in chart.nodes.iter().enumerate() {
            let number = system(columns.column[at]);
            let row = places[number].range(..(node.lane, columns.storey[at])).count();
            let column = columns.column[at] - first[number];
            let system = &mut systems[number];
            if system.columns.len() <= column {
                system.columns.resize(column + 1, 0);
            }
            system.columns[column] = system.columns[column].max(node.width);
            system.rows[row].above = system.rows[row].above.max(node.above);
            system.rows[row].below = system.rows[row].below.max(node.below);
            cells.push(Cell { system: number, column, row });
        }
        Self { cells, systems }
    }
}

/// The first column of every system. A column without a step, such as the last end's, stays with the
/// one before it.
fn first_columns(chart: &Chart, columns: &Columns, most: usize) -> Vec<usize> {
    let with_step: BTreeSet<usize> = chart
        .nodes
        .iter()
        .zip(&columns.column)
        .filter(|(node, _)| matches!(node.shape, Shape::Step(_)))
        .map(|(_, column)| *column)
        .collect();
    let systems = with_step.len().div_ceil(most).max(1);
    let each = with_step.len().div_ceil(systems).max(1);
    let mut first: Vec<usize> = with_step.iter().copied().step_by(each).skip(1).collect();
    first.insert(0, 0);
    first
}
