//! A statement with its values, to be run on either database.

use std::borrow::Cow;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Database, Executor, Postgres, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{Kind, On, Row, Text};
use crate::store::{CaseId, Error};

/// A value that goes into a statement. Whole numbers are 64 bits wide on both databases.
#[derive(Debug, Clone)]
pub(in crate::store) enum Bind<'q> {
    Int(Option<i64>),
    Text(Option<Cow<'q, str>>),
    Bytes(Vec<u8>),
    Id(Uuid),
    Bool(bool),
    /// An array on PostgreSQL, a JSON list on SQLite.
    Texts(Vec<String>),
    /// A column of many rows, for PostgreSQL alone.
    Array(Array<'q>),
}

/// A column as PostgreSQL takes it.
#[derive(Debug, Clone)]
pub(in crate::store) enum Array<'q> {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<Cow<'q, str>>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Id(Vec<Option<Uuid>>),
}

impl<'q> Bind<'q> {
    /// The values of one column. One of another kind than the column's counts as nothing: the
    /// column's constraint then refuses it.
    pub(super) fn array(kind: Kind, binds: Vec<Self>) -> Self {
        let binds = binds.into_iter();
        Self::Array(match kind {
            Kind::Int => Array::Int(
                binds.map(|bind| if let Self::Int(value) = bind { value } else { None }).collect(),
            ),
            Kind::Text => Array::Text(
                binds
                    .map(
                        |bind| {
                            if let Self::Text(value) = bind { value.map(storable) } else { None }
                        },
                    )
                    .collect(),
            ),
            Kind::Bytes => Array::Bytes(
                binds
                    .map(|bind| if let Self::Bytes(value) = bind { Some(value) } else { None })
                    .collect(),
            ),
            Kind::Id => Array::Id(
                binds
                    .map(|bind| if let Self::Id(value) = bind { Some(value) } else { None })
                    .collect(),
            ),
        })
    }
}

/// A statement in the making.
pub(in crate::store) struct Query<'q> {
    words: Words,
    binds: Vec<Bind<'q>>,
}

enum Words {
    Fixed(Text),
    /// Made for the occasion, out of fixed pieces and never out of what somebody typed.
    Made(String),
}

pub(in crate::store) fn query<'q>(text: impl Into<Text>) -> Query<'q> {
    Query { words: Words::Fixed(text.into()), binds: Vec::new() }
}

macro_rules! run {
    ($query:expr, $on:expr, $method:ident) => {{
        let Query { words, binds } = $query;
        match $on {
            On::Sqlite(on) => {
                let query = match words {
                    Words::Fixed(text) => sqlx::query::<Sqlite>(text.sqlite),
                    Words::Made(text) => sqlx::query::<Sqlite>(AssertSqlSafe(text)),
                };
                sqlite(query, binds).$method(&mut **on).await.map(Either::Sqlite)
            }
            On::Postgres(on) => {
                let query = match words {
                    Words::Fixed(text) => sqlx::query::<Postgres>(text.postgres),
                    Words::Made(text) => sqlx::query::<Postgres>(AssertSqlSafe(text)),
                };
                postgres(query, binds).$method(&mut **on).await.map(Either::Postgres)
            }
        }
    }};
}

type With<'q, DB> = sqlx::query::Query<'q, DB, <DB as Database>::Arguments>;

fn sqlite<'q>(mut query: With<'q, Sqlite>, binds: Vec<Bind<'q>>) -> With<'q, Sqlite> {
    for bind in binds {
        query = match bind {
            Bind::Int(value) => query.bind(value),
            Bind::Text(value) => query.bind(value),
            Bind::Bytes(value) => query.bind(value),
            Bind::Id(value) => query.bind(value),
            Bind::Bool(value) => query.bind(value),
            Bind::Texts(value) => query.bind(serde_json::Value::from(value).to_string()),
            // Only `arrays` makes these, and only for PostgreSQL.
            Bind::Array(_) => query.bind(None::<i64>),
        };
    }
    query
}

fn postgres<'q>(mut query: With<'q, Postgres>, binds: Vec<Bind<'q>>) -> With<'q, Postgres> {
    for bind in binds {
        query = match bind {
            Bind::Int(value) => query.bind(value),
            Bind::Text(value) => query.bind(value.map(storable)),
            Bind::Bytes(value) => query.bind(value),
            Bind::Id(value) => query.bind(value),
            Bind::Bool(value) => query.bind(value),
            Bind::Texts(value) => query.bind(value),
            Bind::Array(Array::Int(values)) => query.bind(values),
            Bind::Array(Array::Text(values)) => query.bind(values),
            Bind::Array(Array::Bytes(values)) => query.bind(values),
            Bind::Array(Array::Id(values)) => query.bind(values),
        };
    }
    query
}

