//! `tramite verify`: is every line of the journals as it was written?

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;

use super::config::Database;
use super::{Outcome, anchors};
use crate::runtime::{ArchiveError, Breach, Clock, Runtime, read_archive};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct Verify {
    /// A case's number or id; else all cases
    case: Option<String>,
    /// One JSON object a finding
    #[arg(long)]
    json: bool,
    /// Compare with the ends of the journals that `--export` wrote down earlier, or `serve --anchors`: a
    /// file, or a folder of them
    #[arg(long, value_name = "PATH")]
    anchors: Option<PathBuf>,
    /// Write down how all journals end now, to be kept where nobody can change it
    #[arg(long, value_name = "FILE", conflicts_with = "case")]
    export: Option<PathBuf>,
    /// Examine a file that `tramite archive` made, without any database; with `--anchors`, also
    /// whether its journals fit them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["case", "export"])]
    archive: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

impl Verify {
    pub fn run(self) -> anyhow::Result<Outcome> {
        if let Some(file) = &self.archive {
            return self.examine(file);
        }
        super::block_on(async {
            let earlier =
                self.anchors.as_deref().map(anchors::read).transpose()?.unwrap_or_default();
            let store = Store::open_existing(self.database.existing()?).await?;
            let case = match &self.case {
                Some(text) => match store.find_case(None, text).await? {
                    Some(case) => Some(case),
                    None => return Err(super::archive::missing(&store, text).await?),
                },
                None => None,
            };
            let runtime = Runtime::start(store, Clock::System).await?;
            // Before the look: what is exported is what was found to be sound, or earlier.
            let export = match &self.export {
                Some(path) => Some(anchors::Export::make(path, &runtime, Timestamp::MIN).await?),
                None => None,
            };
            let found = runtime.verify(case, &earlier).await?;
            runtime.shutdown().await;
            runtime.store().close().await;
            for breach in &found {
                out!("{}", self.line(breach)?);
            }
            if !found.is_empty() {
                eprintln!("{} journal(s) are not as they were written", found.len());
                return Ok(Outcome::Findings);
            }
            if let Some(export) = export {
                export.keep()?;
            }
            eprintln!("every line is as it was written");
            Ok(Outcome::Fine)
        })
    }

    /// The file by itself, wherever its database is by now.
    fn examine(&self, file: &Path) -> anyhow::Result<Outcome> {
        let earlier = self.anchors.as_deref().map(anchors::read).transpose()?.unwrap_or_default();
        let unreadable = || format!("{} can't be read", file.display());
        let open = BufReader::new(File::open(file).with_context(unreadable)?);
        let (end, breaches) = match read_archive(open, &earlier) {
            Err(ArchiveError::Flawed(flaw)) if self.json => {
                out!("{}", serde_json::json!({ "archive": file, "what": flaw.to_string() }));
                return Ok(Outcome::Findings);
            }
            Err(ArchiveError::Flawed(flaw)) => {
                out!("{}  {flaw}", file.display());
                return Ok(Outcome::Findings);
            }
            read => read.with_context(unreadable)?,
        };
        for breach in &breaches {
            out!("{}", self.line(breach)?);
        }
        let (cases, made_at, database) = (end.cases, end.made_at, end.database);
        eprintln!("{cases} case(s), archived at {made_at} from {database}, proof {}", end.proof);
        if !breaches.is_empty() {
            eprintln!("{} journal(s) do not fit their anchors", breaches.len());
            return Ok(Outcome::Findings);
        }
        eprintln!("every line is as it was written");
        Ok(Outcome::Fine)
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
