//! How far every leg of every arrow reaches, hence on which track it lies, hence its corners.

use std::collections::BTreeMap;

use super::chart::Chart;
use super::drawing::Rect;
use super::page::Page;
use super::route::{Leg, Route};
use super::spread::{Across, TRACK};
use super::track::{Run, Side, tracks};

/// More than any box is high.
const ROW: i32 = 100_000;

/// An edge, and which of its legs.
type Key = (usize, usize);

/// The tracks of all legs of one direction.
pub struct Tracks {
    track: BTreeMap<Key, usize>,
    count: BTreeMap<Leg, usize>,
}

impl Tracks {
    pub fn of(&self, edge: usize, leg: usize) -> i32 {
        self.track.get(&(edge, leg)).map_or(0, |track| *track as i32)
    }

    pub fn count(&self, leg: Leg) -> i32 {
        self.count.get(&leg).map_or(0, |count| *count as i32)
    }

    /// From the first track to the last.
    pub fn breadth(&self, leg: Leg) -> i32 {
        TRACK * (self.count(leg) - 1).max(0)
    }
}

/// Everything that is known before there are coordinates.
pub struct Plan<'a> {
    pub chart: &'a Chart,
    pub page: &'a Page,
    pub routes: &'a [Route],
}

impl Plan<'_> {
    /// Gives every leg that has a run its track.
    pub fn tracks(&self, run: impl Fn(usize, usize) -> Option<Run>) -> Tracks {
        let mut runs: BTreeMap<Leg, Vec<(Key, Run)>> = BTreeMap::new();
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
    pub fn upright_run(&self, edge: usize, index: usize) -> Option<Run> {
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

    /// The leg's reach in units, for upright tracks are known by now.
    pub fn level_run(
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
    pub fn points(
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
