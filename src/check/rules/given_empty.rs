//! `not_filled_in`: what is handed to another procedure, or sent, may be empty, and is needed there.

use super::not_filled_in::path_of;
use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::Expression;
use crate::field::{Field, Kind};
use crate::procedure::{Sends, Shape, Step};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        given(subject, step, found);
        step.sends.iter().for_each(|sends| sent(subject, sends, found));
    }
}

/// A case that lacks an input does not begin.
fn given(subject: &Subject<'_>, step: &Step, found: &mut Diagnostics) {
    let Some(child) = step.child() else { return };
    let mut known = subject.group.procedures.iter();
    let known = known.find(|known| known.id.value == child.procedure.value);
    let Some(other) = known.and_then(|known| subject.group.executable(known)) else { return };
    let Shape::Map(parts) = &child.with else { return };
    for (name, shape) in parts {
        let field = other.inputs().iter().find(|field| *field.name == **name);
        field.into_iter().for_each(|field| part(subject, shape, field, found));
    }
}

/// A message that lacks a field is refused by whoever waits for it.
fn sent(subject: &Subject<'_>, sends: &Sends, found: &mut Diagnostics) {
    let Some(message) = subject.organisation.message(&sends.name) else { return };
    for (name, value) in &sends.with {
        let field = message.fields.iter().find(|field| *field.name == **name);
        field.into_iter().for_each(|field| whole(subject, value, field, found));
    }
}

fn part(subject: &Subject<'_>, shape: &Shape, field: &Field, found: &mut Diagnostics) {
    match (shape, &field.kind) {
        (Shape::Value(value), _) => whole(subject, value, field, found),
        (Shape::Map(parts), Kind::Group { fields }) => {
            for (name, shape) in parts {
                let field = fields.iter().find(|field| *field.name == **name);
                field.into_iter().for_each(|field| part(subject, shape, field, found));
            }
        }
        _ => {}
    }
}

/// Of an expression that reckons something nobody can tell; a variable as it stands may be empty.
fn whole(subject: &Subject<'_>, value: &Expression, field: &Field, found: &mut Diagnostics) {
    let Some(path) = path_of(value) else { return };
    let Some(empty) = missing(subject, &path, field) else { return };
    found.push(
        Diagnostic::new("not_filled_in", value.span, format!("`{empty}` may be left empty"))
            .label(format!("`{}` is needed there", *field.name))
            .also(field.name.span, "it can't be empty")
            .help("make it `optional` there, or say what it is then: `default(…)`"),
    );
}

/// What of a variable may be empty and is needed.
fn missing(subject: &Subject<'_>, path: &str, field: &Field) -> Option<String> {
    let can_do_without = field.is_optional || field.when.is_some() || field.default.is_some();
    if can_do_without || !field.is_asked() {
        return None;
    }
    if subject.may_be_empty(path) {
        return Some(path.to_owned());
    }
    let Kind::Group { fields } = &field.kind else { return None };
    let known = |field: &&Field| subject.executable.field(&inside(path, field)).is_some();
    fields.iter().filter(known).find_map(|field| missing(subject, &inside(path, field), field))
}

fn inside(path: &str, field: &Field) -> String {
    format!("{path}.{}", *field.name)
}
