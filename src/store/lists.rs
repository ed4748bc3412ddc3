//! The list of cases, newest first, page by page.
//!
//! Every status is listed by itself, out of an index, and the first rows of each are the page: a
//! filter that few cases fit costs no more than one that all of them fit.

use std::fmt::Write;

use super::cases::from_row;
use super::columns::{case_id, get};
use super::sql::{Bind, Dialect, Kind, On, Query, Row, Rows};
use super::words::{self, CasePlace, Trail};
use super::{CaseId, CaseRow, Error, Store, search};
use crate::engine::CaseStatus;

/// Which cases are wanted, newest first.
#[derive(Debug, Clone)]
pub struct CaseFilter<'a> {
    pub organisation: &'a str,
    pub procedure: Option<&'a str>,
    pub status: Option<CaseStatus>,
    /// Beginnings of words that number and subject contain.
    pub search: &'a str,
    /// The place of the last row of the page before.
    pub before: Option<CasePlace>,
    pub limit: u32,
}

/// Some rows of a list, and where it goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T, P> {
    pub rows: Vec<T>,
    /// None: these were the last. A search among very many may go on after few rows, or none.
    pub next: Option<P>,
}

/// How many cases are looked at for words that many have: a few, then more. A page that is not full then
/// ends early.
const LOOKED_AT: [u32; 2] = [60, 240];

const STATUSES: [CaseStatus; 3] = [CaseStatus::Running, CaseStatus::Ended, CaseStatus::Cancelled];

const WANTED: &[(&str, Kind)] = &[("id", Kind::Id)];

const SEARCHED: &str = "\
SELECT c.id, c.started_at, c.search, c.procedure, c.status
  FROM {rows} CROSS JOIN cases AS c WHERE c.id = v.id";

const WHOLE: &str = "\
SELECT c.* FROM {rows} CROSS JOIN cases AS c WHERE c.id = v.id
 ORDER BY c.started_at DESC, c.id DESC";

impl Store {
    pub async fn cases(&self, filter: &CaseFilter<'_>) -> Result<Vec<CaseRow>, Error> {
        Ok(self.cases_page(filter).await?.rows)
    }

    pub async fn cases_page(
        &self,
        filter: &CaseFilter<'_>,
    ) -> Result<Page<CaseRow, CasePlace>, Error> {
        let mut reader = self.reader().await?;
        let on = &mut reader.on();
        let beginnings = search::beginnings(filter.search);
        if beginnings.is_empty() {
            let query = newest(filter, filter.limit + 1);
            let rows: Result<Vec<_>, Error> =
                query.fetch_all(on).await?.iter().map(from_row).collect();
            let mut rows = rows?;
            let has_more = rows.len() > filter.limit as usize;
            rows.truncate(filter.limit as usize);
            let next = rows.last().filter(|_| has_more).map(CaseRow::place);
            return Ok(Page { rows, next });
        }
        let found = match words::trail(on, filter.organisation, &beginnings).await? {
            Trail::Few(places) => few(on, filter, &beginnings, &places).await?,
            trail => looked_through(on, filter, &beginnings, &trail).await?,
        };
        let mut ids = Rows::of(WANTED);
        for (_, id) in &found.rows {
            ids.push([id.into()]);
        }
        let rows: Result<Vec<_>, Error> =
            ids.fetch_all(WHOLE, on).await?.iter().map(from_row).collect();
        Ok(Page { rows: rows?, next: found.next })
    }
}

impl CaseRow {
    /// For [`CaseFilter::before`].
    pub fn place(&self) -> CasePlace {
        (self.started_at.as_microsecond(), self.id)
    }
}

fn start(filter: &CaseFilter<'_>) -> CasePlace {
    filter.before.unwrap_or((i64::MAX, CaseId(uuid::Uuid::nil())))
}

/// Of the few cases that have a word, those that fit.
async fn few(
    on: &mut On<'_>,
    filter: &CaseFilter<'_>,
    beginnings: &[String],
    places: &[CasePlace],
) -> Result<Page<CasePlace, CasePlace>, Error> {
    let mut ids = Rows::of(WANTED);
    for (_, id) in places.iter().filter(|place| **place < start(filter)) {
        ids.push([id.into()]);
    }
    let mut rows = Vec::new();
    for row in &ids.fetch_all(SEARCHED, on).await? {
        let (line, procedure, status): (&str, &str, &str) =
            (get(row, "search")?, get(row, "procedure")?, get(row, "status")?);
        if beginnings.iter().all(|word| search::has(line, word))
            && filter.procedure.is_none_or(|wanted| wanted == procedure)
            && filter.status.is_none_or(|wanted| wanted.name() == status)
        {
            rows.push(place(row)?);
        }
    }
    rows.sort_unstable_by(|left, right| right.cmp(left));
    Ok(cut(rows, filter.limit, None))
}

