//! One procedure under examination, with everything that the rules look up.

use super::Damage;
use crate::diagnostic::{FileId, Sources, Span};
use crate::expression::{Type, Types};
use crate::library::{Group, Library};
use crate::organisation::Organisation;
use crate::procedure::{Executable, Procedure, Step};

/// A procedure with its organisation and its names.
pub struct Subject<'a> {
    pub sources: &'a Sources,
    pub group: &'a Group,
    pub organisation: &'a Organisation,
    pub procedure: &'a Procedure,
    pub executable: Executable,
    /// Every variable, with what `looks_up` and `set` add.
    pub types: Types,
    damage: &'a Damage,
}

impl<'a> Subject<'a> {
    pub fn new(
        library: &'a Library,
        group: &'a Group,
        procedure: &'a Procedure,
        damage: &'a Damage,
    ) -> Option<Self> {
        let executable = group.executable(procedure)?;
        let types = executable.types();
        let mut subject = Self {
            sources: &library.sources,
            group,
            organisation: group.organisation.as_deref()?,
            procedure,
            executable,
            types,
            damage,
        };
        subject.add_set_variables();
        Some(subject)
    }

    /// What `set` makes is typed by its expression, in the order of the file.
    fn add_set_variables(&mut self) {
        let procedure = self.procedure;
        for step in &procedure.steps {
            for look_up in &step.looks_up {
                let path: Vec<String> =
                    look_up.variable.split('.').map(ToOwned::to_owned).collect();
                if self.types.resolve(&path).is_err() {
                    let kind = look_up.found.as_ref().map_or(Type::Any, |table| table.result());
                    self.types.add(&look_up.variable, kind);
                }
            }
            let of_choices = step.choices().iter().flat_map(|choice| &choice.set);
            for set in step.set.iter().chain(of_choices) {
                let path: Vec<String> = set.variable.split('.').map(ToOwned::to_owned).collect();
                if self.types.resolve(&path).is_err() {
                    let text = self.text(set.value.span.file);
                    let mut ignored = crate::diagnostic::Diagnostics::default();
                    let kind = set.value.check(&self.types, text, &mut ignored);
                    self.types.add(&set.variable, kind);
                }
            }
        }
    }

    /// The files of a group.
    pub fn files(library: &Library, group: &Group) -> impl Iterator<Item = FileId> {
        library
            .sources
            .iter()
            .filter(|(_, file)| group.files.contains_key(&file.path))
            .map(|(id, _)| id)
    }

    pub fn text(&self, file: FileId) -> &'a str {
        &self.sources.get(file).text
    }

    /// Something that the procedure uses has mistakes of its own: what follows from them must not be
    /// reported as well.
    pub fn is_damaged(&self) -> bool {
        let mut files = vec![self.procedure.id.span.file, self.organisation.id.span.file];
        files.extend(self.executable.forms.values().map(|form| form.id.span.file));
        files.extend(self.executable.documents.values().map(|document| document.id.span.file));
        files.extend(self.executable.registers.iter().map(|register| register.id.span.file));
        let look_ups = self.procedure.steps.iter().flat_map(|step| &step.looks_up);
        let tables = look_ups.filter_map(|look_up| look_up.found.as_ref());
        files.extend(tables.map(|table| table.id.span.file));
        files.extend(self.executable.parameters.sets.iter().map(|set| set.id.span.file));
        files.iter().any(|file| self.damage.files.contains(file))
    }

    /// Something in the step could not be read: what it doesn't say may be just that.
    pub fn is_damaged_at(&self, step: &Step) -> bool {
        let (file, start) = (step.id.span.file, step.id.span.start);
        let starts = self.procedure.steps.iter().map(|step| step.id.span.start);
        let end = starts.filter(|other| *other > start).min().unwrap_or(u32::MAX);
        let is_within = |place: &Span| place.file == file && (start..end).contains(&place.start);
        self.damage.places.iter().any(is_within)
    }

    /// A file that could not be read may have defined what is looked for: by its name for forms and
    /// documents, whatever its name for the rest.
    pub fn may_be_lost(&self, stem: Option<&str>) -> bool {
        self.damage.lost.iter().any(|file| {
            let path = &self.sources.get(*file).path;
            let name = path.rsplit('/').next().unwrap_or(path);
            self.group.files.contains_key(path)
                && stem.is_none_or(|stem| name.split('.').next() == Some(stem))
        })
    }

    /// The steps with their places.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &'a Step)> {
        self.procedure.steps.iter().enumerate()
    }

    /// Whether a field may be empty although its form was filled in: it or a group around it is optional or
    /// asked for only under a condition.
    pub fn may_be_empty(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('.').collect();
        (1..=parts.len()).any(|length| {
            self.executable
                .field(&parts[..length].join("."))
                .is_some_and(|field| field.is_optional || field.when.is_some())
        })
    }

    /// "step 4 of registro".
    pub fn place(&self, step: &Step) -> String {
        format!("step {} of {}", *step.id, *self.procedure.id)
    }
}
