//! Cases: one row each, with the state as folded from the journal.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::chain::{self, Hash};
use super::columns::{case_id, get, instant, instant_if_any, json, name, to_json};
use super::journal::Line;
use super::sql::{Bind, Kind, On, Row, Rows, Script, Text, query};
use super::{Change, Error, Store, Writing, search, words};
use crate::engine::{CaseStatus, State};

/// A case's own id; ids made later sort later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub Uuid);

/// A case as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRow {
    pub id: CaseId,
    pub organisation: String,
    pub procedure: String,
    pub version: u32,
    pub number: String,
    pub subject: String,
    pub status: CaseStatus,
    pub outcome: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Counts the commands that changed it.
    pub revision: u32,
    /// Lines of its journal.
    pub entries: u32,
    /// The hash of the last of them.
    pub head: Hash,
    pub state: Arc<State>,
}

/// What `runtime` remembers of a case, to be told whether it is still so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) revision: u32,
    pub(crate) head: Hash,
}

/// A case that was asked for.
#[derive(Debug)]
pub(crate) enum Loaded {
    /// It is as it is remembered.
    AsKnown,
    Row(Box<CaseRow>),
}

const CASE: &str = "SELECT * FROM cases WHERE id = $1";

pub(super) const BY_NUMBER: &str = "\
SELECT id FROM cases WHERE number = $1 AND ($2 IS NULL OR organisation = $2)
 ORDER BY started_at DESC LIMIT 1";

macro_rules! several {
    ($end:literal) => {
        concat!(
            "SELECT c.id, c.organisation, c.procedure, c.version, c.number, c.subject, c.status, ",
            "c.outcome, c.started_at, c.ended_at, c.revision, c.entries, c.head, ",
            "CASE WHEN c.revision = v.revision AND c.head = v.head THEN NULL ELSE c.state END ",
            "AS state FROM {rows} CROSS JOIN cases AS c WHERE c.id = v.id",
            $end
        )
    };
}

// A state that is known already is not sent again: reading it costs more than all the rest.
//
// Locked, and in one order everywhere, so that two servers that want the same cases wait for each
// other instead of working for nothing. SQLite's transaction has the database for itself.
const SEVERAL: Text =
    Text { sqlite: several!(""), postgres: several!(" ORDER BY c.id FOR UPDATE OF c") };

const WANTED: &[(&str, Kind)] = &[("id", Kind::Id), ("revision", Kind::Int), ("head", Kind::Bytes)];

const INSERT: &str = "\
INSERT INTO cases (id, organisation, procedure, version, number, subject, search, status, outcome,
                   started_at, ended_at, revision, entries, head, state)
SELECT id, organisation, procedure, version, number, subject, search, status, outcome,
       started_at, ended_at, 1, entries, head, state
  FROM {rows}";

const BEGUN: &[(&str, Kind)] = &[
    ("id", Kind::Id),
    ("organisation", Kind::Text),
    ("procedure", Kind::Text),
    ("version", Kind::Int),
    ("number", Kind::Text),
    ("subject", Kind::Text),
    ("search", Kind::Text),
    ("status", Kind::Text),
    ("outcome", Kind::Text),
    ("started_at", Kind::Int),
    ("ended_at", Kind::Int),
    ("entries", Kind::Int),
    ("head", Kind::Bytes),
    ("state", Kind::Text),
];

// Compare and set: a case that is no longer as it was read stays as it is. What indexes hold does not
// change with a step: SQLite would write them anew though nothing is new in them.
pub(super) const UPDATE: &str = "\
UPDATE cases
   SET subject = v.subject, search = v.search, entries = v.entries, head = v.head,
       state = v.state, revision = cases.revision + 1
  FROM {rows}
 WHERE cases.id = v.id AND cases.revision = v.revision AND cases.head = v.previous";

pub(super) const CHANGED: &[(&str, Kind)] = &[
    ("id", Kind::Id),
    ("revision", Kind::Int),
    ("previous", Kind::Bytes),
    ("subject", Kind::Text),
    ("search", Kind::Text),
    ("entries", Kind::Int),
    ("head", Kind::Bytes),
    ("state", Kind::Text),
];

// Its last change: only now its status is another one.
pub(super) const CLOSE: &str = "\
UPDATE cases
   SET subject = v.subject, search = v.search, entries = v.entries, head = v.head,
       state = v.state, revision = cases.revision + 1,
       status = v.status, outcome = v.outcome, ended_at = v.ended_at
  FROM {rows}
 WHERE cases.id = v.id AND cases.revision = v.revision AND cases.head = v.previous";

pub(super) const CLOSED: &[(&str, Kind)] = &[
    ("id", Kind::Id),
    ("revision", Kind::Int),
    ("previous", Kind::Bytes),
    ("subject", Kind::Text),
    ("search", Kind::Text),
    ("entries", Kind::Int),
    ("head", Kind::Bytes),
    ("state", Kind::Text),
    ("status", Kind::Text),
    ("outcome", Kind::Text),
    ("ended_at", Kind::Int),
];

impl Store {
    pub async fn case(&self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        case(&mut self.reader().await?.on(), id).await
    }

