//! Tasks: every one that a case ever offered. The open ones are the queues (`queue`).

use std::collections::BTreeMap;

use super::columns::{get, instant, instant_if_any, name};
use super::counts::{self, Deltas};
use super::sql::{Kind, On, Row, Rows, Script, query};
use super::{CaseId, Change, Error, Store};
use crate::engine::{Entry, Record, TaskStatus};
use jiff::Timestamp;

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
    pub(crate) reminders: u32,
}

/// What never changes about a task, open or closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPlace {
    pub organisation: String,
    pub procedure: String,
    pub version: u32,
    pub step: String,
    pub role: String,
}

const PLACE: &str = "\
SELECT t.organisation, t.procedure, c.version, t.step, t.role
  FROM tasks AS t JOIN cases AS c ON c.id = t.case_id WHERE t.case_id = $1 AND t.task = $2";

const OF_CASE: &str = "SELECT * FROM tasks WHERE case_id = $1 ORDER BY task";

const INSERT: &str = "\
INSERT INTO tasks (case_id, task, organisation, procedure, step, role, status, claimed_by,
                   activity, offered_at, opens_at, due_at, closed_at, reminders)
SELECT case_id, task, organisation, procedure, step, role, status, claimed_by, activity,
       offered_at, opens_at, due_at, closed_at, reminders
  FROM {rows}";

const OFFERED: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("task", Kind::Int),
    ("organisation", Kind::Text),
    ("procedure", Kind::Text),
    ("step", Kind::Text),
    ("role", Kind::Text),
    ("status", Kind::Text),
    ("claimed_by", Kind::Text),
    ("activity", Kind::Text),
    ("offered_at", Kind::Int),
    ("opens_at", Kind::Int),
    ("due_at", Kind::Int),
    ("closed_at", Kind::Int),
    ("reminders", Kind::Int),
];

pub(super) const UPDATE: &str = "\
UPDATE tasks SET status = v.status, claimed_by = v.claimed_by, closed_at = v.closed_at
  FROM {rows}
 WHERE tasks.case_id = v.case_id AND tasks.task = v.task";

// Those that go to another place in the queues, with all that may change about them: PostgreSQL changes a
// row once in a statement, and a script is one.
const MOVE: &str = "\
UPDATE tasks SET status = v.status, claimed_by = v.claimed_by, closed_at = v.closed_at,
                 role = v.role, due_at = v.due_at, reminders = v.reminders
  FROM {rows}
 WHERE tasks.case_id = v.case_id AND tasks.task = v.task";

const MOVED: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("task", Kind::Int),
    ("status", Kind::Text),
    ("claimed_by", Kind::Text),
    ("closed_at", Kind::Int),
    ("role", Kind::Text),
    ("due_at", Kind::Int),
    ("reminders", Kind::Int),
];

pub(super) const CHANGED: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("task", Kind::Int),
    ("status", Kind::Text),
    ("claimed_by", Kind::Text),
    ("closed_at", Kind::Int),
];

impl Store {
    /// Where a task belongs: enough to know who may see it, without reading its case.
    pub async fn task_place(&self, case: &CaseId, task: u32) -> Result<Option<TaskPlace>, Error> {
        let query = query(PLACE).bind(case).bind(task);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        let place = |row: Row| {
            Ok(TaskPlace {
                organisation: get(&row, "organisation")?,
                procedure: get(&row, "procedure")?,
                version: get(&row, "version")?,
                step: get(&row, "step")?,
                role: get(&row, "role")?,
            })
        };
        row.map(place).transpose()
    }
}

/// The task that an entry moves to another place in the queues.
fn moves(entry: &Entry) -> Option<u32> {
    match entry {
        Entry::TaskEscalated { task, .. } => Some(*task),
        Entry::Reminded { task, .. }
        | Entry::TermSuspended { task, .. }
        | Entry::TermResumed { task, .. } => *task,
        _ => None,
    }
}

fn moved(mut row: TaskRow, entry: &Entry) -> TaskRow {
    match entry {
        Entry::TaskEscalated { role, .. } => row.role.clone_from(role),
        Entry::Reminded { .. } => row.reminders += 1,
        Entry::TermSuspended { .. } => row.due_at = None,
        Entry::TermResumed { until, .. } => row.due_at = Some(*until),
        _ => {}
    }
    row
}

