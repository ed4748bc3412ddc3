//! Sheets: what a document prints from. Printing them is `document::print`'s.

use super::{Error, Runtime};
use crate::document::print::Sheet;
use crate::engine::{self, Actor, State};
use crate::expression::{Map, Value};
use crate::field::{Field, Kind};
use crate::procedure::{Executable, Step, sheet};
use crate::store::CaseId;

impl Runtime {
    /// An issued document, as it was printed the first time: from its frozen data and the template
    /// of its version. None when the case has not issued it.
    pub async fn sheet(&self, case: &CaseId, no: u32) -> Result<Option<Sheet>, Error> {
        let store = self.store();
        let Some(row) = store.case(case).await? else { return Ok(None) };
        let Some((issued, frozen)) = store.document(case, no).await? else { return Ok(None) };
        let version = issued.version;
        let executable = self.executable(&row.organisation, &row.procedure, version).await?;
        let document = executable
            .as_deref()
            .and_then(|executable| Some((executable, executable.documents.get(&issued.document)?)));
        let Some((executable, document)) = document else {
            let (organisation, procedure) = (row.organisation, row.procedure);
            return Err(Error::Unreadable { organisation, procedure, version });
        };
        let copies = issued.copies;
        Ok(Some(sheet(executable, document, frozen, copies, false, issued.issued_at)))
    }

    /// A document as the open task would issue it, marked as a draft. What is still to be filled in
    /// at the task prints as nothing.
    pub async fn draft(
        &self,
        actor: &Actor,
        case: &CaseId,
        task: u32,
        document: &str,
    ) -> Result<Option<Sheet>, Error> {
        let Some(row) = self.store().case(case).await? else { return Ok(None) };
        let executable = self.executable(&row.organisation, &row.procedure, row.version).await?;
        let Some(executable) = executable else { return Ok(None) };
        let Some(open) = row.state.tasks.get(&task) else { return Ok(None) };
        let place = executable.place(&open.step);
        let Some((place, step)) = place.zip(executable.step(&open.step)) else { return Ok(None) };
        let Some(written) = executable.documents.get(document) else { return Ok(None) };
        let now = self.clock().now();
        let state = with_gaps(&executable, &row.state.seen_from(open.within.as_ref()), place, step);
        let frozen = engine::frozen(&executable, (&state, None), written, step, "—", actor, now);
        let Some(issue) = step.all_issues().find(|issue| *issue.name == *document) else {
            return Ok(None);
        };
        let copies = issue.copies.unwrap_or(written.copies);
        Ok(Some(sheet(&executable, written, frozen, copies, true, now)))
    }
}

/// The state with an empty place for whatever the step itself will fill in: the template may count
/// on it, and a draft is wanted before it is there.
fn with_gaps(executable: &Executable, state: &State, place: usize, step: &Step) -> State {
    let mut state = state.clone();
    fill_gaps(executable, executable.fields(place), &mut state.data);
    let choices = step.choices();
    let set = step.set.iter().chain(choices.iter().flat_map(|choice| &choice.set));
    let assigned = step.assigns.iter().map(|assign| &assign.variable);
    for variable in assigned.chain(set.map(|set| &set.variable)) {
        if Value::at(&state.data, variable).is_none() {
            Value::put(&mut state.data, variable, Value::Null);
        }
    }
    state
}

fn fill_gaps(executable: &Executable, fields: &[Field], data: &mut Map) {
    for field in fields {
        let value = data.entry(field.name.value.clone()).or_default();
        let inner = match &field.kind {
            Kind::Group { fields } => fields.as_slice(),
            Kind::Record { register, .. } => {
                executable.register(register).map_or(&[][..], |register| &register.fields)
            }
            Kind::Table { .. } => {
                if value.is_null() {
                    *value = Value::List(Vec::new());
                }
                continue;
            }
            _ => continue,
        };
        if value.is_null() {
            *value = Value::Map(Map::new());
        }
        if let Value::Map(map) = value {
            fill_gaps(executable, inner, map);
        }
    }
}
