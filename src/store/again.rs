//! Doing once more what another server's transaction was in the way of. For what is written beside
//! the runtime, people, sessions and the leases of timers and schedules; the runtime decides anew instead, for it must look again.

use std::time::Duration;

use super::Error;

/// As long as one waits for SQLite: five seconds, more or less.
const TRIES: u64 = 50;

/// How often it has been tried.
#[derive(Debug, Default)]
pub(super) struct Again(u64);

impl Again {
    /// Whether `done` came to nothing because of somebody else; a little later then.
    pub(super) async fn is_worth_it<T>(&mut self, done: &Result<T, Error>) -> bool {
        let wait = match done {
            Err(Error::Contended { source }) if self.0 < TRIES => {
                tracing::debug!(%source, tries = self.0, "another server was in the way");
                tokio::time::sleep(Duration::from_millis(4 * self.0))
            }
            _ => return false,
        };
        self.0 += 1;
        wait.await;
        true
    }
}
