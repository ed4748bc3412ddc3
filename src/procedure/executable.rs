//! A procedure with everything that running it needs, compiled once: what the engine takes.
//!
//! An executable is made from any readable files, sound or not: a version that was published stays
//! runnable when the checker gets stricter. *Publishing* asks the checker.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::asks::{Asks, World};
use super::graph::Graph;
use super::{Awaited, Begins, Block, Heard, Items, Procedure, Step, Target};
use crate::document::{Document, Template};
use crate::expression::{Type, Types, reads_of_template};
use crate::field::{Field, Kind, type_of, types_of};
use crate::form::Form;
use crate::organisation::Organisation;
use crate::parameter::Parameters;
use crate::register::Register;

/// Labels of choice fields, by path (`cliente.expedido`, `ordenes.tipo`) and id.
pub type Labels = BTreeMap<String, BTreeMap<String, String>>;

/// Where a way leads, with the step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// By its place in [`Procedure::steps`].
    Step(usize),
    /// The branch that the step stands in ends.
    Join,
    /// The case is over, unless something else in it is open.
    Over,
    /// The case ends, whatever is open.
    End(&'a str),
}

/// A compiled procedure. Cheap to share: the engine borrows it for every command.
#[derive(Debug)]
pub struct Executable {
    pub organisation: Arc<Organisation>,
    pub registers: Arc<Vec<Register>>,
    pub parameters: Arc<Parameters>,
    pub procedure: Procedure,
    /// Only those that its steps use.
    pub forms: BTreeMap<String, Form>,
    pub documents: BTreeMap<String, Document>,
    pub layouts: Arc<BTreeMap<String, Template>>,
    pub graph: Graph,
    places: HashMap<String, usize>,
    /// For each document: the variables at top level that its template reads.
    reads: BTreeMap<String, Vec<String>>,
    /// For each document: the labels that it may print. Every document of every case shares them.
    labels: BTreeMap<String, Arc<Labels>>,
    /// For each step: the fields that a submission of it has.
    fields: Vec<Vec<Field>>,
    /// What messages bring, in a group for each variable that takes one; and before these, what a case
    /// knows from its beginning.
    heard: Vec<Field>,
    /// For each step: what completing it asks the store for.
    asks: Vec<Asks>,
    /// The same of the start of a case.
    asks_first: Asks,
    /// What a case needs to begin.
    inputs: Vec<Field>,
    /// What it knows then by the way in which it began.
    begins_with: Vec<Field>,
    /// The same of what happens without a submission.
    asks_alone: Asks,
}

impl Executable {
    pub fn new(
        procedure: &Procedure,
        organisation: &Arc<Organisation>,
        registers: &Arc<Vec<Register>>,
        forms: &[Form],
        documents: &[Document],
        layouts: &Arc<BTreeMap<String, Template>>,
    ) -> Self {
        let uses_form = |form: &&Form| {
            procedure.steps.iter().any(|step| step.forms.iter().any(|name| **name == *form.id))
        };
        let issues = |document: &&Document| {
            procedure
                .steps
                .iter()
                .flat_map(Step::all_issues)
                .any(|issue| *issue.name == *document.id)
        };
        let documents: BTreeMap<String, Document> = documents
            .iter()
            .filter(issues)
            .map(|document| (document.id.value.clone(), document.clone()))
            .collect();
        let reads: BTreeMap<String, Vec<String>> =
            documents.iter().map(|(id, document)| (id.clone(), roots(document, layouts))).collect();
        let forms: BTreeMap<String, Form> = forms
            .iter()
            .filter(uses_form)
            .map(|form| {
                let mut form = form.clone();
                name_keys(&mut form.fields, registers);
                (form.id.value.clone(), form)
            })
            .collect();
        let (procedure, forms) =
            (&with_answers(procedure), with_answer_forms(procedure, forms, registers));
        let inputs = procedure.inputs.as_ref().and_then(|form| forms.get(form.id.as_str()));
        let inputs = inputs.map(|form| form.fields.clone()).unwrap_or_default();
        let begins_with = procedure.begins_with(organisation);
        let heard = procedure.steps.iter().flat_map(Step::heard);
        let heard = heard.filter_map(|heard| heard_by(organisation, heard));
        let mut heard: Vec<Field> = begins_with.iter().cloned().chain(heard).collect();
        name_keys(&mut heard, registers);
        let labels = labels(&forms, registers);
        let fields: Vec<Vec<Field>> = procedure
            .steps
            .iter()
            .map(|step| {
                let asked = step.forms.iter().filter_map(|name| forms.get(name.as_str()));
                let mut fields = fields_of(asked, &forms);
                let heard = step.wait.as_ref().and_then(Awaited::heard);
                fields.extend(heard.into_iter().flat_map(|heard| heard_by(organisation, heard)));
                fields
            })
            .collect();
        let world = World { procedure, organisation, registers, documents: &documents };
        Self {
            asks: world.of_steps(&fields),
            asks_first: world.of_start(),
            asks_alone: world.alone(),
            labels: reads
                .iter()
                .map(|(id, reads)| (id.clone(), read(&labels, reads, registers)))
                .collect(),
            organisation: Arc::clone(organisation),
            registers: Arc::clone(registers),
            begins_with: heard[..begins_with.len()].to_vec(),
            heard,
            parameters: Arc::default(),
            inputs,
            fields,
            forms,
            documents,
            layouts: Arc::clone(layouts),
            graph: Graph::of(procedure),
            places: procedure
                .steps
                .iter()
                .enumerate()
                .map(|(at, step)| (step.id.value.clone(), at))
                .collect(),
            procedure: procedure.clone(),
            reads,
        }
    }