async fn looked_through(
    on: &mut On<'_>,
    filter: &CaseFilter<'_>,
    beginnings: &[String],
    trail: &Trail,
) -> Result<Page<CasePlace, CasePlace>, Error> {
    let (mut found, mut filter) = (Vec::new(), filter.clone());
    for looked_at in LOOKED_AT {
        let (keys, binds) = keys(&filter, trail, looked_at, on.dialect());
        let seen = fitting(&filter, &keys, binds.clone(), beginnings, on.dialect());
        for row in &seen.fetch_all(on).await? {
            found.push(place(row)?);
        }
        if found.len() > filter.limit as usize {
            break;
        }
        let text = format!(
            "SELECT k.started_at, k.id FROM ({keys}) AS k \
             ORDER BY k.started_at DESC, k.id DESC LIMIT 1 OFFSET {}",
            looked_at - 1
        );
        let last = Query::made(text, binds).fetch_optional(on).await?;
        let Some(last) = last else { return Ok(cut(found, filter.limit, None)) };
        filter.before = Some(place(&last)?);
    }
    Ok(cut(found, filter.limit, filter.before))
}

/// The first rows, and where to go on: after them, or after all that was looked at.
fn cut(mut rows: Vec<CasePlace>, limit: u32, end: Option<CasePlace>) -> Page<CasePlace, CasePlace> {
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| has_more).copied().or(end);
    Page { rows, next }
}

fn place(row: &Row) -> Result<CasePlace, Error> {
    Ok((get(row, "started_at")?, case_id(row, "id")?))
}

fn keys<'q>(
    filter: &CaseFilter<'q>,
    trail: &'q Trail,
    limit: u32,
    dialect: Dialect,
) -> (String, Vec<Bind<'q>>) {
    match trail {
        Trail::Words(all) => {
            words::following(filter.organisation, all, start(filter), limit, dialect)
        }
        _ => newest_places(filter, limit),
    }
}

/// Of the cases at these places, those that fit.
fn fitting<'q>(
    filter: &CaseFilter<'q>,
    keys: &str,
    mut binds: Vec<Bind<'q>>,
    beginnings: &[String],
    dialect: Dialect,
) -> Query<'q> {
    let mut text = format!(
        "SELECT k.started_at, k.id FROM ({keys}) AS k CROSS JOIN cases AS c WHERE c.id = k.id"
    );
    words::push_has(&mut text, &mut binds, beginnings, dialect);
    let status = filter.status.map(CaseStatus::name);
    for (column, wanted) in [("procedure", filter.procedure), ("status", status)] {
        if let Some(wanted) = wanted {
            binds.push(wanted.into());
            // Writing into a String can't fail.
            let _ = write!(text, " AND c.{column} = ${}", binds.len());
        }
    }
    text.push_str(" ORDER BY k.started_at DESC, k.id DESC");
    Query::made(text, binds)
}

/// The newest cases of a filter, whatever its words.
pub(super) fn newest<'q>(filter: &CaseFilter<'q>, limit: u32) -> Query<'q> {
    let (keys, binds) = newest_places(filter, limit);
    let text = format!(
        "SELECT c.* FROM ({keys}) AS k CROSS JOIN cases AS c WHERE c.id = k.id \
         ORDER BY k.started_at DESC, k.id DESC"
    );
    Query::made(text, binds)
}

/// Where they are: read out of an index alone.
fn newest_places<'q>(filter: &CaseFilter<'q>, limit: u32) -> (String, Vec<Bind<'q>>) {
    let (at, id) = start(filter);
    let mut binds: Vec<Bind<'q>> =
        vec![filter.organisation.into(), at.into(), id.into(), limit.into()];
    let mut which = String::new();
    if let Some(procedure) = filter.procedure {
        binds.push(procedure.into());
        which.push_str("AND procedure = $5 ");
    }
    let mut text = "SELECT * FROM (".to_owned();
    let statuses = STATUSES.iter().filter(|status| filter.status.is_none_or(|it| it == **status));
    for (place, status) in statuses.enumerate() {
        let union = if place == 0 { "" } else { " UNION ALL " };
        // Writing into a String can't fail.
        let _ = write!(
            text,
            "{union}SELECT * FROM (SELECT started_at, id FROM cases WHERE organisation = $1 \
             {which}AND status = '{}' AND (started_at, id) < ($2, $3) \
             ORDER BY started_at DESC, id DESC LIMIT $4) AS part{place}",
            status.name()
        );
    }
    text.push_str(") AS parts ORDER BY started_at DESC, id DESC LIMIT $4");
    (text, binds)
}
