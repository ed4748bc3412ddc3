//! Archiving: closed cases whose retention has passed go into a file, and only then out of the
//! database.
//!
//! ```text
//!   due ──▶ file, line by line ──▶ (the caller: on disk, under its name) ──▶ read whole ──▶ delete
//! ```
//!
//! Killed anywhere, nothing is lost: until the file is whole nothing is deleted, and deleting goes on
//! from the file, which is read again for it. A step deletes a bounded number of cases in one
//! transaction with their tombstones. `cli` names the files; what belongs to the database is here.

mod due;
mod file;

pub use due::{Due, Plan};
pub use file::{End, Flaw};

use std::io::{self, BufRead, Write};

use jiff::Timestamp;
use jiff::civil::Date;

use self::due::Walk;
use self::file::{Reader, Scribe};
use super::{Anchor, Breach, Error, Runtime};
use crate::store::{self, Dossier, Fate, Shelf, Slip, first_break, hash_at};

/// Cases that are deleted in one transaction.
const STEP: usize = 200;

/// Of what stays as it is, so many are named.
const NAMED: usize = 20;

/// Why archiving stopped. What was deleted until then is in the file.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error(transparent)]
    Failed(#[from] Error),
    #[error("the file can't be read or written")]
    File(#[from] io::Error),
    #[error("the file is not a whole archive: {0}")]
    Flawed(Flaw),
}

/// Cases that stay where they are, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    pub cases: u64,
    /// The first of them, in words.
    pub named: Vec<String>,
}

/// What became of the cases of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelved {
    pub deleted: u64,
    /// Deleted before.
    pub gone: u64,
    pub kept: Kept,
}

/// Deleting, step by step, what a whole file has.
pub(super) struct Shelving<'a, R> {
    runtime: &'a Runtime,
    reader: Reader<R>,
    shelf: Shelf,
    step: usize,
    done: Shelved,
}

impl Runtime {
    /// What would be archived now: closed cases whose own version says for how long they are kept, when
    /// that has passed, and that ended before the day `before` where they are.
    pub async fn due(&self, before: Option<Date>) -> Result<Plan, Error> {
        let mut walk = Walk::new(self, before);
        let mut plan = Plan::default();
        while let Some(page) = walk.page().await? {
            page.iter().for_each(|case| plan.count(case));
        }
        plan.unreadable = walk.unreadable();
        Ok(plan)
    }

    /// Writes the cases that are due, in the order of their ends, and the line that closes the file.
    /// Case by case: memory holds one of them. The database is only read. How many there are, and those
    /// that stay because they are not sound.
    pub async fn archive_into(
        &self,
        out: impl Write,
        before: Option<Date>,
        database: &str,
    ) -> Result<(End, Kept), ArchiveError> {
        let mut scribe = Scribe::new(out);
        let mut kept = Kept::default();
        let mut walk = Walk::new(self, before);
        while let Some(page) = walk.page().await? {
            let mut snapshot = self.store().snapshot().await.map_err(Error::from)?;
            for case in page {
                match snapshot.dossier(&case.id).await {
                    Ok(Some(dossier)) => match unsound(&dossier) {
                        Some(what) => kept.note(&dossier.case.number, &what),
                        None => scribe.case(&dossier)?,
                    },
                    // Another program archived it just now.
                    Ok(None) => {}
                    Err(store::Error::Damaged { what, .. }) => {
                        kept.note(&case.id.to_string(), &format!("can't be read: {what}"));
                    }
                    Err(error) => return Err(Error::from(error).into()),
                }
            }
        }
        for version in walk.unreadable() {
            kept.note(&version, "can't be made from its stored files");
        }
        Ok((scribe.close(self.clock().now(), database)?, kept))
    }

    /// Deletes the cases that a whole file has and that still end as it says. `file` must have been read
    /// to its end before, and be on disk; `name` is what their tombstones call it.
    pub async fn shelve(
        &self,
        file: impl BufRead,
        end: &End,
        name: &str,
    ) -> Result<Shelved, ArchiveError> {
        let mut shelving = Shelving::new(self, file, end, name);
        while shelving.step().await? {}
        Ok(shelving.done)
    }

    /// Whether the case may be deleted by now, whatever a file says.
    async fn is_still_due(&self, slip: &Slip) -> Result<bool, Error> {
        let version = (slip.organisation.as_str(), slip.procedure.as_str(), slip.version);
        let kept_until = due::kept_until(self, version, slip.ended_at).await?;
        Ok(kept_until.is_some_and(|end| end <= self.clock().now()))
    }
}

