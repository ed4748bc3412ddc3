//! Registers.

use schemars::JsonSchema;

use super::field::Field;
use super::scalar::{Any, Count, Either, Flag, Named, Text, Texts};

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
    /// Its rows are moved between accounts by double entries.
    pub ledger: Option<Ledger>,
    /// What stands in it on the first start; rows that are there stay.
    pub rows: Option<Vec<Named<Any>>>,
}

/// How the rows of a register are moved.
#[derive(JsonSchema)]
#[schemars(title = "a ledger", deny_unknown_fields)]
pub struct Ledger {
    /// What is counted: pieces, metres.
    pub unit: Option<Text>,
    /// Decimals of an amount, 6 at most; whole amounts unless said.
    pub decimals: Option<Count>,
    /// Roles that may look at it; everybody in the organisation unless said.
    pub seen_by: Option<Texts>,
    /// Where things are, or what has become of them: a title, or more.
    pub accounts: Named<Either<Text, Account>>,
}

/// An account of a ledger.
#[derive(JsonSchema)]
#[schemars(title = "an account", deny_unknown_fields)]
pub struct Account {
    /// For people.
    pub title: Text,
    /// No more can be taken out than is there.
    pub never_negative: Option<Flag>,
    /// What a case brings here it takes away again before it ends.
    pub in_transit: Option<Flag>,
}
