//! From a command to entries, or to a rejection.
//!
//! One file per family of commands. All work on the state in a [`Working`], to which every entry is
//! applied as soon as it is made, so that what follows in the same command sees it.

mod advance;
mod begin;
mod beside;
mod block;
mod budget;
mod cancel;
mod complete;
mod deliver;
mod explore;
mod first;
mod gate;
mod happen;
mod issue;
mod job;
mod ledger;
mod lock;
mod look_up;
mod oracle;
mod start;
mod suspend;
mod task;
mod watch;

pub use advance::MAX_OPEN;
pub use begin::MAX_ITEMS;
pub use budget::Budget;
pub use explore::{Explorer, Fold, Move, Over, Passed, Reached, Successors};
pub(super) use job::submission;
pub use ledger::BalanceKey;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::apply::apply;
use super::{Actor, CaseScope, CaseStatus, Command, Entry, Place, Rejection, State};
use crate::expression::{Expression, Map, Value};
use crate::organisation::Series;
use crate::procedure::{Executable, Step};

/// What comes from outside, loaded beforehand as `needs` told.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// To the microsecond: what is stored is what was decided on.
    pub now: Timestamp,
    /// The last number given in each series in the counter's year; none when it has given none.
    pub last_numbers: BTreeMap<String, u64>,
    /// Rows of registers by (register, key).
    pub records: BTreeMap<(String, String), Map>,
    /// The rows that were looked for; one that is not among `records` doesn't exist. None: all that there
    /// are have been loaded.
    pub looked_for: Option<BTreeSet<(String, String)>>,
    /// What stands in accounts, by (ledger, item, account): one that is not here is not known.
    pub balances: BTreeMap<BalanceKey, Decimal>,
}

/// What a command does: its entries, and the state after them.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub entries: Vec<Entry>,
    pub state: State,
}

/// Claimed, variables, completed, way chosen, offered: room for what most commands come to.
const USUAL_ENTRIES: usize = 6;

/// Decides on a command. The state after it equals the old one with the entries applied.
///
/// The state is taken and not copied: most of a case stays as it is in a step, and copying it costs more
/// than deciding. A rejection changes nothing and gives nothing back; who wants the state after one keeps
/// a copy, or loads it again.
pub fn decide(
    executable: &Executable,
    state: State,
    actor: &Actor,
    command: &Command,
    facts: &Facts,
) -> Result<Decision, Rejection> {
    let is_running = state.status == CaseStatus::Running;
    let mut working = Working::new(executable, state, actor, facts);
    match command {
        Command::StartCase { version } => start::by_a_person(&mut working, *version)?,
        Command::StartAlone { version, cause } => start::alone(&mut working, *version, cause)?,
        Command::StartChild { version, parent, input } => {
            start::for_a_case(&mut working, *version, parent, input)?;
        }
        _ if !is_running => return Err(Rejection::CaseNotRunning),
        Command::ClaimTask { task } => task::claim(&mut working, *task)?,
        Command::ReleaseTask { task } => task::release(&mut working, *task)?,
        Command::CompleteTask { task, submission, choice } => {
            complete::complete(&mut working, *task, submission, choice.as_deref())?;
        }
        Command::CancelCase { reason } => cancel_case(&mut working, reason)?,
        Command::AddItem { block } => {
            begin::add_item(&mut working, *block)?;
            advance::run(&mut working)?;
        }
        Command::CloseItems { block } => {
            begin::close_items(&mut working, *block)?;
            advance::run(&mut working)?;
        }
        Command::FireTimer { watch } => happen::fire(&mut working, *watch)?,
        Command::Deliver { watch, received } => deliver::deliver(&mut working, *watch, received)?,
        Command::TakeLock { lock } => lock::take(&mut working, *lock)?,
        Command::CompleteJob { job, answer } => job::complete(&mut working, *job, answer)?,
        Command::FailJob { job, reason, code, retry_at } => {
            let code = code.as_deref();
            let failure = job::Failure { reason, code, retry_at: *retry_at };
            job::fail(&mut working, *job, &failure)?;
        }
        Command::RaiseIncident { job, reason } => job::raise(&mut working, *job, reason)?,
        Command::NoteChild { job, child, number, look_at } => {
            job::note_child(&mut working, *job, (child, number), *look_at)?;
        }
        Command::RetryJob { job } => job::retry(&mut working, *job)?,
    }
    suspend::settle(&mut working);
    lock::settle(&mut working);
    ledger::settled(&working)?;
    Ok(Decision { entries: working.entries, state: working.state })
}

