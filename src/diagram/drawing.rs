//! Where everything stands, in whole units: bands, boxes, and the corners of every arrow.
//!
//! Upright tracks come first, counted in rows; they make the widths. Then the level ones, measured in
//! these widths; they make the heights. So neither has to wait for the other.
//!
//! Drawn from left to right always; mirroring is `draw`'s business.

use std::collections::BTreeMap;

use super::chart::{Chart, NAME};
use super::columns::Columns;
use super::page::Page;
use super::route::{Leg, Route, routes};
use super::text::wrap;
use super::track::{Run, Side, tracks};

pub const EDGE: i32 = 16;
pub const TITLE: i32 = 17;
pub const TITLE_LEADING: i32 = 23;
/// The width of the names beside the bands.
pub const HEAD: i32 = NAME + 16;
/// Where a drop meets its boxes, from their left edge: below and above the number.
const DROP: i32 = 22;
const TRACK: i32 = 10;
/// Between a band's edge and its boxes.
const PAD: i32 = 12;
/// What a page of the web application has room for.
const SCREEN: i64 = 1200;
/// More than any box is high.
const ROW: i32 = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// The tracks of all legs of one direction.
struct Tracks {
    track: BTreeMap<(usize, usize), usize>,
    count: BTreeMap<Leg, usize>,
}

impl Tracks {
    fn of(&self, edge: usize, leg: usize) -> i32 {
        self.track.get(&(edge, leg)).map_or(0, |track| *track as i32)
    }

    fn count(&self, leg: Leg) -> i32 {
        self.count.get(&leg).map_or(0, |count| *count as i32)
    }

    /// From the first track to the last.
    fn breadth(&self, leg: Leg) -> i32 {
        TRACK * (self.count(leg) - 1).max(0)
    }
}

struct Plan<'a> {
    chart: &'a Chart,
    page: &'a Page,
    routes: &'a [Route],
}

impl Plan<'_> {
    fn tracks(&self, run: impl Fn(usize, usize) -> Option<Run>) -> Tracks {
        let mut runs: BTreeMap<Leg, Vec<((usize, usize), Run)>> = BTreeMap::new();
        for (edge, route) in self.routes.iter().enumerate() {
            for (index, leg) in route.legs.iter().enumerate() {
                if let Some(run) = run(edge, index) {
                    runs.entry(*leg).or_default().push(((edge, index), run));
                }
            }
        }
        let mut all = Tracks { track: BTreeMap::new(), count: BTreeMap::new() };
        for (leg, runs) in runs {
            let (keys, runs): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
            let (track, count) = tracks(&runs);
            all.track.extend(keys.into_iter().zip(track));
            all.count.insert(leg, count);
        }
        all
    }

    /// The leg's reach, with rows and gutters for heights.
    fn upright_run(&self, edge: usize, index: usize) -> Option<Run> {
        let legs = &self.routes[edge].legs;
        let own = legs[index];
        let height = |level: Leg| match (own, level) {
            (_, Leg::Gutter { gutter, .. }) => 2 * gutter as i32 * ROW,
            (Leg::Channel { system, .. }, Leg::Gap(gap)) if gap == system => 0,
            (Leg::Channel { system, .. }, _) => {
                2 * self.page.systems[system].rows.len() as i32 * ROW
            }
            (_, Leg::Gap(gap)) => gap as i32 * ROW,
            _ => 0,
        };
        let side = |other: Leg| match (own, other) {
            (Leg::Channel { channel: own, .. }, Leg::Channel { channel, .. }) if channel > own => {
                Side::After
            }
            (Leg::Margin, _) => Side::After,
            _ => Side::Before,
        };
        if matches!(own, Leg::Gutter { .. } | Leg::Gap(_)) {
            return None;
        }
        let row =
            |node: usize, offset: i32| (2 * self.page.cells[node].row as i32 + 1) * ROW + offset;
        let ends = &self.chart.edges[edge];
        let one = match index.checked_sub(1) {
            None => (row(ends.from, ends.exit), Side::Before),
            Some(before) => (height(legs[before]), side(legs[before - 1])),
        };
        let other = match legs.get(index + 1) {
            None => (row(ends.to, self.routes[edge].entry), Side::After),
            Some(after) => (height(*after), side(legs[index + 2])),
        };
        Some(Run::between(one, other))
    }

    fn level_run(
        &self,
        edge: usize,
        index: usize,
        across: &Across,
        upright: &Tracks,
    ) -> Option<Run> {
        let legs = &self.routes[edge].legs;
        let own = legs[index];
        let end = |at: usize, beyond: Option<&Leg>| {
            let x = across.at(legs[at], upright.of(edge, at));
            let is_above = match (own, legs[at], beyond) {
                (Leg::Gap(gap), Leg::Channel { system, .. }, _) => system < gap,
                (Leg::Gap(gap), Leg::Margin, Some(Leg::Gap(beyond))) => *beyond < gap,
                (Leg::Gutter { gutter, .. }, ..) => {
                    let ends = &self.chart.edges[edge];
                    let node = if at < index { ends.from } else { ends.to };
                    self.page.cells[node].row < gutter
                }
                _ => false,
            };
            (x, if is_above { Side::Before } else { Side::After })
        };
        matches!(own, Leg::Gutter { .. } | Leg::Gap(_)).then(|| {
            let beyond = |at: Option<usize>| at.and_then(|at| legs.get(at));
            Run::between(
                end(index - 1, beyond(index.checked_sub(2))),
                end(index + 1, beyond(Some(index + 2))),
            )
        })
    }

    /// The corners of an arrow; `at` tells where a leg lies.
    fn points(
        &self,
        edge: usize,
        boxes: &[Rect],
        at: impl Fn(Leg, usize) -> i32,
    ) -> Vec<(i32, i32)> {
        let (ends, route) = (&self.chart.edges[edge], &self.routes[edge]);
        let [from, to] = [ends.from, ends.to].map(|node| boxes[node]);
        let start = (from.x + from.width, from.y + self.chart.nodes[ends.from].above + ends.exit);
        let end = (to.x, to.y + self.chart.nodes[ends.to].above + route.entry);
        let mut points = vec![start];
        let mut corner = start;
        for (index, leg) in route.legs.iter().enumerate() {
            match leg {
                Leg::Channel { .. } | Leg::Margin => corner.0 = at(*leg, index),
                Leg::Gutter { .. } | Leg::Gap(_) => corner.1 = at(*leg, index),
            }
            points.push(corner);
        }
        points.push((corner.0, end.1));
        points.push(end);
        points.dedup();
        points
    }
}

