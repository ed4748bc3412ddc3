//! What is wrong in a file, as values: a code, one headline, labelled places, facts and a fix.
//!
//! Every reader and rule of the crate reports through [`Diagnostics`], so that one run tells all
//! mistakes of all files. Nothing here reads files or decides what is a mistake; `codes` lists every
//! code with its page, `render` turns a diagnostic into a terminal picture or JSON.

pub mod codes;
mod render;
mod source;
mod suggest;

pub use render::{Style, render, to_json};
pub use source::{FileId, SourceFile, Sources, Span};
pub use suggest::did_you_mean;

/// How bad a finding is. A version is published only without errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The procedure would run, but something in it is probably not meant.
    Warning,
    /// The procedure can't be published.
    Error,
}

/// A place in a file and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One finding. Exactly one primary place, so that every list of findings has a line and a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A name of [`codes`], such as `unknown_role`.
    pub code: &'static str,
    pub severity: Severity,
    /// One short sentence that makes sense alone.
    pub headline: String,
    pub primary: Label,
    pub secondary: Vec<Label>,
    /// Facts that explain the finding.
    pub notes: Vec<String>,
    /// What to do about it.
    pub helps: Vec<String>,
}

impl Diagnostic {
    /// A finding of `code` at `span`. The severity comes from the list of codes.
    pub fn new(code: &'static str, span: Span, headline: impl Into<String>) -> Self {
        Self {
            code,
            severity: codes::severity(code),
            headline: headline.into(),
            primary: Label { span, text: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
        }
    }

    /// The words under the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// A second place that belongs to the finding.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }

    /// Adds "did you mean" when one of `known` is close to `written`, else the list when it is short.
    /// Numbers are not close to each other by their digits: of those the list is told.
    #[must_use]
    pub fn suggest<'a>(self, written: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let is_number = !written.is_empty() && written.bytes().all(|sign| sign.is_ascii_digit());
        let most = if is_number { 40 } else { 12 };
        match did_you_mean(written, known.iter().copied()).filter(|_| !is_number) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if known.is_empty() => self.help("none is defined yet"),
            None if known.len() <= most => {
                let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                self.help(format!("known: {}", list.join(", ")))
            }
            None => self,
        }
    }
}

/// Findings that are told of one file.
const MAX_IN_A_FILE: usize = 300;

/// The findings of one run, in the order in which they were made.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Whether anything found forbids publishing.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|found| found.severity == Severity::Error)
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets all but those that `keep` wants.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// All findings by file and place, each once.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|found| (found.primary.span, found.code));
        // The same mistake met on two ways (a template that two procedures issue) is one finding.
        self.list.dedup_by_key(|found| (found.primary.span, found.code));
        // Beyond a few hundred in one file something else is wrong with it.
        let mut counts = std::collections::HashMap::new();
        self.list.retain(|found| {
            let count: &mut usize = counts.entry(found.primary.span.file).or_default();
            *count += 1;
            *count <= MAX_IN_A_FILE
        });
        self.list
    }

    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }
}
