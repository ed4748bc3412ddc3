//! Closed cases on their way into a file: reading them as they are stored, deleting what the file has,
//! and the tombstones that stay.
//!
//! A case is deleted only if it still ends as the file says, in the transaction that leaves its
//! tombstone. Its numbers stay where they are: the constraint that gives none twice, and the doctor's
//! count, need them there. `runtime::archive` calls this, and nobody else deletes a case.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::{self, Hash, Stored};
use super::columns::{case_id, get, instant};
use super::sql::{Bind, Kind, On, Row, Rows, Text, query};
use super::{CaseId, Error, NumberRow, Snapshot, Store, Writing, journal, series, words};

/// A closed case, and its place among them all: by its end, then by its id.
#[derive(Debug, Clone)]
pub(crate) struct Closed {
    pub(crate) id: CaseId,
    pub(crate) organisation: String,
    pub(crate) procedure: String,
    pub(crate) version: u32,
    pub(crate) ended_at: Timestamp,
}

/// Everything of a case that an archive keeps, letter by letter as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dossier {
    pub(crate) case: StoredCase,
    pub(crate) journal: Vec<Stored>,
    pub(crate) documents: Vec<StoredDocument>,
    pub(crate) numbers: Vec<NumberRow>,
}

/// A case's row. Instants are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredCase {
    pub(crate) id: CaseId,
    pub(crate) organisation: String,
    pub(crate) procedure: String,
    pub(crate) version: u32,
    pub(crate) number: String,
    pub(crate) subject: String,
    pub(crate) search: String,
    pub(crate) status: String,
    pub(crate) outcome: Option<String>,
    pub(crate) started_at: i64,
    pub(crate) ended_at: i64,
    pub(crate) revision: u32,
    pub(crate) entries: u32,
    pub(crate) head: Hash,
    pub(crate) state: String,
}

/// A document's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredDocument {
    no: u32,
    document: String,
    title: String,
    number: String,
    series: String,
    year: i64,
    counter: i64,
    copies: u32,
    step: String,
    version: u32,
    issued_at: i64,
    is_signed: bool,
    seq: i64,
}

/// What deleting a case needs to know of its file.
#[derive(Debug, Clone)]
pub(crate) struct Slip {
    pub(crate) id: CaseId,
    pub(crate) number: String,
    pub(crate) organisation: String,
    pub(crate) procedure: String,
    pub(crate) version: u32,
    pub(crate) ended_at: Timestamp,
    pub(crate) entries: u32,
    pub(crate) head: Hash,
}

/// The file that cases go into.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    pub(crate) file: String,
    pub(crate) proof: Hash,
    pub(crate) now: Timestamp,
}

/// What became of a case of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Deleted,
    /// It was deleted before, and its tombstone agrees.
    Gone,
    /// It ends otherwise than in the file; it stays as it is.
    Differs,
    /// Neither it nor its tombstone is here.
    Unknown,
}

/// What the database keeps of a case that was archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    pub case: CaseId,
    pub number: String,
    pub organisation: String,
    pub procedure: String,
    pub ended_at: Timestamp,
    /// Lines of its journal.
    pub entries: u32,
    /// The hash of the last of them.
    pub head: Hash,
    /// As the file was called then.
    pub file: String,
    /// Of the file's last line.
    pub proof: Hash,
    pub archived_at: Timestamp,
}

/// A case that is about to be deleted, locked.
pub(super) struct Gone {
    pub(super) id: CaseId,
    pub(super) organisation: String,
    pub(super) number: String,
    pub(super) subject: String,
    pub(super) started_at: i64,
    procedure: String,
    version: u32,
    ended_at: Option<i64>,
    entries: u32,
    head: Hash,
}

pub(super) const CLOSED: &str = "\
SELECT id, organisation, procedure, version, ended_at FROM cases
 WHERE ended_at IS NOT NULL AND (ended_at, id) > ($1, $2) AND ended_at <= $3
 ORDER BY ended_at, id LIMIT $4";

const CASE: &str = "SELECT * FROM cases WHERE id = $1 AND ended_at IS NOT NULL";

