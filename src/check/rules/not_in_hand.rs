//! `not_issued`, `not_handed_in`: a step needs a document or a paper that is not there on every path;
//! behind a `when`, that is there on none.

use fixedbitset::FixedBitSet;

use crate::check::Subject;
use crate::check::net::{Fact, Net};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{DocumentUse, Step};

pub fn check(subject: &Subject<'_>, net: &Net<'_>, found: &mut Diagnostics) {
    for (place, step) in subject.steps() {
        let received = net.within(place);
        let signed = net.done(place);
        let needs = step.receives.iter().map(|used| (used, &received));
        let needs = needs.chain(step.signs.iter().map(|used| (used, &signed)));
        for (used, there) in needs {
            check_use(subject, net, (place, step), used, there, found);
        }
        for name in step.errand.iter().flat_map(|errand| errand.attached()) {
            let used = DocumentUse { name: name.clone(), copies: None, when: None };
            check_use(subject, net, (place, step), &used, net.before(place), found);
        }
    }
}

fn check_use(
    subject: &Subject<'_>,
    net: &Net<'_>,
    (place, step): (usize, &Step),
    used: &DocumentUse,
    there: &FixedBitSet,
    found: &mut Diagnostics,
) {
    let name = used.name.value.as_str();
    let is_paper = subject.organisation.paper(name).is_some();
    let fact =
        if is_paper { Fact::Paper(name.to_owned()) } else { Fact::Document(name.to_owned()) };
    let may = net.may_have(place, &fact);
    let is_there = if used.when.is_some() { may } else { net.has(there, &fact) };
    if is_there {
        return;
    }
    let (code, verb) =
        if is_paper { ("not_handed_in", "handed in") } else { ("not_issued", "issued") };
    let headline = if may {
        format!("`{name}` is not {verb} on every way to step {}", *step.id)
    } else {
        format!("no step before step {} has `{name}` {verb}", *step.id)
    };
    let mut finding = Diagnostic::new(code, used.name.span, headline)
        .label("not in hand here")
        .note(net.tell_path(place, Some(&fact)));
    let elsewhere = subject.procedure.steps.iter().find(|other| {
        other.all_issues().any(|issue| *issue.name == name)
            || other.hands_in.iter().any(|paper| **paper == name)
    });
    if let Some(other) = elsewhere {
        finding = finding.also(other.id.span, format!("{verb} at this step"));
    }
    let help = if is_paper {
        "let an earlier step take it in: `hands_in`".to_owned()
    } else {
        format!("let it be issued on that way, or write `{name}: {{ when: issued('{name}') }}`")
    };
    found.push(finding.help(help));
}
