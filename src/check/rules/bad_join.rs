//! `bad_join`: a join that can't be met, or that doesn't fit its block.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Begins, Count, Join, Rest};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let Some(block) = &step.block else { continue };
        let count = block.strands.len();
        let (headline, label, help) = match (&*block.join, &block.begins) {
            (Join::First { count: Count::Fixed(0), rest }, _) if *rest != Rest::Finish => (
                format!("the join of step {} waits for no branch", *step.id),
                "goes on before anything is done".to_owned(),
                "write how many branches must have ended, such as `first: 1`",
            ),
            (Join::None | Join::Queue, Begins::Each(_) | Begins::Repeat(_) | Begins::Chosen) => (
                format!("step {} can't be joined like this", *step.id),
                format!("the branches of `{}` may begin or not", block.key()),
                "write `join: all`, or how many are waited for and what becomes of the rest",
            ),
            (Join::First { .. } | Join::When { .. }, Begins::Repeat(_)) => (
                format!("step {} repeats one branch", *step.id),
                "there is only one at a time".to_owned(),
                "leave the `join` out; `until` says when it goes on",
            ),
            (
                Join::First { count: Count::Fixed(wanted), .. },
                Begins::All | Begins::AnyOrder { .. } | Begins::Chosen,
            ) if *wanted as usize > count => (
                format!("the join of step {} waits for {wanted} branches", *step.id),
                format!("there are only {count}"),
                "wait for fewer, or for all: `join: all`",
            ),
            (Join::Chosen, Begins::All | Begins::AnyOrder { .. }) => (
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
