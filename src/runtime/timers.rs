//! The clockwork: fires the timers that are due.
//!
//! Polling is the truth: nothing that is due can be missed, whoever set it and whenever this server
//! was started. What is due goes through the same queue as what people ask, as a command of the
//! clock. Every server does this; they share the work by leases (`store::timers`).

use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::{Refusal, Runtime, Setback};
use crate::engine::{Actor, Command};
use crate::store::{self, CaseId};

/// How often it is looked what is due. Terms are days and hours; a second is early enough.
const LOOK: Duration = Duration::from_secs(1);

/// Looks between two times that old messages are forgotten: an hour's.
const FORGET: u64 = 3_600;

/// Timers fetched at once: fewer than may wait in a queue, so that people find room beside them.
const TOGETHER: u32 = 256;

/// For how long they are this server's. Firing them takes much less; a server that dies holds them
/// up for so long at most.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// What the case refuses today it may take when it stands elsewhere or its data is another; asking every
/// few seconds would only fill the log.
const REFUSED: SignedDuration = SignedDuration::from_mins(10);

impl Runtime {
    /// Fires timers when they are due, and starts the cases whose time has come, until [`shutdown`](Self::shutdown). For servers: who only
    /// looks at a database changes nothing in it.
    pub async fn keep_time(&self) {
        let runtime = self.clone();
        let clockwork = tokio::spawn(async move {
            for look in 0_u64.. {
                tokio::time::sleep(LOOK).await;
                if look.is_multiple_of(FORGET)
                    && let Err(error) = runtime.forget_messages().await
                {
                    tracing::warn!(%error, "old messages could not be forgotten");
                }
                if look.is_multiple_of(FORGET)
                    && let Err(error) = runtime.forget_notices().await
                {
                    tracing::warn!(%error, "old reminders could not be forgotten");
                }
                if look.is_multiple_of(FORGET)
                    && let Err(error) = runtime.store().forget_reports(runtime.clock().now()).await
                {
                    tracing::warn!(%error, "old reports could not be forgotten");
                }
                if let Err(error) = runtime.fire_timers().await {
                    tracing::warn!(%error, "timers could not be looked for; trying again");
                }
                if let Err(error) = runtime.deliver_messages().await {
                    tracing::warn!(%error, "messages could not be delivered; trying again");
                }
                if let Err(error) = runtime.give_locks().await {
                    tracing::warn!(%error, "nobody in line could be served; trying again");
                }
                if let Err(error) = runtime.fire_schedules().await {
                    tracing::warn!(%error, "schedules could not be looked for; trying again");
                }
            }
        });
        let before = self.inner.clockwork.lock().await.replace(clockwork);
        if let Some(before) = before {
            before.abort();
        }
    }

    /// Fires everything that is due now; how many timers took effect. Tests with a manual clock call
    /// this themselves.
    pub async fn fire_timers(&self) -> Result<usize, store::Error> {
        let mut fired = 0;
        loop {
            let now = self.clock().now();
            let due = self.store().lease_timers(now, LEASE, TOGETHER).await?;
            let count = due.len();
            let mut firing = JoinSet::new();
            // Of one case one after the other, so that its journal is the same wherever it is kept.
            for of_case in due.chunk_by(|one, other| one.0 == other.0) {
                let (runtime, of_case) = (self.clone(), of_case.to_vec());
                firing.spawn(async move {
                    let mut fired = 0;
                    for (case, watch) in of_case {
                        fired += usize::from(runtime.fire(case, watch).await);
                    }
                    fired
                });
            }
            while let Some(done) = firing.join_next().await {
                fired += done.unwrap_or(0);
            }
            if count < TOGETHER as usize {
                return Ok(fired);
            }
        }
    }

    /// Whether it took effect. One that could not be fired is found again when its lease has ended.
    pub(super) async fn fire(&self, case: CaseId, watch: u32) -> bool {
        match self.handle(&Actor::clock(), &case, Command::FireTimer { watch }, None).await {
            Ok(handled) => !handled.records.is_empty(),
            Err(Refusal::Busy) => false,
            Err(refusal) => {
                tracing::error!(%case, watch, %refusal, "a timer could not be fired");
                if matches!(refusal, Refusal::Rejected(_)) {
                    let now = self.clock().now();
                    let until = now.checked_add(REFUSED).unwrap_or(now);
                    let (due, problem) = ((case, watch), Setback::of(&refusal).json());
                    let kept = self.store().refuse_timer(&due, &problem, (now, until)).await;
                    if let Err(error) = kept {
                        tracing::warn!(%case, watch, %error, "it is tried again at once");
                    }
                }
                false
            }
        }
    }
}
