//! Which gateways are the two ends of a block.
//!
//! A split and the place where all its ways meet (its immediate post-dominator) are a block when each
//! way has elements of its own, nothing leads into them from outside, and nothing out of them but to
//! the meeting place or to an end of the whole case. Everything else can't be said as branches of a
//! block, and is named.

use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};

use super::chart::{Chart, Kind, Ways};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::MAX_NESTING;

/// From here on, branches are those that begin beside a step: numbered by the arrow that leads there.
pub const BESIDE: usize = usize::MAX / 2;

/// The blocks of a chart.
#[derive(Debug)]
pub struct Blocks {
    /// For each node that is a split of a block.
    pub of: Vec<Option<Block>>,
    /// For each node: the branch of the innermost block around it.
    pub within: Vec<Option<(usize, usize)>>,
    /// For each node: whether it is where a block's branches meet.
    pub is_meeting: Vec<bool>,
    pub is_reached: Vec<bool>,
    /// Splits that are none of a block.
    pub is_loose: Vec<bool>,
}

#[derive(Debug)]
pub struct Block {
    /// The arrows into its branches; one that leads straight to the meeting place is no branch.
    pub branches: Vec<usize>,
    /// Where they meet; none: at ends that nothing follows.
    pub exit: Option<usize>,
}

/// Finds the blocks, and names the splits and joins that are none.
pub fn blocks(chart: &Chart, found: &mut Diagnostics) -> Blocks {
    let count = chart.nodes.len();
    let search = Search::of(chart);
    let mut blocks = Blocks {
        of: (0..count).map(|_| None).collect(),
        within: vec![None; count],
        is_meeting: vec![false; count],
        is_reached: search.is_reached.clone(),
        is_loose: vec![false; count],
    };
    let mut sizes = vec![usize::MAX; count];
    for (at, flow) in chart.flows.iter().enumerate().filter(|(_, flow)| flow.is_beside()) {
        let region = search.region(chart, flow.to, count);
        for node in &region {
            if region.len() <= sizes[*node] {
                sizes[*node] = region.len();
                blocks.within[*node] = Some((flow.from, BESIDE + at));
            }
        }
    }
    for split in search.order.clone() {
        let Kind::Split(ways) = chart.nodes[split].kind else { continue };
        match search.block(chart, &blocks, split, ways) {
            Ok((block, regions)) => {
                for (branch, region) in regions.iter().enumerate() {
                    for node in region {
                        // Inner blocks come later, and are smaller.
                        if region.len() <= sizes[*node] {
                            sizes[*node] = region.len();
                            blocks.within[*node] = Some((split, branch));
                        }
                    }
                }
                if let Some(exit) = block.exit {
                    blocks.is_meeting[exit] = true;
                }
                blocks.of[split] = Some(block);
            }
            Err(why) => {
                blocks.is_loose[split] = true;
                unstructured(chart, split, &why, found);
            }
        }
    }
    for at in 0..count {
        let is_join = matches!(chart.nodes[at].kind, Kind::Join(Ways::All | Ways::Counted));
        if is_join && search.is_reached[at] && !blocks.is_meeting[at] {
            unstructured(chart, at, "no split begins all the ways that meet here", found);
        }
    }
    blocks
}

fn unstructured(chart: &Chart, at: usize, why: &str, found: &mut Diagnostics) {
    let node = &chart.nodes[at];
    let called = if node.name.is_empty() { String::new() } else { format!(" “{}”", node.name) };
    let id = if node.id.is_empty() { "here" } else { &node.id };
    found.push(
        Diagnostic::new(
            "bpmn_unstructured",
            node.span,
            format!("the ways at {id}{called} can't be written as branches"),
        )
        .label(why)
        .help("draw each split with a join of its own, one inside the other, and import again"),
    );
}

struct Search {
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
    is_reached: Vec<bool>,
    /// The nodes that are reached, those nearer the start first.
    order: Vec<usize>,
    /// Where all ways from a node meet; the number of nodes stands for the end of everything.
    meeting: Vec<Option<usize>>,
}

impl Search {
    fn of(chart: &Chart) -> Self {
        let count = chart.nodes.len();
        let mut out = vec![Vec::new(); count];
        let mut besides = vec![Vec::new(); count];
        for (at, flow) in chart.flows.iter().enumerate() {
            match flow.is_beside() {
                true => besides[flow.from].push(flow.to),
                false => out[flow.from].push(at),
            }
        }
        let mut order = Vec::new();
        let mut is_reached = vec![false; count];
        let start = (0..count).find(|at| chart.nodes[*at].kind == Kind::Start);
        let mut todo: std::collections::VecDeque<usize> = start.into_iter().collect();
        while let Some(at) = todo.pop_front() {
            if !std::mem::replace(&mut is_reached[at], true) {
                order.push(at);
                todo.extend(out[at].iter().map(|flow| chart.flows[*flow].to));
                todo.extend(&besides[at]);
            }
        }
        let mut into = vec![Vec::new(); count];
        for (at, flow) in chart.flows.iter().enumerate() {
            if is_reached[flow.from] && !flow.is_beside() {
                into[flow.to].push(at);
            }
        }
        let meeting = meeting(chart, &is_reached);
        Self { out, into, is_reached, order, meeting }
    }

