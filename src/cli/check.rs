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
    pub fn run(self) -> anyhow::Result<Outcome> {
        let checked = if self.paths.is_empty() {
            self.workspace.read()?
        } else {
            read(&whole(&self.paths)?)?
        };
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

    /// A single file is checked with everything around it, and only its own findings are shown.
    fn is_asked_for(&self, path: &str) -> bool {
        let path = Path::new(path);
        self.paths.is_empty()
            || self.paths.iter().any(|asked| {
                let asked = asked.strip_prefix("./").unwrap_or(asked);
                path.starts_with(asked) || asked == Path::new(".")
            })
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
