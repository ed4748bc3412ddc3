//! `tramite diagram`: a procedure as swim lanes, in SVG.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::Outcome;
use super::workspace::Workspace;
use crate::diagram::svg_in;
use crate::language::Language;

#[derive(Debug, Args)]
pub struct Diagram {
    /// ORGANISATION/PROCEDURE, such as tupiza/registro
    procedure: String,
    /// The file to write; stdout unless said otherwise
    #[arg(long, short, value_name = "FILE.svg")]
    output: Option<PathBuf>,
    /// Language of the drawing's own words; the organisation's unless said otherwise
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,
    #[command(flatten)]
    workspace: Workspace,
}

impl Diagram {
    pub fn run(self) -> anyhow::Result<Outcome> {
        // A faulty procedure is drawn too: a picture of it helps to mend it.
        let library = self.workspace.read()?.library;
        let Some(executable) = library.executable(&self.procedure) else {
            return Err(super::workspace::no_procedure(&self.procedure, &library));
        };
        let code = self.lang.as_deref().unwrap_or(&executable.organisation.language);
        let drawing = svg_in(&executable, &Language::parse(code));
        match &self.output {
            Some(path) => std::fs::write(path, drawing)
                .with_context(|| format!("writing {}", path.display()))?,
            None => std::io::stdout().lock().write_all(drawing.as_bytes())?,
        }
        Ok(Outcome::Fine)
    }
}
