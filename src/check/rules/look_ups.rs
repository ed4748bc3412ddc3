//! `unknown_table`, and what is asked of a decision table: a value for every input, of its type, and a
//! variable that the answer fits.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::expression::{Expression, Type};
use crate::field::{Field, type_of};
use crate::procedure::{Argument, LookUp};

/// Names.
pub fn names(subject: &Subject<'_>, found: &mut Diagnostics) {
    let tables = || subject.group.tables.iter().map(|table| table.id.as_str());
    for look_up in subject.steps().flat_map(|(_, step)| &step.looks_up) {
        let Some(table) = &look_up.found else {
            if !subject.may_be_lost(None) {
                let name = &look_up.table;
                let headline = format!("there is no decision table `{}`", name.value);
                found.push(
                    Diagnostic::new("unknown_table", name.span, headline)
                        .label("not one of the organisation's tables")
                        .suggest(name, tables()),
                );
            }
            continue;
        };
        for (input, _) in &look_up.with {
            if table.input(input).is_none() {
                let headline = format!("`{}` has no input `{}`", *table.id, input.value);
                found.push(
                    Diagnostic::new("unknown_field", input.span, headline)
                        .label("not an input of the table")
                        .suggest(input, table.inputs.iter().map(|input| input.name.as_str())),
                );
            }
        }
    }
}

/// Types.
pub fn types(subject: &Subject<'_>, found: &mut Diagnostics) {
    for look_up in subject.steps().flat_map(|(_, step)| &step.looks_up) {
        let Some(table) = &look_up.found else { continue };
        for input in &table.inputs {
            argument(subject, look_up, input, found);
        }
        let path = parts(&look_up.variable);
        let (kind, place) = (table.result(), look_up.variable.span);
        match subject.types.resolve(&path) {
            Ok(wanted) if wanted.agrees(&kind) => {}
            Ok(wanted) => found.push(
                Diagnostic::new("type_mismatch", place, format!("this must be {wanted}"))
                    .label(format!("`{}` gives {kind}", *table.id)),
            ),
            Err(good) => found.extend(not_below(subject, &path[..good], place)),
        }
    }
}

/// A variable can't be a part of what is no group.
fn not_below(subject: &Subject<'_>, path: &[String], place: Span) -> Diagnostics {
    let mut found = Diagnostics::default();
    if let Ok(kind) = subject.types.resolve(path)
        && !matches!(kind, Type::Group(_) | Type::Any)
    {
        let name = path.join(".");
        found.push(
            Diagnostic::new("type_mismatch", place, "this can't be looked up")
                .label(format!("`{name}` is {kind}")),
        );
    }
    found
}

fn argument(subject: &Subject<'_>, look_up: &LookUp, input: &Field, found: &mut Diagnostics) {
    let wanted = type_of(input, &Default::default());
    match look_up.argument(input) {
        Argument::Written(expression) => written(subject, expression, input, found),
        Argument::Namesake => {
            let name = &*input.name;
            let span = look_up.table.span;
            match subject.types.resolve(std::slice::from_ref(name)) {
                Ok(kind) if kind.agrees(&wanted) => options(&kind, input, span, found),
                Ok(kind) => found.push(
                    Diagnostic::new("type_mismatch", span, format!("`{name}` must be {wanted}"))
                        .label(format!("the variable `{name}` is {kind}"))
                        .also(input.name.span, "the table's input"),
                ),
                Err(_) => found.push(
                    Diagnostic::new("unknown_variable", span, format!("what is `{name}` here?"))
                        .label(format!("no form fills in `{name}`, an input of this table"))
                        .also(input.name.span, "the input")
                        .help(format!("write `with: {{ {name}: … }}` beside `in: …`")),
                ),
            }
        }
    }
}

fn written(subject: &Subject<'_>, expression: &Expression, input: &Field, found: &mut Diagnostics) {
    let text = subject.text(expression.span.file);
    let before = found.len();
    let wanted = type_of(input, &Default::default());
    expression.check_as(&wanted, &subject.types, text, found);
    if found.len() > before {
        return;
    }
    let kind = expression.check(&subject.types, text, &mut Diagnostics::default());
    options(&kind, input, expression.span, found);
}

/// A choice with options that the table doesn't know would find no row.
fn options(kind: &Type, input: &Field, span: Span, found: &mut Diagnostics) {
    let wanted = type_of(input, &Default::default());
    let (Type::Choice(given), Type::Choice(known)) = (kind, &wanted) else { return };
    if let Some(option) = given.iter().find(|option| !known.contains(option)) {
        let headline = format!("the table has no option `{option}`");
        found.push(
            Diagnostic::new("unknown_option", span, headline)
                .label(format!("this may be `{option}`"))
                .also(input.name.span, "the input")
                .help(format!("add `{option}` to the input's options, and rows for it")),
        );
    }
}

pub(super) fn parts(path: &str) -> Vec<String> {
    path.split('.').map(ToOwned::to_owned).collect()
}
