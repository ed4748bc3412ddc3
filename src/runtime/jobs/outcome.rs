//! What comes of a job: an answer, or a failure that passes or lasts.

use std::hash::{BuildHasher, Hasher, RandomState};

use jiff::{SignedDuration, Timestamp};

use super::Errand;
use crate::engine::Rejection;
use crate::expression::Value;
use crate::field::FieldError;
use crate::language::Language;
use crate::runtime::Error;
use crate::wording;

/// How long to wait after the first failure; after each further one three times as long, up to an hour.
const FIRST_PAUSE_MS: i64 = 5_000;
const LONGEST_PAUSE_MS: i64 = 3_600_000;

/// What came of trying.
pub(super) enum Outcome {
    Done(Value),
    Failed(Failure),
}

/// Why it did not work.
pub(super) struct Failure {
    pub(super) reason: String,
    /// What the other side calls it, the most telling first.
    pub(super) codes: Vec<String>,
    pub(super) retry: Retry,
}

pub(super) enum Retry {
    Later,
    /// The other side says when.
    After(SignedDuration),
    Never,
}

impl Failure {
    /// Trying again may help.
    pub(super) fn passing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), codes: Vec::new(), retry: Retry::Later }
    }

    /// It will be the same again.
    pub(super) fn lasting(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), codes: Vec::new(), retry: Retry::Never }
    }
}

/// Five seconds, then fifteen, then three quarters of a minute…, each made up to half as long again by
/// chance: what failed together should not come back together.
pub(super) fn pause(attempts: u32) -> SignedDuration {
    let factor = 3_i64.saturating_pow(attempts.min(20));
    let pause = FIRST_PAUSE_MS.saturating_mul(factor).min(LONGEST_PAUSE_MS);
    let chance = RandomState::new().build_hasher().finish() % (pause as u64 / 2);
    SignedDuration::from_millis(pause + chance as i64)
}

/// An answer that the step can't take: the other side did not do what it was asked for.
pub(super) fn unfit(errand: &Errand<'_>, errors: &[FieldError]) -> Failure {
    let language = &errand.executable.organisation.language;
    Failure::lasting(format!("the answer does not fit: {}", wrong(language, errors)))
}

/// Why the case can't go on, in the organisation's language.
pub(super) fn stuck(errand: &Errand<'_>, rejection: &Rejection) -> String {
    let language = Language::parse(&errand.executable.organisation.language);
    let when = |at: Timestamp| at.to_string();
    wording::rejection(&language, errand.executable, rejection, None, &when)
}

fn wrong(language: &str, errors: &[FieldError]) -> String {
    let language = Language::parse(language);
    let each = errors.iter().take(5).map(|error| {
        let words = wording::problem(&language, &error.problem);
        format!("{}: {words}", error.path)
    });
    each.collect::<Vec<_>>().join("; ")
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::passing(error.to_string())
    }
}
