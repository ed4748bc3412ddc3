//! A diagram in BPMN's own terms, before it is text: elements, flows, lanes, papers.

use crate::yaml::plain::Table;

/// One process in its pool.
#[derive(Debug, Default)]
pub struct Model {
    pub id: String,
    pub name: String,
    pub documentation: Option<String>,
    /// What of the procedure has no element.
    pub own: Table,
    pub lanes: Vec<Lane>,
    pub nodes: Vec<Node>,
    pub flows: Vec<Flow>,
    pub papers: Vec<Paper>,
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
    /// By the name of its element.
    Task(&'static str),
    Gateway(&'static str),
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
