//! Texts that YAML reads as something else: a comma that ends them, braces and colons in them. Only words
//! about what was found already; nothing here reads. Called by `parse`, and by who meets an unknown key.

use super::{Node, ScalarStyle};
use crate::diagnostic::Diagnostic;

/// What to write when the key at `at` is the end of the text before it: `{ activity: Test, and clean. }`.
pub fn torn(entries: &[(Node, Node)], at: usize) -> Option<String> {
    let (key, value) = entries.get(at)?;
    let is_absent =
        |node: &Node| matches!(&node.kind, super::Kind::Scalar { style: ScalarStyle::Absent, .. });
    if !is_absent(value) {
        return None;
    }
    // Several commas: several such keys, one after the other.
    let first = entries[..at].iter().rposition(|(_, value)| !is_absent(value))?;
    let (name, begin) = (entries[first].0.text()?, entries[first].1.text()?);
    let is_plain =
        matches!(&entries[first].1.kind, super::Kind::Scalar { style: ScalarStyle::Plain, .. });
    if begin.is_empty() || !is_plain {
        return None;
    }
    let end = key.text()?;
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|sign| sign.is_ascii_digit());
    if is_number(begin.trim_start_matches(['-', '+'])) && is_number(end) && first + 1 == at {
        return Some(format!("decimals stand behind a point: write `{name}: {begin}.{end}`"));
    }
    let between: Vec<&str> =
        entries[first + 1..=at].iter().filter_map(|(key, _)| key.text()).collect();
    let whole = format!("{begin}, {}", between.join(", "));
    Some(format!("in `{{ }}` a text with a comma stands in quotes: `{name}: \"{whole}\"`"))
}

/// The finding for a key that is a list or a table: mostly the braces of a text without quotes.
pub(super) fn no_key(key: &Node, source: &str) -> Diagnostic {
    let finding = Diagnostic::new("yaml_syntax", key.span, "a key must be a text")
        .label(format!("this key is {}", key.describe()));
    let start = key.span.start as usize;
    let line = source.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let is_hole =
        source.get(..start).is_some_and(|before| before.ends_with('{')) && line.starts_with('{');
    if is_hole {
        let text = line.split(" #").next().unwrap_or(line).trim_end();
        let help = format!("a text with `{{{{ }}}}` stands in quotes: `\"{{{text}\"`");
        return finding.help(help);
    }
    finding.help("write a key as one word or a text in quotes")
}

/// What to write on a line on which the parser met a second colon.
pub(super) fn second_colon(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("- ");
    let (key, text) = line.split_once(": ")?;
    let text = text.trim();
    let is_free = !text.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*']);
    (is_free && text.contains(':') && !key.contains(['"', '\'', '{', '['])).then(|| {
        format!("a text with `: ` in it stands in quotes: `{key}: \"{}\"`", text.replace('"', "'"))
    })
}
