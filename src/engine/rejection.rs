//! No, in words for the person who asked.
//!
//! A rejection changes nothing. `language` has a sentence for each code in every language of the
//! screens; what stands here is the code and what the sentence needs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::field::FieldError;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rejection", rename_all = "snake_case")]
pub enum Rejection {
    /// The person holds none of the roles that may do this.
    NotYourRole {
        role: String,
    },
    CaseExists,
    CaseNotRunning,
    /// The task is completed or withdrawn, perhaps a moment ago by somebody else.
    TaskNotOpen,
    /// The job is done or withdrawn, or its lease is somebody else's.
    JobNotOpen,
    ClaimedByAnother {
        by: String,
    },
    NotClaimed,
    /// Steps that are done in any order, but one at a time: somebody works on another.
    AnotherFirst {
        step: String,
    },
    /// Nothing can be added there any more.
    BlockNotOpen,
    NotOpenYet {
        opens_at: Timestamp,
    },
    /// The same person did `step`, and four eyes are wanted.
    FourEyes {
        step: String,
    },
    ChoiceRequired {
        choices: Vec<String>,
    },
    UnknownChoice {
        choice: String,
        choices: Vec<String>,
    },
    InvalidSubmission {
        errors: Vec<FieldError>,
    },
    /// A paper or document that the step needs is not there.
    NotInHand {
        name: String,
    },
    /// There is less in the account than is to be taken out of it.
    NotEnough {
        /// What is moved.
        name: String,
        account: String,
        there: String,
        wanted: String,
    },
    /// Not above zero, too large, or with more decimals than are counted.
    BadAmount {
        name: String,
        amount: String,
        decimals: u32,
    },
    /// The case can't be over while things that it moved are on their way.
    StillOpen {
        open: Vec<OpenBalance>,
    },
    ReasonRequired,
    /// A row that is saved was not looked for beforehand: its key has come up only now. Whoever asks loads
    /// it and asks again.
    RowNotLoaded {
        register: String,
        key: String,
    },
    /// Cases have begun each other too often.
    TooDeep {
        most: u32,
    },
    /// So much would be open at once that nobody could work on it.
    TooMuchOpen {
        step: String,
        most: u32,
    },
    /// The step can't be left: a mistake of the procedure, not of the person.
    NoWayOn {
        step: String,
        reason: String,
    },
}

/// What a case has left in transit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenBalance {
    pub item: String,
    pub account: String,
    pub amount: String,
}

impl Rejection {
    /// The message's key: `rejection-` and the code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotYourRole { .. } => "not-your-role",
            Self::CaseExists => "case-exists",
            Self::CaseNotRunning => "case-not-running",
            Self::TaskNotOpen => "task-not-open",
            Self::JobNotOpen => "job-not-open",
            Self::ClaimedByAnother { .. } => "claimed-by-another",
            Self::NotClaimed => "not-claimed",
            Self::AnotherFirst { .. } => "another-first",
            Self::BlockNotOpen => "block-not-open",
            Self::NotOpenYet { .. } => "not-open-yet",
            Self::FourEyes { .. } => "four-eyes",
            Self::ChoiceRequired { .. } => "choice-required",
            Self::UnknownChoice { .. } => "unknown-choice",
            Self::InvalidSubmission { .. } => "invalid-submission",
            Self::NotInHand { .. } => "not-in-hand",
            Self::NotEnough { .. } => "not-enough",
            Self::BadAmount { .. } => "bad-amount",
            Self::StillOpen { .. } => "still-open",
            Self::RowNotLoaded { .. } => "row-not-loaded",
            Self::ReasonRequired => "reason-required",
            Self::TooDeep { .. } => "too-deep",
            Self::TooMuchOpen { .. } => "too-much-open",
            Self::NoWayOn { .. } => "no-way-on",
        }
    }
}
