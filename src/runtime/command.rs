//! One command: what it needs, and what it comes to. No statement is run here: the batch loads and
//! writes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

use super::writer::Order;
use super::{Error, Refusal};
use crate::engine::{
    self, Actor, CaseScope, Command, Decision, Entry, Facts, Needs, Record, Rejection, State, needs,
};
use crate::expression::{Spoken, Value};
use crate::field::Kind;
use crate::language::Language;
use crate::organisation::Series;
use crate::procedure::Executable;
use crate::store::{AccountKey, CaseId, CaseRow, Change, Counter, Hash, Key, RecordKey};

/// Letters of a case's name in lists; what is longer was not meant as a name.
const MAX_SUBJECT: usize = 200;

/// What a command is decided on, but for the facts.
pub(super) struct Begun<'a> {
    case: CaseId,
    organisation: String,
    executable: Arc<Executable>,
    command: Cow<'a, Command>,
    /// None: the case begins.
    before: Option<CaseRow>,
    needs: Needs,
}

/// What a command does, to be written.
pub(super) struct Decided {
    pub(super) case: CaseId,
    pub(super) organisation: String,
    pub(super) records: Vec<Record>,
    /// The case after it.
    pub(super) state: Arc<State>,
    before: Option<CaseRow>,
    subject: String,
    activities: BTreeMap<u32, String>,
    /// The person, the name of the command, and what tells its contents from others.
    key: Option<(String, String, [u8; 12])>,
}

impl<'a> Begun<'a> {
    pub(super) fn new(
        case: CaseId,
        organisation: String,
        executable: Arc<Executable>,
        command: Cow<'a, Command>,
        before: Option<CaseRow>,
    ) -> Result<Self, Refusal> {
        let needs = guarded(case, || match &before {
            Some(before) => needs(&executable, &before.state, &command),
            None => needs(&executable, &State::default(), &command),
        })?;
        Ok(Self { case, organisation, executable, command, before, needs })
    }

    /// The counters that the engine may ask for, by the ids of their series.
    pub(super) fn counters(&self, now: Timestamp) -> impl Iterator<Item = (&str, Counter)> {
        let organisation = &self.executable.organisation;
        let year = organisation.calendar.year(organisation.calendar.date(now));
        let own = &organisation.case_series;
        self.needs.series.iter().filter_map(move |id| {
            let series: &Series = organisation.series(id).or((*own.id == *id).then_some(own))?;
            let counter = (self.organisation.clone(), id.clone(), series.counter_year(year));
            Some((id.as_str(), counter))
        })
    }

    /// The rows of registers that the engine will ask for.
    pub(super) fn records(&self) -> impl Iterator<Item = RecordKey> {
        let keys = self.needs.records.iter();
        keys.map(|(register, key)| (self.organisation.clone(), register.clone(), key.clone()))
    }

    /// The same, by register and key.
    pub(super) fn looked_for(&self) -> &BTreeSet<(String, String)> {
        &self.needs.records
    }

    pub(super) fn look_for(&mut self, (_, register, key): RecordKey) {
        self.needs.records.insert((register, key));
    }

    /// A row that the decision asks for and nobody has looked for yet. Most commands can't have any, and
    /// cost nothing here.
    pub(super) fn missing(&self, order: &Order, facts: &Facts) -> Option<RecordKey> {
        if !self.needs.may_grow {
            return None;
        }
        let state = self.before.as_ref().map(|before| State::clone(&before.state));
        let decide = || {
            let state = state.unwrap_or_default();
            engine::decide(&self.executable, state, &order.actor, &self.command, facts)
        };
        match guarded(self.case, decide) {
            Ok(Err(Rejection::RowNotLoaded { register, key })) => {
                Some((self.organisation.clone(), register, key))
            }
            _ => None,
        }
    }

    /// The accounts whose balances the engine will ask for.
    pub(super) fn accounts(&self) -> impl Iterator<Item = AccountKey> {
        let keys = self.needs.balances.iter().cloned();
        keys.map(|(ledger, item, account)| (self.organisation.clone(), ledger, item, account))
    }
}

/// Lets the engine decide.
pub(super) fn decide(begun: Begun<'_>, order: &Order, facts: &Facts) -> Result<Decided, Refusal> {
    let Begun { case, organisation, executable, command, mut before, needs: _ } = begun;
    let actor = &order.actor;
    let state = before.as_mut().map(|before| taken(&mut before.state)).unwrap_or_default();
    let decision = guarded(case, || engine::decide(&executable, state, actor, &command, facts))?;
    let decision = decision.map_err(Refusal::Rejected)?;
    let first = before.as_ref().map_or(0, |before| before.entries) + 1;
    let subject = guarded(case, || subject(&executable, &decision.state, facts.now))?;
    let activities = activities(&executable, &decision);
    Ok(Decided {
        case,
        organisation,
        records: records(decision.entries, actor, first, facts.now),
        state: Arc::new(decision.state),
        before,
        subject,
        activities,
        key: order.key.as_ref().map(|key| (actor.id.clone(), key.name.clone(), key.digest)),
    })
}

