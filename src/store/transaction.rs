//! The two transactions: one that writes and one that sees everything at one moment.

use std::collections::BTreeMap;

use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{CaseId, CaseRow, DocumentRow, Error, NumberRow, Store, TaskRow};
use crate::engine::{Record, State};

/// A transaction that writes. It has the database for itself from its first moment on: one that
/// only began to write later would be refused at once if somebody else had written meanwhile.
/// Dropped, it changes nothing.
pub(crate) struct Writing {
    transaction: Transaction<'static, Sqlite>,
}

/// What one command does to a case.
pub(crate) struct Change<'a> {
    pub(crate) case: &'a CaseId,
    pub(crate) organisation: &'a str,
    /// None: the case begins.
    pub(crate) before: Option<&'a CaseRow>,
    pub(crate) after: &'a State,
    pub(crate) subject: &'a str,
    /// The new lines of the journal.
    pub(crate) records: &'a [Record],
    /// What is to be done at each task that these lines offer.
    pub(crate) activities: &'a BTreeMap<u32, String>,
}

impl Store {
    pub(crate) async fn begin(&self) -> Result<Writing, Error> {
        Ok(Writing { transaction: self.writer.begin_with("BEGIN IMMEDIATE").await? })
    }

    pub(crate) async fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(Snapshot { transaction: self.readers.begin().await? })
    }
}

impl Writing {
    /// On disk when this returns.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        Ok(self.transaction.commit().await?)
    }

    pub(crate) async fn roll_back(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }

    /// Journal, state, tasks, documents, numbers and registers together.
    pub(crate) async fn append(&mut self, change: &Change<'_>) -> Result<(), Error> {
        let on = self.on();
        super::cases::write(on, change).await?;
        super::journal::write(on, change).await?;
        super::tasks::write(on, change).await?;
        super::documents::write(on, change).await?;
        super::series::write(on, change).await?;
        super::registers::write(on, change).await
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
        super::journal::all(self.on(), id).await
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
