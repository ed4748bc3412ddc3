//! What people ask of a case, and what must be looked up before it can be decided.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{BalanceKey, Parent, Received, State, submission};
use crate::expression::{Map, Value};
use crate::field::{Field, Kind, MAX_KEY, record_key};
use crate::procedure::{Asks, Draw, Executable};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Stable id of the person.
    pub id: String,
    /// As it is printed on documents.
    pub name: String,
    /// Roles held in the organisation whose case it is.
    #[serde(skip)]
    pub roles: BTreeSet<String>,
}

impl Actor {
    /// Nobody's id: those of people are UUIDs.
    pub(super) const MACHINE: &'static str = "machine";

    /// Who acts when the server itself does a job.
    pub fn machine() -> Self {
        let (id, name) = (Self::MACHINE.to_owned(), "tramite".to_owned());
        Self { id, name, roles: BTreeSet::new() }
    }

    /// Who acts when a timer fires, and when a case begins by itself.
    pub fn clock() -> Self {
        Self { id: "clock".to_owned(), name: "tramite".to_owned(), roles: BTreeSet::new() }
    }

    pub fn is_clock(&self) -> bool {
        self.id == "clock"
    }

    pub fn has(&self, role: &str) -> bool {
        self.roles.contains(role)
    }
}

/// A wish; decided on as a whole or refused as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Begins the case: `version` is the published version that it runs on.
    StartCase {
        version: u32,
    },
    /// Begins the case by itself. Of the runtime, never of a person.
    StartAlone {
        version: u32,
        cause: Cause,
    },
    /// Begins the case for another one.
    StartChild {
        version: u32,
        parent: Parent,
        input: Map,
    },
    ClaimTask {
        task: u32,
    },
    /// Gives a claimed task back to its queue.
    ReleaseTask {
        task: u32,
    },
    /// `submission` is what was typed, unread; `choice` the label of a `decide`.
    CompleteTask {
        task: u32,
        submission: Map,
        choice: Option<String>,
    },
    CancelCase {
        reason: String,
    },
    /// Adds a branch to an open `each`, by the block's number.
    AddItem {
        block: u32,
    },
    /// Says that there are no more.
    CloseItems {
        block: u32,
    },
    /// The time of a watch has come. Of the engine's own clock ([`Actor::clock`]), never of a person.
    FireTimer {
        watch: u32,
    },
    /// A message or signal comes to whoever listens. Of the runtime, never of a person.
    Deliver {
        watch: u32,
        received: Box<Received>,
    },
    /// It is the case's turn to have what only one can have. Of the runtime, never of a person.
    TakeLock {
        lock: u32,
    },
    /// A machine has done what it was asked for. `answer` becomes the step's variable.
    CompleteJob {
        job: u32,
        answer: Value,
    },
    /// It did not work. `retry_at` is when to try again if the job has tries left; none: never.
    FailJob {
        job: u32,
        reason: String,
        code: Option<String>,
        retry_at: Option<Timestamp>,
    },
    /// What the machine did can't be told to the case, or the way on from its failure can't be gone: somebody
    /// must look, whatever the procedure says about failures of the other side. Of the runtime.
    RaiseIncident {
        job: u32,
        reason: String,
    },
    /// The case that a job asks for has begun.
    NoteChild {
        job: u32,
        child: String,
        number: String,
        look_at: Timestamp,
    },
    /// A job that is stuck shall be tried again.
    RetryJob {
        job: u32,
    },
}

/// Why a case begins by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// This time of its procedure's schedule has come.
    Time(Timestamp),
    /// A message has come that its procedure begins with.
    Message(Box<Received>),
}

/// What `decide` will ask the facts for; the runtime loads it in one go beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Series that a number may be taken from.
    pub series: Arc<BTreeSet<String>>,
    /// Rows of registers by (register, key).
    pub records: BTreeSet<(String, String)>,
    /// Balances by (ledger, item, account).
    pub balances: BTreeSet<BalanceKey>,
    /// Further rows may come up while it is decided: see [`Rejection::RowNotLoaded`].
    pub may_grow: bool,
}

