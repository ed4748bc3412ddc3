//! Tracks: how the arrows that go through one channel or gutter lie beside each other.
//!
//! The same for upright and level ones: "before" is left or above, "after" is right or below.

/// The part of an arrow in a channel: how far it reaches, and to which side its ends turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub low: i32,
    pub high: i32,
    pub low_side: Side,
    pub high_side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// How often neighbours in one channel are compared: enough for seven hundred of them.
const MOST_COMPARED: usize = 500_000;

/// Two runs on one track keep at least this far apart.
const AIR: i32 = 12;

impl Run {
    /// From one end to the other.
    pub fn between(one: (i32, Side), other: (i32, Side)) -> Self {
        let (low, high) = if one.0 <= other.0 { (one, other) } else { (other, one) };
        Self { low: low.0, high: high.0, low_side: low.1, high_side: high.1 }
    }

    fn meets(&self, other: &Self) -> bool {
        self.low < other.high + AIR && other.low < self.high + AIR
    }

    fn spans(&self, at: i32) -> bool {
        self.low < at && at < self.high
    }

    /// How many of the ends that turn to `side` lead across `other`.
    fn crossings(&self, side: Side, other: &Self) -> usize {
        let ends = [(self.low, self.low_side), (self.high, self.high_side)];
        ends.iter().filter(|(at, turns)| *turns == side && other.spans(*at)).count()
    }
}

/// The track of each run, from 0, and how many tracks there are. Runs that meet get different tracks;
/// the order is such that few of their ends cross.
pub fn tracks(runs: &[Run]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    let cost = |before: usize, after: usize| {
        let [before, after] = [before, after].map(|at| &runs[at]);
        before.crossings(Side::After, after) + after.crossings(Side::Before, before)
    };
    // Every exchange takes crossings away, so that this ends. Where thousands lie beside each other,
    // nobody can follow them, and the last crossings stay.
    let rounds = runs.len().min(MOST_COMPARED / runs.len().max(1));
    for _ in 0..rounds {
        let mut is_settled = true;
        for at in 1..order.len() {
            let (left, right) = (order[at - 1], order[at]);
            if cost(right, left) < cost(left, right) {
                order.swap(at - 1, at);
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    let mut track = vec![0; runs.len()];
    let mut count = 0;
    for (place, at) in order.iter().enumerate() {
        let before = order[..place].iter().filter(|other| runs[**other].meets(&runs[*at]));
        track[*at] = before.map(|other| track[*other] + 1).max().unwrap_or(0);
        count = count.max(track[*at] + 1);
    }
    (track, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(low: i32, low_side: Side, high: i32, high_side: Side) -> Run {
        Run { low, high, low_side, high_side }
    }

    #[test]
    fn runs_that_meet_are_apart_and_others_share() {
        let long = run(0, Side::Before, 100, Side::After);
        let first = run(0, Side::Before, 40, Side::After);
        let second = run(60, Side::Before, 100, Side::After);
        let (track, count) = tracks(&[long, first, second]);
        assert_eq!(count, 2);
        assert_eq!(track[1], track[2]);
        assert_ne!(track[0], track[1]);
        assert_eq!(tracks(&[]), (vec![], 0));
    }

    #[test]
    fn nested_ways_do_not_cross() {
        // Two arrows out of one box and down: the upper one turns further out.
        let upper = run(0, Side::Before, 200, Side::After);
        let lower = run(20, Side::Before, 300, Side::After);
        let (track, _) = tracks(&[upper, lower]);
        assert!(track[0] > track[1], "{track:?}");
    }
}
