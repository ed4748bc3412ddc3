//! What to do about a transaction that failed: try it again, try its halves, or say no.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::Error;

/// How often orders that were in another server's way are tried together, and then one alone.
const TRIES: u32 = 6;

/// How long a database that has gone away is waited for. Who asks meanwhile waits, too; afterwards
/// everybody is told to come again until it is back.
const AWAY: Duration = Duration::from_secs(10);

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Again(Duration),
    Split,
    Refuse,
}

/// How long a writer's database has been away.
#[derive(Debug, Default)]
pub(super) struct Patience {
    away_since: Option<Instant>,
}

impl Patience {
    pub(super) fn is_back(&mut self) {
        self.away_since = None;
    }

    /// After `error` of the try number `tries`, counted from 0, of so many orders together.
    pub(super) fn next(&mut self, error: &Error, tries: u32, orders: usize) -> Next {
        if !matches!(error, Error::Away { .. }) {
            self.away_since = None;
        }
        match error {
            Error::Contended { .. } | Error::Conflict { .. } | Error::Taken { .. }
                if tries < TRIES =>
            {
                Next::Again(pause(tries))
            }
            Error::Away { .. } => {
                let since = *self.away_since.get_or_insert_with(Instant::now);
                // Of an outage that nobody met the end of, long ago, nothing is left.
                if since.elapsed() > AWAY * 6 {
                    self.away_since = Some(Instant::now());
                    return Next::Again(pause(TRIES));
                }
                if since.elapsed() < AWAY { Next::Again(pause(TRIES)) } else { Next::Refuse }
            }
            // Trying again would change nothing, or might do twice what was done.
            Error::Busy { .. } | Error::Unknown => Next::Refuse,
            _ if orders > 1 => Next::Split,
            _ => Next::Refuse,
        }
    }
}

/// Two milliseconds, then four, eight…, each made up to twice as long by chance: two that met once
/// should not meet again.
fn pause(tries: u32) -> Duration {
    let longest = 2_000 << tries.min(TRIES);
    let chance = RandomState::new().build_hasher().finish();
    Duration::from_micros(longest + chance % longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_in_the_way_is_tried_again_and_then_alone() {
        let mut patience = Patience::default();
        let conflict = Error::Conflict { case: String::new() };
        assert!(matches!(patience.next(&conflict, 0, 64), Next::Again(_)));
        assert_eq!(patience.next(&conflict, TRIES, 64), Next::Split);
        assert_eq!(patience.next(&conflict, TRIES, 1), Next::Refuse);
        assert_eq!(patience.next(&Error::Unknown, 0, 64), Next::Refuse);
    }
}
