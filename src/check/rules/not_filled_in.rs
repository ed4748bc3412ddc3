//! `not_filled_in`: something is read that is not filled in on every path to the step.

use fixedbitset::FixedBitSet;

use crate::check::Subject;
use crate::check::net::{Fact, Net};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::document::Template;
use crate::expression::{
    Expression, Read, Type, known_where_it_holds, reads_of_expression, reads_of_template,
};
use crate::field::{Field, Kind};
use crate::procedure::{
    Argument, Awaited, Begins, Block, Count, DocumentUse, Items, Join, LookUp, Move, Save, Sends,
    Set, Step,
};

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
        // What is waited for is reckoned when the step begins.
        for expression in step.awaited().flat_map(Awaited::expressions) {
            rule.expression(expression, &[], net.before(place));
        }
        if let Some(block) = &step.block {
            rule.block(block);
        }
        let mut so_far = net.before(place).clone();
        rule.fields(subject.executable.fields(place), "", &mut so_far);
        rule.uses(&step.receives, &within);
        // A machine is asked before the step does anything else, and has not answered yet.
        for read in step.errand.iter().flat_map(|errand| errand.expressions()) {
            rule.expression(read, &[], net.before(place));
        }
        // From here on in the order in which it is done: each `set` sees those before it.
        let mut there = within.clone();
        rule.look_ups(&step.looks_up, &mut there);
        rule.sets(&step.set, &mut there);
        let mut done = there.clone();
        for assign in &step.assigns {
            net.fill(&mut done, assign.variable.value.clone());
        }
        rule.saves(&step.saves, &done);
        rule.moves(&step.moves, &done);
        rule.uses(&step.signs, &done);
        rule.issues(&step.issues, &done);
        for expression in step.sends.iter().flat_map(Sends::expressions) {
            rule.expression(expression, &[], &done);
        }
        for choice in step.choices() {
            let mut there = there.clone();
            rule.sets(&choice.set, &mut there);
            there.union_with(&done);
            rule.saves(&choice.saves, &there);
            rule.moves(&choice.moves, &there);
            rule.issues(&choice.issues, &there);
        }
        // Who has passed the step over goes by the same conditions.
        let is_optional = step.control.enabled_while.is_some();
        let asked = if is_optional { net.before(place) } else { &done };
        for when in step.conditions() {
            rule.expression(when, &[], asked);
        }
    }
}

