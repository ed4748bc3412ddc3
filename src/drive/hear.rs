//! Messages and signals that a case waits for, with sample data: while things are tried out, nobody else
//! sends them.

use super::{Driver, Error};
use crate::engine::{Actor, Awaits, CaseScope, Owner, Received, State, Watch};
use crate::expression::Map;
use crate::field::{Context, read};
use crate::runtime::{Handled, Refusal};
use crate::store::Posted;

impl Driver<'_> {
    /// Sends what the oldest wait is for. What a step merely listens for meanwhile does not come: it would
    /// lead away from the work.
    pub(super) async fn hear(&mut self, handled: &Handled) -> Result<Option<Handled>, Error> {
        let state = &handled.state;
        let found = state.watches.values().find(|watch| self.may_come(state, watch));
        let Some((name, key, is_signal)) = found.and_then(awaited) else { return Ok(None) };
        let contents = if is_signal { Map::new() } else { self.said(state, name).await? };
        let now = self.runtime.clock().now();
        let last = handled.records.last().map_or(0, |record| record.seq);
        let sender = Actor::machine();
        let received = Received {
            sender: sender.id.clone(),
            id: format!("{}:{last}", handled.case),
            name: name.to_owned(),
            key: key.to_owned(),
            contents,
            is_signal,
        };
        let organisation = &self.executable.organisation;
        let keep = organisation.message(name).map(|message| &message.keep);
        let posted = Posted {
            organisation: organisation.id.value.clone(),
            received,
            keep_until: keep.map_or(now, |keep| organisation.calendar.after(now, keep)),
            sent_by: (sender.id, sender.name),
        };
        let failed = |error: crate::store::Error| Refusal::Failed(error.into());
        self.runtime.post(&posted).await.map_err(failed)?;
        self.look_again(handled).await
    }

    /// Of a wait, and in no branch beside the one that is wished for.
    fn may_come(&self, state: &State, watch: &Watch) -> bool {
        let Owner::Wait(number) = watch.of else { return false };
        if watch.line.is_some() || awaited(watch).is_none() {
            return false;
        }
        let within = state.waits.get(&number).and_then(|wait| wait.within.as_ref());
        let Some((place, block)) =
            within.and_then(|place| Some((place, state.blocks.get(&place.block)?)))
        else {
            return true;
        };
        let wished = self.wishes.iter().find(|wish| wish.step == block.step);
        wished.is_none_or(|wish| wish.label == place.branch)
    }

    /// What the message says, made up.
    async fn said(&mut self, state: &State, name: &str) -> Result<Map, Error> {
        let organisation = &self.executable.organisation;
        let Some(message) = organisation.message(name) else { return Ok(Map::new()) };
        let rows = self.rows().await?;
        let raw = self.sample(state, &message.fields, &rows);
        self.seed = self.seed.wrapping_add(1);
        let today = organisation.calendar.date(self.runtime.clock().now());
        let scope = CaseScope::of(self.executable, state, today);
        let context = Context {
            record: &|register, key| rows.get(register)?.get(key).cloned(),
            currency_decimals: organisation.currency.decimals,
            scope: &scope,
        };
        // Samples are valid by their making.
        Ok(read(&message.fields, &raw, &context, &mut Vec::new()))
    }
}

/// Name, key, and whether it is a signal; none when it waits for a time.
fn awaited(watch: &Watch) -> Option<(&str, &str, bool)> {
    match &watch.awaits {
        Awaits::Message { name, key } => Some((name, key, false)),
        Awaits::Signal { name } => Some((name, "", true)),
        Awaits::Until(_) => None,
    }
}
