//! Slips of people who know other languages for conditions: `&&`, one `=`, an
//! `and` in Spanish. Only words about an expression that can't be read; what it would mean is nobody's guess.
//! Called by `parse`.

use minijinja::machinery::{Token, tokenize};

/// The first sign that no expression has, with its bytes and what the reader says of it.
///
/// The parser loses such a sign when it looks ahead behind a text, and takes what stands before it for
/// the whole: all signs are looked at before it is asked.
pub(super) fn stray(source: &str) -> Option<(usize, usize, String)> {
    let mut end = 0;
    for token in tokenize(source, true, Default::default()) {
        match token {
            // Behind it the reader is outside of the expression; the parser refuses it.
            Ok((Token::VariableEnd | Token::BlockEnd, _)) => return None,
            Ok((_, span)) => end = span.end_offset as usize,
            Err(error) => {
                let rest = source.get(end..).unwrap_or_default();
                let start = end + rest.len() - rest.trim_start().len();
                let sign = source.get(start..).and_then(|rest| rest.chars().next());
                let is_text = sign.is_some_and(|sign| matches!(sign, '\'' | '"'));
                let stop = if is_text { source.len() } else { start + sign?.len_utf8() };
                let label = match sign {
                    Some(_) if is_text => "this text is never closed".to_owned(),
                    Some(sign) if !sign.is_ascii_digit() => format!("`{sign}` says nothing here"),
                    _ => error.detail().unwrap_or("here").to_owned(),
                };
                return Some((start, stop, label));
            }
        }
    }
    None
}

/// What to write instead of the first slip in an expression.
pub(super) fn advice(source: &str) -> Option<String> {
    let mut quote = None;
    let mut skip = 0;
    for (at, letter) in source.char_indices() {
        if at < skip {
            continue;
        }
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            None => {
                let rest = &source[at..];
                if let Some(advice) = sign(rest) {
                    return Some(advice.to_owned());
                }
                let known = ["==", "!=", "<=", ">="].iter().any(|sign| rest.starts_with(sign));
                let word = rest.find(|letter: char| !is_of_word(letter)).unwrap_or(rest.len());
                if let Some(advice) = word_of(&source[..at], &rest[..word], &rest[word..]) {
                    return Some(advice);
                }
                skip = at + if known { 2 } else { word };
            }
        }
    }
    None
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// A sign of another language at the beginning of `rest`.
fn sign(rest: &str) -> Option<&'static str> {
    const SIGNS: [(&str, &str); 12] = [
        ("===", "write `==`"),
        ("!==", "write `!=`"),
        ("==", ""),
        ("!=", ""),
        ("<=", ""),
        (">=", ""),
        ("<>", "write `!=` for what is not the same"),
        ("&", "write `and`: `a and b`"),
        ("||", "write `or`: `a or b`"),
        ("!", "write `not`: `not a`"),
        ("=", "to compare, write `==`"),
        ("?", "write `a if condition else b`"),
    ];
    if rest.starts_with(['’', '‘', '“', '”', '«', '»', '`', '´']) {
        return Some("a text stands in straight quotes: `'leak'`");
    }
    let (_, advice) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign))?;
    (!advice.is_empty()).then_some(*advice)
}

/// `and`, `or` and `not` in other letters, between two values.
fn word_of(before: &str, word: &str, after: &str) -> Option<String> {
    let english = match word {
        "AND" | "And" | "y" | "Y" | "und" | "et" | "و" => "and",
        "OR" | "Or" | "o" | "O" | "oder" | "ou" | "یا" => "or",
        "NOT" | "Not" | "no" | "NO" | "nicht" => "not",
        _ => return None,
    };
    let is_value = |letter: char| is_of_word(letter) || matches!(letter, '\'' | '"' | '(' | ')');
    let follows = before.trim_end().chars().next_back().is_some_and(is_value);
    let leads = after.trim_start().chars().next().is_some_and(is_value);
    (leads && (follows || english == "not"))
        .then(|| format!("`{word}` is written `{english}` here"))
}
