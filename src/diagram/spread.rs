//! Widths and heights: columns and channels from left to right, rows and gutters from top to bottom.

use std::collections::BTreeMap;

use super::drawing::{EDGE, HEAD};
use super::plan::{Plan, Tracks};
use super::route::Leg;

/// From one track to the next.
pub const TRACK: i32 = 10;
/// Between a band's edge and its boxes.
const PAD: i32 = 12;

/// Everything from left to right.
pub struct Across {
    /// Where the bands begin.
    pub left: i32,
    pub width: i32,
    /// For each system: where its channels and columns begin.
    channels: Vec<Vec<i32>>,
    pub columns: Vec<Vec<i32>>,
}

impl Across {
    pub fn of(plan: &Plan<'_>, upright: &Tracks) -> Self {
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

    /// Where a track of an upright leg lies.
    pub fn at(&self, leg: Leg, track: i32) -> i32 {
        match leg {
            Leg::Channel { system, channel } => {
                self.channels[system][channel] + TRACK + TRACK * track
            }
            _ => EDGE + TRACK * track,
        }
    }
}

/// Everything from top to bottom.
pub struct Down {
    pub height: i32,
    /// For each system: the main line of each row.
    pub rows: Vec<Vec<i32>>,
    /// Where the first track of a gutter or gap lies.
    first: BTreeMap<Leg, i32>,
    /// Lane, upper edge, height.
    pub bands: Vec<(usize, i32, i32)>,
}

impl Down {
    pub fn of(plan: &Plan<'_>, level: &Tracks, top: i32) -> Self {
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

    /// Where a track of a level leg lies.
    pub fn at(&self, leg: Leg, track: i32) -> i32 {
        self.first.get(&leg).map_or(0, |first| first + TRACK * track)
    }
}