    /// The case that somebody names by its id or its number.
    pub async fn find_case(
        &self,
        organisation: Option<&str>,
        text: &str,
    ) -> Result<Option<CaseId>, Error> {
        let text = text.trim();
        if let Ok(id) = text.parse::<CaseId>() {
            let case = self.case(&id).await?;
            let is_theirs =
                |case: &CaseRow| organisation.is_none_or(|own| own == case.organisation);
            return Ok(case.filter(is_theirs).map(|case| case.id));
        }
        let row = query(BY_NUMBER)
            .bind(text)
            .bind(organisation)
            .fetch_optional(&mut self.reader().await?.on())
            .await?;
        row.map(|row| case_id(&row, "id")).transpose()
    }
}

impl Writing {
    /// The cases that there are of those wanted, each with what is known of it. One that does not
    /// read back is not the others' trouble.
    pub(crate) async fn cases(
        &mut self,
        wanted: &BTreeMap<CaseId, Option<Known>>,
    ) -> Result<BTreeMap<CaseId, Result<Loaded, Error>>, Error> {
        let mut ids = Rows::of(WANTED);
        for (id, known) in wanted {
            // Revisions count from 1.
            let known = known.unwrap_or(Known { revision: 0, head: chain::START });
            ids.push([id.into(), known.revision.into(), known.head.into()]);
        }
        let rows = ids.fetch_all(SEVERAL, &mut self.on()).await?;
        let loaded = |row| match get::<Option<&str>>(row, "state")? {
            None => Ok(Loaded::AsKnown),
            Some(_) => from_row(row).map(Box::new).map(Loaded::Row),
        };
        rows.iter().map(|row| Ok((case_id(row, "id")?, loaded(row)))).collect()
    }
}

pub(super) async fn case(on: &mut On<'_>, id: &CaseId) -> Result<Option<CaseRow>, Error> {
    let row = query(CASE).bind(id).fetch_optional(on).await?;
    row.as_ref().map(from_row).transpose()
}

pub(super) fn write<'a>(
    script: &mut Script<'a>,
    changes: &[(&Change<'a>, Vec<Line<'_>>)],
) -> Result<(), Error> {
    let (mut begun, mut changed, mut closed) =
        (Rows::of(BEGUN), Rows::of(CHANGED), Rows::of(CLOSED));
    let (mut first_changed, mut first_closed) = (None, None);
    for (change, lines) in changes {
        match change.before {
            None => begin(&mut begun, change, lines)?,
            Some(before) if change.after.status == before.status => {
                first_changed = first_changed.or(Some(change.case));
                changed.push(follow(change, before, lines)?);
            }
            Some(before) => {
                first_closed = first_closed.or(Some(change.case));
                close(&mut closed, change, follow(change, before, lines)?);
            }
        }
    }
    let conflict = |case: Option<&CaseId>| Error::Conflict {
        case: case.map(ToString::to_string).unwrap_or_default(),
    };
    script.add(INSERT, begun);
    script.add_exact(UPDATE, changed, move || conflict(first_changed));
    script.add_exact(CLOSE, closed, move || conflict(first_closed));
    Ok(())
}

fn begin<'a>(rows: &mut Rows<'a>, change: &Change<'a>, lines: &[Line<'_>]) -> Result<(), Error> {
    let state = change.after;
    rows.push([
        change.case.into(),
        change.organisation.into(),
        (&state.procedure).into(),
        state.version.into(),
        (&state.number).into(),
        change.subject.into(),
        searched(change).into(),
        state.status.name().into(),
        state.outcome.as_deref().into(),
        state.started_at.map(Timestamp::as_microsecond).into(),
        state.ended_at.map(Timestamp::as_microsecond).into(),
        (lines.len() as i64).into(),
        lines.last().map_or(chain::START, |line| line.hash).into(),
        to_json(state)?.into(),
    ]);
    Ok(())
}

fn follow<'a>(
    change: &Change<'a>,
    before: &CaseRow,
    lines: &[Line<'_>],
) -> Result<[Bind<'a>; 8], Error> {
    Ok([
        change.case.into(),
        before.revision.into(),
        before.head.into(),
        change.subject.into(),
        searched(change).into(),
        (i64::from(before.entries) + lines.len() as i64).into(),
        lines.last().map_or(before.head, |line| line.hash).into(),
        to_json(change.after)?.into(),
    ])
}

fn close<'a>(rows: &mut Rows<'a>, change: &Change<'a>, followed: [Bind<'a>; 8]) {
    let state = change.after;
    let [id, revision, previous, subject, search, entries, head, text] = followed;
    rows.push([
        id,
        revision,
        previous,
        subject,
        search,
        entries,
        head,
        text,
        state.status.name().into(),
        state.outcome.as_deref().into(),
        state.ended_at.map(Timestamp::as_microsecond).into(),
    ]);
}

/// What lists look for words in.
fn searched(change: &Change<'_>) -> String {
    search::line(&words::of_case(&change.after.number, change.subject))
}

pub(super) fn from_row(row: &Row) -> Result<CaseRow, Error> {
    Ok(CaseRow {
        id: case_id(row, "id")?,
        organisation: get(row, "organisation")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        number: get(row, "number")?,
        subject: get(row, "subject")?,
        status: name(row, "status")?,
        outcome: get(row, "outcome")?,
        started_at: instant(row, "started_at")?,
        ended_at: instant_if_any(row, "ended_at")?,
        revision: get(row, "revision")?,
        entries: get(row, "entries")?,
        head: chain::hash(row, "head")?,
        state: Arc::new(json(row, "state")?),
    })
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for CaseId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl Serialize for CaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
