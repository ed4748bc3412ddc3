//! `unknown_document`, `unknown_paper`: a step issues, receives, signs or takes in what doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Spanned;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let documents = &subject.group.documents;
    let papers = &subject.organisation.papers;
    let is_document = |name: &str| documents.iter().any(|known| *known.id == name);
    let is_paper = |name: &str| subject.organisation.paper(name).is_some();
    let names = |with_papers: bool| {
        let papers = papers.iter().filter(move |_| with_papers).map(|paper| paper.id.as_str());
        documents.iter().map(|document| document.id.as_str()).chain(papers)
    };
    let mut report = |name: &Spanned<String>, with_papers: bool| {
        if subject.may_be_lost(Some(name)) {
            return;
        }
        found.push(
            Diagnostic::new(
                "unknown_document",
                name.span,
                format!("there is no document `{}`", name.value),
            )
            .label("no file of the organisation defines it")
            .suggest(name, names(with_papers)),
        );
    };
    for (_, step) in subject.steps() {
        for used in step.all_issues().chain(&step.signs) {
            if !is_document(&used.name) {
                report(&used.name, false);
            }
        }
        for name in step.errand.iter().flat_map(|errand| errand.attached()) {
            if !is_document(name) {
                report(name, false);
            }
        }
        for used in &step.receives {
            if !is_document(&used.name) && !is_paper(&used.name) {
                report(&used.name, true);
            }
        }
    }
    for paper in subject.steps().flat_map(|(_, step)| &step.hands_in) {
        if !is_paper(paper) {
            found.push(
                Diagnostic::new(
                    "unknown_paper",
                    paper.span,
                    format!("there is no paper `{}`", paper.value),
                )
                .label("not one of the organisation's `papers`")
                .suggest(paper, papers.iter().map(|paper| paper.id.as_str())),
            );
        }
    }
}
