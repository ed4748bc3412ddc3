//! Idempotency: what a command did, so that it is not done twice when its answer got lost.
//!
//! A key belongs to the person who sent it. Only what took effect is kept: a refused command
//! changes nothing, and may be sent again under the same key.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{case_id, get};
use super::sql::{Bind, Kind, On, Rows, Script};
use super::{CaseId, Change, Error, Store, Writing};

/// A person's id and the name that the person gave the command.
pub(crate) type Name<'a> = (&'a str, &'a str);

/// What a command is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key<'a> {
    pub(crate) name: Name<'a>,
    /// Tells the command's contents from others under the same name.
    pub(crate) digest: &'a [u8],
}

/// A command that was done before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) case: CaseId,
    /// Its lines of the journal: from here…
    pub(crate) first: u32,
    /// … to here; one less than `first` when there was nothing to be done.
    pub(crate) last: u32,
    /// Of its contents.
    pub(crate) digest: Vec<u8>,
}

const DONE: &str = "\
SELECT c.actor, c.name, c.digest, c.case_id, c.first_seq, c.last_seq
  FROM {rows} CROSS JOIN commands AS c
 WHERE c.actor = v.actor AND c.name = v.name";

const WANTED: &[(&str, Kind)] = &[("actor", Kind::Text), ("name", Kind::Text)];

const REMEMBER: &str = "\
INSERT INTO commands (actor, name, digest, case_id, first_seq, last_seq)
SELECT actor, name, digest, case_id, first_seq, last_seq FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("actor", Kind::Text),
    ("name", Kind::Text),
    ("digest", Kind::Bytes),
    ("case_id", Kind::Id),
    ("first_seq", Kind::Int),
    ("last_seq", Kind::Int),
];

impl Writing {
    /// What was done before of the commands of these names, by person and name.
    pub(crate) async fn done_before(
        &mut self,
        wanted: &BTreeSet<Name<'_>>,
    ) -> Result<BTreeMap<(String, String), Done>, Error> {
        let mut names = Rows::of(WANTED);
        for (actor, name) in wanted {
            names.push([(*actor).into(), (*name).into()]);
        }
        let rows = names.fetch_all(DONE, &mut self.on()).await?;
        let from_row = |row| {
            let done = Done {
                case: case_id(row, "case_id")?,
                first: get(row, "first_seq")?,
                last: get(row, "last_seq")?,
                digest: get::<&[u8]>(row, "digest")?.to_vec(),
            };
            Ok(((get(row, "actor")?, get(row, "name")?), done))
        };
        rows.iter().map(from_row).collect()
    }
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let mut rows = Rows::of(COLUMNS);
    for change in changes {
        let Some(Key { name: (actor, name), digest }) = change.key else { continue };
        let before = change.before.map_or(0, |before| i64::from(before.entries));
        rows.push([
            actor.into(),
            name.into(),
            Bind::Bytes(digest.into()),
            change.case.into(),
            (before + 1).into(),
            (before + change.records.len() as i64).into(),
        ]);
    }
    script.add(REMEMBER, rows);
}

impl Store {
    /// Whether a person's command of this name was done.
    pub async fn is_done(&self, actor: &str, name: &str) -> Result<bool, Error> {
        has(&mut self.reader().await?.on(), (actor, name)).await
    }
}

/// Whether a command of this name is there.
pub(super) async fn has(on: &mut On<'_>, (actor, name): Name<'_>) -> Result<bool, Error> {
    let mut wanted = Rows::of(WANTED);
    wanted.push([actor.into(), name.into()]);
    Ok(!wanted.fetch_all(DONE, on).await?.is_empty())
}
