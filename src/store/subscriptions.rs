//! Subscriptions: who listens for which message or signal. One row each, from the moment that a case
//! begins to listen until it doesn't any more; written with the case.

use std::collections::BTreeMap;

use super::columns::get;
use super::sql::{Kind, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Snapshot};
use crate::engine::{Awaits, State, Watch};

const SET: &str = "\
INSERT INTO subscriptions (case_id, watch, organisation, is_signal, name, key, since)
SELECT case_id, watch, organisation, is_signal, name, key, since FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("watch", Kind::Int),
    ("organisation", Kind::Text),
    ("is_signal", Kind::Int),
    ("name", Kind::Text),
    ("key", Kind::Text),
    ("since", Kind::Int),
];

// SQLite has no DELETE … USING.
const REMOVE: Text = Text {
    sqlite: "\
DELETE FROM subscriptions WHERE (case_id, watch) IN (SELECT v.case_id, v.watch FROM {rows})",
    postgres: "\
DELETE FROM subscriptions USING {rows}
 WHERE subscriptions.case_id = v.case_id AND subscriptions.watch = v.watch",
};

const REMOVED: &[(&str, Kind)] = &[("case_id", Kind::Id), ("watch", Kind::Int)];

const OF_CASE: &str =
    "SELECT watch, is_signal, name, key FROM subscriptions WHERE case_id = $1 ORDER BY watch";

/// Whether it is a signal, its name, and the key.
pub(crate) type Subscribed<'a> = (bool, &'a str, &'a str);

/// What a case subscribes to, by the numbers of its watches.
pub(crate) fn subscribed(state: &State) -> impl Iterator<Item = (u32, Subscribed<'_>)> {
    state.watches.iter().filter_map(|(no, watch)| Some((*no, awaited(watch)?)))
}

fn awaited(watch: &Watch) -> Option<Subscribed<'_>> {
    match &watch.awaits {
        Awaits::Message { name, key } => Some((false, name, key)),
        Awaits::Signal { name } => Some((true, name, "")),
        Awaits::Until(_) => None,
    }
}

impl Snapshot {
    /// What a case is stored to listen for.
    pub(crate) async fn subscriptions(
        &mut self,
        id: &CaseId,
    ) -> Result<BTreeMap<u32, (bool, String, String)>, Error> {
        let rows = query(OF_CASE).bind(id).fetch_all(&mut self.on()).await?;
        let from_row = |row| {
            let is_signal = get::<i64>(row, "is_signal")? != 0;
            Ok((get(row, "watch")?, (is_signal, get(row, "name")?, get(row, "key")?)))
        };
        rows.iter().map(from_row).collect()
    }
}

/// One that is set and over in the same breath never gets a row.
pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let (mut set, mut removed) = (Rows::of(COLUMNS), Rows::of(REMOVED));
    for change in changes {
        let before = change.before.map(|before| &before.state.watches);
        let known = |no: &u32| before.and_then(|before| awaited(before.get(no)?));
        for no in before.into_iter().flat_map(BTreeMap::keys) {
            if known(no).is_some() && !change.after.watches.contains_key(no) {
                removed.push([change.case.into(), (*no).into()]);
            }
        }
        for (no, watch) in &change.after.watches {
            let Some((is_signal, name, key)) = awaited(watch).filter(|_| known(no).is_none())
            else {
                continue;
            };
            set.push([
                change.case.into(),
                (*no).into(),
                change.organisation.into(),
                i64::from(is_signal).into(),
                name.into(),
                key.into(),
                watch.since.as_microsecond().into(),
            ]);
        }
    }
    script.add(REMOVE, removed);
    script.add(SET, set);
}
