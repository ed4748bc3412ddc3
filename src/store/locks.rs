//! What only one case of an organisation can have at a time: a row for each token in line, and for
//! whoever has it.
//!
//! The database gives the places in line, and an index lets no two have the same. A row is written with
//! the journal that tells of it. Giving it to the first in line is a command to that case, which marks the
//! row in its own transaction: so it is given once, whoever tries. Who is about to ask leases the row.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::columns::{case_id, get};
use super::sql::{Kind, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Snapshot, Store};
use crate::engine::{Entry, Lock, LockStatus, State};

/// A place in line: a case, and the number of the lock there.
pub(crate) type InLine = (CaseId, u32);

/// Who has what others wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    pub case: CaseId,
    /// As people say it.
    pub number: String,
}

const WANT: &str = "\
INSERT INTO locks (case_id, lock, organisation, name, is_held, leased_until, refused_until)
SELECT case_id, lock, organisation, name, 0, 0, 0 FROM {rows}";

const WANTED: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("lock", Kind::Int),
    ("organisation", Kind::Text),
    ("name", Kind::Text),
];

const ROW: &[(&str, Kind)] = &[("case_id", Kind::Id), ("lock", Kind::Int)];

const TAKE: &str = "\
UPDATE locks SET is_held = 1
  FROM {rows}
 WHERE locks.case_id = v.case_id AND locks.lock = v.lock AND locks.is_held = 0
   AND NOT EXISTS (SELECT 1 FROM locks AS h WHERE h.organisation = locks.organisation
                      AND h.name = locks.name AND h.is_held = 1)";

// Taken and given back in the same breath. SQLite has no DELETE … USING.
const PASS: Text = Text {
    sqlite: "\
DELETE FROM locks
 WHERE (case_id, lock) IN (SELECT v.case_id, v.lock FROM {rows})
   AND NOT EXISTS (SELECT 1 FROM locks AS h WHERE h.organisation = locks.organisation
                      AND h.name = locks.name AND h.is_held = 1)",
    postgres: "\
DELETE FROM locks USING {rows}
 WHERE locks.case_id = v.case_id AND locks.lock = v.lock
   AND NOT EXISTS (SELECT 1 FROM locks AS h WHERE h.organisation = locks.organisation
                      AND h.name = locks.name AND h.is_held = 1)",
};

const LEAVE: Text = Text {
    sqlite: "\
DELETE FROM locks WHERE (case_id, lock) IN (SELECT v.case_id, v.lock FROM {rows})",
    postgres: "\
DELETE FROM locks USING {rows} WHERE locks.case_id = v.case_id AND locks.lock = v.lock",
};

// The first in line of everything that nobody has. What another server is just leasing is passed over,
// not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE locks SET leased_until = $2
 WHERE place IN
       (SELECT w.place FROM locks AS w
         WHERE w.is_held = 0 AND w.leased_until <= $1
           AND w.place = (SELECT min(f.place) FROM locks AS f
                           WHERE f.organisation = w.organisation AND f.name = w.name
                             AND f.is_held = 0 AND f.refused_until <= $1)
           AND NOT EXISTS (SELECT 1 FROM locks AS h
                            WHERE h.organisation = w.organisation AND h.name = w.name
                              AND h.is_held = 1)
         LIMIT $3)
RETURNING case_id, lock",
    postgres: "\
UPDATE locks SET leased_until = $2
  FROM (SELECT w.case_id, w.lock FROM locks AS w
         WHERE w.is_held = 0 AND w.leased_until <= $1
           AND w.place = (SELECT min(f.place) FROM locks AS f
                           WHERE f.organisation = w.organisation AND f.name = w.name
                             AND f.is_held = 0 AND f.refused_until <= $1)
           AND NOT EXISTS (SELECT 1 FROM locks AS h
                            WHERE h.organisation = w.organisation AND h.name = w.name
                              AND h.is_held = 1)
         LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE locks.case_id = due.case_id AND locks.lock = due.lock
RETURNING locks.case_id, locks.lock",
};

const RETURN: &str = "\
UPDATE locks SET leased_until = $3, refused_until = $4
 WHERE case_id = $1 AND lock = $2 AND is_held = 0";

