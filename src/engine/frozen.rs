//! Freezing a document's data out of a case's state.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Actor, Place, State};
use crate::document::Document;
use crate::procedure::{Executable, Frozen, Moment, Step, freeze};

/// The data of `document` as issued at `step` now, in the branch `within`, under `number`; a dash stands
/// in a draft.
pub fn frozen(
    executable: &Executable,
    (state, within): (&State, Option<&Place>),
    document: &Document,
    step: &Step,
    number: &str,
    actor: &Actor,
    at: Timestamp,
) -> Frozen {
    let calendar = &executable.organisation.calendar;
    let numbers: BTreeMap<String, String> = state
        .documents
        .iter()
        .map(|issued| (issued.document.clone(), issued.number.clone()))
        .collect();
    let moment = Moment {
        data: &state.data_at(within),
        case_number: &state.number,
        started_on: state.started_at.map(|at| calendar.date(at)),
        today: calendar.date(at),
        actor: &actor.name,
        number,
        numbers,
    };
    freeze(executable, document, step, moment)
}
