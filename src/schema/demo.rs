//! People and cases to try things out with.

use schemars::JsonSchema;

use super::scalar::{Any, Count, Named, Text};

/// People and cases for `tramite serve --demo`; no part of a version.
#[derive(JsonSchema)]
#[schemars(title = "a demo", deny_unknown_fields)]
pub struct Written {
    pub demo: Demo,
}

/// Who works there, and on what.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Demo {
    /// Who may sign in.
    pub people: Option<Vec<Somebody>>,
    /// Cases, each worked with sample data.
    pub cases: Option<Vec<Case>>,
}

/// Who may sign in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Somebody {
    /// What is typed to sign in.
    pub login: Text,
    /// As it is printed.
    pub name: Text,
    /// The roles that the person holds.
    pub roles: Vec<Text>,
}

/// A case that has come some way.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Case {
    /// The procedure's id.
    pub procedure: Text,
    /// Another number gives other sample data.
    pub seed: Option<Count>,
    /// How many steps are done already; all of them unless said.
    pub steps: Option<Count>,
    /// Which ways are taken: `2=No cumple`.
    pub decide: Option<Vec<Text>>,
    /// Values that are not left to chance, by their variables.
    pub set: Option<Named<Any>>,
}
