//! Mails about tasks that are still to be sent: reminders, and what went up to another role.
//!
//! A notice is a row from the transaction that reminds, until it has been sent or given up. It says which
//! task it is about and nothing else: who gets it is looked up when it is sent (`runtime::notices`).
//! Whoever sends some leases them for a while; when a server dies in between, another one sends them
//! again, under the same id.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::columns::{case_id, get, instant};
use super::sql::{Kind, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Store};
use crate::engine::Entry;

/// A mail to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) case: CaseId,
    /// The entry that it tells of.
    pub(crate) seq: u32,
    pub(crate) task: u32,
    /// The task came to another role; else somebody is reminded of it.
    pub(crate) is_escalation: bool,
    /// The ids of people who have got it already.
    pub(crate) sent: BTreeSet<String>,
    /// How often it was tried before.
    pub(crate) tries: u32,
    pub(crate) made_at: Timestamp,
}

const MAKE: &str = "\
INSERT INTO notices (case_id, seq, task, kind, made_at, tries, leased_until, sent)
SELECT case_id, seq, task, kind, made_at, 0, 0, '' FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("seq", Kind::Int),
    ("task", Kind::Int),
    ("kind", Kind::Text),
    ("made_at", Kind::Int),
];

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE notices SET leased_until = $2
 WHERE (case_id, seq) IN (SELECT case_id, seq FROM notices WHERE leased_until <= $1
                           ORDER BY leased_until LIMIT $3)
RETURNING case_id, seq, task, kind, made_at, tries, sent",
    postgres: "\
UPDATE notices AS n SET leased_until = $2
  FROM (SELECT case_id, seq FROM notices WHERE leased_until <= $1
         ORDER BY leased_until LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE n.case_id = due.case_id AND n.seq = due.seq
RETURNING n.case_id, n.seq, n.task, n.kind, n.made_at, n.tries, n.sent",
};

const POSTPONE: &str = "\
UPDATE notices SET tries = tries + 1, leased_until = $3, sent = $4
 WHERE case_id = $1 AND seq = $2";

const DROP: &str = "DELETE FROM notices WHERE case_id = $1 AND seq = $2";

const FORGET: &str = "DELETE FROM notices WHERE made_at < $1";

impl Store {
    /// Up to `limit` notices that are to be sent `now` and that nobody has leased, leased for so long.
    pub(crate) async fn lease_notices(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Notice>, Error> {
        let rows = self.lease_alone(LEASE, now, lease, limit).await?;
        let notice = |row| {
            Ok(Notice {
                case: case_id(row, "case_id")?,
                seq: get(row, "seq")?,
                task: get(row, "task")?,
                is_escalation: get::<String>(row, "kind")? == "escalation",
                tries: get(row, "tries")?,
                sent: get::<&str>(row, "sent")?.split(' ').map(ToOwned::to_owned).collect(),
                made_at: instant(row, "made_at")?,
            })
        };
        rows.iter().map(notice).collect()
    }

    /// Not everybody could be sent it, and it is tried again then.
    pub(crate) async fn postpone_notice(
        &self,
        notice: &Notice,
        until: Timestamp,
    ) -> Result<(), Error> {
        let (case, seq) = (&notice.case, notice.seq);
        let sent: Vec<&str> = notice.sent.iter().map(String::as_str).collect();
        let (sent, until) = (sent.join(" "), until.as_microsecond());
        let postpone = || query(POSTPONE).bind(case).bind(seq).bind(until).bind(&sent);
        self.write_alone(postpone).await.map(|_| ())
    }

    /// It has been sent, or nobody is to get it any more.
    pub(crate) async fn drop_notice(&self, notice: &Notice) -> Result<(), Error> {
        let (case, seq) = (&notice.case, notice.seq);
        self.write_alone(|| query(DROP).bind(case).bind(seq)).await.map(|_| ())
    }

    /// How many are still to be sent.
    #[cfg(test)]
    pub(crate) async fn notices(&self) -> Result<i64, Error> {
        let count = query("SELECT count(*) AS count FROM notices");
        let rows = count.fetch_all(&mut self.reader().await?.on()).await?;
        rows.first().map_or(Ok(0), |row| get(row, "count"))
    }

    /// Forgets those that were made before, and that no server could send.
    pub(crate) async fn forget_notices(&self, before: Timestamp) -> Result<(), Error> {
        self.write_alone(|| query(FORGET).bind(before.as_microsecond())).await.map(|_| ())
    }
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let mut made = Rows::of(COLUMNS);
    for change in changes {
        for record in change.records {
            let (task, kind) = match &record.entry {
                Entry::Reminded { task: Some(task), by_mail: true, .. } => (*task, "reminder"),
                Entry::TaskEscalated { task, by_mail: true, .. } => (*task, "escalation"),
                _ => continue,
            };
            made.push([
                change.case.into(),
                record.seq.into(),
                task.into(),
                kind.into(),
                record.at.as_microsecond().into(),
            ]);
        }
    }
    script.add(MAKE, made);
}
