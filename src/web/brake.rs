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
    /// How long this name has to wait still; none when it may try.
    pub(super) fn wait(
        &self,
        organisation: &str,
        login: &str,
        now: Timestamp,
    ) -> Option<SignedDuration> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let wrong = names.get(&key(organisation, login))?;
        let left = pause(wrong.count) - wrong.last.duration_until(now);
        (left > SignedDuration::ZERO).then_some(left)
    }

    /// Counts a wrong password.
    pub(super) fn wrong(&self, organisation: &str, login: &str, now: Timestamp) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MOST {
            names.retain(|_, wrong| wrong.last.duration_until(now) < LONGEST_WAIT);
        }
        if names.len() >= MOST {
            names.clear();
        }
        let wrong = names.entry(key(organisation, login)).or_insert(Wrong { count: 0, last: now });
        wrong.count = wrong.count.saturating_add(1);
        wrong.last = now;
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
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..FREE - 1 {
            brake.wrong("tupiza", "ana", now);
        }
        assert_eq!(brake.wait("tupiza", "ana", now), None);
        brake.wrong("tupiza", "ana", now);
        assert_eq!(brake.wait("tupiza", "ana", now), Some(FIRST_WAIT));
        assert_eq!(brake.wait("tupiza", "eva", now), None);
        brake.wrong("tupiza", "ana", now);
        assert_eq!(brake.wait("tupiza", "ana", now), Some(FIRST_WAIT * 2));
        for _ in 0..100 {
            brake.wrong("tupiza", "ana", now);
        }
        assert_eq!(brake.wait("tupiza", "ana", now), Some(LONGEST_WAIT));
        assert_eq!(brake.wait("tupiza", "ana", now + LONGEST_WAIT), None);
        brake.right("tupiza", "ana");
        assert_eq!(brake.wait("tupiza", "ana", now), None);
    }
}
