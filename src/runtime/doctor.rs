//! The doctor: compares everything that is stored twice, and heals nothing.
//!
//! The journal is what happened; the state, the tasks, the documents and the numbers are kept
//! beside it so that they can be read quickly. The doctor folds each journal again and says where
//! they differ. Safe beside a running writer: every case is looked at as it was at one moment.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::verify::breach;
use super::{Error, Runtime};
use crate::engine::{
    Block, BlockStatus, CaseStatus, Entry, Holder, Issued, Job, Place, Record, State, Task, replay,
};
use crate::store::{
    self, CaseId, CaseRow, DocumentRow, JobRow, MovementRow, NumberRow, STOP, Snapshot, TaskRow,
    assigned, in_line, issued, moved, subscribed, tasks_after,
};

/// Cases whose ids are fetched at once.
const PAGE: u32 = 500;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ailment {
    /// None: of the database as a whole.
    pub case: Option<CaseId>,
    /// The case's number, or nothing.
    pub number: String,
    pub what: String,
}

/// What is stored of a case, all of one moment.
struct Chart {
    row: CaseRow,
    journal: Vec<Record>,
    tasks: BTreeMap<u32, TaskRow>,
    documents: Vec<DocumentRow>,
    numbers: Vec<NumberRow>,
    movements: Vec<MovementRow>,
    /// When each watch's timer fires.
    timers: BTreeMap<u32, Timestamp>,
    /// What it listens for: whether a signal, its name and key.
    subscriptions: BTreeMap<u32, (bool, String, String)>,
    /// What it waits for or has in line: the name, and whether it has it.
    locks: BTreeMap<u32, (String, bool)>,
    jobs: BTreeMap<u32, JobRow>,
    /// Rows of registers that it saved and that are gone: (register, key).
    lost: Vec<(String, String)>,
    /// Words by which it can't be found.
    unfound: Vec<String>,
}

impl Runtime {
    /// Everything that is wrong in the database; nothing in a sound one. Reads all of it.
    pub async fn doctor(&self) -> Result<Vec<Ailment>, Error> {
        let mut found = whole(self.store()).await?;
        let mut after = None;
        loop {
            let page = self.store().case_ids(after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(found) };
            after = Some(*last);
            for (id, number) in page {
                let wrong = self.visit(&id).await?.into_iter();
                found.extend(wrong.map(|what| Ailment {
                    case: Some(id),
                    number: number.clone(),
                    what,
                }));
            }
        }
    }

    /// What is wrong with one case.
    async fn visit(&self, id: &CaseId) -> Result<Vec<String>, Error> {
        let mut snapshot = self.store().snapshot().await?;
        let mut wrong = Vec::new();
        if let Some(head) = snapshot.head(id).await?
            && let Some((seq, what)) = breach(&mut snapshot, id, &head, &[]).await?
        {
            wrong.push(format!("entry {seq} of the journal {what}"));
        }
        let chart = match chart(snapshot, id).await {
            Ok(Some(chart)) => chart,
            Ok(None) => return Ok(wrong),
            Err(store::Error::Damaged { what, source }) => {
                let source = source.map(|source| format!(": {source}")).unwrap_or_default();
                wrong.push(format!("stored data can't be read: {what}{source}"));
                return Ok(wrong);
            }
            Err(error) => return Err(error.into()),
        };
        wrong.extend(examine(id, &chart));
        if chart.row.status == CaseStatus::Running {
            wrong.extend(self.cannot_go_on(&chart.row).await?);
        }
        Ok(wrong)
    }

