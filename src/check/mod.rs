//! What is wrong with a workspace before any case runs on it. About definitions, never about cases.
//!
//! Three stages, so that one mistake gives one finding: names and types are checked wherever the files
//! could be read; what depends on all names (flow, data and documents on every path) only in a
//! procedure whose names are right; leftovers only in an organisation without errors. Every stage goes
//! on to the end: one run tells everything that it can know.

mod branches;
mod cover;
mod guards;
mod net;
pub mod proof;
mod rules;
mod subject;

pub use subject::Subject;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::diagnostic::{Diagnostics, FileId, Severity, Span};
use crate::library::{Group, Library};
use proof::Limits;

/// Codes after which a file is only partly known: what it would define can't be missed elsewhere.
const LOST: [&str; 9] = [
    "broken_template",
    "yaml_syntax",
    "yaml_too_deep",
    "yaml_too_many_values",
    "file_too_large",
    "unreadable_file",
    "unknown_kind",
    "missing_key",
    "duplicate_id",
];

/// What is known of the workspace before its organisations are looked at one by one.
struct Pass<'a> {
    library: &'a Library,
    limits: Limits,
    damage: Damage,
}

/// What reading has found: mistakes that others follow from.
pub struct Damage {
    /// Files with errors.
    files: BTreeSet<FileId>,
    /// Those that are only partly known.
    lost: BTreeSet<FileId>,
    /// Where the errors stand.
    places: Vec<Span>,
}

/// Names without which nobody knows which variables there are.
const SOURCES: [&str; 5] =
    ["unknown_form", "unknown_register", "unknown_table", "unknown_message", "unknown_procedure"];
/// What is told of variables that nobody knows then.
const FOLLOWING: [&str; 4] =
    ["unknown_variable", "unknown_field", "not_assigned", "broken_template"];

/// Checks everything that was read; `found` holds what reading has found already.
pub fn check(library: &Library, found: &mut Diagnostics) {
    check_within(library, Limits::default(), found);
}

/// [`check`] with a proof that is given up earlier, or later.
pub fn check_within(library: &Library, limits: Limits, found: &mut Diagnostics) {
    let files_with = |found: &Diagnostics, codes: Option<&[&str]>| -> BTreeSet<FileId> {
        found
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .filter(|finding| codes.is_none_or(|codes| codes.contains(&finding.code)))
            .map(|finding| finding.primary.span.file)
            .collect()
    };
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
    let damage = Damage {
        files: files_with(found, None),
        lost: files_with(found, Some(&LOST)),
        places: errors.map(|finding| finding.primary.span).collect(),
    };
    let pass = Pass { library, limits, damage };
    for group in library.groups.values() {
        check_group(&pass, group, found);
    }
}

/// What is only wrong because of the day: tables that end too soon.
pub fn check_at(library: &Library, now: Timestamp, found: &mut Diagnostics) {
    for organisation in library.groups.values().filter_map(|group| group.organisation.as_ref()) {
        rules::holidays(organisation, organisation.calendar.date(now), found);
    }
}

fn check_group(pass: &Pass<'_>, group: &Group, found: &mut Diagnostics) {
    let Pass { library, limits, damage } = pass;
    let Some(organisation) = &group.organisation else { return };
    let before = found.len();
    for table in group.tables.iter().filter(|table| !damage.files.contains(&table.id.span.file)) {
        rules::table(group, table, &library.sources, found);
    }
    rules::calendars(organisation, found);
    let known = group.procedures.iter().filter(|known| !damage.lost.contains(&known.id.span.file));
    let subjects: Vec<Subject<'_>> =
        known.filter_map(|procedure| Subject::new(library, group, procedure, damage)).collect();
    let mut prints = Vec::new();
    for subject in &subjects {
        let mut own = Diagnostics::default();
        rules::names(subject, &mut own);
        if !subject.is_damaged() {
            let is_known = !own.iter().any(|finding| SOURCES.contains(&finding.code));
            rules::types(subject, &mut own);
            if !is_known {
                own.retain(|finding| !FOLLOWING.contains(&finding.code));
            }
            if !own.has_errors() {
                rules::flow(subject, &mut own);
            }
            if !own.has_errors() {
                let mut proved = Diagnostics::default();
                proof::check(subject, *limits, &mut proved);
                prints.extend(rules::data(subject, &mut own));
                own.extend(proved);
            }
        }
        found.extend(own);
    }
    rules::print(&prints, found);
    let is_whole = !Subject::files(library, group).any(|file| damage.files.contains(&file));
    if is_whole {
        rules::reports(&library.sources, group, found);
        rules::demo(group, found);
    }
    if is_whole && found.len() == before {
        rules::leftovers(group, found);
    }
}
