//! `wait`, `on`, `sends`, `signals` and `suspends` of a step.

use super::{Awaited, Beside, Happening, Heard, Sends, Suspends, Then};
use crate::calendar::Term;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::expression::{Expression, Line};
use crate::procedure::decode::target;
use crate::procedure::{Missed, Rest, Strand};
use crate::yaml::{Entries, Kind, Node, Spanned, no_table, texts, wrong_shape};

/// What a step says about events.
#[derive(Default)]
pub(in crate::procedure) struct Events<'n> {
    pub(in crate::procedure) wait: Option<Awaited>,
    pub(in crate::procedure) on: Vec<Happening>,
    /// The steps that lines of `on` begin, by the numbers of the lines.
    pub(in crate::procedure) does: Vec<(usize, &'n Node)>,
    pub(in crate::procedure) sends: Vec<Sends>,
    pub(in crate::procedure) signals: Vec<Spanned<String>>,
    pub(in crate::procedure) suspends: Option<Suspends>,
}

/// Reads the keys of a step.
pub(in crate::procedure) fn events<'n>(
    entries: &mut Entries<'n>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Events<'n> {
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
    let wait = wait.and_then(|node| awaited_alone(node, sources, found));
    let (mut lines, mut does) = (Vec::new(), Vec::new());
    for node in on {
        if let Some((line, steps)) = happening(node, sources, found) {
            does.extend(steps.map(|steps| (lines.len(), steps)));
            lines.push(line);
        }
    }
    Events {
        wait,
        on: lines,
        does,
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

/// A line of `on`, and the steps that it begins.
fn happening<'n>(
    node: &'n Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<(Happening, Option<&'n Node>)> {
    let mut entries = Entries::open(node, "a line of `on`", found)?;
    let awaited = awaited(&mut entries, "after", sources, found);
    let every = entries.text("every", found);
    let every = every.and_then(|written| Some((Term::parse(&written, found)?, written)));
    let missed = missed(&mut entries, found);
    let then = then(&mut entries, found);
    let rest = rest(&mut entries, found);
    let does = entries.get("does");
    entries.finish(found);
    let (awaited, mut then) = (awaited?, then?);
    if let Some((_, written)) = &every {
        let is_timed = matches!(awaited, Awaited::Term(..) | Awaited::Due(_));
        if !is_timed || !matches!(then, Then::Remind { .. } | Then::Does(_)) {
            let headline = "only reminders and work beside the step come again and again";
            found.push(
                Diagnostic::new("bad_event", written.span, headline)
                    .label("this happens at most once")
                    .help("write `{ after: 2 working days, every: 1 working day, remind: true }`"),
            );
        }
    }
    if let Then::Does(beside) = &mut then {
        beside.strand.name.value = awaited.label();
        beside.rest = rest.map(|(rest, _)| rest);
    } else if let Some((_, span)) = rest {
        found.push(
            Diagnostic::new("bad_event", span, "nothing begins here that could be left over")
                .label("belongs to a line with `does`")
                .help("take it out, or write the steps that begin under `does`"),
        );
    }
    Some((Happening { awaited, then, every, missed, span: node.span }, does))
}

/// What becomes of a branch beside the step when the step is done, and where that is said.
fn rest(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Option<(Rest, Span)> {
    let (wait, rest) = (entries.key_span("wait"), entries.key_span("rest"));
    if let (Some(wait), Some(rest)) = (wait, rest) {
        found.push(
            Diagnostic::new(
                "conflicting_ways",
                wait.max(rest),
                "`wait` and `rest` exclude each other",
            )
            .label("and this too")
            .also(wait.min(rest), "this says what becomes of it")
            .help("`wait: false` lets the case go on, `rest: cancel` withdraws what is open"),
        );
    }
    let waits = entries.flag("wait", true, found);
    let node = entries.get("rest");
    if let Some(node) = node.filter(|node| node.text() != Some("cancel")) {
        found.push(wrong_shape(node, "rest", "`cancel`"));
    }
    match (wait.filter(|_| !waits), rest) {
        (Some(span), _) => Some((Rest::Finish, span)),
        (None, Some(span)) => Some((Rest::Cancel, span)),
        (None, None) => None,
    }
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
    const KEYS: [&str; 5] = ["go", "end", "remind", "escalate", "does"];
    let mut written: Vec<(Span, &str)> =
        KEYS.iter().filter_map(|key| Some((entries.key_span(key)?, *key))).collect();
    written.sort_unstable();
    match written.as_slice() {
        [] => {
            found.push(
                Diagnostic::new("missing_key", entries.span, "what is done then is missing")
                    .label("and then?")
                    .help(
                        "write `go: STEP`, `end: OUTCOME`, `remind: true`, `escalate: ROLE`, or the \
                         steps that begin under `does`",
                    ),
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
        return Some(remind(entries, found));
    }
    if let Some(span) = entries.key_span("does") {
        // `table` reads its steps; it is called as what it begins with.
        let strand = Strand {
            name: Spanned::new(String::new(), span),
            when: None,
            is_else: false,
            steps: 0..0,
        };
        return Some(Then::Does(Beside { strand, rest: None }));
    }
    escalate(entries, found)
}

/// `true`, or `mail`: in the queue, and by a mail as well.
fn remind(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Then {
    let node = entries.get("remind");
    let written = node.and_then(Node::text);
    if let Some(node) = node.filter(|_| !matches!(written, Some("true" | "yes" | "mail"))) {
        found.push(wrong_shape(node, "remind", "`true` or `mail`"));
    }
    Then::Remind { by_mail: written == Some("mail") }
}

/// The role alone, or `{ to: role, mail: true }`.
fn escalate(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Option<Then> {
    let node = entries.get("escalate")?;
    if !matches!(node.kind, Kind::Mapping(_)) {
        let to = crate::yaml::text(node, "escalate", found)?;
        return Some(Then::Escalate { to, by_mail: false });
    }
    let mut entries = Entries::open(node, "`escalate`", found)?;
    let to = entries.require_text("to", found);
    let by_mail = entries.flag("mail", false, found);
    entries.finish(found);
    Some(Then::Escalate { to: to?, by_mail })
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
