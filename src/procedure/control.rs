//! What few steps need: how tokens meet, part and exclude each other at an ordinary step.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Spanned};

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
    pub mutex: Option<Spanned<String>>,
    /// Can be done only while that step waits for somebody.
    pub enabled_while: Option<Spanned<String>>,
    /// Steps and branches that are withdrawn when it is done.
    pub cancels: Vec<Spanned<String>>,
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
        mutex: entries.text("mutex", found),
        enabled_while: entries.text("enabled_while", found),
        cancels: entries.texts("cancels", found),
    }
}
