//! What keeps a token in front of a step: others that it joins, a block that is not clear yet, a
//! milestone, a critical section. And when it may go on.
//!
//! A token that can't enter is *parked*. After every command, when nothing moves any more, the parked
//! ones are asked again, the first that came first.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use petgraph::visit::Dfs;

use super::advance::{self, Token};
use super::{Working, lock};
use crate::engine::{BlockStatus, Entry, Gate, Holder, Parked, Place, Rejection};
use crate::procedure::{Merge, Mutex, Rest, Step, Target, Way};

/// In the order in which they are asked.
const GATES: [Gate; 4] = [Gate::Join, Gate::Rest, Gate::Milestone, Gate::Mutex];

/// The gate that keeps the token out of the step now.
pub(super) fn closed(working: &Working<'_>, step: &Step, token: &Token) -> Option<Gate> {
    let has_rest = step.block.as_ref().is_some_and(|block| block.rest() == Some(Rest::Block));
    if !step.control.has_gate() && !has_rest {
        return None;
    }
    let ahead = GATES.into_iter().filter(|gate| token.passed.is_none_or(|passed| *gate > passed));
    ahead.into_iter().find(|gate| match gate {
        // Whether it may go on is asked when nothing moves any more: others may come with it.
        Gate::Join => step.control.merges.is_some(),
        Gate::Rest => has_rest && is_left_over(working, step, &token.within),
        Gate::Milestone => {
            step.control.enabled_while.as_ref().is_some_and(|other| !waits_at(working, other))
        }
        Gate::Mutex => {
            let mutex = step.control.mutex.as_ref();
            mutex.is_some_and(|mutex| is_taken(working, mutex) || lock::is_wanting(working, mutex))
        }
    })
}

/// What an earlier round of the same block has left is still worked on.
fn is_left_over(working: &Working<'_>, step: &Step, within: &Option<Place>) -> bool {
    working.state.blocks.values().any(|open| {
        !open.is_beside
            && open.step == *step.id
            && open.within == *within
            && open.status == BlockStatus::Joined
            && !open.running.is_empty()
    })
}

/// Somebody or something has the step before them.
fn waits_at(working: &Working<'_>, step: &str) -> bool {
    let mut tokens = working.state.tokens();
    tokens.any(|token| token.step == step && !matches!(token.holder, Holder::Parked(_)))
        || working
            .state
            .blocks
            .values()
            .any(|open| !open.is_beside && open.step == step && open.status == BlockStatus::Running)
}

/// Somebody of this case is in the critical section.
pub(super) fn is_taken(working: &Working<'_>, mutex: &Mutex) -> bool {
    let executable = working.executable;
    let is_part = |step: &str| {
        let step = executable.step(step).and_then(|step| step.control.mutex.as_ref());
        step.is_some_and(|other| other.is_same(mutex))
    };
    let mut tokens = working.state.tokens();
    tokens.any(|token| !matches!(token.holder, Holder::Parked(_)) && is_part(token.step))
        || working.state.blocks.values().any(|open| {
            !open.is_beside && open.status == BlockStatus::Running && is_part(&open.step)
        })
}

/// Lets go on what can; whether anything did. Called when nothing moves.
pub(super) fn settle(working: &mut Working<'_>) -> Result<bool, Rejection> {
    if missed(working)? {
        return Ok(true);
    }
    // Those that wait for each other alone go when nobody else can: the first of them.
    for is_stuck in [false, true] {
        let first = first_released(working, is_stuck);
        if let Some((released, parked)) = first {
            return go(working, &released, &parked);
        }
    }
    Ok(false)
}

/// The first that can go on, with those that go on as one with it. What keeps one in front of a step for a
/// milestone or a section keeps all the others there, too: many rows of an `each` are asked once.
fn first_released(working: &Working<'_>, is_stuck: bool) -> Option<(Vec<u32>, Parked)> {
    let mut kept: BTreeSet<(&str, Gate)> = BTreeSet::new();
    for (no, parked) in &working.state.parked {
        let own = (parked.step.as_str(), parked.gate);
        if kept.contains(&own) {
            continue;
        }
        if let Some(released) = released(working, *no, parked, is_stuck) {
            return Some((released, parked.clone()));
        }
        let is_shared = working
            .executable
            .step(&parked.step)
            .is_some_and(|step| step.control.mutex.as_ref().is_some_and(Mutex::is_shared));
        if matches!(parked.gate, Gate::Milestone | Gate::Mutex) && !is_shared {
            kept.insert(own);
        }
    }
    None
}

/// The tokens that go on as one, if this one can.
fn released(working: &Working<'_>, no: u32, parked: &Parked, is_stuck: bool) -> Option<Vec<u32>> {
    let executable = working.executable;
    let place = executable.place(&parked.step)?;
    let step = &executable.procedure.steps[place];
    if parked.gate == Gate::Join {
        let here: Vec<u32> = working
            .state
            .parked
            .iter()
            .filter(|(_, other)| *other == parked)
            .map(|(no, _)| *no)
            .collect();
        return match step.control.merges {
            Some(Merge::Tokens(wanted)) => {
                (here.len() >= wanted as usize).then(|| here[..wanted as usize].to_vec())
            }
            Some(Merge::Active) => {
                (!others_come(working, place, &parked.within, is_stuck)).then_some(here)
            }
            None => Some(here),
        };
    }
    if parked.gate == Gate::Mutex && step.control.mutex.as_ref().is_some_and(Mutex::is_shared) {
        return lock::is_granted(working, no).then(|| vec![no]);
    }
    // The others are asked again from the gate on at which it stands.
    let before = GATES.into_iter().rev().find(|gate| *gate < parked.gate);
    let token = Token { place, within: parked.within.clone(), passed: before };
    let is_open = closed(working, step, &token).is_none_or(|gate| gate > parked.gate);
    (is_open && !is_stuck).then(|| vec![no])
}

