//! The queues: open tasks, what is due first coming first.
//!
//! A person has several roles, and a queue is sorted within one role: so each role gives its first
//! rows, and the first of those are the page. However many tasks wait, a page costs a few rows a
//! role.
//!
//! Words that few cases have lead to their tasks; for others the queue is looked through, as far as
//! one page may go.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::Timestamp;

use super::columns::{case_id, get, instant, instant_if_any, name};
use super::sql::{Bind, Dialect, Kind, On, Query, Row, Rows};
use super::words::{self, CasePlace, Trail};
use super::{CaseId, Error, Page, Store, search};
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
    /// Beginnings of words that the case's number and subject contain.
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
    /// How often somebody was reminded of it.
    pub reminders: u32,
}

/// What has no due date comes after everything that has one. Repeated by the indexes.
const DUE: &str = "coalesce(t.due_at, 9223372036854775807)";

const WANTED: &[(&str, Kind)] = &[("id", Kind::Id)];

const COLUMNS: &str = "\
SELECT t.case_id, t.task, t.step, t.role, t.status, t.claimed_by, p.name AS claimed_by_name,
       c.number, c.procedure, c.version, c.subject, t.activity, t.offered_at, t.opens_at,
       t.due_at, t.reminders";

/// Open tasks of some cases.
const OF_CASES: &str = "\
SELECT t.case_id, t.task, t.step, t.role, t.status, t.claimed_by, p.name AS claimed_by_name,
       c.number, c.procedure, c.version, c.subject, c.search, t.activity, t.offered_at,
       t.opens_at, t.due_at, t.reminders
  FROM {rows} CROSS JOIN tasks AS t CROSS JOIN cases AS c
  LEFT JOIN people AS p ON p.id = t.claimed_by
 WHERE t.case_id = v.id AND t.closed_at IS NULL AND c.id = t.case_id";

/// How many tasks of a queue are looked at for words that many cases have: a few, then more. A page
/// that is not full then ends early.
const LOOKED_AT: [u32; 2] = [60, 240];

impl Store {
    pub async fn queue(&self, filter: &QueueFilter<'_>) -> Result<Vec<QueueRow>, Error> {
        Ok(self.queue_page(filter).await?.rows)
    }

    pub async fn queue_page(
        &self,
        filter: &QueueFilter<'_>,
    ) -> Result<Page<QueueRow, QueuePlace>, Error> {
        let mut reader = self.reader().await?;
        let on = &mut reader.on();
        let beginnings = search::beginnings(filter.search);
        let rows = if beginnings.is_empty() {
            rows(on, filter, &[], filter.limit + 1).await?
        } else {
            match words::trail(on, filter.organisation, &beginnings).await? {
                Trail::Few(places) => of_cases(on, filter, &beginnings, &places).await?,
                _ => return looked_through(on, filter, &beginnings).await,
            }
        };
        Ok(cut(rows, filter.limit, None))
    }
}

/// Asks for the first `looked_at` tasks of the queue, and of these for those that fit.
async fn rows(
    on: &mut On<'_>,
    filter: &QueueFilter<'_>,
    beginnings: &[String],
    looked_at: u32,
) -> Result<Vec<QueueRow>, Error> {
    let found = page(filter, beginnings, looked_at, on.dialect()).fetch_all(on).await?;
    found.iter().map(queue_row).collect()
}

/// The tasks of the few cases that have a word.
async fn of_cases(
    on: &mut On<'_>,
    filter: &QueueFilter<'_>,
    beginnings: &[String],
    places: &[CasePlace],
) -> Result<Vec<QueueRow>, Error> {
    let mut ids = Rows::of(WANTED);
    for (_, id) in places {
        ids.push([id.into()]);
    }
    let mut rows = Vec::new();
    for row in &ids.fetch_all(OF_CASES, on).await? {
        let line: &str = get(row, "search")?;
        if beginnings.iter().all(|word| search::has(line, word)) {
            rows.push(queue_row(row)?);
        }
    }
    rows.retain(|row| is_wanted(filter, row));
    rows.sort_by_key(QueueRow::place);
    Ok(rows)
}

async fn looked_through(
    on: &mut On<'_>,
    filter: &QueueFilter<'_>,
    beginnings: &[String],
) -> Result<Page<QueueRow, QueuePlace>, Error> {
    let (mut found, mut filter) = (Vec::new(), filter.clone());
    for looked_at in LOOKED_AT {
        found.extend(rows(on, &filter, beginnings, looked_at).await?);
        if found.len() > filter.limit as usize {
            break;
        }
        let last = last(&filter, looked_at).fetch_optional(on).await?;
        let Some(last) = last else { return Ok(cut(found, filter.limit, None)) };
        let place = (get(&last, "due")?, case_id(&last, "case_id")?, get(&last, "task")?);
        filter.after = Some(place);
    }
    Ok(cut(found, filter.limit, filter.after))
}

