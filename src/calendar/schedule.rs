//! When something is done by itself: `every: working day at 17:00`, with what becomes of the times that
//! were missed. Read with procedures and reports; `runtime` keeps the time.

use super::Recurrence;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Spanned};

/// When something is done by itself.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub every: Recurrence,
    /// As it stands in the file.
    pub written: Spanned<String>,
    pub missed: Missed,
}

/// What becomes of the times at which no server ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// Once for all of them.
    #[default]
    Once,
    /// For each.
    All,
    /// Not at all.
    Skip,
}

const MISSED: [(&str, Missed); 3] =
    [("once", Missed::Once), ("all", Missed::All), ("skip", Missed::Skip)];

impl Schedule {
    /// Reads `every` and `missed`; none when nothing is done by itself.
    pub fn read(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Option<Self> {
        let every = entries.text("every", found);
        let missed = entries.text("missed", found);
        let policy = missed.as_ref().and_then(|missed| policy(missed, found));
        let Some(written) = every else {
            if let Some(missed) = missed {
                let headline = "nothing can be missed that does not begin by itself";
                let finding = Diagnostic::new("bad_schedule", missed.span, headline);
                found.push(finding.label("without `every`").help("write `every`, or take it out"));
            }
            return None;
        };
        let every = Recurrence::parse(&written, found)?;
        Some(Self { every, written, missed: policy.unwrap_or_default() })
    }
}

fn policy(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Missed> {
    let known = MISSED.iter().find(|(name, _)| *name == written.as_str());
    if known.is_none() {
        let headline = format!("`{}` does not say what becomes of missed times", written.value);
        found.push(
            Diagnostic::new("bad_schedule", written.span, headline)
                .label("not one of the ways")
                .suggest(written, MISSED.iter().map(|(name, _)| *name)),
        );
    }
    known.map(|(_, missed)| *missed)
}
