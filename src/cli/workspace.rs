//! Finding and reading the files of a workspace, and telling what is wrong with them.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::check::{check, check_at};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, Style, render};
use crate::library::{Files, Library, collect};

/// Where the files are.
#[derive(Debug, Clone, Args)]
pub struct Workspace {
    /// Folder with `workflows/` and `forms/`
    #[arg(long = "directory", short = 'C', env = "TRAMITE_DIRECTORY", default_value = ".")]
    pub directory: PathBuf,
}

/// A workspace that was read and checked.
pub struct Checked {
    pub library: Library,
    /// Files that could not even be read have their texts here.
    pub unread: Sources,
    pub unread_findings: Vec<Diagnostic>,
    pub findings: Vec<Diagnostic>,
}

impl Workspace {
    /// `workflows/` and `forms/` of the folder.
    pub fn roots(&self) -> anyhow::Result<Vec<PathBuf>> {
        let roots: Vec<PathBuf> = ["workflows", "forms"]
            .into_iter()
            .map(|name| {
                if self.directory == Path::new(".") {
                    PathBuf::from(name)
                } else {
                    self.directory.join(name)
                }
            })
            .filter(|path| path.is_dir())
            .collect();
        if roots.is_empty() {
            anyhow::bail!(
                "there is no folder `workflows` in {}; go to the project's folder, or name it with --directory",
                self.directory.display()
            );
        }
        Ok(roots)
    }

    pub fn read(&self) -> anyhow::Result<Checked> {
        read(&self.roots()?)
    }

    /// The library, when nothing is wrong with it that forbids running it; else the findings are told.
    pub fn sound(&self) -> anyhow::Result<Option<Library>> {
        let checked = self.read()?;
        let errors = checked.count(Severity::Error);
        if errors == 0 {
            return Ok(Some(checked.library));
        }
        checked.tell();
        eprintln!("nothing was started: the procedures have {errors} error(s)");
        Ok(None)
    }
}

/// Reads and checks the files at or below `paths`.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Checked> {
    let mut unread = Sources::default();
    let mut before = Diagnostics::default();
    let files: Files = collect(paths, &mut before, &mut unread).context("reading the workspace")?;
    let mut found = Diagnostics::default();
    let library = Library::read(&files, &mut found);
    check(&library, &mut found);
    check_at(&library, jiff::Timestamp::now(), &mut found);
    Ok(Checked {
        library,
        unread,
        unread_findings: before.into_sorted(),
        findings: found.into_sorted(),
    })
}

/// What to say of a procedure that the workspace doesn't have.
pub fn no_procedure(name: &str, library: &Library) -> anyhow::Error {
    let names = library.names();
    if names.is_empty() {
        return anyhow::anyhow!("there is no `{name}`: the workspace has no procedure yet");
    }
    anyhow::anyhow!("there is no `{name}`; there are {}", names.join(", "))
}

impl Checked {
    pub fn all(&self) -> impl Iterator<Item = (&Diagnostic, &Sources)> {
        let unread = self.unread_findings.iter().map(|finding| (finding, &self.unread));
        unread.chain(self.findings.iter().map(|finding| (finding, &self.library.sources)))
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.all().filter(|(finding, _)| finding.severity == severity).count()
    }

    /// Prints every finding for a person.
    pub fn tell(&self) {
        let style = if std::io::stderr().is_terminal() { Style::Coloured } else { Style::Plain };
        for (finding, sources) in self.all() {
            eprintln!("{}\n", render(finding, sources, style));
        }
    }
}
