//! What is drawn: lanes, boxes with their texts and sizes, and the arrows between them.
//!
//! Made from an [`Executable`]; knows nothing of where things will stand. All sizes are whole units
//! of the drawing, one unit being a pixel on a screen at its natural size.

use petgraph::visit::EdgeRef;

use super::card::card;
use super::fan::Fan;
use super::text::{bold_width, clip, wrap};
use super::words::{Words, words};
use crate::language::Language;
use crate::procedure::{
    Begins, COMPLETED, Count, Executable, Flow, Join, Node as Vertex, Procedure, Step,
};

/// Every step's box is as wide as this.
pub const WIDTH: i32 = 170;
/// But for one whose work is in its branches.
pub const GATE: i32 = 124;
/// The bar at which branches meet.
pub const BAR: i32 = 22;
/// From a box's upper edge to its main line, where the number stands and the arrows come and go.
pub const MAIN: i32 = 24;
pub const TEXT: i32 = 12;
pub const SMALL: i32 = 11;
/// From one line of a text to the next.
pub const LEADING: i32 = 15;
/// From one line of small print to the next.
pub const SMALL_LEADING: i32 = 13;
/// Between one sign's lines and the next.
pub const MARK_GAP: i32 = 3;

/// Room for a lane's name.
pub const NAME: i32 = 84;

#[derive(Debug)]
pub struct Chart {
    pub title: String,
    /// In the order of the first step of each.
    pub lanes: Vec<Lane>,
    /// The start, the steps in the order of the file, the joins, then the ends.
    pub nodes: Vec<Node>,
    /// In the order of the file.
    pub edges: Vec<Edge>,
    /// The steps whose joins are drawn, in their order.
    joins: Vec<usize>,
}

