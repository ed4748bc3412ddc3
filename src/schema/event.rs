//! What a step waits for, what may happen meanwhile, messages and signals.

use schemars::JsonSchema;

use super::procedure::Missed;
use super::scalar::{Either, Expr, Flag, Named, Text, Texts};

/// What a step waits for: one of `until`, `message` and `signal`.
#[derive(JsonSchema)]
#[schemars(title = "`wait`", deny_unknown_fields)]
pub struct Wait {
    /// A term, `2 working days`, or a variable with a day.
    pub until: Option<Text>,
    /// A message of the organisation.
    pub message: Option<Text>,
    /// `message`: whose: `{{ abonado.numero }}`.
    pub key: Option<Text>,
    /// `message`: the variable that takes what it contains.
    pub into: Option<Text>,
    /// A signal of the organisation.
    pub signal: Option<Text>,
}

/// Something that may happen while the step is open: one of `after`, `message` and `signal`, and what is done
/// then: one of `go`, `end`, `remind`, `escalate` and `does`.
#[derive(JsonSchema)]
#[schemars(title = "a line of `on`", deny_unknown_fields)]
pub struct Happening {
    /// A term, counted from when the step begins; or `due`, when the step's own has passed.
    pub after: Option<Text>,
    /// A message of the organisation.
    pub message: Option<Text>,
    /// `message`: whose: `{{ abonado.numero }}`.
    pub key: Option<Text>,
    /// `message`: the variable that takes what it contains.
    pub into: Option<Text>,
    /// A signal of the organisation.
    pub signal: Option<Text>,
    /// `after` with `remind` or `does`: again and again, so long after each time.
    pub every: Option<Text>,
    /// What becomes of times that were missed because no server ran.
    pub missed: Option<Missed>,
    /// The step is taken away, and the case goes on here; `join` ends a branch.
    pub go: Option<Text>,
    /// The case ends with this outcome.
    pub end: Option<Text>,
    /// Whoever has the step before them is reminded of it: in the queue, with `mail` also by a mail.
    pub remind: Option<Either<Flag, ByMail>>,
    /// The task goes to the queue of this role.
    pub escalate: Option<Either<Text, Escalate>>,
    /// Steps that begin beside the step, which stays open: `{ 9a: { role: …, activity: … } }`.
    pub does: Option<super::step::Steps>,
    /// `does`: with `false` the case goes on when the step is done, and what began beside it is done by itself.
    pub wait: Option<Flag>,
    /// `does`: with `cancel`, what began beside the step is withdrawn when the step is done.
    pub rest: Option<Left>,
}

/// By a mail as well, to whoever has an address.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case", inline)]
pub enum ByMail {
    Mail,
}

/// Where a task goes.
#[derive(JsonSchema)]
#[schemars(title = "`escalate`", deny_unknown_fields)]
pub struct Escalate {
    /// The role.
    pub to: Text,
    /// Its people who have an address get a mail.
    pub mail: Option<Flag>,
}

/// What becomes of what began beside a step, when the step is done.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Left {
    /// It is withdrawn.
    Cancel,
}

/// A message that the step sends when it is done.
#[derive(JsonSchema)]
#[schemars(title = "`sends`", deny_unknown_fields)]
pub struct Sends {
    /// A message of the organisation.
    pub message: Text,
    /// Whose: `{{ abonado.numero }}`.
    pub key: Option<Text>,
    /// What it contains: `{ field: expression }`.
    pub with: Option<Named<Expr>>,
}

/// A kind of message: for one case, which is found by a key.
#[derive(JsonSchema)]
#[schemars(title = "a message", deny_unknown_fields)]
pub struct Message {
    /// How screens call it; the id unless said.
    pub title: Option<Text>,
    /// Roles whose people and programs may send it. Procedures may in any case.
    pub by: Option<Texts>,
    /// How long one is kept that no case waits for yet: `7 days`. 30 days unless said.
    pub keep: Option<Text>,
    /// What it contains.
    pub fields: Option<Named<super::field::Field>>,
}

/// A kind of signal: for all cases that wait for it at that moment.
#[derive(JsonSchema)]
#[schemars(title = "a signal", deny_unknown_fields)]
pub struct Signal {
    /// How screens call it; the id unless said.
    pub title: Option<Text>,
    /// Roles whose people and programs may give it. Procedures may in any case.
    pub by: Option<Texts>,
}