/// The state, for the engine to work on. Of what it was, only the open tasks and jobs, what it listened
/// for and what it stood in line for are asked for once more: the store tells by them which of its rows are new.
fn taken(state: &mut Arc<State>) -> State {
    // Copied only when somebody who was answered still holds it.
    let whole = Arc::unwrap_or_clone(std::mem::take(state));
    let (tasks, jobs, watches) = (whole.tasks.clone(), whole.jobs.clone(), whole.watches.clone());
    let locks = whole.locks.clone();
    *state = Arc::new(State { tasks, jobs, watches, locks, ..State::default() });
    whole
}

impl Decided {
    /// The case's row when this is written and its journal ends with `head`; none once it is closed.
    pub(super) fn row(&self, head: Hash) -> Option<CaseRow> {
        let (state, before) = (&self.state, self.before.as_ref());
        let started_at = state.started_at.filter(|_| state.is_open())?;
        let entries = before.map_or(0, |before| before.entries) as usize + self.records.len();
        Some(CaseRow {
            id: self.case,
            organisation: self.organisation.clone(),
            procedure: state.procedure.clone(),
            version: state.version,
            number: state.number.clone(),
            subject: self.subject.clone(),
            status: state.status,
            outcome: state.outcome.clone(),
            started_at,
            ended_at: state.ended_at,
            revision: before.map_or(0, |before| before.revision) + 1,
            entries: u32::try_from(entries).ok()?,
            head,
            state: Arc::clone(state),
        })
    }

    pub(super) fn change(&self) -> Change<'_> {
        Change {
            case: &self.case,
            organisation: &self.organisation,
            before: self.before.as_ref(),
            after: &self.state,
            subject: &self.subject,
            records: &self.records,
            activities: &self.activities,
            key: self.key.as_ref().map(|(actor, name, digest)| Key { name: (actor, name), digest }),
        }
    }
}

/// Runs a piece of the engine so that a bug in it costs one command and not the writer.
fn guarded<T>(case: CaseId, run: impl FnOnce() -> T) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| Refusal::Failed(Error::Panicked { case }))
}

fn records(entries: Vec<Entry>, actor: &Actor, first: u32, at: Timestamp) -> Vec<Record> {
    let record = |(seq, entry)| Record {
        seq,
        at,
        actor: actor.id.clone(),
        actor_name: actor.name.clone(),
        entry,
    };
    (first..).zip(entries).map(record).collect()
}

/// What is to be done at each task that is offered.
fn activities(executable: &Executable, decision: &Decision) -> BTreeMap<u32, String> {
    let offered = decision.entries.iter().filter_map(|entry| match entry {
        Entry::TaskOffered { task, step, within, .. } => {
            let activity = executable.step(step)?.activity.trim_end();
            // Of several that are alike, each says which it is.
            let item = decision.state.item_in_words(executable, within.as_ref());
            let item = item.map(|item| format!(" · {item}")).unwrap_or_default();
            Some((*task, format!("{activity}{item}")))
        }
        _ => None,
    });
    offered.collect()
}

/// How the case is called in lists; nothing as long as nothing of it has been filled in. Where the
/// procedure doesn't say, its title: better than that there is no data.
fn subject(executable: &Executable, state: &State, now: Timestamp) -> String {
    let today = executable.organisation.calendar.date(now);
    let mut line = match &executable.procedure.subject {
        None => executable.procedure.title.clone(),
        Some(line) => line.say(&CaseScope::of(executable, state, today), |how, value| {
            in_words(executable, how, value)
        }),
    };
    if let Some((end, _)) = line.char_indices().nth(MAX_SUBJECT) {
        line.truncate(end);
    }
    line
}

/// A value of the subject as the organisation says it.
fn in_words(executable: &Executable, how: &Spoken, value: &Value) -> String {
    let organisation = &executable.organisation;
    let language = Language::parse(&organisation.language);
    let day = || value.as_text().and_then(|text| text.parse().ok());
    let words = match (how, value) {
        (Spoken::Label(path), Value::Text(id)) => {
            let options = match executable.field(path).map(|field| &field.kind) {
                Some(Kind::Choice { options }) => options.as_slice(),
                _ => &[],
            };
            options.iter().find(|(known, _)| known == id).map(|(_, label)| label.clone())
        }
        (Spoken::Money, Value::Number(amount)) => {
            let currency = &organisation.currency;
            Some(language.money(amount, &currency.symbol, currency.decimals))
        }
        (Spoken::Number(places), Value::Number(number)) => Some(language.number(number, *places)),
        (Spoken::Date, _) => day().map(|day| language.date(day)),
        (Spoken::LongDate, _) => day().map(|day| language.long_date(day)),
        _ => None,
    };
    words.unwrap_or_else(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_refusal() {
        let case = CaseId(uuid::Uuid::nil());
        let refused = guarded(case, || -> u32 { panic!("a bug") });
        assert!(matches!(refused, Err(Refusal::Failed(Error::Panicked { .. }))), "{refused:?}");
        assert_eq!(guarded(case, || 1).ok(), Some(1));
    }
}
