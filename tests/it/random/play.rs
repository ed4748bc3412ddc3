//! Works a case by chance, with the engine alone, and looks after every command whether all is well.

use tramite::check::proof::Proof;
use tramite::engine::{
    Actor, CaseStatus, Command, Facts, Holder, Record, Rejection, State, decide, replay,
};
use tramite::procedure::Executable;

use super::maker::Dice;
use super::wishes::{Mood, doer, everybody, next};
use crate::office::MORNING;

/// Commands of one case, at most.
const MOST: usize = 250;

/// Works one case; whether it came to its end. An error says what is wrong. `seen`: all markings that the checker has seen, if it
/// has seen all.
pub fn play(
    executable: &Executable,
    dice: &mut Dice,
    seen: Option<&dyn Fn(&str) -> bool>,
) -> Result<bool, String> {
    let mut facts = Facts { now: MORNING.parse().expect("an instant"), ..Facts::default() };
    let mut journal: Vec<Record> = Vec::new();
    let mut state = State::default();
    let start = Command::StartCase { version: 1 };
    take(executable, &facts, (&mut state, &mut journal), (&everybody(0), &start))
        .map_err(|refusal| format!("not begun: {refusal:?}"))?;
    let patience = dice.roll(60);
    let is_silent = dice.once_in(3);
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
        let id = "7".to_owned();
        let mood = Mood { goes_on: count > patience, is_silent, id, now: facts.now };
        let mut wishes = next(executable, &state, dice, &mood).into_iter();
        let mut refusals = Vec::new();
        let is_done = loop {
            let Some(wish) = wishes.next() else { break false };
            let who = doer(executable, &state, &wish, dice);
            let at = wish.at.unwrap_or(facts.now).max(facts.now);
            let then = Facts { now: at, ..facts.clone() };
            let done = take(executable, &then, (&mut state, &mut journal), (&who, &wish.command));
            match done {
                Ok(()) => {
                    facts = then;
                    break true;
                }
                Err(refusal) if is_a_fault(&refusal) => {
                    return Err(format!("{refusal:?} after {count} commands"));
                }
                Err(refusal) => refusals.push(format!("{:?}: {refusal:?}", wish.command)),
            }
        };
        // When nothing comes from outside, what is waited for comes in the end.
        if !is_done && (mood.goes_on || !is_silent) {
            return Err(format!("stuck after {count} commands: {}", refusals.join("; ")));
        }
    }
    stored(&state, &journal).map(|()| false)
}

/// Nobody's fault but the procedure's: the checker must have told of it.
fn is_a_fault(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::NoWayOn { .. }
            | Rejection::InvalidSubmission { .. }
            | Rejection::NotInHand { .. }
    )
}

fn take(
    executable: &Executable,
    facts: &Facts,
    (state, journal): (&mut State, &mut Vec<Record>),
    (who, command): (&Actor, &Command),
) -> Result<(), Rejection> {
    let decision = decide(executable, state.clone(), who, command, facts)?;
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
    // What happens meanwhile may lead on where nobody has anything to do.
    let meanwhile = state.watches.values().filter(|watch| watch.line.is_some()).count();
    if is_running && holders + items + meanwhile + state.locks.len() == 0 {
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
