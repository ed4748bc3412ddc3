//! A process of a foreign diagram, its sub-processes written out: what can be a step, and arrows.

use crate::diagnostic::Span;
use crate::diagram::Fan;
use crate::yaml::plain::Table;

/// One process.
#[derive(Debug, Default)]
pub struct Chart {
    pub id: String,
    pub name: String,
    pub documentation: Option<String>,
    /// What tramite wrote about the procedure.
    pub own: Option<Table>,
    pub roles: Vec<Role>,
    pub nodes: Vec<Node>,
    pub flows: Vec<Flow>,
    /// What belongs to no step and could not be taken over.
    pub lost: Vec<Lost>,
}

/// A lane as a role.
#[derive(Debug, Clone)]
pub struct Role {
    pub id: String,
    pub title: String,
}

/// An element of the flow.
#[derive(Debug, Clone)]
pub struct Node {
    pub id: String,
    pub name: String,
    pub documentation: Option<String>,
    pub kind: Kind,
    /// By its place in the roles.
    pub role: Option<usize>,
    pub own: Option<Own>,
    /// Keys that its element stands for.
    pub keys: Table,
    /// The key of the block that it begins, where its gateway doesn't tell.
    pub block: Option<&'static str>,
    /// Where the block that it begins surely ends.
    pub exit: Option<usize>,
    /// Documents beside it.
    pub papers: Vec<String>,
    pub lost: Vec<Lost>,
    pub span: Span,
}

/// What tramite wrote about an element.
#[derive(Debug, Clone)]
pub struct Own {
    pub tag: String,
    pub attributes: Vec<(String, String)>,
    pub rest: Table,
}

/// Something that the language has no word for.
#[derive(Debug, Clone)]
pub struct Lost {
    pub says: String,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Start,
    End {
        ends_all: bool,
    },
    /// Somebody's task.
    Manual,
    /// It runs by itself.
    Automatic,
    /// One way is taken.
    Choice,
    /// Several ways begin, or meet; before it is known which.
    Gate(Ways),
    Split(Ways),
    Join(Ways),
    /// The end of a sub-process.
    Meet,
    /// It does nothing.
    Pass,
}

/// How many of its ways a gateway takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ways {
    All,
    Some,
    /// As many as a condition says, which only tramite's own diagrams can mean.
    Counted,
}

#[derive(Debug, Clone)]
pub struct Flow {
    pub from: usize,
    pub to: usize,
    pub name: String,
    pub documentation: Option<String>,
    pub condition: Option<String>,
    pub is_default: bool,
    /// Taken when the step's work is not done.
    pub aside: Option<Aside>,
    pub own: Option<Own>,
}

/// Why a way is taken before a step's work is done.
#[derive(Debug, Clone)]
pub enum Aside {
    /// It fails: the code that is said then.
    Error(String),
    /// Something happens meanwhile: the place among the lines of `on`, and what the line says.
    Happening(usize, Table),
    /// It happens meanwhile, and this begins beside the step.
    Beside(usize, Table),
}

impl Flow {
    /// Whether what it leads to is done beside the step from which it comes.
    pub fn is_beside(&self) -> bool {
        matches!(self.aside, Some(Aside::Beside(..)))
    }
}

impl Own {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Node {
    /// Something that stands between others and is drawn by nobody.
    pub fn made(kind: Kind, like: &Self) -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            documentation: None,
            kind,
            role: like.role,
            own: None,
            keys: Table::new(),
            block: None,
            exit: None,
            papers: Vec::new(),
            lost: Vec::new(),
            span: like.span,
        }
    }

    /// What tramite wrote about it under this name.
    pub fn own(&self, tag: &str) -> Option<&Own> {
        self.own.as_ref().filter(|own| own.tag == tag)
    }

    /// The number that tramite gave the step.
    pub fn number(&self) -> Option<&str> {
        self.own("step")?.attribute("number")
    }

    pub fn is_step(&self) -> bool {
        matches!(self.kind, Kind::Manual | Kind::Automatic)
    }
}

impl Chart {
    /// The arrows by their ends, as they are now.
    pub fn fan(&self) -> Fan {
        Fan::of(self.nodes.len(), self.flows.iter().map(|flow| (flow.from, flow.to)))
    }

    /// Those of some arrows that are taken when an element's work is done.
    pub fn well<'a>(&'a self, flows: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
        flows.iter().copied().filter(|flow| self.flows[*flow].aside.is_none())
    }
}
