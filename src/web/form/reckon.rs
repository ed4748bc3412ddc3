//! A rehearsal of a submission: what would be computed, and what is wrong. It changes nothing.

use crate::expression::Map;
use crate::field::{Context, FieldError};
use crate::web::desk::Desk;
use crate::web::session::Here;

use super::Registers;

/// The case's data as it would be, as far as it can be read, and what is wrong with the rest.
#[derive(Debug, Default)]
pub(in crate::web) struct Reckoned {
    pub(in crate::web) data: Map,
    pub(in crate::web) errors: Vec<FieldError>,
}

/// Reads `raw` as the engine would, with the rules of the forms once every field is right.
pub(in crate::web) fn reckon(
    here: &Here,
    desk: &Desk,
    raw: &Map,
    registers: &Registers,
) -> Reckoned {
    let scope = desk.scope(here);
    let record = |register: &str, key: &str| {
        let row = registers.row(register, key)?.clone();
        Some(match desk.executable.register(register) {
            Some(register) => register.complete(row),
            None => row,
        })
    };
    let context = Context {
        record: &record,
        currency_decimals: desk.executable.organisation.currency.decimals,
        scope: &scope,
    };
    let (values, errors) = desk.executable.read(desk.place, raw, &context);
    let mut data = desk.data().into_owned();
    data.extend(values);
    Reckoned { data, errors }
}
