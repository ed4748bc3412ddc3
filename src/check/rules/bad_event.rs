//! `bad_event`: something that is waited for, or done when it happens, has no meaning at its step.
//! `never_happens`: it would have one, and can't come about.

use crate::calendar::Term;
use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::procedure::{Awaited, Begins, Happening, Step, Then};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        wait(step, found);
        for happening in &step.on {
            meanwhile(subject, step, happening, found);
        }
        too_late(step, found);
        for heard in step.heard() {
            let message = subject.organisation.message(&heard.name);
            if let (Some(into), Some(message)) = (&heard.into, message)
                && message.fields.is_empty()
            {
                bad(
                    found,
                    into.span,
                    format!("the message `{}` contains nothing", heard.name.value),
                    "nothing could be taken into it",
                    "take `into` out, or give the message its `fields`",
                );
            }
        }
        first_of_all(subject, step, found);
    }
}

fn bad(found: &mut Diagnostics, span: Span, headline: String, label: &str, help: &str) {
    found.push(Diagnostic::new("bad_event", span, headline).label(label).help(help));
}

/// A step waits by itself, or somebody works on it.
fn wait(step: &Step, found: &mut Diagnostics) {
    if let (Some(_), Some(role)) = (&step.wait, &step.role) {
        bad(
            found,
            role.span,
            format!("step {} waits by itself, and somebody shall work on it", *step.id),
            "nobody works on a step that waits",
            "make two steps of it; what may happen while somebody works stands under `on`",
        );
    }
}

fn meanwhile(subject: &Subject<'_>, step: &Step, happening: &Happening, found: &mut Diagnostics) {
    if let Awaited::Due(span) = happening.awaited
        && step.due.is_none()
        && !subject.is_damaged_at(step)
    {
        bad(
            found,
            span,
            format!("step {} is never due", *step.id),
            "there is no `due` to wait for",
            "give the step its `due`, or write the term here: `after: 2 working days`",
        );
    }
    let is_task = step.role.is_some() && step.block.is_none();
    let key = match happening.then {
        Then::Leave(_) | Then::Does(_) => None,
        Then::Remind { .. } => Some("remind"),
        Then::Escalate { .. } => Some("escalate"),
    };
    if let Some(key) = key.filter(|_| !is_task && step.is_waited_at()) {
        bad(
            found,
            happening.span,
            format!("`{key}` at step {} concerns nobody", *step.id),
            "no person has this step before them",
            "write it at the steps of people; here `go`, `end` and `does` are possible",
        );
    }
    if !step.is_waited_at() {
        found.push(
            Diagnostic::new(
                "never_happens",
                happening.span,
                format!("nothing can happen at step {} meanwhile", *step.id),
            )
            .label("the step runs by itself, and is over at once")
            .help("write it at a step that somebody works on, that waits, or that is a block"),
        );
    }
}

/// What comes later than what takes the step away.
fn too_late(step: &Step, found: &mut Diagnostics) {
    let term = |happening: &Happening| match &happening.awaited {
        Awaited::Term(term, written) => Some((term.clone(), written.span)),
        Awaited::Due(span) => step.due.as_ref().map(|(term, _)| (term.clone(), *span)),
        _ => None,
    };
    let leaves = |happening: &&Happening| matches!(happening.then, Then::Leave(_));
    for happening in &step.on {
        let Some((own, span)) = term(happening) else { continue };
        let mut others = step.on.iter().filter(leaves).filter(|other| other.span != happening.span);
        let first = others.find_map(|other| {
            let (ends, at) = term(other)?;
            is_longer(&own, &ends).then_some(at)
        });
        if let Some(at) = first {
            found.push(
                Diagnostic::new(
                    "never_happens",
                    span,
                    format!("step {} is over before this can happen", *step.id),
                )
                .label("this comes too late")
                .also(at, "by then this has taken the step away")
                .help("give it a shorter term"),
            );
        }
    }
}

/// Of terms of one kind it can be told.
fn is_longer(one: &Term, other: &Term) -> bool {
    match (one, other) {
        (Term::Minutes(one), Term::Minutes(other))
        | (Term::Hours(one), Term::Hours(other))
        | (Term::Days(one), Term::Days(other))
        | (Term::WorkingDays(one), Term::WorkingDays(other))
        | (Term::WorkingHours(one), Term::WorkingHours(other)) => one > other,
        _ => false,
    }
}

/// A branch of `wait_any` begins with something that may happen or not.
fn first_of_all(subject: &Subject<'_>, step: &Step, found: &mut Diagnostics) {
    let Some(block) = step.block.as_ref().filter(|block| matches!(block.begins, Begins::First))
    else {
        return;
    };
    for strand in &block.strands {
        let first = strand.steps.clone().next().map(|at| &subject.procedure.steps[at]);
        let waits = |first: &&Step| first.block.is_none() && first.is_waited_at();
        if let Some(first) = first.filter(|first| !waits(first)) {
            bad(
                found,
                first.id.span,
                format!("nothing is waited for at step {}", *first.id),
                "its branch would be the first in any case",
                "begin it with a step that waits, or that somebody works on",
            );
        }
    }
}
