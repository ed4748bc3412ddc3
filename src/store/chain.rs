//! The hash chain of a journal: what was written can't be changed without showing.
//!
//! Each line's hash covers everything in the line and the hash of the line before it; the case's
//! row keeps the last one. Somebody who may write into the database can make a whole chain anew:
//! against that, the heads are copied elsewhere from time to time (`tramite verify --export`).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::columns::{case_id, get};
use super::sql::{Bind, Row, query};
use super::{CaseId, Error, Snapshot, Store};

/// What stands before the first line.
pub(crate) const START: Hash = Hash([0; 32]);

/// A sha256, written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

/// A line of a journal as it is stored, letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) seq: i64,
    /// Microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) actor_name: String,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) hash: Hash,
}

/// The hash of a text and of what stands before it: how the lines of an archive hang together.
pub(crate) fn following(previous: &Hash, text: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(previous.0);
    hash.update(text);
    Hash(hash.finalize().into())
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
    pub(super) fn hash(&self, case: &CaseId, previous: &Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update(case.0.as_bytes());
        hash.update(self.seq.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        hash.update(previous.0);
        for text in [self.actor, self.actor_name, self.kind, self.body] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        Hash(hash.finalize().into())
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
    head: &Hash,
) -> Option<(i64, String)> {
    let mut previous = START;
    for (expected, line) in (1..).zip(lines) {
        if line.seq != expected {
            return Some((expected, "is missing".to_owned()));
        }
        if expected > i64::from(entries) {
            return Some((expected, format!("was added: the journal ends with {entries}")));
        }
        if line.link().hash(case, &previous) != line.hash {
            return Some((expected, "is not as it was written".to_owned()));
        }
        previous = line.hash;
    }
    let last = lines.len() as i64;
    if last < i64::from(entries) {
        return Some((last + 1, format!("is missing: the journal goes to {entries}")));
    }
    (previous != *head).then(|| (last, "is not the one that the case ends with".to_owned()))
}

/// The hash of the line `seq` of a journal without a break; before the first stands [`START`].
pub(crate) fn hash_at(lines: &[Stored], seq: i64) -> Option<Hash> {
    match usize::try_from(seq).ok()?.checked_sub(1) {
        Some(place) => lines.get(place).map(|line| line.hash),
        None => Some(START),
    }
}

/// How a case's row says that its journal ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) number: String,
    pub(crate) entries: u32,
    pub(crate) head: Hash,
}

const HEAD: &str = "SELECT number, entries, head FROM cases WHERE id = $1";

const HEADS: &str = "\
SELECT id, number, entries, head FROM cases
 WHERE id > $1 AND (ended_at IS NULL OR ended_at >= $3) ORDER BY id LIMIT $2";

const WITHOUT_CASE: &str = "\
SELECT e.case_id, min(e.seq) AS seq FROM entries AS e
 WHERE NOT EXISTS (SELECT 1 FROM cases AS c WHERE c.id = e.case_id) GROUP BY e.case_id LIMIT 100";

impl Store {
    /// How the journals end, page by page: of the cases that are open or were closed `since`.
    pub(crate) async fn heads(
        &self,
        after: Option<CaseId>,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(CaseId, Head)>, Error> {
        let after = after.unwrap_or(CaseId(uuid::Uuid::nil()));
        let query = query(HEADS).bind(after).bind(limit).bind(since.as_microsecond());
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(|row| Ok((case_id(row, "id")?, head(row)?))).collect()
    }
}

impl Snapshot {
    pub(crate) async fn head(&mut self, id: &CaseId) -> Result<Option<Head>, Error> {
        let row = query(HEAD).bind(id).fetch_optional(&mut self.on()).await?;
        row.as_ref().map(head).transpose()
    }

    /// Journals whose case is gone, with their first line.
    pub(crate) async fn without_case(&mut self) -> Result<Vec<(CaseId, i64)>, Error> {
        let rows = query(WITHOUT_CASE).fetch_all(&mut self.on()).await?;
        rows.iter().map(|row| Ok((case_id(row, "case_id")?, get(row, "seq")?))).collect()
    }
}

fn head(row: &Row) -> Result<Head, Error> {
    Ok(Head {
        number: get(row, "number")?,
        entries: get(row, "entries")?,
        head: hash(row, "head")?,
    })
}

pub(super) fn hash(row: &Row, column: &str) -> Result<Hash, Error> {
    let bytes: &[u8] = get(row, column)?;
    bytes.try_into().map(Hash).map_err(|error| Error::unreadable(column, error))
}

impl From<Hash> for Bind<'_> {
    fn from(hash: Hash) -> Self {
        Self::Bytes(hash.0.to_vec())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "a hash has 64 hexadecimal digits";
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(WANTED);
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            let digits = &text[place * 2..place * 2 + 2];
            *byte = u8::from_str_radix(digits, 16).map_err(|_| WANTED)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
