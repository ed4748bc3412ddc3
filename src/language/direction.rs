//! The direction of lines, and how a piece of the other direction is kept apart.
//!
//! Only [`super::Language`] and the printing of documents ask; the layout of a line itself is the
//! browser's and Typst's business.

/// From where a line is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    LeftToRight,
    RightToLeft,
}

impl Direction {
    /// The direction of a language, by its code without region.
    pub(super) fn of(language: &str) -> Self {
        const RIGHT_TO_LEFT: [&str; 10] =
            ["ar", "fa", "he", "ur", "ps", "ckb", "ug", "sd", "yi", "dv"];
        if RIGHT_TO_LEFT.contains(&language) { Self::RightToLeft } else { Self::LeftToRight }
    }

    /// `ltr` or `rtl`, as HTML and Typst call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// The text, in isolation marks when it has letters of the other direction: a Latin name would else
/// pull the punctuation around it to the wrong side of a Persian sentence. Texts without such
/// letters stay as they are, so that no invisible marks get into what people copy and search.
pub fn isolated(text: &str, around: Direction) -> String {
    let is_foreign = |letter: char| {
        letter.is_alphabetic() && is_right_to_left(letter) != (around == Direction::RightToLeft)
    };
    if text.chars().any(is_foreign) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

/// The blocks of Hebrew, Arabic, Syriac, Thaana, N'Ko and their kin.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_of_the_other_direction_are_isolated() {
        assert_eq!(isolated("Ana Ríos", Direction::RightToLeft), "\u{2068}Ana Ríos\u{2069}");
        assert_eq!(isolated("۱۲/۵ (3)", Direction::RightToLeft), "۱۲/۵ (3)");
        assert_eq!(isolated("پونه", Direction::RightToLeft), "پونه");
        assert_eq!(isolated("پونه", Direction::LeftToRight), "\u{2068}پونه\u{2069}");
        assert_eq!(isolated("Ana Ríos", Direction::LeftToRight), "Ana Ríos");
    }
}
