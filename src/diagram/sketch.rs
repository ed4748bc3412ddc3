//! The layout alone, for other drawings of a flow: boxes of any size in lanes, in one row of columns
//! from left to right, and the corners of the arrows between them.
//!
//! Whoever asks says how large things are, and draws them.

pub use super::drawing::Rect;

use super::chart::{Card, Chart, Edge, Lane, LaneKind, Node, SMALL_LEADING, Shape};
use super::columns::Columns;
use super::drawing::{Drawing, HEAD};
use super::page::Page;

/// What is to be placed.
#[derive(Debug, Default)]
pub struct Sketch {
    pub boxes: Vec<Box>,
    pub arrows: Vec<Way>,
    pub lanes: usize,
    /// How high a lane is at least.
    pub lane_height: i32,
}

/// A box around its main line, at which arrows come and go.
#[derive(Debug, Clone, Copy)]
pub struct Box {
    pub lane: usize,
    pub width: i32,
    /// From the upper edge to the main line.
    pub above: i32,
    /// From the main line to the lower edge.
    pub below: i32,
    /// It stays beside the box that leads to it.
    pub is_end: bool,
}

/// An arrow to be led from one box to another.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    pub from: usize,
    pub to: usize,
    /// Where it leaves, below the main line; a multiple of ten.
    pub exit: i32,
}

/// Where everything stands.
#[derive(Debug)]
pub struct Placed {
    pub boxes: Vec<Rect>,
    /// The corners of each arrow, from the right edge of a box to the left edge of another.
    pub arrows: Vec<Vec<(i32, i32)>>,
    /// Each lane with boxes in it, from the top; boxes begin `HEAD` to the right of its left edge.
    pub bands: Vec<(usize, Rect)>,
}

/// The room left of the boxes in a band.
pub const MARGIN: i32 = HEAD;

impl Sketch {
    pub fn place(&self) -> Placed {
        let lines = (self.lane_height / SMALL_LEADING).max(1) as usize;
        let name = vec![String::new(); lines];
        let lane = || Lane { kind: LaneKind::Inside, short: None, name: name.clone() };
        let mut chart = Chart::empty(String::new());
        chart.lanes = (0..self.lanes).map(|_| lane()).collect();
        chart.nodes = self.boxes.iter().map(node).collect();
        let edge = |way: &Way| Edge { from: way.from, to: way.to, exit: way.exit, is_plain: false };
        chart.edges = self.arrows.iter().map(edge).collect();
        let columns = Columns::of(&chart, usize::MAX);
        let drawing = Drawing::of(&chart, &columns, &Page::of(&chart, &columns));
        Placed {
            boxes: drawing.boxes,
            arrows: drawing.arrows.into_iter().map(|arrow| arrow.points).collect(),
            bands: drawing.bands,
        }
    }
}

fn node(of: &Box) -> Node {
    let shape = if of.is_end {
        Shape::End { lines: Vec::new(), is_completed: false }
    } else {
        Shape::Step(Card::blank())
    };
    Node { lane: of.lane, shape, width: of.width, above: of.above, below: of.below }
}
