//! `missing_braces`: a text that is the name of a variable, where the variable's value was most likely meant.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Line, Type};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let mut check = |line: &Line| {
        let Some(text) = line.plain().map(str::trim) else { return };
        let path: Vec<String> = text.split('.').map(ToOwned::to_owned).collect();
        let is_variable = !matches!(subject.types.resolve(&path), Err(_) | Ok(Type::Group(_)));
        if is_variable {
            found.push(
                Diagnostic::new(
                    "missing_braces",
                    line.span,
                    format!("this is the text `{text}`, and not what `{text}` holds"),
                )
                .label("the same for every case")
                .help(format!("write `\"{{{{ {text} }}}}\"`")),
            );
        }
    };
    subject.procedure.subject.iter().for_each(&mut check);
    for (_, step) in subject.steps() {
        let heard = step.heard().filter_map(|heard| heard.key.as_ref());
        let sent = step.sends.iter().filter_map(|sends| sends.key.as_ref());
        heard.chain(sent).for_each(&mut check);
        step.errand.iter().flat_map(|errand| errand.lines()).for_each(&mut check);
    }
}
