//! The rules, one file per fault or per family of the same fault. Each reports through one function;
//! a new rule is a new file, a code in `diagnostic::codes` with its page, and one line here.

mod bad_event;
mod bad_four_eyes;
mod bad_inputs;
mod bad_join;
mod bad_schedule;
mod block_with_work;
mod broken_template;
mod calendar_sanity;
mod circular_order;
mod defined_twice;
mod demo;
mod endless_loop;
mod endless_recursion;
mod expressions;
mod external_without_attendant;
mod given_empty;
mod keeps_and_waits;
mod leaves_branch;
mod ledgers;
mod look_ups;
mod missing_braces;
mod missing_otherwise;
mod no_way_out;
mod not_assigned;
mod not_filled_in;
mod not_handed_back;
mod not_in_hand;
mod reports;
mod step_gap;
mod step_without_work;
mod tables;
mod template_names;
mod too_many_branches;
mod unknown_document;
mod unknown_form;
mod unknown_message;
mod unknown_procedure;
mod unknown_register;
mod unknown_role;
mod unknown_series;
mod unknown_step;
mod unknown_template;
mod unreachable_branch;
mod unreachable_step;
mod unused;
mod written_at_once;

pub use broken_template::Print;

use jiff::civil::Date;

use super::Subject;
use super::net::Net;
use crate::decision::Table;
use crate::diagnostic::{Diagnostics, Sources};
use crate::library::Group;
use crate::organisation::Organisation;

/// One decision table, whoever looks it up.
pub fn table(group: &Group, table: &Table, sources: &Sources, found: &mut Diagnostics) {
    tables::check(group, table, sources, found);
}

/// Names that must exist, and steps that say contradictory things.
pub fn names(subject: &Subject<'_>, found: &mut Diagnostics) {
    unknown_role::check(subject, found);
    unknown_form::check(subject, found);
    unknown_document::check(subject, found);
    unknown_register::check(subject, found);
    unknown_series::check(subject, found);
    unknown_procedure::check(subject, found);
    unknown_step::check(subject, found);
    unknown_message::check(subject, found);
    bad_event::check(subject, found);
    look_ups::names(subject, found);
    step_without_work::check(subject, found);
    external_without_attendant::check(subject, found);
    step_gap::check(subject, found);
    defined_twice::check(subject, found);
    block_with_work::check(subject, found);
    bad_join::check(subject, found);
    circular_order::check(subject, found);
    too_many_branches::check(subject, found);
    leaves_branch::check(subject, found);
    keeps_and_waits::check(subject, found);
    calendar_sanity::times(subject, found);
    bad_schedule::check(subject, found);
}

/// Variables, types, and what assigns them.
pub fn types(subject: &Subject<'_>, found: &mut Diagnostics) {
    expressions::check(subject, found);
    missing_braces::check(subject, found);
    look_ups::types(subject, found);
    not_assigned::check(subject, found);
    bad_inputs::check(subject, found);
    ledgers::check(subject, found);
    unknown_template::check(subject, found);
    template_names::check(subject, found);
}

/// Whether every step can be reached and every case can end.
pub fn flow(subject: &Subject<'_>, found: &mut Diagnostics) {
    unreachable_branch::check(subject, found);
    missing_otherwise::check(subject, found);
    endless_loop::check(subject, found);
    no_way_out::check(subject, found);
    endless_recursion::check(subject, found);
    unreachable_step::check(subject, found);
    bad_four_eyes::check(subject, found);
    ledgers::transit(subject, found);
}

/// Whether data and documents are there on every path; what is to be printed for trial.
pub fn data<'a>(subject: &'a Subject<'a>, found: &mut Diagnostics) -> Vec<Print<'a>> {
    let net = Net::of(subject);
    not_filled_in::check(subject, &net, found);
    not_handed_back::check(subject, &net, found);
    given_empty::check(subject, found);
    not_in_hand::check(subject, &net, found);
    written_at_once::check(subject, found);
    // Printing samples comes last: what is missing on a path has its own finding.
    if found.has_errors() {
        return Vec::new();
    }
    broken_template::check(subject, &net, found)
}

/// Whether the documents of an organisation can be printed.
pub fn print(prints: &[Print<'_>], found: &mut Diagnostics) {
    broken_template::lay_out(prints, found);
}

/// What reports name, and what their columns hold.
pub fn reports(sources: &Sources, group: &Group, found: &mut Diagnostics) {
    reports::check(sources, group, found);
}

/// What a demo names.
pub fn demo(group: &Group, found: &mut Diagnostics) {
    demo::check(group, found);
}

/// What an organisation's calendars say of the same days.
pub fn calendars(organisation: &Organisation, found: &mut Diagnostics) {
    calendar_sanity::overlaps(organisation, found);
}

/// Tables of holidays that end too soon, seen from `today`.
pub fn holidays(organisation: &Organisation, today: Date, found: &mut Diagnostics) {
    calendar_sanity::ends(organisation, today, found);
}

/// What is defined and never used.
pub fn leftovers(group: &Group, found: &mut Diagnostics) {
    unused::check(group, found);
}
