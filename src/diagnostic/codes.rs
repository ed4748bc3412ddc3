//! Every code with its severity and its page. The page is what `tramite explain CODE` prints.

use super::Severity;

/// One kind of finding.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    pub name: &'static str,
    pub severity: Severity,
    /// Markdown: what it means, a bad and a good example, what to do.
    pub page: &'static str,
}

macro_rules! codes {
    ($($severity:ident $name:ident),* $(,)?) => {
        /// All codes, in the order of the book.
        pub const ALL: &[Code] = &[$(Code {
            name: stringify!($name),
            severity: Severity::$severity,
            page: include_str!(concat!("pages/", stringify!($name), ".md")),
        }),*];
    };
}

codes! {
    // reading files
    Error unreadable_file, Error file_too_large, Error yaml_syntax, Error yaml_too_deep,
    Error yaml_too_many_values, Error duplicate_key, Error unknown_kind, Error missing_key,
    Error unknown_key, Error wrong_shape, Error bad_id, Error duplicate_id, Error bad_value,
    // names
    Error unknown_organisation, Error unknown_role, Error unknown_form, Error unknown_document,
    Error unknown_paper, Error unknown_register, Error unknown_series, Error unknown_step,
    Error unknown_procedure,
    Error unknown_variable, Error unknown_field, Error unknown_option, Error unknown_function,
    Error unknown_type, Error unknown_template, Error unknown_message, Error unknown_signal,
    Error unknown_table, Error unknown_parameter, Error unknown_procedure, Error unknown_column,
    Error unknown_ledger, Error unknown_account,
    // fields and expressions
    Error bad_expression, Error type_mismatch, Error bad_sample, Error defined_twice,
    Error bad_term, Error bad_inputs, Warning missing_braces,
    // calendars
    Error unknown_unit, Error bad_holiday, Error no_working_hours, Warning overlapping_hours,
    Warning outside_working_hours, Warning holidays_end,
    // what comes round
    Error bad_schedule,
    // steps
    Error step_without_work, Error conflicting_ways, Error conflicting_work,
    Error external_without_attendant, Error missing_otherwise, Error unreachable_branch,
    Error bad_four_eyes, Error step_gap,
    // events
    Error bad_event, Warning never_happens,
    // decision tables and parameters
    Error table_gap, Error table_overlap, Warning unreachable_row, Warning table_not_proved,
    Error bad_period, Warning period_gap,
    // branches
    Error empty_branch, Error block_with_work, Error bad_join, Error leaves_branch,
    Error nested_too_deep, Error written_at_once, Error circular_order,
    Error keeps_and_waits, Error mixed_mutex, Error too_many_branches,
    // flow
    Error endless_recursion, Error unreachable_step, Error no_way_out, Error endless_loop,
    Error leads_to_itself,
    // what the proof finds
    Error waits_for_ever, Error never_reached, Error unbounded_fork, Warning left_unfinished,
    Warning not_proved,
    // data and documents on every path
    Error not_filled_in, Error not_issued, Error not_handed_in, Error not_assigned,
    Error left_in_transit, Warning may_stay_in_transit,
    // documents
    Error broken_template,
    // diagrams of other tools
    Error bpmn_refused, Error bpmn_broken, Error bpmn_unstructured, Warning bpmn_unsupported,
    Warning bpmn_dangling, Warning bpmn_guessed,
    // leftovers
    Warning unused_form, Warning unused_document, Warning unused_role, Warning unused_series,
    Warning unused_register, Warning unused_paper, Warning unused_table,
}

/// The code of this name.
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.iter().find(|code| code.name == name)
}

/// How bad a finding of this code is; an unlisted one is an error (and fails the tests).
pub fn severity(name: &str) -> Severity {
    find(name).map_or(Severity::Error, |code| code.severity)
}
