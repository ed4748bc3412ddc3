//! The hash chain of a journal: what was written can't be changed without showing.
//!
//! Each line's hash covers everything in the line and the hash of the line before it; the case's
//! row keeps the last one. Somebody who may write into the database can make a whole chain anew:
//! against that, the heads are copied elsewhere from time to time (`tramite verify --export`).

use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;

use super::cases::case_id;
use super::columns::get;
use super::{CaseId, Error, Snapshot, Store};

/// What stands before the first line.
pub(super) const START: &str = "";

/// A line of a journal as it is stored, letter by letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) seq: i64,
    /// Microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) actor_name: String,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) hash: String,
}

/// A line without its hash.
pub(super) struct Link<'a> {
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) actor: &'a str,
    pub(super) actor_name: &'a str,
    pub(super) kind: &'a str,
    pub(super) body: &'a str,
}

impl Stored {
    pub(super) fn link(&self) -> Link<'_> {
        Link {
            seq: self.seq,
            at: self.at,
            actor: &self.actor,
            actor_name: &self.actor_name,
            kind: &self.kind,
            body: &self.body,
        }
    }
}

impl Link<'_> {
    /// Texts go in with their lengths: no letter can move from one column into the next.
    pub(super) fn hash(&self, case: &CaseId, previous: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(case.0.as_bytes());
        hash.update(self.seq.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        for text in [previous, self.actor, self.actor_name, self.kind, self.body] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hexadecimal(&hash.finalize())
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The first line that can't be as it was written, counted from 1, and what is wrong with it.
/// `entries` and `head` are what the case's row says of its journal.
pub(crate) fn first_break(
    case: &CaseId,
    lines: &[Stored],
    entries: u32,
    head: &str,
) -> Option<(i64, String)> {
    let mut previous = START;
    for (expected, line) in (1..).zip(lines) {
        if line.seq != expected {
            return Some((expected, "is missing".to_owned()));
        }
        if expected > i64::from(entries) {
            return Some((expected, format!("was added: the journal ends with {entries}")));
        }
        if line.link().hash(case, previous) != line.hash {
            return Some((expected, "is not as it was written".to_owned()));
        }
        previous = &line.hash;
    }
    let last = lines.len() as i64;
    if last < i64::from(entries) {
        return Some((last + 1, format!("is missing: the journal goes to {entries}")));
    }
    (previous != head).then(|| (last, "is not the one that the case ends with".to_owned()))
}

/// The hash of the line `seq` of a journal without a break; before the first stands [`START`].
pub(crate) fn hash_at(lines: &[Stored], seq: i64) -> Option<&str> {
    match usize::try_from(seq).ok()?.checked_sub(1) {
        Some(place) => lines.get(place).map(|line| line.hash.as_str()),
        None => Some(START),
    }
}

/// How a case's row says that its journal ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) number: String,
    pub(crate) entries: u32,
    pub(crate) head: String,
}

const HEAD: &str = "SELECT number, entries, head FROM cases WHERE id = $1";

const HEADS: &str = "\
SELECT id, number, entries, head FROM cases WHERE id > $1 ORDER BY id LIMIT $2";

const WITHOUT_CASE: &str = "\
SELECT e.case_id, min(e.seq) AS seq FROM entries AS e
 WHERE NOT EXISTS (SELECT 1 FROM cases AS c WHERE c.id = e.case_id) GROUP BY e.case_id LIMIT 100";

impl Store {
    /// How the journals end, page by page.
    pub(crate) async fn heads(
        &self,
        after: Option<CaseId>,
        limit: u32,
    ) -> Result<Vec<(CaseId, Head)>, Error> {
        let rows = sqlx::query(HEADS)
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(limit)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|row| Ok((case_id(row, "id")?, head(row)?))).collect()
    }
}

impl Snapshot {
    pub(crate) async fn head(&mut self, id: &CaseId) -> Result<Option<Head>, Error> {
        let row = sqlx::query(HEAD).bind(id.to_string()).fetch_optional(self.on()).await?;
        row.as_ref().map(head).transpose()
    }

    /// Journals whose case is gone, with their first line.
    pub(crate) async fn without_case(&mut self) -> Result<Vec<(CaseId, i64)>, Error> {
        let rows = sqlx::query(WITHOUT_CASE).fetch_all(self.on()).await?;
        rows.iter().map(|row| Ok((case_id(row, "case_id")?, get(row, "seq")?))).collect()
    }
}

fn head(row: &SqliteRow) -> Result<Head, Error> {
    Ok(Head { number: get(row, "number")?, entries: get(row, "entries")?, head: get(row, "head")? })
}
