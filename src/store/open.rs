//! Opening a database, or refusing one that would not keep what it acknowledged.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    Connection, Database, PgConnection, PgPool, Postgres, SqlSafeStr, SqliteConnection, SqlitePool,
};

use super::pools::Pools;
use super::{Error, Store};

/// Before it, two connections that write or checkpoint a WAL database at once can damage it.
const OLDEST_SQLITE: &str = "3.51.3";

/// The oldest that is still looked after by its makers.
const OLDEST_POSTGRES: &str = "14";

/// Connections that read. Each of SQLite's has a thread of its own; a page takes one for less than a
/// millisecond.
const READERS: u32 = 4;

/// PostgreSQL's connections that write: one for each lane, the others for people, sessions and
/// looking up what became of a commit.
const WRITERS: u32 = 4;

/// Statements that a connection keeps prepared. SQLite has one text for every power of two of rows.
const PREPARED: usize = 300;

/// After so long a connection is asked whether it still lives.
const RESTED: Duration = Duration::from_secs(1);

/// How long one waits for a connection, or for another program (a backup, the sqlite3 shell) that
/// holds the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tables by which a database of ours is known: `cases`, `entries`, `tasks` and the migrations.
const OUR_TABLES: i64 = 4;

const OUR_TABLES_SQLITE: &str = "\
SELECT count(*) FROM sqlite_schema
 WHERE type = 'table' AND name IN ('cases', 'entries', 'tasks', '_sqlx_migrations')";

const OUR_TABLES_POSTGRES: &str = "\
SELECT count(*) FROM unnest(ARRAY['cases', 'entries', 'tasks', '_sqlx_migrations']) AS name
 WHERE to_regclass(name) IS NOT NULL";

/// One line a migration, in order; the files are part of the program.
pub(super) const SQLITE_MIGRATIONS: [(i64, &str, &str); 1] =
    [(1, "cases", include_str!("../../migrations/sqlite/0001_cases.sql"))];

pub(super) const POSTGRES_MIGRATIONS: [(i64, &str, &str); 1] =
    [(1, "cases", include_str!("../../migrations/postgres/0001_cases.sql"))];

impl Store {
    /// Opens `postgres://…`, `sqlite:path` or a path, and brings the database to this release's
    /// form. A file that isn't there is made; a PostgreSQL database must be.
    pub async fn open(url: &str) -> Result<Self, Error> {
        if is_postgres(url) {
            return Self::postgres(url).await;
        }
        if matches!(url, ":memory:" | "sqlite::memory:") {
            return Self::memory().await;
        }
        let unopened = |source| Error::Open { url: url.to_owned(), source };
        let options = durable(file(url)?.create_if_missing(true));
        make_private(options.get_filename());
        let writer = one_connection().connect_with(options.clone()).await.map_err(unopened)?;
        check_version(&writer).await?;
        check_setting(&writer, url, "journal mode", "PRAGMA journal_mode", "wal").await?;
        check_setting(&writer, url, "synchronous", "PRAGMA synchronous", "2").await?;
        migrate(&writer, &SQLITE_MIGRATIONS).await?;
        // Not opened read-only: such a connection could not take over the log of a crashed program.
        let readers = lasting(SqlitePoolOptions::new().max_connections(READERS))
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(unopened)?;
        Ok(Self::of(Pools::Sqlite { readers, writer, is_in_memory: false }))
    }

