//! What is there when a step begins: variables filled in, documents issued, papers handed in, on every
//! path (`must`) and on some path (`may`). A forward analysis over the graph, to a fixed point.
//!
//! Of the flow itself nothing has to be proved with markings. A block has one way in and its join is its
//! one way out; no way leads out of a branch or into it (`leaves_branch`), so that every branch that
//! begins comes to the join once, unless the case ends in it. Hence a join never gets a branch twice,
//! what it waits for always comes when every step of a branch can still leave it (`no_way_out`, on this
//! same graph) and no more than one case goes on behind it. What a branch makes is not there for its
//! siblings: they may be earlier.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use fixedbitset::FixedBitSet;
use petgraph::Direction;
use petgraph::graph::EdgeReference;
use petgraph::visit::EdgeRef;

use super::{Subject, branches, guards};
use crate::field::leaves;
use crate::procedure::{Begins, Block, Flow, Node, NodeIndex, Set, Step, Within};

/// Something that a step makes and a later one needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A leaf: `cliente.nombre`.
    Variable(String),
    Document(String),
    Paper(String),
}

/// The facts of a procedure at each of its steps.
pub struct Net<'a> {
    subject: &'a Subject<'a>,
    facts: Vec<Fact>,
    index: BTreeMap<Fact, usize>,
    /// Of each node of the graph.
    must: Vec<FixedBitSet>,
    may: Vec<FixedBitSet>,
    /// Branches that may end before their steps are done, because another step takes these away.
    cut: BTreeSet<Within>,
}

impl<'a> Net<'a> {
    pub fn of(subject: &'a Subject<'a>) -> Self {
        let mut net = Self {
            subject,
            facts: Vec::new(),
            index: BTreeMap::new(),
            must: Vec::new(),
            may: Vec::new(),
            cut: branches::cut(subject.procedure),
        };
        for (place, step) in subject.steps() {
            let mut all = net.filled(place);
            all.extend(made(step, false));
            all.extend((0..step.on.len()).flat_map(|line| net.brought(place, line)));
            all.extend(step.choices().iter().flat_map(|choice| sets(&choice.set)));
            all.extend(step.block.iter().flat_map(|block| own(block).chain(kept(block))));
            for fact in all {
                let next = net.facts.len();
                if *net.index.entry(fact.clone()).or_insert(next) == next {
                    net.facts.push(fact);
                }
            }
        }
        for fact in net.given() {
            let next = net.facts.len();
            if *net.index.entry(fact.clone()).or_insert(next) == next {
                net.facts.push(fact);
            }
        }
        net.must = net.solve(true);
        net.may = net.solve(false);
        net
    }

    /// What a case knows from its beginning, however it began: it may be empty, and it is there.
    fn given(&self) -> Vec<Fact> {
        let executable = &self.subject.executable;
        let given = [executable.inputs(), executable.begins_with()].into_iter().flat_map(leaves);
        given.map(|(path, _)| Fact::Variable(path)).collect()
    }

    /// Leaves of the step's own forms, and papers handed in at it.
    fn filled(&self, place: usize) -> Vec<Fact> {
        let step = &self.subject.procedure.steps[place];
        let fields = self.subject.executable.fields(place);
        let typed = leaves(fields).into_iter().filter(|(_, field)| !field.is_assigned);
        typed
            .map(|(path, _)| Fact::Variable(path))
            .chain(step.hands_in.iter().map(|paper| Fact::Paper(paper.value.clone())))
            .collect()
    }

    /// What a message that is heard meanwhile brings along.
    fn brought(&self, place: usize, line: usize) -> Vec<Fact> {
        let step = &self.subject.procedure.steps[place];
        let heard = step.on.get(line).and_then(|happening| happening.awaited.heard());
        let fields = heard.map(|heard| self.subject.executable.fields_heard(heard));
        let fields = fields.unwrap_or_default();
        leaves(&fields).into_iter().map(|(path, _)| Fact::Variable(path)).collect()
    }

