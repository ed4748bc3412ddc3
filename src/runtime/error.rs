//! Why a command was not done, and how the machine fails.
//!
//! What the engine refuses is the person's to read; what failed was nobody's wish, and is logged where it
//! becomes a page. The writers make these, whoever calls the runtime reads them.

use crate::engine::Rejection;
use crate::store::{self, CaseId};

/// Why a command was not done. Nothing has changed then, except perhaps with
/// [`store::Error::Unknown`].
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The engine's no, in words for the person.
    #[error("refused: {}", .0.code())]
    Rejected(Rejection),
    #[error("there is no such case or procedure")]
    NotFound,
    /// The key has named another command before.
    #[error("this key belongs to another command")]
    KeyReused,
    /// The command of this key is being done.
    #[error("the command of this key is under way")]
    InFlight,
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

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        if error.is_passing() { Self::Busy } else { Self::Failed(error.into()) }
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
