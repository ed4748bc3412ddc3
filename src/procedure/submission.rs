//! Reading what was typed at a step: fields, then the forms' rules. The engine, the pages' rehearsal and
//! sample data read through this one function, so that they can't differ.

use super::Executable;
use crate::expression::{Layer, Map, Scope, Value, reads_of_expression};
use crate::field::{self, Context, FieldError, Problem};
use crate::form::Rule;

impl Executable {
    /// Reads `raw` at the step at `place`: the variables that the step fills in, on top of those of the
    /// context's scope. Everything that is wrong, at once; rules are asked when every field is right.
    pub fn read(&self, place: usize, raw: &Map, context: &Context<'_>) -> (Map, Vec<FieldError>) {
        let mut errors = Vec::new();
        let values = field::read(self.fields(place), raw, context, &mut errors);
        if let Some(step) = self.procedure.steps.get(place).filter(|_| errors.is_empty()) {
            let scope = Layer { own: &values, outer: context.scope };
            let rules = self.forms_of(step).flat_map(|form| &form.rules);
            errors.extend(rules.filter_map(|rule| broken(rule, &scope)));
        }
        (values, errors)
    }
}

/// Why a rule is broken, if it is. A rule about something that was left empty is kept: whether it may be
/// empty is the field's own word.
fn broken(rule: &Rule, scope: &dyn Scope) -> Option<FieldError> {
    let problem = match rule.must.holds(scope) {
        Ok(true) => return None,
        Ok(false) if reads_something_empty(rule, scope) => return None,
        Ok(false) => Problem::Rule { says: rule.says.clone() },
        Err(fault) => Problem::NotReckonable { reason: fault.message },
    };
    Some(FieldError { path: String::new(), problem })
}

fn reads_something_empty(rule: &Rule, scope: &dyn Scope) -> bool {
    let reads = reads_of_expression(&rule.must);
    reads
        .iter()
        .filter(|read| !read.is_guarded)
        .any(|read| at(scope, &read.path).is_some_and(Value::is_null))
}

/// The value behind a path.
fn at<'a>(scope: &'a dyn Scope, path: &[String]) -> Option<&'a Value> {
    let (root, parts) = path.split_first()?;
    parts.iter().try_fold(scope.variable(root)?, |value, part| value.as_map()?.get(part))
}