const DOCUMENTS: &str = "SELECT * FROM documents WHERE case_id = $1 ORDER BY no";

// Locked in the same order as by those who write steps.
const LOCKED: Text = Text {
    sqlite: "\
SELECT c.id, c.organisation, c.number, c.subject, c.started_at, c.procedure, c.version, c.ended_at,
       c.entries, c.head
  FROM {rows} CROSS JOIN cases AS c WHERE c.id = v.id",
    postgres: "\
SELECT c.id, c.organisation, c.number, c.subject, c.started_at, c.procedure, c.version, c.ended_at,
       c.entries, c.head
  FROM {rows} CROSS JOIN cases AS c WHERE c.id = v.id ORDER BY c.id FOR UPDATE OF c",
};

const BURIED: &str = "\
SELECT a.case_id, a.entries, a.head FROM {rows} CROSS JOIN archived AS a WHERE a.case_id = v.id";

pub(super) const IDS: &[(&str, Kind)] = &[("id", Kind::Id)];

/// What belongs to a case before the case, and what refers to a line before the line.
pub(super) const DELETIONS: [&str; 8] = [
    "DELETE FROM commands WHERE case_id IN (SELECT id FROM {rows})",
    "DELETE FROM timers WHERE case_id IN (SELECT id FROM {rows})",
    "DELETE FROM notices WHERE case_id IN (SELECT id FROM {rows})",
    "DELETE FROM jobs WHERE case_id IN (SELECT id FROM {rows})",
    "DELETE FROM tasks WHERE case_id IN (SELECT id FROM {rows})",
    "DELETE FROM documents WHERE case_id IN (SELECT id FROM {rows})",
    "DELETE FROM entries WHERE case_id IN (SELECT id FROM {rows})",
    "DELETE FROM cases WHERE id IN (SELECT id FROM {rows})",
];

const BURY: &str = "\
INSERT INTO archived (case_id, number, organisation, procedure, ended_at, entries, head, file,
                      proof, archived_at)
SELECT case_id, number, organisation, procedure, ended_at, entries, head, file, proof, archived_at
  FROM {rows}";

const TOMBSTONES: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("number", Kind::Text),
    ("organisation", Kind::Text),
    ("procedure", Kind::Text),
    ("ended_at", Kind::Int),
    ("entries", Kind::Int),
    ("head", Kind::Bytes),
    ("file", Kind::Text),
    ("proof", Kind::Bytes),
    ("archived_at", Kind::Int),
];

const TOMBSTONE: &str = "SELECT * FROM archived WHERE case_id = $1";

const BY_NUMBER: &str = "\
SELECT * FROM archived WHERE number = $1 ORDER BY ended_at DESC LIMIT 1";

/// Tombstones that lead to no file.
const NOWHERE: &str = "\
SELECT case_id, number FROM archived
 WHERE file = '' OR length(proof) <> 32 OR length(head) <> 32 OR entries < 1
 ORDER BY case_id LIMIT 100";

const STILL_HERE: &str = "\
SELECT a.case_id, a.number FROM archived AS a
 WHERE EXISTS (SELECT 1 FROM cases AS c WHERE c.id = a.case_id)
    OR EXISTS (SELECT 1 FROM entries AS e WHERE e.case_id = a.case_id)
    OR EXISTS (SELECT 1 FROM tasks AS t WHERE t.case_id = a.case_id)
    OR EXISTS (SELECT 1 FROM timers AS t WHERE t.case_id = a.case_id)
    OR EXISTS (SELECT 1 FROM documents AS d WHERE d.case_id = a.case_id)
    OR EXISTS (SELECT 1 FROM commands AS k WHERE k.case_id = a.case_id)
 ORDER BY a.case_id LIMIT 100";

