//! Reading what was typed at a step: fields, then the forms' rules. The engine, the pages' rehearsal and
//! sample data read through this one function, so that they can't differ.

use super::Executable;
use crate::expression::{Layer, Map, Scope, Value, reads_of_expression};
use crate::field::{self, Context, Field, FieldError, Problem};
use crate::form::Rule;

impl Executable {
    /// Reads `raw` at the step at `place` into `data`, which begins as the case's data. Everything that is
    /// wrong, at once; rules are asked when every field is right.
    pub fn read(
        &self,
        place: usize,
        raw: &Map,
        data: &mut Map,
        context: &Context<'_>,
    ) -> Vec<FieldError> {
        let fields: Vec<&Field> = self.fields(place).iter().collect();
        let mut errors = Vec::new();
        field::read(&fields, raw, data, context, &mut errors);
        if let Some(step) = self.procedure.steps.get(place).filter(|_| errors.is_empty()) {
            let scope = Layer { own: data, outer: context.scope };
            let rules = self.forms_of(step).flat_map(|form| &form.rules);
            errors.extend(rules.filter_map(|rule| broken(rule, data, &scope)));
        }
        errors
    }
}

/// Why a rule is broken, if it is. A rule about something that was left empty is kept: whether it may be
/// empty is the field's own word.
fn broken(rule: &Rule, data: &Map, scope: &dyn Scope) -> Option<FieldError> {
    let problem = match rule.must.holds(scope) {
        Ok(true) => return None,
        Ok(false) if reads_something_empty(rule, data) => return None,
        Ok(false) => Problem::Rule { says: rule.says.clone() },
        Err(fault) => Problem::NotReckonable { reason: fault.message },
    };
    Some(FieldError { path: String::new(), problem })
}

fn reads_something_empty(rule: &Rule, data: &Map) -> bool {
    let reads = reads_of_expression(&rule.must);
    reads
        .iter()
        .filter(|read| !read.is_guarded)
        .any(|read| Value::at(data, &read.path.join(".")).is_some_and(Value::is_null))
}