    /// Opens a database that must be one of ours already. What isn't is left as it is.
    pub async fn open_existing(url: &str) -> Result<Self, Error> {
        let is_ours = if is_postgres(url) {
            let unopened = |source| Error::Open { url: without_password(url), source };
            let mut looking = PgConnection::connect(url).await.map_err(unopened)?;
            let found: i64 =
                sqlx::query_scalar(OUR_TABLES_POSTGRES).fetch_one(&mut looking).await?;
            looking.close().await?;
            found == OUR_TABLES
        } else {
            // Without the settings of a database that is worked on: they would be written into it.
            let options = file(url)?.create_if_missing(false);
            let unopened = |source| Error::Open { url: url.to_owned(), source };
            let mut looking = SqliteConnection::connect_with(&options).await.map_err(unopened)?;
            let found: Result<i64, _> =
                sqlx::query_scalar(OUR_TABLES_SQLITE).fetch_one(&mut looking).await;
            let found = match found {
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("26") => 0,
                found => found?,
            };
            looking.close().await?;
            found == OUR_TABLES
        };
        if !is_ours {
            return Err(Error::NotOurs { url: without_password(url) });
        }
        Self::open(url).await
    }

    async fn postgres(url: &str) -> Result<Self, Error> {
        // What is shown or logged must not hold the password.
        let shown = without_password(url);
        let unopened = |source| Error::Open { url: shown.clone(), source };
        let options = PgConnectOptions::from_str(url).map_err(unopened)?;
        let options = options.statement_cache_capacity(PREPARED);
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("tramite"),
        };
        // Each statement that writes finds its rows by their keys, a few dozen of however many
        // there are. Planned once, and not by a guess that was made while the tables were empty.
        let planned = [
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("plan_cache_mode", "force_generic_plan"),
            // A server that freezes while it holds a lock would stop all others for hours: its
            // transaction is taken back, and who waits for a lock comes again.
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "15s"),
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
            // Compiling a statement takes far longer than these run.
            ("jit", "off"),
        ];
        let writers = alive(PoolOptions::new().max_connections(WRITERS))
            .connect_with(options.clone().options(planned))
            .await
            .map_err(unopened)?;
        check_postgres(&writers, &shown).await?;
        migrate(&writers, &POSTGRES_MIGRATIONS).await?;
        // Whatever the database's own level is: a single statement sees one moment anyway, and only
        // at this level is it never told to come again.
        let reading = [
            ("default_transaction_read_only", "on"),
            ("default_transaction_isolation", "read committed"),
            // On a large database PostgreSQL would plan each page anew, which takes longer than reading it.
            ("plan_cache_mode", "force_generic_plan"),
            ("jit", "off"),
        ];
        let readers = alive(PoolOptions::new().max_connections(READERS * 2))
            .connect_with(options.options(reading))
            .await
            .map_err(unopened)?;
        Ok(Self::of(Pools::Postgres { readers, writers }))
    }

    /// A database that is gone with its last clone, for play and tests. It has a single connection:
    /// several on one memory would refuse each other instead of waiting.
    pub async fn memory() -> Result<Self, Error> {
        let options = SqliteConnectOptions::new().filename(":memory:").foreign_keys(true);
        let options = options.statement_cache_capacity(PREPARED);
        let pool = one_connection().connect_with(options).await?;
        check_version(&pool).await?;
        migrate(&pool, &SQLITE_MIGRATIONS).await?;
        let (readers, writer) = (pool.clone(), pool);
        Ok(Self::of(Pools::Sqlite { readers, writer, is_in_memory: true }))
    }
}

/// Makes a file that isn't there yet its owner's alone: it will hold password hashes and people's papers.
/// What SQLite puts beside it has the same rights. Where that fails, opening it says why.
pub(super) fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn file(url: &str) -> Result<SqliteConnectOptions, Error> {
    if url.starts_with("sqlite:") {
        let unopened = |source| Error::Open { url: url.to_owned(), source };
        return SqliteConnectOptions::from_str(url).map_err(unopened);
    }
    Ok(SqliteConnectOptions::new().filename(Path::new(url)))
}

/// In WAL mode with less than FULL, a power cut takes back transactions that were acknowledged.
fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // What SQLite keeps aside within a statement, in case it has to take it back, is gone with the
        // program anyway; by itself it would put it into a file.
        .pragma("temp_store", "memory")
        // Pages that many steps share are written back once for all of them.
        .pragma("wal_autocheckpoint", "8000")
        .statement_cache_capacity(PREPARED)
}

