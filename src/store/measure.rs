//! What a measurement wants to know of the database: which it is, how large, and whether it is
//! anybody's. Called by `bench`.

use super::columns::get;
use super::sql::{Dialect, Text, query};
use super::{Error, Store};

const VERSION: Text = Text {
    sqlite: "SELECT 'SQLite ' || sqlite_version() AS version",
    postgres: "SELECT 'PostgreSQL ' || current_setting('server_version') AS version",
};

// Without what SQLite keeps for later: pages that it will use again are no data.
const BYTES: Text = Text {
    sqlite: "\
SELECT (c.page_count - f.freelist_count) * s.page_size AS bytes
  FROM pragma_page_count AS c, pragma_freelist_count AS f, pragma_page_size AS s",
    postgres: "SELECT pg_database_size(current_database()) AS bytes",
};

const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

const ANY_CASE: &str = "SELECT id FROM cases LIMIT 1";

impl Store {
    /// Product and version, for people.
    pub async fn product(&self) -> Result<String, Error> {
        let row = query(VERSION).fetch_optional(&mut self.reader().await?.on()).await?;
        row.map(|row| get(&row, "version")).transpose().map(Option::unwrap_or_default)
    }

    /// The size of the database, SQLite's log written back into the file. PostgreSQL's has rows in
    /// it that nobody sees any more and that have not been swept away yet.
    pub async fn bytes(&self) -> Result<u64, Error> {
        let mut loan = self.writer().await?;
        let on = &mut loan.on();
        if on.dialect() == Dialect::Sqlite {
            query(CHECKPOINT).fetch_all(on).await?;
        }
        let row = query(BYTES).fetch_optional(on).await?;
        row.map(|row| get(&row, "bytes")).transpose().map(Option::unwrap_or_default)
    }

    pub async fn has_cases(&self) -> Result<bool, Error> {
        let row = query(ANY_CASE).fetch_optional(&mut self.reader().await?.on()).await?;
        Ok(row.is_some())
    }
}