impl Store {
    /// Cases that were closed until then, a page at a time, in the order of their ends.
    pub(crate) async fn closed(
        &self,
        after: Option<(Timestamp, CaseId)>,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Closed>, Error> {
        let (at, id) = after.unwrap_or((Timestamp::MIN, CaseId(uuid::Uuid::nil())));
        let query = query(CLOSED).bind(at.as_microsecond()).bind(id);
        let query = query.bind(until.as_microsecond()).bind(limit);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        let closed = |row| {
            Ok(Closed {
                id: case_id(row, "id")?,
                organisation: get(row, "organisation")?,
                procedure: get(row, "procedure")?,
                version: get(row, "version")?,
                ended_at: instant(row, "ended_at")?,
            })
        };
        rows.iter().map(closed).collect()
    }

    /// What is left of the archived case that somebody names by its id or its number.
    pub async fn find_archived(&self, text: &str) -> Result<Option<Tombstone>, Error> {
        let text = text.trim();
        let query = match text.parse::<CaseId>() {
            Ok(id) => query(TOMBSTONE).bind(id),
            Err(_) => query(BY_NUMBER).bind(text),
        };
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        row.as_ref().map(tombstone).transpose()
    }
}

impl Snapshot {
    /// A closed case as it is stored, whether or not it can be read.
    pub(crate) async fn dossier(&mut self, id: &CaseId) -> Result<Option<Dossier>, Error> {
        let on = &mut self.on();
        let Some(row) = query(CASE).bind(id).fetch_optional(on).await? else { return Ok(None) };
        let documents = query(DOCUMENTS).bind(id).fetch_all(on).await?;
        Ok(Some(Dossier {
            case: stored_case(&row)?,
            journal: journal::stored(on, id).await?,
            documents: documents.iter().map(stored_document).collect::<Result<_, _>>()?,
            numbers: series::of_case(on, id).await?,
        }))
    }

