//! Looking decision tables up: which rows held is told in the journal, beside what came out.

use super::Working;
use super::complete::no_way;
use crate::engine::{Entry, Rejection};
use crate::procedure::Step;

/// Each sees what those before it have filled in.
pub(super) fn look_up(working: &mut Working<'_>, step: &Step) -> Result<(), Rejection> {
    let decimals = working.executable.organisation.currency.decimals;
    for look_up in &step.looks_up {
        let Some(outcome) = look_up.decide(&working.scope(), decimals) else { continue };
        let outcome = outcome.map_err(|fault| no_way(step, fault.message))?;
        working.emit(Entry::TableLookedUp {
            step: step.id.value.clone(),
            table: look_up.table.value.clone(),
            variable: look_up.variable.value.clone(),
            inputs: outcome.inputs,
            rows: outcome.rows,
            value: outcome.value,
        });
    }
    Ok(())
}
