//! What was refused by itself, in the hands of somebody: tried at once, or dropped.
//!
//! Who may is the callers' business. Both do what the clockwork would have done: nothing comes twice.

use jiff::SignedDuration;

use super::Runtime;
use crate::engine::Actor;
use crate::store::{self, Refused};

/// Trying takes much less; a server that dies holds it up for so long at most.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

impl Runtime {
    /// Tries at once what was refused; whether it came. What is not refused any more is left alone.
    pub async fn try_refused(
        &self,
        organisation: &str,
        what: &Refused,
    ) -> Result<bool, store::Error> {
        let now = self.clock().now();
        match what {
            Refused::Schedule { kind, name } => {
                let name = (*kind, name.as_str());
                let leased =
                    self.store().lease_refused_schedule(organisation, name, now, LEASE).await?;
                match leased {
                    Some(row) => Ok(self.follow_schedule(&row, now).await),
                    None => Ok(false),
                }
            }
            Refused::Message { sender, id } => {
                let until = now.checked_add(LEASE).unwrap_or(now);
                let name = (sender.as_str(), id.as_str());
                let leased = self.store().lease_refused_message(organisation, name, until).await?;
                match leased {
                    Some(posted) => self.deliver(&posted, now).await,
                    None => Ok(false),
                }
            }
            Refused::Timer { case, watch } => Ok(self.fire(*case, *watch).await),
            Refused::Report { name, due_at } => {
                self.remake_report(organisation, (name, *due_at)).await
            }
        }
    }

    /// Gives up what was refused: this time of the schedule is left out, the message is never delivered.
    /// Whether there was anything to give up; a timer belongs to its case and can't be.
    pub async fn drop_refused(
        &self,
        by: &Actor,
        organisation: &str,
        what: &Refused,
    ) -> Result<bool, store::Error> {
        let now = self.clock().now();
        let is_dropped = match what {
            Refused::Schedule { kind, name } => {
                let name = (*kind, name.as_str());
                let leased =
                    self.store().lease_refused_schedule(organisation, name, now, LEASE).await?;
                match leased {
                    Some(row) => self.leave_out(&row, now).await?,
                    None => false,
                }
            }
            Refused::Message { sender, id } => {
                let name = (sender.as_str(), id.as_str());
                self.store().drop_message(organisation, name, (now, &by.name)).await?
            }
            Refused::Report { name, due_at } => {
                self.store().drop_report(organisation, (name, *due_at)).await?
            }
            Refused::Timer { .. } => false,
        };
        if is_dropped {
            tracing::info!(?what, by = %by.id, "what was refused is given up");
        }
        Ok(is_dropped)
    }
}
