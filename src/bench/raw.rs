//! The raw limit, measured: the recorded steps written by hand, over one connection or side by side
//! over two. Only the time of the transactions counts, not that of getting their rows ready.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::clients::Measured;
use super::machine;
use super::script::Script;
use crate::store::Store;

pub(super) async fn run(
    store: &Store,
    script: &Arc<Script>,
    lanes: u16,
    steps: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let mut all = JoinSet::new();
    let before = machine::cpu_seconds();
    for number in 1..=lanes {
        let (store, script) = (store.clone(), Arc::clone(script));
        all.spawn(async move { lane(&store, &script, number, steps, time).await });
    }
    let mut measured = Measured::default();
    while let Some(lane) = all.join_next().await {
        let lane = lane??;
        measured.micros.extend(lane.micros);
        measured.seconds += lane.seconds / f64::from(lanes);
    }
    measured.cpu_seconds = machine::cpu_seconds() - before;
    measured.micros.sort_unstable();
    Ok(measured)
}

async fn lane(
    store: &Store,
    script: &Script,
    number: u16,
    steps: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let mut raw = store.raw(&script.written, number).await?;
    let places: Vec<usize> = (0..steps).collect();
    let mut measured = Measured::default();
    let from = Instant::now() + time / 10;
    let until = from + time;
    while Instant::now() < until {
        let spent = match places.as_slice() {
            [only] => raw.alone(*only).await?,
            several => raw.together(several).await?,
        };
        if Instant::now() >= from {
            let micros = u32::try_from(spent.as_micros()).unwrap_or(u32::MAX);
            measured.micros.extend(places.iter().map(|_| micros));
            measured.seconds += spent.as_secs_f64();
        }
    }
    Ok(measured)
}
