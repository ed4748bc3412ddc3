//! `wait`, `on`, `sends`, `signals` and `suspends` of a step.

use super::{Awaited, Happening, Heard, Sends, Suspends, Then};
use crate::calendar::Term;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::expression::{Expression, Line};
use crate::procedure::Missed;
use crate::procedure::decode::target;
use crate::yaml::{Entries, Kind, Node, Spanned, no_table, texts, wrong_shape};

/// What a step says about events.
#[derive(Default)]
pub(in crate::procedure) struct Events {
    pub(in crate::procedure) wait: Option<Awaited>,
    pub(in crate::procedure) on: Vec<Happening>,
    pub(in crate::procedure) sends: Vec<Sends>,
    pub(in crate::procedure) signals: Vec<Spanned<String>>,
    pub(in crate::procedure) suspends: Option<Suspends>,
}

/// Reads the keys of a step.
pub(in crate::procedure) fn events(
    entries: &mut Entries<'_>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Events {
    // At a block, and beside another procedure, `wait` says only whether the case waits for it.
    let wait = entries.get("wait").filter(|node| {
        let is_flag = matches!(node.text(), Some("true" | "false" | "yes" | "no"));
        !is_flag && (matches!(node.kind, Kind::Mapping(_)) || !may_be_flag(entries))
    });
    let on: Vec<&Node> = match entries.get("on") {
        Some(Node { kind: Kind::Sequence(items), .. }) => items.iter().collect(),
        other => other.into_iter().collect(),
    };
    let sends: Vec<&Node> = match entries.get("sends") {
        Some(Node { kind: Kind::Sequence(items), .. }) => items.iter().collect(),
        other => other.into_iter().collect(),
    };
    Events {
        wait: wait.and_then(|node| awaited_alone(node, sources, found)),
        on: on.into_iter().filter_map(|node| happening(node, sources, found)).collect(),
        sends: sends.into_iter().filter_map(|node| message(node, sources, found)).collect(),
        signals: entries.texts("signals", found),
        suspends: entries.get("suspends").and_then(|node| suspends(node, found)),
    }
}

/// Whether the step has something that it may wait for, or not.
fn may_be_flag(entries: &Entries<'_>) -> bool {
    let keys = ["parallel", "choose_any", "wait_any", "any_order", "each", "repeat", "procedure"];
    keys.iter().any(|key| entries.key_span(key).is_some())
}

