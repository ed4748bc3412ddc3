//! `not_filled_in`: another procedure waits for an output that is not there at every end of the case.

use crate::check::Subject;
use crate::check::net::Net;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::reads_of_expression;
use crate::field::{Field, Kind};
use crate::procedure::Set;

pub fn check(subject: &Subject<'_>, net: &Net<'_>, found: &mut Diagnostics) {
    for output in &subject.procedure.outputs {
        let Some(missing) = missing(subject, net, output) else { continue };
        for (field, step) in waited_for(subject, &output.variable) {
            let (own, name) = (&*subject.procedure.id, &output.variable.value);
            found.push(
                Diagnostic::new(
                    "not_filled_in",
                    field.name.span,
                    format!("`{own}` does not always hand `{name}` back"),
                )
                .label(format!("step {step} can't go on without it"))
                .also(output.value.span, format!("`{missing}` may not be filled in when it ends"))
                .help("write `optional` before its type, or hand back what is there at every end"),
            );
        }
    }
}

/// What the output reads that may not be there at some end.
fn missing(subject: &Subject<'_>, net: &Net<'_>, output: &Set) -> Option<String> {
    let there = net.at_every_end();
    let reads = reads_of_expression(&output.value).into_iter().filter(|read| !read.is_guarded);
    reads.map(|read| read.path).find_map(|path| {
        let is_there = match net.leaf_of(&path) {
            Some(leaf) => net.has(&there, &leaf),
            None => net.has_below(&there, &path),
        };
        let name = path.join(".");
        (!is_there || subject.may_be_empty(&name)).then_some(name)
    })
}

/// The fields that take the output where other procedures wait for the case, and can't do without it.
fn waited_for<'a>(subject: &'a Subject<'_>, output: &str) -> Vec<(&'a Field, &'a str)> {
    let steps = subject.group.procedures.iter().flat_map(|other| &other.steps);
    let mut fields = Vec::new();
    for step in steps {
        let child = step.child().filter(|child| child.waits);
        if child.is_none_or(|child| child.procedure.value != subject.procedure.id.value) {
            continue;
        }
        let into = step.errand.as_ref().and_then(|errand| errand.into.as_ref());
        for field in into.iter().flat_map(|form| &form.fields) {
            let Kind::Group { fields: parts } = &field.kind else { continue };
            let part = parts.iter().find(|part| part.name.value == output);
            fields
                .extend(part.filter(|part| !part.is_optional).map(|part| (part, step.id.as_str())));
        }
    }
    fields
}
