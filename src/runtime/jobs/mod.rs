//! The workshop: does the jobs that are the server's own.
//!
//! What is due is leased (`store::jobs`), done outside of any transaction, and what came of it goes
//! through the same queue as what people ask, as a command of the machine. A server that dies in between
//! has done the work perhaps and told nobody: another one does it again when the lease ends, under the
//! same idempotency key. So a machine is asked at least once, and who keeps to the key does it once.
//!
//! `notice` sends what people are reminded of. `call` and `mail` do the work and know nothing of cases; `child` begins cases and looks after them; `tell` makes what came of it
//! part of the case; `reach` is the configuration that they need.

mod call;
mod child;
mod mail;
mod notice;
mod outcome;
mod reach;
mod tell;

pub use reach::{Link, Reach, ReachError};

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use uuid::Uuid;

use self::outcome::{Failure, Outcome};
use super::{Refusal, Runtime};
use crate::engine::{Job, JobStatus, Request};
use crate::procedure::Executable;
use crate::store::{self, CHILD, CaseRow, Leased, STOP};

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
    child::child_id(&(*case, job), 0)
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
        let room = room - count as u32;
        Ok(count + self.begin_notices(doing, room).await?)
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
        // The lease is kept until the case has been told: what a mail server did must not be done again
        // because the database was busy for a while.
        let done = async {
            let outcome = match &job.request {
                Request::Case { .. } => child::look(self, &errand).await?,
                _ => Some(self.ask(&errand).await),
            };
            match outcome {
                Some(outcome) => self.tell(&errand, outcome).await,
                None => {
                    let held = (lease, CHILD);
                    self.store().postpone_job(leased, held, child::later(self)).await?;
                    Ok(false)
                }
            }
        };
        tokio::select! {
            biased;
            done = done => done,
            () = self.keep(leased, lease) => Ok(false),
        }
    }

    async fn stop_child(&self, leased: &Leased, lease: &str) -> Result<bool, Refusal> {
        if child::stop(self, leased).await? {
            self.store().drop_job(leased, lease).await?;
        } else {
            self.store().postpone_job(leased, (lease, STOP), child::later(self)).await?;
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

    pub(super) fn wake_jobs(&self) {
        self.inner.wake.notify_one();
    }
}

fn is_due(job: &Job) -> bool {
    job.status == JobStatus::Waiting
}
