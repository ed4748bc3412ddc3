//! Which procedure begins with which message: one row for each that says so, from the moment it is
//! published. Whoever delivers a message asks here when no case waits for it.

use super::columns::get;
use super::sql::query;
use super::{Error, Store, Writing};

const OF_MESSAGE: &str =
    "SELECT procedure FROM message_starts WHERE organisation = $1 AND message = $2";

const FORGET: &str = "DELETE FROM message_starts WHERE organisation = $1";

// The checker refuses two that begin with the same.
const SAVE: &str = "\
INSERT INTO message_starts (organisation, message, procedure) VALUES ($1, $2, $3)
ON CONFLICT (organisation, message) DO NOTHING";

impl Store {
    /// The procedure that begins with a message.
    pub(crate) async fn starter(
        &self,
        organisation: &str,
        message: &str,
    ) -> Result<Option<String>, Error> {
        let query = query(OF_MESSAGE).bind(organisation).bind(message);
        let row = query.fetch_optional(&mut self.writer().await?.on()).await?;
        row.map(|row| get(&row, "procedure")).transpose()
    }
}

impl Writing {
    /// From now on these messages begin cases of these procedures, and no others do.
    pub(crate) async fn save_starters(
        &mut self,
        organisation: &str,
        starters: &[(String, String)],
    ) -> Result<(), Error> {
        query(FORGET).bind(organisation).execute(&mut self.on()).await?;
        for (message, procedure) in starters {
            let statement = query(SAVE).bind(organisation).bind(message).bind(procedure);
            statement.execute(&mut self.on()).await?;
        }
        Ok(())
    }
}