    pub(crate) async fn tombstone(&mut self, id: &CaseId) -> Result<Option<Tombstone>, Error> {
        let row = query(TOMBSTONE).bind(id).fetch_optional(&mut self.on()).await?;
        row.as_ref().map(tombstone).transpose()
    }
}

impl Writing {
    /// Deletes those of the cases that end as their slips say, with all their rows but the numbers,
    /// and leaves their tombstones. What became of each, in their order.
    pub(crate) async fn shelve(
        &mut self,
        slips: &[Slip],
        shelf: &Shelf,
    ) -> Result<Vec<Fate>, Error> {
        self.mark_by_number().await?;
        let on = &mut self.on();
        let mut here: Vec<Gone> = Vec::new();
        for row in &ids(slips.iter().map(|slip| slip.id)).fetch_all(LOCKED, on).await? {
            here.push(gone(row)?);
        }
        let mut buried: Vec<(CaseId, u32, Hash)> = Vec::new();
        for row in &ids(slips.iter().map(|slip| slip.id)).fetch_all(BURIED, on).await? {
            let head = chain::hash(row, "head")?;
            buried.push((case_id(row, "case_id")?, get(row, "entries")?, head));
        }
        let fate = |slip: &Slip| match here.iter().find(|case| case.id == slip.id) {
            Some(case) if case.is(slip) => Fate::Deleted,
            Some(_) => Fate::Differs,
            None if buried.contains(&(slip.id, slip.entries, slip.head)) => Fate::Gone,
            None if buried.iter().any(|(id, ..)| *id == slip.id) => Fate::Differs,
            None => Fate::Unknown,
        };
        let fates: Vec<Fate> = slips.iter().map(fate).collect();
        let goes = |id: CaseId| {
            let found = slips.iter().zip(&fates).find(|(slip, _)| slip.id == id);
            found.is_some_and(|(_, fate)| *fate == Fate::Deleted)
        };
        here.retain(|case| goes(case.id));
        delete(on, &here).await?;
        bury(on, &here, shelf).await?;
        Ok(fates)
    }
}

impl Gone {
    fn is(&self, slip: &Slip) -> bool {
        self.head == slip.head
            && self.entries == slip.entries
            && self.organisation == slip.organisation
            && self.procedure == slip.procedure
            // Says for how long it is kept.
            && self.version == slip.version
            && self.number == slip.number
            && self.ended_at == Some(slip.ended_at.as_microsecond())
    }
}

async fn delete(on: &mut On<'_>, cases: &[Gone]) -> Result<(), Error> {
    words::forget(on, cases).await?;
    let mut deleted = 0;
    for text in DELETIONS {
        deleted = ids(cases.iter().map(|case| case.id)).execute(text, on).await?;
    }
    // The last one was that of the cases, which are locked.
    if deleted != cases.len() as u64 {
        return Err(Error::damaged("a locked case was not there to be deleted"));
    }
    Ok(())
}

async fn bury(on: &mut On<'_>, cases: &[Gone], shelf: &Shelf) -> Result<(), Error> {
    let mut rows = Rows::of(TOMBSTONES);
    for case in cases {
        rows.push([
            case.id.into(),
            (&case.number).into(),
            (&case.organisation).into(),
            (&case.procedure).into(),
            Bind::Int(case.ended_at),
            case.entries.into(),
            case.head.into(),
            (&shelf.file).into(),
            shelf.proof.into(),
            shelf.now.as_microsecond().into(),
        ]);
    }
    rows.execute(BURY, on).await?;
    Ok(())
}

/// Tombstones that can't be right: a case, its number, and what is wrong.
pub(super) async fn unsound(on: &mut On<'_>) -> Result<Vec<(CaseId, String, String)>, Error> {
    let mut found = Vec::new();
    for (text, what) in [
        (NOWHERE, "it was archived, and its tombstone does not say into which file"),
        (STILL_HERE, "it was archived, and there are still rows of it"),
    ] {
        for row in &query(text).fetch_all(on).await? {
            found.push((case_id(row, "case_id")?, get(row, "number")?, what.to_owned()));
        }
    }
    Ok(found)
}

fn ids<'q>(cases: impl Iterator<Item = CaseId>) -> Rows<'q> {
    let mut rows = Rows::of(IDS);
    for id in cases {
        rows.push([id.into()]);
    }
    rows
}

fn gone(row: &Row) -> Result<Gone, Error> {
    Ok(Gone {
        id: case_id(row, "id")?,
        organisation: get(row, "organisation")?,
        number: get(row, "number")?,
        subject: get(row, "subject")?,
        started_at: get(row, "started_at")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        ended_at: get(row, "ended_at")?,
        entries: get(row, "entries")?,
        head: chain::hash(row, "head")?,
    })
}

fn stored_case(row: &Row) -> Result<StoredCase, Error> {
    Ok(StoredCase {
        id: case_id(row, "id")?,
        organisation: get(row, "organisation")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        number: get(row, "number")?,
        subject: get(row, "subject")?,
        search: get(row, "search")?,
        status: get(row, "status")?,
        outcome: get(row, "outcome")?,
        started_at: get(row, "started_at")?,
        ended_at: get(row, "ended_at")?,
        revision: get(row, "revision")?,
        entries: get(row, "entries")?,
        head: chain::hash(row, "head")?,
        state: get(row, "state")?,
    })
}

fn stored_document(row: &Row) -> Result<StoredDocument, Error> {
    Ok(StoredDocument {
        no: get(row, "no")?,
        document: get(row, "document")?,
        title: get(row, "title")?,
        number: get(row, "number")?,
        series: get(row, "series")?,
        year: get(row, "year")?,
        counter: get(row, "counter")?,
        copies: get(row, "copies")?,
        step: get(row, "step")?,
        version: get(row, "version")?,
        issued_at: get(row, "issued_at")?,
        is_signed: get(row, "is_signed")?,
        seq: get(row, "seq")?,
    })
}

fn tombstone(row: &Row) -> Result<Tombstone, Error> {
    Ok(Tombstone {
        case: case_id(row, "case_id")?,
        number: get(row, "number")?,
        organisation: get(row, "organisation")?,
        procedure: get(row, "procedure")?,
        ended_at: instant(row, "ended_at")?,
        entries: get(row, "entries")?,
        head: chain::hash(row, "head")?,
        file: get(row, "file")?,
        proof: chain::hash(row, "proof")?,
        archived_at: instant(row, "archived_at")?,
    })
}
