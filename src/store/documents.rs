//! Issued documents: what lists show. What one prints from is frozen in its entry of the journal.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{case_id, get, instant, json};
use super::series::as_stored;
use super::sql::{Kind, On, Row, Rows, Script, query};
use super::{CaseId, Change, Error, Store};
use crate::engine::{Entry, Frozen, Record};
use jiff::Timestamp;

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
SELECT case_id, no, organisation, document, title, number, series, year, counter, copies, step,
       version, issued_at, signed = 1, seq
  FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("no", Kind::Int),
    ("organisation", Kind::Text),
    ("document", Kind::Text),
    ("title", Kind::Text),
    ("number", Kind::Text),
    ("series", Kind::Text),
    ("year", Kind::Int),
    ("counter", Kind::Int),
    ("copies", Kind::Int),
    ("step", Kind::Text),
    ("version", Kind::Int),
    ("issued_at", Kind::Int),
    ("seq", Kind::Int),
    ("signed", Kind::Int),
];

pub(super) const SIGN: &str = "\
UPDATE documents SET is_signed = true FROM {rows}
 WHERE documents.case_id = v.case_id AND documents.no = v.no";

pub(super) const SIGNED: &[(&str, Kind)] = &[("case_id", Kind::Id), ("no", Kind::Int)];

impl Store {
    /// A case's documents in the order of issue.
    pub async fn documents(&self, id: &CaseId) -> Result<Vec<DocumentRow>, Error> {
        all(&mut self.reader().await?.on(), id).await
    }

    /// One document with what it prints from.
    pub async fn document(
        &self,
        id: &CaseId,
        no: u32,
    ) -> Result<Option<(DocumentRow, Frozen)>, Error> {
        let query = query(WITH_ENTRY).bind(id).bind(no);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
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

pub(super) async fn all(on: &mut On<'_>, id: &CaseId) -> Result<Vec<DocumentRow>, Error> {
    let rows = query(OF_CASE).bind(id).fetch_all(on).await?;
    rows.iter().map(from_row).collect()
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) -> Result<(), Error> {
    let (mut rows, mut signed) = (Rows::of(COLUMNS), Rows::of(SIGNED));
    for change in changes {
        let signs = change.records.iter().filter_map(|record| match &record.entry {
            Entry::DocumentSigned { no, .. } => Some(*no),
            _ => None,
        });
        let mut signs: BTreeSet<u32> = signs.collect();
        for record in change.records {
            issue(&mut rows, change, record, &mut signs)?;
        }
        for no in signs {
            signed.push([change.case.into(), no.into()]);
        }
    }
    script.add(INSERT, rows);
    script.add(SIGN, signed);
    Ok(())
}

/// What is signed in the same breath is inserted so: no statement here sees what another one adds.
fn issue<'a>(
    rows: &mut Rows<'a>,
    change: &Change<'a>,
    record: &'a Record,
    signs: &mut BTreeSet<u32>,
) -> Result<(), Error> {
    if let Entry::DocumentIssued {
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
    {
        rows.push([
            change.case.into(),
            (*no).into(),
            change.organisation.into(),
            document.into(),
            title.into(),
            number.into(),
            series.into(),
            (*year).into(),
            as_stored(*counter)?.into(),
            (*copies).into(),
            step.into(),
            (*version).into(),
            record.at.as_microsecond().into(),
            record.seq.into(),
            i64::from(signs.remove(no)).into(),
        ]);
    }
    Ok(())
}

fn from_row(row: &Row) -> Result<DocumentRow, Error> {
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
