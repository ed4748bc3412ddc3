//! Tasks that are stuck: past due, waiting for long, claimed by somebody who has left, or of a role
//! that nobody holds.
//!
//! All have a day from which they count as stuck: when they were due, or a week after they were
//! offered. The longest stuck comes first. Each step of a procedure gives its first rows, and the
//! first of those are the page, as in the queues.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::Timestamp;

use super::columns::{case_id, get, instant, instant_if_any, name};
use super::sql::{Bind, Dialect, Kind, On, Query, Row, Rows, query};
use super::{CaseId, Error, OpenCount, QueuePlace, Store};
use crate::engine::TaskStatus;

/// Which tasks are wanted, the longest stuck first.
#[derive(Debug, Clone)]
pub struct StuckFilter<'a> {
    pub organisation: &'a str,
    /// The steps that are looked at; at most 400 of them.
    pub steps: &'a [StuckStep],
    pub now: Timestamp,
    /// The place of the last row of the page before.
    pub after: Option<QueuePlace>,
    pub limit: u32,
}

/// A step of a procedure, for one of its roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StuckStep {
    pub procedure: String,
    pub step: String,
    pub role: String,
    /// Nobody can claim its tasks: all of them are stuck.
    pub is_orphan: bool,
}

/// A task that is stuck, with what a list shows of its case.
#[derive(Debug, Clone, PartialEq)]
pub struct StuckRow {
    pub case: CaseId,
    pub task: u32,
    pub step: String,
    pub role: String,
    pub status: TaskStatus,
    pub claimed_by: Option<String>,
    pub claimed_by_name: Option<String>,
    /// Who claimed it can still sign in.
    pub is_holder_active: bool,
    pub number: String,
    pub procedure: String,
    pub version: u32,
    pub subject: String,
    pub offered_at: Timestamp,
    pub due_at: Option<Timestamp>,
    /// From when on it counts as stuck.
    pub stuck_at: Timestamp,
}

/// A week without a term. Repeated by the index.
const STUCK_AT: &str = "coalesce(t.due_at, t.offered_at + 604800000000)";

/// SQLite takes no more parts of one list.
const MOST_STEPS: usize = 400;

/// Tasks of one former colleague that are looked at.
const MOST_LEFT: i64 = 1_000;

const COLUMNS: &str = "\
SELECT t.case_id, t.task, t.step, t.role, t.status, t.claimed_by, p.name AS claimed_by_name,
       coalesce(p.is_active, p.id IS NULL) AS is_holder_active, c.number, c.procedure, c.version,
       c.subject, t.offered_at, t.due_at, ";

/// Who has left and has something all the same.
const LEFT: &str = "\
SELECT p.id FROM people AS p WHERE p.organisation = $1 AND NOT p.is_active
   AND EXISTS (SELECT 1 FROM tasks AS t WHERE t.claimed_by = p.id AND t.closed_at IS NULL)
 ORDER BY p.id LIMIT 50";

const HELD: &str = "\
SELECT DISTINCT r.role FROM people AS p JOIN person_roles AS r ON r.person = p.id
 WHERE p.organisation = $1 AND p.is_active ORDER BY r.role LIMIT 10000";

const COUNT: &str = "\
SELECT v.procedure, v.step, v.role,
       (SELECT count(*) FROM
          (SELECT 1 FROM tasks AS t
            WHERE t.closed_at IS NULL AND t.organisation = v.organisation
              AND t.procedure = v.procedure AND t.step = v.step AND t.role = v.role
              AND coalesce(t.due_at, t.offered_at + 604800000000) < v.now
            LIMIT 101) AS first) AS stuck
  FROM {rows}";

const STEPS: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("procedure", Kind::Text),
    ("step", Kind::Text),
    ("role", Kind::Text),
    ("now", Kind::Int),
];

impl Store {
    /// The roles that somebody holds who can sign in.
    pub async fn held_roles(&self, organisation: &str) -> Result<BTreeSet<String>, Error> {
        let query = query(HELD).bind(organisation);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(|row| get(row, "role")).collect()
    }

    pub async fn stuck(&self, filter: &StuckFilter<'_>) -> Result<Vec<StuckRow>, Error> {
        let mut reader = self.reader().await?;
        let on = &mut reader.on();
        let mut rows = Vec::new();
        if !filter.steps.is_empty() {
            let seen = at_steps(filter, on.dialect()).fetch_all(on).await?;
            for row in &seen {
                rows.push(stuck_row(row)?);
            }
        }
        rows.extend(left_behind(on, filter).await?);
        rows.sort_by_key(StuckRow::place);
        rows.dedup_by_key(|row| row.place());
        rows.truncate(filter.limit as usize);
        Ok(rows)
    }

    /// How many tasks of each step (procedure, step, role) are past their day; beyond a hundred they
    /// are not counted.
    pub async fn stuck_counts(
        &self,
        organisation: &str,
        steps: &[OpenCount],
        now: Timestamp,
    ) -> Result<BTreeMap<(String, String, String), u32>, Error> {
        let mut wanted = Rows::of(STEPS);
        for step in steps {
            wanted.push([
                organisation.into(),
                (&step.procedure).into(),
                (&step.step).into(),
                (&step.role).into(),
                now.as_microsecond().into(),
            ]);
        }
        let rows = wanted.fetch_all(COUNT, &mut self.reader().await?.on()).await?;
        let from_row = |row| {
            let of = (get(row, "procedure")?, get(row, "step")?, get(row, "role")?);
            Ok((of, get(row, "stuck")?))
        };
        rows.iter().map(from_row).collect()
    }
}

