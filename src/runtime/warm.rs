//! Cases that were worked on a moment ago, as the last commit left them.
//!
//! Whoever claims a task completes it soon, and whoever completes one often has the next. Reading a
//! case back costs more than deciding on it, so the last ones are kept. Nothing is decided on them
//! unseen: the database is asked for each whether it is still so (and locks it), and only sends what
//! has changed.

use std::collections::HashMap;

use crate::store::{CaseId, CaseRow, Known};

/// Cases of a generation; there are two. A case takes some ten kilobytes.
const MOST: usize = 1_024;

/// The new generation, and the one before it, which goes when the new one is full.
#[derive(Debug, Default)]
pub(super) struct Warm {
    new: HashMap<CaseId, CaseRow>,
    old: HashMap<CaseId, CaseRow>,
}

impl Warm {
    pub(super) fn known(&self, id: &CaseId) -> Option<Known> {
        let row = self.new.get(id).or_else(|| self.old.get(id))?;
        Some(Known { revision: row.revision, head: row.head })
    }

    /// Takes the case out: whoever changes it puts it back as it is then.
    pub(super) fn take(&mut self, id: &CaseId) -> Option<CaseRow> {
        self.new.remove(id).or_else(|| self.old.remove(id))
    }

    pub(super) fn put(&mut self, row: CaseRow) {
        if self.new.len() >= MOST {
            self.old = std::mem::take(&mut self.new);
        }
        self.old.remove(&row.id);
        self.new.insert(row.id, row);
    }
}
