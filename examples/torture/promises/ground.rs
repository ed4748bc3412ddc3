//! Databases to run on: files in a folder, or PostgreSQL's in a cluster of this process.

use tramite::runtime::{Clock, Runtime};
use tramite::store::Store;

use super::cluster::{self, Cluster};
use super::office::{ORGANISATION, library, text};

pub struct Ground {
    pub folder: tempfile::TempDir,
    pub cluster: Option<&'static Cluster>,
}

impl Ground {
    pub fn new(on_postgres: bool) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let shared = || cluster::shared().ok_or_else(|| anyhow::anyhow!("there is no PostgreSQL"));
        let cluster = on_postgres.then(shared).transpose()?;
        Ok(Self { folder, cluster })
    }

    /// The address of a new, empty database.
    pub fn database(&self, name: &str) -> String {
        match self.cluster {
            Some(cluster) => cluster.database(),
            None => text(self.folder.path().join(format!("{name}.db"))),
        }
    }

    pub fn word(&self) -> &'static str {
        if self.cluster.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    /// A number out of the database.
    pub async fn count(&self, url: &str, sql: &'static str) -> anyhow::Result<u64> {
        use sqlx::Connection;
        let count: i64 = if self.cluster.is_some() {
            let mut connection = sqlx::PgConnection::connect(url).await?;
            sqlx::query_scalar(sql).fetch_one(&mut connection).await?
        } else {
            let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{url}")).await?;
            sqlx::query_scalar(sql).fetch_one(&mut connection).await?
        };
        Ok(count.try_into()?)
    }

    /// Harm done by hand.
    pub async fn damage(&self, url: &str, sql: &str) -> anyhow::Result<()> {
        use sqlx::Connection;
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.cluster.is_some() {
            let mut connection = sqlx::PgConnection::connect(url).await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
            return Ok(connection.close().await?);
        }
        let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{url}")).await?;
        sqlx::raw_sql(sql).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }
}

/// An engine over the database, as in a process of its own.
pub async fn engine(url: &str) -> anyhow::Result<Runtime> {
    Ok(Runtime::start(Store::open(url).await?, Clock::System).await?)
}

/// The same, with the office's procedure published.
pub async fn office(url: &str) -> anyhow::Result<Runtime> {
    let runtime = engine(url).await?;
    runtime.publish(&library(), ORGANISATION).await?;
    Ok(runtime)
}

pub async fn close(runtime: &Runtime) {
    runtime.shutdown().await;
    runtime.store().close().await;
}
