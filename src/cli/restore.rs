//! `tramite restore`: a database file from a backup. Nothing is written over, and what is not sound gets
//! no name.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use super::Outcome;
use super::config::Database;
use super::partial::{BESIDE, Partial, beside, examine};

#[derive(Debug, Args)]
pub struct Restore {
    /// The file that `tramite backup` made; it stays as it is
    file: PathBuf,
    #[command(flatten)]
    database: Database,
}

/// What every file of SQLite begins with.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

impl Restore {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Some(target) = self.database.file().map(PathBuf::from) else {
            bail!(
                "a PostgreSQL database is restored with its own tools, into a new one:\n  \
                 createdb office\n  \
                 pg_restore --exit-on-error --single-transaction --no-owner --dbname office {}\n\
                 and then: tramite doctor, tramite verify",
                self.file.display()
            );
        };
        free(&target)?;
        whole(&self.file)?;
        let partial = Partial::of(&target);
        fs::copy(&self.file, &partial.path).with_context(|| {
            format!("{} can't be copied to {}", self.file.display(), partial.path.display())
        })?;
        // The copy is examined; people know the backup by its own name.
        let (ailments, breaches) = super::block_on(examine(&partial.path)).map_err(|error| {
            let (copy, file) =
                (partial.path.display().to_string(), self.file.display().to_string());
            anyhow::anyhow!("{}", format!("{error:#}").replace(&copy, &file))
        })?;
        for ailment in &ailments {
            out!("{}  {}", ailment.number, ailment.what);
        }
        for breach in &breaches {
            out!("{}  entry {} {}", breach.number, breach.seq, breach.what);
        }
        if !(ailments.is_empty() && breaches.is_empty()) {
            eprintln!(
                "{} is not sound, and was not restored: try an earlier backup",
                self.file.display()
            );
            return Ok(Outcome::Findings);
        }
        partial.keep(&target).with_context(|| format!("{} can't be written", target.display()))?;
        eprintln!(
            "{}: restored, every case is well and every line as it was written",
            target.display()
        );
        Ok(Outcome::Fine)
    }
}

/// Nothing has the database's name. A log that was left behind would be taken for the new file's own.
fn free(target: &Path) -> anyhow::Result<()> {
    for ending in ["", BESIDE[0], BESIDE[1]] {
        let path = beside(target, ending);
        if path.exists() {
            bail!(
                "{} is there already, and is not written over: stop the server, then move it away",
                path.display()
            );
        }
    }
    Ok(())
}

/// Without a log beside it, that holds what the file itself does not have yet.
fn whole(file: &Path) -> anyhow::Result<()> {
    if !file.exists() {
        bail!("there is no backup {}", file.display());
    }
    let mut head = [0; SQLITE.len()];
    let read = fs::File::open(file).and_then(|mut file| file.read_exact(&mut head));
    if read.is_err() || head != *SQLITE {
        bail!("{} is no database: give a file that `tramite backup` wrote", file.display());
    }
    let log = beside(file, BESIDE[0]);
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        bail!(
            "{} is there: {} is in use, or was not closed. Make a copy of it with `tramite backup`",
            log.display(),
            file.display()
        );
    }
    Ok(())
}
