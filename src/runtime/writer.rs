//! A writer, one for each lane: takes jobs from the queue, and does together what can be done together.
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
use tokio::sync::{mpsc, oneshot};
use uuid::{ContextV7, Uuid};

use super::key::{Claim, Place};
use super::patience::{Next, Patience};
use super::publish::Publication;
use super::versions::Versions;
use super::warm::Warm;
use super::{Clock, Error, Handled, Refusal, batch};
use crate::engine::{Actor, Cause, Command, Parent};
use crate::expression::Map;
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

/// The way back, and the place that a strict key holds until then.
pub(super) struct Reply {
    pub(super) sender: oneshot::Sender<Answer>,
    pub(super) place: Option<Place>,
}

/// What an order comes to.
pub(super) type Answer = Result<Handled, Refusal>;

/// What somebody wants done with a case.
pub(super) struct Order {
    pub(super) actor: Actor,
    pub(super) wish: Wish,
    pub(super) key: Option<Claim>,
}

#[derive(Debug)]
pub(super) enum Wish {
    Start {
        organisation: String,
        procedure: String,
    },
    /// By itself.
    StartAlone {
        organisation: String,
        procedure: String,
        cause: Cause,
    },
    /// For another case, under this id.
    StartChild {
        case: CaseId,
        organisation: String,
        procedure: String,
        parent: Parent,
        input: Map,
    },
    Handle {
        case: CaseId,
        command: Command,
    },
}

pub(super) struct Writer {
    store: Store,
    clock: Clock,
    versions: Arc<Versions>,
    /// Ids made within one millisecond sort as they were made, too.
    ids: ContextV7,
    patience: Patience,
    pub(super) warm: Warm,
}

impl Writer {
    pub(super) fn new(store: Store, clock: Clock, versions: Arc<Versions>) -> Self {
        Self {
            store,
            clock,
            versions,
            ids: ContextV7::new(),
            patience: Patience::default(),
            warm: Warm::default(),
        }
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
        let mut parts = vec![Part { orders, replies, tries: 0 }];
        while let Some(part) = parts.pop() {
            let error = match self.transaction(part.orders).await {
                Ok(answers) => {
                    self.patience.is_back();
                    part.answer(answers);
                    continue;
                }
                Err(error) => error,
            };
            match self.patience.next(&error, part.tries, part.orders.len()) {
                Next::Again(pause) => {
                    tracing::debug!(%error, tries = part.tries, "a batch is tried again");
                    tokio::time::sleep(pause).await;
                    parts.push(Part { tries: part.tries + 1, ..part });
                }
                Next::Split => {
                    let count = part.orders.len();
                    tracing::warn!(%error, orders = count, "a batch could not be written");
                    let (first, second) = part.split();
                    parts.push(second);
                    parts.push(first);
                }
                Next::Refuse => part.refuse(error),
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
                for row in work.warm {
                    self.warm.put(row);
                }
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
        for tries in 0.. {
            let error = match self.try_publish(publication).await {
                Ok(versions) => return Ok(versions),
                Err(error) => error,
            };
            match self.patience.next(&error, tries, 1) {
                // Another server publishes the same files at this moment, most likely.
                Next::Again(pause) => tokio::time::sleep(pause).await,
                Next::Split | Next::Refuse => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    async fn try_publish(
        &mut self,
        publication: &Publication,
    ) -> Result<Vec<VersionRow>, store::Error> {
        let mut writing = self.store.begin().await?;
        match publication.write(&mut writing, self.clock.now()).await {
            Ok(versions) => {
                self.store.commit(writing).await?;
                Ok(versions)
            }
            Err(error) => {
                roll_back(writing).await;
                Err(error)
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

/// Orders that are tried together.
struct Part<'a> {
    orders: &'a [Order],
    replies: Vec<Reply>,
    tries: u32,
}

impl Part<'_> {
    fn answer(self, answers: impl IntoIterator<Item = Answer>) {
        for (reply, answer) in self.replies.into_iter().zip(answers) {
            // First the place: the same key may come back as soon as the answer is there.
            drop(reply.place);
            drop(reply.sender.send(answer));
        }
    }

    fn refuse(self, error: store::Error) {
        match error {
            store::Error::Unknown => {
                self.answer(std::iter::repeat_with(|| Err(store::Error::Unknown.into())));
            }
            // Only one that is alone in its part is refused with a failure of its own.
            error if self.orders.len() == 1 => self.answer([Err(error.into())]),
            _ => self.answer(std::iter::repeat_with(|| Err(Refusal::Busy))),
        }
    }

    fn split(mut self) -> (Self, Self) {
        let (first, second) = self.orders.split_at(self.orders.len() / 2);
        let replies = self.replies.split_off(first.len());
        let second = Self { orders: second, replies, tries: 0 };
        (Self { orders: first, replies: self.replies, tries: 0 }, second)
    }
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
            Wish::Handle { case, .. } | Wish::StartChild { case, .. } => Some(*case),
            Wish::Start { .. } | Wish::StartAlone { .. } => None,
        };
        let is_new_case = case.is_none_or(|case| cases.insert(case));
        let key = order.key.as_ref().map(|key| (order.actor.id.clone(), key.name.clone()));
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
