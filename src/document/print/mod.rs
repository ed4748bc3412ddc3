//! Printing: a [`Sheet`] of frozen data becomes Typst markup, and the markup a PDF.
//!
//! The same sheet gives the same bytes for ever (of one build), so a document can be printed again
//! years later without keeping its PDF. Therefore nothing here may look at the clock, a file, the
//! network or the case as it is now: whatever a print depends on stands in the sheet.
//!
//! ```text
//! Sheet ── template (minijinja, values escaped) ──▶ markup of each copy ── Typst ──▶ PDF
//! ```
//!
//! What a value can do is nothing. What a template can do is bounded on the minijinja side: fuel
//! for loops, a size for tags and for the output, no filters but the documented ones; only a text
//! that is joined to itself again and again can still eat memory. It is **not** bounded on Typst's:
//! markup such as `#while true {}` can't be cancelled, and a very deep one overflows the stack.
//! Templates come from the owner of the procedures and are rendered once with samples before they
//! are published; a process of its own for printing, with limits of time and memory, is a later
//! step. Until then callers print in `spawn_blocking`, never on an async thread.
//!
//! The runtime prints documents when they are asked for; the checker calls [`markup`], [`outline`] and
//! [`try_out`] with samples.

mod desk;
mod escape;
mod filter;
mod font;
mod page;
mod pdf;
mod shape;
mod template;

pub use filter::{FILTERS, FUNCTIONS};

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use template::Values;

pub use shape::check_shape;

/// More copies than this are a mistake, not a wish.
pub const MAX_COPIES: u32 = 60;

/// What the markup of one copy may weigh; an order has about 20 kB, a long contract 200.
pub const MAX_MARKUP: usize = 2 << 20;

/// Everything that a print depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sheet {
    /// The name of the document's template in `files`.
    pub template: String,
    /// Templates without their heads, by file name, layouts included.
    pub files: BTreeMap<String, String>,
    /// The case's variables, and `organisation`, `case`, `procedure`, `document`, `step`, `actor`.
    pub context: serde_json::Value,
    /// The labels of choices: path (`cliente.expedido`), then id.
    pub labels: BTreeMap<String, BTreeMap<String, String>>,
    /// The documents that the case had issued by then, with their numbers.
    pub numbers: BTreeMap<String, String>,
    /// Parameters of the version, by `set.value`: from which day on, the last day, and the value.
    pub parameters: BTreeMap<String, Vec<Figure>>,
    /// The code of the organisation's language.
    pub language: String,
    pub currency_symbol: String,
    pub currency_decimals: u32,
    pub copies: u32,
    /// Printed as a preview, before it counts.
    pub is_draft: bool,
    pub issued_at: jiff::Timestamp,
    /// The name of the organisation's time zone.
    pub time_zone: String,
}

/// What a parameter is from a day on; the last day, unless it goes on.
pub type Figure = (jiff::civil::Date, Option<jiff::civil::Date>, serde_json::Value);

/// Why a sheet can't be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The template is wrong, or reads what the sheet does not have.
    #[error("{file}, line {line}: {message}")]
    Template {
        file: String,
        /// Counted from 1; 0 where it is not known.
        line: usize,
        /// The bytes of the file's template, where they are known.
        range: Option<Range<usize>>,
        message: String,
    },
    /// Typst does not accept the markup that the template made.
    #[error("copy {copy}, line {line} of the markup ({text}): {message}")]
    Typst {
        copy: u32,
        /// Counted from 1; 0 where it is not known.
        line: usize,
        /// That line, without the space around it.
        text: String,
        message: String,
    },
    #[error("{copies} copies were asked for, at most {MAX_COPIES} can be printed at once")]
    TooManyCopies { copies: u32 },
    #[error("the document is too long: its markup has more than {MAX_MARKUP} bytes")]
    TooLong,
}

/// The Typst markup of one copy, counted from 1, without the page around it.
pub fn markup(sheet: &Sheet, copy: u32) -> Result<String, Error> {
    template::markup(sheet, copy, Values::Printed)
}

/// The markup of the first copy without what its values say: of two sheets with the same outline, both can
/// be laid out or neither, since a value only prints what it is.
pub fn outline(sheet: &Sheet) -> Result<String, Error> {
    template::markup(sheet, 1, Values::Blanked)
}

/// All copies, one after the other, as one PDF. Slow (10 ms and more) and not to be cancelled.
pub fn pdf(sheet: &Sheet) -> Result<Vec<u8>, Error> {
    if sheet.copies > MAX_COPIES {
        return Err(Error::TooManyCopies { copies: sheet.copies });
    }
    let copies = sheet.copies.max(1);
    let mut markups = Vec::new();
    for copy in 1..=copies {
        markups.push(markup(sheet, copy)?);
        if markups.iter().map(String::len).sum::<usize>() > MAX_MARKUP {
            return Err(Error::TooLong);
        }
    }
    pdf::export(sheet, markups)
}

/// Whether a sheet's first copy, with this markup, can be laid out: all that [`pdf`] does but writing the
/// bytes, which is a third of the time and fails on nothing that could be laid out.
pub fn try_out(sheet: &Sheet, markup: String) -> Result<(), Error> {
    pdf::lay_out(sheet, vec![markup])
}

/// The PDF of a sheet whose template is markup already, made by this program and not by an owner: what
/// it took from values has gone through [`escaped`].
pub fn composed(sheet: &Sheet) -> Result<Vec<u8>, Error> {
    let markup = sheet.files.get(&sheet.template).cloned().unwrap_or_default();
    if markup.len() > MAX_MARKUP {
        return Err(Error::TooLong);
    }
    pdf::export(sheet, vec![markup])
}

/// A value as markup that prints it and does nothing else, kept apart from the text around it.
pub fn escaped(text: &str, around: crate::language::Direction) -> String {
    escape::markup(text, around)
}

#[cfg(test)]
mod tests;
