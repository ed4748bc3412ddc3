//! `unknown_template`: a document extends or includes a layout that doesn't exist.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Template;
use crate::expression::reads_of_template;

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let layouts = &subject.executable.layouts;
    let documents = subject.executable.documents.values().map(|document| &document.template);
    for template in documents.chain(layouts.values()) {
        report(subject, template, found);
    }
}

fn report(subject: &Subject<'_>, template: &Template, found: &mut Diagnostics) {
    let layouts = &subject.executable.layouts;
    for (name, start, end) in reads_of_template(&template.text).templates {
        if !layouts.contains_key(&name) && !subject.may_be_lost(None) {
            let span = template.locate(subject.text(template.file()), start, end);
            found.push(
                Diagnostic::new("unknown_template", span, format!("there is no layout `{name}`"))
                    .label("no such file beside the documents")
                    .suggest(&name, layouts.keys().map(String::as_str)),
            );
        }
    }
}
