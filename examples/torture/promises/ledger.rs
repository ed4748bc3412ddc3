//! What the clients were told: every acknowledgement, and every answer that was none.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tramite::store::CaseId;

/// What was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    Started,
    Claimed(u32),
    Completed(u32),
}

#[derive(Debug, Default)]
pub struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    told: BTreeMap<CaseId, Vec<Told>>,
    at: Vec<Instant>,
    failures: BTreeMap<String, u64>,
}

impl Ledger {
    pub fn told(&self, case: CaseId, what: Told) {
        let mut book = self.book();
        book.told.entry(case).or_default().push(what);
        book.at.push(Instant::now());
    }

    /// How many acknowledgements there were.
    pub fn count(&self) -> usize {
        self.book().at.len()
    }

    pub fn cases(&self) -> BTreeMap<CaseId, Vec<Told>> {
        self.book().told.clone()
    }

    pub fn failed(&self, how: &str) {
        *self.book().failures.entry(how.to_owned()).or_default() += 1;
    }

    /// The answers that were none since one asked last, by their kind.
    pub fn failures(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.book().failures)
    }

    /// The longest time between two acknowledgements, whoever got them.
    pub fn silence(&self) -> Duration {
        let book = self.book();
        book.at
            .windows(2)
            .map(|two| two[1].saturating_duration_since(two[0]))
            .max()
            .unwrap_or_default()
    }

    /// How long after `moment` the next acknowledgement came.
    pub fn resumed(&self, moment: Instant) -> Option<Duration> {
        let book = self.book();
        let place = book.at.partition_point(|at| *at <= moment);
        Some(book.at.get(place)?.duration_since(moment))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `503 × 12, refused × 3`; `none` when there were none.
pub fn list(failures: &BTreeMap<String, u64>) -> String {
    if failures.is_empty() {
        return "none".to_owned();
    }
    let parts: Vec<String> =
        failures.iter().map(|(how, count)| format!("{how} × {count}")).collect();
    parts.join(", ")
}
