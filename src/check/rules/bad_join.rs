//! `bad_join`: a join that can't be met, or that doesn't fit its block.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Begins, Join};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let Some(block) = &step.block else { continue };
        let count = block.strands.len();
        let (headline, label, help) = match (*block.join, block.begins) {
            (Join::First { count: 0, .. }, _) => (
                format!("the join of step {} waits for no branch", *step.id),
                "goes on before anything is done".to_owned(),
                "write how many branches must have ended, such as `first: 1`",
            ),
            (Join::First { count: wanted, .. }, _) if wanted as usize > count => (
                format!("the join of step {} waits for {wanted} branches", *step.id),
                format!("there are only {count}"),
                "wait for fewer, or for all: `join: all`",
            ),
            (Join::Chosen, Begins::All) => (
                format!("all branches of step {} begin", *step.id),
                "nothing was chosen".to_owned(),
                "write `join: all`, or `choose_any` instead of `parallel`",
            ),
            (Join::All, Begins::Chosen) => (
                format!("not all branches of step {} need begin", *step.id),
                "would wait for branches that nobody works on".to_owned(),
                "write `join: chosen`, which waits for those that began",
            ),
            _ => continue,
        };
        found.push(Diagnostic::new("bad_join", block.join.span, headline).label(label).help(help));
    }
}
