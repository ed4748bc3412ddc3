//! Names in documents' templates: variables that no form fills in, fields that a group doesn't have,
//! filters, functions and documents that don't exist. Reported as `unknown_variable`,
//! `unknown_field`, `unknown_function` and `unknown_document`, in the template itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Template;
use crate::document::print::{FILTERS, FUNCTIONS};
use crate::expression::{Read, Type, Types, reads_of_template};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let mut types = subject.types.clone();
    types.names.extend(built_in());
    let layouts = &subject.executable.layouts;
    for document in subject.executable.documents.values() {
        let mut todo = vec![&document.template];
        let mut seen: Vec<String> = Vec::new();
        while let Some(template) = todo.pop() {
            check_template(subject, template, &types, found);
            for (name, ..) in reads_of_template(&template.text).templates {
                if let Some(layout) = layouts.get(&name).filter(|_| !seen.contains(&name)) {
                    seen.push(name);
                    todo.push(layout);
                }
            }
        }
    }
}

fn check_template(
    subject: &Subject<'_>,
    template: &Template,
    types: &Types,
    found: &mut Diagnostics,
) {
    let text = subject.text(template.file());
    let reads = reads_of_template(&template.text);
    let mut further = Vec::new();
    let mut report = |code, start, end, headline: String, name: &str, known: Vec<&str>| {
        let span = template.locate(text, start, end);
        found.push(
            Diagnostic::new(code, span, headline).label("not known here").suggest(name, known),
        );
    };
    for Read { path, start, end, is_guarded } in &reads.reads {
        let Err(good) = types.resolve(path) else { continue };
        // A document shared by procedures asks for what only some of them fill in.
        if good == 0 && *is_guarded {
            continue;
        }
        let name = &path[good];
        let known = types.names_at(&path[..good]);
        let code = if good == 0 { "unknown_variable" } else { "unknown_field" };
        let headline = if good == 0 {
            format!("no form of {} fills in `{name}`", *subject.procedure.id)
        } else {
            format!("there is no field `{name}` here")
        };
        // Point at the part of `cliente.nombr` that is wrong.
        let written = template.text.get(*start..*end).unwrap_or_default();
        let at = if good == 0 { 0 } else { written.rfind(name.as_str()).unwrap_or(0) };
        let end = (start + at + name.len()).min(*end);
        let paths = if good == 0 { types.paths_to(name) } else { Vec::new() };
        let known = if paths.is_empty() { known } else { paths };
        report(code, start + at, end, headline, name, known.iter().map(String::as_str).collect());
    }
    for (kind, used, known) in
        [("filter", &reads.filters, FILTERS), ("function", &reads.functions, FUNCTIONS)]
    {
        for (name, start, end) in used {
            if known.contains(&name.as_str()) {
                continue;
            }
            let headline = format!("there is no {kind} `{name}`");
            if kind == "function" && FILTERS.contains(&name.as_str()) {
                let span = template.locate(text, *start, *end);
                further.push(
                    Diagnostic::new("unknown_function", span, headline)
                        .label("this is a filter")
                        .help(match name.as_str() {
                            "label" => "write `{{ claim.kind | label('claim.kind') }}`".to_owned(),
                            _ => format!("write it behind the value: `{{{{ value | {name} }}}}`"),
                        }),
                );
                continue;
            }
            report("unknown_function", *start, *end, headline, name, known.to_vec());
        }
    }
    let documents = &subject.group.documents;
    for (name, start, end) in &reads.documents {
        if !documents.iter().any(|known| *known.id == *name) {
            let known = documents.iter().map(|document| document.id.as_str()).collect();
            let headline = format!("there is no document `{name}`");
            report("unknown_document", *start, *end, headline, name, known);
        }
    }
    further.into_iter().for_each(|finding| found.push(finding));
}

/// What every template may read besides the case's variables.
fn built_in() -> BTreeMap<String, Type> {
    let group = |names: &[&str]| {
        let fields = names.iter().map(|name| ((*name).to_owned(), Type::Text));
        Type::Group(Arc::new(fields.collect()))
    };
    let approvals = group(&["prepared_by", "reviewed_by", "approved_by", "resolution"]);
    let organisation =
        group(&["name", "short_name", "address", "city", "phone", "email", "tax_id"]);
    let organisation = match organisation {
        Type::Group(mut fields) => {
            Arc::make_mut(&mut fields).insert("approvals".to_owned(), approvals);
            Type::Group(fields)
        }
        other => other,
    };
    [
        ("organisation", organisation),
        ("case", group(&["number", "started_on"])),
        ("procedure", group(&["title", "section"])),
        (
            "document",
            group(&["title", "number", "issued_on", "copy", "copies", "copy_mark", "is_draft"]),
        ),
        ("step", group(&["number", "role"])),
        ("actor", group(&["name"])),
    ]
    .into_iter()
    .map(|(name, kind)| (name.to_owned(), kind))
    .collect()
}
