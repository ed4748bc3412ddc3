//! How wide a text comes out, where it breaks, and how it is escaped.
//!
//! Nobody here has the reader's font, so widths are those of DejaVu Sans, the widest of the usual
//! system fonts: with any other the text only gets more air. Whole units throughout, so that a drawing
//! is the same on every machine.

/// The table below is DejaVu's; a little less air is enough.
const SCALE: i32 = 104;
/// How much wider bold type is, in hundredths.
const BOLD: i32 = 108;

/// The width of `text` in type of `size`.
pub fn width(text: &str, size: i32) -> i32 {
    text.chars().map(advance).sum::<i32>() * size / SCALE
}

/// The same in bold type.
pub fn bold_width(text: &str, size: i32) -> i32 {
    width(text, size) * BOLD / 100
}

/// How far a letter goes, in hundredths of the type's size.
fn advance(letter: char) -> i32 {
    match letter {
        'i' | 'j' | 'l' | 'í' | 'I' | 'J' | '\'' => 29,
        ' ' | '.' | ',' | ':' | ';' | '/' | '|' | '·' => 33,
        'f' | 't' | 'r' | '-' | '(' | ')' | '[' | ']' | '!' => 39,
        's' | 'z' | 'c' | '"' | '_' | '°' | 'ç' | '?' => 53,
        'w' | '=' | '<' | '>' | '&' | 'O' | 'Q' | 'G' | 'D' | 'H' | 'N' => 78,
        'm' | 'M' | 'W' | '%' | '—' | '…' => 97,
        '\u{300}'..='\u{36f}'
        | '\u{64b}'..='\u{65f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{600}'..='\u{8ff}' => 58,
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}'
        | '\u{1f000}'.. => 104,
        _ if letter.is_uppercase() => 68,
        _ => 62,
    }
}

/// `text` on one line, cut off with an ellipsis where it is longer than `room`.
pub fn clip(text: &str, size: i32, room: i32) -> String {
    let mut lines = wrap(text, size, 1, |_| room);
    lines.pop().unwrap_or_default()
}

/// `text` in at most `most` lines; `room` is the width of each line, by its number. What does not fit
/// is cut off with an ellipsis; a word that is longer than a line is broken.
pub fn wrap(text: &str, size: i32, most: usize, room: impl Fn(usize) -> i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let space = if line.is_empty() { "" } else { " " };
        if width(&format!("{line}{space}{word}"), size) <= room(lines.len()) {
            line.push_str(space);
            line.push_str(word);
            continue;
        }
        if lines.len() + 1 == most {
            return ended(lines, &format!("{line}{space}{word}"), size, room);
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = word.to_owned();
        while width(&line, size) > room(lines.len()) {
            if lines.len() + 1 == most {
                return ended(lines, &line, size, room);
            }
            let rest = line.split_off(fitting(&line, size, room(lines.len())).max(first(&line)));
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// `lines` with a last one that is cut off.
fn ended(
    mut lines: Vec<String>,
    last: &str,
    size: i32,
    room: impl Fn(usize) -> i32,
) -> Vec<String> {
    let end = fitting(last, size, room(lines.len()) - width("…", size));
    // Before the word that does not fit, unless that leaves hardly anything.
    let word = last[..end].rfind(char::is_whitespace).filter(|word| *word * 2 >= end);
    let end = if last[end..].starts_with(char::is_whitespace) { end } else { word.unwrap_or(end) };
    let mark = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.' | '(');
    lines.push(format!("{}…", last[..end].trim_end_matches(mark)));
    lines
}

/// How many bytes of `text` fit into `room`.
fn fitting(text: &str, size: i32, room: i32) -> usize {
    let mut sum = 0;
    for (at, letter) in text.char_indices() {
        sum += advance(letter) * size;
        if sum > room * SCALE {
            return at;
        }
    }
    text.len()
}

/// The bytes of the first letter: a line must take at least that, or breaking would never end.
fn first(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// `text` as XML takes it. Control characters, which XML has no way to write, are dropped.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if letter.is_control() => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_the_last_one_tells_that_there_is_more() {
        let text = "Recepcionar y verificar que la documentación presentada esté completa";
        let lines = wrap(text, 12, 3, |line| if line == 0 { 80 } else { 140 });
        assert_eq!(lines.len(), 3);
        assert!(
            lines
                .iter()
                .enumerate()
                .all(|(at, line)| { width(line, 12) <= if at == 0 { 80 } else { 140 } })
        );
        assert!(lines[2].ends_with('…'), "{lines:?}");
        assert_eq!(wrap("Firmar.", 12, 3, |_| 140), ["Firmar."]);
        assert!(wrap("  ", 12, 3, |_| 140).is_empty());
    }

    #[test]
    fn a_word_without_end_is_broken_and_a_room_without_width_ends() {
        let lines = wrap(&"x".repeat(60), 12, 9, |_| 100);
        assert!(lines.iter().all(|line| width(line, 12) <= 100));
        assert_eq!(lines.concat(), "x".repeat(60));
        assert_eq!(wrap("abc", 12, 2, |_| 0), ["a", "…"]);
    }

    #[test]
    fn nothing_gets_out_of_the_text() {
        assert_eq!(escape("a<b & \"c\"\u{7}"), "a&lt;b &amp; &quot;c&quot;");
    }
}
