//! One face over SQLite and PostgreSQL: what the rest of the store writes its statements with.
//!
//! A statement has one text where the two agree, and both texts side by side where they don't
//! ([`Text`]). Values go in as [`Bind`]s, `$1` on both. Rows that belong together go in as one
//! statement ([`Rows`]): every statement is a trip to a thread or to a server, and the trip costs
//! more than the row.
//!
//! sqlx's own `Any` driver does not do: it has no arrays, no UUIDs and no way to say a statement
//! twice.

mod column;
mod query;
mod rows;
mod script;

pub(super) use column::{Column, Row};
pub(super) use query::{Bind, Query, query};
pub(super) use rows::{Kind, Rows};
pub(super) use script::Script;

use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::Error;

/// Which of the two a store keeps its data in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement's words, for each of the two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Text {
    pub(super) fn of(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// What a statement runs on.
pub(super) enum On<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl On<'_> {
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }
}

/// A transaction of either kind. Dropped, it is rolled back.
pub(super) enum Begun {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Begun {
    pub(super) fn on(&mut self) -> On<'_> {
        match self {
            Self::Sqlite(transaction) => On::Sqlite(&mut *transaction),
            Self::Postgres(transaction) => On::Postgres(&mut *transaction),
        }
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(super) async fn roll_back(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}
