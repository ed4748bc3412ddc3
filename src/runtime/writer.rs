//! The single writer: takes jobs from the queue, one after the other.
//!
//! One job is one transaction now. [`command::handle`] neither begins nor commits, so neighbours in
//! the queue can later share a commit: each in a savepoint, all answered after the one commit.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use uuid::{ContextV7, Uuid};

use super::publish::Publication;
use super::versions::Versions;
use super::{Clock, Error, Handled, Refusal, command};
use crate::engine::{Actor, Command};
use crate::procedure::Executable;
use crate::store::{CaseId, Store, VersionRow, Writing};

/// What the queue holds, with the way back for the answer. An answer that nobody waits for any more
/// is dropped; the job was done all the same.
pub(super) enum Job {
    Order(Box<Order>, oneshot::Sender<Result<Handled, Refusal>>),
    Publish(Box<Publication>, oneshot::Sender<Result<Vec<VersionRow>, Error>>),
}

/// What somebody wants done with a case.
pub(super) struct Order {
    pub(super) actor: Actor,
    pub(super) wish: Wish,
    pub(super) key: Option<String>,
}

pub(super) enum Wish {
    Start { organisation: String, procedure: String },
    Handle { case: CaseId, command: Command },
}

pub(super) struct Writer {
    store: Store,
    clock: Clock,
    versions: Arc<Versions>,
    /// Ids made within one millisecond sort as they were made, too.
    ids: ContextV7,
}

impl Writer {
    pub(super) fn new(store: Store, clock: Clock, versions: Arc<Versions>) -> Self {
        Self { store, clock, versions, ids: ContextV7::new() }
    }

    /// Until every sender is gone and the queue is empty.
    pub(super) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(job) = jobs.recv().await {
            match job {
                Job::Order(order, reply) => drop(reply.send(self.order(&order).await)),
                Job::Publish(publication, reply) => {
                    drop(reply.send(self.publish(&publication).await));
                }
            }
        }
    }

    async fn order(&mut self, order: &Order) -> Result<Handled, Refusal> {
        let mut writing = self.store.begin().await?;
        let handled = command::handle(self, &mut writing, order).await;
        match handled {
            Ok(handled) => {
                writing.commit().await?;
                Ok(handled)
            }
            Err(refusal) => {
                roll_back(writing).await;
                Err(refusal)
            }
        }
    }

    async fn publish(&mut self, publication: &Publication) -> Result<Vec<VersionRow>, Error> {
        let mut writing = self.store.begin().await?;
        let published = publication.write(&mut writing, self.clock.now()).await;
        match published {
            Ok(versions) => {
                writing.commit().await?;
                Ok(versions)
            }
            Err(error) => {
                roll_back(writing).await;
                Err(error.into())
            }
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An id of the moment `now`.
    pub(super) fn new_id(&mut self, now: Timestamp) -> CaseId {
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        CaseId(Uuid::new_v7(uuid::Timestamp::from_unix(&self.ids, seconds, nanos)))
    }

    /// The version that a case runs on, read within the transaction: a memory database has no other
    /// connection to read it with.
    pub(super) async fn executable(
        &mut self,
        writing: &mut Writing,
        organisation: &str,
        procedure: &str,
        version: u32,
    ) -> Result<Arc<Executable>, Error> {
        if let Some(known) = self.versions.known(organisation, procedure, version) {
            return Ok(known);
        }
        match writing.bundle(organisation, procedure, version).await? {
            Some(bundle) => self.versions.make(organisation, procedure, version, bundle),
            None => Err(Error::Unreadable {
                organisation: organisation.to_owned(),
                procedure: procedure.to_owned(),
                version,
            }),
        }
    }
}

/// Dropping would do as well, a little later; a failure here is the next transaction's to report.
async fn roll_back(writing: Writing) {
    if let Err(error) = writing.roll_back().await {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}
