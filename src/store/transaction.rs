//! The two transactions: one that writes and one that sees everything at one moment.

use std::collections::BTreeMap;

use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::chain::Stored;
use super::commands::Key;
use super::{
    CaseId, CaseRow, DocumentRow, Error, NumberRow, Store, TaskRow, VersionRow, commands, journal,
    versions,
};
use crate::engine::{Record, State};

/// A transaction that writes. It has the database for itself from its first moment on: one that
/// only began to write later would be refused at once if somebody else had written meanwhile.
/// Dropped, it changes nothing.
pub(crate) struct Writing {
    transaction: Transaction<'static, Sqlite>,
    mark: Option<Mark>,
}

/// Something that is in the database if and only if the transaction took effect.
pub(super) enum Mark {
    Line { case: CaseId, seq: u32, hash: String },
    Command { actor: String, key: String },
    Version(VersionRow),
}

/// What one command does to a case.
pub(crate) struct Change<'a> {
    pub(crate) case: &'a CaseId,
    pub(crate) organisation: &'a str,
    /// None: the case begins.
    pub(crate) before: Option<&'a CaseRow>,
    pub(crate) after: &'a State,
    pub(crate) subject: &'a str,
    /// The new lines of the journal; none: only the key is kept.
    pub(crate) records: &'a [Record],
    /// What is to be done at each task that these lines offer.
    pub(crate) activities: &'a BTreeMap<u32, String>,
    /// The person, and the key under which the command is not done again.
    pub(crate) key: Option<Key<'a>>,
}

impl Store {
    pub(crate) async fn begin(&self) -> Result<Writing, Error> {
        let begun = match self.writer.begin_with(BEGIN).await.map_err(Error::from) {
            // A transaction that SQLite itself took back, on a full disk for one, leaves the
            // connection counting it as open for ever.
            Err(Error::Database { source }) if !self.is_in_memory => {
                tracing::warn!(%source, "the connection that writes is opened anew");
                self.writer.acquire().await?.close().await?;
                self.writer.begin_with(BEGIN).await.map_err(Error::from)
            }
            begun => begun,
        };
        Ok(Writing { transaction: begun?, mark: None })
    }

    /// On disk when this returns; not done when it fails, except with [`Error::Unknown`].
    ///
    /// A commit may take effect and fail all the same: then its trace is looked for.
    pub(crate) async fn commit(&self, writing: Writing) -> Result<(), Error> {
        let Writing { transaction, mark } = writing;
        let Err(error) = self.try_commit(transaction).await else { return Ok(()) };
        let Some(mark) = mark else { return Err(error) };
        tracing::warn!(%error, "a commit failed; whether it took effect is looked up");
        match self.has(&mark).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(error),
            Err(blind) => {
                tracing::error!(%error, %blind, "whether a commit took effect is not known");
                Err(Error::Unknown)
            }
        }
    }

    async fn try_commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), Error> {
        #[cfg(test)]
        return self.faults.commit(transaction).await;
        #[cfg(not(test))]
        Ok(transaction.commit().await?)
    }

    /// Asked on the connection that writes: only there what was left open is sure to be taken back.
    async fn has(&self, mark: &Mark) -> Result<bool, Error> {
        let mut looking = self.begin().await?;
        let on = looking.on();
        let found = match mark {
            Mark::Line { case, seq, hash } => journal::has(on, case, *seq, hash).await?,
            Mark::Command { actor, key } => commands::has(on, (actor, key)).await?,
            Mark::Version(version) => versions::has(on, version).await?,
        };
        looking.roll_back().await?;
        Ok(found)
    }

    pub(crate) async fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(Snapshot { transaction: self.readers.begin().await? })
    }
}

const BEGIN: &str = "BEGIN IMMEDIATE";

impl Writing {
    pub(crate) async fn roll_back(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }

    /// Journal, state, tasks, documents, numbers, registers and keys together, of commands to
    /// different cases, in their order. A statement or two for each table, however many changes
    /// there are: every statement is a trip to the connection's thread.
    pub(crate) async fn append(&mut self, changes: &[Change<'_>]) -> Result<(), Error> {
        let mut written = Vec::with_capacity(changes.len());
        for change in changes.iter().filter(|change| !change.records.is_empty()) {
            written.push((change, journal::lines(change)?));
        }
        if let Some(line) = written.iter().find_map(|(_, lines)| lines.last()) {
            self.mark(Mark::Line { case: *line.case, seq: line.seq, hash: line.hash.clone() });
        } else if let Some((actor, key)) = changes.iter().find_map(|change| change.key) {
            self.mark(Mark::Command { actor: actor.to_owned(), key: key.to_owned() });
        }
        let on = self.on();
        super::cases::write(on, &written).await?;
        journal::write(on, &written).await?;
        super::tasks::write(on, changes).await?;
        super::documents::write(on, changes).await?;
        super::series::write(on, changes).await?;
        super::registers::write(on, changes).await?;
        commands::write(on, changes).await
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        self.mark = Some(mark);
    }

    pub(super) fn on(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

/// The database at one moment, whatever is written meanwhile. For comparing tables with each other.
pub(crate) struct Snapshot {
    transaction: Transaction<'static, Sqlite>,
}

impl Snapshot {
    pub(crate) async fn case(&mut self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        super::cases::case(self.on(), id).await
    }

    pub(crate) async fn journal(&mut self, id: &CaseId) -> Result<Vec<Record>, Error> {
        journal::all(self.on(), id).await
    }

    pub(crate) async fn stored(&mut self, id: &CaseId) -> Result<Vec<Stored>, Error> {
        journal::stored(self.on(), id).await
    }

    pub(crate) async fn tasks(&mut self, id: &CaseId) -> Result<BTreeMap<u32, TaskRow>, Error> {
        super::tasks::all(self.on(), id).await
    }

    pub(crate) async fn documents(&mut self, id: &CaseId) -> Result<Vec<DocumentRow>, Error> {
        super::documents::all(self.on(), id).await
    }

    pub(crate) async fn numbers(&mut self, id: &CaseId) -> Result<Vec<NumberRow>, Error> {
        super::series::of_case(self.on(), id).await
    }

    pub(super) fn on(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}