    /// Whatever branches beside a step may have made when it is left, where the case has it: what comes
    /// again and again has values of its own.
    fn beside(&self, place: usize) -> FixedBitSet {
        let mut bits = FixedBitSet::with_capacity(self.facts.len());
        for (line, happening, beside) in self.subject.procedure.steps[place].besides() {
            let mut made = self.inside(beside.strand.steps.clone());
            made.union_with(&self.bits(self.brought(place, line)));
            let is_own = |fact: &usize| matches!(self.facts[*fact], Fact::Variable(_));
            bits.extend(made.ones().filter(|fact| !happening.comes_again() || !is_own(fact)));
        }
        bits
    }

    /// Whatever these steps may have made.
    fn inside(&self, steps: Range<usize>) -> FixedBitSet {
        let made = steps.flat_map(|at| {
            let step = &self.subject.procedure.steps[at];
            let choices = step.choices().iter().flat_map(|choice| sets(&choice.set));
            self.filled(at).into_iter().chain(made(step, false)).chain(choices).collect::<Vec<_>>()
        });
        self.bits(made)
    }

    fn bits(&self, facts: impl IntoIterator<Item = Fact>) -> FixedBitSet {
        let mut bits = FixedBitSet::with_capacity(self.facts.len());
        for fact in facts {
            if let Some(at) = self.index.get(&fact) {
                bits.insert(*at);
            }
        }
        bits
    }

    /// The leaves at these paths. Of a group that is there, nobody knows which of its leaves are.
    fn known(&self, paths: Vec<Vec<String>>) -> FixedBitSet {
        self.bits(paths.iter().filter_map(|path| self.leaf_of(path)))
    }

    /// What is there on leaving the step by a flow, given what was there on entering it.
    fn after(&self, place: usize, flow: &Flow, before: &FixedBitSet, surely: bool) -> FixedBitSet {
        let step = &self.subject.procedure.steps[place];
        let mut bits = before.clone();
        if let Some(line) = flow.happening {
            // Nothing of the step itself is done then.
            bits.union_with(&self.bits(self.brought(place, line)));
            return bits;
        }
        // By the same way goes who has passed the step over.
        let is_optional = step.control.enabled_while.is_some() && step.choices().is_empty();
        if flow.is_undone || surely && is_optional {
            return bits;
        }
        bits.union_with(&self.bits(self.filled(place)));
        bits.union_with(&self.bits(made(step, surely)));
        if surely {
            bits.union_with(&self.known(guards::behind_choice(step, flow)));
        }
        if let Some(choice) = step.choices().get(flow.branch) {
            bits.union_with(&self.bits(sets(&choice.set)));
            let issues = choice.issues.iter().filter(|issue| !surely || issue.when.is_none());
            bits.union_with(
                &self.bits(issues.map(|issue| Fact::Document(issue.name.value.clone()))),
            );
        }
        bits
    }

    /// The facts on entering each node, by its index.
    fn solve(&self, surely: bool) -> Vec<FixedBitSet> {
        let graph = &self.subject.executable.graph;
        let mut start = FixedBitSet::with_capacity(self.facts.len());
        if surely {
            // Everything, until a path shows otherwise.
            start.insert_range(..);
        }
        let mut at_entry = vec![start; graph.flows.node_count()];
        at_entry[graph.start.index()] = self.bits(self.given());
        let mut todo: VecDeque<NodeIndex> = VecDeque::from([graph.start]);
        let mut seen = FixedBitSet::with_capacity(graph.flows.node_count());
        seen.insert(graph.start.index());
        while let Some(node) = todo.pop_front() {
            for edge in graph.flows.edges(node) {
                let next = edge.target();
                let entry = match graph.flows[next] {
                    Node::Join(place) => self.joined(place, next, &at_entry, surely),
                    _ => {
                        let out = self.out(&edge, &at_entry, surely);
                        let mut entry = at_entry[next.index()].clone();
                        if surely {
                            entry.intersect_with(&out);
                        } else {
                            entry.union_with(&out);
                        }
                        entry
                    }
                };
                if entry != at_entry[next.index()] || !seen.put(next.index()) {
                    at_entry[next.index()] = entry;
                    seen.insert(next.index());
                    todo.push_back(next);
                    // What is behind a join that waits for nobody follows from what is before it.
                    if let Some(join) = self.goes_on_at_once(next) {
                        todo.extend(graph.flows.neighbors_directed(join, Direction::Incoming));
                    }
                }
            }
        }
        at_entry
    }

