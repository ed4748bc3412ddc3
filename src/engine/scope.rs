//! A case as its expressions see it.

use jiff::civil::Date;

use super::State;
use crate::expression::{Map, Scope, Value};

/// A state with the day on which a command is handled.
#[derive(Debug)]
pub struct CaseScope<'a> {
    pub state: &'a State,
    /// The variables; not always the state's own: a submission sees what it has read so far.
    pub data: &'a Map,
    pub today: Date,
}

impl<'a> CaseScope<'a> {
    pub fn of(state: &'a State, today: Date) -> Self {
        Self { state, data: &state.data, today }
    }
}

impl Scope for CaseScope<'_> {
    fn variable(&self, name: &str) -> Option<&Value> {
        self.data.get(name)
    }
    fn today(&self) -> Date {
        self.today
    }
    fn number_of(&self, document: &str) -> Option<String> {
        self.state.document(document).map(|issued| issued.number.clone())
    }
    fn visits(&self, step: &str) -> u32 {
        self.state.visits.get(step).copied().unwrap_or_default()
    }
    fn case_number(&self) -> &str {
        &self.state.number
    }
}
