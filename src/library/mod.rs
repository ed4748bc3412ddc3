//! All files of a workspace, read and sorted by organisation.
//!
//! Reads text, never decides whether a procedure is good: that is `check`. The same reader serves the
//! folder on disk and the stored text of a version that was published last year.

mod belonging;
mod collect;
mod demo;
mod meaning;

pub use collect::{Missing, collect};
pub use demo::Invented;
pub use meaning::{Meaning, Words, tells_of};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decision::{self, Table};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::document::{self, Document, Template};
use crate::form::{self, Form};
use crate::organisation::{self, Organisation};
use crate::parameter::{self, Parameters};
use crate::procedure::{self, Executable, Procedure};
use crate::register::{self, Register};
use crate::report::{self, Report};
use crate::yaml::{Kind, Node, Spanned, parse};

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
            read_file(group, file, path, text, &library.sources, found);
            // People and cases to try things out with are no part of a version.
            if group.demo.as_deref().is_some_and(|demo| text.contains(demo)) {
                group.files.remove(path);
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

fn read_file(
    group: &mut Group,
    file: FileId,
    path: &str,
    text: &str,
    sources: &Sources,
    found: &mut Diagnostics,
) {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.ends_with(".typ.j2") {
        if name.starts_with('_') {
            let layout = Template::layout(file, text);
            let id = Spanned::new(name.to_owned(), Span::new(file, 0, 0));
            if document::is_shapely(&layout, &id, found) {
                Arc::make_mut(&mut group.layouts).insert(name.to_owned(), layout);
            }
        } else if let Some(document) = document::decode_file(file, text, found) {
            group.documents.push(document);
        }
        return;
    }
    let before = found.len();
    let nodes = parse(file, text, found);
    let is_broken = found.len() > before;
    if !is_broken && nodes.iter().all(Node::is_null) {
        found.push(
            Diagnostic::new("unknown_kind", Span::new(file, 0, 0), "this file is empty")
                .label("the first key tells what a file holds")
                .help(format!("begin it with one of {}", listed(&KINDS)))
                .help("or take it away, if nothing shall stand in it"),
        );
    }
    let mut further = Diagnostics::default();
    for node in nodes.iter().filter(|node| !node.is_null()) {
        read_part(group, node, text, sources, &mut further);
    }
    // In a file that is no YAML at one place, what looks wrong at another mostly follows from it.
    if !is_broken {
        found.extend(further);
    }
}

/// The first keys of the parts of files.
const KINDS: [&str; 8] =
    ["organisation", "registers", "form", "document", "procedure", "table", "parameters", "report"];

fn listed(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}:`")).collect();
    keys.join(", ")
}

/// One YAML document; what it is stands in its first key.
fn read_part(
    group: &mut Group,
    node: &Node,
    text: &str,
    sources: &Sources,
    found: &mut Diagnostics,
) {
    let first = match &node.kind {
        Kind::Mapping(entries) => entries.first().map(|(key, _)| key),
        _ => None,
    };
    match first.and_then(Node::text) {
        Some("organisation") => {
            let organisation = organisation::decode(node, sources, found);
            if let (Some(old), Some(new)) = (&group.organisation, &organisation) {
                belonging::twice("organisation", &old.id, &new.id, found);
            }
            group.organisation = organisation.map(Arc::new).or(group.organisation.take());
        }
        Some("registers") => {
            let registers = register::decode(node, sources, found);
            Arc::make_mut(&mut group.registers).extend(registers);
        }
        Some("table") => {
            group.tables.extend(decision::decode(node, sources, found).map(Arc::new));
        }
        Some("parameters") => {
            let sets = parameter::decode(node, sources, found);
            Arc::make_mut(&mut group.parameters).sets.extend(sets);
        }
        Some("form") => group.forms.extend(form::decode(node, sources, found)),
        Some("document") => group.documents.extend(document::decode(node, None, found)),
        Some("procedure") => group.procedures.extend(procedure::decode(node, sources, found)),
        Some("report") => group.reports.extend(report::decode(node, sources, found)),
        Some("demo") => {
            let range = node.span.start as usize..node.span.end as usize;
            group.demo = text.get(range).map(ToOwned::to_owned);
            group.invented = Invented::of(node);
        }
        written => {
            let span = first.map_or(node.span, |key| key.span);
            let finding = Diagnostic::new("unknown_kind", span, "what is this file?")
                .label("the first key tells what a file holds")
                .suggest(written.unwrap_or_default(), KINDS);
            found.push(finding);
        }
    }
}