    /// The same with the organisation's parameters.
    #[must_use]
    pub fn knowing(self, parameters: &Arc<Parameters>) -> Self {
        Self { parameters: Arc::clone(parameters), ..self }
    }

    /// A step by its number.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.places.get(id).map(|at| &self.procedure.steps[*at])
    }

    /// A step's place in the file by its number.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Where `target` of the step at `from` leads. A step that doesn't exist ends the case: a published
    /// version has none.
    pub fn destination<'a>(&self, from: usize, target: &'a Target) -> Destination<'a> {
        match target {
            Target::Next => match self.procedure.next(from) {
                Some(next) => Destination::Step(next),
                None => self.end_of_branch(from),
            },
            Target::Join(_) => self.end_of_branch(from),
            Target::Go(step) => match self.place(step) {
                Some(at) => Destination::Step(at),
                None => Destination::Over,
            },
            Target::End(outcome) => Destination::End(outcome),
        }
    }

    fn end_of_branch(&self, from: usize) -> Destination<'static> {
        match self.procedure.steps.get(from).and_then(|step| step.within) {
            Some(_) => Destination::Join,
            None => Destination::Over,
        }
    }

    /// The branches around a step in words, the outermost first; none outside of blocks.
    pub fn branch(&self, step: &str) -> Option<String> {
        let names = self.procedure.strands_around(self.place(step)?);
        (!names.is_empty()).then(|| names.join(" › "))
    }

    /// The role in whose queue a step stands: its own, or the one that attends an external one.
    pub fn queue<'a>(&'a self, step: &'a Step) -> Option<&'a str> {
        let role = step.role.as_ref()?;
        let Some(known) = self.organisation.role(role) else { return Some(role) };
        if !known.is_external {
            return Some(role);
        }
        let attends = step.attended_by.as_ref().or(known.attended_by.as_ref());
        Some(attends.map_or(role.as_str(), |role| role.as_str()))
    }

    pub fn register(&self, id: &str) -> Option<&Register> {
        self.registers.iter().find(|register| *register.id == id)
    }

    /// The forms of a step, in order.
    pub fn forms_of<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a Form> {
        step.forms.iter().filter_map(|name| self.forms.get(name.as_str()))
    }

    /// The fields that a submission of the step at `place` has: its forms' own, and those that they
    /// let edit. Parts of one group from several forms are one group.
    pub fn fields(&self, place: usize) -> &[Field] {
        self.fields.get(place).map_or(&[], Vec::as_slice)
    }

    /// What a case needs to begin; nothing for one that people begin.
    pub fn inputs(&self) -> &[Field] {
        &self.inputs
    }

    /// What it knows from its beginning by the way in which it began: see [`Starts`](super::Starts).
    pub fn begins_with(&self) -> &[Field] {
        &self.begins_with
    }

    /// What a message that is heard fills in: one group, or nothing.
    pub fn fields_heard(&self, heard: &Heard) -> Vec<Field> {
        heard_by(&self.organisation, heard).into_iter().collect()
    }

    /// What completing the step at `place` asks the store for.
    pub fn asks(&self, place: usize) -> Option<&Asks> {
        self.asks.get(place)
    }

    /// What happens without a submission asks it for: automatic steps may follow.
    pub fn asks_alone(&self) -> &Asks {
        &self.asks_alone
    }

    /// What beginning a case asks it for.
    pub fn asks_first(&self) -> &Asks {
        &self.asks_first
    }

    /// The fields of a single form: its own fields, then those of others that it lets edit, each in
    /// its groups.
    pub fn fields_of_form(&self, form: &Form) -> Vec<Field> {
        fields_of([form], &self.forms)
    }

    /// The field of a variable, whichever form of the procedure defines it, or the output of a table
    /// that it is looked up in.
    pub fn field(&self, path: &str) -> Option<&Field> {
        let of_forms = self.forms.values().find_map(|form| crate::field::find(&form.fields, path));
        let heard = || crate::field::find(&self.heard, path);
        of_forms.or_else(heard).or_else(|| self.procedure.looked_up(path))
    }

    /// Every name that an expression of this procedure may use.
    pub fn types(&self) -> Types {
        let registers = register_types(&self.registers);
        let mut types = Types {
            documents: self.documents.keys().cloned().collect(),
            steps: self.procedure.steps.iter().map(|step| step.id.value.clone()).collect(),
            parameters: self.parameters.types(),
            ..Types::default()
        };
        for form in self.forms.values() {
            for field in &form.fields {
                types.add(&field.name, type_of(field, &registers));
            }
        }
        for field in &self.heard {
            types.add(&field.name, type_of(field, &registers));
        }
        for (place, step) in self.procedure.steps.iter().enumerate() {
            if let Some(block) = &step.block {
                self.add_items(place, block, &mut types);
            }
        }
        types
    }

    /// What an `each` calls its item, and the table that keeps what its branches filled in.
    fn add_items(&self, place: usize, block: &Block, types: &mut Types) {
        let Begins::Each(each) = &block.begins else { return };
        let mut row = BTreeMap::new();
        if let Some(alias) = &each.alias {
            let item = match &each.of {
                Items::Rows(rows) => match rows.path().map(|path| types.resolve(&path)) {
                    Some(Ok(Type::List(row))) => *row,
                    _ => Type::Any,
                },
                Items::Times(_) | Items::Added => Type::Number,
            };
            types.add(alias, item.clone());
            row.insert(alias.value.clone(), item);
        }
        let inside = place + 1..block.until;
        let names = inside.flat_map(|place| {
            let fields = self.fields(place).iter().map(|field| field.name.value.clone());
            let step = &self.procedure.steps[place];
            let set = step.set.iter().filter_map(|set| set.variable.split('.').next());
            fields.chain(set.map(ToOwned::to_owned)).collect::<Vec<_>>()
        });
        for name in names {
            if let Some(kind) = types.names.get(&name) {
                row.insert(name, kind.clone());
            }
        }
        if let Some(into) = &each.into {
            types.add(into, Type::List(Box::new(Type::Group(Arc::new(row)))));
        }
    }

    /// Variables at top level that a document's template reads, layouts included.
    pub fn reads(&self, document: &str) -> &[String] {
        self.reads.get(document).map_or(&[], Vec::as_slice)
    }

    /// The labels of the choice fields that a document's template reads.
    pub fn labels(&self, document: &str) -> Arc<Labels> {
        self.labels.get(document).map(Arc::clone).unwrap_or_default()
    }
}

