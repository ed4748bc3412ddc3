//! The workshop: does the jobs that are the server's own.
//!
//! What is due is leased (`store::jobs`), done outside of any transaction, and what came of it goes
//! through the same queue as what people ask, as a command of the machine. A server that dies in between
//! has done the work perhaps and told nobody: another one does it again when the lease ends, under the
//! same idempotency key. So a machine is asked at least once, and who keeps to the key does it once.
//!
//! `call` and `mail` do the work and know nothing of cases; `child` begins cases and looks after them; `reach` is the configuration that they need.

mod call;
mod child;
mod mail;
mod outcome;
mod reach;

pub use reach::{Reach, ReachError};

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use self::outcome::{Failure, Outcome, Retry, pause, unfit};
use super::{Refusal, Runtime};
use crate::engine::{Actor, Command, Job, JobStatus, Rejection, Request};
use crate::procedure::Executable;
use crate::store::{self, CaseRow, Leased, STOP};

/// How often it is looked what is due when nothing says that there is something.
const LOOK: Duration = Duration::from_secs(1);

/// Jobs done at a time: other systems take their time, and nobody waits for another's answer.
const TOGETHER: u32 = 16;

/// For how long a job is this server's; a longer one is extended as long as this server lives.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
const EXTEND: Duration = Duration::from_secs(20);

/// A job to be done, with the case around it.
struct Errand<'a> {
    leased: &'a Leased,
    case: &'a CaseRow,
    executable: &'a Executable,
    job: &'a Job,
}

impl Errand<'_> {
    /// What the other side knows the job by, however often it is asked.
    fn key(&self) -> String {
        let (case, job) = self.leased;
        format!("{case}-{job}")
    }
}

/// The case that a job begins.
#[cfg(test)]
pub(super) fn child_of(case: &store::CaseId, job: u32) -> store::CaseId {
    child::child_id(&(*case, job))
}

impl Runtime {
    /// Names what this server may reach: its mail server, and the services that procedures call. Before
    /// [`work_jobs`](Self::work_jobs).
    pub fn connect(&self, reach: Reach) {
        *self.inner.reach.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(reach);
    }

    fn reach(&self) -> Arc<Reach> {
        Arc::clone(&self.inner.reach.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does jobs when they are due, until [`shutdown`](Self::shutdown). For servers.
    pub async fn work_jobs(&self) {
        let runtime = self.clone();
        let workshop = tokio::spawn(async move {
            let mut doing: JoinSet<bool> = JoinSet::new();
            loop {
                let woken = runtime.inner.wake.notified();
                let room = TOGETHER.saturating_sub(doing.len() as u32);
                match runtime.begin_jobs(&mut doing, room).await {
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "jobs could not be looked for"),
                }
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(LOOK) => {}
                    Some(_) = doing.join_next(), if !doing.is_empty() => {}
                }
            }
        });
        let before = self.inner.workshop.lock().await.replace(workshop);
        if let Some(before) = before {
            before.abort();
        }
    }

    /// Does everything that is due now; how many jobs there were. Tests with a manual clock call this
    /// themselves.
    pub async fn do_jobs(&self) -> Result<usize, store::Error> {
        let (mut doing, mut done) = (JoinSet::new(), 0);
        while self.begin_jobs(&mut doing, TOGETHER).await? > 0 {
            while let Some(told) = doing.join_next().await {
                done += usize::from(told.unwrap_or(false));
            }
        }
        Ok(done)
    }

    async fn begin_jobs(
        &self,
        doing: &mut JoinSet<bool>,
        room: u32,
    ) -> Result<usize, store::Error> {
        if room == 0 {
            return Ok(0);
        }
        let lease = Uuid::now_v7().to_string();
        let now = self.clock().now();
        let leased = self.store().lease_jobs(now, LEASE, &lease, room).await?;
        let count = leased.len();
        for (leased, kind) in leased {
            let (runtime, lease) = (self.clone(), lease.clone());
            doing.spawn(async move { runtime.do_leased(leased, &lease, kind == STOP).await });
        }
        Ok(count)
    }

    /// Whether something came of it. What could not be told is done again when its lease has ended.
    async fn do_leased(&self, leased: Leased, lease: &str, is_over: bool) -> bool {
        let (case, job) = leased;
        let done = match is_over {
            true => self.stop_child(&leased, lease).await,
            false => self.try_leased(&leased, lease).await,
        };
        match done {
            Ok(told) => told,
            Err(Refusal::Busy) => false,
            Err(refusal) => {
                tracing::error!(%case, job, %refusal, "a job could not be done");
                false
            }
        }
    }

