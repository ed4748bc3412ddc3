//! The orders of one transaction: loaded together, decided one after the other, written together.
//!
//! Each is decided as if those before it had been written: numbers that they took are taken, rows
//! that they saved are saved. A refusal or a panic costs the order that brought it and no other.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::command::{self, Begun, Decided};
use super::warm::Warm;
use super::writer::{Answer, Order, Wish, Writer};
use super::{Handled, Refusal};
use crate::engine::{Command, Entry, Facts, Record, replay};
use crate::expression::Map;
use crate::store::{
    self, AccountKey, CaseId, CaseRow, Change, Counter, Done, Loaded, Name, RecordKey, Writing,
    assigned, moved,
};

/// What came of a batch, to be answered once it is committed.
pub(super) struct Work {
    pub(super) answers: Vec<Answer>,
    /// The open cases as they are when it is committed.
    pub(super) warm: Vec<CaseRow>,
    /// Whether there is anything to commit.
    pub(super) is_written: bool,
}

/// Rows that a command may come to know of while it is decided.
const MOST_LATE: usize = 1_000;

/// An order on its way, or its answer.
type Still<T> = Result<T, Box<Answer>>;

fn refused(refusal: impl Into<Refusal>) -> Box<Answer> {
    Box::new(Err(refusal.into()))
}

/// Works the orders, of which no two touch the same case or carry the same key. Fails as a whole
/// when the database does.
pub(super) async fn work(
    writer: &mut Writer,
    writing: &mut Writing,
    orders: &[Order],
) -> Result<Work, store::Error> {
    let now = writer.now();
    let mut found = Found::load(&writer.warm, writing, orders).await?;
    let mut begun: Vec<Still<Begun<'_>>> = Vec::with_capacity(orders.len());
    for order in orders {
        begun.push(found.begin(writer, writing, order, now).await);
    }
    let mut shared = Shared::load(writing, &begun, now).await?;
    let mut decided: Vec<Still<Decided>> = Vec::with_capacity(orders.len());
    for (order, begun) in orders.iter().zip(begun) {
        let begun = match begun {
            Ok(begun) => begun,
            Err(answer) => {
                decided.push(Err(answer));
                continue;
            }
        };
        let begun = shared.complete(writing, begun, order, now).await?;
        let facts = shared.facts(&begun, now);
        let done = command::decide(begun, order, &facts).map_err(refused);
        if let Ok(done) = &done {
            shared.follow(&done.case, &done.organisation, &done.records);
        }
        decided.push(done);
    }
    let changes: Vec<Change<'_>> =
        decided.iter().flatten().map(Decided::change).filter(is_worth_writing).collect();
    let is_written = !changes.is_empty();
    let heads = if is_written { writing.append(&changes).await? } else { Vec::new() };
    drop(changes);
    let changed = decided.iter().flatten().filter(|decided| !decided.records.is_empty());
    let warm = changed.zip(heads).filter_map(|(decided, head)| decided.row(head)).collect();
    let answers = decided.into_iter().map(|still| still.map_or_else(|answer| *answer, done));
    Ok(Work { answers: answers.collect(), warm, is_written })
}

fn is_worth_writing(change: &Change<'_>) -> bool {
    !change.records.is_empty() || change.key.is_some()
}

fn done(decided: Decided) -> Answer {
    Ok(Handled { case: decided.case, records: decided.records, state: decided.state })
}

/// What is stored about the orders.
struct Found {
    done: BTreeMap<(String, String), Done>,
    cases: BTreeMap<CaseId, Result<Loaded, store::Error>>,
    /// The newest version of each (organisation, procedure).
    newest: BTreeMap<(String, String), u32>,
}

