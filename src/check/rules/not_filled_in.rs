//! `not_filled_in`: something is read that is not filled in on every path to the step.

use fixedbitset::FixedBitSet;

use crate::check::Subject;
use crate::check::net::Net;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::document::Template;
use crate::expression::{Expression, Read, reads_of_expression, reads_of_template};
use crate::field::{Field, Kind};
use crate::procedure::{DocumentUse, Save, Step};

pub fn check(subject: &Subject<'_>, net: &Net<'_>, found: &mut Diagnostics) {
    for (place, step) in subject.steps() {
        let mut rule = Rule { subject, net, found, place, step };
        let within = net.within(place);
        for form in subject.executable.forms_of(step) {
            for path in form.shows.iter().chain(&form.edits) {
                let parts: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
                // A form may show what another form of the same step asks; never what it edits itself.
                let before = if form.edits.contains(path) { net.before(place) } else { &within };
                rule.read(before, &parts, path.span);
            }
            for must in &form.rules {
                rule.expression(&must.must, &[], &within);
            }
        }
        let mut so_far = net.before(place).clone();
        rule.fields(subject.executable.fields(place), "", &mut so_far);
        rule.uses(&step.receives, &within);
        let done = net.done(place, None);
        for set in &step.set {
            rule.expression(&set.value, &[], &done);
        }
        rule.saves(&step.saves, &done);
        rule.uses(&step.signs, &done);
        rule.uses(&step.issues, &done);
        rule.documents(&step.issues, &done);
        for (at, choice) in step.choices().iter().enumerate() {
            let done = net.done(place, Some(at));
            for set in &choice.set {
                rule.expression(&set.value, &[], &done);
            }
            rule.saves(&choice.saves, &done);
            rule.uses(&choice.issues, &done);
            rule.documents(&choice.issues, &done);
        }
        for when in step.branches().iter().filter_map(|branch| branch.when.as_ref()) {
            rule.expression(when, &[], &done);
        }
    }
}

struct Rule<'a, 'b> {
    subject: &'a Subject<'a>,
    net: &'a Net<'a>,
    found: &'b mut Diagnostics,
    place: usize,
    step: &'a Step,
}

impl Rule<'_, '_> {
    /// Reports unless what `path` reads is among `there`.
    fn read(&mut self, there: &FixedBitSet, path: &[String], span: Span) {
        let leaf = self.net.leaf_of(path);
        let is_there = match &leaf {
            Some(leaf) => self.net.has(there, leaf),
            None => self.net.has_below(there, path),
        };
        if is_there {
            return;
        }
        let name = path.iter().filter(|part| *part != "[]").cloned().collect::<Vec<_>>().join(".");
        let ever = leaf.as_ref().is_none_or(|leaf| self.net.may_have(self.place, leaf));
        let headline = if ever {
            format!("`{name}` is not filled in on every way to step {}", *self.step.id)
        } else {
            format!("`{name}` is filled in only after step {}", *self.step.id)
        };
        let mut finding = Diagnostic::new("not_filled_in", span, headline)
            .label(format!("read at {}", self.subject.place(self.step)))
            .note(self.net.tell_path(self.place, leaf.as_ref()));
        if span.file != self.step.id.span.file {
            finding = finding.also(self.step.id.span, "this step uses it");
        }
        self.found.push(finding.help(format!(
            "fill it in earlier on that way, or read it behind `{name} is defined`"
        )));
    }

    fn expression(&mut self, expression: &Expression, own: &[String], there: &FixedBitSet) {
        let text = self.subject.text(expression.span.file);
        for Read { path, start, end, is_guarded } in reads_of_expression(expression) {
            if !is_guarded && !own.contains(&path[0]) {
                self.read(there, &path, expression.place_of(text, start, end));
            }
        }
    }

    /// Fields are read in the order of the file: each sees those above it.
    fn fields(&mut self, fields: &[Field], before: &str, there: &mut FixedBitSet) {
        for field in fields {
            let path = format!("{before}{}", *field.name);
            for expression in [&field.when, &field.default, &field.computed].into_iter().flatten() {
                self.expression(expression, &[], there);
            }
            match &field.kind {
                Kind::Date { min, max } => {
                    for limit in min.iter().chain(max) {
                        self.expression(limit, &[], there);
                    }
                }
                Kind::Group { fields } => self.fields(fields, &format!("{path}."), there),
                Kind::Table { columns, .. } => self.columns(columns, there),
                _ => {}
            }
            if !field.is_assigned {
                self.net.fill(there, path);
            }
        }
    }

    /// A row's columns see those to their left by their bare names.
    fn columns(&mut self, columns: &[Field], there: &mut FixedBitSet) {
        let mut own = Vec::new();
        for column in columns {
            for expression in
                [&column.when, &column.default, &column.computed].into_iter().flatten()
            {
                self.expression(expression, &own, there);
            }
            if let Kind::Date { min, max } = &column.kind {
                for limit in min.iter().chain(max) {
                    self.expression(limit, &own, there);
                }
            }
            own.push(column.name.value.clone());
        }
    }

    fn uses(&mut self, uses: &[DocumentUse], there: &FixedBitSet) {
        for when in uses.iter().filter_map(|used| used.when.as_ref()) {
            self.expression(when, &[], there);
        }
    }

    fn saves(&mut self, saves: &[Save], there: &FixedBitSet) {
        for save in saves {
            let path: Vec<String> = save.variable.split('.').map(ToOwned::to_owned).collect();
            self.read(there, &path, save.variable.span);
        }
    }

    fn documents(&mut self, issues: &[DocumentUse], there: &FixedBitSet) {
        for issue in issues {
            let Some(document) = self.subject.executable.documents.get(issue.name.as_str()) else {
                continue;
            };
            self.template(&document.template, there, 0);
        }
    }

    /// What a template and its layouts read. Names that no form of this procedure has are another
    /// rule's: a shared document asks for them behind `is defined`.
    fn template(&mut self, template: &Template, there: &FixedBitSet, depth: usize) {
        let text = self.subject.text(template.file());
        let reads = reads_of_template(&template.text);
        for Read { path, start, end, is_guarded } in reads.reads {
            let is_known = self.subject.types.names.contains_key(&path[0]);
            if is_known && !is_guarded {
                self.read(there, &path, template.locate(text, start, end));
            }
        }
        for (name, ..) in reads.templates {
            if let Some(layout) = self.subject.executable.layouts.get(&name).filter(|_| depth < 8) {
                self.template(layout, there, depth + 1);
            }
        }
    }
}
