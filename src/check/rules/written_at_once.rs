//! `written_at_once`: two steps that may be open at the same time write the same.

use crate::check::{Subject, branches};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::field::leaves;
use crate::procedure::{Set, Step};

/// Something that a step writes, and where it says so.
struct Written {
    what: What,
    span: Span,
}

#[derive(PartialEq)]
enum What {
    Variable(String),
    Document(String),
    /// A register's row, from a variable.
    Row(String, String),
}

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let several = branches::several(subject);
    let pairs: Vec<(usize, usize)> = branches::at_once(subject).into_iter().collect();
    if pairs.is_empty() && several.is_empty() {
        return;
    }
    let mut told = Vec::new();
    for place in several {
        // What a step reckons is reckoned anew for each; what is told to it would be lost.
        let told_to_it = typed(subject, place).into_iter().next();
        if let Some(written) = told_to_it {
            let step = &subject.procedure.steps[place];
            let headline =
                format!("step {} may be open twice, and writes {}", *step.id, name(&written.what));
            told.push(written.span);
            found.push(
                Diagnostic::new("written_at_once", written.span, headline)
                    .label("whoever comes last would win")
                    .help("join what goes on several times before this step, or begin an `each`"),
            );
        }
    }
    let written: Vec<Vec<Written>> = subject.steps().map(|(at, _)| of_step(subject, at)).collect();
    let steps = &subject.procedure.steps;
    for (first, second) in pairs {
        // Of two steps with the same form, one field is enough.
        let both = written[second].iter().find_map(|second| {
            let same = |first: &&Written| clash(&first.what, &second.what);
            Some((written[first].iter().find(same)?, second))
        });
        let Some((one, other)) = both.filter(|(_, other)| !told.contains(&other.span)) else {
            continue;
        };
        told.push(other.span);
        let headline = if first == second {
            format!("step {} may be open twice, and writes {}", *steps[first].id, name(&other.what))
        } else {
            let (one, two) = (&*steps[first].id, &*steps[second].id);
            format!(
                "steps {one} and {two} may be open at once, and both write {}",
                name(&other.what)
            )
        };
        let mut finding = Diagnostic::new("written_at_once", other.span, headline)
            .label("whoever comes last would win");
        if first != second {
            finding = finding.also(one.span, format!("step {} writes it", *steps[first].id));
        }
        found.push(finding.help(
            "let one of them write it, give each its own, or move it before or behind the block",
        ));
    }
}

fn of_step(subject: &Subject<'_>, place: usize) -> Vec<Written> {
    let step = &subject.procedure.steps[place];
    let mut written = typed(subject, place);
    written.extend(step.looks_up.iter().map(|look_up| Written {
        what: What::Variable(look_up.variable.value.clone()),
        span: look_up.variable.span,
    }));
    sets(&step.set, &mut written);
    step.choices().iter().for_each(|choice| sets(&choice.set, &mut written));
    rest(step, &mut written);
    written
}

/// What comes to a step from outside and is nowhere else: what people fill in, messages, answers, numbers.
fn typed(subject: &Subject<'_>, place: usize) -> Vec<Written> {
    let step = &subject.procedure.steps[place];
    let mut written = Vec::new();
    for name in &step.forms {
        let Some(form) = subject.executable.forms.get(name.as_str()) else { continue };
        let fields = subject.executable.fields_of_form(form);
        for (path, field) in leaves(&fields) {
            if !field.is_assigned {
                written.push(Written { what: What::Variable(path), span: name.span });
            }
        }
    }
    let into = step.heard().filter_map(|heard| heard.into.as_ref());
    written.extend(
        into.map(|into| Written { what: What::Variable(into.value.clone()), span: into.span }),
    );
    if let Some(form) = step.errand.as_ref().and_then(|errand| errand.into.as_ref()) {
        let own = leaves(&form.fields).into_iter();
        written.extend(
            own.map(|(path, field)| Written { what: What::Variable(path), span: field.name.span }),
        );
    }
    written.extend(step.assigns.iter().map(|assign| Written {
        what: What::Variable(assign.variable.value.clone()),
        span: assign.variable.span,
    }));
    written
}

fn sets(list: &[Set], written: &mut Vec<Written>) {
    written.extend(list.iter().map(|set| Written {
        what: What::Variable(set.variable.value.clone()),
        span: set.variable.span,
    }));
}

/// Documents and rows.
fn rest(step: &Step, written: &mut Vec<Written>) {
    written.extend(step.all_issues().chain(&step.signs).map(|used| Written {
        what: What::Document(used.name.value.clone()),
        span: used.name.span,
    }));
    let of_choices = step.choices().iter().flat_map(|choice| &choice.saves);
    written.extend(step.saves.iter().chain(of_choices).map(|save| Written {
        what: What::Row(save.register.value.clone(), save.variable.value.clone()),
        span: save.variable.span,
    }));
}

/// The same, or a group and a part of it.
fn clash(one: &What, other: &What) -> bool {
    let is_part = |part: &str, of: &str| {
        part.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match (one, other) {
        (What::Variable(one), What::Variable(other)) => is_part(one, other) || is_part(other, one),
        _ => one == other,
    }
}

fn name(what: &What) -> String {
    match what {
        What::Variable(path) => format!("`{path}`"),
        What::Document(id) => format!("the document `{id}`"),
        What::Row(register, _) => format!("a row of `{register}`"),
    }
}