    /// What is there at the end of an arrow.
    fn out(
        &self,
        edge: &EdgeReference<'_, Flow>,
        at_entry: &[FixedBitSet],
        surely: bool,
    ) -> FixedBitSet {
        let mut bits = self.left(edge, at_entry, surely);
        let source = &self.subject.executable.graph.flows[edge.source()];
        if let Node::Step(at) | Node::Join(at) = source
            && !surely
            && !edge.weight().is_beside
        {
            bits.union_with(&self.beside(*at));
        }
        bits
    }

    /// The same without what may have been done beside the step. Blocks and joins make nothing
    /// themselves.
    fn left(
        &self,
        edge: &EdgeReference<'_, Flow>,
        at_entry: &[FixedBitSet],
        surely: bool,
    ) -> FixedBitSet {
        let before = &at_entry[edge.source().index()];
        match self.subject.executable.graph.flows[edge.source()] {
            Node::Step(at) => match &self.subject.procedure.steps[at].block {
                None => self.after(at, edge.weight(), before, surely),
                Some(block) => {
                    let mut bits = before.clone();
                    match edge.weight().happening {
                        Some(line) => {
                            bits.union_with(&self.bits(self.brought(at, line)));
                            if !surely {
                                bits.union_with(&self.inside(at + 1..block.until));
                            }
                        }
                        None => {
                            bits.union_with(&self.bits(own(block)));
                            if surely {
                                let known = guards::in_branch(block, edge.weight());
                                bits.union_with(&self.known(known));
                            }
                        }
                    }
                    bits
                }
            },
            _ => before.clone(),
        }
    }

    /// The join of the block at a node, if it waits for none of the branches.
    fn goes_on_at_once(&self, node: NodeIndex) -> Option<NodeIndex> {
        let graph = &self.subject.executable.graph;
        let Node::Step(place) = graph.flows[node] else { return None };
        let block = self.subject.procedure.steps[place].block.as_ref()?;
        graph.joins[place].filter(|_| branches::needed(block) == 0)
    }

    /// What is there where branches meet. Of `n` that are waited for among all, a fact is sure when
    /// fewer than `n` can do without it: then it is made in one of them, whichever they are. Of those of
    /// a `choose_any`, each may be the only one; of `wait: false`, none need have come.
    fn joined(
        &self,
        place: usize,
        join: NodeIndex,
        at_entry: &[FixedBitSet],
        surely: bool,
    ) -> FixedBitSet {
        let graph = &self.subject.executable.graph.flows;
        let procedure = self.subject.procedure;
        let entry = &at_entry[self.subject.executable.graph.steps[place].index()];
        let mut any = FixedBitSet::with_capacity(self.facts.len());
        let mut around: Option<FixedBitSet> = None;
        let mut strands: BTreeMap<usize, FixedBitSet> = BTreeMap::new();
        for edge in graph.edges_directed(join, Direction::Incoming) {
            let out = self.out(&edge, at_entry, surely);
            any.union_with(&out);
            match branches::strand_of(procedure, place, &graph[edge.source()], edge.weight()) {
                Some(strand) if self.cut.contains(&Within { block: place, strand }) => {
                    strands.insert(strand, entry.clone());
                }
                Some(strand) => match strands.get_mut(&strand) {
                    Some(known) => known.intersect_with(&out),
                    None => {
                        strands.insert(strand, out);
                    }
                },
                None => around = Some(out),
            }
        }
        let block = procedure.steps[place].block.as_ref();
        if let Some(block) = block.filter(|block| block.is_each()) {
            // What its branches fill in is theirs; only the table that keeps it is the case's.
            let mut bits = entry.clone();
            if !surely {
                let made =
                    any.ones().filter(|fact| !matches!(self.facts[*fact], Fact::Variable(_)));
                bits.extend(made);
            }
            bits.union_with(&self.bits(kept(block)));
            return bits;
        }
        if !surely {
            return any;
        }
        let needed = block.map_or(0, branches::needed);
        let is_optional = procedure.steps[place].control.enabled_while.is_some();
        if needed == 0 || is_optional {
            return entry.clone();
        }
        let lacking = |fact: usize| strands.values().filter(|strand| !strand[fact]).count();
        let is_sure = |fact: &usize| {
            lacking(*fact) < needed && around.as_ref().is_none_or(|around| around[*fact])
        };
        let mut sure = FixedBitSet::with_capacity(self.facts.len());
        sure.extend((0..self.facts.len()).filter(is_sure));
        sure
    }

