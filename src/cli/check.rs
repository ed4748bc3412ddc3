//! `tramite check`: every finding of every file.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::workspace::{Checked, Workspace, read};
use crate::diagnostic::{Diagnostic, Severity, Sources, Style, render, to_json};

#[derive(Debug, Args)]
pub struct Check {
    /// Files or folders; `workflows` and `forms` unless said otherwise
    paths: Vec<PathBuf>,
    /// One JSON object a finding
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workspace: Workspace,
}

impl Check {
    pub fn run(mut self) -> anyhow::Result<Outcome> {
        // Paths are seen from where the workspace is.
        for path in &mut self.paths {
            if path.is_relative() && self.workspace.directory != Path::new(".") {
                *path = self.workspace.directory.join(&*path);
            }
        }
        let checked = if self.paths.is_empty() {
            self.workspace.read()?
        } else {
            read(&whole(&self.paths)?)?
        };
        self.something_to_check(&checked)?;
        let shown: Vec<(&Diagnostic, &Sources)> = checked
            .all()
            .filter(|(finding, sources)| {
                self.is_asked_for(&sources.get(finding.primary.span.file).path)
            })
            .collect();
        let mut out = std::io::stdout().lock();
        for (finding, sources) in &shown {
            if self.json {
                writeln!(out, "{}", to_json(finding, sources))?;
            } else {
                let style = if out.is_terminal() { Style::Coloured } else { Style::Plain };
                writeln!(out, "{}\n", render(finding, sources, style))?;
            }
        }
        if !self.json {
            tell_sum(&checked, &shown);
        }
        Ok(if shown.is_empty() { Outcome::Fine } else { Outcome::Findings })
    }

    /// A misspelt path must not look like clean files.
    fn something_to_check(&self, checked: &Checked) -> anyhow::Result<()> {
        let read = || checked.library.sources.iter().chain(checked.unread.iter());
        if self.paths.is_empty() && read().next().is_none() {
            anyhow::bail!("nothing to check in {}", self.workspace.directory.display());
        }
        for asked in &self.paths {
            if !read().any(|(_, file)| is_below(asked, &file.path)) {
                anyhow::ensure!(asked.exists(), "there is no {}", asked.display());
                anyhow::bail!(
                    "nothing to check in {}: files end in .yaml, .yml or .typ.j2",
                    asked.display()
                );
            }
        }
        Ok(())
    }

    /// A single file is checked with everything around it, and only its own findings are shown.
    fn is_asked_for(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|asked| is_below(asked, path))
    }
}

/// Whether the file `path`, as findings name it, is `asked` or inside of it.
fn is_below(asked: &Path, path: &str) -> bool {
    match (asked.canonicalize(), Path::new(path).canonicalize()) {
        (Ok(asked), Ok(path)) => path.starts_with(asked),
        _ => Path::new(path).starts_with(asked),
    }
}

/// The roots to read for `paths`: a path inside `workflows` or `forms` brings the whole workspace with
/// it, since its names are defined there.
fn whole(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut roots: Vec<PathBuf> = Vec::new();
    for path in paths {
        let inside = path.ancestors().find(|folder| {
            folder.file_name().is_some_and(|name| name == "workflows" || name == "forms")
        });
        match inside {
            Some(folder) => {
                let parent = folder.parent().unwrap_or(Path::new(""));
                for name in ["workflows", "forms"] {
                    let root = parent.join(name);
                    if root.is_dir() {
                        roots.push(root);
                    }
                }
            }
            None => roots.push(path.clone()),
        }
    }
    roots.sort();
    roots.dedup();
    Ok(roots)
}

fn tell_sum(checked: &Checked, shown: &[(&Diagnostic, &Sources)]) {
    let count = |severity| shown.iter().filter(|(finding, _)| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let procedures = checked.library.names().len();
    if shown.is_empty() {
        eprintln!("{procedures} procedure(s) checked, nothing found");
    } else {
        eprintln!("{procedures} procedure(s) checked: {errors} error(s), {warnings} warning(s)");
        eprintln!("`tramite explain CODE` tells more about each");
    }
}
