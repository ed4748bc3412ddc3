//! Many rows in one statement.
//!
//! The statement's text names them `{rows}`, and their columns `v.name`. PostgreSQL takes each
//! column as an array (`unnest`), so that its text never changes. SQLite has no arrays: there the
//! rows are a `VALUES` list, filled up with nothing to the next power of two, so that a dozen
//! prepared statements do for every number of rows. (Rows as one JSON text cost it three times as
//! much: each column of each row is looked for in the text.)

use std::fmt::Write;

use super::{Bind, Dialect, On, Query, Row, Text};
use crate::store::Error;

/// Rows in one statement of SQLite, which takes at most 32,766 values.
const MOST: usize = 512;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    Int,
    Text,
    Bytes,
    Id,
}

/// Rows on their way into one statement. The first column is never empty.
pub(in crate::store) struct Rows<'q> {
    columns: &'static [(&'static str, Kind)],
    /// Row after row.
    binds: Vec<Bind<'q>>,
}

impl<'q> Rows<'q> {
    pub(in crate::store) fn of(columns: &'static [(&'static str, Kind)]) -> Self {
        Self { columns, binds: Vec::new() }
    }

    pub(in crate::store) fn push<const N: usize>(&mut self, row: [Bind<'q>; N]) {
        debug_assert_eq!(N, self.columns.len(), "a value for each column");
        self.binds.extend(row);
    }

    /// The same for a row of a table that is named only while running.
    pub(in crate::store) fn push_row(&mut self, row: impl IntoIterator<Item = Bind<'q>>) {
        self.binds.extend(row);
    }

    pub(in crate::store) fn is_empty(&self) -> bool {
        self.binds.is_empty()
    }

    pub(in crate::store) fn len(&self) -> usize {
        self.binds.len() / self.columns.len()
    }

    /// How many rows the statement changed; nothing is asked when there are none to go in.
    pub(in crate::store) async fn execute(
        self,
        text: impl Into<Text>,
        on: &mut On<'_>,
    ) -> Result<u64, Error> {
        let mut changed = 0;
        for query in self.queries(text.into(), on.dialect()) {
            changed += query.execute(on).await?;
        }
        Ok(changed)
    }

    pub(in crate::store) async fn fetch_all(
        self,
        text: impl Into<Text>,
        on: &mut On<'_>,
    ) -> Result<Vec<Row>, Error> {
        let mut found = Vec::new();
        for query in self.queries(text.into(), on.dialect()) {
            found.extend(query.fetch_all(on).await?);
        }
        Ok(found)
    }

    /// A statement over so many empty rows of SQLite.
    #[cfg(test)]
    pub(in crate::store) fn padded(mut self, text: &str, rows: usize) -> Query<'q> {
        self.binds = vec![Bind::Int(None); rows * self.columns.len()];
        values(self.columns, self.binds, text)
    }

    pub(super) fn queries(self, text: Text, dialect: Dialect) -> Vec<Query<'q>> {
        let (columns, text) = (self.columns, text.of(dialect));
        if self.is_empty() {
            return Vec::new();
        }
        if dialect == Dialect::Postgres {
            let (text, binds) = arrays(self, text, 0);
            return vec![Query::made(text, binds)];
        }
        let mut queries = Vec::new();
        let mut binds = self.binds.into_iter();
        loop {
            let part: Vec<Bind<'q>> = binds.by_ref().take(MOST * columns.len()).collect();
            if part.is_empty() {
                return queries;
            }
            queries.push(values(columns, part, text));
        }
    }
}

/// `(SELECT column1 AS a, … FROM (VALUES ($1, …), …) WHERE column1 IS NOT NULL) AS v`
fn values<'q>(columns: &[(&'static str, Kind)], mut binds: Vec<Bind<'q>>, text: &str) -> Query<'q> {
    let count = (binds.len() / columns.len()).next_power_of_two();
    let nothing = columns.iter().map(|(_, kind)| match kind {
        Kind::Int => Bind::Int(None),
        _ => Bind::Text(None),
    });
    let nothing: Vec<Bind<'q>> = nothing.collect();
    while binds.len() < count * columns.len() {
        binds.extend(nothing.iter().cloned());
    }
    let mut rows = String::with_capacity(count * columns.len() * 2 + text.len() + 200);
    rows.push_str("(SELECT ");
    for (place, (name, _)) in columns.iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        // Writing into a String can't fail.
        let _ = write!(rows, "{comma}column{} AS {name}", place + 1);
    }
    rows.push_str(" FROM (VALUES ");
    let row = format!("({})", vec!["?"; columns.len()].join(","));
    for place in 0..count {
        rows.push_str(if place == 0 { "" } else { "," });
        rows.push_str(&row);
    }
    rows.push_str(") WHERE column1 IS NOT NULL) AS v");
    Query::made(text.replace("{rows}", &rows), binds)
}

/// `unnest($1::uuid[], $2::bigint[], …) AS v (a, b, …)`, counting on from the values `before`. The
/// text with it, and its arrays.
pub(super) fn arrays<'q>(rows: Rows<'q>, text: &str, before: usize) -> (String, Vec<Bind<'q>>) {
    let Rows { columns, binds } = rows;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(place, (_, kind))| {
            let kind = match kind {
                Kind::Int => "bigint",
                Kind::Text => "text",
                Kind::Bytes => "bytea",
                Kind::Id => "uuid",
            };
            format!("${}::{kind}[]", before + place + 1)
        })
        .collect();
    let unnested = format!("unnest({}) AS v ({})", arrays.join(", "), names.join(", "));
    let mut turned: Vec<Vec<Bind<'q>>> =
        columns.iter().map(|_| Vec::with_capacity(binds.len() / columns.len())).collect();
    for (place, bind) in binds.into_iter().enumerate() {
        turned[place % columns.len()].push(bind);
    }
    let arrays = columns.iter().zip(turned).map(|((_, kind), binds)| Bind::array(*kind, binds));
    (text.replace("{rows}", &unnested), arrays.collect())
}
