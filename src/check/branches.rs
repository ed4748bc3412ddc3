//! What blocks of branches mean for the flow: which branch an arrow to a join comes from, what is
//! reached when a join waits for several, and which steps may be open at once.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::visit::{Dfs, EdgeRef};

use super::Subject;
use crate::procedure::{
    Begins, Block, Count, Flow, Join, Node, NodeIndex, Procedure, Rest, Step, Strand, Within,
};

/// The branch of the block at `place` that an arrow to its join comes from; none for the one that goes
/// around all branches.
pub fn strand_of(procedure: &Procedure, place: usize, from: &Node, flow: &Flow) -> Option<usize> {
    let block = procedure.steps[place].block.as_ref()?;
    match from {
        Node::Step(at) if *at == place => Some(flow.branch).filter(|at| *at < block.strands.len()),
        Node::Step(at) | Node::Join(at) => {
            procedure.steps[*at].within.filter(|within| within.block == place).map(|at| at.strand)
        }
        Node::Start | Node::Beside(_) | Node::End(_) => None,
    }
}

/// How many branches must come to the join, of those that can.
pub fn needed(block: &Block) -> usize {
    match (&block.begins, &*block.join) {
        // Whatever comes first goes on.
        (_, Join::None) => 1,
        // What is reckoned may be nothing, and then nobody is waited for.
        (_, Join::First { count: Count::Given(_), .. }) => 0,
        (Begins::All | Begins::AnyOrder { .. } | Begins::Repeat(_), _) => {
            block.wanted().unwrap_or(1)
        }
        // Any of them may be the only one.
        (Begins::Chosen | Begins::First | Begins::Each(_), _) => 1,
    }
}

/// The places of the steps at which `step` takes away what is open.
pub fn cancelled(procedure: &Procedure, step: &Step) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    for name in &step.control.cancels {
        places.extend(procedure.steps.iter().position(|known| *known.id == **name));
        let blocks = procedure.steps.iter().filter_map(|step| step.block.as_ref());
        let strands = blocks.flat_map(|block| &block.strands);
        let named = strands.filter(|strand| strand.name.value == name.value);
        places.extend(named.flat_map(|strand| strand.steps.clone()));
    }
    places
}

/// The branches in which some step takes away what is open: one in which nothing is left has ended.
pub fn cut(procedure: &Procedure) -> BTreeSet<Within> {
    let steps = procedure.steps.iter();
    let places = steps.flat_map(|step| cancelled(procedure, step));
    places.filter_map(|place| procedure.steps[place].within).collect()
}

/// Every node that some case comes to: a join only when enough of its branches come to their end.
pub fn reached(subject: &Subject<'_>) -> BTreeSet<NodeIndex> {
    let graph = &subject.executable.graph;
    let mut reached = BTreeSet::new();
    let mut todo = vec![graph.start];
    while let Some(node) = todo.pop() {
        if reached.insert(node) {
            let next = graph.flows.neighbors(node);
            todo.extend(next.filter(|next| is_open(subject, *next, &reached)));
        }
    }
    reached
}

fn is_open(subject: &Subject<'_>, node: NodeIndex, reached: &BTreeSet<NodeIndex>) -> bool {
    let graph = &subject.executable.graph.flows;
    let Node::Join(place) = graph[node] else { return true };
    let Some(block) = &subject.procedure.steps[place].block else { return true };
    let mut come = BTreeSet::new();
    for edge in graph.edges_directed(node, Direction::Incoming) {
        if reached.contains(&edge.source()) {
            let from = &graph[edge.source()];
            match strand_of(subject.procedure, place, from, edge.weight()) {
                Some(strand) => {
                    come.insert(strand);
                }
                None => return true,
            }
        }
    }
    let others = (0..block.strands.len()).filter(|strand| !come.contains(strand));
    let trapped = others.filter(|strand| is_trapped(subject, node, &block.strands[*strand]));
    come.len() + trapped.count() >= needed(block)
}

/// A branch that neither comes to the join nor ends the case is told as `no_way_out`; what is behind the
/// join is right as soon as it has one.
fn is_trapped(subject: &Subject<'_>, join: NodeIndex, strand: &Strand) -> bool {
    let graph = &subject.executable.graph;
    let Some(first) = strand.steps.clone().next() else { return true };
    let mut way = Dfs::new(&graph.flows, graph.steps[first]);
    while let Some(node) = way.next(&graph.flows) {
        if node == join || matches!(graph.flows[node], Node::End(_)) {
            return false;
        }
    }
    true
}

/// For each step: it is a block that nobody need work on for the case to go on.
pub fn pass_alone(subject: &Subject<'_>) -> Vec<bool> {
    let graph = &subject.executable.graph;
    let steps = &subject.procedure.steps;
    let mut alone = vec![false; steps.len()];
    // A block's place is before those of the blocks in it.
    for (place, step) in steps.iter().enumerate().rev() {
        let (Some(block), Some(join)) = (&step.block, graph.joins[place]) else { continue };
        let comes_alone = |first: usize| {
            let mut seen = BTreeSet::new();
            let mut todo = vec![graph.steps[first]];
            while let Some(node) = todo.pop() {
                let is_passed = match graph.flows[node] {
                    Node::Step(at) => steps[at].block.is_some() || steps[at].is_passed_at_once(),
                    Node::Join(at) => alone[at],
                    Node::Start | Node::Beside(_) | Node::End(_) => false,
                };
                if node == join {
                    return true;
                }
                if is_passed && seen.insert(node) {
                    todo.extend(graph.flows.neighbors(node));
                }
            }
            false
        };
        let firsts = block.strands.iter().filter_map(|strand| strand.steps.clone().next());
        let come = firsts.filter(|first| comes_alone(*first)).count();
        alone[place] = block.may_be_skipped() || come >= needed(block);
    }
    alone
}

