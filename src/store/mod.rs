//! The store: every SQL statement of the crate, one file per family of tables. Only here is sqlx
//! named.
//!
//! Reading goes through [`Store`], from anywhere: each read is one statement, has a limit where it
//! can grow, and never waits for a writer. What belongs to a case is written by `runtime` alone,
//! through [`Writing`]: one transaction that holds the journal, the state, the tasks, the
//! documents, the numbers and the registers together, of up to a few dozen commands at once. People and sessions belong to no case, and
//! `web` and `cli` save them through [`Store`].
//!
//! There is one connection that writes. SQLite lets only one write at a time anyway; with a single
//! one nobody ever meets "database is locked", and who comes second waits in the pool's queue, in
//! order.
//!
//! ```text
//!   cases ─┬─ entries (the journal) ─┬─ documents
//!          ├─ tasks                  └─ assigned_numbers ── series
//!          └─ commands (done already)
//!   versions ── bundles        records (registers)        people ── person_roles        sessions
//! ```

mod backup;
mod cases;
mod chain;
mod columns;
mod commands;
mod documents;
mod error;
#[cfg(test)]
mod faults;
mod health;
mod journal;
mod open;
mod people;
mod registers;
mod search;
mod series;
mod sessions;
mod tasks;
#[cfg(test)]
mod tests;
mod transaction;
mod versions;

pub use cases::{CaseFilter, CaseId, CaseRow};
pub use documents::DocumentRow;
pub use error::Error;
pub use people::Person;
pub use tasks::{QueueFilter, QueuePlace, QueueRow};
pub use versions::VersionRow;

pub(crate) use chain::{Head, first_break, hash_at};
pub(crate) use commands::{Done, Key};
pub(crate) use documents::issued;
pub(crate) use registers::RecordKey;
pub(crate) use series::{Counter, NumberRow, assigned};
pub(crate) use tasks::{TaskRow, tasks_after};
pub(crate) use transaction::{Change, Snapshot, Writing};
pub(crate) use versions::Bundle;

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool};

/// The database. Cheap to clone: all clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    /// Connections that can't write.
    readers: SqlitePool,
    /// The one connection that can.
    writer: SqlitePool,
    is_in_memory: bool,
    #[cfg(test)]
    pub(crate) faults: faults::Faults,
}

impl Store {
    fn of(readers: SqlitePool, writer: SqlitePool, is_in_memory: bool) -> Self {
        Self {
            readers,
            writer,
            is_in_memory,
            #[cfg(test)]
            faults: faults::Faults::default(),
        }
    }

    /// Waits for everything under way, writes the log back into the file and closes it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn reader(&self) -> Result<PoolConnection<Sqlite>, Error> {
        Ok(self.readers.acquire().await?)
    }
}
