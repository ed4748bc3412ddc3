//! A diagram in BPMN's own terms, before it is text: elements, flows, lanes, papers.

use crate::diagram::Fan;
use crate::yaml::plain::Table;

/// One process in its pool.
#[derive(Debug, Default)]
pub struct Model {
    pub id: String,
    /// What the ids of its documents begin with; empty but in a sub-process.
    pub prefix: String,
    pub name: String,
    pub documentation: Option<String>,
    /// What of the procedure has no element.
    pub own: Table,
    pub lanes: Vec<Lane>,
    pub nodes: Vec<Node>,
    pub flows: Vec<Flow>,
    pub papers: Vec<Paper>,
}

impl Model {
    pub fn fan(&self) -> Fan {
        Fan::of(self.nodes.len(), self.flows.iter().map(|flow| (flow.from, flow.to)))
    }
}

#[derive(Debug)]
pub struct Lane {
    pub id: String,
    pub name: String,
    pub role: String,
}

#[derive(Debug)]
pub struct Node {
    pub id: String,
    pub kind: Kind,
    pub name: String,
    pub documentation: Option<String>,
    pub lane: usize,
    pub own: Option<Own>,
    /// What happens, at an event.
    pub event: Option<Event>,
    /// The task at whose edge it stands.
    pub host: Option<usize>,
    /// What is done in a sub-process.
    pub inner: Option<Box<Model>>,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    Error,
    /// A term or a day, as it is written.
    Timer(String),
    /// By its name.
    Message(String),
    Signal(String),
}

/// What tramite adds to an element.
#[derive(Debug)]
pub struct Own {
    pub tag: &'static str,
    pub attributes: Vec<(&'static str, String)>,
    /// What of it has no element.
    pub rest: Table,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Start,
    /// An end; with `ends_all`, also of everything else that is open.
    End {
        ends_all: bool,
    },
    /// A sub-process that is done several times.
    Again(Again),
    /// Something that is waited for between two steps.
    Catch,
    /// At the edge of a task: another way out of it, or with `stays` what begins beside it.
    Edge {
        stays: bool,
    },
    /// By the name of its element.
    Task(&'static str),
    Gateway(&'static str),
}

/// How a sub-process is done several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// For every item, all at once.
    Each,
    /// One round after the other.
    Rounds,
}

#[derive(Debug)]
pub struct Flow {
    pub id: String,
    pub from: usize,
    pub to: usize,
    pub name: String,
    pub documentation: Option<String>,
    pub condition: Option<String>,
    /// Taken when no condition holds.
    pub is_default: bool,
    pub own: Option<Own>,
}

/// A document beside a step.
#[derive(Debug)]
pub struct Paper {
    pub node: usize,
    pub title: String,
    /// Made at the step, not needed for it.
    pub is_output: bool,
}
