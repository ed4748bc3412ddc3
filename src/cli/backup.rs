//! `tramite backup`: a copy of the database, also while a server works on it.
//!
//! The copy gets its name last: what has that name is whole, on disk and examined.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::Outcome;
use super::config::Database;
use super::partial::{Partial, examine};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct Backup {
    /// The file to be made; one that is there already stays as it is
    file: PathBuf,
    #[command(flatten)]
    database: Database,
}

impl Backup {
    pub fn run(self) -> anyhow::Result<Outcome> {
        if self.file.exists() {
            anyhow::bail!("{} is there already, and is not written over", self.file.display());
        }
        let partial = Partial::of(&self.file);
        let ailments = super::block_on(async {
            let store = Store::open_existing(self.database.existing()?).await?;
            let copied = store.copy_into(&partial.path).await;
            store.close().await;
            copied.with_context(|| format!("{} can't be written", partial.path.display()))?;
            Ok(examine(&partial.path).await?.0)
        })?;
        partial
            .keep(&self.file)
            .with_context(|| format!("{} can't be written", self.file.display()))?;
        for ailment in &ailments {
            out!("{}  {}", ailment.number, ailment.what);
        }
        if ailments.is_empty() {
            eprintln!("{}: every case is well", self.file.display());
            return Ok(Outcome::Fine);
        }
        eprintln!("{}: a true copy, with {} ailment(s)", self.file.display(), ailments.len());
        Ok(Outcome::Findings)
    }
}