fn go(working: &mut Working<'_>, released: &[u32], parked: &Parked) -> Result<bool, Rejection> {
    for token in released {
        working.emit(Entry::TokenReleased { token: *token });
    }
    if let Some(place) = working.executable.place(&parked.step) {
        let (within, passed) = (parked.within.clone(), Some(parked.gate));
        working.pending.push(Token { place, within, passed });
    }
    Ok(true)
}

/// Whether a token of the scope that stands elsewhere can still come to the step.
fn others_come(working: &Working<'_>, place: usize, scope: &Option<Place>, is_stuck: bool) -> bool {
    let executable = working.executable;
    let own = executable.procedure.steps[place].id.as_str();
    let tokens = working.state.tokens().filter(|token| token.within == scope);
    let mut standing: BTreeSet<&str> = BTreeSet::new();
    for token in tokens {
        if let Holder::Parked(no) = token.holder
            && let Some(parked) = working.state.parked.get(&no)
            && parked.gate == Gate::Join
            && (parked.step == own || is_stuck)
        {
            continue;
        }
        standing.insert(token.step);
    }
    let running = |status: BlockStatus| status == BlockStatus::Running;
    let blocks = working.state.blocks.values();
    let inside = blocks.filter(|open| open.within == *scope && running(open.status));
    standing.extend(inside.map(|open| open.step.as_str()));
    standing.into_iter().any(|from| comes(working, from, place))
}

/// Whether the graph leads from one step to another, or round to itself.
fn comes(working: &Working<'_>, from: &str, to: usize) -> bool {
    let graph = &working.executable.graph;
    let Some(from) = working.executable.place(from) else { return false };
    let next = graph.flows.neighbors(graph.steps[from]);
    next.into_iter().any(|next| {
        let mut way = Dfs::new(&graph.flows, next);
        std::iter::from_fn(|| way.next(&graph.flows)).any(|node| node == graph.steps[to])
    })
}

/// Passes over what can't be done any more because its milestone is gone: an open task, or a token that
/// waits for a milestone to which nothing comes.
fn missed(working: &mut Working<'_>) -> Result<bool, Rejection> {
    let executable = working.executable;
    if !executable.procedure.steps.iter().any(|step| step.control.enabled_while.is_some()) {
        return Ok(false);
    }
    let milestones = RefCell::new(Milestones::of(working));
    let is_open = |milestone| milestones.borrow_mut().is_open(working, milestone);
    let found = working.state.tokens().filter_map(|token| {
        let place = executable.place(token.step)?;
        let milestone = executable.procedure.steps[place].control.enabled_while.as_ref()?;
        let is_gone = match token.holder {
            Holder::Parked(no) => {
                let parked = working.state.parked.get(&no)?;
                parked.gate == Gate::Milestone
                    && !is_open(milestone)
                    && !milestones.borrow_mut().is_ahead(working, token.step, milestone)
            }
            _ => !is_open(milestone),
        };
        is_gone.then(|| (token.holder, place, token.within.clone()))
    });
    // Of several the first of the file, whichever was offered first: so the order in which people
    // worked makes no difference.
    let first = found.min_by_key(|(holder, place, _)| (*place, *holder));
    drop(milestones);
    let Some((holder, place, within)) = first else { return Ok(false) };
    advance::withdraw(working, holder);
    let step = &executable.procedure.steps[place];
    working.emit(Entry::StepSkipped { step: step.id.value.clone() });
    let token = Token::new(place, within);
    // Nobody has decided anything there: the case goes on with what follows in the file.
    match &step.way {
        Way::Decide(_) => advance::follow(working, token, &Target::Next)?,
        Way::On(_) | Way::Choose(_) => advance::next(working, token, None)?,
    }
    Ok(true)
}

/// What is asked of each milestone, once: however many stand in front of one.
struct Milestones<'a> {
    /// How many tokens stand at each step.
    standing: BTreeMap<&'a str, usize>,
    open: BTreeMap<&'a str, bool>,
    /// From how many tokens a step is in reach, by its number.
    ahead: BTreeMap<&'a str, usize>,
}

impl<'a> Milestones<'a> {
    fn of(working: &'a Working<'_>) -> Self {
        let mut standing = BTreeMap::new();
        for token in working.state.tokens() {
            *standing.entry(token.step).or_default() += 1;
        }
        Self { standing, open: BTreeMap::new(), ahead: BTreeMap::new() }
    }

    fn is_open(&mut self, working: &Working<'_>, step: &'a str) -> bool {
        *self.open.entry(step).or_insert_with(|| waits_at(working, step))
    }

    /// Whether some token other than one that stands at `own` can still come to a step.
    fn is_ahead(&mut self, working: &Working<'_>, own: &str, step: &'a str) -> bool {
        let Some(to) = working.executable.place(step) else { return false };
        let leads = |from: &str| from == step || comes(working, from, to);
        let standing = &self.standing;
        let all = *self.ahead.entry(step).or_insert_with(|| {
            let from = standing.iter().filter(|(from, _)| leads(from));
            let held = working.state.blocks.values();
            let held = held.filter(|open| !open.held.is_empty() && comes(working, &open.step, to));
            from.map(|(_, count)| count).sum::<usize>() + held.count()
        });
        all > usize::from(leads(own))
    }
}
