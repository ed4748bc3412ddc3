//! `tramite import`: a procedure from another tool's file.

use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::Outcome;
use crate::bpmn::{self, Imported};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, Style, render};

#[derive(Debug, Args)]
pub struct Import {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// From a BPMN 2.0 diagram
    Bpmn(Bpmn),
}

#[derive(Debug, Args)]
struct Bpmn {
    /// The diagram
    file: PathBuf,
    /// The file to write, which must not be there yet; stdout unless said otherwise
    #[arg(long, short, value_name = "FILE.yaml")]
    output: Option<PathBuf>,
    /// Write over the file that is there
    #[arg(long, requires = "output")]
    force: bool,
}

impl Import {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.format {
            Format::Bpmn(bpmn) => bpmn.run(),
        }
    }
}

impl Bpmn {
    fn run(self) -> anyhow::Result<Outcome> {
        let name = self.file.to_string_lossy().replace('\\', "/");
        let mut file =
            File::open(&self.file).with_context(|| format!("opening {}", self.file.display()))?;
        let mut bytes = Vec::new();
        // What is longer is refused without being read.
        (&mut file).take(bpmn::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
        let imported = read(&name, &bytes, &mut sources, &mut found);
        let style = if std::io::stderr().is_terminal() { Style::Coloured } else { Style::Plain };
        let has_errors = found.has_errors();
        let findings = found.into_sorted();
        for finding in &findings {
            eprintln!("{}\n", render(finding, &sources, style));
        }
        if imported.text.is_empty() {
            eprintln!("nothing was written");
            return Ok(Outcome::Findings);
        }
        match &self.output {
            Some(path) => super::write(path, imported.text.as_bytes(), self.force)?,
            None => std::io::stdout().lock().write_all(imported.text.as_bytes())?,
        }
        tell(&imported, findings.len());
        Ok(if has_errors { Outcome::Findings } else { Outcome::Fine })
    }
}

fn read(name: &str, bytes: &[u8], sources: &mut Sources, found: &mut Diagnostics) -> Imported {
    let refuse = |sources: &mut Sources, why: &str, help: &str| {
        let at = Span::new(sources.add(name, ""), 0, 0);
        Diagnostic::new("bpmn_refused", at, "this file is not read").label(why).help(help)
    };
    if bytes.len() > bpmn::MAX_BYTES {
        let most = format!("it is larger than {} MB", bpmn::MAX_BYTES >> 20);
        found.push(refuse(sources, &most, "a diagram is a few hundred kB; import one at a time"));
        return Imported::default();
    }
    match bpmn::decode(bytes) {
        Ok(text) => {
            let file = sources.add(name, text.as_str());
            bpmn::import(file, &text, found)
        }
        Err(why) => {
            found.push(refuse(sources, why, "export it as UTF-8 from the modelling tool"));
            Imported::default()
        }
    }
}

/// What the organisation's file needs for it.
fn tell(imported: &Imported, findings: usize) {
    let procedures = imported.procedures.join(", ");
    eprintln!("imported: {procedures}; {findings} finding(s) above");
    if !imported.roles.is_empty() {
        eprintln!("its roles, for organisation.yaml where they are not there yet:\n\nroles:");
        let titles = imported.roles.iter();
        let titles = titles.map(|(id, title)| (id.clone(), crate::yaml::plain::Plain::text(title)));
        eprintln!("{}", crate::yaml::write(&titles.collect(), 2));
    }
    for (key, names) in [("messages", &imported.messages), ("signals", &imported.signals)] {
        if !names.is_empty() {
            let names = names.iter().map(|name| format!("  {name}: {{}}\n"));
            eprintln!("its {key}, likewise:\n\n{key}:\n{}", names.collect::<String>());
        }
    }
    eprintln!("put it into workflows/<organisation>/ and run `tramite check`");
}
