//! Numbers as people type them: `1.234,50`, `1,234.50`, `۱۲٫۵`.

use std::str::FromStr;

use rust_decimal::Decimal;

/// Why a text is not a number that we dare to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProblem {
    NotANumber,
    /// `1.500` is fifteen hundred in La Paz and one and a half in London.
    Ambiguous,
}

/// Reads a number with either separator. Where the meaning would be a guess it is refused: silently
/// turning 1.500 bolivianos into 1,50 is worse than asking again.
pub fn parse_number(text: &str) -> Result<Decimal, NumberProblem> {
    let text: String = text.trim().chars().filter_map(plain).collect();
    let points = text.matches('.').count();
    let commas = text.matches(',').count();
    let plain = match (points, commas) {
        (0, 0) => text,
        (1, 0) | (0, 1) => {
            let text = text.replace(',', ".");
            let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
            let digits = whole.trim_start_matches(['-', '+']);
            if decimals.len() == 3 && (1..=3).contains(&digits.len()) && digits != "0" {
                return Err(NumberProblem::Ambiguous);
            }
            text
        }
        (_, 0) => grouped(&text, '.')?,
        (0, _) => grouped(&text, ',')?,
        _ => {
            let decimal = if text.rfind('.') > text.rfind(',') { '.' } else { ',' };
            let group = if decimal == '.' { ',' } else { '.' };
            let (whole, decimals) = text.rsplit_once(decimal).unwrap_or((&text, ""));
            format!("{}.{decimals}", grouped(whole, group)?)
        }
    };
    Decimal::from_str(&plain).map_err(|_| NumberProblem::NotANumber)
}

/// Digits of other scripts become ASCII, their separators too; spaces between groups go.
fn plain(letter: char) -> Option<char> {
    match letter {
        '\u{6f0}'..='\u{6f9}' => char::from_digit(letter as u32 - 0x6f0, 10),
        '\u{660}'..='\u{669}' => char::from_digit(letter as u32 - 0x660, 10),
        '\u{66b}' => Some('.'),
        '\u{66c}' => Some(','),
        ' ' | '\u{a0}' | '\u{202f}' | '\'' => None,
        other => Some(other),
    }
}

/// Takes the separators out of `1.234.567`, when they stand where groups of three begin.
fn grouped(text: &str, separator: char) -> Result<String, NumberProblem> {
    let mut parts = text.split(separator);
    let first = parts.next().unwrap_or_default().trim_start_matches(['-', '+']);
    if first.is_empty() || first.len() > 3 || parts.any(|part| part.len() != 3) {
        return Err(NumberProblem::NotANumber);
    }
    Ok(text.replace(separator, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type_and_refuses_to_guess() {
        let ok = |text: &str| parse_number(text).map(|number| number.to_string());
        assert_eq!(ok("12,50"), Ok("12.50".into()));
        assert_eq!(ok("1.234,5"), Ok("1234.5".into()));
        assert_eq!(ok("1,234.5"), Ok("1234.5".into()));
        assert_eq!(ok("1.234.567"), Ok("1234567".into()));
        assert_eq!(ok("۱۲٫۵"), Ok("12.5".into()));
        assert_eq!(ok("0.125"), Ok("0.125".into()));
        assert_eq!(ok("1.500"), Err(NumberProblem::Ambiguous));
        assert_eq!(ok("12,34,5"), Err(NumberProblem::NotANumber));
        assert_eq!(ok("doce"), Err(NumberProblem::NotANumber));
    }
}
