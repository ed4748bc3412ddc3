//! The list of cases, newest first, page by page.
//!
//! Every status is listed by itself, out of an index, and the first rows of each are the page: a
//! filter that few cases fit costs no more than one that all of them fit.

use std::fmt::Write;

use super::cases::from_row;
use super::columns::{case_id, get};
use super::sql::{Bind, Kind, On, Query, Row, Rows};
use super::words::{self, CasePlace, FEW, Trail};
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

/// Times that a search goes on for a page before it leaves that to the reader.
const ROUNDS: usize = 3;

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
            let query = newest(filter, start(filter), "c.*", filter.limit + 1);
            let rows: Result<Vec<_>, Error> =
                query.fetch_all(on).await?.iter().map(from_row).collect();
            let mut rows = rows?;
            let has_more = rows.len() > filter.limit as usize;
            rows.truncate(filter.limit as usize);
            let next = rows.last().filter(|_| has_more).map(CaseRow::place);
            return Ok(Page { rows, next });
        }
        let found = found(on, filter, &beginnings).await?;
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

/// The places of the cases that fit a search.
async fn found(
    on: &mut On<'_>,
    filter: &CaseFilter<'_>,
    beginnings: &[String],
) -> Result<Page<CasePlace, CasePlace>, Error> {
    let trail = words::trail(on, filter.organisation, beginnings).await?;
    let limit = filter.limit as usize;
    let (mut rows, mut before) = (Vec::new(), start(filter));
    for _ in 0..ROUNDS {
        let (places, fitting) = match &trail {
            Trail::Anywhere => {
                let slim = "c.id, c.started_at, c.search, c.procedure, c.status";
                let seen = newest(filter, before, slim, FEW as u32).fetch_all(on).await?;
                (places(&seen)?, fitting(&seen, filter, beginnings)?)
            }
            trail => {
                let places = match trail {
                    Trail::Few(all) => {
                        all.iter().copied().filter(|place| *place < before).collect()
                    }
                    Trail::Words(all) => {
                        words::follow(on, filter.organisation, all, before).await?
                    }
                    Trail::Anywhere => Vec::new(),
                };
                let seen = searched(on, &places).await?;
                (places, fitting(&seen, filter, beginnings)?)
            }
        };
        let is_last = matches!(trail, Trail::Few(_)) || places.is_empty();
        rows.extend(fitting);
        if rows.len() > limit {
            rows.truncate(limit);
            return Ok(Page { next: rows.last().copied(), rows });
        }
        match places.last() {
            Some(last) if !is_last => before = *last,
            _ => return Ok(Page { rows, next: None }),
        }
    }
    Ok(Page { rows, next: Some(before) })
}

async fn searched(on: &mut On<'_>, places: &[CasePlace]) -> Result<Vec<Row>, Error> {
    let mut ids = Rows::of(WANTED);
    for (_, id) in places {
        ids.push([id.into()]);
    }
    ids.fetch_all(SEARCHED, on).await
}

fn places(seen: &[Row]) -> Result<Vec<CasePlace>, Error> {
    seen.iter().map(|row| Ok((get(row, "started_at")?, case_id(row, "id")?))).collect()
}

/// Newest first.
fn fitting(
    seen: &[Row],
    filter: &CaseFilter<'_>,
    beginnings: &[String],
) -> Result<Vec<CasePlace>, Error> {
    let mut fitting = Vec::new();
    for row in seen {
        let (line, procedure, status): (&str, &str, &str) =
            (get(row, "search")?, get(row, "procedure")?, get(row, "status")?);
        if beginnings.iter().all(|word| search::has(line, word))
            && filter.procedure.is_none_or(|wanted| wanted == procedure)
            && filter.status.is_none_or(|wanted| wanted.name() == status)
        {
            fitting.push((get(row, "started_at")?, case_id(row, "id")?));
        }
    }
    fitting.sort_unstable_by(|left, right| right.cmp(left));
    Ok(fitting)
}

/// The newest cases of a filter, whatever its words.
pub(super) fn newest<'q>(
    filter: &CaseFilter<'q>,
    (at, id): CasePlace,
    columns: &str,
    limit: u32,
) -> Query<'q> {
    let mut binds: Vec<Bind<'q>> =
        vec![filter.organisation.into(), at.into(), id.into(), limit.into()];
    let mut which = String::new();
    if let Some(procedure) = filter.procedure {
        binds.push(procedure.into());
        which.push_str("AND procedure = $5 ");
    }
    let mut text = format!("SELECT {columns} FROM (");
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
    text.push_str(
        ") AS k CROSS JOIN cases AS c WHERE c.id = k.id \
         ORDER BY k.started_at DESC, k.id DESC LIMIT $4",
    );
    Query::made(text, binds)
}
