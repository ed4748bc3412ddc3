//! Sessions of the web: opaque text with an end, on which `web` builds its own store.
//!
//! Their end is real time, not the runtime's: a simulated clock signs nobody out.

use super::{Error, Store};

const LOAD: &str = "SELECT data FROM sessions WHERE id = $1 AND expires_at > unixepoch()";

const SAVE: &str = "\
INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET data = $2, expires_at = $3";

const DELETE: &str = "DELETE FROM sessions WHERE id = $1";

const SWEEP: &str = "DELETE FROM sessions WHERE expires_at <= unixepoch()";

impl Store {
    /// The session's text, unless it has ended.
    pub async fn session_load(&self, id: &str) -> Result<Option<String>, Error> {
        let mut reader = self.reader().await?;
        Ok(sqlx::query_scalar(LOAD).bind(id).fetch_optional(&mut *reader).await?)
    }

    /// Adds or replaces a session that ends at `expires_at`, in seconds since 1970.
    pub async fn session_save(&self, id: &str, data: &str, expires_at: i64) -> Result<(), Error> {
        let query = sqlx::query(SAVE).bind(id).bind(data).bind(expires_at);
        query.execute(&self.writer).await?;
        Ok(())
    }

    pub async fn session_delete(&self, id: &str) -> Result<(), Error> {
        sqlx::query(DELETE).bind(id).execute(&self.writer).await?;
        Ok(())
    }

    /// Forgets the sessions that have ended; how many there were.
    pub async fn session_sweep(&self) -> Result<u64, Error> {
        Ok(sqlx::query(SWEEP).execute(&self.writer).await?.rows_affected())
    }
}
