//! Verifying journals: the chain of hashes says whether a line is as it was written.
//!
//! A chain alone shows a change that was made by hand. Who can write into the database can also
//! make the whole chain anew: an [`Anchor`], copied elsewhere in time, shows that, too.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, Runtime};
use crate::store::{self, CaseId, Hash, Head, Snapshot, Store, Tombstone, first_break, hash_at};

/// Cases whose ids are fetched at once.
const PAGE: u32 = 500;

/// How a case's journal ended at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    pub case: CaseId,
    pub number: String,
    pub entries: u32,
    /// The hash of the last of them.
    pub head: Hash,
}

/// The first line of a journal that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    pub case: CaseId,
    /// The case's number, or nothing.
    pub number: String,
    pub seq: i64,
    pub what: String,
}

impl Runtime {
    /// The first bad line of every journal that has one, or of that of one case. Safe beside a
    /// running writer: every case is looked at as it was at one moment.
    pub async fn verify(
        &self,
        case: Option<CaseId>,
        anchors: &[Anchor],
    ) -> Result<Vec<Breach>, Error> {
        let mut by_case: BTreeMap<CaseId, Vec<&Anchor>> = BTreeMap::new();
        for anchor in anchors.iter().filter(|anchor| case.is_none_or(|case| case == anchor.case)) {
            by_case.entry(anchor.case).or_default().push(anchor);
        }
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = match case {
                Some(case) if after.is_none() => vec![case],
                Some(_) => Vec::new(),
                None => ids(self.store(), after).await?,
            };
            let Some(last) = page.last() else { break };
            after = Some(*last);
            for id in page {
                let anchors = by_case.remove(&id).unwrap_or_default();
                found.extend(one(self.store(), &id, &anchors).await?);
            }
        }
        for (id, anchors) in by_case {
            found.extend(one(self.store(), &id, &anchors).await?);
        }
        let mut snapshot = self.store().snapshot().await?;
        let strays = snapshot.without_case().await?.into_iter();
        found.extend(strays.filter(|(id, _)| case.is_none_or(|case| case == *id)).map(
            |(case, seq)| Breach {
                case,
                number: String::new(),
                seq,
                what: "belongs to a case that is gone".to_owned(),
            },
        ));
        Ok(found)
    }

    /// How the journals of all cases end now, case by case.
    pub async fn anchors(&self) -> Result<Vec<Anchor>, Error> {
        let mut anchors: Vec<Anchor> = Vec::new();
        loop {
            let after = anchors.last().map(|anchor| anchor.case);
            let page = self.anchors_after(after, Timestamp::MIN).await?;
            if page.is_empty() {
                return Ok(anchors);
            }
            anchors.extend(page);
        }
    }

    /// The same a page at a time, of the cases that are open or were closed `since`: for a million
    /// cases nobody holds them all in memory. Empty at the end.
    pub async fn anchors_after(
        &self,
        after: Option<CaseId>,
        since: Timestamp,
    ) -> Result<Vec<Anchor>, Error> {
        let page = self.store().heads(after, since, PAGE).await?.into_iter();
        let anchor = |(case, head): (CaseId, Head)| Anchor {
            case,
            number: head.number,
            entries: head.entries,
            head: head.head,
        };
        Ok(page.map(anchor).collect())
    }
}

async fn ids(store: &Store, after: Option<CaseId>) -> Result<Vec<CaseId>, Error> {
    let page = store.case_ids(after, PAGE).await?;
    Ok(page.into_iter().map(|(id, _)| id).collect())
}

async fn one(store: &Store, id: &CaseId, anchors: &[&Anchor]) -> Result<Option<Breach>, Error> {
    let mut snapshot = store.snapshot().await?;
    let Some(head) = snapshot.head(id).await? else {
        let tombstone = snapshot.tombstone(id).await?;
        let strays = |anchor: &&&Anchor| !tombstone.as_ref().is_some_and(|left| fits(anchor, left));
        return Ok(anchors.iter().find(strays).map(|anchor| gone(anchor)));
    };
    let broken = breach(&mut snapshot, id, &head, anchors).await?;
    Ok(broken.map(|(seq, what)| Breach { case: *id, number: head.number, seq, what }))
}

/// The first bad line of a case: its number and what is wrong with it.
pub(super) async fn breach(
    snapshot: &mut Snapshot,
    id: &CaseId,
    head: &Head,
    anchors: &[&Anchor],
) -> Result<Option<(i64, String)>, Error> {
    let lines = match snapshot.stored(id).await {
        Ok(lines) => lines,
        Err(store::Error::Damaged { what, .. }) => {
            return Ok(Some((0, format!("can't be read: {what}"))));
        }
        Err(error) => return Err(error.into()),
    };
    let broken = first_break(id, &lines, head.entries, &head.head);
    let rewritten = || {
        anchors.iter().find_map(|anchor| {
            let seq = i64::from(anchor.entries);
            match hash_at(&lines, seq) {
                None => Some((lines.len() as i64 + 1, format!("is missing: there were {seq}"))),
                Some(hash) if hash != anchor.head => {
                    let what = "or one before it was written anew: it is not the anchored one";
                    Some((seq, what.to_owned()))
                }
                Some(_) => None,
            }
        })
    };
    Ok(broken.or_else(rewritten))
}

/// Whether a case may be out of the database: it was archived with the end that was anchored, or went on
/// after the anchor. Whether it did so from the anchored line, only the archive's file can tell.
fn fits(anchor: &Anchor, left: &Tombstone) -> bool {
    anchor.entries < left.entries || (anchor.entries == left.entries && anchor.head == left.head)
}

fn gone(anchor: &Anchor) -> Breach {
    Breach {
        case: anchor.case,
        number: anchor.number.clone(),
        seq: 1,
        what: "is missing: the whole case is gone".to_owned(),
    }
}
