//! Who starts a procedure's cases: people of some roles, and the clock.

use crate::calendar::Recurrence;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Node, Spanned};

/// When cases begin by themselves.
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
    /// One case for all of them.
    #[default]
    Once,
    /// A case for each.
    All,
    /// None.
    Skip,
}

const MISSED: [(&str, Missed); 3] =
    [("once", Missed::Once), ("all", Missed::All), ("skip", Missed::Skip)];

/// `{ by: role, every: day at 17:00, missed: once }`; of these only `by` must be written.
pub(super) fn starts(
    node: Option<&Node>,
    found: &mut Diagnostics,
) -> (Vec<Spanned<String>>, Option<Schedule>) {
    let Some(mut entries) = node.and_then(|node| Entries::open(node, "starts", found)) else {
        return (Vec::new(), None);
    };
    entries.require("by", found);
    let roles = entries.texts("by", found);
    let every = entries.text("every", found);
    let missed = entries.text("missed", found);
    entries.finish(found);
    let policy = missed.as_ref().and_then(|missed| self::missed(missed, found));
    let Some(written) = every else {
        if let Some(missed) = missed {
            let headline = "nothing can be missed that does not begin by itself";
            let finding = Diagnostic::new("bad_schedule", missed.span, headline);
            found.push(finding.label("without `every`").help("write `every`, or take it out"));
        }
        return (roles, None);
    };
    let every = Recurrence::parse(&written, found);
    let missed = policy.unwrap_or_default();
    (roles, every.map(|every| Schedule { every, written, missed }))
}

fn missed(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Missed> {
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
