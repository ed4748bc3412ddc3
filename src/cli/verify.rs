//! `tramite verify`: is every line of the journals as it was written?

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::Outcome;
use super::config::Database;
use crate::runtime::{Anchor, Breach, Clock, Runtime};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct Verify {
    /// A case's number or id; else all cases
    case: Option<String>,
    /// One JSON object a finding
    #[arg(long)]
    json: bool,
    /// Compare with the ends of the journals that `--export` wrote down earlier
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// Write down how all journals end now, to be kept where nobody can change it
    #[arg(long, value_name = "FILE", conflicts_with = "case")]
    export: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

impl Verify {
    pub fn run(self) -> anyhow::Result<Outcome> {
        super::block_on(async {
            let anchors = self.anchors.as_deref().map(read).transpose()?.unwrap_or_default();
            let store = Store::open_existing(self.database.existing()?).await?;
            let case = match &self.case {
                Some(text) => match store.find_case(None, text).await? {
                    Some(case) => Some(case),
                    None => anyhow::bail!("there is no case `{text}`"),
                },
                None => None,
            };
            let runtime = Runtime::start(store, Clock::System).await?;
            // Before the look: what is exported is what was found to be sound, or later.
            let ends = runtime.anchors().await?;
            let found = runtime.verify(case, &anchors).await?;
            runtime.shutdown().await;
            runtime.store().close().await;
            for breach in &found {
                out!("{}", self.line(breach)?);
            }
            if !found.is_empty() {
                eprintln!("{} journal(s) are not as they were written", found.len());
                return Ok(Outcome::Findings);
            }
            if let Some(path) = &self.export {
                write(path, &ends)
                    .with_context(|| format!("{} can't be written", path.display()))?;
            }
            eprintln!("every line is as it was written");
            Ok(Outcome::Fine)
        })
    }

    fn line(&self, breach: &Breach) -> serde_json::Result<String> {
        if self.json {
            return serde_json::to_string(breach);
        }
        let Breach { case, number, seq, what } = breach;
        let name = if number.is_empty() { case.to_string() } else { number.clone() };
        Ok(format!("{name}  entry {seq} {what}"))
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<Anchor>> {
    let unreadable = || format!("{} can't be read", path.display());
    let mut anchors = Vec::new();
    for (at, line) in BufReader::new(File::open(path).with_context(unreadable)?).lines().enumerate()
    {
        let line = line.with_context(unreadable)?;
        let anchor = serde_json::from_str(&line)
            .with_context(|| format!("{}:{} is not an anchor", path.display(), at + 1))?;
        anchors.push(anchor);
    }
    Ok(anchors)
}

/// Nothing is written over: an earlier export is worth more than a later one.
fn write(path: &Path, anchors: &[Anchor]) -> anyhow::Result<()> {
    let mut lines = String::new();
    for anchor in anchors {
        lines.push_str(&serde_json::to_string(anchor)?);
        lines.push('\n');
    }
    let mut file = File::create_new(path)?;
    file.write_all(lines.as_bytes())?;
    Ok(file.sync_all()?)
}