impl StuckRow {
    /// For [`StuckFilter::after`].
    pub fn place(&self) -> QueuePlace {
        (self.stuck_at.as_microsecond(), self.case, self.task)
    }
}

fn start(filter: &StuckFilter<'_>) -> QueuePlace {
    filter.after.unwrap_or((i64::MIN, CaseId(uuid::Uuid::nil()), 0))
}

/// What is stuck at the steps, whoever has it.
pub(super) fn at_steps<'q>(filter: &StuckFilter<'q>, dialect: Dialect) -> Query<'q> {
    let (at, case, task) = start(filter);
    let now = filter.now.as_microsecond();
    let mut binds: Vec<Bind<'q>> =
        vec![filter.organisation.into(), at.into(), case.into(), task.into(), filter.limit.into()];
    let part = |step: [&str; 4]| {
        let [procedure, number, role, until] = step;
        format!(
            "SELECT t.case_id, t.task, {STUCK_AT} AS stuck_at FROM tasks AS t \
             WHERE t.closed_at IS NULL AND t.organisation = $1 AND t.procedure = {procedure} \
             AND t.step = {number} AND t.role = {role} AND {STUCK_AT} < {until} \
             AND {STUCK_AT} >= $2 AND ({STUCK_AT}, t.case_id, t.task) > ($2, $3, $4) \
             ORDER BY {STUCK_AT}, t.case_id, t.task LIMIT $5"
        )
    };
    let steps = filter.steps.iter().take(MOST_STEPS);
    let until = |step: &StuckStep| if step.is_orphan { i64::MAX } else { now };
    let mut text = format!("{COLUMNS}k.stuck_at FROM (SELECT * FROM (");
    if dialect == Dialect::Postgres {
        let (mut texts, mut ends) = ([Vec::new(), Vec::new(), Vec::new()], Vec::new());
        for step in steps {
            texts[0].push(step.procedure.clone());
            texts[1].push(step.step.clone());
            texts[2].push(step.role.clone());
            ends.push(until(step).to_string());
        }
        binds.extend(texts.into_iter().map(Bind::from));
        binds.push(ends.into());
        // Writing into a String can't fail.
        let _ = write!(
            text,
            "SELECT k.* FROM unnest($6::text[], $7::text[], $8::text[], $9::text[]) \
             AS v (procedure, step, role, until) CROSS JOIN LATERAL ({}) AS k",
            part(["v.procedure", "v.step", "v.role", "v.until::bigint"])
        );
    } else {
        for (place, step) in steps.enumerate() {
            let first = binds.len() + 1;
            binds.extend([
                Bind::from(&step.procedure),
                Bind::from(&step.step),
                Bind::from(&step.role),
                Bind::from(until(step)),
            ]);
            let [a, b, c, d] = [0, 1, 2, 3].map(|next| format!("${}", first + next));
            let union = if place == 0 { "" } else { " UNION ALL " };
            let _ = write!(text, "{union}SELECT * FROM ({})", part([&a, &b, &c, &d]));
        }
    }
    text.push_str(
        ") AS parts ORDER BY stuck_at, case_id, task LIMIT $5) AS k CROSS JOIN tasks AS t \
         CROSS JOIN cases AS c LEFT JOIN people AS p ON p.id = t.claimed_by \
         WHERE t.case_id = k.case_id AND t.task = k.task AND c.id = k.case_id \
         ORDER BY k.stuck_at, k.case_id, k.task",
    );
    Query::made(text, binds)
}

/// What people have who have left.
async fn left_behind(on: &mut On<'_>, filter: &StuckFilter<'_>) -> Result<Vec<StuckRow>, Error> {
    let left = query(LEFT).bind(filter.organisation).fetch_all(on).await?;
    let mut found = Vec::new();
    for person in &left {
        let (at, case, task) = start(filter);
        let text = format!(
            "{COLUMNS}{STUCK_AT} AS stuck_at FROM (SELECT * FROM tasks WHERE claimed_by = $1 \
             AND closed_at IS NULL LIMIT {MOST_LEFT}) AS t JOIN cases AS c ON c.id = t.case_id \
             LEFT JOIN people AS p ON p.id = t.claimed_by \
             WHERE ({STUCK_AT}, t.case_id, t.task) > ($2, $3, $4) \
             ORDER BY {STUCK_AT}, t.case_id, t.task LIMIT $5"
        );
        let id: &str = get(person, "id")?;
        let binds = vec![id.into(), at.into(), case.into(), task.into(), filter.limit.into()];
        for row in &Query::made(text, binds).fetch_all(on).await? {
            found.push(stuck_row(row)?);
        }
    }
    found.retain(|row| {
        let mut steps = filter.steps.iter();
        steps.any(|step| step.procedure == row.procedure && step.step == row.step)
    });
    Ok(found)
}

fn stuck_row(row: &Row) -> Result<StuckRow, Error> {
    Ok(StuckRow {
        case: case_id(row, "case_id")?,
        task: get(row, "task")?,
        step: get(row, "step")?,
        role: get(row, "role")?,
        status: name(row, "status")?,
        claimed_by: get(row, "claimed_by")?,
        claimed_by_name: get(row, "claimed_by_name")?,
        is_holder_active: get(row, "is_holder_active")?,
        number: get(row, "number")?,
        procedure: get(row, "procedure")?,
        version: get(row, "version")?,
        subject: get(row, "subject")?,
        offered_at: instant(row, "offered_at")?,
        due_at: instant_if_any(row, "due_at")?,
        stuck_at: instant(row, "stuck_at")?,
    })
}