/// The group that takes a message's contents.
fn heard_by(organisation: &Organisation, heard: &Heard) -> Option<Field> {
    let into = heard.into.as_ref()?;
    let message = organisation.message(&heard.name)?;
    Some(message.group(into))
}

/// What a machine answers is read like a form that nobody is asked to fill in.
fn with_answers(procedure: &Procedure) -> Procedure {
    let mut procedure = procedure.clone();
    for step in &mut procedure.steps {
        let form = step.errand.as_ref().and_then(|errand| errand.into.as_ref());
        step.forms.extend(form.map(|form| form.id.clone()));
    }
    procedure
}

fn with_answer_forms(
    procedure: &Procedure,
    mut forms: BTreeMap<String, Form>,
    registers: &[Register],
) -> BTreeMap<String, Form> {
    let errands = procedure.steps.iter().filter_map(|step| step.errand.as_ref());
    let answers = errands.filter_map(|errand| errand.into.as_ref());
    for form in answers.chain(&procedure.inputs) {
        let mut form = form.clone();
        name_keys(&mut form.fields, registers);
        forms.insert(form.id.value.clone(), form);
    }
    forms
}

/// The labels of every choice field.
fn labels(forms: &BTreeMap<String, Form>, registers: &[Register]) -> Labels {
    fn collect(fields: &[Field], before: &str, into: &mut Labels) {
        for field in fields {
            let path = format!("{before}{}", *field.name);
            match &field.kind {
                Kind::Choice { options } => {
                    into.insert(path, options.iter().cloned().collect());
                }
                Kind::Group { fields } => collect(fields, &format!("{path}."), into),
                Kind::Table { columns, .. } => collect(columns, &format!("{path}."), into),
                _ => {}
            }
        }
    }
    let mut labels = Labels::new();
    for form in forms.values() {
        collect(&form.fields, "", &mut labels);
    }
    for register in registers {
        collect(&register.fields, &format!("{}.", register.id.value), &mut labels);
    }
    labels
}

