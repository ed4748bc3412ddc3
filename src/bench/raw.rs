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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{reference, script};
    use crate::engine::CaseStatus;
    use crate::runtime::{Clock, Runtime};
    use crate::store::CaseFilter;

    #[tokio::test]
    async fn rows_written_by_hand_are_those_of_the_runtime() {
        let script = script::record(4).await.expect("recorded");
        let steps = script.written[0].len();
        for places in [vec![0], vec![0, 1, 2, 3]] {
            let store = Store::memory().await.expect("a database");
            let runtime = Runtime::start(store.clone(), Clock::System).await.expect("a runtime");
            runtime.publish(&reference::library(), script::ORGANISATION).await.expect("published");
            let mut raw = store.raw(&script.written, 1).await.expect("a connection");
            for _ in 0..steps {
                match places.as_slice() {
                    [only] => raw.alone(*only).await,
                    several => raw.together(several).await,
                }
                .expect("written");
            }
            drop(raw);
            let filter = CaseFilter {
                organisation: script::ORGANISATION,
                procedure: None,
                status: Some(CaseStatus::Ended),
                search: "",
                before: None,
                limit: 100,
            };
            let cases = store.cases(&filter).await.expect("cases");
            assert!((1..=places.len()).contains(&cases.len()));
            for case in cases {
                let journal = store.journal(&case.id).await.expect("a journal");
                assert_eq!(journal.len() as u32, case.entries);
                assert_eq!(crate::engine::replay(&journal), *case.state);
                let mut snapshot = store.snapshot().await.expect("a moment");
                let tasks = snapshot.tasks(&case.id).await.expect("tasks");
                assert!(tasks.values().all(|task| !task.status.is_open()));
                let visits: u32 = case.state.visits.values().sum();
                assert_eq!(tasks.len() as u32, visits);
            }
        }
    }
}