const HOLDER: &str = "\
SELECT c.id, c.number FROM locks AS l JOIN cases AS c ON c.id = l.case_id
 WHERE l.organisation = $1 AND l.name = $2 AND l.is_held = 1";

const OF_CASE: &str = "SELECT lock, name, is_held FROM locks WHERE case_id = $1 ORDER BY lock";

/// What a case waits for or has, by its numbers there: the name, and whether it has it.
pub(crate) fn in_line(state: &State) -> impl Iterator<Item = (u32, (&str, bool))> {
    let told = |lock: &Lock| lock.status == LockStatus::Held;
    state.locks.iter().map(move |(no, lock)| (*no, (lock.name.as_str(), told(lock))))
}

impl Store {
    /// The case that has it now.
    pub async fn lock_holder(
        &self,
        organisation: &str,
        name: &str,
    ) -> Result<Option<LockHolder>, Error> {
        let query = query(HOLDER).bind(organisation).bind(name);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        row.map(|row| Ok(LockHolder { case: case_id(&row, "id")?, number: get(&row, "number")? }))
            .transpose()
    }

    /// Up to `limit` that are first in line for what nobody has, leased for so long.
    pub(crate) async fn lease_locks(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<InLine>, Error> {
        let rows = self.lease_alone(LEASE, now, lease, limit).await?;
        rows.iter().map(|row| Ok((case_id(row, "case_id")?, get(row, "lock")?))).collect()
    }

    /// One that could not take it is not asked before `until`, and those behind it are served until
    /// `refused_until`.
    pub(crate) async fn return_lock(
        &self,
        (case, lock): &InLine,
        until: Timestamp,
        refused_until: Timestamp,
    ) -> Result<(), Error> {
        let (until, refused) = (until.as_microsecond(), refused_until.as_microsecond());
        let statement = || query(RETURN).bind(case).bind(*lock).bind(until).bind(refused);
        self.write_alone(statement).await.map(|_| ())
    }
}

impl Snapshot {
    /// What is stored of what a case waits for or has.
    pub(crate) async fn locks(
        &mut self,
        id: &CaseId,
    ) -> Result<BTreeMap<u32, (String, bool)>, Error> {
        let rows = query(OF_CASE).bind(id).fetch_all(&mut self.on()).await?;
        let from_row =
            |row| Ok((get(row, "lock")?, (get(row, "name")?, get::<i64>(row, "is_held")? != 0)));
        rows.iter().map(from_row).collect()
    }
}

/// One that is wanted and withdrawn in the same breath never gets a row.
pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let (mut wanted, mut taken) = (Rows::of(WANTED), Rows::of(ROW));
    let (mut passed, mut left) = (Rows::of(ROW), Rows::of(ROW));
    let mut first = None;
    for change in changes {
        let before = change.before.map(|before| &before.state.locks);
        let was_there = |no: &u32| before.is_some_and(|before| before.contains_key(no));
        let took: BTreeSet<u32> = took(change).collect();
        if !took.is_empty() {
            first = first.or(Some(change.case));
        }
        for no in before.into_iter().flat_map(BTreeMap::keys) {
            let row = || [change.case.into(), (*no).into()];
            match (took.contains(no), change.after.locks.contains_key(no)) {
                (true, true) => taken.push(row()),
                (true, false) => passed.push(row()),
                (false, false) => left.push(row()),
                (false, true) => {}
            }
        }
        for (no, lock) in change.after.locks.iter().filter(|(no, _)| !was_there(no)) {
            let name = lock.name.as_str().into();
            wanted.push([change.case.into(), (*no).into(), change.organisation.into(), name]);
        }
    }
    let conflict =
        move || Error::Conflict { case: first.map(ToString::to_string).unwrap_or_default() };
    script.add(LEAVE, left);
    // Another server has given it to another case: what was decided is worth nothing.
    script.add_exact(PASS, passed, conflict);
    script.add_exact(TAKE, taken, conflict);
    script.add(WANT, wanted);
}

/// What a change takes, by the numbers.
fn took<'a>(change: &'a Change<'_>) -> impl Iterator<Item = u32> + 'a {
    change.records.iter().filter_map(|record| match record.entry {
        Entry::LockTaken { lock } => Some(lock),
        _ => None,
    })
}