fn one_connection() -> SqlitePoolOptions {
    lasting(SqlitePoolOptions::new().min_connections(1).max_connections(1))
}

/// Connections to a file don't go stale: they are neither replaced nor asked whether they still
/// live.
fn lasting(options: SqlitePoolOptions) -> SqlitePoolOptions {
    patient(options.max_lifetime(None).idle_timeout(None).test_before_acquire(false))
}

fn patient<DB: Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options.acquire_timeout(PATIENCE)
}

/// A connection that has rested may have been cut meanwhile, and is asked; one that has just been used
/// is not: the question would cost as much as most answers.
fn alive(options: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
    let options = options.test_before_acquire(false).before_acquire(|connection, metadata| {
        Box::pin(async move {
            if metadata.idle_for > RESTED {
                connection.ping().await?;
            }
            Ok(true)
        })
    });
    patient(options)
}

pub(super) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

pub(crate) fn without_password(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else { return url.to_owned() };
    match before.split_once("://") {
        Some((scheme, user)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

/// Refuses a server whose commits don't wait for the disk.
async fn check_postgres(pool: &PgPool, url: &str) -> Result<(), Error> {
    let found: String = sqlx::query_scalar("SHOW server_version").fetch_one(pool).await?;
    if parts(&found) < parts(OLDEST_POSTGRES) {
        let (product, wanted) = ("PostgreSQL", OLDEST_POSTGRES);
        return Err(Error::TooOld { product, found, wanted });
    }
    for (setting, show) in [
        ("fsync", "SHOW fsync"),
        ("full_page_writes", "SHOW full_page_writes"),
        ("synchronous_commit", "SHOW synchronous_commit"),
    ] {
        let found: String = sqlx::query_scalar(show).fetch_one(pool).await?;
        if found == "off" {
            return Err(Error::NotDurable { url: url.to_owned(), setting, found, wanted: "on" });
        }
    }
    Ok(())
}

async fn check_version(pool: &SqlitePool) -> Result<(), Error> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    if parts(&found) < parts(OLDEST_SQLITE) {
        return Err(Error::TooOld { product: "SQLite", found, wanted: OLDEST_SQLITE });
    }
    Ok(())
}

fn parts(version: &str) -> Vec<u32> {
    let number = version.split_whitespace().next().unwrap_or_default();
    number.split('.').map(|part| part.parse().unwrap_or_default()).collect()
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
/// untouched. Of several servers that start at once, one makes it and the others wait.
pub(super) async fn migrate<DB>(
    pool: &sqlx::Pool<DB>,
    migrations: &[(i64, &'static str, &'static str)],
) -> Result<(), Error>
where
    DB: Database,
    DB::Connection: sqlx::migrate::Migrate,
{
    let migrations = migrations
        .iter()
        .map(|(version, name, sql)| {
            let (name, sql) = ((*name).into(), (*sql).into_sql_str());
            Migration::new(*version, name, MigrationType::Simple, sql, false)
        })
        .collect();
    let run = Migrator::with_migrations(migrations).run(pool).await;
    run.map_err(|source| Error::Migration { source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::query;

    #[test]
    fn passwords_are_not_shown() {
        let shown = without_password("postgres://ana:a@b:c@db.example:5433/office?sslmode=require");
        assert_eq!(shown, "postgres://ana@db.example:5433/office?sslmode=require");
        assert_eq!(without_password("postgres:///office"), "postgres:///office");
    }

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
            let mut reader = store.reader().await.expect("a connection");
            let write = query("DELETE FROM sessions").execute(&mut reader.on()).await;
            assert!(write.is_err(), "a reader must not write");
            drop(reader);
            store.close().await;
        }
        assert!(Path::new(path).exists());
        let missing = format!("sqlite:{}/no/such/folder.db", folder.path().display());
        assert!(matches!(Store::open(&missing).await, Err(Error::Open { .. })));
    }
}