/// What a command needs to be decided on.
pub fn needs(executable: &Executable, state: &State, command: &Command) -> Needs {
    match command {
        Command::StartCase { .. } => of(executable.asks_first(), state, &Map::new()),
        Command::StartChild { input, .. } => {
            let mut needs = of(executable.asks_first(), state, input);
            named(executable.inputs(), input, &mut needs.records);
            needs
        }
        Command::StartAlone { cause, .. } => {
            let input = cause.brings(executable);
            let mut needs = of(executable.asks_first(), state, &input);
            named(executable.begins_with(), &input, &mut needs.records);
            needs
        }
        Command::CompleteTask { task, submission, .. } => {
            let place = state.tasks.get(task).and_then(|open| executable.place(&open.step));
            let asks = place.and_then(|place| Some((place, executable.asks(place)?)));
            let Some((place, asks)) = asks else { return Needs::default() };
            let mut needs = of(asks, state, submission);
            if asks.names_records {
                named(executable.fields(place), submission, &mut needs.records);
            }
            needs
        }
        // Claiming one of several tasks withdraws the others, and what waited for them may go on.
        Command::ClaimTask { .. } if state.blocks.is_empty() => Needs::default(),
        Command::AddItem { .. }
        | Command::CloseItems { .. }
        | Command::ClaimTask { .. }
        | Command::Deliver { .. }
        | Command::TakeLock { .. }
        | Command::FireTimer { .. } => of(executable.asks_alone(), state, &Map::new()),
        Command::CompleteJob { job, answer } => {
            let place = state.jobs.get(job).and_then(|open| executable.place(&open.step));
            let asks = place.and_then(|place| Some((place, executable.asks(place)?)));
            let Some((place, asks)) = asks else { return Needs::default() };
            let raw = submission(executable.fields(place), answer);
            let mut needs = of(asks, state, &raw);
            named(executable.fields(place), &raw, &mut needs.records);
            needs
        }
        Command::FailJob { job, .. } => {
            let place = state.jobs.get(job).and_then(|open| executable.place(&open.step));
            let asks = place.and_then(|place| executable.asks(place));
            asks.map(|asks| of(asks, state, &Map::new())).unwrap_or_default()
        }
        _ => Needs::default(),
    }
}

impl Cause {
    /// What the case knows of it from its beginning, unread: the day, or the message's contents.
    pub(super) fn brings(&self, executable: &Executable) -> Map {
        let starts = &executable.procedure.starts;
        let brought = match self {
            Self::Time(at) => starts.day.as_ref().map(|name| {
                let day = executable.organisation.calendar.date(*at);
                (name.value.clone(), Value::text(day.to_string()))
            }),
            Self::Message(received) => {
                let into = starts.message.as_ref().and_then(|heard| heard.into.as_ref());
                into.map(|name| (name.value.clone(), Value::Map(received.contents.clone())))
            }
        };
        // What the message's kind has no fields for is nowhere to be put.
        let is_known = |(name, _): &(String, Value)| {
            executable.begins_with().iter().any(|field| *field.name == **name)
        };
        brought.into_iter().filter(is_known).collect()
    }
}

/// Series, and the rows that may be written to, by the key as it is or as it was just typed: columns that
/// the case doesn't know stay as they are.
fn of(asks: &Asks, state: &State, submission: &Map) -> Needs {
    let mut records = BTreeSet::new();
    let branches = state.blocks.values().flat_map(|block| block.items.values());
    let known: Vec<&Map> = [&state.data, submission].into_iter().chain(branches).collect();
    for (register, path) in &asks.saves {
        let keys = known.iter().filter_map(|values| Value::at(values, path));
        let keys = keys.map(|key| key.to_string().trim().to_owned());
        let keys = keys.filter(|key| key.len() <= MAX_KEY);
        records.extend(keys.map(|key| (register.clone(), key)));
    }
    let draws = asks.draws.iter();
    let draws = draws.flat_map(|draw| known.iter().flat_map(move |values| items(draw, values)));
    Needs {
        series: Arc::clone(&asks.series),
        records,
        balances: draws.collect(),
        may_grow: asks.saves_late,
    }
}

/// The accounts that a movement may draw on, with what was filled in so far or was just typed.
fn items(draw: &Draw, data: &Map) -> Vec<BalanceKey> {
    let rows = draw.each.as_ref().and_then(|each| Value::at(data, each)?.as_list());
    let rows = rows.unwrap_or_default().iter().filter_map(Value::as_map);
    let of_rows = rows.filter_map(|row| Value::at(row, &draw.item));
    let items = of_rows.chain(Value::at(data, &draw.item));
    let keys = items.filter_map(|item| record_key(item, &draw.key));
    keys.map(|item| (draw.ledger.clone(), item, draw.account.clone())).collect()
}

/// The rows that a submission refers to by key.
fn named(fields: &[Field], raw: &Map, records: &mut BTreeSet<(String, String)>) {
    for field in fields {
        match (&field.kind, raw.get(field.name.as_str())) {
            (Kind::Record { register, key }, Some(given)) => {
                if let Some(key) = record_key(given, key) {
                    records.insert((register.value.clone(), key));
                }
            }
            (Kind::Group { fields }, Some(Value::Map(inner))) => named(fields, inner, records),
            (Kind::Table { columns, .. }, Some(Value::List(rows))) => {
                for row in rows.iter().filter_map(Value::as_map) {
                    named(columns, row, records);
                }
            }
            _ => {}
        }
    }
}
