//! What few steps need: how tokens meet, part and exclude each other at an ordinary step.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Kind, Node, Spanned, text, wrong_shape};

/// Tokens that a step may let go on at once: nobody could work more.
pub const MAX_SPAWN: u32 = 100;

/// The flow of tokens at a step, besides its way.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// Waits for other tokens before the step begins, and goes on as one.
    pub merges: Option<Merge>,
    /// So many tokens leave it.
    pub spawn: Option<Spanned<u32>>,
    /// The critical section that the step is part of.
    pub mutex: Option<Mutex>,
    /// Can be done only while that step waits for somebody.
    pub enabled_while: Option<Spanned<String>>,
    /// Steps and branches that are withdrawn when it is done.
    pub cancels: Vec<Spanned<String>>,
}

/// A critical section: of the steps that name it only one is worked at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutex {
    pub name: Spanned<String>,
    pub of: Among,
}

/// Among whose steps only one is worked at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Among {
    /// Those of one case.
    #[default]
    Case,
    /// Those of all cases, of whichever procedure.
    Organisation,
}

impl Mutex {
    pub fn is_shared(&self) -> bool {
        self.of == Among::Organisation
    }

    /// Whether it is the same section.
    pub fn is_same(&self, other: &Self) -> bool {
        self.of == other.of && self.name.value == other.name.value
    }
}

/// Letters of a name by which all cases of an organisation know a section.
const MAX_NAME: usize = 100;

/// `mutex: crane`, or `mutex: { name: crane, of: organisation }`.
fn mutex(node: &Node, found: &mut Diagnostics) -> Option<Mutex> {
    if matches!(node.kind, Kind::Scalar { .. }) {
        let name = named(text(node, "mutex", found)?, found);
        return Some(Mutex { name, of: Among::Case });
    }
    if !matches!(node.kind, Kind::Mapping(_)) {
        found.push(wrong_shape(node, "mutex", "a name, or `{ name: …, of: organisation }`"));
        return None;
    }
    let mut entries = Entries::open(node, "a critical section", found)?;
    let name = entries.require_text("name", found);
    let of = entries.text("of", found);
    entries.finish(found);
    let of = match of.as_ref().map(|of| (of.as_str(), of.span)) {
        None | Some(("case", _)) => Among::Case,
        Some(("organisation", _)) => Among::Organisation,
        Some((other, span)) => {
            let headline = format!("a critical section is not of `{other}`");
            let finding = Diagnostic::new("bad_value", span, headline).label("not known here");
            found.push(finding.suggest(other, ["case", "organisation"]));
            Among::Case
        }
    };
    Some(Mutex { name: named(name?, found), of })
}

fn named(name: Spanned<String>, found: &mut Diagnostics) -> Spanned<String> {
    let trimmed = name.value.trim();
    if trimmed.is_empty() || trimmed.chars().count() > MAX_NAME {
        let headline = format!("a critical section has a name of 1 to {MAX_NAME} letters");
        found.push(Diagnostic::new("bad_value", name.span, headline).label("not a name"));
    }
    Spanned::new(trimmed.to_owned(), name.span)
}

/// Which tokens a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// So many.
    Tokens(u32),
    /// All that can still come.
    Active,
}

impl Control {
    /// Whether a token may have to wait before it can enter the step.
    pub fn has_gate(&self) -> bool {
        self.merges.is_some() || self.mutex.is_some() || self.enabled_while.is_some()
    }
}

/// Reads the keys, all but `join`.
pub(super) fn control(
    entries: &mut Entries<'_>,
    merges: Option<Merge>,
    found: &mut Diagnostics,
) -> Control {
    let spawn = entries.count("spawn", found);
    let span = entries.key_span("spawn");
    let spawn = spawn.zip(span).map(|(count, span)| Spanned::new(count, span));
    if let Some(spawn) = spawn.as_ref().filter(|spawn| !(2..=MAX_SPAWN).contains(&spawn.value)) {
        let headline = format!("from 2 to {MAX_SPAWN} tokens can leave a step");
        found.push(Diagnostic::new("bad_value", spawn.span, headline).label("not a split"));
    }
    Control {
        merges,
        spawn,
        mutex: entries.get("mutex").and_then(|node| mutex(node, found)),
        enabled_while: entries.text("enabled_while", found),
        cancels: entries.texts("cancels", found),
    }
}
