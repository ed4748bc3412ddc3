//! Statements that belong together, each over many rows.
//!
//! SQLite runs them one after the other, and when there are few rows in them gets them in one trip to
//! its thread: for somebody alone the trips are most of the time. (With many rows the trips are
//! little, and each number of rows of each statement would make another text to be prepared.)
//! PostgreSQL gets them as one, as a list of data-modifying
//! `WITH` parts: between it and us lies a network, and each statement of its own would be a trip
//! there and back. Its text is always the same, for parts without rows are there, too: it is planned
//! once. No part may count on what another one changes: PostgreSQL shows them all the database as it
//! was before the first.

use std::fmt::Write;

use sqlx::SqliteConnection;

use super::rows::arrays;
use super::{Bind, Dialect, On, Query, Rows, Text};
use crate::store::Error;
use crate::store::columns::get;

/// Rows of a statement that goes with the others in one trip to SQLite.
const FEW: usize = 16;

/// Statements in the making.
#[derive(Default)]
pub(in crate::store) struct Script<'q> {
    parts: Vec<Part<'q>>,
}

struct Part<'q> {
    text: Text,
    rows: Rows<'q>,
    /// What is wrong when it doesn't change a row for each of its own.
    wrong: Option<Box<dyn FnOnce() -> Error + Send + 'q>>,
}

impl<'q> Script<'q> {
    pub(in crate::store) fn add(&mut self, text: impl Into<Text>, rows: Rows<'q>) {
        self.parts.push(Part { text: text.into(), rows, wrong: None });
    }

    /// The same, and there is an `error` unless it changes as many rows as go in.
    pub(in crate::store) fn add_exact(
        &mut self,
        text: impl Into<Text>,
        rows: Rows<'q>,
        error: impl FnOnce() -> Error + Send + 'q,
    ) {
        self.parts.push(Part { text: text.into(), rows, wrong: Some(Box::new(error)) });
    }

    /// Runs all of it. PostgreSQL's own number of the transaction.
    pub(in crate::store) async fn run(self, on: &mut On<'_>) -> Result<Option<String>, Error> {
        if on.dialect() == Dialect::Postgres {
            return self.at_once(on).await.map(Some);
        }
        if let On::Sqlite(connection) = on
            && self.parts.iter().all(|part| part.rows.len() <= FEW)
        {
            return self.in_one_trip(connection).await.map(|()| None);
        }
        for Part { text, rows, wrong } in self.parts {
            let wanted = rows.len() as u64;
            let changed = rows.execute(text, on).await?;
            check(changed, wanted, wrong)?;
        }
        Ok(None)
    }

    async fn in_one_trip(self, on: &mut SqliteConnection) -> Result<(), Error> {
        let (mut text, mut binds): (String, Vec<Bind<'q>>) = (String::new(), Vec::new());
        let mut checks = Vec::with_capacity(self.parts.len());
        for Part { text: part, rows, wrong } in self.parts {
            let wanted = rows.len() as u64;
            // One, for so few rows; none for none.
            let Some(query) = rows.queries(part, Dialect::Sqlite).pop() else { continue };
            let (words, values) = query.apart();
            text.push_str(&words);
            text.push(';');
            binds.extend(values);
            checks.push((wanted, wrong));
        }
        if checks.is_empty() {
            return Ok(());
        }
        let changed = Query::made(text, binds).execute_each(on).await?;
        for (changed, (wanted, wrong)) in changed.into_iter().zip(checks) {
            check(changed, wanted, wrong)?;
        }
        Ok(())
    }

    async fn at_once(self, on: &mut On<'_>) -> Result<String, Error> {
        let (mut text, mut binds): (String, Vec<Bind<'q>>) = ("WITH ".to_owned(), Vec::new());
        let mut checks = Vec::with_capacity(self.parts.len());
        for (place, Part { text: part, rows, wrong }) in self.parts.into_iter().enumerate() {
            checks.push((rows.len() as u64, wrong));
            let comma = if place == 0 { "" } else { ", " };
            let (part, arrays) = arrays(rows, part.postgres, binds.len());
            // Writing into a String can't fail.
            let _ = write!(text, "{comma}w{place} AS ({part} RETURNING 1)");
            binds.extend(arrays);
        }
        text.push_str(" SELECT ");
        for place in 0..checks.len() {
            let _ = write!(text, "(SELECT count(*) FROM w{place}) AS c{place}, ");
        }
        text.push_str("pg_current_xact_id()::text AS number");
        let row = Query::made(text, binds).fetch_optional(on).await?;
        let row = row.ok_or_else(|| Error::damaged("a statement without its row"))?;
        for (place, (wanted, wrong)) in checks.into_iter().enumerate() {
            let changed: u64 = get(&row, &format!("c{place}"))?;
            check(changed, wanted, wrong)?;
        }
        get(&row, "number")
    }
}

fn check(
    changed: u64,
    wanted: u64,
    wrong: Option<Box<dyn FnOnce() -> Error + Send + '_>>,
) -> Result<(), Error> {
    match wrong {
        Some(wrong) if changed != wanted => Err(wrong()),
        _ => Ok(()),
    }
}
