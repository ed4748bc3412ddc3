//! The runtime: the only writer of cases.
//!
//! A command is a wish of a person: load the case, let the engine decide, write what came out. All
//! of it is one transaction, done by a task that takes commands from a queue; those that wait share
//! it, each decided after the one before. Over SQLite there is one such task, over PostgreSQL a few
//! (lanes), each with its own cases, in as many servers as there are: no server is special. Whoever asks only waits for the answer: when a
//! browser goes away in the middle, its command is still done as a whole. Nothing is answered
//! before it is on disk, and a refused command leaves no trace.
//!
//! ```text
//!   web, cli ── handle ──▶ queue ══▶ writer: load ═ facts ═ decide… ═ append ═ commit ══▶ answers
//!        └──────────── reads ─────────────────────────────▶ store
//! ```
//!
//! Who may see a case is the callers' business: an [`Actor`] carries the roles held in the
//! organisation *whose case it is*, and the engine takes them as they come.

mod archive;
mod batch;
mod begin;
mod clock;
mod command;
mod doctor;
mod error;
mod jobs;
mod key;
mod locks;
mod made;
mod messages;
mod patience;
mod print;
mod publish;
mod refusals;
mod report;
mod schedules;
mod setback;
#[cfg(test)]
mod tests;
mod timers;
mod verify;
mod versions;
mod warm;
mod writer;

pub use archive::{ArchiveError, Due, End, Flaw, Kept, Plan, Shelved, read_archive};
pub use clock::Clock;
pub use doctor::Ailment;
pub use error::{Error, Refusal};
pub use jobs::{Link, Reach, ReachError};
pub use key::Key;
pub use report::{Ready, Unmade};
pub use setback::Setback;
pub use verify::{Anchor, Breach};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use self::key::UnderWay;
use self::versions::Versions;
use self::writer::{Job, Order, Reply, Wish, Writer};
use crate::engine::{Actor, Command, Record, State};
use crate::procedure::Executable;
use crate::store::{CaseId, Store};

/// Commands that may wait in a lane. More are refused at once: half a second of work is worth waiting for, a
/// queue that only grows is not.
const WAITING: usize = 1_024;

/// A running engine over a database. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Clock,
    versions: Arc<Versions>,
    /// One queue for each lane; none after [`Runtime::shutdown`].
    lanes: std::sync::Mutex<Vec<mpsc::Sender<Job>>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    under_way: UnderWay,
    /// A transaction could not be written, and since then nobody has seen whether one can.
    is_failing: Arc<AtomicBool>,
    /// What fires timers, in a server.
    clockwork: Mutex<Option<JoinHandle<()>>>,
    /// What does jobs, in a server, and what it does them with.
    workshop: Mutex<Option<JoinHandle<()>>>,
    reach: std::sync::Mutex<Arc<Reach>>,
    /// Somebody has asked a machine for something.
    wake: Notify,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Handled {
    pub case: CaseId,
    /// The new lines of the journal; none when there was nothing to be done.
    pub records: Vec<Record>,
    /// The case after it.
    pub state: Arc<State>,
}

