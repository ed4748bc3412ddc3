//! Beginning cases: for a person, and by themselves.

use super::writer::Wish;
use super::{Handled, Key, Refusal, Runtime};
use crate::engine::{Actor, Cause};

impl Runtime {
    /// Begins a case on the newest version of the procedure.
    ///
    /// `key` makes the command safe to repeat: the same key of the same person again answers with
    /// what was done the first time.
    pub async fn start_case(
        &self,
        actor: &Actor,
        organisation: &str,
        procedure: &str,
        key: Option<Key<'_>>,
    ) -> Result<Handled, Refusal> {
        let wish =
            Wish::Start { organisation: organisation.to_owned(), procedure: procedure.to_owned() };
        self.order(actor, wish, key).await
    }

    /// Begins one by itself.
    pub(crate) async fn start_alone(
        &self,
        actor: &Actor,
        (organisation, procedure): (&str, &str),
        cause: Cause,
        key: Option<Key<'_>>,
    ) -> Result<Handled, Refusal> {
        let (organisation, procedure) = (organisation.to_owned(), procedure.to_owned());
        self.order(actor, Wish::StartAlone { organisation, procedure, cause }, key).await
    }
}
