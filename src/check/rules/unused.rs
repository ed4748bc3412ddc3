//! `unused_*`: defined, and nothing uses it. Warnings: it does no harm but is probably not meant.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::reads_of_template;
use crate::field::{Field, Kind};
use crate::library::Group;
use crate::procedure::Step;
use crate::report::Source;
use crate::yaml::Spanned;

pub fn check(group: &Group, found: &mut Diagnostics) {
    let Some(organisation) = &group.organisation else { return };
    // A workspace without procedures is one in the making.
    if group.procedures.is_empty() {
        return;
    }
    let used = Used::of(group);
    let mut report = |code: &'static str,
                      what: &str,
                      id: &Spanned<String>,
                      used: &BTreeSet<String>| {
        if !used.contains(id.as_str()) {
            found.push(
                Diagnostic::new(code, id.span, format!("nothing uses the {what} `{}`", id.value))
                    .label("defined here and never used")
                    .help("use it, or take it out"),
            );
        }
    };
    for form in &group.forms {
        report("unused_form", "form", &form.id, &used.forms);
    }
    for document in &group.documents {
        report("unused_document", "document", &document.id, &used.documents);
    }
    for role in organisation.roles.iter().filter(|role| !role.is_informed) {
        report("unused_role", "role", &role.id, &used.roles);
    }
    for series in &organisation.series {
        report("unused_series", "series", &series.id, &used.series);
    }
    for register in group.registers.iter() {
        report("unused_register", "register", &register.id, &used.registers);
    }
    for table in &group.tables {
        report("unused_table", "decision table", &table.id, &used.tables);
    }
    for paper in &organisation.papers {
        report("unused_paper", "paper", &paper.id, &used.papers);
    }
}

#[derive(Default)]
struct Used {
    forms: BTreeSet<String>,
    documents: BTreeSet<String>,
    roles: BTreeSet<String>,
    series: BTreeSet<String>,
    registers: BTreeSet<String>,
    papers: BTreeSet<String>,
    tables: BTreeSet<String>,
}

impl Used {
    fn of(group: &Group) -> Self {
        let mut used = Self::default();
        if let Some(organisation) = &group.organisation {
            used.series.insert(organisation.case_series.id.value.clone());
            let of_messages = organisation.messages.iter().flat_map(|message| &message.by);
            let senders =
                of_messages.chain(organisation.signals.iter().flat_map(|signal| &signal.by));
            used.roles.extend(senders.map(|role| role.value.clone()));
            organisation.messages.iter().for_each(|message| used.fields(&message.fields));
        }
        for procedure in &group.procedures {
            let roles = procedure.starts.by.iter().chain(&procedure.cancels);
            used.roles.extend(roles.map(|role| role.value.clone()));
            procedure.steps.iter().for_each(|step| used.step(step));
        }
        if let Some(organisation) = &group.organisation {
            for role in &organisation.roles {
                if let Some(attends) = &role.attended_by
                    && used.roles.contains(role.id.as_str())
                {
                    used.roles.insert(attends.value.clone());
                }
            }
        }
        for form in &group.forms {
            used.fields(&form.fields);
        }
        for report in &group.reports {
            used.roles.extend(report.seen_by.iter().map(|role| role.value.clone()));
            if let Source::Register(register) = &report.source {
                used.registers.insert(register.value.clone());
            }
        }
        for document in &group.documents {
            used.series.insert(document.series.value.clone());
            // A document that another one quotes is used even if only that one names it.
            let quoted = reads_of_template(&document.template.text).documents;
            used.documents.extend(quoted.into_iter().map(|(name, ..)| name));
        }
        used
    }

    fn step(&mut self, step: &Step) {
        self.forms.extend(step.forms.iter().map(|form| form.value.clone()));
        self.roles.extend(step.role.iter().chain(&step.attended_by).map(|role| role.value.clone()));
        self.roles.extend(step.escalates_to().map(|role| role.value.clone()));
        self.roles.extend(step.workers().map(|role| role.value.clone()));
        self.documents.extend(step.all_issues().map(|issue| issue.name.value.clone()));
        self.papers.extend(step.hands_in.iter().map(|paper| paper.value.clone()));
        self.series.extend(step.assigns.iter().map(|assign| assign.series.value.clone()));
        self.tables.extend(step.looks_up.iter().map(|look_up| look_up.table.value.clone()));
        let of_choices = step.choices().iter().flat_map(|choice| &choice.saves);
        let saves = step.saves.iter().chain(of_choices);
        self.registers.extend(saves.map(|save| save.register.value.clone()));
        self.registers.extend(step.all_moves().map(|written| written.ledger.value.clone()));
    }

    fn fields(&mut self, fields: &[Field]) {
        for field in fields {
            self.registers.extend(field.from.iter().map(|from| from.value.clone()));
            match &field.kind {
                Kind::Record { register, .. } => {
                    self.registers.insert(register.value.clone());
                }
                Kind::Group { fields: inner } | Kind::Table { columns: inner, .. } => {
                    self.fields(inner);
                }
                _ => {}
            }
        }
    }
}
