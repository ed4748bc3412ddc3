//! One command: load, decide, append. Within a transaction that its caller began and will commit.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

use super::writer::{Order, Wish, Writer};
use super::{Error, Handled, Refusal};
use crate::engine::{
    Actor, CaseScope, Command, Decision, Entry, Facts, Needs, Record, State, decide, needs, replay,
};
use crate::procedure::Executable;
use crate::store::{CaseId, CaseRow, Change, Done, Writing};

/// Letters of a case's name in lists; what is longer was not meant as a name.
const MAX_SUBJECT: usize = 200;

/// What a command is decided on.
struct Begun {
    case: CaseId,
    organisation: String,
    executable: Arc<Executable>,
    command: Command,
    /// None: the case begins.
    before: Option<CaseRow>,
}

/// Does what is ordered and leaves it to be committed.
pub(super) async fn handle(
    writer: &mut Writer,
    writing: &mut Writing,
    order: &Order,
) -> Result<Handled, Refusal> {
    let actor = &order.actor;
    if let Some(key) = &order.key
        && let Some(done) = writing.done_before(&actor.id, key).await?
    {
        return first_outcome(writing, &done).await;
    }
    let now = writer.now();
    let begun = begin(writer, writing, &order.wish, now).await?;
    let new = State::default();
    let state = begun.before.as_ref().map_or(&new, |before| &before.state);
    let needs = needs(&begun.executable, state, &begun.command);
    let facts = facts(writing, &begun, &needs, now).await?;
    let decision =
        guarded(&begun, || decide(&begun.executable, state, actor, &begun.command, &facts))?
            .map_err(Refusal::Rejected)?;
    let first = begun.before.as_ref().map_or(0, |before| before.entries) + 1;
    let records = records(&decision.entries, actor, first, now);
    if !records.is_empty() {
        append(writing, &begun, &decision, &records, now).await?;
    }
    if let Some(key) = &order.key {
        let last = records.last().map_or(first - 1, |record| record.seq);
        writing.remember(&actor.id, key, &Done { case: begun.case, first, last }).await?;
    }
    Ok(Handled { case: begun.case, records, state: decision.state })
}

async fn begin(
    writer: &mut Writer,
    writing: &mut Writing,
    wish: &Wish,
    now: Timestamp,
) -> Result<Begun, Refusal> {
    match wish {
        Wish::Start { organisation, procedure } => {
            let newest = writing.newest_version(organisation, procedure).await?;
            let version = newest.ok_or(Refusal::NotFound)?.version;
            let executable = writer.executable(writing, organisation, procedure, version).await?;
            Ok(Begun {
                case: writer.new_id(now),
                organisation: organisation.clone(),
                executable,
                command: Command::StartCase { version },
                before: None,
            })
        }
        Wish::Handle { case, command } => {
            let before = writing.case(case).await?.ok_or(Refusal::NotFound)?;
            let executable = writer
                .executable(writing, &before.organisation, &before.procedure, before.version)
                .await?;
            Ok(Begun {
                case: *case,
                organisation: before.organisation.clone(),
                executable,
                command: command.clone(),
                before: Some(before),
            })
        }
    }
}

/// The counters and rows that the engine will ask for.
async fn facts(
    writing: &mut Writing,
    begun: &Begun,
    needs: &Needs,
    now: Timestamp,
) -> Result<Facts, Refusal> {
    let organisation = &begun.executable.organisation;
    let year = organisation.calendar.date(now).year();
    let own = &organisation.case_series;
    let wanted: BTreeSet<(String, i16)> = needs
        .series
        .iter()
        .filter_map(|id| {
            let series = organisation.series(id).or((*own.id == *id).then_some(own))?;
            Some((id.clone(), series.counter_year(year)))
        })
        .collect();
    Ok(Facts {
        now,
        last_numbers: writing.last_numbers(&begun.organisation, &wanted).await?,
        records: writing.records(&begun.organisation, &needs.records).await?,
    })
}

/// Runs a piece of the engine so that a bug in it costs one command and not the writer.
fn guarded<T>(begun: &Begun, run: impl FnOnce() -> T) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| Refusal::Failed(Error::Panicked { case: begun.case }))
}

fn records(entries: &[Entry], actor: &Actor, first: u32, at: Timestamp) -> Vec<Record> {
    let numbered = (first..).zip(entries);
    numbered
        .map(|(seq, entry)| Record {
            seq,
            at,
            actor: actor.id.clone(),
            actor_name: actor.name.clone(),
            entry: entry.clone(),
        })
        .collect()
}

async fn append(
    writing: &mut Writing,
    begun: &Begun,
    decision: &Decision,
    records: &[Record],
    now: Timestamp,
) -> Result<(), Refusal> {
    let executable = &begun.executable;
    let subject = guarded(begun, || subject(executable, &decision.state, now))?;
    let offered = records.iter().filter_map(|record| match &record.entry {
        Entry::TaskOffered { task, step, .. } => {
            Some((*task, executable.step(step)?.activity.clone()))
        }
        _ => None,
    });
    let activities: BTreeMap<u32, String> = offered.collect();
    let change = Change {
        case: &begun.case,
        organisation: &begun.organisation,
        before: begun.before.as_ref(),
        after: &decision.state,
        subject: &subject,
        records,
        activities: &activities,
    };
    Ok(writing.append(&change).await?)
}

/// How the case is called in lists; nothing as long as nothing of it has been filled in.
fn subject(executable: &Executable, state: &State, now: Timestamp) -> String {
    let Some(line) = &executable.procedure.subject else { return String::new() };
    let today = executable.organisation.calendar.date(now);
    let line = line.fill(&CaseScope::of(state, today));
    line.chars().take(MAX_SUBJECT).collect()
}

/// What a command did when it was done, with the case as it was then.
async fn first_outcome(writing: &mut Writing, done: &Done) -> Result<Handled, Refusal> {
    let mut records = writing.journal_up_to(&done.case, done.last).await?;
    let state = replay(&records);
    records.retain(|record| record.seq >= done.first);
    Ok(Handled { case: done.case, records, state })
}
