//! What came of a job becomes part of its case. Asked by the workshop (`super`); asks no other machine.
//!
//! Two things must not be mixed up. When the other side failed, or its answer does not fit, the procedure's
//! own `on_error` says how it goes on. When the other side did its part and the *case* can't go on (a later
//! step can't be reckoned, there is less in an account than is taken), nothing was wrong with the other side:
//! no handler is asked, and somebody must look. The same holds when the handler itself leads nowhere.

use std::time::Duration;

use jiff::Timestamp;

use super::Errand;
use super::outcome::{Failure, Outcome, Retry, pause, stuck, unfit};
use crate::engine::{Actor, Command, Rejection};
use crate::runtime::{Refusal, Runtime};

/// How often a busy engine is asked again, and how long after the first time; each further pause is twice as long.
const TRIES: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

impl Runtime {
    /// Whether the case was told; not when it no longer waits.
    pub(super) async fn tell(
        &self,
        errand: &Errand<'_>,
        outcome: Outcome,
    ) -> Result<bool, Refusal> {
        let job = errand.leased.1;
        let failure = match outcome {
            Outcome::Failed(failure) => failure,
            Outcome::Done(answer) => {
                match self.said(errand, Command::CompleteJob { job, answer }).await? {
                    None => return Ok(true),
                    Some(rejection) if is_over(&rejection) => return Ok(false),
                    Some(Rejection::InvalidSubmission { errors }) => unfit(errand, &errors),
                    Some(rejection) => return self.raise(errand, stuck(errand, &rejection)).await,
                }
            }
        };
        let handlers = errand.executable.step(&errand.job.step);
        let handlers = handlers.and_then(|step| step.errand.as_ref());
        let is_handled = |code: &&String| handlers.is_some_and(|own| own.handler(code).is_some());
        let code = failure.codes.iter().find(is_handled).or(failure.codes.first()).cloned();
        let retry_at = self.retry_at(&failure.retry, errand.job.attempts);
        let Failure { reason, .. } = failure;
        let told = reason.clone();
        match self.said(errand, Command::FailJob { job, reason, code, retry_at }).await? {
            None => Ok(true),
            Some(rejection) if is_over(&rejection) => Ok(false),
            Some(rejection) => {
                self.raise(errand, format!("{told}; {}", stuck(errand, &rejection))).await
            }
        }
    }

    /// Somebody must look: else the other side would be asked again and again.
    async fn raise(&self, errand: &Errand<'_>, reason: String) -> Result<bool, Refusal> {
        let job = errand.leased.1;
        match self.said(errand, Command::RaiseIncident { job, reason }).await? {
            None => Ok(true),
            Some(rejection) if is_over(&rejection) => Ok(false),
            Some(rejection) => Err(Refusal::Rejected(rejection)),
        }
    }

    /// The case's no, if it says one. A busy engine is waited for: what came of the job is known only here.
    async fn said(
        &self,
        errand: &Errand<'_>,
        command: Command,
    ) -> Result<Option<Rejection>, Refusal> {
        let case = &errand.leased.0;
        for tries in 0.. {
            match self.handle(&Actor::machine(), case, command.clone(), None).await {
                Ok(_) => return Ok(None),
                Err(Refusal::Rejected(rejection)) => return Ok(Some(rejection)),
                Err(Refusal::Busy) if tries < TRIES => {
                    tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(tries)).await;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Err(Refusal::Busy)
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

/// Withdrawn while it was tried, or told by somebody else.
fn is_over(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::JobNotOpen | Rejection::CaseNotRunning)
}
