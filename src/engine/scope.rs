//! A case as its expressions see it.

use jiff::civil::Date;

use super::{Place, State};
use crate::expression::{Scope, Value};
use crate::parameter::Parameters;
use crate::procedure::Executable;

/// A state with the day on which a command is handled.
#[derive(Debug)]
pub struct CaseScope<'a> {
    pub state: &'a State,
    pub today: Date,
    parameters: Option<&'a Parameters>,
    /// The branch from which it is seen.
    pub within: Option<&'a Place>,
}

impl<'a> CaseScope<'a> {
    pub fn of(executable: &'a Executable, state: &'a State, today: Date) -> Self {
        Self { parameters: Some(&executable.parameters), ..Self::bare(state, today) }
    }

    /// Of no procedure, for what reads nothing but its own columns.
    pub fn bare(state: &'a State, today: Date) -> Self {
        Self { state, today, parameters: None, within: None }
    }

    /// The same as seen from a branch.
    pub fn within(self, place: Option<&'a Place>) -> Self {
        Self { within: place, ..self }
    }
}

impl Scope for CaseScope<'_> {
    fn variable(&self, name: &str) -> Option<&Value> {
        self.state.variable(self.within, name)
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
    fn parameter(&self, path: &str, on: Date) -> Option<&Value> {
        self.parameters?.in_force(path, on)
    }
}
