//! Doing once more what another server's transaction was in the way of. For what is written beside
//! the runtime: people, sessions, and the leases of timers, schedules, jobs and messages. The runtime
//! decides anew instead, for it must look again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::sql::{Query, Row, Text, query};
use super::{Error, Store};

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

impl Store {
    /// Runs a statement that is a transaction by itself; how many rows it changed.
    pub(super) async fn write_alone<'q>(
        &self,
        statement: impl Fn() -> Query<'q>,
    ) -> Result<u64, Error> {
        let mut again = Again::default();
        loop {
            let done = statement().execute(&mut self.writer().await?.on()).await;
            if !again.is_worth_it(&done).await {
                return done;
            }
        }
    }

    /// The same of one that tells what it has changed.
    pub(super) async fn rows_alone<'q>(
        &self,
        statement: impl Fn() -> Query<'q>,
    ) -> Result<Vec<Row>, Error> {
        let mut again = Again::default();
        loop {
            let done = statement().fetch_all(&mut self.writer().await?.on()).await;
            if !again.is_worth_it(&done).await {
                return done;
            }
        }
    }

    /// Leases up to `limit` rows that are due `now`, for so long. The statement takes the two instants and
    /// the limit, in this order.
    pub(super) async fn lease_alone(
        &self,
        text: Text,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Row>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        self.rows_alone(|| {
            query(text).bind(now.as_microsecond()).bind(until.as_microsecond()).bind(limit)
        })
        .await
    }
}
