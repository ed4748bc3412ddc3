//! An expression as a tree of its own, freed from the text that it was parsed from.

use super::Value;
use crate::diagnostic::Span;
use crate::yaml::Node;

/// A compiled condition or computed value: parsed once, when a version is loaded.
#[derive(Debug, Clone)]
pub struct Expression {
    /// As the owner wrote it, for messages and the generated manual.
    pub source: String,
    /// The whole expression in its file.
    pub span: Span,
    pub root: Part,
    /// The value in the file, to find the place of a part.
    pub(super) node: Node,
}

/// A node with its bytes in the expression's text.
#[derive(Debug, Clone)]
pub struct Part {
    pub expr: Expr,
    pub start: usize,
    pub end: usize,
}

impl Part {
    /// The path of a variable, when the part is nothing else.
    pub fn path(&self) -> Option<Vec<String>> {
        match &self.expr {
            Expr::Name(name) => Some(vec![name.clone()]),
            Expr::Attribute(inner, name) => {
                let mut path = inner.path()?;
                path.push(name.clone());
                Some(path)
            }
            _ => None,
        }
    }
}

/// What an expression is made of. Every other construct of minijinja is refused by the parser.
#[derive(Debug, Clone)]
pub enum Expr {
    Literal(Value),
    Name(String),
    Attribute(Box<Part>, String),
    Not(Box<Part>),
    Negate(Box<Part>),
    Binary(Binary, Box<Part>, Box<Part>),
    Compare(Box<Part>, Vec<(Comparison, Part)>),
    If(Box<Part>, Box<Part>, Option<Box<Part>>),
    Filter(String, Box<Part>, Vec<Part>),
    Test(String, Box<Part>),
    Call(String, Vec<Part>),
    List(Vec<Part>),
}

/// Operators with two sides that don't compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    And,
    Or,
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Join,
}

/// Operators that compare, and may be chained: `0 < x <= 10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

impl Expression {
    /// The path of a variable, when the expression is nothing else.
    pub fn path(&self) -> Option<Vec<String>> {
        self.root.path()
    }

    /// Where a part stands in its file. `text` is the file's whole text.
    pub fn place(&self, text: &str, part: &Part) -> Span {
        self.node.locate(text, part.start, part.end)
    }

    /// Where the bytes `start..end` of the expression stand in its file.
    pub fn place_of(&self, text: &str, start: usize, end: usize) -> Span {
        self.node.locate(text, start, end)
    }
}
