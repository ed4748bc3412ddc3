//! A migration that is killed anywhere on its way leaves the database as it was, or migrated.
//!
//! There is only one migration so far; the second one here is made up. It runs in a child process,
//! this test's own program started again, which kills itself: after so many of SQLite's own
//! instructions, or behind so many of the statements for PostgreSQL.

use std::env;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{PgPool, SqlitePool};

use crate::store::cluster::{self, Cluster};
use crate::store::open::{POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS, migrate};

const SECOND: [&str; 6] = [
    "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL);",
    "INSERT INTO notes VALUES ('1', 'first'), ('2', 'second');",
    "ALTER TABLE people ADD COLUMN note TEXT;",
    "UPDATE people SET note = name;",
    "CREATE INDEX people_by_note ON people (note);",
    "DELETE FROM sessions;",
];

const ROWS: &str = "INSERT INTO people (id, organisation, login, name, is_active) \
     SELECT 'p' || n, 'tupiza', 'l' || n, 'Name ' || n, ACTIVE FROM \
     (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50) \
      SELECT n FROM numbers) AS numbers";

/// The address of the database; set in the child only.
const URL: &str = "TRAMITE_TEST_MIGRATES";
const PLACE: &str = "TRAMITE_TEST_DIES_AT";

/// Kills on the way, over the length of the migration.
const KILLS: u64 = 24;

fn child(url: &str, place: u64) -> Child {
    Command::new(env::current_exe().expect("this program"))
        .args(["store::tests::upgrade::the_child", "--exact"])
        .env(URL, url)
        .env(PLACE, place.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

/// Does nothing but in the child process.
#[tokio::test]
async fn the_child() {
    let (Ok(url), Ok(place)) = (env::var(URL), env::var(PLACE)) else { return };
    let place: u64 = place.parse().expect("a number");
    if url.starts_with("postgres") {
        let pool = PgPool::connect(&url).await.expect("opens");
        let place = usize::try_from(place).expect("a place");
        let mut statements = SECOND.map(ToOwned::to_owned);
        if let Some(before) = statements.get_mut(place) {
            *before = format!("SELECT pg_sleep(60); {before}");
        }
        migrate(&pool, &[POSTGRES_MIGRATIONS[0], (2, "notes", leaked(&statements))])
            .await
            .expect("migrated");
    } else {
        let (pool, _) = counted(&url, place).await;
        migrate(&pool, &[SQLITE_MIGRATIONS[0], (2, "notes", leaked(&SECOND))])
            .await
            .expect("migrated");
    }
    die();
}

fn leaked<T: std::borrow::Borrow<str>>(statements: &[T]) -> &'static str {
    statements.join("\n").leak()
}

/// No goodbye, as when the power fails.
fn die() -> ! {
    let id = std::process::id().to_string();
    let _ = Command::new("kill").args(["-9", &id]).status();
    loop {
        sleep(Duration::from_secs(1));
    }
}

/// A connection that dies with the process after so many instructions, and their count.
async fn counted(url: &str, place: u64) -> (SqlitePool, Arc<AtomicU64>) {
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    let options =
        SqlitePoolOptions::new().max_connections(1).after_connect(move |connection, _| {
            let counter = Arc::clone(&counter);
            Box::pin(async move {
                connection.lock_handle().await?.set_progress_handler(1, move || {
                    if counter.fetch_add(1, Ordering::SeqCst) == place {
                        die();
                    }
                    true
                });
                Ok(())
            })
        });
    let file = SqliteConnectOptions::new().filename(url);
    (options.connect_with(file).await.expect("opens"), count)
}

/// A file of this release's form with people in it.
async fn sqlite(url: &str) {
    let store = super::Store::open(url).await.expect("opens");
    store.damage(&ROWS.replace("ACTIVE", "1")).await;
    store.close().await;
}

/// Whether the second migration is there, as a whole or not at all.
async fn is_migrated(pool: &SqlitePool) -> bool {
    let one = async |sql: &'static str| -> i64 {
        sqlx::query_scalar(sql).fetch_one(pool).await.expect(sql)
    };
    let noted = one("SELECT count(*) FROM _sqlx_migrations WHERE version = 2 AND success").await;
    let parts = one("SELECT count(*) FROM sqlite_schema WHERE name IN ('notes', 'people_by_note')");
    let column = one("SELECT count(*) FROM pragma_table_info('people') WHERE name = 'note'");
    assert_eq!((parts.await, column.await), (noted * 2, noted), "as a whole or not at all");
    assert_eq!(one("SELECT count(*) FROM people").await, 50, "nothing is lost");
    noted == 1
}

