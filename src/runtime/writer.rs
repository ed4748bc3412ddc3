//! The single writer: takes jobs from the queue, and does together what can be done together.
//!
//! Orders that wait share one transaction and one commit ([`batch`](super::batch)): a commit is a
//! trip to the disk, and the trip costs the same for one order as for sixty. Nobody is made to wait
//! for company: what is there is taken, and what comes meanwhile is the next batch.
//!
//! When a batch can't be written, its halves are tried, and theirs: one order that the database
//! refuses is alone in the end, and costs its neighbours nothing but a little time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};
use uuid::{ContextV7, Uuid};

use super::publish::Publication;
use super::versions::Versions;
use super::{Clock, Error, Handled, Refusal, batch};
use crate::engine::{Actor, Command};
use crate::procedure::Executable;
use crate::store::{self, CaseId, Store, VersionRow, Writing};

/// Orders in one transaction.
const TOGETHER: usize = 64;

/// Jobs among which orders of different cases are looked for.
const AHEAD: usize = 256;

/// What the queue holds, with the way back for the answer. An answer that nobody waits for any more
/// is dropped; the job was done all the same.
pub(super) enum Job {
    Order(Box<Order>, Reply),
    Publish(Box<Publication>, oneshot::Sender<Result<Vec<VersionRow>, Error>>),
}

type Reply = oneshot::Sender<Answer>;

/// What an order comes to.
pub(super) type Answer = Result<Handled, Refusal>;

/// What somebody wants done with a case.
pub(super) struct Order {
    pub(super) actor: Actor,
    pub(super) wish: Wish,
    pub(super) key: Option<String>,
}

#[derive(Debug)]
pub(super) enum Wish {
    Start { organisation: String, procedure: String },
    Handle { case: CaseId, command: Command },
}

impl Wish {
    /// Tells one wish from another. A key names one command with its contents: whoever goes back in the
    /// browser, changes the form and sends it again under the old key asks for something new, and must not
    /// be told that it is done.
    pub(super) fn digest(&self) -> String {
        let hash = Sha256::digest(format!("{self:?}"));
        hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }
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
        let mut waiting: VecDeque<Job> = VecDeque::new();
        loop {
            while waiting.len() < AHEAD
                && let Ok(job) = jobs.try_recv()
            {
                waiting.push_back(job);
            }
            let (orders, replies) = together(&mut waiting);
            if !orders.is_empty() {
                self.work(&orders, replies).await;
                // Whoever was answered and has the next order ready may put it in now; else it
                // would just miss the next commit.
                tokio::task::yield_now().await;
            } else if let Some(Job::Publish(publication, reply)) = waiting.pop_front() {
                drop(reply.send(self.publish(&publication).await));
            } else {
                match jobs.recv().await {
                    Some(job) => waiting.push_back(job),
                    None => return,
                }
            }
        }
    }

    /// Answers every order: together if that can be written, else half by half.
    async fn work(&mut self, orders: &[Order], replies: Vec<Reply>) {
        let mut parts = vec![(orders, replies)];
        while let Some((orders, mut replies)) = parts.pop() {
            let answers = match self.transaction(orders).await {
                Ok(answers) => answers,
                // Trying again would change nothing, or might do twice what was done.
                Err(store::Error::Busy { .. }) => each(orders, || Refusal::Busy),
                Err(store::Error::Unknown) => each(orders, || store::Error::Unknown.into()),
                Err(error) if orders.len() < 2 => vec![Err(error.into())],
                Err(error) => {
                    tracing::warn!(%error, orders = orders.len(), "a batch could not be written");
                    let (first, second) = orders.split_at(orders.len() / 2);
                    let replies_to_second = replies.split_off(first.len());
                    parts.push((second, replies_to_second));
                    parts.push((first, replies));
                    continue;
                }
            };
            for (reply, answer) in replies.into_iter().zip(answers) {
                drop(reply.send(answer));
            }
        }
    }

    /// Does the orders and answers each of them, or fails and has done nothing (but see
    /// [`store::Error::Unknown`]).
    async fn transaction(&mut self, orders: &[Order]) -> Result<Vec<Answer>, store::Error> {
        let mut writing = self.store.begin().await?;
        match batch::work(self, &mut writing, orders).await {
            Ok(work) if work.is_written => {
                self.store.commit(writing).await?;
                Ok(work.answers)
            }
            Ok(work) => {
                roll_back(writing).await;
                Ok(work.answers)
            }
            Err(error) => {
                roll_back(writing).await;
                Err(error)
            }
        }
    }

    async fn publish(&mut self, publication: &Publication) -> Result<Vec<VersionRow>, Error> {
        let mut writing = self.store.begin().await?;
        let published = publication.write(&mut writing, self.clock.now()).await;
        match published {
            Ok(versions) => {
                self.store.commit(writing).await?;
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

fn each(orders: &[Order], refusal: impl Fn() -> Refusal) -> Vec<Answer> {
    orders.iter().map(|_| Err(refusal())).collect()
}

/// Takes out the next orders that can share a transaction: none of two that touch the same case or
/// carry the same key. What must wait for another keeps its place, and nothing that touches it may
/// pass it. A publication waits for all orders before it, and those after it for the publication.
fn together(waiting: &mut VecDeque<Job>) -> (Vec<Order>, Vec<Reply>) {
    let (mut cases, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let (mut orders, mut replies) = (Vec::new(), Vec::new());
    let mut left = VecDeque::new();
    while orders.len() < TOGETHER
        && let Some(job) = waiting.pop_front()
    {
        let Job::Order(order, reply) = job else {
            waiting.push_front(job);
            break;
        };
        let case = match &order.wish {
            Wish::Handle { case, .. } => Some(*case),
            Wish::Start { .. } => None,
        };
        let is_new_case = case.is_none_or(|case| cases.insert(case));
        let key = order.key.as_ref().map(|key| (order.actor.id.clone(), key.clone()));
        let is_new_key = key.is_none_or(|key| keys.insert(key));
        if is_new_case && is_new_key {
            orders.push(*order);
            replies.push(reply);
        } else {
            left.push_back(Job::Order(order, reply));
        }
    }
    left.append(waiting);
    *waiting = left;
    (orders, replies)
}

/// Dropping would do as well, a little later; a failure here is the next transaction's to report.
async fn roll_back(writing: Writing) {
    if let Err(error) = writing.roll_back().await {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}
