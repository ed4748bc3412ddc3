//! A message or signal on its way to a case.

use crate::expression::Map;

/// What is delivered. What it contains has not been read yet: the case's own version says what it may.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Given by the sender; within the organisation no two messages have the same.
    pub id: String,
    pub name: String,
    /// Whose it is; empty for a signal.
    pub key: String,
    pub contents: Map,
    pub is_signal: bool,
}
