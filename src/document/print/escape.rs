//! A value as Typst markup that prints that value, whatever is in it.
//!
//! Every ASCII character that could mean something to Typst is written as `\u{…}`, which means the
//! same character in markup, in strings and in math; in code it is an error, never an instruction.
//! Letters outside ASCII mean nothing to Typst, except the three that end a line. Characters that
//! no font of ours can draw become `�`: an archivable PDF must not have holes, and one emoji in a
//! remark must not stop an order. Called for every value that a template prints, and for the page's
//! title.

use crate::language::{Direction, isolated};

use super::font;

/// The text as markup, kept apart from the text around it if it runs the other way.
pub(super) fn markup(text: &str, around: Direction) -> String {
    escaped(&isolated(&plain(text), around))
}

/// The text as the inside of a Typst string between quotes.
pub(super) fn string(text: &str) -> String {
    escaped(&plain(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() && letter != ' ' {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(letter)));
        } else {
            out.push(letter);
        }
    }
    out
}

/// What of a text can be printed. After this, the only character that ends a line is `\n`.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            // Overrides and isolates could turn the rest of the line around; a byte order mark is
            // no text.
            '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {}
            letter if letter.is_control() => {}
            letter if letter.is_ascii() || font::has(letter) => out.push(letter),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_means_something_to_typst_is_spelled_out() {
        let markup = |text| markup(text, Direction::LeftToRight);
        assert_eq!(markup("Ana Ríos 7"), "Ana Ríos 7");
        assert_eq!(markup("#x"), "\\u{23}x");
        assert_eq!(markup("a\u{2028}b\r\nc"), "a\\u{a}b\\u{a}c");
        assert_eq!(markup("a\u{202e}b\u{2066}c"), "abc");
        assert_eq!(markup("漢 \u{1f9ff} \u{e000}"), "\u{fffd} \u{fffd} \u{fffd}");
        assert_eq!(markup("پونه"), "\u{2068}پونه\u{2069}");
        assert_eq!(string("پونه"), "پونه");
    }

    /// The only escape that comes out, and nothing else of ASCII's signs.
    fn is_harmless(markup: &str) -> bool {
        let mut parts = markup.split('\\');
        let is_text = |text: &str| {
            text.chars().all(|letter| match letter {
                '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{202e}' => false,
                letter => !letter.is_ascii() || letter.is_ascii_alphanumeric() || letter == ' ',
            })
        };
        let is_escape = |part: &str| {
            let inner = part.strip_prefix("u{").and_then(|part| part.split_once('}'));
            inner.is_some_and(|(code, rest)| {
                u32::from_str_radix(code, 16).is_ok_and(|code| code < 0x80) && is_text(rest)
            })
        };
        parts.next().is_some_and(is_text) && parts.all(is_escape)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn nothing_of_ascii_s_signs_gets_through(text in any::<String>()) {
            let markup = markup(&text, Direction::LeftToRight);
            prop_assert!(is_harmless(&markup), "{}", markup);
        }
    }
}
