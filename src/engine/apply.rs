//! Folding entries into a state. Total: whatever stands in a journal can be applied.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::lifecycle::{self, CASE, TASK};
use super::watch::Watch;
use super::{Awaits, Entry, Issued, Owner, Parked, Record, State, Task, TaskStatus};
use super::{block, job, lock, watch};
use crate::expression::Value;

/// Makes `entry` part of the state. An entry that doesn't fit (a damaged journal) changes what it can
/// and never panics; `doctor` compares the result with what is stored.
pub fn apply(state: &mut State, at: Timestamp, actor: &str, entry: &Entry) {
    match entry {
        Entry::CaseStarted { procedure, version, number, parent, .. } => {
            state.parent = parent.as_deref().cloned();
            state.procedure.clone_from(procedure);
            state.version = *version;
            state.number.clone_from(number);
            state.started_at = Some(at);
            actor.clone_into(&mut state.started_by);
            change_case(state, entry);
        }
        Entry::TaskOffered { task, step, role, opens_at, due_at, within } => {
            state.task_count = state.task_count.max(*task);
            state.tasks.insert(
                *task,
                Task {
                    step: step.clone(),
                    role: role.clone(),
                    status: TaskStatus::Offered,
                    claimed_by: None,
                    offered_at: at,
                    opens_at: *opens_at,
                    due_at: *due_at,
                    is_overdue: false,
                    reminders: 0,
                    escalated_from: Vec::new(),
                    within: within.clone(),
                },
            );
            if let Some(due_at) = due_at {
                let (of, awaits) = (Owner::Task(*task), Awaits::Until(*due_at));
                let due = Watch { of, line: None, awaits, since: at, left: None };
                state.watch(state.watch_count + 1, due);
            }
        }
        Entry::TaskOverdue { task } => {
            if let Some(open) = state.tasks.get_mut(task) {
                open.is_overdue = true;
            }
            if let Some((no, _)) = state.due_watch(*task) {
                state.watches.remove(&no);
            }
        }
        Entry::TaskClaimed { task } => change_task(state, *task, entry, Some(actor)),
        Entry::TaskReleased { task } | Entry::TaskWithdrawn { task } => {
            change_task(state, *task, entry, None);
        }
        Entry::TaskCompleted { task, step, .. } => {
            change_task(state, *task, entry, None);
            visited(state, step, at);
            completed_by(state, step, actor);
        }
        Entry::StepPassed { step } => visited(state, step, at),
        Entry::VariablesSet { values, within } => {
            let data = state.data_of(within.as_ref());
            for (name, value) in values {
                match data.get_mut(name) {
                    Some(known) => known.clone_from(value),
                    None => {
                        data.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        Entry::TableLookedUp { variable, value, within, .. } => {
            Value::put(state.data_of(within.as_ref()), variable, value.clone());
        }
        Entry::PapersHandedIn { papers, .. } => state.papers.extend(papers.iter().cloned()),
        Entry::NumberAssigned { variable, number, within, .. } => {
            let data = state.data_of(within.as_ref());
            Value::put(data, variable, Value::text(number.as_str()));
        }
        Entry::DocumentIssued { no, document, number, step, .. } => state.documents.push(Issued {
            no: *no,
            document: document.clone(),
            number: number.clone(),
            step: step.clone(),
            is_signed: false,
        }),
        Entry::DocumentSigned { no, .. } => {
            if let Some(issued) = state.documents.iter_mut().find(|issued| issued.no == *no) {
                issued.is_signed = true;
            }
        }
        Entry::Moved { ledger, item, amount, from, to, .. } => {
            let amount = amount.as_number().unwrap_or_default();
            moved(state, (ledger, item, from), -amount);
            moved(state, (ledger, item, to), amount);
        }
        // Kept outside the case, or only told.
        Entry::RecordSaved { .. }
        | Entry::WayChosen { .. }
        | Entry::StepSkipped { .. }
        | Entry::MessageReceived { .. }
        | Entry::SignalReceived { .. }
        | Entry::MessageSent { .. }
        | Entry::SignalSent { .. }
        | Entry::Interrupted { .. } => {}
        Entry::WaitBegun { .. }
        | Entry::WaitEnded { .. }
        | Entry::WaitWithdrawn { .. }
        | Entry::WatchSet { .. }
        | Entry::WatchEnded { .. }
        | Entry::TermSuspended { .. }
        | Entry::TermResumed { .. }
        | Entry::Reminded { .. }
        | Entry::TaskEscalated { .. } => watch::apply(state, at, entry),
        Entry::TokenParked { token, step, gate, within } => {
            state.parked_count = state.parked_count.max(*token);
            let parked = Parked { step: step.clone(), within: within.clone(), gate: *gate };
            state.parked.insert(*token, parked);
        }
        Entry::TokenReleased { token } | Entry::TokenWithdrawn { token } => {
            state.parked.remove(token);
        }
        Entry::LockWanted { .. }
        | Entry::LockTaken { .. }
        | Entry::LockReleased { .. }
        | Entry::LockWithdrawn { .. } => lock::apply(state, at, entry),
        Entry::BlockEntered { .. }
        | Entry::BesideOpened { .. }
        | Entry::TokenHeld { .. }
        | Entry::BranchBegun { .. }
        | Entry::RowKept { .. }
        | Entry::ItemsClosed { .. }
        | Entry::TokenArrived { .. }
        | Entry::BlockPassed { .. }
        | Entry::BranchEnded { .. }
        | Entry::BranchTaken { .. }
        | Entry::BlockJoined { .. }
        | Entry::BlockWithdrawn { .. } => block::apply(state, at, entry),
        Entry::JobCreated { .. }
        | Entry::ChildStarted { .. }
        | Entry::JobCompleted { .. }
        | Entry::JobFailed { .. }
        | Entry::ErrorHandled { .. }
        | Entry::JobWithdrawn { .. }
        | Entry::IncidentRaised { .. }
        | Entry::IncidentResolved { .. } => job::apply(state, at, entry),
        Entry::CaseEnded { outcome } => {
            state.blocks.clear();
            state.watches.clear();
            state.locks.clear();
            state.outcome = Some(outcome.clone());
            state.ended_at = Some(at);
            change_case(state, entry);
        }
        Entry::CaseCancelled { .. } => {
            state.blocks.clear();
            state.watches.clear();
            state.locks.clear();
            state.ended_at = Some(at);
            change_case(state, entry);
        }
    }
}

/// The state at the end of a journal.
pub fn replay<'a>(journal: impl IntoIterator<Item = &'a Record>) -> State {
    let mut state = State::default();
    for record in journal {
        apply(&mut state, record.at, &record.actor, &record.entry);
    }
    state
}

fn moved(state: &mut State, (ledger, item, account): (&str, &str, &str), change: Decimal) {
    let sum = state.moved_into(ledger, item, account).saturating_add(change);
    let items = state.moved.entry(ledger.to_owned()).or_default();
    let accounts = items.entry(item.to_owned()).or_default();
    if sum.is_zero() {
        accounts.remove(account);
    } else {
        accounts.insert(account.to_owned(), Value::number(sum));
    }
    // What is back where it was leaves no trace, so that equal states have equal bytes.
    if accounts.is_empty() {
        items.remove(item);
    }
    if items.is_empty() {
        state.moved.remove(ledger);
    }
}

pub(super) fn visited(state: &mut State, step: &str, at: Timestamp) {
    match state.visits.get_mut(step) {
        Some(count) => *count += 1,
        None => {
            state.visits.insert(step.to_owned(), 1);
        }
    }
    match state.completed_at.get_mut(step) {
        Some(last) => *last = at,
        None => {
            state.completed_at.insert(step.to_owned(), at);
        }
    }
}

fn completed_by(state: &mut State, step: &str, actor: &str) {
    match state.completed_by.get_mut(step) {
        Some(people) if people.contains(actor) => {}
        Some(people) => {
            people.insert(actor.to_owned());
        }
        None => {
            state.completed_by.insert(step.to_owned(), BTreeSet::from([actor.to_owned()]));
        }
    }
}

fn change_case(state: &mut State, entry: &Entry) {
    if let Some(to) = lifecycle::after(CASE, state.status, entry.kind()) {
        state.status = to;
    }
}

fn change_task(state: &mut State, task: u32, entry: &Entry, claimed_by: Option<&str>) {
    let Some(open) = state.tasks.get_mut(&task) else { return };
    let Some(to) = lifecycle::after(TASK, open.status, entry.kind()) else { return };
    open.status = to;
    open.claimed_by = claimed_by.map(ToOwned::to_owned);
    if !to.is_open() {
        state.tasks.remove(&task);
        state.unwatch(Owner::Task(task));
    }
}
