//! What may happen to a case next: what people ask for, what machines answer, what comes from outside, and
//! time.

use jiff::{SignedDuration, Timestamp};
use tramite::engine::{
    Actor, Awaits, Command, JobStatus, LockStatus, Owner, Received, State, TaskStatus, Watch,
};
use tramite::expression::{Map, Value};
use tramite::procedure::{Errand, Executable, Then, What};

use super::maker::Dice;
use crate::office::request;

/// Something that may happen.
#[derive(Debug, Clone)]
pub struct Wish {
    pub command: Command,
    /// Not before.
    pub at: Option<Timestamp>,
    /// It leads on, and never round for ever.
    pub leads_on: bool,
}

/// How a case is worked now.
#[derive(Debug, Clone)]
pub struct Mood {
    /// Only what leads on is wanted: it has been played with for long enough.
    pub goes_on: bool,
    /// Nothing comes from outside.
    pub is_silent: bool,
    /// The key of the case's messages.
    pub id: String,
    pub now: Timestamp,
}

pub fn everybody(number: usize) -> Actor {
    let id = ["ana", "eva", "max"].get(number).map_or(format!("new{number}"), |id| (*id).into());
    let roles = ["clerk", "boss"].map(ToOwned::to_owned);
    Actor { name: id.clone(), id, roles: roles.into() }
}

/// Who does it: of three people whoever may, or somebody new.
pub fn doer(executable: &Executable, state: &State, wish: &Wish, dice: &mut Dice) -> Actor {
    let number = dice.roll(3);
    let task = match &wish.command {
        Command::FireTimer { .. } => return Actor::clock(),
        Command::Deliver { .. } => return everybody(number),
        Command::CompleteJob { job, .. } | Command::FailJob { job, .. } => {
            // Workers have a role; what is stuck somebody in charge may answer by hand.
            let is_stuck =
                state.jobs.get(job).is_some_and(|open| open.status != JobStatus::Waiting);
            return if is_stuck { everybody(number) } else { Actor::machine() };
        }
        Command::NoteChild { .. } => return Actor::machine(),
        Command::CompleteTask { task, .. } | Command::ReleaseTask { task } => *task,
        _ => return everybody(number),
    };
    let Some(open) = state.tasks.get(&task) else { return everybody(number) };
    // Who has claimed it does it.
    if let Some(id) = &open.claimed_by {
        return Actor { id: id.clone(), ..everybody(number) };
    }
    let before = executable.step(&open.step).into_iter().flat_map(|step| &step.not_by);
    let before: Vec<&String> =
        before.filter_map(|step| state.completed_by.get(step.as_str())).flatten().collect();
    let people = (number..).map(everybody).filter(|actor| !before.contains(&&actor.id));
    people.into_iter().next().expect("people are many")
}

/// Whatever may happen next, in any order; what leads on first when that is wanted.
pub fn next(executable: &Executable, state: &State, dice: &mut Dice, mood: &Mood) -> Vec<Wish> {
    let mut wishes = Vec::new();
    people(executable, state, dice, mood, &mut wishes);
    machines(executable, state, dice, mood, &mut wishes);
    for (no, watch) in &state.watches {
        wishes.extend(outside(executable, state, (*no, watch), mood));
    }
    for at in (1..wishes.len()).rev() {
        wishes.swap(at, dice.roll(at + 1));
    }
    if mood.goes_on {
        wishes.sort_by_key(|wish| !wish.leads_on);
    }
    wishes
}

fn people(
    executable: &Executable,
    state: &State,
    dice: &mut Dice,
    mood: &Mood,
    wishes: &mut Vec<Wish>,
) {
    let mut add = |command, at, leads_on| wishes.push(Wish { command, at, leads_on });
    for (task, open) in &state.tasks {
        let choices = executable.step(&open.step).expect("a step").choices();
        let labels = choices.iter().take(if mood.goes_on { 1 } else { usize::MAX });
        let labels: Vec<Option<String>> = match choices.is_empty() {
            true => vec![None],
            false => labels.map(|choice| Some(choice.label.value.clone())).collect(),
        };
        let is_first = executable.place(&open.step) == Some(0);
        let amount = [50, 250, 450, 900][dice.roll(4)].to_string();
        for choice in labels {
            let submission = if is_first { request(&mood.id, &amount) } else { Map::new() };
            let command = Command::CompleteTask { task: *task, submission, choice };
            add(command, open.opens_at, true);
        }
        if !mood.goes_on && dice.once_in(4) {
            let command = match open.status {
                TaskStatus::Claimed => Command::ReleaseTask { task: *task },
                _ => Command::ClaimTask { task: *task },
            };
            add(command, None, false);
        }
    }
    for (block, open) in state.blocks.iter().filter(|(_, open)| open.is_open) {
        add(Command::CloseItems { block: *block }, None, true);
        if open.ended as usize + open.running.len() < 2 && !mood.goes_on {
            add(Command::AddItem { block: *block }, None, false);
        }
    }
    // Other cases give back what they have.
    for (lock, open) in &state.locks {
        if open.status == LockStatus::Wanted && !state.has_lock(&open.name) {
            add(Command::TakeLock { lock: *lock }, None, true);
        }
    }
}

