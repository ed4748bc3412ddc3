//! Documents: printed orders, contracts and reports, as their files say.
//!
//! `print` turns frozen data into a PDF; here is only the written side: the head, and where the
//! template's text stands so that findings can point into it.

pub mod print;

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span};
use crate::organisation::check_id;
use crate::yaml::{Entries, Node, Spanned, parse};

/// One document that a step may issue.
#[derive(Debug, Clone)]
pub struct Document {
    pub id: Spanned<String>,
    pub title: String,
    /// Where its numbers come from.
    pub series: Spanned<String>,
    /// Copies that are printed unless the step says otherwise.
    pub copies: u32,
    pub template: Template,
}

/// A template's text and its place.
#[derive(Debug, Clone)]
pub struct Template {
    pub text: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    /// The text is the rest of a file from this byte on.
    Rest { file: FileId, start: usize },
    /// The text is a YAML value.
    Value(Node),
}

impl Template {
    /// Where bytes of the template stand. `file` is the whole file's text.
    pub fn locate(&self, file: &str, start: usize, end: usize) -> Span {
        match &self.place {
            Place::Rest { file, start: from } => Span::new(*file, from + start, from + end),
            Place::Value(node) => node.locate(file, start, end),
        }
    }

    pub fn file(&self) -> FileId {
        match &self.place {
            Place::Rest { file, .. } => *file,
            Place::Value(node) => node.span.file,
        }
    }

    /// A layout: a whole file that several documents extend.
    pub fn layout(file: FileId, text: &str) -> Self {
        Self { text: text.to_owned(), place: Place::Rest { file, start: 0 } }
    }
}

impl Document {
    /// The template's name, as layouts and messages know it.
    pub fn file_name(&self) -> String {
        format!("{}.typ.j2", self.id.value)
    }
}

/// minijinja's parser recurses: a template that would exhaust its stack is refused before it is parsed.
pub fn is_shapely(template: &Template, id: &Spanned<String>, found: &mut Diagnostics) -> bool {
    let Err(error) = print::check_shape(id, &template.text) else { return true };
    let (span, message) = match error {
        print::Error::Template { range: Some(range), message, .. } => match &template.place {
            Place::Rest { file, start } => {
                (Span::new(*file, start + range.start, start + range.end), message)
            }
            Place::Value(node) => (node.span, message),
        },
        other => (id.span, other.to_string()),
    };
    found.push(
        Diagnostic::new("broken_template", span, "this template can't be read")
            .label(message)
            .help("split it into smaller parts"),
    );
    false
}

/// Reads a `.typ.j2` file: a head between `---` lines, then the template.
pub fn decode_file(file: FileId, text: &str, found: &mut Diagnostics) -> Option<Document> {
    let end = text.strip_prefix("---").and_then(|rest| rest.find("\n---")).map(|at| at + 3);
    let Some(end) = end else {
        found.push(
            Diagnostic::new("unknown_kind", Span::new(file, 0, 3), "this document has no head")
                .label("a line `---`, the keys, and again `---` must stand here")
                .help("begin the file with ---, `document: …`, `title: …`, `series: …`, ---"),
        );
        return None;
    };
    let after = end + 4;
    let start = text[after..].find('\n').map_or(text.len(), |at| after + at + 1);
    let head = parse(file, &text[..end], found).into_iter().next()?;
    let template = Template { text: text[start..].to_owned(), place: Place::Rest { file, start } };
    decode(&head, Some(template), found)
}

/// Reads a document's head; the template stands in it unless it is the rest of a file.
pub fn decode(
    node: &Node,
    template: Option<Template>,
    found: &mut Diagnostics,
) -> Option<Document> {
    let mut entries = Entries::open(node, "a document", found)?;
    let id = entries.require_text("document", found)?;
    check_id(&id, found);
    let title = entries.require_text("title", found).map(|title| title.value);
    let series = entries.require_text("series", found);
    let copies = entries.count("copies", found).unwrap_or(1).clamp(1, 20);
    let template = match template {
        Some(template) => Some(template),
        None => entries.require("template", found).map(|node| Template {
            text: node.text().unwrap_or_default().to_owned(),
            place: Place::Value(node.clone()),
        }),
    };
    entries.finish(found);
    let template = template.filter(|template| is_shapely(template, &id, found));
    Some(Document {
        title: title.unwrap_or_else(|| id.value.clone()),
        id,
        series: series?,
        copies,
        template: template?,
    })
}
