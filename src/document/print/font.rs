//! The fonts that prints are set in: DejaVu, whose bytes come with a crate of that name.
//!
//! It has Latin and Arabic letters and the signs that forms need (☐ ☒ ✂). The condensed cuts are
//! the family `DejaVu Sans` at `stretch: 87.5%`: that is how Typst files them. Asked by `desk` for
//! Typst and by `escape` for what can be drawn at all.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// The fonts and Typst's index of them, read once.
pub(super) struct Fonts {
    pub(super) book: LazyHash<FontBook>,
    pub(super) fonts: Vec<Font>,
}

pub(super) static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    use dejavu::{sans, sans_condensed, sans_mono, serif};
    let files: [&'static [u8]; 13] = [
        sans::regular(),
        sans::bold(),
        sans::oblique(),
        sans::bold_oblique(),
        sans::extra_light(),
        sans_condensed::regular(),
        sans_condensed::bold(),
        sans_condensed::oblique(),
        sans_condensed::bold_oblique(),
        serif::regular(),
        serif::bold(),
        sans_mono::regular(),
        sans_mono::bold(),
    ];
    let fonts: Vec<Font> =
        files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

/// Can be drawn, and may stand in an archivable PDF.
pub(super) fn has(letter: char) -> bool {
    // What private codes look like is agreed nowhere, so PDF/A refuses them.
    let is_private = matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    let code = u32::from(letter);
    !is_private && FONTS.fonts.iter().any(|font| font.info().coverage.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spanish_persian_and_the_signs_of_forms_can_be_drawn() {
        assert_eq!(FONTS.fonts.len(), 13);
        for letter in "ñÑáéíóúü¿¡«»°Nº–—…€پچژگکی۰۱۲۳٫٬ًٔ\u{200c}\u{200e}☐☒✂✓Ω".chars()
        {
            assert!(has(letter), "{letter} U+{:X}", u32::from(letter));
        }
        assert!(!has('漢'));
    }
}
