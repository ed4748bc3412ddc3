//! `unknown_role`, `unknown_procedure`: what a `demo` names and the organisation doesn't have.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::library::Group;
use crate::yaml::Spanned;

pub fn check(group: &Group, found: &mut Diagnostics) {
    let Some(organisation) = &group.organisation else { return };
    let mut check = |code, what, name: &Spanned<String>, known: Vec<&str>| {
        if !known.contains(&name.as_str()) {
            let headline = format!("there is no {what} `{}`", name.value);
            found.push(
                Diagnostic::new(code, name.span, headline)
                    .label("the demo could not be made")
                    .suggest(name, known),
            );
        }
    };
    for role in &group.invented.roles {
        let known = organisation.roles.iter().map(|role| role.id.as_str()).collect();
        check("unknown_role", "role", role, known);
    }
    for procedure in &group.invented.procedures {
        let known = group.procedures.iter().map(|procedure| procedure.id.as_str()).collect();
        check("unknown_procedure", "procedure", procedure, known);
    }
}
