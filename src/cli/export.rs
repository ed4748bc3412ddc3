//! `tramite export`: a procedure for another tool.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Outcome;
use super::workspace::{Workspace, read};
use crate::bpmn::{self, Titles};
use crate::diagnostic::{Diagnostics, Style, render};
use crate::library::{Group, Library};
use crate::yaml::{Kind, Node, parse};

#[derive(Debug, Args)]
pub struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// As a BPMN 2.0 diagram, with its drawing
    Bpmn(Bpmn),
}

#[derive(Debug, Args)]
struct Bpmn {
    /// A procedure's file, or ORGANISATION/PROCEDURE such as tupiza/registro
    procedure: String,
    /// The file to write, which must not be there yet; stdout unless said otherwise
    #[arg(long, short, value_name = "FILE.bpmn")]
    output: Option<PathBuf>,
    /// Write over the file that is there
    #[arg(long, requires = "output")]
    force: bool,
    #[command(flatten)]
    workspace: Workspace,
}

impl Export {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.format {
            Format::Bpmn(bpmn) => bpmn.run(),
        }
    }
}

impl Bpmn {
    fn run(self) -> anyhow::Result<Outcome> {
        let (library, path, wanted) = self.find()?;
        let sources = &library.sources;
        let Some((file, source)) = sources.iter().find(|(_, source)| source.path == path) else {
            anyhow::bail!("{path} can't be read; `tramite check` says why");
        };
        let mut found = Diagnostics::default();
        let documents = parse(file, &source.text, &mut found);
        let node = documents.iter().find(|node| is_procedure(node, wanted.as_deref()));
        let diagram = node.and_then(|node| {
            let group = library.groups.values().find(|group| group.files.contains_key(&path));
            bpmn::export(node, sources, &group.map(titles).unwrap_or_default(), &mut found)
        });
        let style = if std::io::stderr().is_terminal() { Style::Coloured } else { Style::Plain };
        for finding in found.into_sorted() {
            eprintln!("{}\n", render(&finding, sources, style));
        }
        let Some(diagram) = diagram else {
            eprintln!("nothing was written: {path} has no procedure that can be read");
            return Ok(Outcome::Findings);
        };
        match &self.output {
            Some(path) => super::write(path, diagram.as_bytes(), self.force)?,
            None => std::io::stdout().lock().write_all(diagram.as_bytes())?,
        }
        Ok(Outcome::Fine)
    }

    /// The files around the procedure, its own file, and which of the procedures in it.
    fn find(&self) -> anyhow::Result<(Library, String, Option<String>)> {
        let asked = Path::new(&self.procedure);
        if asked.is_file() {
            // Its organisation's files give roles and documents their titles.
            let folder = asked.parent().filter(|folder| {
                folder.parent().is_some_and(|parent| parent.ends_with("workflows"))
            });
            let mut roots: Vec<PathBuf> = vec![folder.unwrap_or(asked).to_path_buf()];
            let name = folder.and_then(Path::file_name);
            let forms = folder.and_then(|folder| folder.parent()?.parent());
            if let (Some(name), Some(parent)) = (name, forms) {
                roots.push(parent.join("forms").join(name));
            }
            roots.retain(|root| root.exists());
            let path = asked.to_string_lossy().replace('\\', "/");
            let path = path.trim_start_matches("./").to_owned();
            return Ok((read(&roots)?.library, path, None));
        }
        let library = self.workspace.read()?.library;
        let known = self.procedure.split_once('/').and_then(|(organisation, procedure)| {
            let procedures = &library.group(organisation)?.procedures;
            let found = procedures.iter().find(|known| *known.id == procedure)?;
            let path = library.sources.get(found.id.span.file).path.clone();
            Some((path, Some(procedure.to_owned())))
        });
        match known {
            Some((path, wanted)) => Ok((library, path, wanted)),
            None => {
                let names = library.names().join(", ");
                anyhow::bail!(
                    "there is no file and no procedure `{}`; there are {names}",
                    self.procedure
                )
            }
        }
    }
}

fn is_procedure(node: &Node, wanted: Option<&str>) -> bool {
    let Kind::Mapping(entries) = &node.kind else { return false };
    entries.first().is_some_and(|(key, value)| {
        key.text() == Some("procedure") && wanted.is_none_or(|wanted| value.text() == Some(wanted))
    })
}

fn titles(group: &Group) -> Titles {
    let mut titles = Titles::default();
    if let Some(organisation) = &group.organisation {
        let roles = organisation.roles.iter();
        titles.roles.extend(roles.map(|role| (role.id.value.clone(), role.title.clone())));
        let papers = organisation.papers.iter();
        titles.documents.extend(papers.map(|paper| (paper.id.value.clone(), paper.title.clone())));
    }
    let documents = group.documents.iter();
    titles.documents.extend(documents.map(|known| (known.id.value.clone(), known.title.clone())));
    titles
}
