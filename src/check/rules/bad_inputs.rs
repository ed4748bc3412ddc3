//! `bad_inputs`: a procedure is given what it does not take, or lacks what it needs; or it gives back
//! nothing of that name. What is given and taken back has the types that the other procedure says.

use std::collections::BTreeMap;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Type, Types};
use crate::field::{Field, Kind, type_of};
use crate::procedure::{Child, Executable, Procedure, Shape, Step, register_types};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    unfilled(subject, found);
    outputs(subject, found);
    for (_, step) in subject.steps() {
        let Some(child) = step.child() else { continue };
        let procedures = &subject.group.procedures;
        let known = procedures.iter().find(|known| known.id.value == child.procedure.value);
        let Some(known) = known else { continue };
        let Some(other) = subject.group.executable(known) else { continue };
        given(subject, child, &other, found);
        taken(subject, step, (child, known), &other, found);
    }
}

/// What people begin, or begins by itself, is given no inputs.
fn unfilled(subject: &Subject<'_>, found: &mut Diagnostics) {
    let Some(start) = subject.procedure.starts.first() else { return };
    let needed = subject.executable.inputs().iter().find(|field| !field.is_optional);
    if let Some(field) = needed {
        let headline =
            format!("nobody fills in `{}` when no procedure begins the case", *field.name);
        found.push(
            Diagnostic::new("bad_inputs", field.name.span, headline)
                .label("needed to begin")
                .also(start, "and it begins like this, too")
                .help("make it optional, take `starts` out, or let a form of the first step ask for it"),
        );
    }
}

fn outputs(subject: &Subject<'_>, found: &mut Diagnostics) {
    for output in &subject.procedure.outputs {
        let text = subject.text(output.value.span.file);
        output.value.check(&subject.types, text, found);
        if ["outcome", "number"].contains(&output.variable.as_str()) {
            let headline = format!("`{}` is handed back by itself", *output.variable);
            found.push(
                Diagnostic::new("bad_inputs", output.variable.span, headline)
                    .label("every case hands this back")
                    .help("choose another name"),
            );
        }
    }
}

fn given(subject: &Subject<'_>, child: &Child, other: &Executable, found: &mut Diagnostics) {
    let Shape::Map(parts) = &child.with else { return };
    let registers = register_types(&subject.executable.registers);
    for field in other.inputs().iter().filter(|field| !field.is_optional) {
        if !parts.iter().any(|(name, _)| name.value == field.name.value) {
            let headline = format!("`{}` needs `{}`", *child.procedure, *field.name);
            found.push(
                Diagnostic::new("bad_inputs", child.procedure.span, headline)
                    .label("it is not given here")
                    .also(field.name.span, "needed to begin")
                    .help(format!("give it: `with: {{ {}: … }}`", *field.name)),
            );
        }
    }
    for (name, shape) in parts {
        match other.inputs().iter().find(|field| field.name.value == name.value) {
            Some(field) => fits(subject, shape, &type_of(field, &registers), found),
            None => {
                let known = other.inputs().iter().map(|field| field.name.as_str());
                let headline = format!("`{}` does not take `{}`", *child.procedure, **name);
                found.push(
                    Diagnostic::new("bad_inputs", name.span, headline)
                        .label("not one of its `inputs`")
                        .suggest(name, known),
                );
            }
        }
    }
}

/// Other types are told where they stand; a group may be given whole or in parts.
fn fits(subject: &Subject<'_>, shape: &Shape, wanted: &Type, found: &mut Diagnostics) {
    match (shape, wanted) {
        (Shape::Value(value), Type::Group(fields)) => {
            let text = subject.text(value.span.file);
            let own = value.check(&subject.types, text, &mut Diagnostics::default());
            let Type::Group(given) = &own else {
                return value.check_as(wanted, &subject.types, text, found);
            };
            for (name, wanted) in fields.iter() {
                if given.get(name).is_some_and(|given| !given.agrees(wanted)) {
                    let headline = format!("`{name}` of this has another type than is needed");
                    let finding = Diagnostic::new("type_mismatch", value.span, headline);
                    found.push(finding.label(format!("it is {}", given[name])));
                }
            }
        }
        (Shape::Value(value), wanted) => {
            let text = subject.text(value.span.file);
            value.check_as(wanted, &subject.types, text, found);
        }
        (Shape::Map(parts), Type::Group(fields)) => {
            for (name, part) in parts {
                if let Some(wanted) = fields.get(name.as_str()) {
                    fits(subject, part, wanted, found);
                }
            }
        }
        _ => {}
    }
}

fn taken(
    subject: &Subject<'_>,
    step: &Step,
    (child, known): (&Child, &Procedure),
    other: &Executable,
    found: &mut Diagnostics,
) {
    let form = step.errand.as_ref().and_then(|errand| errand.into.as_ref());
    let Some(into) = form.and_then(|form| form.fields.first()) else { return };
    let Kind::Group { fields } = &into.kind else {
        found.push(
            Diagnostic::new("bad_inputs", into.name.span, "a procedure hands back several things")
                .label("this is no group")
                .help("name what is wanted of it: `into: { reclamo: { number: text } }`"),
        );
        return;
    };
    let registers = register_types(&subject.executable.registers);
    let back = back(subject, child, known, other);
    for field in fields {
        let own = type_of(field, &registers);
        match back.get(field.name.as_str()) {
            None => found.push(unknown(child, field, back.keys().map(String::as_str))),
            Some(kind) if !own.agrees(kind) => {
                let headline = format!("`{}` of `{}` is {kind}", *field.name, *child.procedure);
                found.push(
                    Diagnostic::new("type_mismatch", field.name.span, headline)
                        .label(format!("here it is {own}")),
                );
            }
            Some(_) => {}
        }
    }
}

/// What comes back, with its types as far as they are known.
fn back(
    subject: &Subject<'_>,
    child: &Child,
    known: &Procedure,
    other: &Executable,
) -> BTreeMap<String, Type> {
    let mut back = BTreeMap::from([("number".to_owned(), Type::Text)]);
    if !child.waits {
        return back;
    }
    back.insert("outcome".to_owned(), Type::Text);
    let types: Types = other.types();
    for output in &known.outputs {
        let text = subject.text(output.value.span.file);
        let mut unknown = Diagnostics::default();
        let kind = output.value.check(&types, text, &mut unknown);
        let kind = if unknown.has_errors() { Type::Any } else { kind };
        back.insert(output.variable.value.clone(), kind);
    }
    back
}

fn unknown<'a>(child: &Child, field: &Field, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let headline = if child.waits {
        format!("`{}` hands back no `{}`", *child.procedure, *field.name)
    } else {
        format!("`{}` is not waited for, and has handed back only its `number`", *child.procedure)
    };
    Diagnostic::new("bad_inputs", field.name.span, headline)
        .label("not one of its `outputs`")
        .suggest(&field.name, known)
}
