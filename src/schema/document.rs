//! The head of a document.

use schemars::JsonSchema;

use super::scalar::{Count, Text};

/// A printed order, contract or report.
#[derive(JsonSchema)]
#[schemars(title = "a document", deny_unknown_fields)]
pub struct Document {
    /// The id by which steps name it.
    pub document: Text,
    /// As it is called in lists and on the paper.
    pub title: Text,
    /// The series that its numbers come from.
    pub series: Text,
    /// How many are printed unless the step says otherwise: 1 to 20.
    pub copies: Option<Count>,
    /// The body, in a file of several parts; in a `.typ.j2` it is what follows the head.
    pub template: Option<Text>,
}
