//! Why something that was to come by itself did not: kept beside it as JSON, until it has come or somebody
//! drops it, and told on the board in the reader's language.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::engine::Rejection;

/// Why it did not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setback {
    /// The engine's no.
    Refused(Rejection),
    /// A failure of the machine, in the words of the log.
    Failed(String),
    /// A report with more rows than one may have.
    TooManyRows,
}

impl Setback {
    pub(super) fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::Refused(rejection.clone()),
            refusal => Self::Failed(refusal.to_string()),
        }
    }

    /// As it is kept.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was kept; what can't be read is told as it stands.
    pub fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_else(|_| Self::Failed(json.to_owned()))
    }
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(rejection) => write!(f, "refused: {}", rejection.code()),
            Self::Failed(reason) => f.write_str(reason),
            Self::TooManyRows => f.write_str("too many rows"),
        }
    }
}
