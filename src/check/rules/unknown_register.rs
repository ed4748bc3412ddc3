//! `unknown_register`: a field or a `saves` names a register that doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::field::{Field, Kind};
use crate::procedure::Save;
use crate::yaml::Spanned;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let registers = &subject.executable.registers;
    let mut check = |name: &Spanned<String>| {
        if subject.executable.register(name).is_none() && !subject.may_be_lost(Some("registers")) {
            found.push(
                Diagnostic::new(
                    "unknown_register",
                    name.span,
                    format!("there is no register `{}`", name.value),
                )
                .label("not one of the organisation's registers")
                .suggest(name, registers.iter().map(|register| register.id.as_str())),
            );
        }
    };
    fn fields(list: &[Field], check: &mut dyn FnMut(&Spanned<String>)) {
        for field in list {
            field.from.iter().for_each(&mut *check);
            match &field.kind {
                Kind::Record { register, .. } => check(register),
                Kind::Group { fields: inner } | Kind::Table { columns: inner, .. } => {
                    fields(inner, check);
                }
                _ => {}
            }
        }
    }
    for form in subject.executable.forms.values() {
        fields(&form.fields, &mut check);
    }
    for (_, step) in subject.steps() {
        let of_choices = step.choices().iter().flat_map(|choice| &choice.saves);
        step.saves.iter().chain(of_choices).for_each(|Save { register, .. }| check(register));
    }
}
