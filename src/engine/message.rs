//! A message or signal on its way to a case.

use crate::expression::Map;

/// Letters of a key, and of a sender's id: more is a mistake, and too long to be looked up by.
pub const MAX_MESSAGE_KEY: usize = 200;

/// What is delivered. What it contains has not been read yet: the case's own version says what it may.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Whose `id` it is: an actor's, or [`STEP`](Self::STEP).
    pub sender: String,
    /// Given by the sender, who gives no two messages the same.
    pub id: String,
    pub name: String,
    /// Whose it is; empty for a signal.
    pub key: String,
    pub contents: Map,
    pub is_signal: bool,
}

impl Received {
    /// The sender of what steps send: their ids say which case and which line of its journal.
    pub const STEP: &'static str = "case";
}
