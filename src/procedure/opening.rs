//! How a step opens a block: `parallel`, `choose_any`, `any_order`, `each` or `repeat`, and its `join`.
//!
//! Only the keys at the block's own step are read here; `table` reads the branches.

use super::block::{Begins, Count, Each, Items, Join, Repeat, Rest};
use super::control::Merge;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::expression::Expression;
use crate::yaml::{Entries, Kind, Node, Spanned, pairs, texts, wrong_shape};

/// A block as its step says, before its branches are read.
pub(super) struct Opened<'n> {
    pub(super) begins: Begins,
    pub(super) branches: Branches<'n>,
    pub(super) join: Spanned<Join>,
    /// Pairs of names: the first has ended before the second begins.
    pub(super) before: Vec<(Spanned<String>, Spanned<String>)>,
}

/// Where the steps of a block stand.
pub(super) enum Branches<'n> {
    /// Branches by their names.
    Named(&'n Node),
    /// One that is worked as often as it takes, and what to call it.
    Same(Option<&'n Node>, Spanned<String>),
}

/// What a step's keys say about blocks: it opens one, or it merges what comes to it.
pub(super) enum Shape<'n> {
    Block(Box<Opened<'n>>),
    Step(Option<Merge>),
}

const KEYS: [&str; 6] = ["parallel", "choose_any", "wait_any", "any_order", "each", "repeat"];

/// The keys of a block at its step.
pub(super) fn open<'n>(
    entries: &mut Entries<'n>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Shape<'n> {
    let mut keys: Vec<&'static str> =
        KEYS.into_iter().filter(|key| entries.get(key).is_some()).collect();
    keys.sort_by_key(|key| entries.key_span(key));
    if let [first, second, ..] = *keys
        && let (Some(one), Some(two)) = (entries.key_span(first), entries.key_span(second))
    {
        let headline = format!("a step can't have both `{first}` and `{second}`");
        found.push(
            Diagnostic::new("conflicting_ways", two, headline)
                .label("and this too")
                .also(one, "its branches begin by this")
                .help("make the one a step of the other's branches"),
        );
    }
    let written = entries.get("join");
    let key = KEYS.into_iter().find(|key| entries.get(key).is_some());
    let Some((key, node)) = key.and_then(|key| Some((key, entries.get(key)?))) else {
        let span = entries.key_span("join");
        return Shape::Step(written.and_then(|node| merge(node, span, found)));
    };
    let mut before = Vec::new();
    let (begins, branches) = match key {
        "parallel" => (Begins::All, Branches::Named(node)),
        "choose_any" => (Begins::Chosen, Branches::Named(node)),
        "wait_any" => (Begins::First, Branches::Named(node)),
        "any_order" => {
            for (first, then) in entries.pairs("before", found) {
                let then = texts(then, "before", found);
                before.extend(then.into_iter().map(|then| (first.clone(), then)));
            }
            (Begins::AnyOrder { before: Vec::new() }, Branches::Named(node))
        }
        _ => {
            let span = entries.key_span(key).unwrap_or(node.span);
            let mut name = Spanned::new(key.to_owned(), span);
            let begins = if key == "each" {
                let each = each(node, sources, found);
                name = each.alias.clone().unwrap_or(name);
                Begins::Each(Box::new(each))
            } else {
                Begins::Repeat(Box::new(repeat(node, sources, found)))
            };
            (begins, Branches::Same(entries.require("steps", found), name))
        }
    };
    let span = written.map_or(node.span, |node| node.span);
    let usual = if matches!(begins, Begins::Chosen) { Join::Chosen } else { Join::All };
    // A mapping is what a step waits for: that is another's to tell.
    let is_flag = entries.get("wait").is_some_and(|node| node.text().is_some());
    let waits = !is_flag || entries.flag("wait", true, found);
    let join = match written {
        Some(node) => join(node, sources, found).unwrap_or(usual),
        None if !waits => Join::First { count: Count::Fixed(0), rest: Rest::Finish },
        None => usual,
    };
    Shape::Block(Box::new(Opened { begins, branches, join: Spanned::new(join, span), before }))
}

fn each(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Each {
    let nothing = Each { of: Items::Added, alias: None, open: None, into: None };
    let Some(mut entries) = Entries::open(node, "`each`", found) else { return nothing };
    let mut parse = |key: &'static str, entries: &mut Entries<'_>| {
        entries.get(key).and_then(|node| Expression::parse(node, sources, found))
    };
    let rows = parse("in", &mut entries);
    let times = parse("times", &mut entries);
    let alias = entries.text("as", found);
    let open = entries.text("open", found);
    let into = entries.text("into", found);
    if let (Some(one), Some(two)) = (entries.key_span("in"), entries.key_span("times")) {
        found.push(
            Diagnostic::new(
                "conflicting_ways",
                one.max(two),
                "`in` and `times` exclude each other",
            )
            .label("and this too")
            .also(one.min(two), "it runs over this")
            .help("`in` has a row for each branch, `times` only says how many there are"),
        );
    }
    if entries.key_span("in").is_none() && entries.key_span("times").is_none() && open.is_none() {
        found.push(
            Diagnostic::new("missing_key", node.span, "`each` needs `in`, `times` or `open`")
                .label("for each of what?")
                .help("`in: orders` for the rows of a table, `times: 3`, or `open: role`"),
        );
    }
    entries.finish(found);
    let of = match (rows, times) {
        (Some(rows), _) => Items::Rows(rows),
        (None, Some(times)) => Items::Times(times),
        (None, None) => Items::Added,
    };
    Each { of, alias, open, into }
}

fn repeat(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Repeat {
    let nothing = Repeat { until: None, as_long_as: None, at_most: None };
    let Some(mut entries) = Entries::open(node, "`repeat`", found) else { return nothing };
    let mut parse = |key: &'static str, entries: &mut Entries<'_>| {
        entries.get(key).and_then(|node| Expression::parse(node, sources, found))
    };
    let until = parse("until", &mut entries);
    let as_long_as = parse("while", &mut entries);
    let at_most = entries.count("at_most", found);
    let keys = ["until", "while", "at_most"];
    if keys.iter().all(|key| entries.key_span(key).is_none()) {
        found.push(
            Diagnostic::new("missing_key", node.span, "`repeat` needs `until` or `while`")
                .label("how long?")
                .help("`until` is asked after each round, `while` before it; or write `at_most`"),
        );
    }
    if at_most == Some(0)
        && let Some(span) = entries.key_span("at_most")
    {
        found.push(
            Diagnostic::new("bad_value", span, "at most no round at all")
                .label("its steps would never be worked"),
        );
    }
    entries.finish(found);
    Repeat { until, as_long_as, at_most }
}

fn join(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Join> {
    match node.text() {
        Some("all") => return Some(Join::All),
        Some("chosen") => return Some(Join::Chosen),
        Some("none") => return Some(Join::None),
        Some("queue") => return Some(Join::Queue),
        Some(_) => {
            let wanted = "`all`, `chosen`, `none`, `queue`, `{ first: 1, rest: cancel }` or \
                          `{ when: …, rest: cancel }`";
            found.push(wrong_shape(node, "join", wanted));
            return None;
        }
        None => {}
    }
    let mut entries = Entries::open(node, "`join`", found)?;
    let holds = entries.get("when").map(|node| Expression::parse(node, sources, found));
    let count = match (entries.get("first"), &holds) {
        (Some(node), _) => Some(count(node, sources, found)),
        (None, Some(_)) => None,
        (None, None) => {
            entries.require("first", found);
            None
        }
    };
    let rest = entries.require("rest", found);
    entries.finish(found);
    let rest = rest.and_then(|node| match node.text() {
        Some("cancel") => Some(Rest::Cancel),
        Some("ignore") => Some(Rest::Ignore),
        Some("block") => Some(Rest::Block),
        Some("finish") => Some(Rest::Finish),
        _ => {
            found.push(wrong_shape(node, "rest", "`cancel`, `ignore`, `block` or `finish`"));
            None
        }
    });
    match (count, holds) {
        (Some(count), _) => Some(Join::First { count: count?, rest: rest? }),
        (None, holds) => Some(Join::When { holds: holds??, rest: rest? }),
    }
}

fn count(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Count> {
    if let Some(fixed) = node.text().and_then(|text| text.parse().ok()) {
        return Some(Count::Fixed(fixed));
    }
    Some(Count::Given(Expression::parse(node, sources, found)?))
}

/// `join` at a step without branches: it waits for other tokens that come to it.
fn merge(node: &Node, key: Option<Span>, found: &mut Diagnostics) -> Option<Merge> {
    if node.text() == Some("active") {
        return Some(Merge::Active);
    }
    let is_merge = matches!(&node.kind, Kind::Mapping(_))
        && pairs(node, "join", &mut Diagnostics::default())
            .iter()
            .any(|(key, _)| key.as_str() == "tokens");
    if !is_merge {
        found.push(
            Diagnostic::new("bad_join", key.unwrap_or(node.span), "nothing is joined here")
                .label("the step has no branches")
                .help("this `join` belongs to a block; a step has `active` or `{ tokens: 2 }`"),
        );
        return None;
    }
    let mut entries = Entries::open(node, "`join`", found)?;
    let tokens = entries.count("tokens", found);
    entries.finish(found);
    Some(Merge::Tokens(tokens?))
}
