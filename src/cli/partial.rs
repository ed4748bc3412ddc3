//! A file that gets its name last: what has that name is whole, on disk and examined. For `backup`,
//! `restore` and `archive`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::runtime::{Ailment, Breach, Clock, Runtime};
use crate::store::Store;

/// What SQLite puts beside a database file.
pub const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// A file without its name yet; whatever happens, it does not stay behind.
pub struct Partial {
    pub path: PathBuf,
}

/// A file beside another one.
pub fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut path = file.to_owned().into_os_string();
    path.push(ending);
    PathBuf::from(path)
}

/// What the doctor and the chains of hashes say of a copy.
pub async fn examine(copy: &Path) -> anyhow::Result<(Vec<Ailment>, Vec<Breach>)> {
    let url = copy.to_str().context("the name of the file is not UTF-8")?;
    let runtime = Runtime::start(Store::open_existing(url).await?, Clock::System).await?;
    let found = runtime.doctor().await;
    let broken = runtime.verify(None, &[]).await;
    runtime.shutdown().await;
    runtime.store().close().await;
    Ok((found?, broken?))
}

/// Puts a file's name on disk; its contents are another matter.
pub fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl Partial {
    /// Of the file with this name; one that an earlier try left is removed.
    pub fn of(file: &Path) -> Self {
        let partial = Self { path: beside(file, ".partial") };
        partial.remove();
        partial
    }

    /// Makes it, its owner's alone: it is to hold people's papers.
    pub fn create(&self) -> std::io::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    /// On disk first, then by its name; a link, unlike a renaming, replaces nothing.
    pub fn keep(&self, file: &Path) -> std::io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        fs::hard_link(&self.path, file)?;
        sync_folder(file)
    }

    fn remove(&self) {
        for ending in ["", BESIDE[0], BESIDE[1]] {
            // It is not there, most of the time.
            let _ = fs::remove_file(beside(&self.path, ending));
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        self.remove();
    }
}
