//! `missing_otherwise`: a `choose` in which it can happen that no line holds.

use std::collections::BTreeSet;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Expr, Expression, Type, Value};
use crate::field::Kind;
use crate::procedure::Branch;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let branches = step.branches();
        let Some(last) = branches.last().and_then(|branch| branch.when.as_ref()) else { continue };
        if branches.iter().any(|branch| branch.when.is_none()) || is_exhaustive(subject, branches) {
            continue;
        }
        found.push(
            Diagnostic::new(
                "missing_otherwise",
                last.span,
                format!("step {} may find no way on", *step.id),
            )
            .label("and if this doesn't hold either?")
            .help("add a last line without `when`, such as `- go: …`"),
        );
    }
}

/// Yes and no of one condition, or every option of one choice.
fn is_exhaustive(subject: &Subject<'_>, branches: &[Branch]) -> bool {
    let conditions: Vec<&Expression> =
        branches.iter().filter_map(|branch| branch.when.as_ref()).collect();
    let negated = |condition: &Expression| match &condition.root.expr {
        Expr::Not(of) => condition.source.get(of.start..of.end).map(ToOwned::to_owned),
        _ => None,
    };
    let has_both = conditions.iter().any(|one| {
        negated(one)
            .is_some_and(|plain| conditions.iter().any(|other| other.source.trim() == plain))
    });
    has_both || covers_a_choice(subject, &conditions)
}

fn covers_a_choice(subject: &Subject<'_>, conditions: &[&Expression]) -> bool {
    let mut variable: Option<String> = None;
    let mut covered = BTreeSet::new();
    for condition in conditions {
        let Some((path, option)) = equality(condition) else { return false };
        if variable.get_or_insert_with(|| path.clone()) != &path {
            return false;
        }
        covered.insert(option);
    }
    let Some(path) = variable else { return false };
    let parts: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
    let is_choice = subject
        .executable
        .field(&path)
        .is_some_and(|field| matches!(field.kind, Kind::Choice { .. }));
    let may_be_empty = !is_choice || subject.may_be_empty(&path);
    match subject.types.resolve(&parts) {
        Ok(Type::Choice(options)) => {
            !may_be_empty && options.iter().all(|option| covered.contains(option))
        }
        _ => false,
    }
}

/// `variable == 'option'`.
fn equality(condition: &Expression) -> Option<(String, String)> {
    let Expr::Compare(left, rest) = &condition.root.expr else { return None };
    let [(crate::expression::Comparison::Equal, right)] = rest.as_slice() else { return None };
    let Expr::Literal(Value::Text(option)) = &right.expr else { return None };
    let path = condition.source.get(left.start..left.end)?.trim().to_owned();
    Some((path, option.clone()))
}