fn machines(
    executable: &Executable,
    state: &State,
    dice: &mut Dice,
    mood: &Mood,
    wishes: &mut Vec<Wish>,
) {
    for (no, open) in &state.jobs {
        let job = *no;
        let step = executable.step(&open.step).expect("a step");
        let errand = step.errand.as_ref().expect("an errand");
        let is_stuck = open.status != JobStatus::Waiting;
        let mut add = |command, leads_on| wishes.push(Wish { command, at: None, leads_on });
        add(Command::CompleteJob { job, answer: answer(errand, dice) }, true);
        if is_stuck {
            add(Command::RetryJob { job }, false);
        } else if !mood.goes_on {
            let code = ["E-1", "E-9", "cancelled", "any", ""][dice.roll(5)];
            let retry_at = mood.now + SignedDuration::from_secs(5);
            let command = Command::FailJob {
                job,
                reason: "out of order".to_owned(),
                code: Some(code.to_owned()).filter(|code| !code.is_empty()),
                retry_at: Some(retry_at).filter(|_| dice.once_in(2)),
            };
            add(command, false);
        }
    }
}

/// What the machine of an errand says.
fn answer(errand: &Errand, dice: &mut Dice) -> Value {
    let number = ("number".to_owned(), Value::text(format!("C-{}", dice.roll(3))));
    match &errand.what {
        What::Send(_) => Value::Null,
        What::Work(_) => Value::number(dice.roll(6) as u64),
        What::Call(_) => {
            let mut told = Map::from([("paid".to_owned(), Value::Bool(dice.once_in(2)))]);
            if dice.once_in(2) {
                told.insert("sum".to_owned(), Value::number(12_u64));
            }
            Value::Map(told)
        }
        What::Case(child) if child.waits => {
            let outcome = ("outcome".to_owned(), Value::text("completed"));
            let ok = ("ok".to_owned(), Value::Bool(dice.once_in(2)));
            Value::Map(Map::from([number, outcome, ok]))
        }
        What::Case(_) => Value::Map(Map::from([number])),
    }
}

/// What is listened for comes about.
fn outside(
    executable: &Executable,
    state: &State,
    (no, watch): (u32, &Watch),
    mood: &Mood,
) -> Option<Wish> {
    let (step, _) = state.stands(watch.of)?;
    let step = executable.step(step)?;
    let happening = watch.line.and_then(|line| step.on.get(line as usize));
    let leaves = happening.is_some_and(|line| matches!(line.then, Then::Leave(_)));
    let is_own = matches!(watch.of, Owner::Wait(_)) && watch.line.is_none();
    // A reminder comes for ever.
    if mood.goes_on && !leaves && !is_own {
        return None;
    }
    // The checker tries no more than two of what begins beside a step.
    let is_many = || begun(state, watch) >= 2;
    if happening.is_some_and(|line| line.beside().is_some() && line.comes_again() && is_many()) {
        return None;
    }
    let listens = |name: &str, key: &str, is_signal: bool| Received {
        sender: "eva".to_owned(),
        id: format!("{}-{no}-{}", mood.id, mood.now),
        name: name.to_owned(),
        key: key.to_owned(),
        contents: match name {
            "paid" => Map::from([("amount".to_owned(), Value::text("50"))]),
            _ => Map::new(),
        },
        is_signal,
    };
    let (command, at) = match &watch.awaits {
        Awaits::Until(_) => (Command::FireTimer { watch: no }, Some(watch.fires_at()?)),
        Awaits::Message { .. } | Awaits::Signal { .. } if mood.is_silent && !mood.goes_on => {
            return None;
        }
        Awaits::Message { name, key } => {
            let received = Box::new(listens(name, key, false));
            (Command::Deliver { watch: no, received }, None)
        }
        Awaits::Signal { name } => {
            let received = Box::new(listens(name, "", true));
            (Command::Deliver { watch: no, received }, None)
        }
    };
    Some(Wish { command, at, leads_on: is_own })
}

/// How many branches that a line of `on` began are open.
fn begun(state: &State, watch: &Watch) -> usize {
    let around = state.stands(watch.of).and_then(|(_, within)| within.as_ref());
    let open = around.and_then(|place| state.blocks.get(&place.block));
    let line = format!("{}.", watch.line.unwrap_or_default());
    open.map_or(0, |open| open.running.iter().filter(|name| name.starts_with(&line)).count())
}
