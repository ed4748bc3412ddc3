//! Texts folded so that a search finds them however they are typed.
//!
//! `Muñoz` is found by `munoz`; Persian is found with Arabic keyboards, with and without joiners,
//! in any digits. Folded texts are stored beside what they were made from and never shown.
//!
//! Cases are found by the beginnings of their words, which an index finds among a million; rows of
//! registers by any piece of their texts.

use std::collections::BTreeSet;

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

/// Letters of a word that are kept; more tell nothing more.
const MAX_LETTERS: usize = 40;

/// Words of a case that are kept.
const MAX_KEPT: usize = 60;

/// The words by which a text is found, each once. What is written in one piece, such as
/// `exp-2026-00017`, is also found by its later parts.
pub(super) fn kept(text: &str) -> BTreeSet<String> {
    let folded = fold(text);
    let mut kept = BTreeSet::new();
    for token in folded.split_whitespace() {
        let mut is_inside = false;
        for (at, letter) in token.char_indices() {
            if letter.is_alphanumeric() && !is_inside {
                kept.extend(word(&token[at..]));
            }
            is_inside = letter.is_alphanumeric();
        }
        if kept.len() >= MAX_KEPT {
            break;
        }
    }
    kept
}

/// Kept words as one text, in which [`has`] looks.
pub(super) fn line(kept: &BTreeSet<String>) -> String {
    kept.iter().flat_map(|word| [" ", word]).collect()
}

/// Whether a word of the line begins so.
pub(super) fn has(line: &str, beginning: &str) -> bool {
    line.match_indices(beginning).any(|(at, _)| line[..at].ends_with(' '))
}

/// What a search for cases asks for: each a beginning of a word.
pub(super) fn beginnings(search: &str) -> Vec<String> {
    fold(search).split_whitespace().filter_map(word).take(MAX_WORDS).collect()
}

/// A word without what stands around it, and not longer than is kept.
fn word(token: &str) -> Option<String> {
    let bare = token.trim_matches(|letter: char| !letter.is_alphanumeric());
    (!bare.is_empty()).then(|| bare.chars().take(MAX_LETTERS).collect())
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

    #[test]
    fn a_case_is_found_by_the_beginnings_of_its_words() {
        let kept = kept("EXP-2026-00017 María Muñoz · O'Connor");
        let line = line(&kept);
        for text in ["exp-2026-0", "2026-00017", "00017", "MUÑ", "maria", "connor", "o'c"] {
            let asked = beginnings(text);
            assert!(asked.iter().all(|word| has(&line, word)), "{text}: {line}");
        }
        for text in ["unoz", "0017", "maria-munoz"] {
            assert!(!beginnings(text).iter().all(|word| has(&line, word)), "{text}: {line}");
        }
        assert!(beginnings(" · - ").is_empty());
        assert_eq!(kept.len(), 7, "{kept:?}");
    }
}
