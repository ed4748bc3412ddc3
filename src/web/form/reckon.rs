//! A rehearsal of a submission: what would be computed, and what is wrong. It changes nothing.

use crate::expression::{Layer, Map};
use crate::field::{self, Context, Field, FieldError, Problem};
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
    let fields: Vec<&Field> = desk.executable.fields(desk.place).iter().collect();
    let scope = desk.scope(here);
    let record = |register: &str, key: &str| registers.row(register, key).cloned();
    let context = Context {
        record: &record,
        currency_decimals: desk.executable.organisation.currency.decimals,
        scope: &scope,
    };
    let mut data = desk.case.state.data.clone();
    let mut errors = Vec::new();
    field::read(&fields, raw, &mut data, &context, &mut errors);
    if errors.is_empty() {
        let scope = Layer { own: &data, outer: &scope };
        let rules = desk.executable.forms_of(desk.step()).flat_map(|form| &form.rules);
        let broken = rules.filter(|rule| !matches!(rule.must.holds(&scope), Ok(true)));
        errors.extend(broken.map(|rule| FieldError {
            path: String::new(),
            problem: Problem::Rule { says: rule.says.clone() },
        }));
    }
    Reckoned { data, errors }
}
