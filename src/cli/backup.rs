//! `tramite backup`: a copy of the database, also while a server works on it.
//!
//! The copy gets its name last: what has that name is whole, on disk and examined.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::Outcome;
use super::config::Database;
use crate::runtime::{Ailment, Clock, Runtime};
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
        let mut partial = self.file.clone().into_os_string();
        partial.push(".partial");
        let partial = Partial(PathBuf::from(partial));
        partial.remove();
        let ailments = super::block_on(async {
            let store = Store::open(self.database.existing()?).await?;
            let copied = store.copy_into(&partial.0).await;
            store.close().await;
            copied.with_context(|| format!("{} can't be written", partial.0.display()))?;
            examine(&partial.0).await
        })?;
        keep(&partial.0, &self.file)
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

/// What the doctor finds in the copy.
async fn examine(copy: &Path) -> anyhow::Result<Vec<Ailment>> {
    let url = copy.to_str().context("the name of the file is not UTF-8")?;
    let runtime = Runtime::start(Store::open(url).await?, Clock::System).await?;
    let found = runtime.doctor().await;
    runtime.shutdown().await;
    runtime.store().close().await;
    Ok(found?)
}

/// On disk first, then by its name; a link, unlike a renaming, replaces nothing.
fn keep(partial: &Path, file: &Path) -> std::io::Result<()> {
    File::open(partial)?.sync_all()?;
    fs::hard_link(partial, file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A copy without its name yet; whatever happens, it does not stay behind.
struct Partial(PathBuf);

impl Partial {
    fn remove(&self) {
        for ending in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(ending);
            // It is not there, most of the time.
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        self.remove();
    }
}
