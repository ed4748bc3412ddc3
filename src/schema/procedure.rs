//! Procedures: what stands above their steps.

use schemars::JsonSchema;

use super::organisation::Erratum;
use super::scalar::{Expr, Named, Text, Texts, Tree};
use super::step::Steps;

/// One written procedure, step by step like the manual's table.
#[derive(JsonSchema)]
#[schemars(title = "a procedure", deny_unknown_fields)]
pub struct Procedure {
    /// The id: lower case letters, digits and `-`.
    pub procedure: Text,
    /// The manual's chapter: `"8.1"`.
    pub section: Option<Text>,
    /// As the manual calls it.
    pub title: Text,
    /// What it is for.
    pub objective: Option<Text>,
    /// Macro process, process, sub-process.
    pub category: Option<Texts>,
    /// How a case is called in every list: `{{ cliente.nombre }} · {{ cliente.ci }}`.
    pub subject: Option<Text>,
    /// What begins a case, `by`, `every` or `message`; none is needed where `inputs` say that only procedures do.
    pub starts: Option<Starts>,
    /// What a case needs to begin, given by the procedure that begins it: `{ variable: type }`.
    pub inputs: Option<Named<Tree>>,
    /// What a case that has ended hands back to it: `{ name: expression }`.
    pub outputs: Option<Named<Expr>>,
    /// Who may cancel one; who may start it unless said.
    pub cancels: Option<Cancels>,
    /// How long closed cases stay in the database: `5 years`. For ever unless said.
    pub retention: Option<Text>,
    /// Errors of the manual that no single step has.
    pub errata: Option<Vec<Erratum>>,
    /// The rows of the manual's table, by its own numbers, in its order.
    pub steps: Steps,
}

/// What begins a case.
#[derive(JsonSchema)]
#[schemars(title = "starts", deny_unknown_fields)]
pub struct Starts {
    /// Who may begin a case by hand: one role or a list.
    pub by: Option<Texts>,
    /// When a case begins by itself: `working day at 17:00`, `month on the last working day`.
    pub every: Option<Text>,
    /// What becomes of the times when no server ran: `once`, `all` or `skip`.
    pub missed: Option<Missed>,
    /// The variable that takes the day for which a case begins by itself.
    #[schemars(rename = "as")]
    pub day: Option<Text>,
    /// The message that begins a case when none waits for it.
    pub message: Option<Text>,
    /// The variable that takes its contents.
    pub into: Option<Text>,
}

/// What becomes of the times at which no server ran.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Missed {
    /// One case for all of them.
    Once,
    /// A case for each of them.
    All,
    /// None.
    Skip,
}

/// Who may cancel a case.
#[derive(JsonSchema)]
#[schemars(title = "cancels", deny_unknown_fields)]
pub struct Cancels {
    /// One role or a list.
    pub by: Texts,
}