fn awaited_alone(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Awaited> {
    if let Some(written) = node.text() {
        let mut wrong = Diagnostics::default();
        let term = Term::parse(&Spanned::new(written.to_owned(), node.span), &mut wrong);
        let example = if term.is_some() { written } else { "2 working days" };
        found.push(no_table(node, "wait", &format!("wait: {{ until: {example} }}")));
        return None;
    }
    let mut entries = Entries::open(node, "`wait`", found)?;
    let awaited = awaited(&mut entries, "until", sources, found);
    // What is waited for has been asked for already: one finding for one mistake.
    if awaited.is_some()
        || ["until", "message", "signal"].iter().any(|key| entries.key_span(key).is_some())
    {
        entries.finish(found);
    }
    awaited
}

/// What is waited for, with a time under the key `time`.
fn awaited(
    entries: &mut Entries<'_>,
    time: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Awaited> {
    let keys = [time, "message", "signal"];
    let mut written: Vec<(Span, &str)> =
        keys.iter().filter_map(|key| Some((entries.key_span(key)?, *key))).collect();
    written.sort_unstable();
    match written.as_slice() {
        [] => {
            found.push(
                Diagnostic::new(
                    "missing_key",
                    entries.span,
                    format!("`{time}`, `message` or `signal` is missing"),
                )
                .label("what is waited for?")
                .help(format!("write `{time}: 2 working days`, `message: NAME` or `signal: NAME`")),
            );
            return None;
        }
        [(one, first), (two, second), ..] => found.push(
            Diagnostic::new(
                "conflicting_ways",
                *two,
                format!("only one of `{first}` and `{second}` can be waited for here"),
            )
            .label("and this too")
            .also(*one, "this is waited for")
            .help("what may happen besides stands in a line of its own under `on`"),
        ),
        [_] => {}
    }
    if let Some(node) = entries.get(time) {
        return self::time(node, time, sources, found);
    }
    if let Some(name) = entries.text("message", found) {
        let key = entries.get("key").and_then(|node| Line::parse(node, sources, found));
        let into = entries.text("into", found);
        return Some(Awaited::Message(Heard { name, key, into }));
    }
    entries.text("signal", found).map(Awaited::Signal)
}

/// A term; or behind `until` a day that the data gives, behind `after` the step's own due date.
fn time(
    node: &Node,
    key: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Awaited> {
    let written = crate::yaml::text(node, key, found)?;
    if key == "after" && written.as_str() == "due" {
        return Some(Awaited::Due(written.span));
    }
    let mut wrong = Diagnostics::default();
    let term = Term::parse(&written, &mut wrong);
    match term {
        Some(term) if term.step().is_some() => {
            found.push(
                Diagnostic::new("bad_term", written.span, "this term counts from this step itself")
                    .label("`after` belongs to `opens`"),
            );
            None
        }
        Some(term) => Some(Awaited::Term(term, written)),
        // A name and no number: the data gives the day.
        None if key == "until" && written.starts_with(char::is_alphabetic) => {
            Expression::parse(node, sources, found).map(Awaited::Day)
        }
        None => {
            found.extend(wrong);
            None
        }
    }
}

fn happening(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Happening> {
    let mut entries = Entries::open(node, "a line of `on`", found)?;
    let awaited = awaited(&mut entries, "after", sources, found);
    let every = entries.text("every", found);
    let every = every.and_then(|written| Some((Term::parse(&written, found)?, written)));
    let missed = missed(&mut entries, found);
    let then = then(&mut entries, found);
    entries.finish(found);
    let (awaited, then) = (awaited?, then?);
    if let Some((_, written)) = &every {
        let is_timed = matches!(awaited, Awaited::Term(..) | Awaited::Due(_));
        if !is_timed || !matches!(then, Then::Remind) {
            found.push(
                Diagnostic::new("bad_event", written.span, "only a reminder comes again and again")
                    .label("this happens at most once")
                    .help("write `{ after: 2 working days, every: 1 working day, remind: true }`"),
            );
        }
    }
    Some(Happening { awaited, then, every, missed, span: node.span })
}

fn missed(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Missed {
    let Some(node) = entries.get("missed") else { return Missed::default() };
    match node.text() {
        Some("once") => Missed::Once,
        Some("all") => Missed::All,
        Some("skip") => Missed::Skip,
        _ => {
            found.push(wrong_shape(node, "missed", "`once`, `all` or `skip`"));
            Missed::default()
        }
    }
}

fn then(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Option<Then> {
    const KEYS: [&str; 4] = ["go", "end", "remind", "escalate"];
    let mut written: Vec<(Span, &str)> =
        KEYS.iter().filter_map(|key| Some((entries.key_span(key)?, *key))).collect();
    written.sort_unstable();
    match written.as_slice() {
        [] => {
            found.push(
                Diagnostic::new("missing_key", entries.span, "what is done then is missing")
                    .label("and then?")
                    .help("write `go: STEP`, `end: OUTCOME`, `remind: true` or `escalate: ROLE`"),
            );
            return None;
        }
        [(one, first), (two, second), ..] => found.push(
            Diagnostic::new(
                "conflicting_ways",
                *two,
                format!("`{first}` and `{second}` can't be one line of `on`"),
            )
            .label("and this too")
            .also(*one, "this is done then")
            .help("write a line for each"),
        ),
        [_] => {}
    }
    if entries.key_span("go").is_some() || entries.key_span("end").is_some() {
        return Some(Then::Leave(target(entries, false, found)));
    }
    if entries.key_span("remind").is_some() {
        if !entries.flag("remind", true, found)
            && let Some(node) = entries.get("remind")
        {
            found.push(wrong_shape(node, "remind", "`true`"));
        }
        return Some(Then::Remind);
    }
    entries.text("escalate", found).map(Then::Escalate)
}

fn message(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Sends> {
    let mut entries = Entries::open(node, "`sends`", found)?;
    let name = entries.require_text("message", found);
    let key = entries.get("key").and_then(|node| Line::parse(node, sources, found));
    let with = entries
        .pairs("with", found)
        .into_iter()
        .filter_map(|(field, node)| Some((field, Expression::parse(node, sources, found)?)))
        .collect();
    entries.finish(found);
    Some(Sends { name: name?, key, with })
}

fn suspends(node: &Node, found: &mut Diagnostics) -> Option<Suspends> {
    if node.text() == Some("terms") {
        return Some(Suspends::Terms(node.span));
    }
    let steps = texts(node, "suspends", found);
    (!steps.is_empty()).then_some(Suspends::Steps(steps))
}