    /// An open case needs its version, and a step there for every task.
    async fn cannot_go_on(&self, row: &CaseRow) -> Result<Option<String>, Error> {
        match self.executable(&row.organisation, &row.procedure, row.version).await {
            Ok(Some(executable)) => {
                let tasks = row.state.tasks.values().map(|task| &task.step);
                let mut open = tasks.chain(row.state.jobs.values().map(|job| &job.step));
                let lost = open.find(|step| executable.step(step).is_none());
                Ok(lost.map(|step| format!("its version has no step {step}")))
            }
            Ok(None) => Ok(Some(format!("its version {} is not stored", row.version))),
            Err(
                error @ (Error::Unreadable { .. } | Error::Store(store::Error::Damaged { .. })),
            ) => Ok(Some(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

/// What only shows over all cases together.
async fn whole(store: &store::Store) -> Result<Vec<Ailment>, Error> {
    let mut snapshot = store.snapshot().await?;
    let mut lines = snapshot.broken().await?;
    lines.extend(snapshot.changed_bundles().await?);
    lines.extend(snapshot.gaps().await?);
    lines.extend(snapshot.wrong_balances().await?);
    lines.extend(snapshot.miscounted().await?);
    lines.extend(snapshot.unreadable_reports().await?);
    let mut found: Vec<Ailment> =
        lines.into_iter().map(|what| Ailment { case: None, number: String::new(), what }).collect();
    let strays = snapshot.strays().await?.into_iter();
    found.extend(strays.map(|(case, number, what)| Ailment { case: Some(case), number, what }));
    Ok(found)
}

async fn chart(mut snapshot: Snapshot, id: &CaseId) -> Result<Option<Chart>, store::Error> {
    let Some(row) = snapshot.case(id).await? else { return Ok(None) };
    let journal = snapshot.journal(id).await?;
    let saved = journal.iter().filter_map(|record| match &record.entry {
        Entry::RecordSaved { register, key, .. } => Some((register.as_str(), key.as_str())),
        _ => None,
    });
    let lost = snapshot.lost_records(&row.organisation, saved.collect()).await?;
    Ok(Some(Chart {
        tasks: snapshot.tasks(id).await?,
        documents: snapshot.documents(id).await?,
        numbers: snapshot.numbers(id).await?,
        movements: snapshot.movements(id).await?,
        timers: snapshot.timers(id).await?,
        subscriptions: snapshot.subscriptions(id).await?,
        locks: snapshot.locks(id).await?,
        jobs: snapshot.jobs(id).await?,
        unfound: snapshot.unfound(&row).await?,
        row,
        journal,
        lost,
    }))
}

fn examine(id: &CaseId, chart: &Chart) -> Vec<String> {
    let mut wrong = Vec::new();
    let Chart { row, journal, tasks, documents, numbers, timers, jobs, lost, unfound, .. } = chart;
    let state = &row.state;
    if state.is_open() && !can_go_on(state) {
        wrong.push("the case is open and nobody has a task".to_owned());
    }
    wrong.extend(branches_differ(state));
    wrong.extend(state_differs(&replay(journal), state));
    wrong.extend(row_differs(row));
    let told = tasks_after(&BTreeMap::new(), journal);
    for number in told.keys().chain(tasks.keys().filter(|number| !told.contains_key(number))) {
        if told.get(number) != tasks.get(number) {
            wrong.push(format!("task {number} is not stored as the journal tells it"));
        }
    }
    if open_tasks(tasks) != as_stored(&state.tasks) {
        wrong.push("the open tasks are not those of the state".to_owned());
    }
    if !state.timers().eq(timers.iter().map(|(watch, fires_at)| (*watch, *fires_at))) {
        wrong.push("the timers are not those of the state".to_owned());
    }
    let stored = chart.subscriptions.iter();
    let stored =
        stored.map(|(no, (is_signal, name, key))| (*no, (*is_signal, name.as_str(), key.as_str())));
    if !subscribed(state).eq(stored) {
        wrong.push("it is not stored what the case listens for".to_owned());
    }
    let stored = chart.locks.iter().map(|(no, (name, has))| (*no, (name.as_str(), *has)));
    if !in_line(state).eq(stored) {
        wrong.push("it is not stored what the case stands in line for".to_owned());
    }
    // When a parent looks for its child may have been moved, and what is to be stopped is no job.
    let due_at = |job: &Job| job.child.is_none().then_some(job.due_at);
    let wanted = state.jobs.iter().map(|(job, open)| (*job, (open.status, due_at(open))));
    let own = jobs.iter().filter(|(_, row)| row.kind != STOP).map(|(job, row)| {
        let has_child = state.jobs.get(job).is_some_and(|open| open.child.is_some());
        (*job, (row.status, (!has_child).then_some(row.due_at)))
    });
    if !wanted.eq(own) {
        wrong.push("the jobs are not those of the state".to_owned());
    }
    if issued(id, journal) != *documents {
        wrong.push("the documents are not stored as the journal tells them".to_owned());
    }
    if issues(documents) != state.documents {
        wrong.push("the documents are not those of the state".to_owned());
    }
    for (register, key) in lost {
        wrong.push(format!("the row `{key}` that it saved in `{register}` is gone"));
    }
    if !unfound.is_empty() {
        wrong.push(format!("searching does not find it by: {}", unfound.join(", ")));
    }
    if moved(id, journal) != chart.movements {
        wrong.push("the movements are not stored as the journal tells them".to_owned());
    }
    if assigned(journal) != *numbers {
        wrong.push("the numbers are not stored as the journal gave them".to_owned());
    }
    wrong
}

/// Where the state that the journal gives differs from the stored one, by the names of its parts.
fn state_differs(told: &State, stored: &State) -> Option<String> {
    if told == stored {
        return None;
    }
    let parts = |state: &State| match serde_json::to_value(state) {
        Ok(serde_json::Value::Object(parts)) => parts,
        _ => serde_json::Map::new(),
    };
    let (told, stored) = (parts(told), parts(stored));
    let names: Vec<&str> = told
        .iter()
        .filter(|(name, part)| stored.get(name.as_str()) != Some(part))
        .map(|(name, _)| name.as_str())
        .collect();
    Some(format!("the journal gives another state than the stored one: {}", names.join(", ")))
}

/// The columns that repeat what the state says.
fn row_differs(row: &CaseRow) -> Option<String> {
    let state = &row.state;
    let is_same = row.status == state.status
        && row.status != CaseStatus::New
        && row.procedure == state.procedure
        && row.version == state.version
        && row.number == state.number
        && row.outcome == state.outcome
        && Some(row.started_at) == state.started_at
        && row.ended_at == state.ended_at;
    (!is_same).then(|| "the case's row says something else than its state".to_owned())
}

/// The tasks without what their rows don't tell.
fn as_stored(tasks: &BTreeMap<u32, Task>) -> BTreeMap<u32, Task> {
    let told = |open: &Task| Task {
        is_overdue: false,
        escalated_from: Vec::new(),
        within: None,
        ..open.clone()
    };
    tasks.iter().map(|(task, open)| (*task, told(open))).collect()
}

/// Where the branches that are open don't fit the tasks: what is never worked on can never be joined.
fn branches_differ(state: &State) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_open = |place: &Place| {
        let block = state.blocks.get(&place.block);
        block.is_some_and(|block| block.running.contains(&place.branch))
    };
    for token in state.tokens() {
        if token.within.as_ref().is_some_and(|place| !is_open(place)) {
            wrong.push(format!("{:?} stands in a branch that is not open", token.holder));
        }
    }
    for (number, block) in &state.blocks {
        for branch in &block.running {
            let is_here = |place: &Option<Place>| {
                place.as_ref().is_some_and(|at| at.block == *number && at.branch == *branch)
            };
            let has_task = state.tokens().any(|token| is_here(token.within));
            let waits =
                |inner: &Block| inner.status == BlockStatus::Running || !inner.running.is_empty();
            let mut inner = state.blocks.values().filter(|inner| is_here(&inner.within));
            if !has_task && !inner.any(waits) {
                wrong.push(format!(
                    "branch {branch} of block {number} is open and nobody has a task"
                ));
            }
        }
    }
    wrong
}

/// Something can still happen: a token stands where somebody or something works on it, or in line for
/// what another case has, or people may add a branch. Others that are parked wait for these.
fn can_go_on(state: &State) -> bool {
    !state.locks.is_empty()
        || state.tokens().any(|token| !matches!(token.holder, Holder::Parked(_)))
        || state.blocks.values().any(|block| block.is_open)
}

fn open_tasks(rows: &BTreeMap<u32, TaskRow>) -> BTreeMap<u32, Task> {
    let open = rows.iter().filter(|(_, row)| row.closed_at.is_none());
    open.map(|(number, row)| {
        let task = Task {
            step: row.step.clone(),
            role: row.role.clone(),
            status: row.status,
            claimed_by: row.claimed_by.clone(),
            offered_at: row.offered_at,
            opens_at: row.opens_at,
            due_at: row.due_at,
            // Told by the timers.
            is_overdue: false,
            reminders: row.reminders,
            // Told by the journal alone.
            escalated_from: Vec::new(),
            within: None,
        };
        (*number, task)
    })
    .collect()
}

fn issues(rows: &[DocumentRow]) -> Vec<Issued> {
    let issues = rows.iter().map(|row| Issued {
        no: row.no,
        document: row.document.clone(),
        number: row.number.clone(),
        step: row.step.clone(),
        is_signed: row.is_signed,
    });
    issues.collect()
}
