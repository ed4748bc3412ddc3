//! Whether the files of an organisation belong together: under one organisation, each id once. Called by
//! `read`, when all of them have been read.

use std::collections::BTreeMap;

use super::Group;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Spanned;

pub(super) fn without_organisation(group: &Group, found: &mut Diagnostics) {
    if group.organisation.is_some() {
        return;
    }
    let span = group.procedures.first().map(|procedure| procedure.id.span).or(group.place);
    // A file that could not be read at all has its own finding.
    let is_empty = group.procedures.is_empty() && group.forms.is_empty();
    if let Some(span) = span.filter(|_| !is_empty) {
        found.push(
            Diagnostic::new("unknown_organisation", span, "this belongs to no organisation")
                .label("there is no `organisation:` beside it")
                .help("add an organisation.yaml to its folder, or an `organisation:` part to the file"),
        );
    }
}

pub(super) fn duplicates(group: &Group, found: &mut Diagnostics) {
    let mut check = |what: &str, ids: Vec<&Spanned<String>>| {
        let mut seen: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
        for id in ids {
            match seen.get(id.as_str()) {
                Some(first) => twice(what, first, id, found),
                None => {
                    seen.insert(id, id);
                }
            }
        }
    };
    check("form", group.forms.iter().map(|form| &form.id).collect());
    check("document", group.documents.iter().map(|document| &document.id).collect());
    check("procedure", group.procedures.iter().map(|procedure| &procedure.id).collect());
    check("table", group.tables.iter().map(|table| &table.id).collect());
    check("parameters", group.parameters.sets.iter().map(|set| &set.id).collect());
    check("report", group.reports.iter().map(|report| &report.id).collect());
    check("register", group.registers.iter().map(|register| &register.id).collect());
}

pub(super) fn twice(
    what: &str,
    first: &Spanned<String>,
    again: &Spanned<String>,
    found: &mut Diagnostics,
) {
    found.push(
        Diagnostic::new(
            "duplicate_id",
            again.span,
            format!("there are two of {what} `{}`", again.value),
        )
        .label("again here")
        .also(first.span, "first here")
        .help("give one of them another id"),
    );
}