#[tokio::test]
async fn a_file_is_migrated_or_untouched() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let second = (2, "notes", leaked(&SECOND));
    let whole = path("whole.db");
    sqlite(&whole).await;
    let (pool, count) = counted(&whole, u64::MAX).await;
    migrate(&pool, &[SQLITE_MIGRATIONS[0], second]).await.expect("migrated");
    assert!(is_migrated(&pool).await);
    pool.close().await;
    let all = count.load(Ordering::SeqCst);
    let (mut untouched, mut migrated) = (0, 0);
    for kill in 0..=KILLS {
        let url = path(&format!("{kill}.db"));
        sqlite(&url).await;
        // The last one has time to finish, and is killed then.
        let place = if kill == KILLS { u64::MAX } else { all * kill / KILLS };
        let status = child(&url, place).wait().expect("ends");
        assert!(!status.success(), "it was killed");
        let (pool, _) = counted(&url, u64::MAX).await;
        match is_migrated(&pool).await {
            true => migrated += 1,
            false => untouched += 1,
        }
        migrate(&pool, &[SQLITE_MIGRATIONS[0], second]).await.expect("migrated the next time");
        assert!(is_migrated(&pool).await);
        pool.close().await;
    }
    assert!(untouched > 1 && migrated > 0, "{untouched} {migrated}");
}

/// The same in PostgreSQL: `1` when the second migration is there.
fn noted(cluster: &Cluster, name: &str) -> String {
    let one = |sql: &str| cluster.sql(name, sql).expect("read");
    let noted = one("SELECT count(*) FROM _sqlx_migrations WHERE version = 2 AND success");
    let parts = one("SELECT (to_regclass('notes') IS NOT NULL)::int || '' \
         || (to_regclass('people_by_note') IS NOT NULL)::int || '' \
         || (SELECT count(*) FROM information_schema.columns WHERE column_name = 'note')");
    assert_eq!(parts, noted.repeat(3), "as a whole or not at all");
    assert_eq!(one("SELECT count(*) FROM people"), "50", "nothing is lost");
    noted
}

#[tokio::test]
async fn a_postgres_database_is_migrated_or_untouched() {
    let Some(cluster) = cluster::shared() else { return };
    let url = cluster.database();
    let name = url.rsplit('/').next().expect("a name");
    let store = super::Store::open(&url).await.expect("opens");
    store.damage(&ROWS.replace("ACTIVE", "true")).await;
    store.close().await;
    // Else the server would only notice that the child is gone when the minute is over.
    let childs = format!("{url}?options=-c%20client_connection_check_interval%3D10");
    let asleep = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND wait_event = 'PgSleep'"
    );
    for place in 0..SECOND.len() {
        let mut child = child(&childs, place as u64);
        while cluster.sql("postgres", &asleep).expect("read") != "1" {
            assert_eq!(child.try_wait().expect("a child"), None, "it ended before its time");
            sleep(Duration::from_millis(5));
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        assert_eq!(noted(cluster, name), "0");
        while cluster.sql("postgres", &asleep).expect("read") != "0" {
            sleep(Duration::from_millis(5));
        }
    }
    let status = child(&childs, u64::from(u32::MAX)).wait().expect("ends");
    assert!(!status.success(), "it was killed");
    assert_eq!(noted(cluster, name), "1");
}
