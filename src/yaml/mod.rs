//! YAML as a tree with a place on every key and value.
//!
//! The readers of all file kinds decode this tree by hand, so that one run reports *all* mistakes of
//! a file, each under its own caret. Nothing here knows what a procedure is.

mod decode;
mod parse;
pub mod plain;
mod slip;
mod write;

#[cfg(test)]
pub(crate) use decode::asked;
pub use decode::{Entries, Spanned, named, no_table, pairs, text, texts, wrong_shape};
pub use parse::{MAX_BYTES, parse};
pub use slip::torn;
pub use write::write;

use crate::diagnostic::Span;

/// How a scalar was written; only some styles can be pointed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarStyle {
    Plain,
    Quoted,
    Block,
    /// Nothing at all, not even a colon before it: `b` in `{ a: 1, b }`.
    Absent,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    pub kind: Kind,
    pub span: Span,
}

/// What a value is. Scalars stay texts: the field that reads one knows its type.
#[derive(Debug, Clone)]
pub enum Kind {
    Scalar { text: String, style: ScalarStyle },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// The text of a scalar, whatever its style.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Nothing written, or `~` or `null`.
    pub fn is_null(&self) -> bool {
        match &self.kind {
            Kind::Scalar { text, style: ScalarStyle::Plain, .. } => {
                matches!(text.as_str(), "" | "~" | "null")
            }
            Kind::Scalar { style: ScalarStyle::Absent, .. } => true,
            _ => false,
        }
    }

    /// What a person would call it.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar { .. } if self.is_null() => "nothing",
            Kind::Scalar { .. } => "a text",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a table of keys",
        }
    }

    /// Where the bytes `start..end` of a scalar's text stand in the file: exact for plain, quoted and
    /// literal texts on one line each, else the whole value.
    pub fn locate(&self, source: &str, start: usize, end: usize) -> Span {
        let Kind::Scalar { text, style } = &self.kind else { return self.span };
        let raw = source.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        match style {
            ScalarStyle::Plain if raw.starts_with(text.as_str()) => self.span.part(start, end),
            ScalarStyle::Quoted
                if raw.get(1..).is_some_and(|rest| rest.starts_with(text.as_str())) =>
            {
                self.span.part(start + 1, end + 1)
            }
            ScalarStyle::Block => locate_in_block(self.span, source, text, start, end),
            _ => self.span,
        }
    }
}

/// A line of a block text stands in the file as it is, behind its indentation. A folded text has fewer
/// lines than its source, so that only a line found where it should be counts.
fn locate_in_block(span: Span, source: &str, text: &str, start: usize, end: usize) -> Span {
    let begin = span.start as usize;
    let header = usize::from(source.get(begin..).is_some_and(|raw| raw.starts_with(['|', '>'])));
    let first = source.get(..begin).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let Some(before) = text.get(..start) else { return span };
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let wanted = text[line_start..].lines().next().unwrap_or_default();
    let mut at = first;
    for _ in 0..before.matches('\n').count() + header {
        let Some(length) = source[at..].find('\n') else { return span };
        at += length + 1;
    }
    let found = source[at..].lines().next().unwrap_or_default();
    match found.strip_suffix(wanted) {
        Some(indent) if indent.trim().is_empty() => {
            let from = at + indent.len() + (start - line_start);
            Span::new(span.file, from, from + (end - start))
        }
        _ => span,
    }
}
