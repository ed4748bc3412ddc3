//! The desk that Typst works at: the page, the copies, the fonts, and nothing else.
//!
//! Typst calls this a world. There are no other files, no packages and no clock: the day is the day
//! of issue. File names are constants because Typst keeps every name for the life of the process.
//! Used by `pdf` only.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use super::font::FONTS;
use super::page;

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

pub(super) struct Desk {
    /// The page first, then the copies in their order.
    papers: Vec<Source>,
    today: Option<Datetime>,
}

impl Desk {
    pub(super) fn new(page: String, copies: Vec<String>, today: Option<Datetime>) -> Self {
        let mut papers = vec![Source::new(file("main.typ"), page)];
        for (at, markup) in copies.into_iter().enumerate() {
            papers.push(Source::new(file(&page::file_name(at + 1)), markup));
        }
        Self { papers, today }
    }

    /// The copy (from 1) that a file is, and its text.
    pub(super) fn copy(&self, id: FileId) -> Option<(u32, &Source)> {
        let at = self.papers.iter().position(|paper| paper.id() == id)?;
        Some((u32::try_from(at).ok()?, &self.papers[at]))
    }
}

fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("`main.typ` and `copy-1.typ` stay in their folder");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.papers[0].id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.copy(id).map(|(_, paper)| paper.clone()).ok_or(FileError::AccessDenied)
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}
