//! Registers.

use schemars::JsonSchema;

use super::field::Field;
use super::scalar::{Any, Named, Text};

/// Shared data: customers, meters, the price list.
#[derive(JsonSchema)]
#[schemars(title = "a file of registers", deny_unknown_fields)]
pub struct Registers {
    /// The registers by their ids.
    pub registers: Named<Register>,
}

/// One register.
#[derive(JsonSchema)]
#[schemars(title = "a register", deny_unknown_fields)]
pub struct Register {
    /// For people.
    pub title: Option<Text>,
    /// The field by which a row is found and replaced.
    pub key: Text,
    /// Its columns.
    pub fields: Named<Field>,
    /// How a row is called in lists: `{{ codigo }} · {{ descripcion }}`.
    pub shows: Option<Text>,
    /// What stands in it on the first start; rows that are there stay.
    pub rows: Option<Vec<Named<Any>>>,
}
