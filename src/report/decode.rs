//! Reading a report's file.

use super::{Column, Period, Regular, Report, Source};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::Expression;
use crate::field::NumberStyle;
use crate::organisation::check_id;
use crate::yaml::{Entries, Kind, Node, Spanned, pairs, texts, wrong_shape};

/// Columns that fit on paper, and in a head.
const MAX_COLUMNS: usize = 30;

/// Reads a `report:` file.
pub fn decode(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Report> {
    let mut entries = Entries::open(node, "a report", found)?;
    let id = entries.require_text("report", found)?;
    check_id(&id, found);
    let title = entries.require_text("title", found).map(|title| title.value);
    let says = entries.text("says", found).map(|says| says.value);
    let seen_by = entries.require("seen_by", found).map(|node| texts(node, "seen_by", found));
    let is_told = entries.get("period").is_some();
    let period = period(&mut entries, found);
    let regular = Regular::read(&mut entries, found);
    let rows = entries.require("rows", found).and_then(|node| rows(node, sources, found));
    let columns = columns(&mut entries, sources, found);
    let order = entries.texts("order", found);
    let group = entries.text("group", found);
    entries.finish(found);
    let Rows { source, each, when } = rows?;
    let is_register = matches!(source, Source::Register(_));
    if let Some((period, _)) = period.filter(|_| is_register) {
        found.push(
            Diagnostic::new("conflicting_ways", period.span, "a register has no period")
                .label("its rows are shown as they are when the report is made")
                .help("take `period` out, or list documents or steps"),
        );
    }
    if !is_told && !is_register {
        found.push(
            Diagnostic::new("missing_key", id.span, "a report needs `period`")
                .label("of which days does it tell?")
                .help("write `period: day`, `week`, `month` or `year`"),
        );
    }
    Some(Report {
        title: title.unwrap_or_else(|| id.value.clone()),
        id,
        says,
        seen_by: seen_by.unwrap_or_default(),
        period: period.map(|(_, period)| period),
        regular,
        source,
        each,
        when,
        columns,
        order,
        group,
    })
}

fn period<'a>(entries: &mut Entries<'a>, found: &mut Diagnostics) -> Option<(&'a Node, Period)> {
    let node = entries.get("period")?;
    let period = node.text().and_then(Period::parse);
    if period.is_none() {
        found.push(
            wrong_shape(node, "period", "`day`, `week`, `month` or `year`")
                .suggest(node.text().unwrap_or_default(), Period::ALL.map(Period::name)),
        );
    }
    period.map(|period| (node, period))
}

struct Rows {
    source: Source,
    each: Option<Spanned<String>>,
    when: Option<Expression>,
}

fn rows(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Rows> {
    let mut entries = Entries::open(node, "the rows of a report", found)?;
    let mut written: Vec<Source> = Vec::new();
    let documents = entries.texts("documents", found);
    if !documents.is_empty() {
        written.push(Source::Documents(documents));
    }
    if let Some(node) = entries.get("steps") {
        let of = |(procedure, steps): (Spanned<String>, &Node), found: &mut Diagnostics| {
            let steps = texts(steps, "steps", found).into_iter();
            steps.map(move |step| (procedure.clone(), step)).collect::<Vec<_>>()
        };
        let steps = pairs(node, "steps", found);
        let steps: Vec<_> = steps.into_iter().flat_map(|pair| of(pair, found)).collect();
        written.push(Source::Steps(steps));
    }
    written.extend(entries.text("register", found).map(Source::Register));
    let each = entries.text("each", found);
    let when = entries.get("when").and_then(|node| Expression::parse(node, sources, found));
    entries.finish(found);
    let count = written.len();
    let source = written.into_iter().next();
    if count != 1 {
        found.push(
            Diagnostic::new("conflicting_ways", node.span, "what is there a row for?")
                .label(if count == 0 { "nothing is said" } else { "two things are said" })
                .help("write one of `documents`, `steps` and `register`"),
        );
    }
    if let (Some(Source::Register(_)), Some(each)) = (&source, &each) {
        found.push(
            Diagnostic::new("conflicting_ways", each.span, "a register has no tables in its rows")
                .label("`each` goes with `documents` or `steps`"),
        );
    }
    Some(Rows { source: source?, each, when })
}

fn columns(entries: &mut Entries<'_>, sources: &Sources, found: &mut Diagnostics) -> Vec<Column> {
    let Some(node) = entries.require("columns", found) else { return Vec::new() };
    let written = pairs(node, "columns", found);
    if let Some((label, _)) = written.get(MAX_COLUMNS) {
        found.push(
            Diagnostic::new("wrong_shape", label.span, "there are too many columns")
                .label(format!("at most {MAX_COLUMNS} can be read")),
        );
    }
    written.into_iter().filter_map(|(label, node)| column(label, node, sources, found)).collect()
}

/// `Label: expression`, or a table of keys.
fn column(
    label: Spanned<String>,
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Column> {
    if !matches!(node.kind, Kind::Mapping(_)) {
        let value = Expression::parse(node, sources, found)?;
        return Some(Column { label, value, number: None, is_total: false });
    }
    let mut entries = Entries::open(node, "a column", found)?;
    let value = entries.require("value", found);
    let value = value.and_then(|node| Expression::parse(node, sources, found));
    let style = entries.get("type").and_then(|node| {
        let style = match node.text() {
            Some("integer") => Some(NumberStyle::Integer),
            Some("number") => Some(NumberStyle::Number),
            Some("money") => Some(NumberStyle::Money),
            _ => None,
        };
        if style.is_none() {
            found.push(wrong_shape(node, "type", "`integer`, `number` or `money`"));
        }
        style
    });
    let decimals = entries.count("decimals", found).map(|decimals| decimals.min(10));
    let is_total = entries.flag("total", false, found);
    entries.finish(found);
    let number = match (style, decimals) {
        (None, None) => None,
        (style, decimals) => Some((style.unwrap_or(NumberStyle::Number), decimals)),
    };
    Some(Column { label, value: value?, number, is_total })
}