/// The labels of the variables that a template reads.
fn read(labels: &Labels, reads: &[String], registers: &[Register]) -> Arc<Labels> {
    let is_read = |path: &str| {
        let root = path.split('.').next().unwrap_or_default();
        // `label('socios.expedido')` names a register's column, whatever variable holds the row.
        reads.iter().any(|name| name == root)
            || registers.iter().any(|register| *register.id == root)
    };
    let read = labels.iter().filter(|(path, _)| is_read(path));
    Arc::new(read.map(|(path, labels)| (path.clone(), labels.clone())).collect())
}

/// Tells every record field the key of its register.
fn name_keys(fields: &mut [Field], registers: &[Register]) {
    for field in fields {
        match &mut field.kind {
            Kind::Record { register, key } => {
                let known = registers.iter().find(|known| *known.id == **register);
                *key = known.map(|known| known.key.value.clone()).unwrap_or_default();
            }
            Kind::Group { fields } | Kind::Table { columns: fields, .. } => {
                name_keys(fields, registers);
            }
            _ => {}
        }
    }
}

fn fields_of<'a>(
    asked: impl IntoIterator<Item = &'a Form>,
    forms: &BTreeMap<String, Form>,
) -> Vec<Field> {
    let mut fields = Vec::new();
    for form in asked {
        for field in &form.fields {
            merge(&mut fields, field.clone());
        }
        for path in &form.edits {
            let found = forms.values().find_map(|form| only(&form.fields, path));
            if let Some(field) = found {
                merge(&mut fields, field);
            }
        }
    }
    fields
}

/// The field at `path` with nothing else of the groups around it.
fn only(fields: &[Field], path: &str) -> Option<Field> {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let field = fields.iter().find(|field| *field.name == head)?;
    match (rest, &field.kind) {
        (None, _) => Some(field.clone()),
        (Some(rest), Kind::Group { fields }) => {
            Some(Field { kind: Kind::Group { fields: vec![only(fields, rest)?] }, ..field.clone() })
        }
        _ => None,
    }
}

fn merge(fields: &mut Vec<Field>, new: Field) {
    let Some(old) = fields.iter_mut().find(|old| *old.name == *new.name) else {
        fields.push(new);
        return;
    };
    if let (Kind::Group { fields: old }, Kind::Group { fields: new }) = (&mut old.kind, new.kind) {
        for field in new {
            merge(old, field);
        }
    }
}

/// The columns of every register as a type.
pub fn register_types(registers: &[Register]) -> BTreeMap<String, Type> {
    let none = BTreeMap::new();
    registers
        .iter()
        .map(|register| {
            let columns = types_of(&register.fields, &none);
            (register.id.value.clone(), Type::Group(Arc::new(columns)))
        })
        .collect()
}

/// The first parts of all names that a document reads, through every layout that it extends.
fn roots(document: &Document, layouts: &BTreeMap<String, Template>) -> Vec<String> {
    let mut todo = vec![&document.template];
    let mut seen: Vec<&str> = Vec::new();
    let mut names = Vec::new();
    while let Some(template) = todo.pop() {
        let reads = reads_of_template(&template.text);
        names.extend(reads.reads.into_iter().filter_map(|read| read.path.into_iter().next()));
        for (name, ..) in &reads.templates {
            if let Some((name, layout)) = layouts.get_key_value(name)
                && !seen.contains(&name.as_str())
            {
                seen.push(name);
                todo.push(layout);
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}
