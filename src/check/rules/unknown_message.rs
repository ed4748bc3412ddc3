//! `unknown_message`, `unknown_signal`: a step waits for, or sends, what the organisation doesn't list.
//! And fields of a message that it doesn't have.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::organisation::Message;
use crate::procedure::{Awaited, Procedure, Sends};
use crate::yaml::Spanned;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    if subject.may_be_lost(Some("organisation")) {
        return;
    }
    if let Some(begins) = &subject.procedure.starts.message {
        message(subject, &begins.name, found);
        begun_twice(subject, &begins.name, found);
    }
    for (_, step) in subject.steps() {
        for awaited in step.awaited() {
            match awaited {
                Awaited::Message(heard) => {
                    message(subject, &heard.name, found);
                }
                Awaited::Signal(name) => signal(subject, name, found),
                Awaited::Term(..) | Awaited::Day(_) | Awaited::Due(_) => {}
            }
        }
        for sends in &step.sends {
            if let Some(message) = message(subject, &sends.name, found) {
                contents(message, sends, found);
            }
        }
        step.signals.iter().for_each(|name| signal(subject, name, found));
    }
}

fn message<'a>(
    subject: &'a Subject<'_>,
    name: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<&'a Message> {
    let known = subject.organisation.message(name);
    if known.is_none() {
        let names = subject.organisation.messages.iter().map(|message| message.name.as_str());
        found.push(
            Diagnostic::new(
                "unknown_message",
                name.span,
                format!("there is no message `{}`", name.value),
            )
            .label("not one of the organisation's `messages`")
            .suggest(name, names),
        );
    }
    known
}

/// A message begins one case. Of two procedures that begin with it the later one is told.
fn begun_twice(subject: &Subject<'_>, name: &Spanned<String>, found: &mut Diagnostics) {
    let procedures = subject.group.procedures.iter();
    let before = procedures.take_while(|other| other.id.span != subject.procedure.id.span);
    let begins = |other: &Procedure| {
        let heard = other.starts.message.as_ref().filter(|heard| heard.name.value == name.value)?;
        Some((other.id.value.clone(), heard.name.span))
    };
    if let Some((other, span)) = before.filter_map(begins).next() {
        let headline = format!("`{}` begins a case of `{other}`, too", name.value);
        found.push(
            Diagnostic::new("conflicting_ways", name.span, headline)
                .label("only one procedure can begin with a message")
                .also(span, format!("`{other}` begins with it"))
                .help(format!(
                    "let a step of `{other}` begin the other procedure, or use a message of its own"
                )),
        );
    }
}

fn signal(subject: &Subject<'_>, name: &Spanned<String>, found: &mut Diagnostics) {
    if subject.organisation.signal(name).is_none() {
        let names = subject.organisation.signals.iter().map(|signal| signal.name.as_str());
        found.push(
            Diagnostic::new(
                "unknown_signal",
                name.span,
                format!("there is no signal `{}`", name.value),
            )
            .label("not one of the organisation's `signals`")
            .suggest(name, names),
        );
    }
}

fn contents(message: &Message, sends: &Sends, found: &mut Diagnostics) {
    let fields = || message.fields.iter().filter(|field| field.is_asked());
    for (name, _) in &sends.with {
        if !fields().any(|field| *field.name == **name) {
            found.push(
                Diagnostic::new(
                    "unknown_field",
                    name.span,
                    format!("`{}` has no field `{}`", *message.name, name.value),
                )
                .label("not a field of the message")
                .also(message.name.span, "the message")
                .suggest(name, fields().map(|field| field.name.as_str())),
            );
        }
    }
    let is_given = |name: &str| sends.with.iter().any(|(given, _)| given.as_str() == name);
    let missing = fields().find(|field| {
        !field.is_optional
            && field.when.is_none()
            && field.default.is_none()
            && !is_given(&field.name)
    });
    if let Some(field) = missing {
        found.push(
            Diagnostic::new(
                "missing_key",
                sends.name.span,
                format!("`{}` is sent without `{}`", sends.name.value, *field.name),
            )
            .label("whoever waits for it would be told less than the message promises")
            .also(field.name.span, "this field must be filled in")
            .help(format!("write `with: {{ {}: … }}`", *field.name)),
        );
    }
}
