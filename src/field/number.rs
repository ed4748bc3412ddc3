//! Numbers as people type them: `1.234,50`, `1,234.50`, `1 234,50`, `۱٬۲۳۴٫۵`.
//!
//! The digits of all scripts are made plain here, for dates too.

use std::borrow::Cow;

use rust_decimal::Decimal;

/// Why a text is not a number that we dare to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProblem {
    NotANumber,
    /// `1.500` is fifteen hundred in La Paz and one and a half in London.
    Ambiguous,
    /// More digits than a decimal has room for.
    TooLong,
}

/// The other thousands: spaces and apostrophes only ever group.
const SPACE: char = ' ';
const APOSTROPHE: char = '\'';
/// Persian and Arabic have separators of their own, which leave nothing to guess.
const ARABIC_DECIMAL: char = '\u{66b}';
const ARABIC_GROUP: char = '\u{66c}';

/// Reads a number whose field is not known, so that every doubt counts.
pub fn parse_number(text: &str) -> Result<Decimal, NumberProblem> {
    parse_number_with(text, u32::MAX)
}

/// Reads a number with either separator, for a field of so many decimals. Where the meaning would be a
/// guess it is refused: silently turning 1.500 bolivianos into 1,50 is worse than asking again. A
/// field without decimals leaves no doubt: there 1.500 can only be fifteen hundred.
pub fn parse_number_with(text: &str, decimals: u32) -> Result<Decimal, NumberProblem> {
    let text = plain_digits(text);
    let text = text.trim();
    let text = match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => text.chars().map(separator).collect(),
    };
    let (is_negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, fraction) = split(text, decimals)?;
    let number = exact(&whole, fraction)?;
    // Nobody means anything by a negative zero.
    Ok(if is_negative && !number.is_zero() { -number } else { number })
}

/// Digits of other scripts as ASCII, without the marks that only steer the direction of writing: icu
/// puts one before a Persian minus, and people copy them unseen.
pub(super) fn plain_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |letter: char| match letter {
        '\u{6f0}'..='\u{6f9}' => char::from_digit(letter as u32 - 0x6f0, 10),
        '\u{660}'..='\u{669}' => char::from_digit(letter as u32 - 0x660, 10),
        '\u{200e}' | '\u{200f}' | '\u{61c}' => None,
        other => Some(other),
    };
    text.chars().filter(|letter| !steers(*letter)).filter_map(plain).collect()
}

