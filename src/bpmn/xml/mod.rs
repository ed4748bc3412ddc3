//! XML as a tree of elements, read with suspicion and written plainly.
//!
//! `read` refuses whatever a diagram has no use for and an attacker has: document types, entities,
//! nesting without end. Nothing here knows what BPMN means beyond the names of its namespaces.

mod read;
mod write;

pub use read::{MAX_BYTES, decode, read};
pub use write::Writer;

use crate::diagnostic::Span;

/// Whose words an element is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// The semantic part of BPMN 2.0.
    Bpmn,
    /// What tramite adds.
    Tramite,
    /// How it is drawn; read by nobody, since tramite draws its own.
    Drawing,
    Other,
}

pub const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
pub const TRAMITE: &str = "urn:tramite:bpmn:1";
/// The language of terms, such as `2 working days`.
pub const TERM: &str = "urn:tramite:term";
/// The language of conditions.
pub const EXPRESSION: &str = "urn:tramite:expression";

/// An element with what stands in it.
#[derive(Debug, Clone)]
pub struct Element {
    pub space: Space,
    /// Without its prefix.
    pub name: String,
    /// By their names; those of other namespaces with a leading `:`.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    /// The text directly in it.
    pub text: String,
    /// Its opening tag.
    pub span: Span,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn id(&self) -> Option<&str> {
        self.attribute("id")
    }

    pub fn is_bpmn(&self, name: &str) -> bool {
        self.space == Space::Bpmn && self.name == name
    }

    /// The children of BPMN with this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.is_bpmn(name))
    }

    pub fn first(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is_bpmn(name))
    }

    /// What tramite has added to it.
    pub fn own(&self, name: &str) -> Option<&Element> {
        let extensions = self.first("extensionElements")?;
        let mut own = extensions.children.iter();
        own.find(|child| child.space == Space::Tramite && child.name == name)
    }
}
