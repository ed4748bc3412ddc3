//! `tramite schema`: the JSON Schemas of the files, for editors.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::Outcome;
use crate::diagnostic::did_you_mean;
use crate::schema::{KINDS, find, reference};

#[derive(Debug, Args)]
pub struct Schema {
    /// A kind of file such as `procedure`; all kinds are listed without one
    kind: Option<String>,
    /// Write the schemas of all kinds into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    write: Option<PathBuf>,
    /// Print every key of every kind as a page in Markdown
    #[arg(long, conflicts_with_all = ["kind", "write"])]
    reference: bool,
}

impl Schema {
    pub fn run(self) -> anyhow::Result<Outcome> {
        if self.reference {
            out!("{}", reference().trim_end());
        } else if let Some(folder) = self.write {
            fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
            for kind in KINDS {
                let path = folder.join(format!("{}.json", kind.name));
                fs::write(&path, kind.text())
                    .with_context(|| format!("writing {}", path.display()))?;
                eprintln!("{}", path.display());
            }
        } else if let Some(name) = self.kind {
            let Some(kind) = find(&name) else {
                let known = KINDS.iter().map(|kind| kind.name);
                match did_you_mean(&name, known) {
                    Some(close) => {
                        anyhow::bail!("there is no kind `{name}`; did you mean `{close}`?")
                    }
                    None => anyhow::bail!("there is no kind `{name}`; `tramite schema` lists them"),
                }
            };
            out!("{}", kind.text().trim_end());
        } else {
            for kind in KINDS {
                out!("{:<14} {}", kind.name, kind.place);
            }
        }
        Ok(Outcome::Fine)
    }
}
