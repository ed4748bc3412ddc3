//! What a `demo` names, with the places: so that a slip in it is found by `tramite check`, and not by who
//! starts a demo. What is made of it is `demo`'s. Called by `read`.

use crate::yaml::{Kind, Node, Spanned};

/// Roles and procedures that invented people and cases have.
#[derive(Debug, Default)]
pub struct Invented {
    pub roles: Vec<Spanned<String>>,
    pub procedures: Vec<Spanned<String>>,
}

impl Invented {
    pub(super) fn of(node: &Node) -> Self {
        let demo = get(node, "demo");
        let people = demo.and_then(|demo| get(demo, "people")).into_iter().flat_map(items);
        let cases = demo.and_then(|demo| get(demo, "cases")).into_iter().flat_map(items);
        let roles = people.filter_map(|person| get(person, "roles")).flat_map(items);
        let procedures = cases.filter_map(|case| get(case, "procedure"));
        Self {
            roles: roles.filter_map(text).collect(),
            procedures: procedures.filter_map(text).collect(),
        }
    }
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Kind::Mapping(entries) = &node.kind else { return None };
    entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
}

fn items(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::Sequence(items) => items,
        _ => &[],
    }
}

fn text(node: &Node) -> Option<Spanned<String>> {
    Some(Spanned::new(node.text()?.to_owned(), node.span))
}
