//! Gives what only one case of an organisation can have to the next in line.
//!
//! Whoever gives it back, or is the first to ask, has it given on right after the commit, before the answer
//! goes out: the next one's task is there at once. When that server dies in between, or is told that
//! something stood in the way, the clockwork of any server finds it. Taking is a command like any other,
//! and the store sees to it that one case has it at a time.

use jiff::{SignedDuration, Timestamp};

use super::writer::Wish;
use super::{Handled, Key, Refusal, Runtime};
use crate::engine::{Actor, Command, Entry};
use crate::store::{self, InLine};

const TOGETHER: u32 = 64;

/// Giving takes much less; a server that dies holds it up for so long at most.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// After something stood in the way.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// What a case can't enter now it may when its data is another. The others in line don't wait for that.
const REFUSED: SignedDuration = SignedDuration::from_mins(1);

/// Whether anybody got in line or gave something back.
fn moves_a_line(handled: &Handled) -> bool {
    let records = handled.records.iter();
    records.into_iter().any(|record| {
        matches!(
            record.entry,
            Entry::LockWanted { .. } | Entry::LockReleased { .. } | Entry::LockWithdrawn { .. }
        )
    })
}

impl Runtime {
    /// Does what somebody asks. What that gives back, or asks for and nobody has, is the next one's at
    /// once.
    pub(super) async fn order(
        &self,
        actor: &Actor,
        wish: Wish,
        key: Option<Key<'_>>,
    ) -> Result<Handled, Refusal> {
        let handled = self.in_writer(actor, wish, key).await?;
        if moves_a_line(&handled) {
            self.serve_line().await;
        }
        Ok(handled)
    }

    async fn serve_line(&self) {
        // By itself: when whoever asked goes away, those in line are served all the same.
        let runtime = self.clone();
        match tokio::spawn(async move { runtime.give_locks().await }).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the next in line is served a little later"),
            Err(error) => tracing::error!(%error, "the next in line is served a little later"),
        }
    }

    /// Gives everything that nobody has to the first in line; how much took effect. Tests with a manual
    /// clock call this themselves.
    pub async fn give_locks(&self) -> Result<usize, store::Error> {
        let mut given = 0;
        // What is leased is not found again, so that this ends.
        loop {
            let now = self.clock().now();
            let first = self.store().lease_locks(now, LEASE, TOGETHER).await?;
            if first.is_empty() {
                return Ok(given);
            }
            for place in &first {
                given += usize::from(self.give_to(place, now).await?);
            }
        }
    }

    /// Whether the case took it.
    async fn give_to(&self, place: &InLine, now: Timestamp) -> Result<bool, store::Error> {
        let (case, lock) = *place;
        let wish = Wish::Handle { case, within: None, command: Command::TakeLock { lock } };
        let later = |span: SignedDuration| now.checked_add(span).unwrap_or(now);
        match self.in_writer(&Actor::machine(), wish, None).await {
            Ok(handled) if !handled.records.is_empty() => return Ok(true),
            // It left the line a moment ago.
            Ok(_) | Err(Refusal::NotFound) => {}
            Err(refusal @ Refusal::Rejected(_)) => {
                tracing::error!(%case, lock, %refusal, "a case can't enter though it is its turn");
            }
            Err(refusal) => {
                tracing::warn!(%case, lock, %refusal, "it is its turn a little later");
                self.store().return_lock(place, later(AGAIN), Timestamp::UNIX_EPOCH).await?;
                return Ok(false);
            }
        }
        self.store().return_lock(place, now, later(REFUSED)).await?;
        Ok(false)
    }
}
