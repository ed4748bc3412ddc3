//! Texts folded so that a search finds them however they are typed.
//!
//! `Muñoz` is found by `munoz`; Persian is found with Arabic keyboards, with and without joiners,
//! in any digits. Folded texts are stored beside what they were made from and never shown.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Words of a search that are looked at; more is no search.
const MAX_WORDS: usize = 8;

/// A text as it is searched in.
pub(super) fn fold(text: &str) -> String {
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    apart
        .chars()
        .filter(|letter| !is_mark(*letter))
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect()
}

/// The folded words of a search: all of them must be found.
pub(super) fn words(search: &str) -> Vec<String> {
    fold(search).split_whitespace().take(MAX_WORDS).map(str::to_owned).collect()
}

/// Accents, vowel signs, the lengthening line and joiners.
fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\0' | '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}'
        | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2069}')
}

fn plain(letter: char) -> char {
    match letter {
        'ي' | 'ى' => 'ی',
        'ك' => 'ک',
        'ة' => 'ه',
        '٠'..='٩' => digit(letter, '٠'),
        '۰'..='۹' => digit(letter, '۰'),
        letter => letter,
    }
}

fn digit(letter: char, zero: char) -> char {
    let value = u32::from(letter) - u32::from(zero);
    char::from_digit(value, 10).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_typed() {
        assert_eq!(fold("María MUÑOZ"), "maria munoz");
        assert_eq!(fold("علي كريمي ۱۲"), fold("علی کریمی 12"));
        assert_eq!(fold("می\u{200c}خواهد"), fold("میخواهد"));
        assert_eq!(words("  Ñandú  7 "), ["nandu", "7"]);
    }
}
