//! Works a case by chance, with the engine alone, and looks after every command whether all is well.

use tramite::check::proof::Proof;
use tramite::engine::{
    Actor, CaseStatus, Command, Facts, Holder, LockStatus, Record, State, TaskStatus, decide,
    replay,
};
use tramite::expression::Map;
use tramite::procedure::Executable;

use super::maker::Dice;
use crate::office::{MORNING, request};

/// Commands of one case, at most.
const MOST: usize = 250;

pub fn everybody(number: usize) -> Actor {
    let id = ["ana", "eva", "max"][number % 3].to_owned();
    let roles = ["clerk", "boss"].map(ToOwned::to_owned);
    Actor { name: id.clone(), id, roles: roles.into() }
}

/// What somebody may try next; none when there is nothing to do.
pub fn next(
    executable: &Executable,
    state: &State,
    dice: &mut Dice,
    goes_on: bool,
) -> Vec<Command> {
    let mut wishes = Vec::new();
    for (task, open) in &state.tasks {
        let choices = executable.step(&open.step).expect("a step").choices();
        let labels = choices.iter().take(if goes_on { 1 } else { usize::MAX });
        let labels: Vec<Option<String>> = match choices.is_empty() {
            true => vec![None],
            false => labels.map(|choice| Some(choice.label.value.clone())).collect(),
        };
        let is_first = executable.place(&open.step) == Some(0);
        let amount = [50, 250, 450, 900][dice.roll(4)].to_string();
        for choice in labels {
            let submission = if is_first { request("7", &amount) } else { Map::new() };
            wishes.push(Command::CompleteTask { task: *task, submission, choice });
        }
        if !goes_on && dice.once_in(4) {
            wishes.push(match open.status {
                TaskStatus::Claimed => Command::ReleaseTask { task: *task },
                _ => Command::ClaimTask { task: *task },
            });
        }
    }
    for (block, open) in state.blocks.iter().filter(|(_, open)| open.is_open) {
        wishes.push(Command::CloseItems { block: *block });
        if open.ended as usize + open.running.len() < 2 && !goes_on {
            wishes.push(Command::AddItem { block: *block });
        }
    }
    for (lock, open) in &state.locks {
        if open.status == LockStatus::Wanted && !state.has_lock(&open.name) {
            wishes.push(Command::TakeLock { lock: *lock });
        }
    }
    for at in (1..wishes.len()).rev() {
        wishes.swap(at, dice.roll(at + 1));
    }
    wishes
}

/// Works one case; whether it came to its end. An error says what is wrong. `seen`: all markings that the checker has seen, if it
/// has seen all.
pub fn play(
    executable: &Executable,
    dice: &mut Dice,
    seen: Option<&dyn Fn(&str) -> bool>,
) -> Result<bool, String> {
    let facts = Facts { now: MORNING.parse().expect("an instant"), ..Facts::default() };
    let mut journal: Vec<Record> = Vec::new();
    let mut state = State::default();
    let start = Command::StartCase { version: 1 };
    take(executable, &facts, (&mut state, &mut journal), (&everybody(0), &start))
        .map_err(|refusal| format!("not begun: {refusal}"))?;
    let patience = dice.roll(60);
    for count in 0..MOST {
        let is_over = state.status != CaseStatus::Running;
        sound(&state)?;
        if let Some(seen) = seen.filter(|_| !is_over) {
            let marking = Proof::marking(executable, &state);
            if !seen(&marking.key) {
                return Err(format!("the checker has not seen {}", marking.key));
            }
        }
        if is_over {
            return stored(&state, &journal).map(|()| true);
        }
        let who = everybody(dice.roll(3));
        let mut wishes = next(executable, &state, dice, count > patience).into_iter();
        let mut refusals = Vec::new();
        let is_done = wishes.any(|wish| {
            let holder = match &wish {
                Command::CompleteTask { task, .. } | Command::ReleaseTask { task } => {
                    state.tasks.get(task).and_then(|open| open.claimed_by.clone())
                }
                _ => None,
            };
            // Who has claimed it does it.
            let who = match holder {
                Some(id) => Actor { id, ..who.clone() },
                None => who.clone(),
            };
            let done = take(executable, &facts, (&mut state, &mut journal), (&who, &wish));
            done.map_err(|refusal| refusals.push(format!("{wish:?}: {refusal}"))).is_ok()
        });
        if !is_done {
            return Err(format!("stuck after {count} commands: {}", refusals.join("; ")));
        }
    }
    stored(&state, &journal).map(|()| false)
}

fn take(
    executable: &Executable,
    facts: &Facts,
    (state, journal): (&mut State, &mut Vec<Record>),
    (who, command): (&Actor, &Command),
) -> Result<(), String> {
    let decision = decide(executable, state.clone(), who, command, facts);
    let decision = decision.map_err(|rejection| format!("{rejection:?}"))?;
    for entry in decision.entries {
        journal.push(Record {
            seq: u32::try_from(journal.len() + 1).expect("few"),
            at: facts.now,
            actor: who.id.clone(),
            actor_name: who.name.clone(),
            entry,
        });
    }
    *state = decision.state;
    Ok(())
}

/// What must hold of a state, whatever was done.
fn sound(state: &State) -> Result<(), String> {
    let is_running = state.status == CaseStatus::Running;
    let holders = state.tokens().filter(|token| !matches!(token.holder, Holder::Parked(_))).count();
    let items = state.blocks.values().filter(|open| open.is_open).count();
    if is_running && holders + items + state.locks.len() == 0 {
        return Err("the case is open and nobody has a task".to_owned());
    }
    let is_left = state.tokens().count() > 0 || !state.blocks.is_empty();
    if !is_running && (is_left || !state.locks.is_empty()) {
        return Err("the case is over and something is open".to_owned());
    }
    for token in state.tokens() {
        if let Some(place) = token.within {
            let around = state.blocks.get(&place.block);
            if !around.is_some_and(|open| open.running.contains(&place.branch)) {
                return Err(format!("step {} stands in a branch that is over", token.step));
            }
        }
    }
    Ok(())
}

/// What was stored along the way tells the same.
fn stored(state: &State, journal: &[Record]) -> Result<(), String> {
    if replay(journal) != *state {
        return Err("the journal tells another state".to_owned());
    }
    let text = serde_json::to_string(state).expect("writes");
    match serde_json::from_str::<State>(&text) {
        Ok(read) if read == *state => Ok(()),
        _ => Err("the state does not survive being stored".to_owned()),
    }
}
