//! The journal: what happened to each case, line by line. Rows are only ever added, until
//! the whole case is archived.

use super::chain::{self, Hash, Link, Stored};
use super::columns::{get, instant, json, to_json};
use super::sql::{Kind, On, Row, Rows, Script, query};
use super::{CaseId, Change, Error, Store, Writing};
use crate::engine::{Entry, Record};

const UP_TO: &str = "\
SELECT seq, at, actor, actor_name, kind, body FROM entries
 WHERE case_id = $1 AND seq <= $2 ORDER BY seq";

const INSERT: &str = "\
INSERT INTO entries (case_id, seq, at, actor, actor_name, kind, body, hash)
SELECT case_id, seq, at, actor, actor_name, kind, body, hash FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("seq", Kind::Int),
    ("at", Kind::Int),
    ("actor", Kind::Text),
    ("actor_name", Kind::Text),
    ("kind", Kind::Text),
    ("body", Kind::Text),
    ("hash", Kind::Bytes),
];

const STORED: &str = "\
SELECT seq, at, actor, actor_name, kind, body, hash FROM entries WHERE case_id = $1 ORDER BY seq";

const IS_THERE: &str = "\
SELECT seq FROM entries WHERE case_id = $1 AND seq = $2 AND hash = $3";

/// A line as it is going to be stored.
pub(super) struct Line<'a> {
    pub(super) case: &'a CaseId,
    pub(super) seq: u32,
    at: i64,
    actor: &'a str,
    actor_name: &'a str,
    kind: &'static str,
    body: String,
    pub(super) hash: Hash,
}

impl Store {
    /// Everything that happened to a case, in order.
    pub async fn journal(&self, id: &CaseId) -> Result<Vec<Record>, Error> {
        all(&mut self.reader().await?.on(), id).await
    }
}

impl Writing {
    pub(crate) async fn journal_up_to(
        &mut self,
        id: &CaseId,
        last: u32,
    ) -> Result<Vec<Record>, Error> {
        up_to(&mut self.on(), id, last).await
    }
}

pub(super) async fn all(on: &mut On<'_>, id: &CaseId) -> Result<Vec<Record>, Error> {
    up_to(on, id, u32::MAX).await
}

async fn up_to(on: &mut On<'_>, id: &CaseId, last: u32) -> Result<Vec<Record>, Error> {
    let rows = query(UP_TO).bind(id).bind(last).fetch_all(on).await?;
    rows.iter().map(from_row).collect()
}

/// The lines that a change adds, each linked to the one before it.
pub(super) fn lines<'a>(change: &Change<'a>) -> Result<Vec<Line<'a>>, Error> {
    let mut lines: Vec<Line<'a>> = Vec::with_capacity(change.records.len());
    let head = change.before.map_or(chain::START, |before| before.head);
    for record in change.records {
        let body = to_json(&record.entry)?;
        let link = Link {
            seq: i64::from(record.seq),
            at: record.at.as_microsecond(),
            actor: &record.actor,
            actor_name: &record.actor_name,
            kind: record.entry.kind(),
            body: &body,
        };
        let hash = link.hash(change.case, &lines.last().map_or(head, |line| line.hash));
        lines.push(Line {
            case: change.case,
            seq: record.seq,
            at: record.at.as_microsecond(),
            actor: &record.actor,
            actor_name: &record.actor_name,
            kind: record.entry.kind(),
            body,
            hash,
        });
    }
    Ok(lines)
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &'a [(&Change<'a>, Vec<Line<'a>>)]) {
    let mut rows = Rows::of(COLUMNS);
    for line in changes.iter().flat_map(|(_, lines)| lines) {
        rows.push([
            line.case.into(),
            line.seq.into(),
            line.at.into(),
            line.actor.into(),
            line.actor_name.into(),
            line.kind.into(),
            line.body.as_str().into(),
            line.hash.into(),
        ]);
    }
    script.add(INSERT, rows);
}

/// Whether the line with this hash is there.
pub(super) async fn has(
    on: &mut On<'_>,
    case: &CaseId,
    seq: u32,
    hash: Hash,
) -> Result<bool, Error> {
    let query = query(IS_THERE).bind(case).bind(seq).bind(hash);
    Ok(query.fetch_optional(on).await?.is_some())
}

/// A journal letter by letter, whether or not it can be read.
pub(super) async fn stored(on: &mut On<'_>, id: &CaseId) -> Result<Vec<Stored>, Error> {
    let rows = query(STORED).bind(id).fetch_all(on).await?;
    let from_row = |row| {
        Ok(Stored {
            seq: get(row, "seq")?,
            at: get(row, "at")?,
            actor: get(row, "actor")?,
            actor_name: get(row, "actor_name")?,
            kind: get(row, "kind")?,
            body: get(row, "body")?,
            hash: chain::hash(row, "hash")?,
        })
    };
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Record, Error> {
    let entry: Entry = json(row, "body")?;
    let (seq, kind): (u32, &str) = (get(row, "seq")?, get(row, "kind")?);
    if kind != entry.kind() {
        let what = format!("entry {seq} says `{kind}` of itself and is something else");
        return Err(Error::damaged(what));
    }
    Ok(Record {
        seq,
        at: instant(row, "at")?,
        actor: get(row, "actor")?,
        actor_name: get(row, "actor_name")?,
        entry,
    })
}
