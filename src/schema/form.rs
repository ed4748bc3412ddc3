//! Forms.

use schemars::JsonSchema;

use super::field::Field;
use super::scalar::{Expr, Named, Text, Texts};

/// What a person fills in at a step.
#[derive(JsonSchema)]
#[schemars(title = "a form", deny_unknown_fields)]
pub struct Form {
    /// The id by which steps name it.
    pub form: Text,
    /// As it stands above the fields.
    pub title: Text,
    /// What the person should know before filling it in.
    pub help: Option<Text>,
    /// Variables that were filled in earlier, shown read-only.
    pub shows: Option<Texts>,
    /// Variables that were filled in earlier and may be changed here.
    pub edits: Option<Texts>,
    /// The fields by name, in the order of the screen.
    pub fields: Option<Named<Field>>,
    /// What must hold over several fields.
    pub rules: Option<Vec<Rule>>,
}

/// What must hold over several fields.
#[derive(JsonSchema)]
#[schemars(title = "a rule", deny_unknown_fields)]
pub struct Rule {
    /// The condition.
    pub must: Expr,
    /// What the person is told when it doesn't hold.
    pub says: Text,
}