fn is_moved(before: &TaskRow, after: &TaskRow) -> bool {
    (&before.role, before.due_at, before.reminders) != (&after.role, after.due_at, after.reminders)
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
            Entry::TaskOffered { task, step, role, opens_at, due_at, .. } => {
                let row = TaskRow {
                    step: step.clone(),
                    role: role.clone(),
                    status: TaskStatus::Offered,
                    claimed_by: None,
                    offered_at: record.at,
                    opens_at: *opens_at,
                    due_at: *due_at,
                    closed_at: None,
                    reminders: 0,
                };
                touched.insert(*task, row);
                continue;
            }
            entry if moves(entry).is_some() => {
                let task = moves(entry).unwrap_or_default();
                let row = touched.remove(&task).or_else(|| known.get(&task).cloned());
                touched.extend(row.map(|row| (task, moved(row, entry))));
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

pub(super) async fn all(on: &mut On<'_>, id: &CaseId) -> Result<BTreeMap<u32, TaskRow>, Error> {
    let rows = query(OF_CASE).bind(id).fetch_all(on).await?;
    rows.iter().map(|row| Ok((get(row, "task")?, task_row(row)?))).collect()
}

/// A change, the tasks that were open before it, and those that it touches.
pub(super) type Touched<'a> = (&'a Change<'a>, BTreeMap<u32, TaskRow>, BTreeMap<u32, TaskRow>);

pub(super) fn touched<'a>(changes: &'a [Change<'a>]) -> Vec<Touched<'a>> {
    let touched = changes.iter().map(|change| {
        let known = change.before.map(open_tasks).unwrap_or_default();
        let touched = tasks_after(&known, change.records);
        (change, known, touched)
    });
    touched.collect()
}

/// Answers by how much the numbers of open tasks change.
pub(super) fn write<'a>(script: &mut Script<'a>, touched: &'a [Touched<'a>]) -> Deltas {
    let mut deltas = Deltas::new();
    let (mut offered, mut changed) = (Rows::of(OFFERED), Rows::of(CHANGED));
    let mut moved = Rows::of(MOVED);
    let mut first = None;
    for (change, known, touched) in touched {
        for (task, row) in touched {
            // Each in its own queue: it may have gone to another.
            if let Some(before) = known.get(task) {
                counts::add(&mut deltas, change, before, -1);
            }
            counts::add(&mut deltas, change, row, i64::from(row.status.is_open()));
            if let Some(before) = known.get(task) {
                first = first.or(Some(change.case));
                if is_moved(before, row) {
                    moved.push([
                        change.case.into(),
                        (*task).into(),
                        row.status.name().into(),
                        row.claimed_by.as_deref().into(),
                        row.closed_at.map(Timestamp::as_microsecond).into(),
                        (&row.role).into(),
                        row.due_at.map(Timestamp::as_microsecond).into(),
                        row.reminders.into(),
                    ]);
                    continue;
                }
                changed.push([
                    change.case.into(),
                    (*task).into(),
                    row.status.name().into(),
                    row.claimed_by.as_deref().into(),
                    row.closed_at.map(Timestamp::as_microsecond).into(),
                ]);
            } else {
                offer(&mut offered, change, *task, row);
            }
        }
    }
    let missing = move || {
        let case = first.map(ToString::to_string).unwrap_or_default();
        Error::damaged(format!("a task of case {case} is missing"))
    };
    script.add_exact(UPDATE, changed, missing);
    script.add_exact(MOVE, moved, missing);
    script.add(INSERT, offered);
    deltas
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
            reminders: task.reminders,
        };
        (*number, row)
    });
    rows.collect()
}

fn offer<'a>(rows: &mut Rows<'a>, change: &Change<'a>, task: u32, row: &'a TaskRow) {
    rows.push([
        change.case.into(),
        task.into(),
        change.organisation.into(),
        (&change.after.procedure).into(),
        (&row.step).into(),
        (&row.role).into(),
        row.status.name().into(),
        row.claimed_by.as_deref().into(),
        change.activities.get(&task).map_or("", String::as_str).into(),
        row.offered_at.as_microsecond().into(),
        row.opens_at.map(Timestamp::as_microsecond).into(),
        row.due_at.map(Timestamp::as_microsecond).into(),
        row.closed_at.map(Timestamp::as_microsecond).into(),
        row.reminders.into(),
    ]);
}

fn task_row(row: &Row) -> Result<TaskRow, Error> {
    Ok(TaskRow {
        step: get(row, "step")?,
        role: get(row, "role")?,
        status: name(row, "status")?,
        claimed_by: get(row, "claimed_by")?,
        offered_at: instant(row, "offered_at")?,
        opens_at: instant_if_any(row, "opens_at")?,
        due_at: instant_if_any(row, "due_at")?,
        closed_at: instant_if_any(row, "closed_at")?,
        reminders: get(row, "reminders")?,
    })
}
