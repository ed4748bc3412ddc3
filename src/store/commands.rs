//! Idempotency: what a command did, so that it is not done twice when its answer got lost.
//!
//! A key belongs to the person who sent it. Only what took effect is kept: a refused command
//! changes nothing, and may be sent again under the same key.

use super::cases::case_id;
use super::columns::get;
use super::{CaseId, Error, Writing};

/// A command that was done before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) case: CaseId,
    /// Its lines of the journal: from here…
    pub(crate) first: u32,
    /// … to here; one less than `first` when there was nothing to be done.
    pub(crate) last: u32,
}

const DONE: &str = "\
SELECT case_id, first_seq, last_seq FROM commands WHERE actor = $1 AND key = $2";

const REMEMBER: &str = "\
INSERT INTO commands (actor, key, case_id, first_seq, last_seq) VALUES ($1, $2, $3, $4, $5)";

impl Writing {
    pub(crate) async fn done_before(
        &mut self,
        actor: &str,
        key: &str,
    ) -> Result<Option<Done>, Error> {
        let query = sqlx::query(DONE).bind(actor).bind(key);
        let Some(row) = query.fetch_optional(self.on()).await? else { return Ok(None) };
        Ok(Some(Done {
            case: case_id(&row, "case_id")?,
            first: get(&row, "first_seq")?,
            last: get(&row, "last_seq")?,
        }))
    }

    pub(crate) async fn remember(
        &mut self,
        actor: &str,
        key: &str,
        done: &Done,
    ) -> Result<(), Error> {
        sqlx::query(REMEMBER)
            .bind(actor)
            .bind(key)
            .bind(done.case.to_string())
            .bind(done.first)
            .bind(done.last)
            .execute(self.on())
            .await?;
        Ok(())
    }
}