/// The path of an expression that is nothing but a variable.
pub(super) fn path_of(expression: &Expression) -> Option<String> {
    let reads = reads_of_expression(expression);
    let [read] = reads.as_slice() else { return None };
    let path = read.path.join(".");
    (expression.source.trim() == path).then_some(path)
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
        let guard = match &leaf {
            // Of a table it is the whole that is there or not.
            Some(Fact::Variable(leaf)) => leaf.clone(),
            _ => name,
        };
        self.found.push(finding.help("fill it in earlier on that way").help(match ever {
            true => format!(
                "or let only cases that have it come here: `choose: [{{ when: {guard} is defined, \
                 go: {} }}, …]`; an expression or a template may also read it behind `{guard} is defined`",
                *self.step.id
            ),
            false => format!("an expression or a template may read it behind `{guard} is defined`"),
        }));
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

    /// What a block asks on entering it, and at the end of its branches.
    fn block(&mut self, block: &Block) {
        let before = self.net.before(self.place);
        match &block.begins {
            Begins::Each(each) => match &each.of {
                Items::Times(times) => self.count(times, before),
                Items::Rows(rows) => self.expression(rows, &[], before),
                Items::Added => {}
            },
            Begins::Repeat(repeat) => {
                if let Some(holds) = &repeat.as_long_as {
                    self.expression(holds, &[], before);
                }
                if let Some(holds) = &repeat.until {
                    self.expression(holds, &[], &self.net.at_end(self.place));
                }
            }
            Begins::All | Begins::Chosen | Begins::First | Begins::AnyOrder { .. } => {}
        }
        match &*block.join {
            Join::First { count: Count::Given(count), .. } => self.count(count, before),
            Join::When { holds, .. } => {
                self.expression(holds, &[], &self.net.at_end(self.place));
            }
            _ => {}
        }
    }

    /// How many can't be nothing at all.
    fn count(&mut self, count: &Expression, there: &FixedBitSet) {
        self.expression(count, &[], there);
        let text = self.subject.text(count.span.file);
        for Read { path, start, end, is_guarded } in reads_of_expression(count) {
            let name = path.join(".");
            if !is_guarded && self.subject.may_be_empty(&name) {
                let headline = format!("`{name}` may be left empty, and then nothing is counted");
                self.found.push(
                    Diagnostic::new("not_filled_in", count.place_of(text, start, end), headline)
                        .label("how many?")
                        .help(format!("say how many there are then: `{name} | default(0)`")),
                );
            }
        }
    }

    fn uses(&mut self, uses: &[DocumentUse], there: &FixedBitSet) {
        for when in uses.iter().filter_map(|used| used.when.as_ref()) {
            self.expression(when, &[], there);
        }
    }

    /// What a table is asked about must be there; and filled in, unless its input may be empty.
    fn look_ups(&mut self, look_ups: &[LookUp], there: &mut FixedBitSet) {
        for look_up in look_ups {
            for input in look_up.found.iter().flat_map(|table| &table.inputs) {
                let (path, span) = match look_up.argument(input) {
                    Argument::Namesake => (Some(input.name.value.clone()), look_up.table.span),
                    Argument::Written(expression) => {
                        self.expression(expression, &[], there);
                        (path_of(expression), expression.span)
                    }
                };
                if let (Argument::Namesake, Some(name)) = (look_up.argument(input), &path) {
                    self.read(there, std::slice::from_ref(name), span);
                }
                let Some(path) = path.filter(|path| self.subject.may_be_empty(path)) else {
                    continue;
                };
                if !input.is_optional {
                    let headline = format!("`{path}` may be left empty, and the table needs it");
                    self.found.push(
                        Diagnostic::new("not_filled_in", span, headline)
                            .label(format!("asked for by `{}`", look_up.table.value))
                            .also(input.name.span, "this input can't be empty")
                            .help("make the input `optional: true`, with rows for `none`"),
                    );
                }
            }
            for leaf in look_up.leaves() {
                self.net.fill(there, leaf);
            }
        }
    }

    fn sets(&mut self, sets: &[Set], there: &mut FixedBitSet) {
        for set in sets {
            self.expression(&set.value, &[], there);
            self.net.fill(there, set.variable.value.clone());
        }
    }

    /// A row is found again by its key: that field must be there, whatever else may be missing.
    fn saves(&mut self, saves: &[Save], there: &FixedBitSet) {
        for save in saves {
            let Some(register) = self.subject.executable.register(&save.register) else { continue };
            let key = format!("{}.{}", save.variable.value, register.key.value);
            let path: Vec<String> = key.split('.').map(ToOwned::to_owned).collect();
            self.read(there, &path, save.variable.span);
            if self.subject.may_be_empty(&key) {
                self.found.push(
                    Diagnostic::new(
                        "not_filled_in",
                        save.variable.span,
                        format!("`{key}` may be left empty, and it is the key of the row"),
                    )
                    .label(format!("saved in `{}` by this key", save.register.value))
                    .help("take `optional` and `when` away from the key and its group"),
                );
            }
        }
    }

    /// What is moved for each row sees the row's columns first.
    fn moves(&mut self, moves: &[Move], there: &FixedBitSet) {
        for written in moves {
            let mut own = Vec::new();
            if let Some(each) = &written.each {
                let path: Vec<String> = each.split('.').map(ToOwned::to_owned).collect();
                self.read(there, &path, each.span);
                if let Ok(Type::List(row)) = self.subject.types.resolve(&path)
                    && let Type::Group(columns) = *row
                {
                    own.extend(columns.keys().cloned());
                }
            }
            let item: Vec<String> = written.item.split('.').map(ToOwned::to_owned).collect();
            if !own.contains(&item[0]) {
                self.read(there, &item, written.item.span);
            }
            for expression in written.when.iter().chain([&written.amount]) {
                self.expression(expression, &own, there);
            }
        }
    }

    fn issues(&mut self, issues: &[DocumentUse], there: &FixedBitSet) {
        self.uses(issues, there);
        for issue in issues {
            let Some(document) = self.subject.executable.documents.get(issue.name.as_str()) else {
                continue;
            };
            // Issued only when `medidor is defined`: the template may read it.
            let known = issue.when.as_ref().map(known_where_it_holds).unwrap_or_default();
            self.template(&document.template, &known, there, 0);
        }
    }

    /// What a template and its layouts read. Names that no form of this procedure has are another
    /// rule's: a shared document asks for them behind `is defined`.
    fn template(
        &mut self,
        template: &Template,
        guards: &[Vec<String>],
        there: &FixedBitSet,
        depth: usize,
    ) {
        let text = self.subject.text(template.file());
        let reads = reads_of_template(&template.text);
        for Read { path, start, end, is_guarded } in reads.reads {
            let is_known = self.subject.types.names.contains_key(&path[0]);
            let is_guarded = is_guarded || guards.iter().any(|guard| path.starts_with(guard));
            if is_known && !is_guarded {
                self.read(there, &path, template.locate(text, start, end));
            }
        }
        for (name, ..) in reads.templates {
            if let Some(layout) = self.subject.executable.layouts.get(&name).filter(|_| depth < 8) {
                self.template(layout, guards, there, depth + 1);
            }
        }
    }
}
