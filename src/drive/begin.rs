//! Beginning a case: as a person of the first role that may, with a message of sample data, or as the clock.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use uuid::Uuid;

use super::{Driver, Error};
use crate::engine::{Actor, Cause, Received, State};
use crate::expression::{Map, Value};
use crate::field::Field;
use crate::procedure::Heard;
use crate::runtime::{Handled, Refusal, Setback};
use crate::store::{self, MessageFate, Posted};

/// A sample message is delivered at once or never.
const KEPT: SignedDuration = SignedDuration::from_mins(1);

impl Driver<'_> {
    /// Begins a case as its procedure says first.
    pub async fn begin(&self) -> Result<Handled, Error> {
        let procedure = &self.executable.procedure;
        let name = (self.executable.organisation.id.as_str(), procedure.id.as_str());
        let starts = &procedure.starts;
        let begun = match (starts.by.first(), &starts.message, &starts.schedule) {
            (None, Some(heard), _) => return self.tell(heard).await,
            (None, None, Some(_)) => {
                let cause = Cause::Time(self.runtime.clock().now());
                self.runtime.start_alone(&Actor::clock(), name, cause, None).await
            }
            (by, ..) => {
                let role = by.map_or("", |role| role.as_str());
                let actor = (self.actor)(role, &BTreeSet::new());
                self.runtime.start_case(&actor, name.0, name.1, None).await
            }
        };
        Ok(begun?)
    }

    /// Sends the message that the procedure begins with, like any sender.
    async fn tell(&self, heard: &Heard) -> Result<Handled, Error> {
        let organisation = &self.executable.organisation.id;
        let (sender, id) = ("sample".to_owned(), Uuid::now_v7().to_string());
        let sent_by = (sender.clone(), (self.actor)("", &BTreeSet::new()).name);
        let received = Received {
            sender,
            name: heard.name.value.clone(),
            // No case waits for this one.
            key: id.clone(),
            id,
            contents: self.contents(heard).await?,
            is_signal: false,
        };
        let keep_until = self.runtime.clock().now().checked_add(KEPT).unwrap_or_default();
        let organisation = organisation.value.clone();
        let posted = Posted { organisation, received, keep_until, sent_by };
        let failed = |error: store::Error| Refusal::Failed(error.into());
        self.runtime.post(&posted).await.map_err(failed)?;
        let (store, received) = (self.runtime.store(), &posted.received);
        let fate = store.fate(&posted.organisation, &received.sender, &received.id).await;
        let (case, problem) = match fate.map_err(failed)? {
            Some(MessageFate { began: Some((case, _)), .. }) => (Some(case), None),
            fate => (None, fate.and_then(|fate| fate.problem)),
        };
        if let Some(Setback::Refused(rejection)) = problem.as_deref().map(Setback::read) {
            return Err(Refusal::Rejected(rejection).into());
        }
        let case = case.ok_or(Refusal::NotFound)?;
        let row = store.case(&case).await.map_err(failed)?.ok_or(Refusal::NotFound)?;
        let records = store.journal(&case).await.map_err(failed)?;
        Ok(Handled { case, records, state: row.state })
    }

    async fn contents(&self, heard: &Heard) -> Result<Map, Error> {
        let is_its =
            |field: &&Field| heard.into.as_ref().is_some_and(|into| into.value == field.name.value);
        let fields: Vec<Field> =
            self.executable.begins_with().iter().filter(is_its).cloned().collect();
        let sample = self.sample(&State::default(), &fields, &self.rows().await?);
        let contents = sample.into_values().next();
        Ok(contents.as_ref().and_then(Value::as_map).cloned().unwrap_or_default())
    }
}
