//! `unknown_step`: a way, a term, `not_by` or an erratum names a step that doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::procedure::{Suspends, Target};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let steps = || subject.procedure.steps.iter().map(|step| step.id.as_str());
    let blocks = || subject.procedure.steps.iter().filter_map(|step| step.block.as_ref());
    let branches = || blocks().flat_map(|block| &block.strands).map(|strand| strand.name.as_str());
    let mut check = |name: &str, span: Span| {
        if !steps().any(|known| known == name) {
            found.push(
                Diagnostic::new("unknown_step", span, format!("there is no step {name}"))
                    .label("no step has this number")
                    .help(format!("the steps are {}", steps().collect::<Vec<_>>().join(", "))),
            );
        }
    };
    for (_, step) in subject.steps() {
        for target in step.targets() {
            if let Target::Go(name) = target {
                check(name, name.span);
            }
        }
        for name in step.not_by.iter().chain(&step.control.enabled_while) {
            check(name, name.span);
        }
        if let Some(Suspends::Steps(names)) = &step.suspends {
            names.iter().for_each(|name| check(name, name.span));
        }
        for name in &step.control.cancels {
            if !branches().any(|known| known == name.as_str()) {
                check(name, name.span);
            }
        }
        if let Some((term, written)) = &step.opens
            && let Some(name) = term.step()
        {
            // The step's number is the last word of the term.
            let text = subject.text(written.span.file);
            let raw = text.get(written.span.start as usize..written.span.end as usize);
            let at = raw.and_then(|raw| raw.rfind(name)).unwrap_or(0);
            check(name, written.span.part(at, at + name.len()));
        }
        for name in step.errata.iter().filter_map(|erratum| erratum.step.as_ref()) {
            check(name, name.span);
        }
    }
    // The procedure's own errata may name a number that the manual leaves out, but none beyond its last.
    let number = |name: &str| name.parse::<u32>().ok();
    let last = steps().filter_map(number).max().unwrap_or_default();
    for name in subject.procedure.errata.iter().filter_map(|erratum| erratum.step.as_ref()) {
        if number(name).is_none_or(|number| number > last) {
            check(name, name.span);
        }
    }
}
