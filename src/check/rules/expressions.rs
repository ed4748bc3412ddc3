//! Every expression of a procedure and its forms: unknown names, fields, options and functions, and
//! types that don't fit. The checking itself is `expression::types`.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Type, Types};
use crate::field::{Field, Kind, find, type_of, types_of};
use crate::form::Form;
use crate::procedure::{
    Awaited, Begins, Block, Count, DocumentUse, Heard, Items, Join, Save, Set, Step, register_types,
};
use crate::yaml::Spanned;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for form in subject.executable.forms.values() {
        check_form(subject, form, found);
    }
    let registers = register_types(&subject.executable.registers);
    for register in subject.executable.registers.iter() {
        if let Some(shows) = &register.shows
            && let Some(Type::Group(columns)) = registers.get(register.id.as_str())
        {
            let columns = Types { names: (**columns).clone(), ..Types::default() };
            shows.check(&columns, subject.text(register.id.span.file), found);
        }
    }
    let text = subject.text(subject.procedure.id.span.file);
    if let Some(line) = &subject.procedure.subject {
        line.check(&subject.types, text, found);
    }
    for (_, step) in subject.steps() {
        check_step(subject, step, text, found);
    }
}

fn check_step(subject: &Subject<'_>, step: &Step, text: &str, found: &mut Diagnostics) {
    let conditions = |uses: &[DocumentUse], found: &mut Diagnostics| {
        for when in uses.iter().filter_map(|used| used.when.as_ref()) {
            when.check_as(&Type::Bool, &subject.types, text, found);
        }
    };
    conditions(&step.issues, found);
    conditions(&step.receives, found);
    conditions(&step.signs, found);
    errand(subject, step, text, found);
    set(subject, &step.set, text, found);
    saves(subject, &step.saves, found);
    for choice in step.choices() {
        conditions(&choice.issues, found);
        set(subject, &choice.set, text, found);
        saves(subject, &choice.saves, found);
    }
    for when in step.conditions() {
        when.check_as(&Type::Bool, &subject.types, text, found);
    }
    check_events(subject, step, text, found);
    if let Some(block) = &step.block {
        check_block(subject, block, text, found);
    }
}

fn check_events(subject: &Subject<'_>, step: &Step, text: &str, found: &mut Diagnostics) {
    for awaited in step.awaited() {
        match awaited {
            Awaited::Day(day) => day.check_as(&Type::Date, &subject.types, text, found),
            Awaited::Message(Heard { key: Some(key), .. }) => {
                key.check(&subject.types, text, found);
            }
            _ => {}
        }
    }
    let registers = register_types(&subject.executable.registers);
    for sends in &step.sends {
        if let Some(key) = &sends.key {
            key.check(&subject.types, text, found);
        }
        let message = subject.organisation.message(&sends.name);
        let fields = message.map_or(&[][..], |message| &message.fields);
        for (name, value) in &sends.with {
            let field = fields.iter().find(|field| *field.name == **name);
            let wanted = field.map_or(Type::Any, |field| type_of(field, &registers));
            value.check_as(&wanted, &subject.types, text, found);
        }
    }
}

fn check_block(subject: &Subject<'_>, block: &Block, text: &str, found: &mut Diagnostics) {
    let types = &subject.types;
    match &block.begins {
        Begins::Each(each) => match &each.of {
            Items::Times(times) => times.check_as(&Type::Number, types, text, found),
            Items::Rows(rows) => {
                let kind = rows.check(types, text, found);
                if !matches!(kind, Type::List(_) | Type::Any) {
                    found.push(
                        Diagnostic::new("type_mismatch", rows.span, "`each` needs a table")
                            .label(format!("this is {kind}")),
                    );
                }
            }
            Items::Added => {}
        },
        Begins::Repeat(repeat) => {
            for condition in repeat.as_long_as.iter().chain(&repeat.until) {
                condition.check_as(&Type::Bool, types, text, found);
            }
        }
        Begins::All | Begins::Chosen | Begins::First | Begins::AnyOrder { .. } => {}
    }
    match &*block.join {
        Join::First { count: Count::Given(count), .. } => {
            count.check_as(&Type::Number, types, text, found);
        }
        Join::When { holds, .. } => holds.check_as(&Type::Bool, types, text, found),
        _ => {}
    }
}

/// What a machine is given: any value may be, and in a line of text any but a group.
fn errand(subject: &Subject<'_>, step: &Step, text: &str, found: &mut Diagnostics) {
    let Some(errand) = &step.errand else { return };
    for line in errand.lines() {
        line.check(&subject.types, text, found);
    }
    for value in errand.values() {
        value.check(&subject.types, text, found);
    }
}

fn set(subject: &Subject<'_>, list: &[Set], text: &str, found: &mut Diagnostics) {
    for set in list {
        let path: Vec<String> = set.variable.split('.').map(ToOwned::to_owned).collect();
        match subject.types.resolve(&path) {
            Ok(wanted) => set.value.check_as(&wanted, &subject.types, text, found),
            Err(good) => {
                set.value.check(&subject.types, text, found);
                if let Ok(kind) = subject.types.resolve(&path[..good])
                    && !matches!(kind, Type::Group(_) | Type::Any)
                {
                    found.push(
                        Diagnostic::new(
                            "type_mismatch",
                            set.variable.span,
                            format!("`{}` can't be set", set.variable.value),
                        )
                        .label(format!("`{}` is {kind}", path[..good].join("."))),
                    );
                }
            }
        }
    }
}

