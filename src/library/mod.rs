//! All files of a workspace, read and sorted by organisation.
//!
//! Reads text, never decides whether a procedure is good: that is `check`. The same reader serves the
//! folder on disk and the stored text of a version that was published last year.

mod belonging;
mod collect;
mod demo;
mod meaning;
mod read;

pub use collect::{Missing, collect};
pub use demo::Invented;
pub use meaning::{Meaning, Words, tells_of};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decision::Table;
use crate::diagnostic::{Diagnostics, Sources, Span};
use crate::document::{Document, Template};
use crate::form::Form;
use crate::organisation::Organisation;
use crate::parameter::Parameters;
use crate::procedure::{Executable, Procedure};
use crate::register::Register;
use crate::report::Report;
use crate::yaml::Spanned;

/// Path to text: what a workspace is made of, on disk or stored.
pub type Files = BTreeMap<String, String>;

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Library {
    pub sources: Sources,
    /// By folder, or by file for a workspace in one file.
    pub groups: BTreeMap<String, Group>,
}

/// The files of one organisation.
#[derive(Debug, Default)]
pub struct Group {
    pub organisation: Option<Arc<Organisation>>,
    pub registers: Arc<Vec<Register>>,
    pub tables: Vec<Arc<Table>>,
    pub parameters: Arc<Parameters>,
    pub forms: Vec<Form>,
    pub documents: Vec<Document>,
    pub layouts: Arc<BTreeMap<String, Template>>,
    pub procedures: Vec<Procedure>,
    pub reports: Vec<Report>,
    /// People and cases for `serve --demo`, as plain configuration.
    pub demo: Option<String>,
    /// What the demo names.
    pub invented: Invented,
    /// The texts themselves, to be stored with a version.
    pub files: Files,
    /// The first place of the group, for findings about the whole.
    pub place: Option<Span>,
}

impl Group {
    /// A procedure ready to run; none when the group has no organisation.
    pub fn executable(&self, procedure: &Procedure) -> Option<Executable> {
        let organisation = self.organisation.as_ref()?;
        let executable = Executable::new(
            procedure,
            organisation,
            &self.registers,
            &self.forms,
            &self.documents,
            &self.layouts,
        );
        Some(executable.knowing(&self.parameters))
    }
}

impl Library {
    /// Reads `files`; every mistake of every file is reported in one go.
    pub fn read(files: &Files, found: &mut Diagnostics) -> Self {
        let mut library = Self::default();
        for (path, text) in files {
            let file = library.sources.add(path.as_str(), text.as_str());
            let name = group_of(path);
            let group = library.groups.entry(name).or_default();
            group.files.insert(path.clone(), text.clone());
            group.place.get_or_insert(Span::new(file, 0, 0));
            let demos = read::file(group, (file, path, text), &library.sources, found);
            if !demos.is_empty() {
                match read::without(text, &demos) {
                    Some(rest) => group.files.insert(path.clone(), rest),
                    None => group.files.remove(path),
                };
            }
        }
        for group in library.groups.values_mut() {
            let tables = &group.tables;
            group.procedures.iter_mut().for_each(|procedure| procedure.link(tables));
        }
        let mut known: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
        for group in library.groups.values() {
            belonging::without_organisation(group, found);
            belonging::duplicates(group, found);
            let Some(organisation) = &group.organisation else { continue };
            if let Some(first) = known.insert(&organisation.id, &organisation.id) {
                belonging::twice("organisation", first, &organisation.id, found);
            }
        }
        library
    }

    /// The group whose organisation has this id.
    pub fn group(&self, organisation: &str) -> Option<&Group> {
        self.groups
            .values()
            .find(|group| group.organisation.as_ref().is_some_and(|own| *own.id == organisation))
    }

    /// `organisation/procedure` ready to run.
    pub fn executable(&self, name: &str) -> Option<Executable> {
        let (organisation, procedure) = name.split_once('/')?;
        let group = self.group(organisation)?;
        let procedure = group.procedures.iter().find(|known| *known.id == procedure)?;
        group.executable(procedure)
    }

    /// Every `organisation/procedure`, in order.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for group in self.groups.values() {
            let Some(organisation) = &group.organisation else { continue };
            for procedure in &group.procedures {
                names.push(format!("{}/{}", *organisation.id, *procedure.id));
            }
        }
        names
    }
}

/// `workflows/tupiza/x.yaml` and `forms/tupiza/y.yaml` belong together; any other file is alone.
fn group_of(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let folder = parts.iter().rposition(|part| matches!(*part, "workflows" | "forms"));
    match folder {
        Some(at) if at + 2 < parts.len() => {
            format!(
                "{}{}",
                parts[..at].iter().map(|part| format!("{part}/")).collect::<String>(),
                parts[at + 1]
            )
        }
        _ => path.to_owned(),
    }
}