    /// On entering the step, on every path.
    pub fn before(&self, place: usize) -> &FixedBitSet {
        &self.must[self.subject.executable.graph.steps[place].index()]
    }

    /// However the case comes to its end.
    pub fn at_every_end(&self) -> FixedBitSet {
        let graph = &self.subject.executable.graph.flows;
        let ends = graph.node_indices().filter(|node| matches!(graph[*node], Node::End(_)));
        let ends = ends.map(|node| self.must[node.index()].clone());
        let all = ends.reduce(|mut one, other| {
            one.intersect_with(&other);
            one
        });
        all.unwrap_or_else(|| FixedBitSet::with_capacity(self.facts.len()))
    }

    /// Whenever a branch of the block has come to its end, whichever it is.
    pub fn at_end(&self, place: usize) -> FixedBitSet {
        let graph = &self.subject.executable.graph;
        let procedure = self.subject.procedure;
        let block = procedure.steps[place].block.as_ref();
        let mut surely = self.before(place).clone();
        if let Some(block) = block.filter(|block| block.is_each()) {
            surely.union_with(&self.bits(kept(block)));
            return surely;
        }
        let Some(join) = graph.joins[place] else { return surely };
        let mut ends: Option<FixedBitSet> = None;
        for edge in graph.flows.edges_directed(join, Direction::Incoming) {
            let from = &graph.flows[edge.source()];
            let Some(strand) = branches::strand_of(procedure, place, from, edge.weight()) else {
                continue;
            };
            let end = match self.cut.contains(&Within { block: place, strand }) {
                true => surely.clone(),
                false => self.out(&edge, &self.must, true),
            };
            match &mut ends {
                Some(ends) => ends.intersect_with(&end),
                None => ends = Some(end),
            }
        }
        ends.unwrap_or(surely)
    }

    /// The same, plus what the step's own forms fill in.
    pub fn within(&self, place: usize) -> FixedBitSet {
        let mut bits = self.before(place).clone();
        bits.union_with(&self.bits(self.filled(place)));
        bits
    }

    /// The same, plus what the step sets, assigns and surely issues.
    pub fn done(&self, place: usize) -> FixedBitSet {
        let step = &self.subject.procedure.steps[place];
        let mut bits = self.within(place);
        bits.union_with(&self.bits(made(step, true)));
        bits
    }

    /// Whether some path makes it before the step is left.
    pub fn may_have(&self, place: usize, fact: &Fact) -> bool {
        let step = &self.subject.procedure.steps[place];
        let own = made(step, false).into_iter().chain(self.filled(place)).any(|own| own == *fact);
        let node = self.subject.executable.graph.steps[place];
        own || self.index.get(fact).is_some_and(|at| self.may[node.index()].contains(*at))
    }

    pub fn has(&self, bits: &FixedBitSet, fact: &Fact) -> bool {
        self.index.get(fact).is_some_and(|at| bits.contains(*at))
    }

