//! Looking decision tables up: which rows held is told in the journal, beside what came out.

use super::Working;
use super::complete::no_way;
use crate::engine::{Entry, Place, Rejection};
use crate::expression::Map;
use crate::procedure::Step;

/// Each sees what those before it have filled in.
pub(super) fn look_up(working: &mut Working<'_>, step: &Step) -> Result<(), Rejection> {
    let decimals = working.executable.organisation.currency.decimals;
    for look_up in &step.looks_up {
        let Some(outcome) = look_up.decide(&working.scope(), decimals) else { continue };
        let outcome = outcome.map_err(|fault| no_way(step, fault.message))?;
        let within = working.state.owner(working.here.as_ref()).cloned();
        keep_group(working, &look_up.variable, within.as_ref());
        working.emit(Entry::TableLookedUp {
            step: step.id.value.clone(),
            table: look_up.table.value.clone(),
            variable: look_up.variable.value.clone(),
            inputs: outcome.inputs,
            rows: outcome.rows,
            value: outcome.value,
            within,
        });
    }
    Ok(())
}

/// A branch with variables of its own takes the rest of a group with it when a part of the group
/// becomes its own.
fn keep_group(working: &mut Working<'_>, variable: &str, within: Option<&Place>) {
    let (Some((group, _)), Some(place)) = (variable.split_once('.'), within) else { return };
    let Some(known) = working.state.variable(working.here.as_ref(), group).cloned() else { return };
    let block = working.state.blocks.get(&place.block);
    let own = block.and_then(|block| block.items.get(&place.branch)?.get(group));
    if own.is_none() {
        let values = Map::from([(group.to_owned(), known)]);
        working.emit(Entry::VariablesSet { values, within: Some(place.clone()) });
    }
}
