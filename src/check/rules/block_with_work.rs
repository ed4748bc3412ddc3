//! `block_with_work`: a step in which branches begin asks for work of its own.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let (Some(key), Some(block)) = (step.key_beside_block(), &step.block) else { continue };
        found.push(
            Diagnostic::new(
                "block_with_work",
                step.id.span,
                format!("step {} has `{key}` beside `{}`", *step.id, block.key()),
            )
            .label("only its branches are worked on")
            .help("make it a step of its own, before or behind the block or in a branch"),
        );
    }
}
