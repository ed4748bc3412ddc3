//! Plain values as the text that an owner would have written: short tables on one line, long texts
//! folded, quotes only where YAML needs them.
//!
//! Whatever is written reads back as the same values.

use super::plain::{Plain, Table, Text};

/// How far a line may go.
const WIDTH: usize = 100;
/// Longer keys need a mark of their own in YAML; far below its 1024.
const LONG_KEY: usize = 200;

/// The lines of a table, `indent` columns from the left.
pub fn write(table: &Table, indent: usize) -> String {
    let mut writer = Writer { out: String::new() };
    writer.table(table, indent);
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn table(&mut self, table: &Table, indent: usize) {
        for (key, value) in table {
            self.spaces(indent);
            self.key(key, value, indent);
        }
    }

    /// A key and its value, at a place where the indentation has been written.
    fn key(&mut self, key: &str, value: &Plain, indent: usize) {
        let key = scalar(&Text { text: key.to_owned(), is_quoted: false }, true);
        if key.len() > LONG_KEY {
            self.out.push_str("? ");
            self.out.push_str(&key);
            self.out.push('\n');
            self.spaces(indent);
            self.out.push(':');
            self.value(value, indent, indent + 1);
        } else {
            self.out.push_str(&key);
            self.out.push(':');
            self.value(value, indent, indent + key.chars().count() + 1);
        }
    }

    /// What stands behind a colon or a dash, at `column`.
    fn value(&mut self, value: &Plain, indent: usize, column: usize) {
        match value {
            Plain::Null => self.out.push('\n'),
            Plain::Text(text) => self.text(text, indent, column),
            _ => match inline(value, WIDTH.saturating_sub(column + 1)) {
                Some(line) => {
                    self.out.push(' ');
                    self.out.push_str(&line);
                    self.out.push('\n');
                }
                None => {
                    self.out.push('\n');
                    match value {
                        Plain::List(items) => self.list(items, indent + 2),
                        Plain::Table(table) => self.table(table, indent + 2),
                        Plain::Null | Plain::Text(_) => {}
                    }
                }
            },
        }
    }

    fn list(&mut self, items: &[Plain], indent: usize) {
        for item in items {
            self.spaces(indent);
            self.out.push('-');
            match item {
                Plain::Table(table) if inline(item, WIDTH - (indent + 2).min(WIDTH)).is_none() => {
                    for (at, (key, value)) in table.iter().enumerate() {
                        if at == 0 {
                            self.out.push(' ');
                        } else {
                            self.spaces(indent + 2);
                        }
                        self.key(key, value, indent + 2);
                    }
                }
                _ => self.value(item, indent, indent + 1),
            }
        }
    }

    fn text(&mut self, text: &Text, indent: usize, column: usize) {
        let line = scalar(text, false);
        self.out.push(' ');
        let is_short = column + 1 + line.chars().count() <= WIDTH && !text.text.contains('\n');
        if is_short || !folds(&text.text) {
            self.out.push_str(&line);
            self.out.push('\n');
            return;
        }
        self.out.push_str(">-\n");
        for (at, paragraph) in text.text.split('\n').enumerate() {
            // A line break is written as an empty line.
            if at > 0 {
                self.out.push('\n');
            }
            let mut used = 0;
            for word in paragraph.split(' ') {
                let length = word.chars().count();
                if used > 0 && used + 1 + length > WIDTH.saturating_sub(indent + 2) {
                    self.out.push('\n');
                    used = 0;
                }
                if used == 0 && !word.is_empty() {
                    self.spaces(indent + 2);
                } else if used > 0 {
                    self.out.push(' ');
                    used += 1;
                }
                self.out.push_str(word);
                used += length;
            }
            if !paragraph.is_empty() {
                self.out.push('\n');
            }
        }
    }

    fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }
}