    async fn try_leased(&self, leased: &Leased, lease: &str) -> Result<bool, Refusal> {
        let (id, number) = leased;
        let Some(case) = self.store().case(id).await? else { return Ok(false) };
        let Some(job) = case.state.jobs.get(number).filter(|job| is_due(job)) else {
            return Ok(false);
        };
        let version = (&case.organisation, &case.procedure, case.version);
        let executable = self.executable(version.0, version.1, version.2).await?;
        let executable = executable.ok_or(Refusal::NotFound)?;
        let errand = Errand { leased, case: &case, executable: &executable, job };
        let asked = async {
            match &job.request {
                Request::Case { .. } => child::look(self, &errand).await,
                _ => Ok(Some(self.ask(&errand).await)),
            }
        };
        let outcome = tokio::select! {
            outcome = asked => outcome?,
            () = self.keep(leased, lease) => return Ok(false),
        };
        match outcome {
            Some(outcome) => self.tell(&errand, outcome).await,
            None => {
                self.store().postpone_job(leased, lease, child::later(self)).await?;
                Ok(false)
            }
        }
    }

    async fn stop_child(&self, leased: &Leased, lease: &str) -> Result<bool, Refusal> {
        if child::stop(self, leased).await? {
            self.store().drop_job(leased, lease).await?;
        }
        Ok(true)
    }

    /// Extends a lease for as long as this is polled; returns when it is somebody else's.
    async fn keep(&self, (case, job): &Leased, lease: &str) {
        loop {
            tokio::time::sleep(EXTEND).await;
            let until = self.clock().now().checked_add(LEASE).unwrap_or(Timestamp::MAX);
            match self.store().extend_job(case, *job, lease, until).await {
                Ok(true) => {}
                // Withdrawn meanwhile, or taken over: whoever has it now tells what came of it.
                Ok(false) => return,
                Err(error) => tracing::warn!(%case, job, %error, "a lease was not extended"),
            }
        }
    }

    async fn ask(&self, errand: &Errand<'_>) -> Outcome {
        let reach = self.reach();
        match &errand.job.request {
            Request::Call { .. } => call::call(&reach, errand).await,
            Request::Send { .. } => mail::send(self, &reach, errand).await,
            Request::Work { .. } | Request::Case { .. } => {
                Outcome::Failed(Failure::lasting("no server does this"))
            }
        }
    }

    /// Makes an outcome part of the case.
    async fn tell(&self, errand: &Errand<'_>, outcome: Outcome) -> Result<bool, Refusal> {
        let (case, job) = *errand.leased;
        let failure = match outcome {
            Outcome::Failed(failure) => failure,
            Outcome::Done(answer) => {
                let command = Command::CompleteJob { job, answer };
                match self.handle(&Actor::machine(), &case, command, None).await {
                    Ok(_) => return Ok(true),
                    Err(Refusal::Rejected(rejection)) => match unfit(errand, &rejection) {
                        Some(failure) => failure,
                        None => return Ok(false),
                    },
                    Err(refusal) => return Err(refusal),
                }
            }
        };
        let handlers = errand.executable.step(&errand.job.step);
        let handlers = handlers.and_then(|step| step.errand.as_ref());
        let is_handled = |code: &&String| handlers.is_some_and(|own| own.handler(code).is_some());
        let code = failure.codes.iter().find(is_handled).or(failure.codes.first()).cloned();
        let retry_at = self.retry_at(&failure.retry, errand.job.attempts);
        let command = Command::FailJob { job, reason: failure.reason, code, retry_at };
        match self.handle(&Actor::machine(), &case, command, None).await {
            // Withdrawn while it was tried.
            Err(Refusal::Rejected(Rejection::JobNotOpen | Rejection::CaseNotRunning)) => Ok(false),
            told => told.map(|_| true),
        }
    }

    pub(super) fn wake_jobs(&self) {
        self.inner.wake.notify_one();
    }

    fn retry_at(&self, retry: &Retry, attempts: u32) -> Option<Timestamp> {
        let pause = match retry {
            Retry::Never => return None,
            Retry::Later => pause(attempts),
            Retry::After(pause) => *pause,
        };
        Some(self.clock().now().checked_add(pause).unwrap_or(Timestamp::MAX))
    }

    /// When a worker's job is tried again that has failed so often before, if it says nothing else.
    pub fn usual_retry(&self, attempts: u32) -> Option<Timestamp> {
        self.retry_at(&Retry::Later, attempts)
    }
}

fn is_due(job: &Job) -> bool {
    job.status == JobStatus::Waiting
}
