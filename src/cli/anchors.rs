//! Anchors in files: how the journals ended at some time, to be kept where whoever administers the
//! database can't change them. `verify` exports and compares them, `serve` writes them day by day.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use super::partial::sync_folder;
use crate::runtime::{Anchor, Runtime};

/// How often a server looks whether the day has its file.
const LOOK: Duration = Duration::from_secs(600);

/// A day's file has what was closed in the two days before it, too: no case is closed unseen, at
/// whatever hour the day before was written.
const OVERLAP: SignedDuration = SignedDuration::from_hours(48);

/// Of one file, or of all `.jsonl` files of a folder.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Anchor>> {
    let unreadable = || format!("{} can't be read", path.display());
    if !path.is_dir() {
        return read_file(path);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(unreadable)? {
        let file = entry.with_context(unreadable)?.path();
        if file.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(file);
        }
    }
    files.sort();
    anyhow::ensure!(!files.is_empty(), "{} has no .jsonl file in it", path.display());
    let mut anchors = Vec::new();
    for file in files {
        anchors.extend(read_file(&file)?);
    }
    Ok(anchors)
}

fn read_file(path: &Path) -> anyhow::Result<Vec<Anchor>> {
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

/// An export that doesn't have its name yet. Dropped, it is gone.
pub(super) struct Export {
    partial: PathBuf,
    path: PathBuf,
}

impl Export {
    /// Writes the anchors of the cases that are open or were closed `since`. Nothing is written over:
    /// an earlier export is worth more than a later one.
    pub(super) async fn make(
        path: &Path,
        runtime: &Runtime,
        since: Timestamp,
    ) -> anyhow::Result<Self> {
        let unwritten = || format!("{} can't be written", path.display());
        if path.exists() {
            anyhow::bail!("{} is there already, and is not written over", path.display());
        }
        // Of its own: two servers may write the same day into one folder.
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{}.partial", uuid::Uuid::now_v7().simple()));
        let export = Self { partial: PathBuf::from(partial), path: path.to_owned() };
        let mut file = BufWriter::new(File::create_new(&export.partial).with_context(unwritten)?);
        let mut after = None;
        loop {
            let page = runtime.anchors_after(after, since).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.case);
            for anchor in &page {
                serde_json::to_writer(&mut file, anchor)?;
                file.write_all(b"\n").with_context(unwritten)?;
            }
        }
        let file = file.into_inner().with_context(unwritten)?;
        file.sync_all().with_context(unwritten)?;
        Ok(export)
    }

    /// Gives it its name; a link, unlike a renaming, replaces nothing.
    pub(super) fn keep(self) -> anyhow::Result<()> {
        let unwritten = || format!("{} can't be written", self.path.display());
        fs::hard_link(&self.partial, &self.path).with_context(unwritten)?;
        sync_folder(&self.path).with_context(unwritten)
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        // Nothing is lost by it, and nobody is there to be told.
        let _ = fs::remove_file(&self.partial);
    }
}

/// Writes `DATE.jsonl` into the folder, once a day (in UTC), for as long as the server runs.
pub(super) async fn keep_daily(folder: PathBuf, runtime: Runtime) {
    loop {
        if let Err(error) = daily(&folder, &runtime).await {
            tracing::error!("{error:#}; the day's anchors will be tried again");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Writes the day's file unless it is there, perhaps by another server.
async fn daily(folder: &Path, runtime: &Runtime) -> anyhow::Result<()> {
    let now = runtime.clock().now();
    let path = folder.join(format!("{}.jsonl", now.strftime("%Y-%m-%d")));
    if path.exists() {
        return Ok(());
    }
    let has_earlier = fs::read_dir(folder)
        .with_context(|| format!("{} can't be read", folder.display()))?
        .flatten()
        .any(|entry| entry.path().extension().is_some_and(|extension| extension == "jsonl"));
    // The first one has everything; so has one after a gap.
    let yesterday = now.saturating_sub(SignedDuration::from_hours(24))?;
    let is_gapless = folder.join(format!("{}.jsonl", yesterday.strftime("%Y-%m-%d"))).exists();
    let since =
        if has_earlier && is_gapless { now.saturating_sub(OVERLAP)? } else { Timestamp::MIN };
    let export = Export::make(&path, runtime, since).await?;
    match export.keep() {
        Err(error) if is_there(&error) => Ok(()),
        kept => {
            kept?;
            tracing::info!(path = %path.display(), "anchors written");
            Ok(())
        }
    }
}

/// Another server was faster.
fn is_there(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::AlreadyExists)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::engine::{Actor, Command};
    use crate::library::{Files, Library};
    use crate::runtime::Clock;
    use crate::store::Store;

    const WORKSPACE: &str = "\
organisation: taller
name: Taller
language: es-BO
roles: { mesa: Mesa }
---
procedure: reparar
title: Reparar
starts: { by: mesa }
cancels: { by: mesa }
steps:
  1: { role: mesa, activity: Recibir., decide: { Listo: { end: reparado } } }
";

    #[tokio::test]
    async fn each_day_has_its_file_and_all_together_have_every_case() {
        let folder = tempfile::tempdir().expect("a folder");
        let start: Timestamp = "2026-11-23T15:00:00Z".parse().expect("an instant");
        let store = Store::memory().await.expect("a store");
        let runtime = Runtime::start(store, Clock::manual(start)).await.expect("starts");
        let files = Files::from([("taller.yaml".to_owned(), WORKSPACE.to_owned())]);
        let library = Library::read(&files, &mut Diagnostics::default());
        runtime.publish(&library, "taller").await.expect("published");
        let mesa =
            Actor { id: "1".to_owned(), name: "Eva".to_owned(), roles: ["mesa".to_owned()].into() };
        for _ in 0..5 {
            let case = runtime.start_case(&mesa, "taller", "reparar", None).await.expect("starts");
            let reason = "probando".to_owned();
            let cancel = Command::CancelCase { reason };
            runtime.handle(&mesa, &case.case, cancel, None).await.expect("cancelled");
            for _ in 0..2 {
                daily(folder.path(), &runtime).await.expect("written once");
            }
            runtime.clock().advance(SignedDuration::from_hours(24));
        }
        let files = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(files, 5, "and nothing half written beside them");
        let last = read(&folder.path().join("2026-11-27.jsonl")).expect("read");
        assert_eq!(last.len(), 3, "what was closed long ago stands in the files of then");
        let all = read(folder.path()).expect("read");
        let cases: std::collections::BTreeSet<_> = all.iter().map(|anchor| anchor.case).collect();
        assert_eq!(cases.len(), 5);
        assert_eq!(runtime.verify(None, &all).await.expect("verified"), []);
    }
}
