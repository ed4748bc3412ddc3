//! The page that every document starts on: paper, margins, letters, direction, the draft mark.
//!
//! A template may change all of it by its own `#set`; it need not set anything. Called by `pdf`.

use std::fmt::Write;

use crate::language::{Direction, Language};

use super::{Sheet, escape};

/// The name under which the page includes a copy, counted from 1.
pub(super) fn file_name(copy: usize) -> String {
    format!("copy-{copy}.typ")
}

/// The main file: settings, then each copy with pages counted from 1.
pub(super) fn markup(sheet: &Sheet, copies: usize) -> String {
    let language = Language::parse(&sheet.language);
    let text = |pointer: &str| {
        let value = sheet.context.pointer(pointer).and_then(serde_json::Value::as_str);
        escape::string(value.unwrap_or_default())
    };
    let region = match language.region() {
        // Typst knows countries, not regions such as 419.
        Some(region) if region.len() == 2 => format!(", region: \"{}\"", region.to_lowercase()),
        _ => String::new(),
    };
    // The condensed cut saves a fifth of the width; Arabic script wants its full width.
    let stretch = if language.direction() == Direction::RightToLeft { "100%" } else { "87.5%" };
    let foreground = if sheet.is_draft { draft_mark(&language) } else { String::new() };
    let mut page = format!(
        "#set document(title: \"{}\", author: \"{}\")\n\
         #set page(paper: \"a4\", margin: (x: 20mm, top: 18mm, bottom: 20mm){foreground})\n\
         #set text(font: \"DejaVu Sans\", stretch: {stretch}, size: 9.5pt)\n\
         #set text(lang: \"{}\"{region}, dir: {})\n\
         #show math.equation: set text(font: \"DejaVu Sans\")\n",
        text("/document/title"),
        text("/organisation/name"),
        language.language(),
        language.direction().as_str(),
    );
    for copy in 1..=copies {
        // Writing to a string can't fail.
        let _ = write!(
            page,
            "#pagebreak(weak: true)\n#counter(page).update(1)\n#include \"{}\"\n",
            file_name(copy)
        );
    }
    page
}

/// The word across the page; see-through, because it lies over the text.
fn draft_mark(language: &Language) -> String {
    let mark = escape::string(&language.text("draft-mark", &[]));
    format!(
        ", foreground: place(center + horizon, rotate(-50deg, text(size: 96pt, weight: \"bold\", \
         stretch: 100%, tracking: 0pt, fill: black.transparentize(91%), \"{mark}\")))"
    )
}
