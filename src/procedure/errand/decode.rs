//! Errands from YAML: `send`, `call` and `job` at a step, with `with`, `into` and `on_error`.

use super::{
    Call, Child, Errand, Handler, MOST_TRIES, Mail, Method, Shape, TRIES, What, Work, answer,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::expression::Line;
use crate::procedure::decode::short_target;
use crate::yaml::{Entries, Kind, Node, wrong_shape};

/// The keys that open an errand.
const KEYS: [&str; 4] = ["send", "call", "job", "procedure"];

const TIMEOUT_MS: u32 = 30_000;
const MOST_TIMEOUT_MS: u32 = 300_000;

/// The errand of a step, if it has one.
pub(in crate::procedure) fn open(
    step: &str,
    entries: &mut Entries<'_>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Errand> {
    let written = KEYS.map(|key| (key, entries.get(key), entries.key_span(key)));
    let mut there = written.into_iter().filter_map(|(key, node, span)| Some((key, node?, span?)));
    let first = there.next();
    if let (Some((one, _, before)), Some((two, _, span))) = (first, there.next()) {
        found.push(
            Diagnostic::new(
                "conflicting_work",
                span,
                format!("a step can't have both `{one}` and `{two}`"),
            )
            .label("and this too")
            .also(before, "the step has this to do")
            .help("make two steps of it"),
        );
    }
    if let (Some((key, _, span)), Some(role)) = (first, entries.key_span("role")) {
        found.push(
            Diagnostic::new(
                "conflicting_work",
                span,
                format!("a step can't have both a `role` and `{key}`"),
            )
            .label("this is a machine's work")
            .also(role, "and this a person's")
            .help("make two steps of it"),
        );
    }
    let with = entries.get("with");
    let into = entries.get("into");
    let handlers = entries.get("on_error");
    let workers = entries.text("workers", found);
    let Some((key, node, span)) = first else {
        for key in ["with", "into", "on_error", "workers"] {
            if let Some(span) = entries.key_span(key) {
                found.push(astray(key, span));
            }
        }
        return None;
    };
    let is_astray = |stray: &&str| match key {
        "job" => false,
        "procedure" => *stray == "workers",
        _ => true,
    };
    for key in ["with", "workers"].into_iter().filter(is_astray) {
        if let Some(span) = entries.key_span(key) {
            found.push(astray(key, span));
        }
    }
    let (what, tries) = match key {
        "send" => mail(node, sources, found)?,
        "call" => call(node, sources, found)?,
        "procedure" => {
            let procedure = crate::yaml::text(node, "procedure", found)?;
            let with = with.and_then(|node| table(node, "with", sources, found));
            let waits = entries.flag("wait", true, found);
            (What::Case(Child { procedure, with: with.unwrap_or_default(), waits }), 1)
        }
        _ => {
            let topic = crate::yaml::text(node, "job", found)?;
            crate::organisation::check_id(&topic, found);
            let with = with.and_then(|node| table(node, "with", sources, found));
            let Some(workers) = workers else {
                found.push(
                    Diagnostic::new("missing_key", span, "a `job` needs `workers`")
                        .label("who may fetch it?")
                        .help("name the role of the workers: `workers: sensores`"),
                );
                return None;
            };
            (What::Work(Work { topic, workers, with: with.unwrap_or_default() }), TRIES)
        }
    };
    let into = into.map(|node| answer::form(step, node, sources, found));
    if let (What::Send(_), Some(form)) = (&what, &into) {
        found.push(
            Diagnostic::new("wrong_shape", form.id.span, "a mail has no answer")
                .label("`into` belongs to `call`, `job` and `procedure`"),
        );
    }
    let on_error = handlers.map(|node| on_error(node, found)).unwrap_or_default();
    Some(Errand { what, into, on_error, tries, span })
}

fn astray(key: &str, span: Span) -> Diagnostic {
    let belongs = match key {
        "workers" => "it belongs to a `job`",
        "with" => "it belongs to a `job` or a `procedure`",
        _ => "it belongs to a `call`, a `job` or a `procedure`",
    };
    Diagnostic::new("unknown_key", span, format!("`{key}` means nothing here")).label(belongs)
}

fn mail(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<(What, u32)> {
    let mut entries = Entries::open(node, "`send`", found)?;
    let to = match entries.require("to", found).map(|node| (&node.kind, node)) {
        Some((Kind::Sequence(items), _)) => {
            items.iter().filter_map(|node| Line::parse(node, sources, found)).collect()
        }
        Some((_, node)) => Line::parse(node, sources, found).into_iter().collect(),
        None => Vec::new(),
    };
    let mut line = |key, found: &mut Diagnostics| {
        let node = entries.require(key, found)?;
        Line::parse(node, sources, found)
    };
    let (subject, body) = (line("subject", found), line("body", found));
    let attach = entries.texts("attach", found);
    let tries = tries(&mut entries, found);
    entries.finish(found);
    Some((What::Send(Box::new(Mail { to, subject: subject?, body: body?, attach })), tries))
}

fn call(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<(What, u32)> {
    let mut entries = Entries::open(node, "`call`", found)?;
    let service = entries.require_text("service", found);
    if let Some(service) = &service {
        crate::organisation::check_id(service, found);
    }
    let written = Method::ALL.map(|method| (method, entries.get(method.key())));
    let mut there = written.into_iter().filter_map(|(method, node)| Some((method, node?)));
    let way = there.next();
    match (way, there.next()) {
        (Some((one, _)), Some((two, node))) => found.push(
            Diagnostic::new(
                "conflicting_work",
                node.span,
                format!("a call can't have both `{}` and `{}`", one.key(), two.key()),
            )
            .label("one request at a step"),
        ),
        (None, _) => found.push(
            Diagnostic::new("missing_key", node.span, "`call` needs what to ask for")
                .label("`post: /cuentas`, or `get`, `put`, `patch`, `delete`"),
        ),
        _ => {}
    }
    let body = entries.get("body").and_then(|node| Shape::parse(node, sources, found));
    let timeout_ms = timeout(&mut entries, found);
    let tries = tries(&mut entries, found);
    entries.finish(found);
    let (method, node) = way?;
    let path = Line::parse(node, sources, found)?;
    if !node.text().is_some_and(|text| text.starts_with('/')) {
        found.push(
            Diagnostic::new("bad_value", node.span, "a call goes below its service's address")
                .label("begin with `/`")
                .help(
                    "the address itself, and what the service wants to know who asks, stand in the \
                     configuration of the server under the service's name",
                ),
        );
    }
    Some((What::Call(Box::new(Call { service: service?, method, path, body, timeout_ms })), tries))
}

/// A table of expressions.
pub(super) fn table(
    node: &Node,
    what: &str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Shape> {
    if !matches!(node.kind, Kind::Mapping(_)) {
        found.push(wrong_shape(node, what, "a table: `name: expression`"));
        return None;
    }
    Shape::parse(node, sources, found)
}

fn tries(entries: &mut Entries<'_>, found: &mut Diagnostics) -> u32 {
    let tries = entries.count("tries", found);
    match tries {
        Some(tries) if !(1..=MOST_TRIES).contains(&tries) => {
            let span = entries.key_span("tries").unwrap_or(entries.span);
            found.push(
                Diagnostic::new("bad_value", span, "a machine tries from 1 to 50 times")
                    .label("not a number of tries"),
            );
            TRIES
        }
        tries => tries.unwrap_or(TRIES),
    }
}

/// `10 seconds`, `2 minutes`: a limit of the machine's, not a term of the calendar.
fn timeout(entries: &mut Entries<'_>, found: &mut Diagnostics) -> u32 {
    let Some(written) = entries.text("timeout", found) else { return TIMEOUT_MS };
    let parsed = written.split_once(' ').and_then(|(count, unit)| {
        let count: u32 = count.parse().ok()?;
        let unit = match unit.trim() {
            "second" | "seconds" => 1_000,
            "minute" | "minutes" => 60_000,
            _ => return None,
        };
        count.checked_mul(unit).filter(|limit| (1..=MOST_TIMEOUT_MS).contains(limit))
    });
    parsed.unwrap_or_else(|| {
        found.push(
            Diagnostic::new("bad_value", written.span, "this is no limit of time")
                .label("write `10 seconds`, or up to `5 minutes`"),
        );
        TIMEOUT_MS
    })
}

/// `{ E-42: { go: 12 }, any: { end: … } }`; `E-42: 12` is short.
fn on_error(node: &Node, found: &mut Diagnostics) -> Vec<Handler> {
    let mut handlers = Vec::new();
    for (code, node) in crate::yaml::pairs(node, "on_error", found) {
        let is_code = code.len() <= 60 && code.chars().all(|letter| letter.is_ascii_graphic());
        if !is_code {
            found.push(
                Diagnostic::new("bad_id", code.span, format!("`{}` can't be a code", *code))
                    .label("up to 60 letters, digits and signs, without blanks"),
            );
        }
        let target = short_target(node, "a line of `on_error`", found);
        handlers.extend(target.map(|target| Handler { code, target }));
    }
    handlers
}
