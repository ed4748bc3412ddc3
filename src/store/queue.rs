//! The queues: open tasks, what is due first coming first.
//!
//! A person has several roles, and a queue is sorted within one role: so each role gives its first
//! rows, and the first of those are the page. However many tasks wait, a page costs a few rows a
//! role.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::Timestamp;

use super::columns::{case_id, get, instant, instant_if_any, name};
use super::sql::{Bind, Dialect, Query, Row};
use super::{CaseId, Error, Store, search};
use crate::engine::TaskStatus;

/// Which open tasks are wanted: what is due first comes first, what is never due comes last.
#[derive(Debug, Clone)]
pub struct QueueFilter<'a> {
    pub organisation: &'a str,
    /// Only tasks of these roles.
    pub roles: &'a BTreeSet<String>,
    pub person: &'a str,
    /// Only what the person has claimed.
    pub mine_only: bool,
    /// Words that the case's number and subject contain.
    pub search: &'a str,
    /// The place of the last row of the page before.
    pub after: Option<QueuePlace>,
    pub limit: u32,
}

/// Where a task stands in its queue: when it is due (`i64::MAX` for never), its case and its
/// number.
pub type QueuePlace = (i64, CaseId, u32);

/// An open task with what a list shows of its case.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueRow {
    pub case: CaseId,
    pub task: u32,
    pub step: String,
    pub role: String,
    pub status: TaskStatus,
    pub claimed_by: Option<String>,
    pub claimed_by_name: Option<String>,
    pub number: String,
    pub procedure: String,
    pub version: u32,
    pub subject: String,
    /// Of the step, as it was offered.
    pub activity: String,
    pub offered_at: Timestamp,
    pub opens_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
}

/// What has no due date comes after everything that has one. Repeated by the indexes.
const DUE: &str = "coalesce(t.due_at, 9223372036854775807)";

/// Of the numbered values: organisation, due, case, task, limit, words; then the person or the
/// roles.
const FIXED: usize = 6;

impl Store {
    pub async fn queue(&self, filter: &QueueFilter<'_>) -> Result<Vec<QueueRow>, Error> {
        let mut reader = self.reader().await?;
        let on = &mut reader.on();
        let rows = page(filter, on.dialect()).fetch_all(on).await?;
        rows.iter().map(queue_row).collect()
    }
}

impl QueueRow {
    /// For [`QueueFilter::after`].
    pub fn place(&self) -> QueuePlace {
        (self.due_at.map_or(i64::MAX, Timestamp::as_microsecond), self.case, self.task)
    }
}

pub(super) fn page<'q>(filter: &'q QueueFilter<'_>, dialect: Dialect) -> Query<'q> {
    let (due, case, task) = filter.after.unwrap_or((i64::MIN, CaseId(uuid::Uuid::nil()), 0));
    let words = search::words(filter.search);
    let is_searched = !words.is_empty();
    let mut binds: Vec<Bind<'q>> = vec![
        filter.organisation.into(),
        due.into(),
        case.into(),
        task.into(),
        filter.limit.into(),
        words.into(),
    ];
    if filter.mine_only {
        binds.push(filter.person.into());
    }
    let first_role = binds.len() + 1;
    binds.extend(filter.roles.iter().map(|role| Bind::from(role.as_str())));
    let roles: Vec<usize> = (first_role..first_role + filter.roles.len()).collect();
    let parts: Vec<String> = if filter.mine_only {
        let any: Vec<String> = roles.iter().map(|place| format!("${place}")).collect();
        // IN () is no SQL to PostgreSQL; nobody's role is empty.
        let any = if any.is_empty() { "''".to_owned() } else { any.join(", ") };
        let whose = format!("t.claimed_by = ${} AND t.role IN ({any})", FIXED + 1);
        vec![part(&whose, is_searched, dialect)]
    } else {
        let of_role = |place| part(&format!("t.role = ${place}"), is_searched, dialect);
        roles.into_iter().map(of_role).collect()
    };
    let parts = if parts.is_empty() { vec![part("1 = 0", false, dialect)] } else { parts };
    let mut text = String::from(
        "SELECT t.case_id, t.task, t.step, t.role, t.status, t.claimed_by, \
         p.name AS claimed_by_name, c.number, c.procedure, c.version, c.subject, t.activity, \
         t.offered_at, t.opens_at, t.due_at FROM (",
    );
    for (place, part) in parts.iter().enumerate() {
        let union = if place == 0 { "" } else { " UNION ALL " };
        // Writing into a String can't fail.
        let _ = write!(text, "{union}SELECT * FROM ({part}) AS part{place}");
    }
    let _ = write!(
        text,
        ") AS t JOIN cases AS c ON c.id = t.case_id LEFT JOIN people AS p ON p.id = t.claimed_by \
         ORDER BY {DUE}, t.case_id, t.task LIMIT $5"
    );
    Query::made(text, binds)
}

/// The first rows of one queue.
fn part(whose: &str, is_searched: bool, dialect: Dialect) -> String {
    let (found, words) = match (is_searched, dialect) {
        // Mentioned all the same: a value that no word of the statement uses has no type.
        (false, Dialect::Sqlite) => ("", "$6 IS NOT NULL"),
        (false, Dialect::Postgres) => ("", "$6::text[] IS NOT NULL"),
        (true, Dialect::Sqlite) => (
            " JOIN cases AS c ON c.id = t.case_id",
            "NOT EXISTS (SELECT 1 FROM json_each($6) AS w WHERE instr(c.search, w.value) = 0)",
        ),
        (true, Dialect::Postgres) => (
            " JOIN cases AS c ON c.id = t.case_id",
            "NOT EXISTS (SELECT 1 FROM unnest($6::text[]) AS w WHERE strpos(c.search, w) = 0)",
        ),
    };
    format!(
        "SELECT t.* FROM tasks AS t{found} WHERE t.closed_at IS NULL AND t.organisation = $1 \
         AND {whose} AND ({DUE}, t.case_id, t.task) > ($2, $3, $4) AND {words} \
         ORDER BY {DUE}, t.case_id, t.task LIMIT $5"
    )
}

fn queue_row(row: &Row) -> Result<QueueRow, Error> {
    Ok(QueueRow {
        case: case_id(row, "case_id")?,
        task: get(row, "task")?,
        step: get(row, "step")?,
        role: get(row, "role")?,
        status: name(row, "status")?,
        claimed_by: get(row, "claimed_by")?,
        claimed_by_name: get(row, "claimed_by_name")?,
        number: get(row, "number")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        subject: get(row, "subject")?,
        activity: get(row, "activity")?,
        offered_at: instant(row, "offered_at")?,
        opens_at: instant_if_any(row, "opens_at")?,
        due_at: instant_if_any(row, "due_at")?,
    })
}
