//! Clients at work side by side, each step of each of them timed.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::machine;

/// What was measured.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    pub(super) seconds: f64,
    /// How long each step took, in microseconds.
    pub(super) micros: Vec<u32>,
    /// Processor time of this process meanwhile: the clients' and the engine's.
    pub(super) cpu_seconds: f64,
    /// Cases that were worked to their end, the first and the last moments included.
    pub(super) cases: u64,
}

impl Measured {
    /// What another round has brought.
    pub(super) fn add(&mut self, round: Self) {
        self.seconds += round.seconds;
        self.micros.extend(round.micros);
        self.cpu_seconds += round.cpu_seconds;
        self.cases += round.cases;
    }

    /// The time that so many of a hundred steps did not take longer than.
    pub(super) fn percentile(&mut self, of_hundred: usize) -> u32 {
        let at = self.micros.len().saturating_sub(1) * of_hundred / 100;
        match self.micros.get(at) {
            Some(_) => *self.micros.select_nth_unstable(at).1,
            None => 0,
        }
    }
}

/// One client's own sheet.
pub(super) struct Sheet {
    pub(super) number: usize,
    /// The first moments don't count: statements are prepared, caches filled.
    from: Instant,
    until: Instant,
    micros: Vec<u32>,
    cases: u64,
}

impl Sheet {
    /// Whether the time is over: what has begun is finished, nothing new is begun.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// A step that began then is done.
    pub(super) fn note(&mut self, began: Instant) {
        let now = Instant::now();
        if (self.from..self.until).contains(&now) {
            let micros = now.duration_since(began).as_micros();
            self.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
        }
    }

    pub(super) fn case_is_done(&mut self) {
        self.cases += 1;
    }
}

/// Lets `count` clients work for `time`. Each finishes the case that it is at, uncounted.
pub(super) async fn work<F, W>(count: usize, time: Duration, client: F) -> anyhow::Result<Measured>
where
    F: Fn(Sheet) -> W,
    W: Future<Output = anyhow::Result<Sheet>> + Send + 'static,
{
    let from = Instant::now() + time / 10;
    let until = from + time;
    let mut all = JoinSet::new();
    for number in 0..count {
        all.spawn(client(Sheet { number, from, until, micros: Vec::new(), cases: 0 }));
    }
    tokio::time::sleep_until(from.into()).await;
    let before = machine::cpu_seconds();
    tokio::time::sleep_until(until.into()).await;
    let cpu_seconds = machine::cpu_seconds() - before;
    let mut measured = Measured { seconds: time.as_secs_f64(), cpu_seconds, ..Measured::default() };
    while let Some(done) = all.join_next().await {
        let sheet = done??;
        measured.micros.extend(sheet.micros);
        measured.cases += sheet.cases;
    }
    Ok(measured)
}
