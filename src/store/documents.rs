//! Issued documents: what lists show. What one prints from is frozen in its entry of the journal.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::cases::case_id;
use super::columns::{get, instant, json, to_json};
use super::{CaseId, Change, Error, Store};
use crate::engine::{Entry, Frozen, Record};

/// A document that a case has issued.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRow {
    pub case: CaseId,
    /// Counts the case's documents from 1.
    pub no: u32,
    pub document: String,
    pub title: String,
    pub number: String,
    pub copies: u32,
    pub step: String,
    /// The version whose template prints it.
    pub version: u32,
    pub issued_at: Timestamp,
    pub is_signed: bool,
}

const OF_CASE: &str = "SELECT * FROM documents WHERE case_id = $1 ORDER BY no";

const WITH_ENTRY: &str = "\
SELECT d.*, e.body FROM documents AS d JOIN entries AS e ON e.case_id = d.case_id AND e.seq = d.seq
 WHERE d.case_id = $1 AND d.no = $2";

const INSERT: &str = "\
INSERT INTO documents (case_id, no, organisation, document, title, number, series, year, counter,
                       copies, step, version, issued_at, is_signed, seq)
SELECT value ->> 'case', value ->> 'no', value ->> 'organisation', value ->> 'document',
       value ->> 'title', value ->> 'number', value ->> 'series', value ->> 'year',
       value ->> 'counter', value ->> 'copies', value ->> 'step', value ->> 'version',
       value ->> 'issued_at', 0, value ->> 'seq'
  FROM jsonb_each($1)";

pub(super) const SIGN: &str = "\
UPDATE documents SET is_signed = 1 FROM jsonb_each($1)
 WHERE documents.case_id = value ->> 0 AND documents.no = value ->> 1";

#[derive(Serialize)]
struct Row<'a> {
    case: &'a CaseId,
    no: u32,
    organisation: &'a str,
    document: &'a str,
    title: &'a str,
    number: &'a str,
    series: &'a str,
    year: i16,
    counter: u64,
    copies: u32,
    step: &'a str,
    version: u32,
    issued_at: i64,
    seq: u32,
}

impl Store {
    /// A case's documents in the order of issue.
    pub async fn documents(&self, id: &CaseId) -> Result<Vec<DocumentRow>, Error> {
        all(&mut *self.reader().await?, id).await
    }

    /// One document with what it prints from.
    pub async fn document(
        &self,
        id: &CaseId,
        no: u32,
    ) -> Result<Option<(DocumentRow, Frozen)>, Error> {
        let row = sqlx::query(WITH_ENTRY)
            .bind(id.to_string())
            .bind(no)
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        let Some(row) = row else { return Ok(None) };
        match json(&row, "body")? {
            Entry::DocumentIssued { frozen, .. } => Ok(Some((from_row(&row)?, *frozen))),
            other => Err(Error::damaged(format!(
                "document {no} of case {id} leads to an entry `{}`",
                other.kind()
            ))),
        }
    }
}

/// The documents that a journal issues, as they stand at its end.
pub(crate) fn issued(case: &CaseId, journal: &[Record]) -> Vec<DocumentRow> {
    let mut rows: BTreeMap<u32, DocumentRow> = BTreeMap::new();
    for record in journal {
        match &record.entry {
            Entry::DocumentIssued {
                no, document, title, number, copies, step, version, ..
            } => {
                let row = DocumentRow {
                    case: *case,
                    no: *no,
                    document: document.clone(),
                    title: title.clone(),
                    number: number.clone(),
                    copies: *copies,
                    step: step.clone(),
                    version: *version,
                    issued_at: record.at,
                    is_signed: false,
                };
                rows.insert(*no, row);
            }
            Entry::DocumentSigned { no, .. } => {
                if let Some(row) = rows.get_mut(no) {
                    row.is_signed = true;
                }
            }
            _ => {}
        }
    }
    rows.into_values().collect()
}

pub(super) async fn all(on: &mut SqliteConnection, id: &CaseId) -> Result<Vec<DocumentRow>, Error> {
    let rows = sqlx::query(OF_CASE).bind(id.to_string()).fetch_all(on).await?;
    rows.iter().map(from_row).collect()
}

pub(super) async fn write(on: &mut SqliteConnection, changes: &[Change<'_>]) -> Result<(), Error> {
    let (mut rows, mut signed) = (Vec::new(), Vec::new());
    for change in changes {
        for record in change.records {
            rows.extend(row_of(change, record));
            if let Entry::DocumentSigned { no, .. } = &record.entry {
                signed.push((change.case, *no));
            }
        }
    }
    if !rows.is_empty() {
        sqlx::query(INSERT).bind(to_json(&rows)?).execute(&mut *on).await?;
    }
    if !signed.is_empty() {
        sqlx::query(SIGN).bind(to_json(&signed)?).execute(on).await?;
    }
    Ok(())
}

fn row_of<'a>(change: &'a Change<'_>, record: &'a Record) -> Option<Row<'a>> {
    let Entry::DocumentIssued {
        no,
        document,
        title,
        number,
        series,
        year,
        counter,
        copies,
        step,
        version,
        frozen: _,
    } = &record.entry
    else {
        return None;
    };
    Some(Row {
        case: change.case,
        no: *no,
        organisation: change.organisation,
        document,
        title,
        number,
        series,
        year: *year,
        counter: *counter,
        copies: *copies,
        step,
        version: *version,
        issued_at: record.at.as_microsecond(),
        seq: record.seq,
    })
}

fn from_row(row: &SqliteRow) -> Result<DocumentRow, Error> {
    Ok(DocumentRow {
        case: case_id(row, "case_id")?,
        no: get(row, "no")?,
        document: get(row, "document")?,
        title: get(row, "title")?,
        number: get(row, "number")?,
        copies: get(row, "copies")?,
        step: get(row, "step")?,
        version: get(row, "version")?,
        issued_at: instant(row, "issued_at")?,
        is_signed: get(row, "is_signed")?,
    })
}
