//! Conditions of other tools as the language writes them, where it says the same.

use crate::diagnostic::{Diagnostics, Sources, Span};
use crate::expression::Expression;
use crate::yaml::{Kind, Node, ScalarStyle};

/// `${amount > 100 && ok}` of the Java engines, `= amount > 100` of FEEL, or our own; as it was
/// written when it says something that the language can't.
pub fn read(written: &str, is_own: bool) -> String {
    let text = if is_own { written.to_owned() } else { translated(written) };
    if reads(&text) { text } else { written.to_owned() }
}

/// Whether a text is a condition of the language.
pub fn reads(text: &str) -> bool {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("", text);
    let kind = Kind::Scalar { text: text.to_owned(), style: ScalarStyle::Plain };
    let node = Node { kind, span: Span::new(file, 0, text.len()) };
    // No condition that a person wrote is longer; parsers recurse.
    text.len() <= 500
        && Expression::parse(&node, &sources, &mut found).is_some()
        && !found.has_errors()
}

fn translated(written: &str) -> String {
    let text = written.trim();
    let java = ["${", "#{"].iter().find_map(|open| text.strip_prefix(open)?.strip_suffix('}'));
    let feel = text.strip_prefix('=');
    let inner = java.or(feel).unwrap_or(text).trim();
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars().peekable();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        if let Some(open) = quote {
            out.push(letter);
            if letter == open {
                quote = None;
            }
            continue;
        }
        let next = letters.peek().copied();
        match (letter, next) {
            ('"' | '\'', _) => {
                quote = Some(letter);
                out.push(letter);
            }
            ('&', Some('&')) | ('|', Some('|')) => {
                letters.next();
                out.push_str(if letter == '&' { " and " } else { " or " });
            }
            ('!', Some('=')) | ('<' | '>' | '=', Some('=')) => {
                letters.next();
                out.push(letter);
                out.push('=');
            }
            ('!', _) => out.push_str("not "),
            ('=', _) if feel.is_some() => out.push_str("=="),
            _ => out.push(letter),
        }
    }
    let text = out.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("== null", "is none").replace("!= null", "is not none")
}

/// A variable for a condition that is only named: `Needs a visit` becomes `needs_a_visit`.
pub fn variable(name: &str) -> String {
    let mut variable = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            variable.push(letter);
        } else if !variable.is_empty() && !variable.ends_with('_') {
            variable.push('_');
        }
        if variable.len() > 40 {
            break;
        }
    }
    let variable = variable.trim_end_matches('_').to_owned();
    let variable = match variable.chars().next() {
        Some(first) if first.is_alphabetic() => variable,
        _ => format!("if_{variable}"),
    };
    // A word of the language is no variable.
    if reads(&variable) { variable } else { format!("{variable}_yes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_of_other_tools_are_read() {
        for (written, read) in [
            ("${approved}", "approved"),
            ("${amount > 100 && !paid}", "amount > 100 and not paid"),
            ("#{kind == 'a && b' || x != 2}", "kind == 'a && b' or x != 2"),
            ("= amount >= 100 and status = \"ok\"", "amount >= 100 and status == \"ok\""),
            ("${date == null}", "date is none"),
        ] {
            assert_eq!(super::read(written, false), read);
            assert!(reads(read));
        }
        let java = "${execution.getVariable('x').size() > }";
        assert_eq!(read(java, false), java);
        assert!(!reads(java));
        assert_eq!(variable("Needs a visit?"), "needs_a_visit");
        assert_eq!(variable("2 or more"), "if_2_or_more");
        assert!(
            reads(&variable("not")) && reads(&variable("")) && reads(&variable("نیاز به بازدید"))
        );
    }
}