/// Whether a text can be folded and read back as it was: no doubled blanks, no odd letters.
fn folds(text: &str) -> bool {
    !text.contains("  ")
        && !text.starts_with(|letter: char| letter.is_whitespace() || letter == '\n')
        && !text.ends_with(char::is_whitespace)
        && text.split('\n').all(|line| line == line.trim())
        && text.chars().all(|letter| letter == '\n' || is_printable(letter))
}

/// A list or table on one line, when it fits and stays easy to read.
fn inline(value: &Plain, room: usize) -> Option<String> {
    match value {
        // In blocks there is no way to write that something is empty.
        Plain::Table(table) if table.is_empty() => return Some("{}".to_owned()),
        Plain::List(items) if items.is_empty() => return Some("[]".to_owned()),
        _ if is_deep(value, 3) || has_steps(value) || is_ledger(value) => return None,
        _ => {}
    }
    let mut line = String::new();
    flow(value, &mut line, room)?;
    (line.chars().count() <= room).then_some(line)
}

fn flow(value: &Plain, line: &mut String, room: usize) -> Option<()> {
    match value {
        Plain::Null => return None,
        Plain::Text(text) => line.push_str(&scalar(text, true)),
        Plain::List(items) => {
            line.push('[');
            for (at, item) in items.iter().enumerate() {
                line.push_str(if at > 0 { ", " } else { "" });
                flow(item, line, room)?;
            }
            line.push(']');
        }
        Plain::Table(table) if table.is_empty() => line.push_str("{}"),
        Plain::Table(table) => {
            for (at, (key, value)) in table.iter().enumerate() {
                line.push_str(if at > 0 { ", " } else { "{ " });
                line.push_str(&scalar(&Text { text: key.clone(), is_quoted: false }, true));
                line.push_str(": ");
                flow(value, line, room)?;
            }
            line.push_str(" }");
        }
    }
    // Each letter takes a byte at least four to one; there is no need to go on for pages.
    (line.len() <= room * 4 + 8).then_some(())
}

fn is_deep(value: &Plain, most: usize) -> bool {
    match value {
        Plain::Null | Plain::Text(_) => false,
        _ if most == 0 => true,
        Plain::List(items) => items.iter().any(|item| is_deep(item, most - 1)),
        Plain::Table(table) => table.iter().any(|(_, value)| is_deep(value, most - 1)),
    }
}

/// Several tables stand below each other.
fn is_ledger(value: &Plain) -> bool {
    let is_table = |value: &Plain| matches!(value, Plain::Table(table) if !table.is_empty());
    match value {
        Plain::List(items) => items.len() > 1 && items.iter().any(is_table),
        Plain::Table(table) => table.len() > 1 && table.iter().any(|(_, value)| is_table(value)),
        Plain::Null | Plain::Text(_) => false,
    }
}

/// Steps stand below each other as in the manual's table.
fn has_steps(value: &Plain) -> bool {
    match value {
        Plain::Table(table) => {
            table.iter().any(|(key, value)| key == "activity" || has_steps(value))
        }
        Plain::List(items) => items.iter().any(has_steps),
        Plain::Null | Plain::Text(_) => false,
    }
}

/// A scalar on one line.
fn scalar(text: &Text, in_flow: bool) -> String {
    let is_number = text.is_quoted && looks_like_data(&text.text);
    if is_plain(&text.text, in_flow) && !is_number {
        return text.text.clone();
    }
    let mut quoted = String::with_capacity(text.text.len() + 2);
    quoted.push('"');
    for letter in text.text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            _ if is_printable(letter) => quoted.push(letter),
            _ if (letter as u32) > 0xffff => quoted.push_str(&format!("\\U{:08x}", letter as u32)),
            _ => quoted.push_str(&format!("\\u{:04x}", letter as u32)),
        }
    }
    quoted.push('"');
    quoted
}