fn cancel_case(working: &mut Working<'_>, reason: &str) -> Result<(), Rejection> {
    let procedure = &working.executable.procedure;
    let is_machine = working.actor.id == Actor::MACHINE;
    if !is_machine && !procedure.cancels.iter().any(|role| working.actor.has(role)) {
        let role = procedure.cancels.first().map(|role| role.value.clone()).unwrap_or_default();
        return Err(Rejection::NotYourRole { role });
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Rejection::ReasonRequired);
    }
    advance::withdraw_all(working);
    working.emit(Entry::CaseCancelled { reason: reason.chars().take(2_000).collect() });
    Ok(())
}

/// A command in the making.
struct Working<'a> {
    executable: &'a Executable,
    actor: &'a Actor,
    facts: &'a Facts,
    today: Date,
    state: State,
    entries: Vec<Entry>,
    /// Rows of registers that this command has saved, on top of the facts'.
    saved: BTreeMap<(String, String), Map>,
    /// What this command has moved, on top of the facts' balances.
    moved: BTreeMap<BalanceKey, Decimal>,
    /// Numbers taken by this command on top of the facts'.
    taken: RefCell<BTreeMap<String, u64>>,
    /// Tokens that move; the last is moved first.
    pending: Vec<advance::Token>,
    /// The branch in which the command is at work: what expressions see.
    here: Option<Place>,
    /// Answers in the place of data, when only the flow is explored.
    oracle: Option<oracle::Oracle<'a>>,
}

impl<'a> Working<'a> {
    fn new(executable: &'a Executable, state: State, actor: &'a Actor, facts: &'a Facts) -> Self {
        Self {
            executable,
            actor,
            facts,
            today: executable.organisation.calendar.date(facts.now),
            state,
            entries: Vec::with_capacity(USUAL_ENTRIES),
            saved: BTreeMap::new(),
            moved: BTreeMap::new(),
            taken: RefCell::default(),
            pending: Vec::new(),
            here: None,
            oracle: None,
        }
    }

    fn emit(&mut self, entry: Entry) {
        apply(&mut self.state, self.facts.now, &self.actor.id, &entry);
        self.entries.push(entry);
    }

    fn scope(&self) -> CaseScope<'_> {
        CaseScope::of(self.executable, &self.state, self.today).within(self.here.as_ref())
    }

    /// Whether a condition of the step holds.
    fn holds(&self, step: &Step, condition: &Expression) -> Result<bool, Rejection> {
        if let Some(holds) = self.guess_holds() {
            return Ok(holds);
        }
        condition.holds(&self.scope()).map_err(|fault| complete::no_way(step, fault.message))
    }

    /// A whole number that the step reckons; what is below zero is none.
    fn count(&self, step: &Step, count: &Expression) -> Result<usize, Rejection> {
        if let Some(count) = self.guess_count() {
            return Ok(count);
        }
        let value = count.evaluate(&self.scope());
        let value = value.map_err(|fault| complete::no_way(step, fault.message))?;
        let number = value.as_number().map(|number| number.trunc().max(Decimal::ZERO));
        let whole = number.and_then(|number| number.to_usize());
        whole.ok_or_else(|| complete::no_way(step, format!("{value} is not a number")))
    }

    /// The rows that the step runs over.
    fn rows(&self, step: &Step, rows: &Expression) -> Result<Vec<Value>, Rejection> {
        if let Some(rows) = self.guess_rows() {
            return Ok(rows);
        }
        match rows.evaluate(&self.scope()) {
            Ok(Value::List(rows)) => Ok(rows),
            Ok(Value::Null) => Ok(Vec::new()),
            Ok(other) => Err(complete::no_way(step, format!("{other} is not a table"))),
            Err(fault) => Err(complete::no_way(step, fault.message)),
        }
    }

    /// The next number of a series: the counter's year, the counter, and the number as printed.
    fn next_number(&self, series: &Series) -> (i16, u64, String) {
        let id = series.id.value.as_str();
        let mut taken = self.taken.borrow_mut();
        let counter = match taken.get(id).or_else(|| self.facts.last_numbers.get(id)) {
            Some(last) => last + 1,
            None => series.first,
        };
        taken.insert(id.to_owned(), counter);
        let year = self.executable.organisation.calendar.year(self.today);
        (series.counter_year(year), counter, series.format(year, counter))
    }
}