impl Found {
    async fn load(
        warm: &Warm,
        writing: &mut Writing,
        orders: &[Order],
    ) -> Result<Self, store::Error> {
        let (mut keys, mut cases, mut newest) =
            (BTreeSet::<Name<'_>>::new(), BTreeMap::new(), BTreeSet::new());
        for order in orders {
            let key = order.key.as_ref();
            keys.extend(key.map(|key| (order.actor.id.as_str(), key.name.as_str())));
            match &order.wish {
                Wish::Start { organisation, procedure }
                | Wish::StartAlone { organisation, procedure, .. }
                | Wish::StartChild { organisation, procedure, .. } => {
                    newest.insert((organisation.as_str(), procedure.as_str()));
                }
                Wish::Handle { case, .. } => {
                    cases.insert(*case, warm.known(case));
                }
            }
        }
        // In this order: who has waited for another server that did the same command to the same
        // case has to see, after the wait, that it is done.
        let cases = writing.cases(&cases).await?;
        Ok(Self {
            done: writing.done_before(&keys).await?,
            cases,
            newest: writing.newest_versions(&newest).await?,
        })
    }

    async fn begin<'a>(
        &mut self,
        writer: &mut Writer,
        writing: &mut Writing,
        order: &'a Order,
        now: Timestamp,
    ) -> Still<Begun<'a>> {
        if let Some(key) = &order.key
            && let Some(done) = self.done.get(&(order.actor.id.clone(), key.name.clone()))
        {
            if done.digest != key.digest {
                return Err(refused(Refusal::KeyReused));
            }
            return Err(Box::new(first_outcome(writing, done).await));
        }
        match &order.wish {
            Wish::Start { organisation, procedure }
            | Wish::StartAlone { organisation, procedure, .. }
            | Wish::StartChild { organisation, procedure, .. } => {
                let name = (organisation.clone(), procedure.clone());
                let version = *self.newest.get(&name).ok_or_else(|| refused(Refusal::NotFound))?;
                let executable = writer.executable(writing, organisation, procedure, version).await;
                let executable = executable.map_err(refused)?;
                let (case, command) = match &order.wish {
                    Wish::StartChild { case, parent, input, .. } => {
                        let (parent, input) = (parent.clone(), input.clone());
                        (*case, Command::StartChild { version, parent, input })
                    }
                    Wish::StartAlone { cause, .. } => {
                        let cause = cause.clone();
                        (writer.new_id(now), Command::StartAlone { version, cause })
                    }
                    _ => (writer.new_id(now), Command::StartCase { version }),
                };
                let (organisation, command) = (organisation.clone(), Cow::Owned(command));
                Begun::new(case, organisation, executable, command, None).map_err(refused)
            }
            Wish::Handle { case, command } => {
                let before = self.cases.remove(case).ok_or_else(|| refused(Refusal::NotFound))?;
                let before = match before.map_err(refused)? {
                    Loaded::Row(row) => *row,
                    // Known means that it was there a moment ago, and nobody else takes it.
                    Loaded::AsKnown => {
                        writer.warm.take(case).ok_or_else(|| refused(Refusal::Busy))?
                    }
                };
                let (organisation, procedure) = (&before.organisation, &before.procedure);
                let executable =
                    writer.executable(writing, organisation, procedure, before.version).await;
                let executable = executable.map_err(refused)?;
                let organisation = before.organisation.clone();
                let command = Cow::Borrowed(command);
                Begun::new(*case, organisation, executable, command, Some(before)).map_err(refused)
            }
        }
    }
}

/// Counters and rows of registers, as the orders decided so far leave them.
struct Shared {
    last_numbers: BTreeMap<Counter, u64>,
    records: BTreeMap<RecordKey, Map>,
    balances: BTreeMap<AccountKey, Decimal>,
}

impl Shared {
    async fn load(
        writing: &mut Writing,
        begun: &[Still<Begun<'_>>],
        now: Timestamp,
    ) -> Result<Self, store::Error> {
        let (mut counters, mut records) = (BTreeSet::new(), BTreeSet::new());
        let mut accounts = BTreeSet::new();
        for begun in begun.iter().flatten() {
            counters.extend(begun.counters(now).map(|(_, counter)| counter));
            records.extend(begun.records());
            accounts.extend(begun.accounts());
        }
        Ok(Self {
            last_numbers: writing.last_numbers(&counters).await?,
            records: writing.records(&records).await?,
            balances: writing.account_balances(&accounts).await?,
        })
    }

    /// Loads the rows whose keys come up only while the command is decided, by trying.
    async fn complete<'a>(
        &mut self,
        writing: &mut Writing,
        mut begun: Begun<'a>,
        order: &Order,
        now: Timestamp,
    ) -> Result<Begun<'a>, store::Error> {
        for _ in 0..MOST_LATE {
            let Some(key) = begun.missing(order, &self.facts(&begun, now)) else { break };
            if !self.records.contains_key(&key) {
                self.records.extend(writing.records(&BTreeSet::from([key.clone()])).await?);
            }
            begun.look_for(key);
        }
        Ok(begun)
    }

    fn facts(&self, begun: &Begun<'_>, now: Timestamp) -> Facts {
        let last_numbers = begun.counters(now).filter_map(|(series, counter)| {
            Some((series.to_owned(), *self.last_numbers.get(&counter)?))
        });
        let records = begun.records().filter_map(|key| {
            let row = self.records.get(&key)?.clone();
            let (_, register, key) = key;
            Some(((register, key), row))
        });
        let balances = begun.accounts().filter_map(|key| {
            let amount = *self.balances.get(&key)?;
            let (_, ledger, item, account) = key;
            Some(((ledger, item, account), amount))
        });
        Facts {
            now,
            last_numbers: last_numbers.collect(),
            records: records.collect(),
            looked_for: Some(begun.looked_for().clone()),
            balances: balances.collect(),
        }
    }

    /// Makes what a decision gave, saved and moved the next one's.
    fn follow(&mut self, case: &CaseId, organisation: &str, records: &[Record]) {
        for number in assigned(records) {
            let counter = (organisation.to_owned(), number.series, number.year);
            self.last_numbers.insert(counter, number.counter);
        }
        for row in moved(case, records) {
            for (account, change) in [(row.from, -row.amount), (row.to, row.amount)] {
                let key = (organisation.to_owned(), row.ledger.clone(), row.item.clone(), account);
                // Of an account that nobody here looks at, nobody needs to know.
                if let Some(balance) = self.balances.get_mut(&key) {
                    *balance += change;
                }
            }
        }
        for record in records {
            if let Entry::RecordSaved { register, key, row } = &record.entry {
                let key = (organisation.to_owned(), register.clone(), key.clone());
                self.records.insert(key, row.clone());
            }
        }
    }
}

/// What a command did when it was done, with the case as it was then.
async fn first_outcome(writing: &mut Writing, done: &Done) -> Answer {
    let mut records = writing.journal_up_to(&done.case, done.last).await?;
    let state = replay(&records);
    records.retain(|record| record.seq >= done.first);
    Ok(Handled { case: done.case, records, state: Arc::new(state) })
}