/// Letters that YAML takes as they are and that an editor shows.
fn is_printable(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text means itself without quotes.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let starts_as_sign = text.starts_with(|letter: char| "-?:,[]{}#&*!|>'\"%@`=<".contains(letter));
    let is_number = text.starts_with('-') && looks_like_data(text);
    !text.is_empty()
        && (!starts_as_sign || is_number)
        && !text.starts_with("...")
        && !matches!(text, "~" | "null")
        && text.trim() == text
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_printable)
        && !(in_flow && text.contains(|letter: char| ",[]{}:".contains(letter)))
}

/// What other readers of YAML would take for a number, a day or a yes.
fn looks_like_data(text: &str) -> bool {
    let is_digits = |letter: char| letter.is_ascii_digit() || "+-.eE_:xXoO".contains(letter);
    let is_number = text.contains(|letter: char| letter.is_ascii_digit())
        && text.chars().all(|letter| is_digits(letter) || letter.is_ascii_hexdigit());
    is_number
        || matches!(
            text.to_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | ".nan" | ".inf"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, Sources};
    use crate::yaml::parse;
    use proptest::prelude::*;

    fn read(text: &str) -> Plain {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text);
        let mut found = Diagnostics::default();
        let nodes = parse(file, text, &mut found);
        assert!(found.is_empty(), "{found:?} in\n{text}");
        Plain::of(nodes.first().expect("a document"))
    }

    /// Whether two values say the same, whatever their quotes.
    fn same(one: &Plain, other: &Plain) -> bool {
        match (one, other) {
            (Plain::Text(one), Plain::Text(other)) => one.text == other.text,
            (Plain::List(one), Plain::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
            }
            (Plain::Table(one), Plain::Table(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1))
            }
            _ => one == other,
        }
    }

    fn values() -> impl Strategy<Value = Plain> {
        let text = prop_oneof![
            "[ -~]{0,12}",
            "\\PC{0,8}",
            any::<String>(),
            "(palabra |otra |y ){30,60}fin",
            "(línea [a-z:#]{1,4}\n){1,5}x",
            "([a-z#-]{1,5}\n{1,3}){1,4}x",
            Just("8.1".to_owned()),
            Just("17:00".to_owned()),
        ];
        let leaf = (text, any::<bool>())
            .prop_map(|(text, is_quoted)| Plain::Text(Text { text, is_quoted }));
        let leaf = prop_oneof![8 => leaf, 1 => Just(Plain::Null)];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let key = prop_oneof!["[a-z]{1,6}", "\\PC{1,12}", "[a-z ]{200,300}x", "[0-9]{1,3}"];
            let table = proptest::collection::btree_map(key, inner.clone(), 0..5);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Plain::List),
                table.prop_map(|table| Plain::Table(table.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_it_was(value in values()) {
            let table = vec![("key".to_owned(), value), ("last".to_owned(), Plain::word("x"))];
            let text = write(&table, 0);
            let back = read(&text);
            prop_assert!(same(&back, &Plain::Table(table)), "{back:?}\n{text}");
        }
    }

    #[test]
    fn it_looks_as_a_person_would_write_it() {
        let text = "starts: { by: [ape, cajas] }\nsection: \"8.1\"\ndue: 2 working days\n\
                    decide:\n  Sí, todo cumple: { go: 3, saves: { socios: cliente } }\n  \
                    No: { go: 1, says: Orientar al cliente para la obtención de los mismos. }\n\
                    choose:\n  - { when: not inspeccion.viable, end: no viable }\n  - { go: 11 }\n\
                    hour: \"17:00\"\n";
        let Plain::Table(table) = read(text) else { panic!("a table") };
        let written = write(&table, 0);
        assert!(written.contains("\nsection: \"8.1\"\n"), "{written}");
        assert!(written.starts_with("starts: { by: [ape, cajas] }\n"), "{written}");
        assert!(written.contains("  No: { go: 1, says: Orientar al"), "{written}");
        assert!(
            written.contains("\nchoose:\n  - { when: not inspeccion.viable, end: no viable }\n")
        );
        assert!(written.contains("\nhour: \"17:00\"\n"), "{written}");
    }
}