/// PostgreSQL has no letter NUL. What is kept of fields never has one; a search or a name that
/// somebody sends by hand may.
fn storable(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { text }
}

/// What came from one of the two.
enum Either<S, P> {
    Sqlite(S),
    Postgres(P),
}

impl<'q> Query<'q> {
    pub(in crate::store) fn made(text: String, binds: Vec<Bind<'q>>) -> Self {
        Self { words: Words::Made(text), binds }
    }

    /// The same, to be told how SQLite would go about it.
    #[cfg(test)]
    pub(in crate::store) fn explained(self) -> Self {
        let text = match self.words {
            Words::Fixed(text) => text.sqlite.to_owned(),
            Words::Made(text) => text,
        };
        Self::made(format!("EXPLAIN QUERY PLAN {text}"), self.binds)
    }

    /// Its words for SQLite, and its values.
    pub(super) fn apart(self) -> (String, Vec<Bind<'q>>) {
        let text = match self.words {
            Words::Fixed(text) => text.sqlite.to_owned(),
            Words::Made(text) => text,
        };
        (text, self.binds)
    }

    pub(in crate::store) fn bind(mut self, value: impl Into<Bind<'q>>) -> Self {
        self.binds.push(value.into());
        self
    }

    /// How many rows it changed.
    pub(in crate::store) async fn execute(self, on: &mut On<'_>) -> Result<u64, Error> {
        Ok(match run!(self, on, execute)? {
            Either::Sqlite(done) => done.rows_affected(),
            Either::Postgres(done) => done.rows_affected(),
        })
    }

    /// Several statements of SQLite, with a `;` between them, in one trip: how many rows each of
    /// them changed.
    pub(super) async fn execute_each(self, on: &mut SqliteConnection) -> Result<Vec<u64>, Error> {
        let Words::Made(text) = self.words else { return Ok(Vec::new()) };
        let query = sqlite(sqlx::query::<Sqlite>(AssertSqlSafe(text)), self.binds);
        let done: Vec<_> = on.fetch_many(query).try_collect().await?;
        Ok(done.iter().filter_map(|step| Some(step.as_ref().left()?.rows_affected())).collect())
    }

    pub(in crate::store) async fn fetch_all(self, on: &mut On<'_>) -> Result<Vec<Row>, Error> {
        Ok(match run!(self, on, fetch_all)? {
            Either::Sqlite(rows) => rows.into_iter().map(Row::Sqlite).collect(),
            Either::Postgres(rows) => rows.into_iter().map(Row::Postgres).collect(),
        })
    }

    pub(in crate::store) async fn fetch_optional(
        self,
        on: &mut On<'_>,
    ) -> Result<Option<Row>, Error> {
        Ok(match run!(self, on, fetch_optional)? {
            Either::Sqlite(row) => row.map(Row::Sqlite),
            Either::Postgres(row) => row.map(Row::Postgres),
        })
    }
}

macro_rules! whole_numbers {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Bind<'_> {
            fn from(value: $kind) -> Self {
                Self::Int(Some(i64::from(value)))
            }
        })*
    };
}

whole_numbers!(i16, u32, i64);

impl From<Option<i64>> for Bind<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl<'q> From<&'q str> for Bind<'q> {
    fn from(value: &'q str) -> Self {
        Self::Text(Some(Cow::Borrowed(value)))
    }
}

impl<'q> From<&'q String> for Bind<'q> {
    fn from(value: &'q String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<String> for Bind<'_> {
    fn from(value: String) -> Self {
        Self::Text(Some(Cow::Owned(value)))
    }
}

impl<'q> From<Option<&'q str>> for Bind<'q> {
    fn from(value: Option<&'q str>) -> Self {
        Self::Text(value.map(Cow::Borrowed))
    }
}

impl From<CaseId> for Bind<'_> {
    fn from(value: CaseId) -> Self {
        Self::Id(value.0)
    }
}

impl From<&CaseId> for Bind<'_> {
    fn from(value: &CaseId) -> Self {
        Self::Id(value.0)
    }
}

impl From<bool> for Bind<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<String>> for Bind<'_> {
    fn from(value: Vec<String>) -> Self {
        Self::Texts(value)
    }
}