/// Pairs of steps that may be open at the same time, the earlier of the file first. A step makes a
/// pair with itself when its block can be entered again while the step is left over.
pub fn at_once(subject: &Subject<'_>) -> BTreeSet<(usize, usize)> {
    let graph = &subject.executable.graph;
    let steps = &subject.procedure.steps;
    let mut pairs = BTreeSet::new();
    for (place, step) in steps.iter().enumerate() {
        beside(step, place, &mut pairs);
        left_beside(subject, place, &mut pairs);
        let (Some(block), Some(join)) = (&step.block, graph.joins[place]) else { continue };
        // Of a `wait_any`, one branch is worked.
        let is_first = matches!(block.begins, Begins::First);
        for (at, one) in block.strands.iter().enumerate().filter(|_| !is_first) {
            for other in &block.strands[at + 1..] {
                // When the one holds, the other doesn't begin.
                if one.is_else == other.is_else {
                    let of = |a| other.steps.clone().map(move |b| (a, b));
                    pairs.extend(one.steps.clone().flat_map(of));
                }
            }
        }
        // Branches of an `each` have values, documents and rows of their own: they are no pairs.
        let waits_for_all = block.rest().is_none() && !block.leaves_rest();
        if block.leaves_rest() && !waits_for_all && block.wanted() != Some(block.strands.len())
            || matches!(*block.join, Join::None | Join::Queue)
        {
            let mut after = Dfs::new(&graph.flows, join);
            while let Some(node) = after.next(&graph.flows) {
                let Node::Step(later) = graph.flows[node] else { continue };
                pairs.extend((place + 1..block.until).map(|at| (at.min(later), at.max(later))));
            }
        }
    }
    pairs
}

/// Steps at which several tokens of one scope may stand at the same time: behind a `spawn`, and behind a block
/// that lets go on whatever comes, up to where they are joined.
pub fn several(subject: &Subject<'_>) -> BTreeSet<usize> {
    let graph = &subject.executable.graph;
    let steps = &subject.procedure.steps;
    let mut several = BTreeSet::new();
    for (place, step) in steps.iter().enumerate() {
        let from = match &step.block {
            Some(block) if lets_go_on(subject.procedure, block) => graph.joins[place],
            _ => step.control.spawn.as_ref().map(|_| graph.steps[place]),
        };
        let around = step.within.and_then(|within| graph.joins[within.block]);
        let mut todo: Vec<NodeIndex> = from.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(node) = todo.pop() {
            for next in graph.flows.neighbors(node).filter(|next| Some(*next) != around) {
                let Node::Step(at) = graph.flows[next] else {
                    if seen.insert(next) {
                        todo.push(next);
                    }
                    continue;
                };
                if steps[at].control.merges.is_none() && seen.insert(next) {
                    several.insert(at);
                    todo.push(next);
                }
            }
        }
    }
    several
}

/// More than one token comes out of the block.
fn lets_go_on(procedure: &Procedure, block: &Block) -> bool {
    let inside = || block.strands.iter().flat_map(|strand| &procedure.steps[strand.steps.clone()]);
    let is_many = |step: &Step| {
        step.control.spawn.is_some()
            || step.block.as_ref().is_some_and(|inner| matches!(*inner.join, Join::None))
    };
    match *block.join {
        Join::None => true,
        // Of each branch there is one, unless there are more of them inside.
        Join::Queue => inside().any(is_many),
        _ => false,
    }
}

/// What begins beside a step is open with the step itself, with its branches, and with what other lines
/// begin.
fn beside(step: &Step, place: usize, pairs: &mut BTreeSet<(usize, usize)>) {
    let own = place..step.block.as_ref().map_or(place + 1, |block| block.until);
    let mut earlier = vec![own];
    for (.., beside) in step.besides() {
        let steps = &beside.strand.steps;
        for others in &earlier {
            let of = |one| steps.clone().map(move |other| (one, other));
            pairs.extend(others.clone().flat_map(of));
        }
        earlier.push(steps.clone());
    }
}

/// What the case doesn't wait for may be open with all that follows the step.
fn left_beside(subject: &Subject<'_>, place: usize, pairs: &mut BTreeSet<(usize, usize)>) {
    let graph = &subject.executable.graph;
    let step = &subject.procedure.steps[place];
    let left = step.besides().filter(|(.., beside)| beside.rest == Some(Rest::Finish));
    let left: Vec<usize> = left.flat_map(|(.., beside)| beside.strand.steps.clone()).collect();
    let from = graph.joins[place].unwrap_or(graph.steps[place]);
    let ways = graph.flows.edges(from).filter(|edge| edge.weight().happening.is_none());
    for next in ways.map(|edge| edge.target()).filter(|_| !left.is_empty()) {
        let mut after = Dfs::new(&graph.flows, next);
        while let Some(node) = after.next(&graph.flows) {
            let Node::Step(later) = graph.flows[node] else { continue };
            pairs.extend(left.iter().map(|at| (*at.min(&later), *at.max(&later))));
        }
    }
}
