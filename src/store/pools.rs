//! The connections of a store: those that read, and those that write.

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};

use super::sql::{Begun, Dialect, On};
use super::{Error, Store};

#[derive(Debug, Clone)]
pub(super) enum Pools {
    Sqlite {
        /// Connections that can't write.
        readers: SqlitePool,
        /// The one connection that can.
        writer: SqlitePool,
        is_in_memory: bool,
    },
    Postgres {
        readers: PgPool,
        writers: PgPool,
    },
}

/// A connection out of a pool, on loan.
pub(super) enum Loan {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Loan {
    pub(super) fn on(&mut self) -> On<'_> {
        match self {
            Self::Sqlite(connection) => On::Sqlite(&mut *connection),
            Self::Postgres(connection) => On::Postgres(&mut *connection),
        }
    }
}

/// SQLite's has the database for itself from its first moment on: one that only began to write
/// later would be refused at once if somebody else had written meanwhile.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// PostgreSQL's, whatever level a site has set: who wants what another has locked waits for its turn.
/// With everything serializable, all that waited would fail at once, and so would most of their next tries.
const BEGIN_LOCKING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

const LOOK: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Store {
    pub(crate) fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// How many transactions can be written side by side: what `runtime` makes writers for.
    pub(crate) fn lanes(&self) -> usize {
        match self.pools {
            Pools::Sqlite { .. } => 1,
            Pools::Postgres { .. } => 2,
        }
    }

    /// Waits for everything under way and closes the database; SQLite writes its log back into the
    /// file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres { readers, writers } => {
                readers.close().await;
                writers.close().await;
            }
        }
    }

    pub(super) async fn reader(&self) -> Result<Loan, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => Loan::Sqlite(readers.acquire().await?),
            Pools::Postgres { readers, .. } => Loan::Postgres(readers.acquire().await?),
        })
    }

    pub(super) async fn writer(&self) -> Result<Loan, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { writer, .. } => Loan::Sqlite(writer.acquire().await?),
            Pools::Postgres { writers, .. } => Loan::Postgres(writers.acquire().await?),
        })
    }

    /// A transaction that writes.
    pub(super) async fn begin_writing(&self) -> Result<Begun, Error> {
        match &self.pools {
            Pools::Postgres { writers, .. } => {
                Ok(Begun::Postgres(writers.begin_with(BEGIN_LOCKING).await?))
            }
            Pools::Sqlite { writer, is_in_memory, .. } => {
                let begun = match writer.begin_with(BEGIN).await.map_err(Error::from) {
                    // A transaction that SQLite itself took back, on a full disk for one, leaves
                    // the connection counting it as open for ever.
                    Err(error @ (Error::Database { .. } | Error::Away { .. })) if !is_in_memory => {
                        tracing::warn!(%error, "the connection that writes is opened anew");
                        writer.acquire().await?.close().await?;
                        writer.begin_with(BEGIN).await.map_err(Error::from)
                    }
                    begun => begun,
                };
                begun.map(Begun::Sqlite)
            }
        }
    }

    /// A transaction that sees the database at one moment.
    pub(super) async fn begin_looking(&self) -> Result<Begun, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => Begun::Sqlite(readers.begin().await?),
            Pools::Postgres { readers, .. } => Begun::Postgres(readers.begin_with(LOOK).await?),
        })
    }
}
