//! The runtime: the only writer of cases.
//!
//! A command is a wish of a person: load the case, let the engine decide, write what came out. All
//! of it is one transaction, done by one task that takes commands from a queue; those that wait
//! share it, each decided after the one before. Whoever asks only waits for the answer: when a
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

mod batch;
mod clock;
mod command;
mod doctor;
mod print;
mod publish;
#[cfg(test)]
mod tests;
mod verify;
mod versions;
mod writer;

pub use clock::Clock;
pub use doctor::Ailment;
pub use verify::{Anchor, Breach};

use std::sync::{Arc, PoisonError};

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use self::versions::Versions;
use self::writer::{Job, Order, Wish, Writer};
use crate::engine::{Actor, Command, Record, Rejection, State};
use crate::procedure::Executable;
use crate::store::{self, CaseId, Store};

/// Commands that may wait. More are refused at once: half a second of work is worth waiting for, a
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
    /// None after [`Runtime::shutdown`].
    jobs: std::sync::Mutex<Option<mpsc::Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Handled {
    pub case: CaseId,
    /// The new lines of the journal; none when there was nothing to be done.
    pub records: Vec<Record>,
    /// The case after it.
    pub state: State,
}

/// Why a command was not done. Nothing has changed then, except perhaps with
/// [`store::Error::Unknown`].
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The engine's no, in words for the person.
    #[error("refused: {}", .0.code())]
    Rejected(Rejection),
    #[error("there is no such case or procedure")]
    NotFound,
    /// Worth trying again in a moment.
    #[error("too much is being asked at once")]
    Busy,
    #[error(transparent)]
    Failed(Error),
}

/// A failure of the machine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the engine has been shut down")]
    Stopped,
    #[error("too much is being asked at once")]
    Busy,
    #[error("there is no organisation `{organisation}` in these files")]
    UnknownOrganisation { organisation: String },
    #[error("{organisation}/{procedure} version {version} can't be made from its stored files")]
    Unreadable { organisation: String, procedure: String, version: u32 },
    /// A bug of ours; the case is as it was before.
    #[error("deciding on a command of case {case} panicked")]
    Panicked { case: CaseId },
}

impl Runtime {
    /// Starts the writer, which lives until [`shutdown`](Self::shutdown).
    pub async fn start(store: Store, clock: Clock) -> Result<Self, Error> {
        let (sender, jobs) = mpsc::channel(WAITING);
        let versions = Arc::new(Versions::default());
        let writer = Writer::new(store.clone(), clock.clone(), Arc::clone(&versions));
        let inner = Inner {
            store,
            clock,
            versions,
            jobs: std::sync::Mutex::new(Some(sender)),
            writer: Mutex::new(Some(tokio::spawn(writer.run(jobs)))),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// For reading.
    pub fn store(&self) -> &Store {
        &self.inner.store
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

    /// Begins a case on the newest version of the procedure.
    ///
    /// `key` makes the command safe to repeat: the same key of the same person again answers with
    /// what was done the first time.
    pub async fn start_case(
        &self,
        actor: &Actor,
        organisation: &str,
        procedure: &str,
        key: Option<&str>,
    ) -> Result<Handled, Refusal> {
        let wish =
            Wish::Start { organisation: organisation.to_owned(), procedure: procedure.to_owned() };
        self.order(actor, wish, key).await
    }

    /// Does a command as a whole, or not at all. The `actor`'s roles are those held in the
    /// organisation whose case it is; `key` as for [`start_case`](Self::start_case).
    pub async fn handle(
        &self,
        actor: &Actor,
        case: &CaseId,
        command: Command,
        key: Option<&str>,
    ) -> Result<Handled, Refusal> {
        self.order(actor, Wish::Handle { case: *case, command }, key).await
    }

    async fn order(
        &self,
        actor: &Actor,
        wish: Wish,
        key: Option<&str>,
    ) -> Result<Handled, Refusal> {
        let (reply, answer) = oneshot::channel();
        let key = key.map(|key| format!("{key}:{}", wish.digest()));
        let order = Order { actor: actor.clone(), wish, key };
        self.send(Job::Order(Box::new(order), reply))?;
        answer.await.map_err(|_| Refusal::Failed(Error::Stopped))?
    }

    fn send(&self, job: Job) -> Result<(), Error> {
        let jobs = self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = jobs.as_ref().ok_or(Error::Stopped)?;
        sender.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopped,
        })
    }

    /// Takes no more commands and returns when all that were waiting have been done. Reading goes
    /// on.
    pub async fn shutdown(&self) {
        let sender = self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(sender);
        if let Some(writer) = self.inner.writer.lock().await.take()
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the writer did not end well");
        }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Busy { .. } => Self::Busy,
            error => Self::Failed(error.into()),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => error.into(),
            Error::Busy => Self::Busy,
            error => Self::Failed(error),
        }
    }
}
