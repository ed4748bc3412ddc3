//! A procedure as a graph: a node for every step, one for every outcome, a flow for every way.
//!
//! The checker proves things on it and the diagram draws it. Ways to steps that don't exist are left
//! out: the rule that reports them is enough.

pub use petgraph::graph::NodeIndex;

use petgraph::graph::DiGraph;

use super::{Procedure, Target, Way};

/// A vertex of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Start,
    /// By its place in [`Procedure::steps`].
    Step(usize),
    End(String),
}

/// An arrow of the graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// What the person chose, or the branch's label or condition.
    pub label: Option<String>,
    /// Which line of `decide` or `choose`; 0 for a plain way.
    pub branch: usize,
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
}

impl Graph {
    pub fn of(procedure: &Procedure) -> Self {
        let mut flows = DiGraph::new();
        let start = flows.add_node(Node::Start);
        let steps: Vec<NodeIndex> =
            (0..procedure.steps.len()).map(|at| flows.add_node(Node::Step(at))).collect();
        let mut graph = Self { flows, start, steps };
        if let Some(first) = graph.steps.first() {
            graph.flows.add_edge(start, *first, Flow::default());
        }
        for (at, step) in procedure.steps.iter().enumerate() {
            match &step.way {
                Way::On(target) => graph.connect(procedure, at, target, None, 0),
                Way::Decide(choices) => {
                    for (branch, choice) in choices.iter().enumerate() {
                        let label = Some(choice.label.value.clone());
                        graph.connect(procedure, at, &choice.target, label, branch);
                    }
                }
                Way::Choose(branches) => {
                    for (place, branch) in branches.iter().enumerate() {
                        let label = branch
                            .label
                            .clone()
                            .or_else(|| branch.when.as_ref().map(|when| when.source.clone()));
                        graph.connect(procedure, at, &branch.target, label, place);
                    }
                }
            }
        }
        graph
    }

    fn connect(
        &mut self,
        procedure: &Procedure,
        from: usize,
        target: &Target,
        label: Option<String>,
        branch: usize,
    ) {
        let to = match target {
            Target::Next => match self.steps.get(from + 1) {
                Some(next) => *next,
                None => self.end(COMPLETED),
            },
            Target::Go(step) => {
                match procedure.steps.iter().position(|known| *known.id == **step) {
                    Some(at) => self.steps[at],
                    None => return,
                }
            }
            Target::End(outcome) => self.end(outcome),
        };
        self.flows.add_edge(self.steps[from], to, Flow { label, branch });
    }

    fn end(&mut self, outcome: &str) -> NodeIndex {
        let known = self
            .flows
            .node_indices()
            .find(|node| matches!(&self.flows[*node], Node::End(known) if known == outcome));
        known.unwrap_or_else(|| self.flows.add_node(Node::End(outcome.to_owned())))
    }
}