/// Everything from left to right.
struct Across {
    left: i32,
    width: i32,
    /// For each system: where its channels and columns begin.
    channels: Vec<Vec<i32>>,
    columns: Vec<Vec<i32>>,
}

impl Across {
    fn of(plan: &Plan<'_>, upright: &Tracks) -> Self {
        let margin = TRACK * upright.count(Leg::Margin);
        let left = EDGE + margin;
        let mut across = Self { left, width: 0, channels: Vec::new(), columns: Vec::new() };
        for (system, part) in plan.page.systems.iter().enumerate() {
            // Neighbouring systems are half a track apart, so that what comes from above into the
            // gap between them and what comes from below never lie on each other.
            let mut x = left + HEAD + TRACK / 2 * (system as i32 % 2);
            let (mut channels, mut columns) = (Vec::new(), Vec::new());
            for channel in 0..=part.columns.len() {
                let leg = Leg::Channel { system, channel };
                channels.push(x);
                let is_last = channel == part.columns.len();
                x += match (is_last, upright.count(leg)) {
                    (true, 0) => TRACK,
                    (true, _) => 2 * TRACK + upright.breadth(leg),
                    _ => 3 * TRACK + upright.breadth(leg),
                };
                columns.push(x);
                x += part.columns.get(channel).copied().unwrap_or(0);
            }
            across.channels.push(channels);
            across.columns.push(columns);
            across.width = across.width.max(x + EDGE);
        }
        across
    }

    fn at(&self, leg: Leg, track: i32) -> i32 {
        match leg {
            Leg::Channel { system, channel } => {
                self.channels[system][channel] + TRACK + TRACK * track
            }
            _ => EDGE + TRACK * track,
        }
    }
}

/// Everything from top to bottom.
struct Down {
    height: i32,
    /// For each system: the main line of each row.
    rows: Vec<Vec<i32>>,
    /// Where the first track of a gutter or gap lies.
    first: BTreeMap<Leg, i32>,
    /// Lane, upper edge, height.
    bands: Vec<(usize, i32, i32)>,
}

impl Down {
    fn of(plan: &Plan<'_>, level: &Tracks, top: i32) -> Self {
        let mut down =
            Self { height: 0, rows: Vec::new(), first: BTreeMap::new(), bands: Vec::new() };
        let mut y = top;
        for (system, part) in plan.page.systems.iter().enumerate() {
            y = down.gap(system, level, system == 0, y);
            let mut rows = Vec::new();
            let mut edge = y;
            y += PAD;
            for (at, row) in part.rows.iter().enumerate() {
                if at > 0 {
                    let leg = Leg::Gutter { system, gutter: at };
                    if part.rows[at - 1].lane != row.lane {
                        let lane = part.rows[at - 1].lane;
                        down.bands.push((lane, edge, y + PAD - edge));
                        edge = y + PAD;
                    }
                    down.first.insert(leg, y + 2 * PAD);
                    y += 2 * PAD;
                    if level.count(leg) > 0 {
                        y += level.breadth(leg) + PAD;
                    }
                }
                rows.push(y + row.above);
                y += row.above + row.below;
            }
            y += PAD;
            if let Some(row) = part.rows.last() {
                down.bands.push((row.lane, edge, y - edge));
            }
            down.rows.push(rows);
        }
        down.height = down.gap(plan.page.systems.len(), level, true, y) + EDGE;
        down
    }

    /// Makes room for a gap from `y` on, and tells where it ends.
    fn gap(&mut self, gap: usize, level: &Tracks, is_outer: bool, y: i32) -> i32 {
        let leg = Leg::Gap(gap);
        self.first.insert(leg, y + PAD);
        if is_outer && level.count(leg) == 0 { y } else { y + 2 * PAD + level.breadth(leg) }
    }

    fn at(&self, leg: Leg, track: i32) -> i32 {
        self.first.get(&leg).map_or(0, |first| first + TRACK * track)
    }
}