fn saves(subject: &Subject<'_>, list: &[Save], found: &mut Diagnostics) {
    for save in list {
        let Some(kind) = variable(subject, &save.variable, found) else { continue };
        let Some(register) = subject.executable.register(&save.register) else { continue };
        let Type::Group(fields) = kind else {
            found.push(
                Diagnostic::new(
                    "type_mismatch",
                    save.variable.span,
                    "only a group of fields can be saved in a register",
                )
                .label(format!("this is {kind}")),
            );
            continue;
        };
        for column in &register.fields {
            let own = fields.get(column.name.as_str());
            let wanted = type_of(column, &Default::default());
            if let Some(own) = own.filter(|own| !own.agrees(&wanted)) {
                found.push(
                    Diagnostic::new(
                        "type_mismatch",
                        save.variable.span,
                        format!(
                            "`{}.{}` doesn't fit its column",
                            save.variable.value, *column.name
                        ),
                    )
                    .label(format!("it is {own}"))
                    .also(column.name.span, format!("the column is {wanted}")),
                );
            }
        }
        if !fields.contains_key(register.key.as_str()) {
            found.push(
                Diagnostic::new(
                    "unknown_field",
                    save.variable.span,
                    format!("`{}` has no field `{}`", save.variable.value, register.key.value),
                )
                .label(format!("the key of `{}` is missing in it", save.register.value))
                .also(register.key.span, "the register's key"),
            );
        }
    }
}

/// The type of a variable written as a path, reported when there is none.
fn variable(
    subject: &Subject<'_>,
    written: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Type> {
    let path: Vec<String> = written.split('.').map(ToOwned::to_owned).collect();
    match subject.types.resolve(&path) {
        Ok(kind) => Some(kind),
        Err(good) => {
            let name = path.get(good).map_or("", String::as_str);
            let known = subject.types.names_at(&path[..good]);
            let code = if good == 0 { "unknown_variable" } else { "unknown_field" };
            found.push(
                Diagnostic::new(
                    code,
                    written.span,
                    format!("there is no variable `{}`", written.value),
                )
                .label(format!("no form of {} fills in `{name}`", *subject.procedure.id))
                .suggest(name, known.iter().map(String::as_str)),
            );
            None
        }
    }
}

fn check_form(subject: &Subject<'_>, form: &Form, found: &mut Diagnostics) {
    let text = subject.text(form.id.span.file);
    for path in form.shows.iter().chain(&form.edits) {
        variable(subject, path, found);
    }
    fields(subject, &form.fields, &subject.types, text, found);
    for rule in &form.rules {
        rule.must.check_as(&Type::Bool, &subject.types, text, found);
    }
    for path in &form.edits {
        let editable = subject.executable.forms.values().find_map(|form| find(&form.fields, path));
        if let Some(field) = editable
            && !field.is_asked()
        {
            found.push(
                Diagnostic::new(
                    "type_mismatch",
                    path.span,
                    format!("`{}` can't be edited", path.value),
                )
                .label("this field is reckoned or assigned"),
            );
        }
    }
}

fn fields(
    subject: &Subject<'_>,
    list: &[Field],
    types: &Types,
    text: &str,
    found: &mut Diagnostics,
) {
    let registers = register_types(&subject.executable.registers);
    for field in list {
        let own = type_of(field, &registers);
        if let Some(when) = &field.when {
            when.check_as(&Type::Bool, types, text, found);
        }
        if let Some(default) = &field.default {
            // A record's default is a row of the register or its key.
            let is_key = matches!(field.kind, Kind::Record { .. });
            let wanted = if is_key { Type::Any } else { own.clone() };
            default.check_as(&wanted, types, text, found);
        }
        if let Some(computed) = &field.computed {
            computed.check_as(&own, types, text, found);
        }
        match &field.kind {
            Kind::Date { min, max } => {
                for limit in min.iter().chain(max) {
                    limit.check_as(&Type::Date, types, text, found);
                }
            }
            Kind::Group { fields: inner } => {
                from_register(subject, field, inner, found);
                fields(subject, inner, types, text, found);
            }
            Kind::Table { columns, .. } => {
                let types = types.with(types_of(columns, &registers));
                fields(subject, columns, &types, text, found);
            }
            _ => {}
        }
    }
}

/// A group that is filled from a register has the register's key among its fields.
fn from_register(subject: &Subject<'_>, field: &Field, inner: &[Field], found: &mut Diagnostics) {
    let Some(from) = &field.from else { return };
    let Some(register) = subject.executable.register(from) else { return };
    if !inner.iter().any(|field| *field.name == *register.key) {
        found.push(
            Diagnostic::new(
                "unknown_field",
                from.span,
                format!("`{}` has no field `{}`", *field.name, register.key.value),
            )
            .label("the register's key is missing in this group")
            .also(register.key.span, "the key"),
        );
    }
}