/// A band of the drawing.
#[derive(Debug, PartialEq, Eq)]
pub struct Lane {
    pub kind: LaneKind,
    /// The manual's abbreviation.
    pub short: Option<String>,
    pub name: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneKind {
    Inside,
    /// Not of the office.
    External,
    Automatic,
}

/// A box, around its main line.
#[derive(Debug)]
pub struct Node {
    pub lane: usize,
    pub shape: Shape,
    pub width: i32,
    /// From the upper edge to the main line.
    pub above: i32,
    /// From the main line to the lower edge.
    pub below: i32,
}

#[derive(Debug)]
pub enum Shape {
    Start,
    Step(Card),
    /// Branches meet, and so many are waited for: a number, a plus for all, a ring for those that were
    /// chosen, a cross for the one that came first.
    Join {
        waits_for: String,
        number: String,
    },
    End {
        lines: Vec<String>,
        is_completed: bool,
    },
}

/// What stands in the box of a step.
#[derive(Debug)]
pub struct Card {
    pub number: String,
    pub badge: i32,
    pub lines: Vec<String>,
    /// Where the signs begin, below the upper edge.
    pub marks_from: i32,
    pub marks: Vec<Mark>,
    pub ports: Vec<Port>,
    /// The whole text, for who points at the box or listens to it.
    pub full: String,
    /// Branches begin here.
    pub is_gate: bool,
}

/// Small print with a sign before it.
#[derive(Debug, PartialEq, Eq)]
pub struct Mark {
    pub sign: Sign,
    pub lines: Vec<String>,
}

impl Card {
    /// A box that somebody else fills.
    pub fn blank() -> Self {
        Self {
            number: String::new(),
            badge: 0,
            lines: Vec::new(),
            marks_from: 0,
            marks: Vec::new(),
            ports: Vec::new(),
            full: String::new(),
            is_gate: false,
        }
    }
}

impl Mark {
    pub fn height(&self) -> i32 {
        MARK_GAP + SMALL_LEADING * self.lines.len() as i32
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A document that is issued.
    Paper,
    /// One that is issued sometimes.
    MaybePaper,
    /// Who of the office records the step.
    Person,
    /// What a machine does there.
    Machine,
    /// How tokens meet, part or exclude each other here.
    Flow,
}

/// A labelled way out.
#[derive(Debug)]
pub struct Port {
    pub lines: Vec<String>,
    /// Below the main line.
    pub offset: i32,
    pub height: i32,
    pub kind: PortKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortKind {
    /// A person chooses.
    Decision,
    /// The data chooses.
    Condition,
    /// One of several branches that begin at once.
    Branch,
    /// Something may happen meanwhile: a line of `on`.
    Happening(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    /// Where it leaves, below the main line of `from`.
    pub exit: i32,
    /// The only way out of its step.
    pub is_plain: bool,
}

impl Chart {
    /// Nothing but a title.
    pub fn empty(title: String) -> Self {
        let (lanes, nodes, edges, joins) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { title, lanes, nodes, edges, joins }
    }

    pub fn of(executable: &Executable, language: &Language) -> Self {
        let procedure = &executable.procedure;
        let words = words(language);
        let mut chart = Self::empty(match &procedure.section {
            Some(section) => format!("{section} {}", procedure.title),
            None => procedure.title.clone(),
        });
        if !procedure.steps.is_empty() {
            let start = Node { lane: 0, shape: Shape::Start, width: 20, above: 10, below: 10 };
            chart.nodes.push(start);
        }
        for (place, step) in procedure.steps.iter().enumerate() {
            let role = step.role.as_ref().map(|role| role.as_str());
            // Where branches begin is nobody's work: it stands with the step that leads to it.
            let leads = leads_to(procedure, place).filter(|_| step.block.is_some());
            let lane = match leads.and_then(|leads| chart.nodes.get(leads + 1)) {
                Some(before) => before.lane,
                None => {
                    let role = role.or_else(|| first_role(procedure, place));
                    chart.lane(lane(executable, role, &words))
                }
            };
            chart.nodes.push(card(executable, step, lane, &words));
        }
        let joins = executable.graph.joins.iter().enumerate();
        for (place, _) in joins.filter(|(_, join)| join.is_some()) {
            chart.nodes.push(join(&procedure.steps[place], chart.nodes[place + 1].lane));
            chart.joins.push(place);
        }
        chart.connect(executable, language);
        chart.make_room();
        chart
    }

    /// The place of `lane`, which is new when its first step comes.
    fn lane(&mut self, lane: Lane) -> usize {
        let known = self.lanes.iter().position(|known| *known == lane);
        known.unwrap_or_else(|| {
            self.lanes.push(lane);
            self.lanes.len() - 1
        })
    }

    /// The arrows. Every step has ends of its own: one that all share would draw lines through the
    /// whole picture, only to say "and that was it".
    fn connect(&mut self, executable: &Executable, language: &Language) {
        let graph = &executable.graph.flows;
        let mut ends: Vec<(usize, &str, usize)> = Vec::new();
        for flow in graph.edge_references() {
            let Some(from) = self.place(&graph[flow.source()]) else { continue };
            let target = &graph[flow.target()];
            let to = match target {
                Vertex::End(_) | Vertex::Beside(_) => {
                    let outcome = match target {
                        Vertex::End(outcome) => outcome.as_str(),
                        // Nothing leads on from what is done beside a step.
                        _ => "",
                    };
                    let known = ends.iter().find(|end| (end.0, end.1) == (from, outcome));
                    known.map(|end| end.2).unwrap_or_else(|| {
                        self.nodes.push(end(outcome, self.nodes[from].lane, language));
                        ends.push((from, outcome, self.nodes.len() - 1));
                        self.nodes.len() - 1
                    })
                }
                vertex => match self.place(vertex) {
                    Some(to) => to,
                    None => continue,
                },
            };
            self.edges.push(self.edge(from, to, flow.weight()));
        }
    }

    fn edge(&self, from: usize, to: usize, flow: &Flow) -> Edge {
        let port = match &self.nodes[from].shape {
            Shape::Step(card) => {
                let line = |port: &Port| match port.kind {
                    PortKind::Happening(line) => Some(line),
                    _ => None,
                };
                let mut ports = card.ports.iter().filter(|port| line(port) == flow.happening);
                if flow.happening.is_some() { ports.next() } else { ports.nth(flow.branch) }
            }
            _ => None,
        };
        Edge { from, to, exit: port.map_or(0, |port| port.offset), is_plain: port.is_none() }
    }

    fn steps(&self) -> usize {
        self.nodes.iter().filter(|node| matches!(node.shape, Shape::Step(_))).count()
    }

    fn place(&self, vertex: &Vertex) -> Option<usize> {
        match vertex {
            Vertex::Start => Some(0),
            Vertex::Step(at) => Some(at + 1),
            Vertex::Join(at) => {
                let join = self.joins.iter().position(|join| join == at)?;
                Some(1 + self.steps() + join)
            }
            Vertex::Beside(_) | Vertex::End(_) => None,
        }
    }

    pub fn fan(&self) -> Fan {
        Fan::of(self.nodes.len(), self.edges.iter().map(|edge| (edge.from, edge.to)))
    }

    /// Makes boxes so high that every arrow that comes in has a height of its own.
    fn make_room(&mut self) {
        let fan = self.fan();
        for (at, node) in self.nodes.iter_mut().enumerate() {
            let arriving = fan.leading_to(at).len() as i32;
            let above = (node.above - 4) / 10;
            while (node.below - 4) / 10 + above < arriving {
                node.below += 10;
            }
        }
    }
}

/// The step before on the same level, or the block that the step begins a branch of.
fn leads_to(procedure: &Procedure, place: usize) -> Option<usize> {
    let within = procedure.steps[place].within;
    if let Some(within) = within
        && procedure.strand(within).is_some_and(|strand| strand.steps.start == place)
    {
        return Some(within.block);
    }
    (0..place).rev().find(|at| procedure.steps[*at].within == within)
}

/// The role of the first step that has one, of a block that a procedure begins with.
fn first_role(procedure: &Procedure, place: usize) -> Option<&str> {
    procedure.steps[place].block.as_ref()?;
    procedure.steps[place..].iter().find_map(|step| Some(step.role.as_ref()?.as_str()))
}

fn join(step: &Step, lane: usize) -> Node {
    let begins = step.block.as_ref().map(|block| &block.begins);
    let waits_for = match step.block.as_ref().map(|block| &*block.join) {
        // As in BPMN: a cross where one branch comes, a ring where those come that began.
        Some(Join::All) if matches!(begins, Some(Begins::First)) => "×".to_owned(),
        Some(Join::Chosen) => "○".to_owned(),
        Some(Join::First { count: Count::Fixed(count), .. }) => count.to_string(),
        Some(Join::First { .. } | Join::When { .. }) => "?".to_owned(),
        Some(Join::None) => "→".to_owned(),
        _ => "+".to_owned(),
    };
    let shape = Shape::Join { waits_for, number: step.id.value.clone() };
    Node { lane, shape, width: BAR, above: MAIN, below: MAIN }
}

fn lane(executable: &Executable, role: Option<&str>, words: &Words) -> Lane {
    let names = |name: &str| wrap(name, SMALL, 4, |_| NAME);
    let Some(role) = role else {
        return Lane { kind: LaneKind::Automatic, short: None, name: names(words.automatic) };
    };
    let known = executable.organisation.role(role);
    let is_external = known.is_some_and(|role| role.is_external);
    Lane {
        kind: if is_external { LaneKind::External } else { LaneKind::Inside },
        short: known.and_then(|role| role.short.as_deref()).map(|short| clip(short, 15, NAME)),
        name: names(known.map_or(role, |role| &role.title)),
    }
}

fn end(outcome: &str, lane: usize, language: &Language) -> Node {
    let is_completed = matches!(outcome, COMPLETED | "");
    let text = match outcome {
        COMPLETED => language.text("outcome-completed", &[]),
        "" => words(language).done.to_owned(),
        other => other.to_owned(),
    };
    let lines = wrap(&text, TEXT, 2, |_| WIDTH - 30);
    let widest = lines.iter().map(|line| bold_width(line, TEXT)).max().unwrap_or(0);
    let half = if lines.len() > 1 { 22 } else { 15 };
    Node {
        lane,
        shape: Shape::End { lines, is_completed },
        width: ((widest + 29) / 10 * 10).clamp(60, WIDTH),
        above: half,
        below: half,
    }
}
