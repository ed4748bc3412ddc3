//! What was read a moment ago, kept in memory for at most two seconds so that a busy client costs no
//! reads: sessions, people, organisations.
//!
//! What this process changes it forgets at once ([`Recent::forgetting`]), and a read that began before
//! the change is not kept. What another process changes (`tramite people save` beside the server) is
//! seen after [`KEPT`] at the latest. That something is *not* there is never kept.
//!
//! It holds nothing that the database doesn't have: losing all of it costs reads. The callers are
//! `session` (sessions, people) and `house` (organisations); cases and tasks are never kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest that something is believed without asking the database.
pub(super) const KEPT: Duration = Duration::from_secs(2);
/// Entries of each half; twice as many are kept at most.
const HALF: usize = 5_000;

/// Values of one kind by their key.
#[derive(Debug)]
pub(super) struct Recent<V> {
    halves: Arc<Mutex<Halves<V>>>,
}

/// Two halves instead of a list in order of use: what is used moves to the young half, and when that is
/// full it becomes the old one, whose entries nobody has used since. As good, and each step is one look-up.
#[derive(Debug)]
struct Halves<V> {
    young: HashMap<String, Seen<V>>,
    old: HashMap<String, Seen<V>>,
    /// Counts what was forgotten: a read that was under way meanwhile may have seen the old value.
    forgotten: u64,
}

#[derive(Debug)]
struct Seen<V> {
    /// When its reading began.
    at: Instant,
    value: V,
}

/// The moment before a read.
#[derive(Debug, Clone, Copy)]
struct Before {
    at: Instant,
    forgotten: u64,
}

impl<V> Default for Recent<V> {
    fn default() -> Self {
        let halves = Halves { young: HashMap::new(), old: HashMap::new(), forgotten: 0 };
        Self { halves: Arc::new(Mutex::new(halves)) }
    }
}

impl<V> Clone for Recent<V> {
    fn clone(&self) -> Self {
        Self { halves: Arc::clone(&self.halves) }
    }
}

impl<V: Clone> Recent<V> {
    /// What is known of `key`, else what `read` finds, which is known from then on.
    pub(super) async fn or_read<E>(
        &self,
        key: &str,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<V>, E> {
        let now = Instant::now();
        if let Some(known) = self.get(key, now) {
            return Ok(Some(known));
        }
        let before = Before { at: now, forgotten: self.lock().forgotten };
        let found = read.await?;
        if let Some(value) = &found {
            self.keep(before, key, value.clone());
        }
        Ok(found)
    }

    fn get(&self, key: &str, now: Instant) -> Option<V> {
        let mut halves = self.lock();
        let is_fresh = |seen: &&Seen<V>| now.saturating_duration_since(seen.at) < KEPT;
        if let Some(seen) = halves.young.get(key) {
            return Some(seen).filter(is_fresh).map(|seen| seen.value.clone());
        }
        let seen = halves.old.remove(key)?;
        let value = Some(&seen).filter(is_fresh)?.value.clone();
        halves.put(key, seen);
        Some(value)
    }

    fn keep(&self, before: Before, key: &str, value: V) {
        let mut halves = self.lock();
        if halves.forgotten == before.forgotten {
            halves.put(key, Seen { at: before.at, value });
        }
    }
}

impl<V> Recent<V> {
    /// Forgets `key` when what it gives is dropped: after the change, also when whoever asked for it no
    /// longer waits.
    pub(super) fn forgetting<'a>(&'a self, key: &'a str) -> Forgetting<'a, V> {
        Forgetting { recent: self, key }
    }

    /// Makes everything that is kept older, for tests that don't wait.
    #[cfg(test)]
    pub(super) fn let_pass(&self, time: Duration) {
        let mut halves = self.lock();
        let Halves { young, old, .. } = &mut *halves;
        for seen in young.values_mut().chain(old.values_mut()) {
            seen.at = seen.at.checked_sub(time).expect("this machine is up longer than that");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Halves<V>> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Halves<V> {
    fn put(&mut self, key: &str, seen: Seen<V>) {
        if self.young.len() >= HALF && !self.young.contains_key(key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_owned(), seen);
    }
}

/// A change under way.
pub(super) struct Forgetting<'a, V> {
    recent: &'a Recent<V>,
    key: &'a str,
}

impl<V> Drop for Forgetting<'_, V> {
    fn drop(&mut self) {
        let mut halves = self.recent.lock();
        halves.forgotten += 1;
        halves.young.remove(self.key);
        halves.old.remove(self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(recent: &Recent<u32>, at: Instant) -> Before {
        Before { at, forgotten: recent.lock().forgotten }
    }

    #[test]
    fn it_is_known_for_two_seconds_from_the_beginning_of_the_read() {
        let (recent, now) = (Recent::default(), Instant::now());
        recent.keep(before(&recent, now), "ana", 1);
        assert_eq!(recent.get("ana", now + KEPT - Duration::from_millis(1)), Some(1));
        assert_eq!(recent.get("ana", now + KEPT), None);
        assert_eq!(recent.get("eva", now), None);
    }

    #[test]
    fn a_read_from_before_a_change_is_not_kept() {
        let (recent, now) = (Recent::default(), Instant::now());
        let slow = before(&recent, now);
        recent.keep(slow, "ana", 1);
        drop(recent.forgetting("ana"));
        assert_eq!(recent.get("ana", now), None);
        recent.keep(slow, "ana", 1);
        assert_eq!(recent.get("ana", now), None, "it may be from before the change");
        recent.keep(before(&recent, now), "ana", 2);
        assert_eq!(recent.get("ana", now), Some(2));
    }

    #[test]
    fn it_never_grows_and_what_is_used_stays() {
        let (recent, now) = (Recent::default(), Instant::now());
        for at in 0..5 * HALF {
            recent.keep(before(&recent, now), &at.to_string(), 1);
            recent.keep(before(&recent, now), "once", 1);
            let _ = recent.get("0", now);
        }
        let halves = recent.lock();
        assert!(halves.young.len() + halves.old.len() <= 2 * HALF);
        drop(halves);
        assert_eq!(recent.get("0", now), Some(1));
        assert_eq!(recent.get("1", now), None);
    }

    #[tokio::test]
    async fn what_is_not_there_is_asked_for_again() {
        let recent: Recent<u32> = Recent::default();
        let none = async || Ok::<_, ()>(None);
        assert_eq!(recent.or_read("ana", none()).await, Ok(None));
        assert_eq!(recent.or_read("ana", async { Ok::<_, ()>(Some(1)) }).await, Ok(Some(1)));
        assert_eq!(recent.or_read("ana", none()).await, Ok(Some(1)));
        assert_eq!(recent.or_read("eva", async { Err(7) }).await, Err(7));
    }
}
