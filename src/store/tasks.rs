//! Tasks: every one that a case ever offered; the open ones are the queues.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::cases::case_id;
use super::columns::{get, instant, instant_if_any, name, to_json};
use super::{CaseId, Change, Error, Store, search};
use crate::engine::{Entry, Record, TaskStatus};

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

/// A task as its case's journal tells it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TaskRow {
    pub(crate) step: String,
    pub(crate) role: String,
    pub(crate) status: TaskStatus,
    pub(crate) claimed_by: Option<String>,
    pub(crate) offered_at: Timestamp,
    pub(crate) opens_at: Option<Timestamp>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
}

macro_rules! queue {
    ($whose:literal) => {
        concat!(
            "SELECT t.case_id, t.task, t.step, t.role, t.status, t.claimed_by, ",
            "p.name AS claimed_by_name, c.number, c.procedure, c.version, c.subject, t.activity, ",
            "t.offered_at, t.opens_at, t.due_at ",
            "FROM tasks AS t JOIN cases AS c ON c.id = t.case_id ",
            "LEFT JOIN people AS p ON p.id = t.claimed_by ",
            "WHERE t.closed_at IS NULL AND t.organisation = $1 ",
            "AND t.role IN (SELECT value FROM json_each($2)) ",
            $whose,
            "AND NOT EXISTS (SELECT 1 FROM json_each($3) AS w WHERE instr(c.search, w.value) = 0) ",
            "AND (coalesce(t.due_at, 9223372036854775807), t.case_id, t.task) > ($4, $5, $6) ",
            "ORDER BY coalesce(t.due_at, 9223372036854775807), t.case_id, t.task LIMIT $7"
        )
    };
}

// Two texts, so that each finds its index.
pub(super) const QUEUE: &str = queue!("");
pub(super) const MINE: &str = queue!("AND t.claimed_by = $8 ");

const OF_CASE: &str = "SELECT * FROM tasks WHERE case_id = $1 ORDER BY task";

const INSERT: &str = "\
INSERT INTO tasks (case_id, task, organisation, procedure, step, role, status, claimed_by,
                   activity, offered_at, opens_at, due_at, closed_at)
SELECT value ->> 'case', value ->> 'task', value ->> 'organisation', value ->> 'procedure',
       value ->> 'step', value ->> 'role', value ->> 'status', value ->> 'claimed_by',
       value ->> 'activity', value ->> 'offered_at', value ->> 'opens_at', value ->> 'due_at',
       value ->> 'closed_at'
  FROM jsonb_each($1)";

pub(super) const UPDATE: &str = "\
UPDATE tasks SET status = value ->> 'status', claimed_by = value ->> 'claimed_by',
                 closed_at = value ->> 'closed_at'
  FROM jsonb_each($1)
 WHERE tasks.case_id = value ->> 'case' AND tasks.task = value ->> 'task'";

#[derive(Serialize)]
struct Row<'a> {
    case: &'a CaseId,
    task: u32,
    organisation: &'a str,
    procedure: &'a str,
    step: &'a str,
    role: &'a str,
    status: TaskStatus,
    claimed_by: Option<&'a str>,
    activity: &'a str,
    offered_at: i64,
    opens_at: Option<i64>,
    due_at: Option<i64>,
    closed_at: Option<i64>,
}

impl Store {
    pub async fn queue(&self, filter: &QueueFilter<'_>) -> Result<Vec<QueueRow>, Error> {
        let after = filter.after.map(|(due, case, task)| (due, case.to_string(), task));
        let (due, case, task) = after.unwrap_or((i64::MIN, String::new(), 0));
        let query = sqlx::query(if filter.mine_only { MINE } else { QUEUE })
            .bind(filter.organisation)
            .bind(to_json(filter.roles)?)
            .bind(search::words(filter.search))
            .bind(due)
            .bind(case)
            .bind(task)
            .bind(filter.limit);
        let query = if filter.mine_only { query.bind(filter.person) } else { query };
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(queue_row).collect()
    }
}

impl QueueRow {
    /// For [`QueueFilter::after`].
    pub fn place(&self) -> QueuePlace {
        (self.due_at.map_or(i64::MAX, Timestamp::as_microsecond), self.case, self.task)
    }
}

