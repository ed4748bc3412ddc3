//! Ledgers: movements name what exists and move numbers, and what is brought into transit is taken out of
//! it again before the case ends (`left_in_transit`, `may_stay_in_transit`).

use std::collections::BTreeSet;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Type, Types};
use crate::field::{Kind, find};
use crate::procedure::{Destination, Move, Step, Target};
use crate::register::Ledger;
use crate::yaml::Spanned;

/// Names, and the types of what is moved.
pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        for written in step.all_moves() {
            if let Some(ledger) = names(subject, written, found) {
                accounts(ledger, written, found);
                types(subject, written, found);
            }
        }
    }
}

fn names<'a>(
    subject: &'a Subject<'_>,
    written: &Move,
    found: &mut Diagnostics,
) -> Option<&'a Ledger> {
    let register = subject.executable.register(&written.ledger);
    if let Some(ledger) = register.and_then(|register| register.ledger.as_ref()) {
        return Some(ledger);
    }
    if register.is_none() && subject.may_be_lost(Some("registers")) {
        return None;
    }
    let name = &written.ledger;
    let ledgers = subject.executable.registers.iter().filter(|known| known.ledger.is_some());
    let finding = Diagnostic::new(
        "unknown_ledger",
        name.span,
        format!("there is no ledger `{}`", name.value),
    );
    found.push(match register {
        Some(register) => finding
            .label("this register has no accounts")
            .also(register.id.span, "add `ledger:` here to move its rows"),
        None => finding
            .label("not one of the organisation's registers with a `ledger`")
            .suggest(name, ledgers.map(|register| register.id.as_str())),
    });
    None
}

fn accounts(ledger: &Ledger, written: &Move, found: &mut Diagnostics) {
    for account in [&written.from, &written.to] {
        if ledger.account(account).is_none() {
            found.push(
                Diagnostic::new(
                    "unknown_account",
                    account.span,
                    format!("there is no account `{}`", account.value),
                )
                .label(format!("not one of the accounts of `{}`", written.ledger.value))
                .suggest(account, ledger.accounts.iter().map(|known| known.id.as_str())),
            );
        }
    }
    if *written.from == *written.to {
        found.push(
            Diagnostic::new("bad_value", written.to.span, "this moves nothing")
                .label("the account that it comes from"),
        );
    }
}

fn types(subject: &Subject<'_>, written: &Move, found: &mut Diagnostics) {
    let text = subject.text(subject.procedure.id.span.file);
    let mut seen: Option<Types> = None;
    if let Some(each) = &written.each {
        match resolve(&subject.types, each) {
            Some(Type::List(element)) => {
                if let Type::Group(columns) = *element {
                    let columns = columns.iter().map(|(name, kind)| (name.clone(), kind.clone()));
                    seen = Some(subject.types.with(columns));
                }
            }
            Some(Type::Any) => return,
            _ => {
                found.push(
                    Diagnostic::new(
                        "unknown_variable",
                        each.span,
                        format!("there is no table `{}`", each.value),
                    )
                    .label("`each` names a field with rows")
                    .suggest(each, subject.types.names.keys().map(String::as_str)),
                );
                return;
            }
        }
    }
    let types = seen.as_ref().unwrap_or(&subject.types);
    written.amount.check_as(&Type::Number, types, text, found);
    if let Some(when) = &written.when {
        when.check_as(&Type::Bool, types, text, found);
    }
    item(subject, written, types, found);
}

/// What is moved has to be known before the step is decided on: it is a field that somebody fills in.
fn item(subject: &Subject<'_>, written: &Move, types: &Types, found: &mut Diagnostics) {
    let name = &written.item;
    let inner = written.each.as_ref().map(|each| format!("{}.{}", each.value, name.value));
    let mut paths = inner.into_iter().chain([name.value.clone()]);
    let forms = &subject.executable.forms;
    let field = paths.find_map(|path| forms.values().find_map(|form| find(&form.fields, &path)));
    let Some(field) = field else {
        found.push(
            Diagnostic::new(
                "unknown_variable",
                name.span,
                format!("there is no field `{}`", name.value),
            )
            .label("what is moved is named by a field of a form")
            .suggest(name, types.names.keys().map(String::as_str)),
        );
        return;
    };
    let fits = match &field.kind {
        Kind::Record { register, .. } => **register == *written.ledger,
        Kind::Text { is_note, .. } => !is_note,
        _ => false,
    };
    if !fits || !field.is_asked() {
        found.push(
            Diagnostic::new("type_mismatch", name.span, "this field doesn't name what is moved")
                .label(format!(
                    "a `record` of `{}` is needed, or a text that somebody fills in",
                    written.ledger.value
                ))
                .also(field.name.span, "the field"),
        );
    }
}

fn resolve(types: &Types, path: &Spanned<String>) -> Option<Type> {
    let path: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
    types.resolve(&path).ok()
}