    /// The block that begins at a split with the elements of its branches, or why there is none.
    fn block(
        &self,
        chart: &Chart,
        blocks: &Blocks,
        split: usize,
        ways: Ways,
    ) -> Result<(Block, Vec<Vec<usize>>), String> {
        let end = chart.nodes.len();
        let around = std::iter::successors(blocks.within[split], |(at, _)| blocks.within[*at]);
        if around.count() >= MAX_NESTING {
            return Err(format!("it stands in {MAX_NESTING} others, and nobody could follow more"));
        }
        let own = chart.nodes[split].number().and_then(|number| {
            let is_its = |node: &super::chart::Node| {
                node.own("join").and_then(|own| own.attribute("step")) == Some(number)
            };
            chart.nodes.iter().position(is_its)
        });
        let exit = own
            .or(chart.nodes[split].exit)
            .or(self.meeting[split])
            .ok_or("its ways never meet again")?;
        if exit != end {
            may_meet(chart, exit, ways)?;
        }
        let mut owner: Vec<Option<usize>> = vec![None; end];
        let mut regions: Vec<Vec<usize>> = Vec::new();
        let mut branches = Vec::new();
        for flow in &self.out[split] {
            let first = chart.flows[*flow].to;
            if first == exit || chart.flows[*flow].aside.is_some() {
                continue;
            }
            let branch = regions.len();
            let region = self.region(chart, first, exit);
            for node in &region {
                if *node == split {
                    return Err("a way leads back to before the split".to_owned());
                }
                if owner[*node].replace(branch).is_some() {
                    let name = named(chart, *node);
                    return Err(format!("two of its ways lead to {name}, and go on from there"));
                }
            }
            regions.push(region);
            branches.push(*flow);
        }
        if branches.is_empty() {
            return Err("nothing is done on any of its ways".to_owned());
        }
        for (branch, region) in regions.iter().enumerate() {
            for node in region {
                for flow in &self.into[*node] {
                    let from = chart.flows[*flow].from;
                    let is_begin = from == split && branches[branch] == *flow;
                    if owner[from] != Some(branch) && !is_begin {
                        let name = named(chart, *node);
                        return Err(format!("a way from outside leads into a branch, to {name}"));
                    }
                }
            }
        }
        // One join may close a block and, at once, the one around it.
        let is_shared =
            |outer: &Option<Block>| outer.as_ref().is_some_and(|block| block.exit == Some(exit));
        let around = blocks.within[split].is_some_and(|(outer, _)| is_shared(&blocks.of[outer]));
        if exit != end && !around && matches!(chart.nodes[exit].kind, Kind::Join(_)) {
            let mut from = self.into[exit].iter().map(|flow| chart.flows[*flow].from);
            if let Some(other) = from.find(|from| *from != split && owner[*from].is_none()) {
                let name = named(chart, other);
                return Err(format!(
                    "the join also waits for {name}, which the split doesn't begin"
                ));
            }
        }
        let exit = (exit != end).then_some(exit);
        Ok((Block { branches, exit }, regions))
    }

    /// What is reached from `first` without passing `exit`; ends are nobody's.
    fn region(&self, chart: &Chart, first: usize, exit: usize) -> Vec<usize> {
        let mut region = Vec::new();
        let mut is_seen = vec![false; chart.nodes.len()];
        let mut todo = vec![first];
        while let Some(at) = todo.pop() {
            let is_end = matches!(chart.nodes[at].kind, Kind::End { .. });
            if at == exit || is_end || std::mem::replace(&mut is_seen[at], true) {
                continue;
            }
            region.push(at);
            todo.extend(self.out[at].iter().map(|flow| chart.flows[*flow].to));
        }
        region
    }
}

/// Whether branches that began so may meet at this element.
fn may_meet(chart: &Chart, exit: usize, ways: Ways) -> Result<(), String> {
    let name = named(chart, exit);
    match chart.nodes[exit].kind {
        Kind::Join(Ways::All) if ways == Ways::Some => {
            Err(format!("it begins only some of its ways, and {name} waits for all of them"))
        }
        Kind::Join(_) | Kind::Meet | Kind::End { .. } => Ok(()),
        _ => {
            Err(format!("its ways meet at {name} without a join: that would be done once for each"))
        }
    }
}

fn named(chart: &Chart, at: usize) -> String {
    let node = &chart.nodes[at];
    match (node.name.is_empty(), node.id.is_empty()) {
        (false, _) => format!("“{}”", node.name),
        (true, false) => node.id.clone(),
        (true, true) => "an element without a name".to_owned(),
    }
}

/// Immediate post-dominators. An end of the whole case is no meeting place, since it ends the other
/// ways too.
fn meeting(chart: &Chart, is_reached: &[bool]) -> Vec<Option<usize>> {
    let count = chart.nodes.len();
    let mut back: DiGraph<(), ()> = DiGraph::new();
    for _ in 0..=count {
        back.add_node(());
    }
    let end = NodeIndex::new(count);
    for (at, node) in chart.nodes.iter().enumerate() {
        if is_reached[at] && node.kind == (Kind::End { ends_all: false }) {
            back.add_edge(end, NodeIndex::new(at), ());
        }
    }
    for flow in &chart.flows {
        let is_final = chart.nodes[flow.to].kind == (Kind::End { ends_all: true });
        if is_reached[flow.from] && !is_final && !flow.is_beside() {
            back.add_edge(NodeIndex::new(flow.to), NodeIndex::new(flow.from), ());
        }
    }
    let dominators = simple_fast(&back, end);
    let of = |at| dominators.immediate_dominator(NodeIndex::new(at)).map(NodeIndex::index);
    (0..count).map(of).collect()
}