/// The first rows, and where to go on: after them, or after all that was looked at.
fn cut(mut rows: Vec<QueueRow>, limit: u32, end: Option<QueuePlace>) -> Page<QueueRow, QueuePlace> {
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| has_more).map(QueueRow::place).or(end);
    Page { rows, next }
}

/// Whether a task is in the queue, and behind the page before.
fn is_wanted(filter: &QueueFilter<'_>, row: &QueueRow) -> bool {
    filter.roles.contains(&row.role)
        && filter.after.is_none_or(|after| row.place() > after)
        && (!filter.mine_only || row.claimed_by.as_deref() == Some(filter.person))
}

impl QueueRow {
    /// For [`QueueFilter::after`].
    pub fn place(&self) -> QueuePlace {
        (self.due_at.map_or(i64::MAX, Timestamp::as_microsecond), self.case, self.task)
    }
}

/// The first `looked_at` tasks of the queue, less those whose cases don't have the words.
pub(super) fn page<'q>(
    filter: &'q QueueFilter<'_>,
    beginnings: &[String],
    looked_at: u32,
    dialect: Dialect,
) -> Query<'q> {
    let (keys, mut binds) = keys(filter, looked_at);
    let mut text = format!(
        "{COLUMNS} FROM ({keys}) AS k CROSS JOIN tasks AS t CROSS JOIN cases AS c \
         LEFT JOIN people AS p ON p.id = t.claimed_by \
         WHERE t.case_id = k.case_id AND t.task = k.task AND c.id = k.case_id"
    );
    words::push_has(&mut text, &mut binds, beginnings, dialect);
    text.push_str(" ORDER BY k.due, k.case_id, k.task");
    Query::made(text, binds)
}

/// The place of the last task of so many; nothing when there are fewer.
fn last<'q>(filter: &'q QueueFilter<'_>, looked_at: u32) -> Query<'q> {
    let (keys, mut binds) = keys(filter, looked_at);
    binds.push((looked_at - 1).into());
    let place = binds.len();
    let text = format!(
        "SELECT k.due, k.case_id, k.task FROM ({keys}) AS k \
         ORDER BY k.due, k.case_id, k.task LIMIT 1 OFFSET ${place}"
    );
    Query::made(text, binds)
}

/// Where the first tasks of the queue are: read out of the index alone.
fn keys<'q>(filter: &'q QueueFilter<'_>, limit: u32) -> (String, Vec<Bind<'q>>) {
    let (due, case, task) = filter.after.unwrap_or((i64::MIN, CaseId(uuid::Uuid::nil()), 0));
    let mut binds: Vec<Bind<'q>> =
        vec![filter.organisation.into(), due.into(), case.into(), task.into(), limit.into()];
    let person = binds.len() + 1;
    if filter.mine_only {
        binds.push(filter.person.into());
    }
    let first_role = binds.len() + 1;
    binds.extend(filter.roles.iter().map(|role| Bind::from(role.as_str())));
    let roles = first_role..first_role + filter.roles.len();
    let parts: Vec<String> = if filter.mine_only {
        let any: Vec<String> = roles.map(|place| format!("${place}")).collect();
        // IN () is no SQL to PostgreSQL; nobody's role is empty.
        let any = if any.is_empty() { "''".to_owned() } else { any.join(", ") };
        vec![part(&format!("t.claimed_by = ${person} AND t.role IN ({any})"))]
    } else {
        roles.map(|place| part(&format!("t.role = ${place}"))).collect()
    };
    let parts = if parts.is_empty() { vec![part("1 = 0")] } else { parts };
    let mut text = "SELECT * FROM (".to_owned();
    for (place, part) in parts.iter().enumerate() {
        let union = if place == 0 { "" } else { " UNION ALL " };
        // Writing into a String can't fail.
        let _ = write!(text, "{union}SELECT * FROM ({part}) AS part{place}");
    }
    text.push_str(") AS parts ORDER BY due, case_id, task LIMIT $5");
    (text, binds)
}

/// The first rows of one queue. The bound on `due` alone is said twice: SQLite finds its way into an
/// index by an expression, but not by several values that begin with one.
fn part(whose: &str) -> String {
    format!(
        "SELECT t.case_id, t.task, {DUE} AS due FROM tasks AS t \
         WHERE t.closed_at IS NULL AND t.organisation = $1 AND {whose} \
         AND {DUE} >= $2 AND ({DUE}, t.case_id, t.task) > ($2, $3, $4) \
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
        reminders: get(row, "reminders")?,
    })
}