/// What is brought into transit and not taken out on some way to the end.
pub fn transit(subject: &Subject<'_>, found: &mut Diagnostics) {
    // Where branches are open at once, one may take out what another brings: the engine sees to it.
    let is_plain = subject.procedure.steps.iter().all(|step| step.block.is_none());
    let mut told = BTreeSet::new();
    for (place, step) in subject.steps() {
        let of_step = step.moves.iter().map(|written| (written, None));
        let choices = step.choices().iter();
        let of_choices = choices
            .flat_map(|choice| choice.moves.iter().map(move |written| (written, Some(choice))));
        for (written, choice) in of_step.chain(of_choices) {
            let Some(register) = subject.executable.register(&written.ledger) else { continue };
            let Some(ledger) = &register.ledger else { continue };
            let is_transit = |id: &str| ledger.account(id).is_some_and(|known| known.is_in_transit);
            let account = (written.ledger.as_str(), written.to.as_str());
            if !is_transit(account.1) || !told.insert((place, account)) {
                continue;
            }
            let targets = match choice {
                Some(choice) => vec![&choice.target],
                None => step.targets(),
            };
            let way = Way { subject, account };
            // It may be taken out in the same breath.
            let Some(sure) = way.to_an_end(place, &targets).filter(|_| !takes(step, account, true))
            else {
                continue;
            };
            let is_sure = sure && is_plain && written.when.is_none() && written.each.is_none();
            found.push(finding(written, ledger, is_sure));
        }
    }
}

fn finding(written: &Move, ledger: &Ledger, is_sure: bool) -> Diagnostic {
    let title = ledger.account(&written.to).map_or("", |account| account.title.as_str());
    let (code, headline) = if is_sure {
        ("left_in_transit", format!("what comes to `{}` here is not taken away", written.to.value))
    } else {
        ("may_stay_in_transit", format!("what comes to `{}` here may stay there", written.to.value))
    };
    Diagnostic::new(code, written.to.span, headline)
        .label(format!("«{title}» is in transit, and a case can't end before it is empty"))
        .help("on every way to the end, have a step move it `from` there")
}

/// Whether a step takes out of the account, whatever is chosen at it: surely, or perhaps.
fn takes(step: &Step, account: (&str, &str), surely: bool) -> bool {
    let is_out = |written: &Move| {
        (written.ledger.as_str(), written.from.as_str()) == account
            && (!surely || written.when.is_none())
    };
    step.moves.iter().any(is_out)
}

struct Way<'a> {
    subject: &'a Subject<'a>,
    account: (&'a str, &'a str),
}

impl Way<'_> {
    /// Whether an end can be reached without a step that surely takes out of the account; and then,
    /// whether without one that perhaps does.
    fn to_an_end(&self, from: usize, targets: &[&Target]) -> Option<bool> {
        if !self.ends(from, targets, true) {
            return None;
        }
        Some(self.ends(from, targets, false))
    }

    /// The ways out of a step, but for labels that take out of the account.
    fn left_by<'s>(&self, step: &'s Step, surely: bool) -> Vec<&'s Target> {
        if step.choices().is_empty() {
            return step.targets();
        }
        let is_out = |written: &Move| {
            (written.ledger.as_str(), written.from.as_str()) == self.account
                && (!surely || written.when.is_none())
        };
        let left = step.choices().iter().filter(|choice| !choice.moves.iter().any(is_out));
        left.map(|choice| &choice.target).collect()
    }

    fn ends(&self, from: usize, targets: &[&Target], surely: bool) -> bool {
        let executable = &self.subject.executable;
        let steps = &self.subject.procedure.steps;
        let mut seen = BTreeSet::new();
        let mut todo: Vec<usize> = Vec::new();
        let mut is_end = false;
        let mut go = |from: usize, targets: &[&Target], todo: &mut Vec<usize>| {
            for target in targets {
                match executable.destination(from, target) {
                    Destination::Step(place) => todo.push(place),
                    Destination::Join => {
                        let block = steps[from].within.map(|within| within.block);
                        todo.extend(block.and_then(|block| self.subject.procedure.next(block)));
                        is_end |=
                            block.is_some_and(|block| self.subject.procedure.next(block).is_none());
                    }
                    Destination::Over | Destination::End(_) => is_end = true,
                }
            }
        };
        go(from, targets, &mut todo);
        while let Some(place) = todo.pop() {
            let Some(step) = steps.get(place).filter(|_| seen.insert(place)) else { continue };
            if takes(step, self.account, surely) {
                continue;
            }
            if step.block.is_some() {
                let inner = (place + 1..steps.len())
                    .filter(|at| steps[*at].within.is_some_and(|within| within.block == place));
                todo.extend(inner);
            }
            go(place, &self.left_by(step, surely), &mut todo);
        }
        is_end
    }
}
