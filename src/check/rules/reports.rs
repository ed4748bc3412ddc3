//! Reports: what they name must exist, and their columns must be what they are used for. The codes are
//! those of the same mistakes elsewhere, and `unknown_column`.

use std::collections::BTreeMap;

use super::bad_schedule;
use crate::calendar::Calendar;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::Type;
use crate::library::{Group, Meaning};
use crate::procedure::Executable;
use crate::report::{Report, Source};
use crate::yaml::Spanned;

/// Every report of a group whose files could all be read.
pub fn check(sources: &Sources, group: &Group, found: &mut Diagnostics) {
    let Some(organisation) = &group.organisation else { return };
    if group.reports.is_empty() {
        return;
    }
    let executables: Vec<Executable> =
        group.procedures.iter().filter_map(|procedure| group.executable(procedure)).collect();
    for report in &group.reports {
        let before = found.len();
        for role in &report.seen_by {
            let known = organisation.roles.iter().map(|role| role.id.as_str());
            named("unknown_role", "role", role, known.collect(), found);
        }
        regular(report, &organisation.calendar, found);
        names(group, &executables, report, found);
        labels(report, found);
        if found.len() == before {
            let executables: Vec<&Executable> = executables.iter().collect();
            let meaning = Meaning::of(report, organisation, &group.registers, &executables);
            let text = &sources.get(report.id.span.file).text;
            expressions(report, &meaning, text, found);
        }
    }
}

/// When it is made by itself, and of which period.
fn regular(report: &Report, calendar: &Calendar, found: &mut Diagnostics) {
    let Some(regular) = &report.regular else { return };
    bad_schedule::never(&regular.schedule, calendar, found);
    let written = &regular.schedule.written;
    let Some(period) = report.period else {
        if regular.of.is_some() {
            let headline = "a register has no period that has ended, or that goes on";
            let finding = Diagnostic::new("bad_schedule", written.span, headline);
            found.push(finding.label("its rows are told as they are then").help("take `of` out"));
        }
        return;
    };
    if report.is_unsaid(calendar) {
        let headline = format!("of which {} is a report made `{}`?", period.name(), written.value);
        found.push(
            Diagnostic::new("bad_schedule", written.span, headline)
                .label("then one has just begun")
                .help("write `of: last` for the one that has ended, or `of: this`"),
        );
    }
}

/// Reports a name that is not among those known.
fn named(
    code: &'static str,
    what: &str,
    name: &Spanned<String>,
    known: Vec<&str>,
    found: &mut Diagnostics,
) {
    if !known.contains(&name.as_str()) {
        found.push(
            Diagnostic::new(code, name.span, format!("there is no {what} `{}`", name.value))
                .label("not one of the organisation's")
                .suggest(name, known),
        );
    }
}

fn names(group: &Group, executables: &[Executable], report: &Report, found: &mut Diagnostics) {
    match &report.source {
        Source::Register(register) => {
            let known = group.registers.iter().map(|register| register.id.as_str());
            named("unknown_register", "register", register, known.collect(), found);
        }
        Source::Documents(documents) => {
            let issued = executables.iter().flat_map(|executable| executable.documents.keys());
            let issued: Vec<&str> = issued.map(String::as_str).collect();
            for document in documents {
                named("unknown_document", "issued document", document, issued.clone(), found);
            }
        }
        Source::Steps(steps) => {
            let known: BTreeMap<&str, &Executable> = executables
                .iter()
                .map(|executable| (executable.procedure.id.as_str(), executable))
                .collect();
            for (procedure, step) in steps {
                let Some(executable) = known.get(procedure.as_str()) else {
                    let known = known.keys().copied().collect();
                    named("unknown_procedure", "procedure", procedure, known, found);
                    continue;
                };
                let steps = executable.procedure.steps.iter().map(|step| step.id.as_str());
                named("unknown_step", "step", step, steps.collect(), found);
                if executable.step(step).is_some_and(|step| executable.queue(step).is_none()) {
                    found.push(
                        Diagnostic::new("unknown_step", step.span, "nobody completes this step")
                            .label("it runs by itself, or is a block")
                            .help("name a step that a person does"),
                    );
                }
            }
        }
    }
}

/// `order` and `group` name columns; two columns of one name can't be told apart.
fn labels(report: &Report, found: &mut Diagnostics) {
    let known: Vec<&str> = report.columns.iter().map(|column| column.label.as_str()).collect();
    for label in report.order.iter().chain(&report.group) {
        match report.column(label) {
            None => found.push(
                Diagnostic::new(
                    "unknown_column",
                    label.span,
                    format!("there is no column `{}`", label.value),
                )
                .label("not one of the report's columns")
                .suggest(label, known.iter().copied()),
            ),
            Some(at) if report.columns[at].is_row() => found.push(
                Diagnostic::new("unknown_column", label.span, "rows are counted last")
                    .label("this column counts the rows, in the order that is wanted"),
            ),
            Some(_) => {}
        }
    }
}

fn expressions(report: &Report, meaning: &Meaning, text: &str, found: &mut Diagnostics) {
    if let Some(each) = &report.each {
        let path: Vec<String> = each.split('.').map(ToOwned::to_owned).collect();
        let is_table = matches!(meaning.types.resolve(&path), Ok(Type::List(_) | Type::Any));
        if !is_table {
            found.push(
                Diagnostic::new(
                    "unknown_variable",
                    each.span,
                    format!("there is no table `{}`", each.value),
                )
                .label("`each` names a field with rows")
                .suggest(each, meaning.types.names.keys().map(String::as_str)),
            );
            return;
        }
    }
    if let Some(when) = &report.when {
        when.check_as(&Type::Bool, &meaning.types, text, found);
    }
    for column in &report.columns {
        let kind = column.value.check(&meaning.types, text, found);
        let is_number = matches!(kind, Type::Number | Type::Days | Type::Any);
        if (column.is_total || column.number.is_some()) && !is_number {
            found.push(
                Diagnostic::new("type_mismatch", column.value.span, "only numbers are added up")
                    .label(format!("this is {kind}")),
            );
        } else if matches!(kind, Type::List(_)) {
            found.push(
                Diagnostic::new("type_mismatch", column.value.span, "one value is needed here")
                    .label(format!("this is {kind}")),
            );
        }
    }
}
