//! What is known to be filled in because a case went this way: behind `when: materials is defined`.
//! Only what conditions say of themselves; what steps make is `net`'s.

use crate::expression::{known_where_it_fails, known_where_it_holds};
use crate::procedure::{Begins, Block, Flow, Step, Way};

type Paths = Vec<Vec<String>>;

/// Behind a line of `choose`: its own condition held, and none of those above it.
pub(super) fn behind_choice(step: &Step, flow: &Flow) -> Paths {
    let Way::Choose(branches) = &step.way else { return Paths::new() };
    // Further numbers are those of errors and events: nothing was chosen there.
    if flow.branch >= branches.len() {
        return Paths::new();
    }
    let above = branches[..flow.branch].iter().filter_map(|branch| branch.when.as_ref());
    let own = branches[flow.branch].when.iter().flat_map(known_where_it_holds);
    above.flat_map(known_where_it_fails).chain(own).collect()
}

/// At the beginning of a branch of `choose_any`.
pub(super) fn in_branch(block: &Block, flow: &Flow) -> Paths {
    let (Begins::Chosen, Some(strand)) = (&block.begins, block.strands.get(flow.branch)) else {
        return Paths::new();
    };
    let conditions = || block.strands.iter().filter_map(|strand| strand.when.as_ref());
    match &strand.when {
        Some(when) => known_where_it_holds(when),
        None if strand.is_else => conditions().flat_map(known_where_it_fails).collect(),
        None => Paths::new(),
    }
}
