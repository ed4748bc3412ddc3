//! The raw limit, measured: the recorded steps written by hand, over one connection or side by side
//! over two. Only the time of the transactions counts, not that of getting their rows ready.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::clients::Measured;
use super::machine;
use super::script::Script;
use crate::store::Store;

/// Lanes, whose numbers are told apart by them: all may write into one database.
pub(super) const ALONE: Range<u16> = 1..2;
/// As many of these as write side by side.
pub(super) const TOGETHER: Range<u16> = 2..4;

pub(super) async fn run(
    store: &Store,
    script: &Arc<Script>,
    lanes: Range<u16>,
    steps: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let mut all = JoinSet::new();
    let count = lanes.len() as f64;
    let from = Instant::now() + time / 10;
    for number in lanes {
        let (store, script) = (store.clone(), Arc::clone(script));
        all.spawn(async move { lane(&store, &script, number, steps, from..from + time).await });
    }
    tokio::time::sleep_until(from.into()).await;
    let before = machine::cpu_seconds();
    let mut measured = Measured::default();
    while let Some(lane) = all.join_next().await {
        let lane = lane??;
        measured.micros.extend(lane.micros);
        measured.seconds += lane.seconds / count;
    }
    measured.cpu_seconds = machine::cpu_seconds() - before;
    Ok(measured)
}

async fn lane(
    store: &Store,
    script: &Script,
    number: u16,
    steps: usize,
    when: Range<Instant>,
) -> anyhow::Result<Measured> {
    let mut raw = store.raw(&script.written, number).await?;
    let places: Vec<usize> = (0..steps).collect();
    let mut measured = Measured::default();
    while Instant::now() < when.end {
        let spent = match places.as_slice() {
            [only] => raw.alone(*only).await?,
            several => raw.together(several).await?,
        };
        if Instant::now() >= when.start {
            let micros = u32::try_from(spent.as_micros()).unwrap_or(u32::MAX);
            measured.micros.extend(places.iter().map(|_| micros));
            measured.seconds += spent.as_secs_f64();
        }
    }
    Ok(measured)
}
