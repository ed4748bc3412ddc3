//! Messages and signals: taken in, kept, delivered.
//!
//! A message is taken in once, however often it is sent, and delivered once: to the case that has
//! listened longest for its name and key, the oldest message first; when none listens, to a case of the
//! procedure that begins with it. While there is neither it is kept, for as long as its organisation says.
//! A signal goes to every case that listens when it is given out, and to
//! none that begins to listen later. Delivering is a command like any other; the store sees to it that
//! what is delivered is delivered to one case only, whoever tries.

use jiff::{SignedDuration, Timestamp};

use super::{Refusal, Runtime, Setback};
use crate::engine::{Actor, Cause, Command, Rejection};
use crate::store::{self, CaseId, Listener, OnItsWay, Posted, Taken};

const TOGETHER: u32 = 64;

/// Delivering takes much less; a server that dies holds a message up for so long at most.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// What a case refuses today it may take when it stands elsewhere; asking each second would only fill the
/// log.
const REFUSED: SignedDuration = SignedDuration::from_mins(1);

/// For how long after its time the id of a message is known, so that it isn't taken for a new one.
const KNOWN: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Runtime {
    /// Takes a message or signal in, and delivers it if somebody listens. What else is on its way is not
    /// the sender's to wait for: the clockwork delivers it, and what can't be delivered at once.
    pub async fn post(&self, posted: &Posted) -> Result<Taken, store::Error> {
        let taken = self.store().take_in(posted, self.clock().now()).await?;
        if taken == Taken::New
            && let Err(error) = self.deliver_new(posted).await
        {
            let message = &posted.received.id;
            tracing::warn!(message, %error, "a message is delivered a little later");
        }
        Ok(taken)
    }

    async fn deliver_new(&self, posted: &Posted) -> Result<(), store::Error> {
        let now = self.clock().now();
        if posted.received.is_signal {
            self.store().give_signal(posted, now).await?;
            // Of many that listen, the clockwork calls the others.
            for call in self.store().lease_calls(now, LEASE, TOGETHER).await? {
                self.call(&call).await?;
            }
        } else if self.store().listener(posted).await?.is_some()
            && self.store().lease_message(posted, now, LEASE).await?
        {
            self.deliver(posted, now).await?;
        }
        Ok(())
    }

    /// Delivers everything that somebody listens for now; how much took effect. Tests with a manual clock
    /// call this themselves.
    pub async fn deliver_messages(&self) -> Result<usize, store::Error> {
        let mut delivered = 0;
        loop {
            let now = self.clock().now();
            let given = self.store().give_signals(now).await?;
            let calls = self.store().lease_calls(now, LEASE, TOGETHER).await?;
            let messages = self.store().lease_messages(now, LEASE, TOGETHER).await?;
            if given == 0 && calls.is_empty() && messages.is_empty() {
                return Ok(delivered);
            }
            let before = delivered;
            for call in &calls {
                delivered += usize::from(self.call(call).await?);
            }
            // One after the other: of two with the same key the older one comes first.
            for message in &messages {
                delivered += usize::from(self.deliver(message, now).await?);
            }
            if delivered == before && given == 0 && calls.is_empty() {
                return Ok(delivered);
            }
        }
    }

    /// Forgets messages that are long past their time.
    pub(super) async fn forget_messages(&self) -> Result<(), store::Error> {
        let before = self.clock().now().checked_sub(KNOWN).unwrap_or(Timestamp::MIN);
        self.store().forget_messages(before).await
    }

    /// Whether the message was delivered.
    pub(super) async fn deliver(
        &self,
        posted: &Posted,
        now: Timestamp,
    ) -> Result<bool, store::Error> {
        let Some(listener) = self.store().listener(posted).await? else {
            // Withdrawn a moment ago: it stays, for whoever listens next.
            self.store().return_message(posted, now).await?;
            return Ok(false);
        };
        let handed_over = match &listener {
            Listener::Case(case, watch) => {
                let (received, sent_by) = (posted.received.clone(), posted.sent_by.clone());
                self.hand_over(&OnItsWay { received, sent_by, to: (*case, *watch) }).await
            }
            Listener::Procedure(procedure) => self.begin_with(posted, procedure).await,
        };
        match handed_over {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.store().return_message(posted, now).await?;
                Ok(false)
            }
            Err(refusal) => {
                let message = &posted.received.id;
                tracing::warn!(?listener, message, %refusal, "a message could not be delivered");
                // It says nothing about the message, and is tried again when its lease has ended.
                if matches!(refusal, Refusal::Rejected(_)) {
                    self.put_off(posted, &listener, &refusal, now).await?;
                }
                Ok(false)
            }
        }
    }

    /// Keeps a message that was refused, and why.
    async fn put_off(
        &self,
        posted: &Posted,
        listener: &Listener,
        refusal: &Refusal,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        let procedure = match listener {
            Listener::Procedure(procedure) => procedure.clone(),
            Listener::Case(case, _) => {
                self.store().case(case).await?.map(|case| case.procedure).unwrap_or_default()
            }
        };
        let problem = Setback::of(refusal).json();
        let until = now.checked_add(REFUSED).unwrap_or(now);
        self.store().refuse_message(posted, (&procedure, &problem), (now, until)).await
    }

    /// Whether a case of the procedure has begun with the message.
    async fn begin_with(&self, posted: &Posted, procedure: &str) -> Result<bool, Refusal> {
        let sender = sender(&posted.sent_by);
        let cause = Cause::Message(Box::new(posted.received.clone()));
        let name = (posted.organisation.as_str(), procedure);
        match self.start_alone(&sender, name, cause, None).await {
            Ok(handled) => Ok(!handled.records.is_empty()),
            // Taken out a moment ago.
            Err(Refusal::NotFound) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    /// Whether the signal reached its case. It is lost only on one that doesn't listen or says no; after a
    /// failure of the machine it is tried again when its lease has ended.
    async fn call(&self, call: &OnItsWay) -> Result<bool, store::Error> {
        let is_lost = match self.hand_over(call).await {
            Ok(true) => return Ok(true),
            Ok(false) => true,
            Err(refusal) => {
                let (case, signal) = (call.to.0, &call.received.id);
                tracing::warn!(%case, signal, %refusal, "a signal could not be delivered");
                matches!(refusal, Refusal::Rejected(_))
            }
        };
        if is_lost {
            self.store().lose_call(call).await?;
        }
        Ok(false)
    }

    /// Whether the case listened.
    async fn hand_over(&self, message: &OnItsWay) -> Result<bool, Refusal> {
        let (case, watch): (CaseId, u32) = message.to;
        let sender = sender(&message.sent_by);
        let received = Box::new(message.received.clone());
        let command = Command::Deliver { watch, received };
        match self.handle(&sender, &case, command, None).await {
            Ok(handled) => Ok(!handled.records.is_empty()),
            // Cancelled or ended a moment ago.
            Err(Refusal::NotFound) => Ok(false),
            Err(Refusal::Rejected(Rejection::CaseNotRunning)) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }
}

/// Who acts when a message is delivered: whoever sent it, whatever roles they hold.
fn sender((id, name): &(String, String)) -> Actor {
    Actor { id: id.clone(), name: name.clone(), roles: std::collections::BTreeSet::new() }
}