    /// Adds a variable to what is there.
    pub fn fill(&self, bits: &mut FixedBitSet, path: String) {
        if let Some(at) = self.index.get(&Fact::Variable(path)) {
            bits.insert(*at);
        }
    }

    /// The leaf that reading `path` needs: itself, the leaf that it is a part of (a record, a table), or
    /// for a whole group any of its leaves.
    pub fn leaf_of(&self, path: &[String]) -> Option<Fact> {
        let path: Vec<&str> =
            path.iter().map(String::as_str).take_while(|part| *part != "[]").collect();
        for length in (1..=path.len()).rev() {
            let fact = Fact::Variable(path[..length].join("."));
            if self.index.contains_key(&fact) {
                return Some(fact);
            }
        }
        None
    }

    /// Whether any leaf below a group's path is there.
    pub fn has_below(&self, bits: &FixedBitSet, path: &[String]) -> bool {
        let prefix = format!("{}.", path.join("."));
        bits.ones()
            .any(|at| matches!(&self.facts[at], Fact::Variable(leaf) if leaf.starts_with(&prefix)))
    }

    /// A shortest path of steps to `place` on which nothing makes `fact`: the counter-example.
    pub fn path_without(&self, place: usize, fact: Option<&Fact>) -> Vec<usize> {
        let graph = &self.subject.executable.graph;
        let mut from: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
        let mut todo = VecDeque::from([graph.start]);
        let empty = FixedBitSet::with_capacity(self.facts.len());
        while let Some(node) = todo.pop_front() {
            if node == graph.steps[place] {
                break;
            }
            for edge in graph.flows.edges(node) {
                let makes = match graph.flows[node] {
                    Node::Step(at) => fact.is_some_and(|fact| {
                        self.has(&self.after(at, edge.weight(), &empty, true), fact)
                    }),
                    _ => false,
                };
                if !makes && edge.target() != graph.start && !from.contains_key(&edge.target()) {
                    from.insert(edge.target(), node);
                    todo.push_back(edge.target());
                }
            }
        }
        let mut path = Vec::new();
        let mut node = graph.steps[place];
        while let Some(before) = from.get(&node) {
            if let Node::Step(at) = graph.flows[node] {
                path.push(at);
            }
            node = *before;
        }
        path.reverse();
        path
    }

    /// The counter-example in the owner's words.
    pub fn tell_path(&self, place: usize, fact: Option<&Fact>) -> String {
        let steps = &self.subject.procedure.steps;
        let path: Vec<&str> =
            self.path_without(place, fact).iter().map(|at| steps[*at].id.as_str()).collect();
        format!("for example on the way {}", path.join(" → "))
    }
}

/// What a step makes besides its forms; with `surely`, only what it makes in any case.
fn made(step: &Step, surely: bool) -> Vec<Fact> {
    let mut facts = sets(&step.set);
    facts.extend(step.looked_up().map(Fact::Variable));
    facts.extend(step.assigns.iter().map(|assign| Fact::Variable(assign.variable.value.clone())));
    let issues: Vec<_> =
        if surely { step.issues.iter().collect() } else { step.all_issues().collect() };
    let issues = issues.into_iter().filter(|issue| !surely || issue.when.is_none());
    facts.extend(issues.map(|issue| Fact::Document(issue.name.value.clone())));
    facts
}

/// What a branch of an `each` knows from its beginning.
fn own(block: &Block) -> impl Iterator<Item = Fact> {
    let alias = match &block.begins {
        Begins::Each(each) => each.alias.as_ref(),
        _ => None,
    };
    alias.map(|alias| Fact::Variable(alias.value.clone())).into_iter()
}

/// The table in which an `each` keeps what its branches filled in.
fn kept(block: &Block) -> impl Iterator<Item = Fact> {
    let into = match &block.begins {
        Begins::Each(each) => each.into.as_ref(),
        _ => None,
    };
    into.map(|into| Fact::Variable(into.value.clone())).into_iter()
}

fn sets(set: &[Set]) -> Vec<Fact> {
    set.iter().map(|set| Fact::Variable(set.variable.value.clone())).collect()
}
