//! The order in which a procedure's and a step's keys are written. A key that is not listed stands
//! where the others end, so that a new one of the language needs no line here.

use crate::yaml::plain::Table;

const PROCEDURE: [&str; 9] = [
    "procedure",
    "section",
    "title",
    "objective",
    "category",
    "subject",
    "starts",
    "cancels",
    "retention",
];

const STEP: [&str; 13] = [
    "role",
    "attended_by",
    "activity",
    "documents",
    "receives",
    "form",
    "hands_in",
    "set",
    "assigns",
    "saves",
    "issues",
    "signs",
    "due",
];

/// What comes last, in this order.
const LAST: [&str; 17] = [
    "each",
    "repeat",
    "steps",
    "any_order",
    "wait_any",
    "before",
    "parallel",
    "choose_any",
    "join",
    "on_error",
    "on",
    "decide",
    "choose",
    "go",
    "end",
    "erratum",
    "errata",
];

/// A procedure's keys in the order of every written one.
pub fn sort_procedure(table: &mut Table) {
    sort(table, &PROCEDURE);
}

/// A step's keys in the order of every written one.
pub fn sort_step(table: &mut Table) {
    sort(table, &STEP);
}

fn sort(table: &mut Table, first: &[&str]) {
    // A stable sort: what is not listed keeps its order.
    table.sort_by_key(|(key, _)| {
        let place = |list: &[&str]| list.iter().position(|known| known == key);
        match (place(first), place(&LAST)) {
            (Some(at), _) => at,
            (None, None) => first.len(),
            (None, Some(at)) => first.len() + 1 + at,
        }
    });
}
