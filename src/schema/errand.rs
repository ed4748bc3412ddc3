//! Work for machines: `send`, `call` and what stands beside them.

use schemars::JsonSchema;

use super::scalar::{Count, Text, Texts, Tree};

/// A mail.
#[derive(JsonSchema)]
#[schemars(title = "`send`", deny_unknown_fields)]
pub struct Send {
    /// One address or a list; `{{ cliente.correo }}`.
    pub to: Texts,
    /// The subject, with `{{ … }}` for what the case knows.
    pub subject: Text,
    /// What it says, with `{{ … }}` for what the case knows.
    pub body: Text,
    /// Documents that the case has issued.
    pub attach: Option<Texts>,
    /// How often it is tried, 5 unless said, 50 at most.
    pub tries: Option<Count>,
}

/// A request to another system: one of `get`, `post`, `put`, `patch` and `delete`.
#[derive(JsonSchema)]
#[schemars(title = "`call`", deny_unknown_fields)]
pub struct Call {
    /// The name of the system; where it is, the operator says.
    pub service: Text,
    /// Asks for what is at this path.
    pub get: Option<Text>,
    /// Sends something new to this path.
    pub post: Option<Text>,
    /// Puts something at this path.
    pub put: Option<Text>,
    /// Changes what is at this path.
    pub patch: Option<Text>,
    /// Takes away what is at this path.
    pub delete: Option<Text>,
    /// Expressions, in tables and lists; sent as JSON.
    pub body: Option<Tree>,
    /// How long an answer is waited for: `10 seconds`, `2 minutes`.
    pub timeout: Option<Text>,
    /// How often it is tried, 5 unless said, 50 at most.
    pub tries: Option<Count>,
}

/// Where the case goes on when the machine says no.
#[derive(JsonSchema)]
#[schemars(title = "a line of `on_error`", deny_unknown_fields)]
pub struct OnError {
    /// The step that follows; `join` ends a branch.
    pub go: Option<Text>,
    /// Ends the case with this outcome.
    pub end: Option<Text>,
}
