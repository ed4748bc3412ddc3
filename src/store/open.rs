//! Opening a database, or refusing one that would not keep what it acknowledged.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr, SqlitePool};

use super::{Error, Store};

/// Before it, two connections that write or checkpoint a WAL database at once can damage it.
const OLDEST_SQLITE: &str = "3.51.3";

/// Connections that read. Each has a thread of its own; a page takes one for less than a
/// millisecond.
const READERS: u32 = 4;

/// How long one waits for a connection, or for another program (a backup, the sqlite3 shell) that
/// holds the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// One line a migration, in order; the files are part of the program.
const MIGRATIONS: [(i64, &str, &str); 1] =
    [(1, "cases", include_str!("../../migrations/sqlite/0001_cases.sql"))];

impl Store {
    /// Opens `sqlite:path` or a path, makes the file if there is none, and brings it to this
    /// release's form.
    pub async fn open(url: &str) -> Result<Self, Error> {
        if matches!(url, ":memory:" | "sqlite::memory:") {
            return Self::memory().await;
        }
        let unopened = |source| Error::Open { url: url.to_owned(), source };
        let options = if url.starts_with("sqlite:") {
            SqliteConnectOptions::from_str(url).map_err(unopened)?
        } else {
            SqliteConnectOptions::new().filename(Path::new(url))
        };
        let options = durable(options.create_if_missing(true));
        let writer = one_connection().connect_with(options.clone()).await.map_err(unopened)?;
        check_version(&writer).await?;
        check_setting(&writer, url, "journal mode", "PRAGMA journal_mode", "wal").await?;
        check_setting(&writer, url, "synchronous", "PRAGMA synchronous", "2").await?;
        migrate(&writer).await?;
        // Not opened read-only: such a connection could not take over the log of a crashed program.
        let readers = lasting(SqlitePoolOptions::new().max_connections(READERS))
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(unopened)?;
        Ok(Self::of(readers, writer, false))
    }

    /// A database that is gone with its last clone, for play and tests. It has a single connection:
    /// several on one memory would refuse each other instead of waiting.
    pub async fn memory() -> Result<Self, Error> {
        let options = SqliteConnectOptions::new().filename(":memory:").foreign_keys(true);
        let pool = one_connection().connect_with(options).await?;
        check_version(&pool).await?;
        migrate(&pool).await?;
        Ok(Self::of(pool.clone(), pool, true))
    }
}

/// In WAL mode with less than FULL, a power cut takes back transactions that were acknowledged.
fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
}

fn one_connection() -> SqlitePoolOptions {
    lasting(SqlitePoolOptions::new().min_connections(1).max_connections(1))
}

/// Connections to a file don't go stale: they are neither replaced nor asked whether they still
/// live.
fn lasting(options: SqlitePoolOptions) -> SqlitePoolOptions {
    let options = options.max_lifetime(None).idle_timeout(None).test_before_acquire(false);
    options.acquire_timeout(PATIENCE)
}

async fn check_version(pool: &SqlitePool) -> Result<(), Error> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    if parts(&found) < parts(OLDEST_SQLITE) {
        return Err(Error::TooOld { found, wanted: OLDEST_SQLITE });
    }
    Ok(())
}

fn parts(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

/// Asked back, because SQLite answers a mode that it can't have with another one and no error: some
/// network file systems have no WAL.
async fn check_setting(
    pool: &SqlitePool,
    url: &str,
    setting: &'static str,
    pragma: &'static str,
    wanted: &'static str,
) -> Result<(), Error> {
    use sqlx::Row;
    let row = sqlx::query(pragma).fetch_one(pool).await?;
    let found = match row.try_get_unchecked::<String, _>(0) {
        Ok(text) => text,
        Err(_) => row.try_get::<i64, _>(0)?.to_string(),
    };
    if found != wanted {
        return Err(Error::NotDurable { url: url.to_owned(), setting, found, wanted });
    }
    Ok(())
}

/// Each migration in a transaction with the note that it was made: a crash leaves it made or
/// untouched.
async fn migrate(pool: &SqlitePool) -> Result<(), Error> {
    let migrations = MIGRATIONS
        .into_iter()
        .map(|(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    let run = Migrator::with_migrations(migrations).run(pool).await;
    run.map_err(|source| Error::Migration { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(parts("3.51.3") >= parts(OLDEST_SQLITE));
        assert!(parts("3.100.0") > parts(OLDEST_SQLITE));
        assert!(parts("3.46.1") < parts(OLDEST_SQLITE));
    }

    #[tokio::test]
    async fn a_file_is_opened_durably_and_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a b?.db");
        let path = path.to_str().expect("a path");
        for _ in 0..2 {
            let store = Store::open(path).await.expect("opens");
            let write = sqlx::query("DELETE FROM sessions").execute(&store.readers).await;
            assert!(write.is_err(), "a reader must not write");
            store.close().await;
        }
        assert!(Path::new(path).exists());
        let missing = format!("sqlite:{}/no/such/folder.db", folder.path().display());
        assert!(matches!(Store::open(&missing).await, Err(Error::Open { .. })));
    }
}
