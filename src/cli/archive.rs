//! `tramite archive`: closed cases whose retention has passed, out of the database into a file.
//!
//! The file gets its name when it is whole, on disk and has been read again; only then are its cases
//! deleted. A file that is there already is never written over: if it is whole, what it still has in
//! the database is deleted, as after a run that was killed.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::config::Database;
use super::partial::{Partial, sync_folder};
use crate::runtime::{ArchiveError, Clock, Kept, Runtime, Shelved, read_archive};
use crate::store::{Store, without_password};

#[derive(Debug, Args)]
pub struct Archive {
    /// The file to be made; or a whole one, to go on deleting what is in it
    #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
    to: Option<PathBuf>,
    /// Only cases that ended before this day
    #[arg(long, value_name = "DATE")]
    before: Option<Date>,
    /// Only say what would be archived
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: Database,
}

impl Archive {
    pub fn run(self) -> anyhow::Result<Outcome> {
        super::block_on(async {
            let store = Store::open_existing(self.database.existing()?).await?;
            let runtime = Runtime::start(store, Clock::System).await?;
            let outcome = match &self.to {
                Some(file) if !self.dry_run => self.archive(&runtime, file).await,
                _ => self.tell(&runtime).await,
            };
            runtime.shutdown().await;
            runtime.store().close().await;
            outcome
        })
    }

    /// What would be archived: organisation/procedure, how many, the oldest and the newest.
    async fn tell(&self, runtime: &Runtime) -> anyhow::Result<Outcome> {
        let plan = runtime.due(self.before).await?;
        let mut cases = 0;
        for ((organisation, procedure), due) in &plan.due {
            cases += due.cases;
            let (oldest, newest) = (due.oldest, due.newest);
            out!("{organisation}/{procedure}  {} case(s)  ended {oldest} to {newest}", due.cases);
        }
        for version in &plan.unreadable {
            eprintln!("{version} can't be made from its stored files: its cases stay");
        }
        eprintln!("{cases} case(s) to be archived");
        Ok(Outcome::Fine)
    }

    async fn archive(&self, runtime: &Runtime, file: &Path) -> anyhow::Result<Outcome> {
        let mut kept = Kept::default();
        if file.exists() {
            eprintln!("{} is there already: what is in it is deleted now", file.display());
        } else {
            let is_written;
            (is_written, kept) = self.write(runtime, file).await?;
            if !is_written {
                kept.named.iter().for_each(|line| out!("{line}"));
                if kept.cases == 0 {
                    eprintln!("no case is due: nothing is archived");
                    return Ok(Outcome::Fine);
                }
                eprintln!("nothing is archived; {} case(s) that are due stay", kept.cases);
                return Ok(Outcome::Findings);
            }
        }
        let done = shelve(runtime, file).await?;
        kept.named.iter().chain(&done.kept.named).for_each(|line| out!("{line}"));
        let Shelved { deleted, gone, .. } = done;
        let stay = kept.cases + done.kept.cases;
        eprintln!(
            "{}: {deleted} case(s) deleted from the database, {gone} before, {stay} stay there",
            file.display()
        );
        Ok(if stay == 0 { Outcome::Fine } else { Outcome::Findings })
    }

    /// Writes the file, unless no case is to go into it; and which stay though they are due.
    async fn write(&self, runtime: &Runtime, file: &Path) -> anyhow::Result<(bool, Kept)> {
        let partial = Partial::of(file);
        let unwritten = || format!("{} can't be written", partial.path.display());
        let mut out = BufWriter::new(File::create_new(&partial.path).with_context(unwritten)?);
        let database = shown(self.database.url());
        let (end, kept) = runtime.archive_into(&mut out, self.before, &database).await?;
        out.flush().with_context(unwritten)?;
        if end.cases == 0 {
            return Ok((false, kept));
        }
        out.into_inner().with_context(unwritten)?.sync_all().with_context(unwritten)?;
        let again = BufReader::new(File::open(&partial.path).with_context(unwritten)?);
        let (read, _) = read_archive(again, &[]).with_context(unwritten)?;
        anyhow::ensure!(read == end, "{} does not read back", partial.path.display());
        partial.keep(file).with_context(|| format!("{} can't be written", file.display()))?;
        Ok((true, kept))
    }
}

/// Deletes what a whole file has, once the file is on disk.
async fn shelve(runtime: &Runtime, file: &Path) -> anyhow::Result<Shelved> {
    let unreadable = || format!("{} can't be read; nothing was deleted", file.display());
    let mut open = File::open(file).with_context(unreadable)?;
    open.sync_all().with_context(unreadable)?;
    // Its name, too: somebody else may have been stopped before that.
    sync_folder(file).with_context(unreadable)?;
    let (end, _) = match read_archive(BufReader::new(&open), &[]) {
        Err(error @ ArchiveError::Flawed(_)) => {
            let error = anyhow::Error::from(error);
            return Err(error.context(format!("{}: nothing was deleted", file.display())));
        }
        read => read.with_context(unreadable)?,
    };
    // The same open file: nobody can put another one in its place in between.
    open.rewind().with_context(unreadable)?;
    let name = std::path::absolute(file).with_context(unreadable)?;
    let done = runtime.shelve(BufReader::new(&open), &end, &name.to_string_lossy()).await;
    done.with_context(|| format!("run it again: {} has every case", file.display()))
}

/// Without what nobody should read in twenty years.
fn shown(url: &str) -> String {
    let url = without_password(url);
    url.split('?').next().unwrap_or_default().to_owned()
}

/// Why there is no such case: it is in a file, or there never was one.
pub(super) async fn missing(store: &Store, text: &str) -> anyhow::Result<anyhow::Error> {
    let Some(left) = store.find_archived(text).await? else {
        return Ok(anyhow::anyhow!("there is no case `{text}`"));
    };
    Ok(anyhow::anyhow!(
        "case {} ({}) was archived at {} into {}, with {} entries; `tramite verify --archive` examines \
         that file, whose proof is {}",
        left.number,
        left.case,
        left.archived_at,
        left.file,
        left.entries,
        left.proof
    ))
}