impl Runtime {
    /// Starts the writers, which live until [`shutdown`](Self::shutdown).
    pub async fn start(store: Store, clock: Clock) -> Result<Self, Error> {
        let versions = Arc::new(Versions::default());
        let is_failing = Arc::new(AtomicBool::new(false));
        let (mut lanes, mut writers) = (Vec::new(), Vec::new());
        for _ in 0..store.lanes() {
            let (sender, jobs) = mpsc::channel(WAITING);
            let versions = Arc::clone(&versions);
            let failing = Arc::clone(&is_failing);
            let writer = Writer::new(store.clone(), clock.clone(), versions, failing);
            lanes.push(sender);
            writers.push(tokio::spawn(writer.run(jobs)));
        }
        let inner = Inner {
            store,
            clock,
            versions,
            lanes: std::sync::Mutex::new(lanes),
            writers: Mutex::new(writers),
            under_way: UnderWay::default(),
            is_failing,
            clockwork: Mutex::default(),
            workshop: Mutex::default(),
            reach: std::sync::Mutex::default(),
            wake: Notify::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// For reading.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Whether the database takes what is written: it is tried when a transaction has failed, and only then,
    /// so that watching a healthy service costs no writes.
    pub async fn can_write(&self) -> Result<(), Error> {
        if self.inner.is_failing.swap(false, Ordering::Relaxed) {
            self.store().try_writing().await.inspect_err(|_| {
                self.inner.is_failing.store(true, Ordering::Relaxed);
            })?;
        }
        Ok(())
    }

    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// A published version ready to run, whatever the checker would say of it today.
    pub async fn executable(
        &self,
        organisation: &str,
        procedure: &str,
        version: u32,
    ) -> Result<Option<Arc<Executable>>, Error> {
        let versions = &self.inner.versions;
        if let Some(known) = versions.known(organisation, procedure, version) {
            return Ok(Some(known));
        }
        match self.inner.store.bundle(organisation, procedure, version).await? {
            Some(bundle) => versions.make(organisation, procedure, version, bundle).map(Some),
            None => Ok(None),
        }
    }

    /// Does a command as a whole, or not at all. The `actor`'s roles are those held in the
    /// organisation whose case it is; `key` as for [`start_case`](Self::start_case).
    pub async fn handle(
        &self,
        actor: &Actor,
        case: &CaseId,
        command: Command,
        key: Option<Key<'_>>,
    ) -> Result<Handled, Refusal> {
        self.order(actor, Wish::Handle { case: *case, within: None, command }, key).await
    }

    /// The same for a case of this organisation; one of another is not found. Whoever would look first
    /// whose case it is asks the database twice for each command.
    pub async fn handle_within(
        &self,
        organisation: &str,
        actor: &Actor,
        case: &CaseId,
        command: Command,
        key: Option<Key<'_>>,
    ) -> Result<Handled, Refusal> {
        let within = Some(organisation.to_owned());
        self.order(actor, Wish::Handle { case: *case, within, command }, key).await
    }

    /// Has a lane do it. Whoever is next in line then waits until somebody looks: [`order`](Self::order).
    async fn in_writer(
        &self,
        actor: &Actor,
        wish: Wish,
        key: Option<Key<'_>>,
    ) -> Result<Handled, Refusal> {
        let (sender, answer) = oneshot::channel();
        let claim = |key| self.inner.under_way.claim(&actor.id, key, &wish);
        let (key, place) = key.map(claim).transpose()?.unzip();
        let reply = Reply { sender, place: place.flatten() };
        let lane = lane(&wish);
        let order = Order { actor: actor.clone(), wish, key };
        self.send(lane, Job::Order(Box::new(order), reply))?;
        let answer = answer.await.map_err(|_| Refusal::Failed(Error::Stopped))?;
        if let Ok(handled) = &answer
            && (!handled.state.jobs.is_empty() || !handled.state.is_open())
        {
            self.wake_jobs();
        }
        answer
    }

    fn send(&self, lane: u64, job: Job) -> Result<(), Error> {
        let lanes = self.inner.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let place = lane.checked_rem(lanes.len() as u64).ok_or(Error::Stopped)?;
        lanes[place as usize].try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopped,
        })
    }

    /// Takes no more commands and returns when all that were waiting have been done. Reading goes
    /// on.
    pub async fn shutdown(&self) {
        if let Some(clockwork) = self.inner.clockwork.lock().await.take() {
            // What it has asked for is done all the same, and what it leased is taken by others.
            clockwork.abort();
        }
        if let Some(workshop) = self.inner.workshop.lock().await.take() {
            workshop.abort();
        }
        self.inner.lanes.lock().unwrap_or_else(PoisonError::into_inner).clear();
        for writer in self.inner.writers.lock().await.drain(..) {
            if let Err(error) = writer.await {
                tracing::error!(%error, "a writer did not end well");
            }
        }
    }
}

/// The lane that publishes, and begins cases: all of these take numbers, and would only wait for each
/// other in two.
const FIRST: u64 = 0;

/// What is asked of one case goes through one lane, and keeps its order.
fn lane(wish: &Wish) -> u64 {
    match wish {
        Wish::Start { .. } | Wish::StartAlone { .. } | Wish::StartChild { .. } => FIRST,
        // The last bytes of an id are chance.
        Wish::Handle { case, .. } => case.0.as_u64_pair().1,
    }
}
