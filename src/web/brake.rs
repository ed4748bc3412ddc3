//! A brake on guessing passwords: after a few wrong ones a name has to wait, longer each time.
//!
//! In memory, by organisation and name: a restart forgives, and that is fine, for a guesser can't
//! restart the server. It counts names that don't exist, too, so that waiting tells nothing about them.
//! What a brake by address would add is left to the proxy in front, which alone knows addresses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Wrong passwords in a row that cost nothing: people mistype.
const FREE: u32 = 5;
/// The first wait; doubled with every further wrong password.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// The longest wait: a person who was attacked gets in again after it.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// Names that are remembered; beyond it the ones longest past are forgotten.
const MOST: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Wrong {
    count: u32,
    last: Timestamp,
}

/// Wrong passwords by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Brake {
    names: Arc<Mutex<HashMap<(String, String), Wrong>>>,
}

impl Brake {
    /// Begins a try, or says how long this name has to wait still. A try counts as a wrong one from its
    /// beginning: many that come at once would else all pass before the first is found wrong.
    pub(super) fn begin(
        &self,
        organisation: &str,
        login: &str,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wrong) = names.get(&key(organisation, login)) {
            let left = pause(wrong.count) - wrong.last.duration_until(now);
            if left > SignedDuration::ZERO {
                return Err(left);
            }
        }
        if names.len() >= MOST {
            names.retain(|_, wrong| wrong.last.duration_until(now) < LONGEST_WAIT);
        }
        if names.len() >= MOST {
            names.clear();
        }
        let wrong = names.entry(key(organisation, login)).or_insert(Wrong { count: 0, last: now });
        wrong.count = wrong.count.saturating_add(1);
        wrong.last = now;
        Ok(())
    }

    /// Nothing could be tried: it was neither right nor wrong.
    pub(super) fn take_back(&self, organisation: &str, login: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wrong) = names.get_mut(&key(organisation, login)) {
            wrong.count = wrong.count.saturating_sub(1);
        }
    }

    /// The right password: everything before it is forgiven.
    pub(super) fn right(&self, organisation: &str, login: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.remove(&key(organisation, login));
    }
}

fn key(organisation: &str, login: &str) -> (String, String) {
    (organisation.to_owned(), login.chars().take(200).collect())
}

fn pause(count: u32) -> SignedDuration {
    match count.checked_sub(FREE) {
        None => SignedDuration::ZERO,
        Some(over) => {
            let doubled = FIRST_WAIT.checked_mul(1 << over.min(20)).unwrap_or(LONGEST_WAIT);
            doubled.min(LONGEST_WAIT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_gets_slower_and_the_right_password_forgives() {
        let brake = Brake::default();
        let mut now = Timestamp::UNIX_EPOCH;
        for _ in 0..FREE {
            assert_eq!(brake.begin("tupiza", "ana", now), Ok(()));
        }
        assert_eq!(brake.begin("tupiza", "ana", now), Err(FIRST_WAIT));
        assert_eq!(brake.begin("tupiza", "eva", now), Ok(()));
        now += FIRST_WAIT;
        assert_eq!(brake.begin("tupiza", "ana", now), Ok(()));
        assert_eq!(brake.begin("tupiza", "ana", now), Err(FIRST_WAIT * 2));
        for _ in 0..100 {
            now += LONGEST_WAIT;
            assert_eq!(brake.begin("tupiza", "ana", now), Ok(()));
        }
        assert_eq!(brake.begin("tupiza", "ana", now), Err(LONGEST_WAIT));
        brake.right("tupiza", "ana");
        assert_eq!(brake.begin("tupiza", "ana", now), Ok(()));
    }

    #[test]
    fn a_try_that_came_to_nothing_counts_for_nothing() {
        let brake = Brake::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..3 * FREE {
            assert_eq!(brake.begin("tupiza", "ana", now), Ok(()));
            brake.take_back("tupiza", "ana");
        }
    }
}