impl<'a, R: BufRead> Shelving<'a, R> {
    pub(super) fn new(runtime: &'a Runtime, file: R, end: &End, name: &str) -> Self {
        let now = runtime.clock().now();
        let shelf = Shelf { file: name.to_owned(), proof: end.proof, now };
        Self { runtime, reader: Reader::new(file), shelf, step: STEP, done: Shelved::default() }
    }

    /// In smaller steps.
    #[cfg(test)]
    pub(super) fn by(mut self, step: usize) -> Self {
        self.step = step;
        self
    }

    /// The next cases of the file, in one transaction; whether there may be more.
    pub(super) async fn step(&mut self) -> Result<bool, ArchiveError> {
        let (mut slips, mut read) = (Vec::new(), 0);
        while read < self.step {
            let Some(dossier) = self.reader.next()? else { break };
            read += 1;
            let slip = slip(&dossier);
            match self.runtime.is_still_due(&slip).await? {
                true => slips.push(slip),
                false => self.done.kept.note(&slip.number, "is not to be archived yet"),
            }
        }
        if !slips.is_empty() {
            self.delete(&slips).await.map_err(Error::from)?;
        }
        Ok(read == self.step)
    }

    async fn delete(&mut self, slips: &[Slip]) -> Result<(), store::Error> {
        let store = self.runtime.store();
        let mut writing = store.begin().await?;
        let fates = writing.shelve(slips, &self.shelf).await?;
        store.commit(writing).await?;
        for (slip, fate) in slips.iter().zip(fates) {
            let done = &mut self.done;
            match fate {
                Fate::Deleted => done.deleted += 1,
                Fate::Gone => done.gone += 1,
                Fate::Differs => done.kept.note(&slip.number, "ends otherwise in the database"),
                Fate::Unknown => done.kept.note(&slip.number, "is not of this database"),
            }
        }
        Ok(())
    }
}

/// Reads a file to its end: every line, every journal, the count. With `anchors`, also whether the
/// journals of its cases fit them; those of other cases are passed over.
pub fn read_archive(
    file: impl BufRead,
    anchors: &[Anchor],
) -> Result<(End, Vec<Breach>), ArchiveError> {
    let mut by_case: std::collections::BTreeMap<_, Vec<&Anchor>> = Default::default();
    for anchor in anchors {
        by_case.entry(anchor.case).or_default().push(anchor);
    }
    let mut reader = Reader::new(file);
    let mut breaches = Vec::new();
    while let Some(dossier) = reader.next()? {
        let known = by_case.remove(&dossier.case.id).unwrap_or_default();
        let differs = known.iter().find(|anchor| {
            hash_at(&dossier.journal, i64::from(anchor.entries)) != Some(anchor.head)
        });
        breaches.extend(differs.map(|anchor| Breach {
            case: anchor.case,
            number: dossier.case.number.clone(),
            seq: i64::from(anchor.entries),
            what: "or one before it was written anew: it is not the anchored one".to_owned(),
        }));
    }
    let end = reader.end().ok_or_else(|| ArchiveError::Flawed(Flaw::cut_off()))?;
    Ok((end, breaches))
}

/// Why a case must not go into a file: its journal would not be believed there.
fn unsound(dossier: &Dossier) -> Option<String> {
    let Dossier { case, journal, .. } = dossier;
    let (seq, what) = first_break(&case.id, journal, case.entries, &case.head)?;
    Some(format!("stays: entry {seq} of its journal {what}"))
}

fn slip(dossier: &Dossier) -> Slip {
    let case = &dossier.case;
    Slip {
        id: case.id,
        number: case.number.clone(),
        organisation: case.organisation.clone(),
        procedure: case.procedure.clone(),
        version: case.version,
        // The reader has looked whether it is an instant.
        ended_at: Timestamp::from_microsecond(case.ended_at).unwrap_or(Timestamp::MAX),
        entries: case.entries,
        head: case.head,
    }
}

impl Kept {
    fn note(&mut self, name: &str, what: &str) {
        self.cases += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("{name} {what}"));
        }
    }
}

impl From<Flaw> for ArchiveError {
    fn from(flaw: Flaw) -> Self {
        Self::Flawed(flaw)
    }
}
