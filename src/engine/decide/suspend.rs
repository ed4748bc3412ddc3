//! Terms that stand still: while a case waits for the customer, the office's terms don't run.
//!
//! After every command it is looked which terms have to stand still now, and which may run again. What
//! was left of a term is what it goes on with.

use super::Working;
use super::watch::calendar;
use crate::calendar::{Left, Term};
use crate::engine::{Awaits, CaseStatus, Entry, Holder, Owner, Watch};
use crate::procedure::{Awaited, Step, Suspends};

/// Stops and starts terms as the steps that are open now want it.
pub(super) fn settle(working: &mut Working<'_>) {
    let steps = &working.executable.procedure.steps;
    if steps.iter().all(|step| step.suspends.is_none())
        || working.state.status != CaseStatus::Running
    {
        return;
    }
    for no in working.state.watches.keys().copied().collect::<Vec<_>>() {
        change(working, no);
    }
}

fn change(working: &mut Working<'_>, no: u32) {
    let Some(watch) = working.state.watches.get(&no) else { return };
    let (Awaits::Until(until), of) = (&watch.awaits, watch.of) else { return };
    let until = *until;
    let Some((step, _)) = working.state.stands(of) else { return };
    let Some(step) = working.executable.step(step) else { return };
    let Some(term) = term(step, watch) else { return };
    let task = match (of, watch.line) {
        (Owner::Task(task), None) => Some(task),
        _ => None,
    };
    let now = working.facts.now;
    let entry = match (watch.left, stands_still(working, step)) {
        (None, true) => {
            let left: Left = calendar(working, step).remaining(now, until, term);
            Entry::TermSuspended { watch: no, left, task }
        }
        (Some(left), false) => {
            let until = calendar(working, step).resume(now, left);
            Entry::TermResumed { watch: no, until, task }
        }
        _ => return,
    };
    working.emit(entry);
}

/// The term by which a watch is reckoned; none for what is no term of the office: a wait's own time.
fn term<'a>(step: &'a Step, watch: &Watch) -> Option<&'a Term> {
    let due = || step.due.as_ref().map(|(term, _)| term);
    match (watch.of, watch.line) {
        (Owner::Task(_), None) => due(),
        (_, None) => None,
        (_, Some(line)) => match &step.on.get(line as usize)?.awaited {
            Awaited::Term(term, _) => Some(term),
            Awaited::Due(_) => due(),
            _ => None,
        },
    }
}

/// Whether a step is open that stops the terms of this one.
fn stands_still(working: &Working<'_>, step: &Step) -> bool {
    let executable = working.executable;
    let mut tokens = working.state.tokens();
    tokens.any(|token| {
        let other = executable.step(token.step).filter(|other| *other.id != *step.id);
        // Who stands in front of a step has not begun it.
        let other = other.filter(|_| !matches!(token.holder, Holder::Parked(_)));
        match other.and_then(|other| other.suspends.as_ref()) {
            Some(Suspends::Terms(_)) => true,
            Some(Suspends::Steps(steps)) => steps.iter().any(|named| **named == *step.id),
            None => false,
        }
    })
}
