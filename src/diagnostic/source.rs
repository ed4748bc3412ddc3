//! The texts that findings point into, and places in them.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// Columns that are counted: nobody looks for the ten-thousandth.
const MAX_COLUMN: usize = 10_000;

/// Which text of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one text: start included, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: cut(start), end: cut(end.max(start)) }
    }

    /// The part of this span that begins `start` bytes after its own beginning.
    #[must_use]
    pub fn part(self, start: usize, end: usize) -> Self {
        let from = self.start as usize + start;
        Self::new(self.file, from, self.start as usize + end)
    }
}

/// One text with the name by which people know it.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// A path relative to where the person stands.
    pub path: String,
    pub text: String,
    /// Where each line begins, found when first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// Line and column of a byte, both from 1, the column in characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines().partition_point(|start| *start <= offset);
        let start = self.lines()[line - 1];
        let column = self.text[start..offset].chars().take(MAX_COLUMN).count();
        (line, column + 1)
    }

    /// The bytes of the lines around a place, and the number of the first of them.
    pub fn around(&self, start: usize, end: usize, context: usize) -> (usize, Range<usize>) {
        let line = |offset: usize| self.lines().partition_point(|start| *start <= offset);
        let first = line(start).saturating_sub(context).max(1);
        let last = line(end.max(start)) + context;
        let from = self.lines()[first - 1];
        let to = self.lines().get(last).copied().unwrap_or(self.text.len());
        (first, from..to)
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        })
    }
}

/// Every text of one run. A [`FileId`] is its place in the list.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let lines = OnceLock::new();
        self.files.push(SourceFile { path: path.into(), text: text.into(), lines });
        id
    }

    /// The text behind an id. An id of another run shows an empty text, never a panic.
    pub fn get(&self, id: FileId) -> &SourceFile {
        static NONE: SourceFile =
            SourceFile { path: String::new(), text: String::new(), lines: OnceLock::new() };
        self.files.get(id.0 as usize).unwrap_or(&NONE)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// `path:line:column` of the beginning of a span.
    pub fn place(&self, span: Span) -> String {
        let file = self.get(span.file);
        let (line, column) = file.line_column(span.start as usize);
        format!("{}:{line}:{column}", file.path)
    }
}

impl fmt::Display for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
