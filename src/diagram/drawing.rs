//! Where everything stands, in whole units: bands, boxes, and the corners of every arrow.
//!
//! Upright tracks come first, counted in rows; they make the widths. Then the level ones, measured in
//! these widths; they make the heights. So neither has to wait for the other.
//!
//! Drawn from left to right always; mirroring is `draw`'s business.

use super::chart::{Chart, NAME};
use super::columns::Columns;
use super::page::Page;
use super::plan::Plan;
use super::route::{Leg, routes};
use super::spread::{Across, Down};
use super::text::wrap;

pub const EDGE: i32 = 16;
pub const TITLE: i32 = 17;
pub const TITLE_LEADING: i32 = 23;
/// The width of the names beside the bands.
pub const HEAD: i32 = NAME + 16;
/// Where a drop meets its boxes, from their left edge: below and above the number.
const DROP: i32 = 22;
/// What a page of the web application has room for.
const SCREEN: i64 = 1200;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Arrow {
    pub points: Vec<(i32, i32)>,
    pub is_back: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Drawing {
    pub width: i32,
    pub height: i32,
    pub systems: i32,
    pub title: Vec<String>,
    /// A lane of a system, names included.
    pub bands: Vec<(usize, Rect)>,
    /// For each node.
    pub boxes: Vec<Rect>,
    /// For each edge.
    pub arrows: Vec<Arrow>,
}

impl Drawing {
    pub fn of(chart: &Chart, columns: &Columns, page: &Page) -> Self {
        let routes = routes(chart, columns, page);
        let plan = Plan { chart, page, routes: &routes };
        let upright = plan.tracks(|edge, leg| plan.upright_run(edge, leg));
        let across = Across::of(&plan, &upright);
        let level = plan.tracks(|edge, leg| plan.level_run(edge, leg, &across, &upright));
        let width = across.width.max(720);
        let title = wrap(&chart.title, TITLE, 3, |_| width - 2 * EDGE - 40);
        let top = EDGE + TITLE_LEADING * title.len() as i32 + 10;
        let down = Down::of(&plan, &level, top);
        let boxes: Vec<Rect> = (0..chart.nodes.len())
            .map(|at| {
                let (cell, node) = (page.cells[at], &chart.nodes[at]);
                Rect {
                    x: across.columns[cell.system][cell.column],
                    y: down.rows[cell.system][cell.row] - node.above,
                    width: node.width,
                    height: node.above + node.below,
                }
            })
            .collect();
        let arrows = (0..chart.edges.len())
            .map(|at| Arrow {
                points: if columns.is_drop[at] {
                    let [from, to] = [chart.edges[at].from, chart.edges[at].to].map(|at| boxes[at]);
                    vec![(from.x + DROP, from.y + from.height), (to.x + DROP, to.y)]
                } else {
                    plan.points(at, &boxes, |leg, index| match leg {
                        Leg::Channel { .. } | Leg::Margin => across.at(leg, upright.of(at, index)),
                        Leg::Gutter { .. } | Leg::Gap(_) => down.at(leg, level.of(at, index)),
                    })
                },
                is_back: columns.is_back[at],
            })
            .collect();
        let bands = down
            .bands
            .iter()
            .map(|(lane, y, height)| {
                let (x, width) = (across.left, width - across.left - EDGE);
                (*lane, Rect { x, y: *y, width, height: *height })
            })
            .collect();
        let systems = page.systems.len() as i32;
        Self { width, height: down.height, systems, title, bands, boxes, arrows }
    }

    /// How badly it reads: by how much it must be made smaller for a sheet of A4 on its side, and for
    /// a screen. An arrow to another system leads the eye once around the page, which is worth some
    /// size.
    pub fn reduction(&self) -> i64 {
        let [width, height, systems] = [self.width, self.height, self.systems].map(i64::from);
        (width * 190).max(height * 277) * width.max(SCREEN) * (6 + systems)
    }
}