/// Embeds, overrides or isolates: in a text, it makes the rest of a line read otherwise than it is.
pub(super) fn steers(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One sign for all that mean the same.
fn separator(letter: char) -> char {
    match letter {
        '\u{a0}' | '\u{2009}' | '\u{202f}' => SPACE,
        '\u{2019}' => APOSTROPHE,
        other => other,
    }
}

/// The digits before and after the decimal sign.
fn split(text: &str, decimals: u32) -> Result<(Cow<'_, str>, &str), NumberProblem> {
    let mut signs: Vec<char> = Vec::new();
    for sign in text.chars().filter(|letter| !letter.is_ascii_digit()) {
        if !signs.contains(&sign) {
            signs.push(sign);
        }
    }
    let by_point = |point: char| text.rsplit_once(point).ok_or(NumberProblem::NotANumber);
    match signs[..] {
        [] => Ok((text.into(), "")),
        [sign] if is_decimal(sign, text, decimals)? => {
            let (whole, fraction) = by_point(sign)?;
            Ok((whole.into(), fraction))
        }
        [sign] if may_group(sign) => Ok((grouped(text, sign)?.into(), "")),
        // Of two, the first groups and the last is the decimal sign.
        [group, point] if may_group(group) && may_point(point) => {
            let (whole, fraction) = by_point(point)?;
            Ok((grouped(whole, group)?.into(), fraction))
        }
        _ => Err(NumberProblem::NotANumber),
    }
}

fn may_group(sign: char) -> bool {
    matches!(sign, '.' | ',' | SPACE | APOSTROPHE | ARABIC_GROUP)
}

fn may_point(sign: char) -> bool {
    matches!(sign, '.' | ',' | ARABIC_DECIMAL)
}

/// Whether the only kind of sign in a number is its decimal sign.
fn is_decimal(sign: char, text: &str, decimals: u32) -> Result<bool, NumberProblem> {
    if !may_group(sign) || !may_point(sign) {
        return Ok(may_point(sign));
    }
    let Some((whole, fraction)) = text.split_once(sign) else { return Ok(false) };
    if fraction.contains(sign) {
        return Ok(false);
    }
    let could_group =
        fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    match (could_group, decimals) {
        (false, _) => Ok(true),
        (true, 0) => Ok(false),
        (true, _) => Err(NumberProblem::Ambiguous),
    }
}

/// Takes the separators out of `1.234.567`, when they stand where groups of three begin.
fn grouped(text: &str, separator: char) -> Result<String, NumberProblem> {
    let mut parts = text.split(separator);
    let first = parts.next().unwrap_or_default();
    if first.is_empty() || first.len() > 3 || parts.any(|part| part.len() != 3) {
        return Err(NumberProblem::NotANumber);
    }
    Ok(text.replace(separator, ""))
}

/// Digits as a decimal, to the last one: nothing is rounded behind anybody's back.
fn exact(whole: &str, fraction: &str) -> Result<Decimal, NumberProblem> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(NumberProblem::NotANumber);
    }
    // Zeros at either end take room and say nothing.
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Decimal::from_str_exact(&format!("0{whole}{point}{fraction}"))
        .map_err(|_| NumberProblem::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, NumberProblem> {
        parse_number_with(text, 2).map(|number| number.to_string())
    }

    #[test]
    fn reads_what_people_type() {
        for (typed, number) in [
            ("12,50", "12.5"),
            ("1.234,5", "1234.5"),
            ("1,234.5", "1234.5"),
            ("1.234.567", "1234567"),
            ("1.234.567,891", "1234567.891"),
            ("0.125", "0.125"),
            (".5", "0.5"),
            ("007", "7"),
            ("+5", "5"),
            ("\u{2212}5", "-5"),
            ("  12 ", "12"),
            ("0.100000000000000000000000000000000000", "0.1"),
        ] {
            assert_eq!(read(typed), Ok(number.into()), "{typed}");
        }
        for zero in ["-0", "-0,00", "۰"] {
            assert_eq!(parse_number(zero).map(|zero| zero.is_sign_negative()), Ok(false), "{zero}");
        }
    }

    #[test]
    fn spaces_and_apostrophes_group_by_three() {
        for typed in
            ["1 250", "1\u{a0}250", "1\u{202f}250", "1\u{2009}250", "1'250", "1\u{2019}250"]
        {
            assert_eq!(read(typed), Ok("1250".into()), "{typed}");
        }
        assert_eq!(read("12 345 678,125"), Ok("12345678.125".into()));
        assert_eq!(read("1'250.500"), Ok("1250.5".into()));
        for typed in ["12 50", "1 2", "12'50", "1234 567", "1  250", "1 250'500", "- 5"] {
            assert_eq!(read(typed), Err(NumberProblem::NotANumber), "{typed}");
        }
    }

    #[test]
    fn persian_separators_leave_no_doubt() {
        for (typed, number) in [
            ("۱۲٫۵", "12.5"),
            ("۱۲٫۱۲۵", "12.125"),
            ("۱٬۲۳۴", "1234"),
            ("۱٬۲۳۴٫۵۶۷", "1234.567"),
            ("\u{200e}\u{2212}۳", "-3"),
            ("١٢٣", "123"),
        ] {
            assert_eq!(read(typed), Ok(number.into()), "{typed}");
        }
        for typed in ["۱۲٬۳۴", "۱٫۲٫۳", "۱٫۲۳۴٬۵"] {
            assert_eq!(read(typed), Err(NumberProblem::NotANumber), "{typed}");
        }
    }

    #[test]
    fn refuses_to_guess_only_where_both_readings_fit() {
        for typed in ["1.500", "1,500", "-12.125", "999,000"] {
            assert_eq!(parse_number_with(typed, 2), Err(NumberProblem::Ambiguous), "{typed}");
            assert_eq!(parse_number_with(typed, 3), Err(NumberProblem::Ambiguous), "{typed}");
        }
        assert_eq!(parse_number_with("1.500", 0), Ok(Decimal::from(1_500)));
        assert_eq!(parse_number_with("1,500", 0), Ok(Decimal::from(1_500)));
        assert_eq!(parse_number_with("12,0", 0), Ok(Decimal::from(12)));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for typed in [
            "",
            " ",
            "-",
            "+",
            ".",
            "doce",
            "1e400",
            "1e5",
            "0x10",
            "NaN",
            "inf",
            "--5",
            "+-5",
            "5-",
            "1-250",
            "1a250",
            "1..5",
            "1,,5",
            "12,34,5",
            "1.234,5.6",
            "1_000",
            "5 Bs",
            "½",
        ] {
            assert_eq!(read(typed), Err(NumberProblem::NotANumber), "{typed}");
        }
        assert_eq!(read(&"9".repeat(400)), Err(NumberProblem::TooLong));
        assert_eq!(read(&format!("0.{}1", "0".repeat(40))), Err(NumberProblem::TooLong));
    }
}
