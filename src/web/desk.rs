//! What lies before a person who works on a task: the case, what it runs on, and the step.
//!
//! Nobody learns whether a case of another organisation exists, and a task is seen only with its role.

use std::borrow::Cow;
use std::sync::Arc;

use super::fail::Fail;
use super::session::Here;
use crate::engine::{CaseScope, Place, Task};
use crate::expression::Map;
use crate::procedure::{Executable, Step};
use crate::store::{CaseId, CaseRow};

pub(super) struct Desk {
    pub(super) case: CaseRow,
    pub(super) executable: Arc<Executable>,
    pub(super) number: u32,
    /// None: the task is completed or withdrawn, perhaps a moment ago by somebody else.
    pub(super) task: Option<Task>,
    /// The branch that it stands in.
    pub(super) within: Option<Place>,
    /// Where the task's step stands in the procedure.
    pub(super) place: usize,
}

impl Here {
    /// A case of the person's organisation.
    pub(super) async fn case(&self, id: &str) -> Result<CaseRow, Fail> {
        let id: CaseId = id.parse().map_err(|_| Fail::NotFound)?;
        let found = self.app.runtime.store().case(&id).await?;
        found.filter(|case| case.organisation == self.person.organisation).ok_or(Fail::NotFound)
    }

    /// A task of one of the person's roles, open or closed.
    pub(super) async fn desk(&self, case: &str, number: u32) -> Result<Desk, Fail> {
        let case = self.case(case).await?;
        let executable = self.app.executable_of(&case).await?;
        let task = case.state.tasks.get(&number).cloned();
        let (step, is_own) = match &task {
            Some(task) => (task.step.clone(), task.roles().any(|role| self.actor.has(role))),
            None => {
                let (step, role) = self.offered(&case, number).await?;
                (step, self.actor.has(&role))
            }
        };
        if !is_own {
            return Err(Fail::NotFound);
        }
        let place = executable.place(&step).ok_or(Fail::NotFound)?;
        let within = task.as_ref().and_then(|task| task.within.clone());
        Ok(Desk { case, executable, number, task, within, place })
    }

    /// Step and role of a task that is no longer open.
    async fn offered(&self, case: &CaseRow, number: u32) -> Result<(String, String), Fail> {
        let place = self.app.runtime.store().task_place(&case.id, number).await?;
        place.map(|place| (place.step, place.role)).ok_or(Fail::NotFound)
    }

    /// The name of a person, for sentences.
    pub(super) async fn name_of(&self, id: &str) -> Result<Option<String>, Fail> {
        Ok(self.app.runtime.store().person(id).await?.map(|person| person.name))
    }
}

impl Desk {
    pub(super) fn step(&self) -> &Step {
        &self.executable.procedure.steps[self.place]
    }

    /// The case as its expressions see it today.
    pub(super) fn scope(&self, here: &Here) -> CaseScope<'_> {
        CaseScope::of(&self.executable, &self.case.state, here.speaker.today())
            .within(self.within())
    }

    fn within(&self) -> Option<&Place> {
        self.within.as_ref()
    }

    /// The branch in words; none outside of blocks.
    pub(super) fn branch(&self) -> Option<String> {
        self.case.state.branch_in_words(&self.executable, self.within())
    }

    /// The variables as the task sees them.
    pub(super) fn data(&self) -> Cow<'_, Map> {
        self.case.state.data_at(self.within())
    }
}
