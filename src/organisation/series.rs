//! Gapless numbers: one counter a series, and a year where the series begins anew each year.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Node, Spanned};

/// How the numbers of one kind of document, or of one kind of customer, run.
#[derive(Debug, Clone)]
pub struct Series {
    pub id: Spanned<String>,
    pub title: String,
    /// `OIT-{year}-{number:05}`.
    pub pattern: String,
    pub is_yearly: bool,
    /// The first number.
    pub first: u64,
}

impl Series {
    /// The year whose counter a number of this day is taken from; 0 for a series that never restarts.
    pub fn counter_year(&self, year: i16) -> i16 {
        if self.is_yearly { year } else { 0 }
    }

    /// A number as it is printed.
    pub fn format(&self, year: i16, number: u64) -> String {
        let mut out = String::new();
        let mut rest = self.pattern.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (hole, after) = after.split_once('}').unwrap_or((after, ""));
            match hole.split_once(':') {
                _ if hole == "year" => out.push_str(&year.to_string()),
                Some(("number", width)) => {
                    let width = width.parse().unwrap_or(0).min(20);
                    out.push_str(&format!("{number:0width$}"));
                }
                _ => out.push_str(&number.to_string()),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    pub(super) fn decode(
        id: Spanned<String>,
        node: &Node,
        found: &mut Diagnostics,
    ) -> Option<Self> {
        let mut entries = Entries::open(node, "a series", found)?;
        let title = entries.text("title", found).map(|title| title.value);
        let pattern = entries.require_text("pattern", found);
        let series = Self {
            title: title.unwrap_or_else(|| id.value.clone()),
            is_yearly: entries.flag("yearly", true, found),
            first: u64::from(entries.count("first", found).unwrap_or(1)),
            pattern: pattern.as_ref().map(|pattern| pattern.value.clone()).unwrap_or_default(),
            id,
        };
        entries.finish(found);
        if let Some(pattern) = pattern {
            check_pattern(&pattern, series.is_yearly, found);
        }
        Some(series)
    }
}

/// A pattern without the number, or a yearly one without the year, would print one number twice.
fn check_pattern(pattern: &Spanned<String>, is_yearly: bool, found: &mut Diagnostics) {
    let holes: Vec<&str> = pattern
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(hole, _)| hole))
        .collect();
    let known = |hole: &&str| {
        *hole == "year"
            || *hole == "number"
            || hole.strip_prefix("number:").is_some_and(|width| width.parse::<u8>().is_ok())
    };
    let mut report = |headline: &str, help: &str| {
        found.push(
            Diagnostic::new("bad_value", pattern.span, headline).label("this pattern").help(help),
        );
    };
    if let Some(hole) = holes.iter().find(|hole| !known(hole)) {
        report(
            &format!("a number's pattern has no `{{{hole}}}`"),
            "`{year}`, `{number}` and `{number:05}` can stand in a pattern",
        );
    } else if !holes.iter().any(|hole| hole.starts_with("number")) {
        report("this pattern gives every document the same number", "add `{number:05}`");
    } else if is_yearly && !holes.contains(&"year") {
        report(
            "this pattern gives the same number again each year",
            "add `{year}`, or `yearly: false` so that the counter goes on",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{FileId, Span};

    #[test]
    fn numbers_are_printed_by_the_pattern() {
        let id = Spanned::new("inspeccion".to_owned(), Span::new(FileId(0), 0, 0));
        let series = Series {
            id,
            title: String::new(),
            pattern: "OIT-{year}-{number:05}/A".into(),
            is_yearly: true,
            first: 1,
        };
        assert_eq!(series.format(2026, 42), "OIT-2026-00042/A");
        assert_eq!(series.counter_year(2026), 2026);
    }
}
