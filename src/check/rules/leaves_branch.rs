//! `leaves_branch`: a way leads out of a branch, into one, or from one into another.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Step, Target};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        for target in step.targets() {
            match target {
                Target::Go(name) => {
                    let to = subject.executable.step(name);
                    if let Some(to) = to.filter(|to| to.within != step.within) {
                        found.push(
                            Diagnostic::new(
                                "leaves_branch",
                                name.span,
                                format!("step {} can't lead to step {}", *step.id, name.value),
                            )
                            .label(stands(subject, to))
                            .also(step.id.span, stands(subject, step))
                            .help("a way stays in its branch; `go: join` ends the branch"),
                        );
                    }
                }
                Target::Join(span) if step.within.is_none() => found.push(
                    Diagnostic::new(
                        "leaves_branch",
                        *span,
                        format!("step {} stands in no branch", *step.id),
                    )
                    .label("nothing is joined here")
                    .help("`go: join` ends a branch of a block; name a step, or `end` the case"),
                ),
                _ => {}
            }
        }
    }
}

fn stands(subject: &Subject<'_>, step: &Step) -> String {
    match subject.executable.branch(&step.id) {
        Some(branch) => format!("step {} stands in the branch `{branch}`", *step.id),
        None => format!("step {} stands outside of all branches", *step.id),
    }
}
