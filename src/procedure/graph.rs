//! A procedure as a graph: a node for every step and for every join of a block, one for every
//! outcome, a flow for every way.
//!
//! The checker proves things on it and the diagram draws it. Ways to steps that don't exist are left
//! out: the rule that reports them is enough.

pub use petgraph::graph::NodeIndex;

use petgraph::graph::DiGraph;

use super::{Begins, Procedure, Target, Then, Way};

/// A vertex of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Start,
    /// By its place in [`Procedure::steps`].
    Step(usize),
    /// Where the branches of the block at this step meet.
    Join(usize),
    /// Where the branches beside the step at this place end: nothing leads on from there.
    Beside(usize),
    End(String),
}

/// An arrow of the graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// What the person chose, or the branch's label or condition.
    pub label: Option<String>,
    /// Which line of `decide` or `choose`, or which branch of a block; 0 for a plain way.
    pub branch: usize,
    /// Which line of `on` leads here: then nothing of the step itself is done.
    pub happening: Option<usize>,
    /// The step stays open: this begins beside it.
    pub is_beside: bool,
    /// Nothing of the step is done where this leads: its machine failed, or it was passed over.
    pub is_undone: bool,
}

/// The outcome of a case whose last step says nothing else.
pub const COMPLETED: &str = "completed";

/// The graph with its entry.
#[derive(Debug, Clone)]
pub struct Graph {
    pub flows: DiGraph<Node, Flow>,
    pub start: NodeIndex,
    /// The node of each step, in the order of the file.
    pub steps: Vec<NodeIndex>,
    /// The join of each step that is a block, in the same order.
    pub joins: Vec<Option<NodeIndex>>,
}

impl Graph {
    pub fn of(procedure: &Procedure) -> Self {
        let mut flows = DiGraph::new();
        let start = flows.add_node(Node::Start);
        let steps: Vec<NodeIndex> =
            (0..procedure.steps.len()).map(|at| flows.add_node(Node::Step(at))).collect();
        let blocks = procedure.steps.iter().map(|step| step.block.is_some()).enumerate();
        let joins = blocks.map(|(at, is_block)| is_block.then(|| flows.add_node(Node::Join(at))));
        let joins = joins.collect();
        let mut graph = Self { flows, start, steps, joins };
        if let Some(first) = graph.steps.first() {
            graph.flows.add_edge(start, *first, Flow::default());
        }
        for at in 0..procedure.steps.len() {
            graph.leave(procedure, at);
            graph.happenings(procedure, at);
        }
        graph
    }

    /// The ways out of a step.
    fn leave(&mut self, procedure: &Procedure, at: usize) {
        let step = &procedure.steps[at];
        let mut from = self.steps[at];
        if let (Some(block), Some(join)) = (&step.block, self.joins[at]) {
            for (branch, strand) in block.strands.iter().enumerate() {
                let first = strand.steps.clone().next();
                let to = first.map_or(join, |first| self.steps[first]);
                let label = Some(strand.name.value.clone());
                self.flows.add_edge(from, to, Flow { label, branch, ..Flow::default() });
            }
            if block.may_be_skipped() {
                let flow = Flow { branch: block.strands.len(), ..Flow::default() };
                self.flows.add_edge(from, join, flow);
            }
            if let (Begins::Repeat(_), Some(strand)) = (&block.begins, block.strands.first())
                && let Some(first) = strand.steps.clone().next()
            {
                // Another round.
                let flow = Flow { branch: block.strands.len() + 1, ..Flow::default() };
                self.flows.add_edge(join, self.steps[first], flow);
            }
            from = join;
        }
        match &step.way {
            Way::On(target) => self.connect(procedure, (at, from), target, Flow::default()),
            Way::Decide(choices) => {
                for (branch, choice) in choices.iter().enumerate() {
                    let label = Some(choice.label.value.clone());
                    let flow = Flow { label, branch, ..Flow::default() };
                    self.connect(procedure, (at, from), &choice.target, flow);
                }
                // Nobody has decided anything at a step that is passed over.
                if step.control.enabled_while.is_some() {
                    let branch = choices.len();
                    let flow = Flow { branch, is_undone: true, ..Flow::default() };
                    self.connect(procedure, (at, from), &Target::Next, flow);
                }
            }
            Way::Choose(branches) => {
                for (place, branch) in branches.iter().enumerate() {
                    let condition = branch.when.as_ref().map(|when| when.source.clone());
                    let label = branch.label.clone().or(condition);
                    let flow = Flow { label, branch: place, ..Flow::default() };
                    self.connect(procedure, (at, from), &branch.target, flow);
                }
            }
        }
        for (place, handler) in step.handlers().iter().enumerate() {
            let branch = step.branches().len().max(1) + place;
            let flow = Flow {
                label: Some(handler.code.value.clone()),
                branch,
                is_undone: true,
                ..Flow::default()
            };
            self.connect(procedure, (at, from), &handler.target, flow);
        }
    }

    /// The ways that lead on when something happens meanwhile. Of a block they begin at its own step:
    /// none of its branches has to have done anything.
    fn happenings(&mut self, procedure: &Procedure, at: usize) {
        let step = &procedure.steps[at];
        // Behind every number of a line or branch, so that they are told from each other.
        let others =
            step.targets().len() + step.block.as_ref().map_or(0, |block| block.strands.len());
        for (place, happening) in step.on.iter().enumerate() {
            if let Then::Leave(target) = &happening.then {
                let flow = Flow {
                    label: Some(happening.awaited.label()),
                    branch: others + 2 + place,
                    happening: Some(place),
                    ..Flow::default()
                };
                self.connect(procedure, (at, self.steps[at]), target, flow);
            }
            if let Some(first) =
                happening.beside().and_then(|beside| beside.strand.steps.clone().next())
            {
                let flow = Flow {
                    label: Some(happening.awaited.label()),
                    branch: others + 2 + place,
                    happening: Some(place),
                    is_beside: true,
                    ..Flow::default()
                };
                self.flows.add_edge(self.steps[at], self.steps[first], flow);
            }
        }
    }

    /// An arrow from the step at a place, or from its join.
    fn connect(
        &mut self,
        procedure: &Procedure,
        (at, from): (usize, NodeIndex),
        target: &Target,
        flow: Flow,
    ) {
        let next = match target {
            Target::Next => procedure.next(at),
            _ => None,
        };
        let to = match (target, next) {
            (Target::Next, Some(next)) => self.steps[next],
            (Target::Next | Target::Join(_), _) => {
                let within = procedure.steps[at].within;
                let beside = within.filter(|within| procedure.is_beside(*within));
                match (beside, within.and_then(|within| self.joins[within.block])) {
                    (Some(within), _) => self.node(Node::Beside(within.block)),
                    (None, Some(join)) => join,
                    (None, None) => self.end(COMPLETED),
                }
            }
            (Target::Go(step), _) => {
                match procedure.steps.iter().position(|known| *known.id == **step) {
                    Some(at) => self.steps[at],
                    None => return,
                }
            }
            (Target::End(outcome), _) => self.end(outcome),
        };
        self.flows.add_edge(from, to, flow);
    }

    fn end(&mut self, outcome: &str) -> NodeIndex {
        self.node(Node::End(outcome.to_owned()))
    }

    /// The node, which is made when there is none yet.
    fn node(&mut self, node: Node) -> NodeIndex {
        let known = self.flows.node_indices().find(|known| self.flows[*known] == node);
        known.unwrap_or_else(|| self.flows.add_node(node))
    }
}
