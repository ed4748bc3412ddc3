//! `unknown_role`: a step, `starts`, `cancels` or `attended_by` names a role that doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::Begins;
use crate::yaml::Spanned;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let roles = &subject.organisation.roles;
    let mut check = |role: &Spanned<String>| {
        if subject.organisation.role(role).is_none() && !subject.may_be_lost(Some("organisation")) {
            found.push(
                Diagnostic::new(
                    "unknown_role",
                    role.span,
                    format!("there is no role `{}`", role.value),
                )
                .label("not a role of the organisation")
                .suggest(role, roles.iter().map(|role| role.id.as_str())),
            );
        }
    };
    subject.procedure.starts.by.iter().for_each(&mut check);
    // Without `cancels`, the same roles stand there again.
    let has_own = subject.procedure.cancels != subject.procedure.starts.by;
    subject.procedure.cancels.iter().filter(|_| has_own).for_each(&mut check);
    for (_, step) in subject.steps() {
        step.role.iter().chain(&step.attended_by).for_each(&mut check);
        step.escalates_to().for_each(&mut check);
        step.workers().for_each(&mut check);
        if let Some(Begins::Each(each)) = step.block.as_ref().map(|block| &block.begins) {
            each.open.iter().for_each(&mut check);
        }
    }
    roles.iter().filter_map(|role| role.attended_by.as_ref()).for_each(&mut check);
}
