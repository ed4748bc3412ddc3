//! Sessions of the web: opaque text with an end, on which `web` builds its own store.
//!
//! Their end is real time, not the runtime's: a simulated clock signs nobody out.

use super::columns::get;
use super::sql::{Text, query};
use super::{Error, Store};

const LOAD: Text = Text {
    sqlite: "SELECT data FROM sessions WHERE id = $1 AND expires_at > unixepoch()",
    postgres: "SELECT data FROM sessions WHERE id = $1 AND expires_at > extract(epoch FROM now())",
};

const SAVE: &str = "\
INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET data = $2, expires_at = $3";

const DELETE: &str = "DELETE FROM sessions WHERE id = $1";

const SWEEP: Text = Text {
    sqlite: "DELETE FROM sessions WHERE expires_at <= unixepoch()",
    postgres: "DELETE FROM sessions WHERE expires_at <= extract(epoch FROM now())",
};

impl Store {
    /// The session's text, unless it has ended.
    pub async fn session_load(&self, id: &str) -> Result<Option<String>, Error> {
        let query = query(LOAD).bind(id);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        row.map(|row| get(&row, "data")).transpose()
    }

    /// Adds or replaces a session that ends at `expires_at`, in seconds since 1970.
    pub async fn session_save(&self, id: &str, data: &str, expires_at: i64) -> Result<(), Error> {
        self.write_alone(|| query(SAVE).bind(id).bind(data).bind(expires_at)).await?;
        Ok(())
    }

    /// Writes a session that is nobody's and has run out, so that it is swept away: whether writing works shows
    /// only when something is written.
    pub(crate) async fn try_writing(&self) -> Result<(), Error> {
        self.session_save("nobody", "{}", 0).await
    }

    pub async fn session_delete(&self, id: &str) -> Result<(), Error> {
        self.write_alone(|| query(DELETE).bind(id)).await?;
        Ok(())
    }

    /// Forgets the sessions that have ended; how many there were.
    pub async fn session_sweep(&self) -> Result<u64, Error> {
        self.write_alone(|| query(SWEEP)).await
    }
}
