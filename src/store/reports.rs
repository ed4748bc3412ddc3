//! What reports list: documents and completed tasks of a period, and the rows of a register, page by page
//! in the order of an index.

use jiff::Timestamp;

use super::columns::{case_id, get, instant, instant_if_any, json, name};
use super::sql::{Kind, Row, Rows, query};
use super::{CaseId, Error, Store};
use crate::engine::{CaseStatus, Entry, Frozen, State};
use crate::expression::Map;

const DOCUMENTS: &str = "\
SELECT d.no, d.title, d.number, d.step, d.issued_at, d.is_signed, e.body, c.id AS case_id,
       c.subject, c.procedure, c.status, c.started_at, c.state
  FROM documents AS d
  JOIN entries AS e ON e.case_id = d.case_id AND e.seq = d.seq
  JOIN cases AS c ON c.id = d.case_id
 WHERE d.organisation = $1 AND d.document = $2 AND d.issued_at >= $3 AND d.issued_at < $4
   AND (d.issued_at, d.case_id, d.no) > ($5, $6, $7)
 ORDER BY d.issued_at, d.case_id, d.no LIMIT $8";

const TASKS: &str = "\
SELECT t.task AS no, t.step, t.role, t.claimed_by, t.closed_at, p.name, c.id AS case_id,
       c.subject, c.procedure, c.status, c.started_at, c.state
  FROM tasks AS t
  JOIN cases AS c ON c.id = t.case_id
  LEFT JOIN people AS p ON p.id = t.claimed_by
 WHERE t.organisation = $1 AND t.procedure = $2 AND t.step = $3 AND t.status = 'completed'
   AND t.closed_at >= $4 AND t.closed_at < $5
   AND (t.closed_at, t.case_id, t.task) > ($6, $7, $8)
 ORDER BY t.closed_at, t.case_id, t.task LIMIT $9";

const RECORDS: &str = "\
SELECT key, data FROM records WHERE organisation = $1 AND register = $2 AND key > $3
 ORDER BY key LIMIT $4";

// Of what is archived only the end is known, and the id, which tells when the case began.
const ARCHIVED: &str = "\
SELECT count(*) AS count FROM {rows} CROSS JOIN archived AS a
 WHERE a.organisation = v.organisation AND a.procedure = v.procedure AND a.ended_at >= v.since
   AND a.case_id < v.before";

const OF: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("procedure", Kind::Text),
    ("since", Kind::Int),
    ("before", Kind::Id),
];

/// The moments from the first to the one that is past it.
pub(crate) type Between = (Timestamp, Timestamp);

/// The place of the last row of a page: when, of which case, which of it.
pub(crate) type Place = (Timestamp, CaseId, u32);

/// A case as a report tells of it.
pub(crate) struct Told {
    pub(crate) place: Place,
    pub(crate) subject: String,
    pub(crate) procedure: String,
    pub(crate) status: CaseStatus,
    pub(crate) started_at: Timestamp,
    pub(crate) state: State,
    pub(crate) what: What,
}

/// What there is a row for.
pub(crate) enum What {
    Document { title: String, number: String, step: String, is_signed: bool, frozen: Box<Frozen> },
    Task { step: String, role: String, by: String },
}

impl Store {
    /// Documents of one name that were issued `between`, after a place.
    pub(crate) async fn documents_issued(
        &self,
        (organisation, document): (&str, &str),
        between: Between,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<Told>, Error> {
        let (at, case, no) = start(between, after);
        let rows = query(DOCUMENTS)
            .bind(organisation)
            .bind(document)
            .bind(between.0.as_microsecond())
            .bind(between.1.as_microsecond())
            .bind(at)
            .bind(case)
            .bind(no)
            .bind(limit)
            .fetch_all(&mut self.reader().await?.on())
            .await?;
        let told = |row: &Row| {
            let Entry::DocumentIssued { frozen, .. } = json(row, "body")? else {
                return Err(Error::damaged("a document leads to an entry of another kind"));
            };
            let what = What::Document {
                title: get(row, "title")?,
                number: get(row, "number")?,
                step: get(row, "step")?,
                is_signed: get(row, "is_signed")?,
                frozen,
            };
            told(row, "issued_at", what)
        };
        rows.iter().map(told).collect()
    }

    /// Tasks of one step that were completed `between`, after a place.
    pub(crate) async fn tasks_completed(
        &self,
        (organisation, procedure, step): (&str, &str, &str),
        between: Between,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<Told>, Error> {
        let (at, case, task) = start(between, after);
        let rows = query(TASKS)
            .bind(organisation)
            .bind(procedure)
            .bind(step)
            .bind(between.0.as_microsecond())
            .bind(between.1.as_microsecond())
            .bind(at)
            .bind(case)
            .bind(task)
            .bind(limit)
            .fetch_all(&mut self.reader().await?.on())
            .await?;
        let told = |row: &Row| {
            let (by, id): (Option<String>, Option<String>) =
                (get(row, "name")?, get(row, "claimed_by")?);
            let what = What::Task {
                step: get(row, "step")?,
                role: get(row, "role")?,
                by: by.or(id).unwrap_or_default(),
            };
            told(row, "closed_at", what)
        };
        rows.iter().map(told).collect()
    }

    /// How many archived cases of these procedures were open at some time `between`.
    pub(crate) async fn archived_between(
        &self,
        organisation: &str,
        procedures: &[&str],
        (from, to): Between,
    ) -> Result<u64, Error> {
        // Ids begin with the milliseconds in which their cases began.
        let millis = u128::try_from(to.as_millisecond()).unwrap_or_default();
        let before = CaseId(uuid::Uuid::from_u128(millis << 80));
        let mut of = Rows::of(OF);
        for procedure in procedures {
            let since = from.as_microsecond().into();
            of.push([organisation.into(), (*procedure).into(), since, before.into()]);
        }
        let rows = of.fetch_all(ARCHIVED, &mut self.reader().await?.on()).await?;
        rows.iter().map(|row| get::<u64>(row, "count")).sum()
    }

    /// Rows of a register by their keys, after one.
    pub(crate) async fn records_after(
        &self,
        organisation: &str,
        register: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, Map)>, Error> {
        let query = query(RECORDS).bind(organisation).bind(register).bind(after).bind(limit);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(|row| Ok((get(row, "key")?, json(row, "data")?))).collect()
    }
}

/// Where a page begins: no row lies before the first moment.
fn start(between: Between, after: Option<Place>) -> (i64, CaseId, u32) {
    match after {
        Some((at, case, no)) => (at.as_microsecond(), case, no),
        None => (between.0.as_microsecond() - 1, CaseId(uuid::Uuid::max()), 0),
    }
}

fn told(row: &Row, at: &str, what: What) -> Result<Told, Error> {
    let at = instant_if_any(row, at)?.ok_or_else(|| Error::damaged("a row without its time"))?;
    Ok(Told {
        place: (at, case_id(row, "case_id")?, get(row, "no")?),
        subject: get(row, "subject")?,
        procedure: get(row, "procedure")?,
        status: name(row, "status")?,
        started_at: instant(row, "started_at")?,
        state: json(row, "state")?,
        what,
    })
}