/// The tasks that a stretch of a journal touches, as they are after it. What was offered earlier is
/// taken from `known`.
pub(crate) fn tasks_after(
    known: &BTreeMap<u32, TaskRow>,
    records: &[Record],
) -> BTreeMap<u32, TaskRow> {
    let mut touched: BTreeMap<u32, TaskRow> = BTreeMap::new();
    for record in records {
        let (task, status, claimed_by) = match &record.entry {
            Entry::TaskOffered { task, step, role, opens_at, due_at } => {
                let row = TaskRow {
                    step: step.clone(),
                    role: role.clone(),
                    status: TaskStatus::Offered,
                    claimed_by: None,
                    offered_at: record.at,
                    opens_at: *opens_at,
                    due_at: *due_at,
                    closed_at: None,
                };
                touched.insert(*task, row);
                continue;
            }
            Entry::TaskClaimed { task } => (*task, TaskStatus::Claimed, Some(&record.actor)),
            Entry::TaskCompleted { task, .. } => {
                (*task, TaskStatus::Completed, Some(&record.actor))
            }
            Entry::TaskReleased { task } => (*task, TaskStatus::Offered, None),
            Entry::TaskWithdrawn { task } => (*task, TaskStatus::Withdrawn, None),
            _ => continue,
        };
        let row = touched.remove(&task).or_else(|| known.get(&task).cloned());
        let Some(row) = row else { continue };
        let closed_at = (!status.is_open()).then_some(record.at);
        touched.insert(task, TaskRow { status, claimed_by: claimed_by.cloned(), closed_at, ..row });
    }
    touched
}

pub(super) async fn all(
    on: &mut SqliteConnection,
    id: &CaseId,
) -> Result<BTreeMap<u32, TaskRow>, Error> {
    let rows = sqlx::query(OF_CASE).bind(id.to_string()).fetch_all(on).await?;
    rows.iter().map(|row| Ok((get(row, "task")?, task_row(row)?))).collect()
}

pub(super) async fn write(on: &mut SqliteConnection, changes: &[Change<'_>]) -> Result<(), Error> {
    let touched: Vec<_> = changes
        .iter()
        .map(|change| {
            let known = change.before.map(open_tasks).unwrap_or_default();
            let touched = tasks_after(&known, change.records);
            (change, known, touched)
        })
        .collect();
    let (mut offered, mut changed) = (Vec::new(), Vec::new());
    for (change, known, touched) in &touched {
        for (task, row) in touched {
            let rows = if known.contains_key(task) { &mut changed } else { &mut offered };
            rows.push(row_of(change, *task, row));
        }
    }
    if let Some(first) = changed.first() {
        let done = sqlx::query(UPDATE).bind(to_json(&changed)?).execute(&mut *on).await?;
        if done.rows_affected() != changed.len() as u64 {
            return Err(Error::damaged(format!("a task of case {} is missing", first.case)));
        }
    }
    if !offered.is_empty() {
        sqlx::query(INSERT).bind(to_json(&offered)?).execute(on).await?;
    }
    Ok(())
}

fn open_tasks(before: &super::CaseRow) -> BTreeMap<u32, TaskRow> {
    let rows = before.state.tasks.iter().map(|(number, task)| {
        let row = TaskRow {
            step: task.step.clone(),
            role: task.role.clone(),
            status: task.status,
            claimed_by: task.claimed_by.clone(),
            offered_at: task.offered_at,
            opens_at: task.opens_at,
            due_at: task.due_at,
            closed_at: None,
        };
        (*number, row)
    });
    rows.collect()
}

fn row_of<'a>(change: &'a Change<'_>, task: u32, row: &'a TaskRow) -> Row<'a> {
    Row {
        case: change.case,
        task,
        organisation: change.organisation,
        procedure: &change.after.procedure,
        step: &row.step,
        role: &row.role,
        status: row.status,
        claimed_by: row.claimed_by.as_deref(),
        activity: change.activities.get(&task).map_or("", String::as_str),
        offered_at: row.offered_at.as_microsecond(),
        opens_at: row.opens_at.map(Timestamp::as_microsecond),
        due_at: row.due_at.map(Timestamp::as_microsecond),
        closed_at: row.closed_at.map(Timestamp::as_microsecond),
    }
}

fn task_row(row: &SqliteRow) -> Result<TaskRow, Error> {
    Ok(TaskRow {
        step: get(row, "step")?,
        role: get(row, "role")?,
        status: name(row, "status")?,
        claimed_by: get(row, "claimed_by")?,
        offered_at: instant(row, "offered_at")?,
        opens_at: instant_if_any(row, "opens_at")?,
        due_at: instant_if_any(row, "due_at")?,
        closed_at: instant_if_any(row, "closed_at")?,
    })
}

fn queue_row(row: &SqliteRow) -> Result<QueueRow, Error> {
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
