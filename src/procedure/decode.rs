//! A procedure from YAML.

use super::control::control;
use super::event::{Events, events};
use super::look_up::look_ups;
use super::moves::moves;
use super::opening::{self, Opened, Shape};
use super::table::{self, Table};
use super::{
    Assign, Branch, Choice, DocumentUse, Procedure, Save, Set, Starts, Step, Target, Way, errand,
};
use crate::calendar::{Retention, Term};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::{Expression, Line};
use crate::field::check_name;
use crate::organisation::{check_id, errata, erratum};
use crate::yaml::{Entries, Kind, Node, Spanned, no_table, pairs, text, texts, wrong_shape};

/// Reads a procedure's file.
pub fn decode(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Procedure> {
    let mut entries = Entries::open(node, "a procedure", found)?;
    let id = entries.require_text("procedure", found)?;
    check_id(&id, found);
    let section = entries.text("section", found).map(|section| section.value);
    let title = entries.require_text("title", found).map(|title| title.value);
    let objective = entries.text("objective", found).map(|objective| objective.value);
    let category = entries.texts("category", found).into_iter().map(|part| part.value).collect();
    let subject =
        entries.get("subject").and_then(|node| Line::parse(node, sources, found)).map(Line::spoken);
    let inputs = entries.get("inputs").map(|node| errand::inputs(node, sources, found));
    let outputs = set(&mut entries, "outputs", sources, found);
    // What other procedures begin needs nobody who begins it.
    let starts =
        if inputs.is_some() { entries.get("starts") } else { entries.require("starts", found) };
    let starts = Starts::read(starts, found);
    let begins_alone = inputs.is_some() || starts.schedule.is_some() || starts.message.is_some();
    let cancels = if starts.by.is_empty() && begins_alone {
        entries.require("cancels", found)
    } else {
        entries.get("cancels")
    };
    let cancels = by(cancels, "cancels", found);
    let retention = entries.text("retention", found);
    let retention = retention.and_then(|written| Retention::parse(&written, found));
    let errata = errata(&mut entries, found);
    let mut steps = Vec::new();
    if let Some(node) = entries.require("steps", found) {
        let written = match node.kind {
            Kind::Mapping(_) => pairs(node, "steps", found),
            _ => {
                let example = "1: { role: desk, activity: What is done. }";
                found.push(no_table(node, "steps", example));
                Vec::new()
            }
        };
        let mut table = Table { sources, found, steps };
        table.level(written, None, 0);
        steps = table.steps;
        table::report_twice(&steps, found);
        if steps.is_empty() && matches!(&node.kind, Kind::Mapping(entries) if entries.is_empty()) {
            found.push(wrong_shape(node, "steps", "a table with at least one step"));
        }
    }
    entries.finish(found);
    Some(Procedure {
        title: title.unwrap_or_else(|| id.value.clone()),
        cancels: if cancels.is_empty() { starts.by.clone() } else { cancels },
        id,
        section,
        objective,
        category,
        subject,
        starts,
        inputs,
        outputs,
        retention,
        errata,
        steps,
    })
}

/// `{ by: role }` or `{ by: [roles] }`.
fn by(node: Option<&Node>, what: &'static str, found: &mut Diagnostics) -> Vec<Spanned<String>> {
    let Some(mut entries) = node.and_then(|node| Entries::open(node, what, found)) else {
        return Vec::new();
    };
    entries.require("by", found);
    let roles = entries.texts("by", found);
    entries.finish(found);
    roles
}

/// What other tools call the keys of a step.
const MEANT: [(&str, &str); 22] = [
    ("actor", "role"),
    ("assignee", "role"),
    ("condition", "choose"),
    ("deadline", "due"),
    ("description", "activity"),
    ("document", "issues"),
    ("fields", "form"),
    ("forms", "form"),
    ("goto", "go"),
    ("if", "choose"),
    ("name", "activity"),
    ("next", "go"),
    ("options", "decide"),
    ("outcome", "end"),
    ("performer", "role"),
    ("prints", "issues"),
    ("roles", "role"),
    ("then", "go"),
    ("timer", "wait"),
    ("title", "activity"),
    ("when", "choose"),
    ("who", "role"),
];

/// A step, and its branches as they are written.
pub(super) struct Written<'n> {
    pub(super) step: Step,
    pub(super) block: Option<Opened<'n>>,
    /// Those beside it, by the lines of its `on`.
    pub(super) does: Vec<(usize, &'n Node)>,
}

pub(super) fn step<'n>(
    id: Spanned<String>,
    node: &'n Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Written<'n>> {
    let fits = id.chars().next().is_some_and(|first| first.is_ascii_digit())
        && id.chars().all(|letter| letter.is_alphanumeric() || letter == '.')
        && id.len() <= 12;
    if !fits {
        found.push(
            Diagnostic::new("bad_id", id.span, format!("`{}` can't be a step's number", id.value))
                .label("a step has the manual's number, such as 7 or 7a"),
        );
    }
    let mut entries = Entries::open(node, "a step", found)?.meaning(&MEANT);
    let role = entries.text("role", found);
    let attended_by = entries.text("attended_by", found);
    let activity = if role.is_some() {
        entries.require_text("activity", found)
    } else {
        entries.text("activity", found)
    };
    let documents = entries.get("documents").map(|node| texts(node, "documents", found));
    let way = way(&mut entries, sources, found);
    let (opened, merges) = match opening::open(&mut entries, sources, found) {
        Shape::Block(opened) => (Some(*opened), None),
        Shape::Step(merges) => (None, merges),
    };
    let Events { wait, on, does, sends, signals, suspends } = events(&mut entries, sources, found);
    let errand = errand::open(&id, &mut entries, sources, found);
    let step = Step {
        role,
        attended_by,
        activity: activity.map(|activity| activity.value).unwrap_or_default(),
        documents: documents.map(|list| list.into_iter().map(|document| document.value).collect()),
        forms: entries.texts("form", found),
        hands_in: entries.texts("hands_in", found),
        issues: uses(&mut entries, "issues", sources, found),
        receives: uses(&mut entries, "receives", sources, found),
        signs: uses(&mut entries, "signs", sources, found),
        saves: saves(&mut entries, found),
        assigns: entries
            .pairs("assigns", found)
            .into_iter()
            .filter_map(|(variable, node)| {
                Some(Assign { variable, series: text(node, "assigns", found)? })
            })
            .collect(),
        moves: moves(&mut entries, sources, found),
        looks_up: look_ups(&mut entries, sources, found),
        set: set(&mut entries, "set", sources, found),
        way,
        due: term(&mut entries, "due", found),
        opens: term(&mut entries, "opens", found),
        not_by: entries.texts("not_by", found),
        errata: step_errata(&mut entries, found),
        errand,
        control: control(&mut entries, merges, found),
        wait,
        on,
        sends,
        signals,
        suspends,
        block: None,
        within: None,
        id,
    };
    entries.finish(found);
    Some(Written { step, block: opened, does })
}

/// One erratum or a list of them.
fn step_errata(
    entries: &mut Entries<'_>,
    found: &mut Diagnostics,
) -> Vec<crate::organisation::Erratum> {
    match entries.get("erratum") {
        None => Vec::new(),
        Some(node) => match &node.kind {
            Kind::Sequence(items) => items.iter().filter_map(|node| erratum(node, found)).collect(),
            _ => erratum(node, found).into_iter().collect(),
        },
    }
}

fn term(
    entries: &mut Entries<'_>,
    key: &'static str,
    found: &mut Diagnostics,
) -> Option<(Term, Spanned<String>)> {
    let written = entries.text(key, found)?;
    let term = Term::parse(&written, found)?;
    if key == "due" && term.step().is_some() {
        found.push(
            Diagnostic::new("bad_term", written.span, "a due date counts from this step itself")
                .label("`after` belongs to `opens`"),
        );
        return None;
    }
    Some((term, written))
}

/// A name, a list of names, or `{ name: { when, copies } }`.
fn uses(
    entries: &mut Entries<'_>,
    key: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<DocumentUse> {
    let Some(node) = entries.get(key) else { return Vec::new() };
    let plain = |name| DocumentUse { name, copies: None, when: None };
    if !matches!(node.kind, Kind::Mapping(_)) {
        return texts(node, key, found).into_iter().map(plain).collect();
    }
    let mut uses = Vec::new();
    for (name, node) in pairs(node, key, found) {
        let Some(mut entries) = Entries::open(node, "a document here", found) else { continue };
        let when = entries.get("when").and_then(|node| Expression::parse(node, sources, found));
        let copies = if key == "issues" { entries.count("copies", found) } else { None };
        if copies.is_some_and(|copies| !(1..=20).contains(&copies)) {
            let span = entries.key_span("copies").unwrap_or(entries.span);
            found.push(
                Diagnostic::new("bad_value", span, "from 1 to 20 copies can be printed")
                    .label("not a number of copies"),
            );
        }
        entries.finish(found);
        uses.push(DocumentUse { name, copies, when });
    }
    uses
}

fn saves(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Vec<Save> {
    entries
        .pairs("saves", found)
        .into_iter()
        .filter_map(|(register, node)| {
            Some(Save { register, variable: text(node, "saves", found)? })
        })
        .collect()
}

fn set(
    entries: &mut Entries<'_>,
    key: &'static str,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<Set> {
    entries
        .pairs(key, found)
        .into_iter()
        .filter_map(|(variable, node)| {
            for part in variable.split('.') {
                check_name(&Spanned::new(part.to_owned(), variable.span), found);
            }
            Some(Set { variable, value: Expression::parse(node, sources, found)? })
        })
        .collect()
}

fn way(entries: &mut Entries<'_>, sources: &Sources, found: &mut Diagnostics) -> Way {
    const KEYS: [&str; 4] = ["decide", "choose", "go", "end"];
    let written: Vec<&'static str> =
        KEYS.into_iter().filter(|key| entries.key_span(key).is_some()).collect();
    if let [first, second, ..] = *written {
        let mut spans = [(entries.key_span(first), first), (entries.key_span(second), second)];
        spans.sort_unstable();
        if let [(Some(one), first), (Some(two), second)] = spans {
            found.push(
                Diagnostic::new(
                    "conflicting_ways",
                    two,
                    format!("a step can't have both `{first}` and `{second}`"),
                )
                .label("and this too")
                .also(one, "the step leads on by this")
                .help("keep one; `decide` is for the person, `choose` for the data"),
            );
        }
    }
    let target = target(entries, false, found);
    let decide = match entries.get("decide") {
        Some(node) if matches!(node.kind, Kind::Mapping(_)) => pairs(node, "decide", found),
        Some(node) => {
            let example = "decide: { Approved: 4, Rejected: { end: rejected } }";
            found.push(no_table(node, "decide", example));
            return Way::On(target);
        }
        None => Vec::new(),
    };
    let choose = entries.list("choose", found);
    for (key, is_empty) in [("decide", decide.is_empty()), ("choose", choose.is_empty())] {
        if let Some(node) = entries.get(key).filter(|_| is_empty) {
            found.push(
                Diagnostic::new("wrong_shape", node.span, format!("`{key}` leaves no choice"))
                    .label("nothing to choose from"),
            );
        }
    }
    if !decide.is_empty() {
        let choice = |(label, node)| choice(label, node, sources, found);
        return Way::Decide(decide.into_iter().filter_map(choice).collect());
    }
    if !choose.is_empty() {
        let branches = choose.iter().filter_map(|node| branch(node, sources, found));
        return Way::Choose(branches.collect());
    }
    Way::On(target)
}

/// `go` or `end`; both on one line is reported when `alone`.
pub(super) fn target(entries: &mut Entries<'_>, alone: bool, found: &mut Diagnostics) -> Target {
    let jump = entries.text("go", found);
    let end = entries.text("end", found);
    if alone && let (Some(_), Some(_)) = (&jump, &end) {
        let mut spans = [entries.key_span("go"), entries.key_span("end")];
        spans.sort_unstable();
        if let [Some(one), Some(two)] = spans {
            found.push(
                Diagnostic::new("conflicting_ways", two, "a way can't both go on and end")
                    .label("and this too")
                    .also(one, "it leads on by this"),
            );
        }
    }
    match (jump, end) {
        (Some(step), _) => go(step),
        (None, Some(outcome)) => Target::End(outcome),
        (None, None) => Target::Next,
    }
}

/// A way on its own: `{ go: 12 }`, `{ end: outcome }`, or in short the step.
pub(super) fn short_target(
    node: &Node,
    what: &'static str,
    found: &mut Diagnostics,
) -> Option<Target> {
    if let Some(step) = node.text().filter(|_| !node.is_null()) {
        return Some(go(Spanned::new(step.to_owned(), node.span)));
    }
    let mut entries = Entries::open(node, what, found)?;
    let target = target(&mut entries, true, found);
    entries.finish(found);
    Some(target)
}

/// No step is called `join`: their numbers begin with a digit.
fn go(to: Spanned<String>) -> Target {
    if to.as_str() == "join" { Target::Join(to.span) } else { Target::Go(to) }
}

fn choice(
    label: Spanned<String>,
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Choice> {
    // The short form `Sí cumple: 3` reads like the manual, too.
    if let Some(step) = node.text().filter(|_| !node.is_null()) {
        let target = go(Spanned::new(step.to_owned(), node.span));
        return Some(Choice {
            label,
            target,
            says: None,
            saves: Vec::new(),
            moves: Vec::new(),
            set: Vec::new(),
            issues: Vec::new(),
        });
    }
    let mut entries = Entries::open(node, "a choice", found)?;
    let choice = Choice {
        target: target(&mut entries, true, found),
        says: entries.text("says", found).map(|says| says.value),
        saves: saves(&mut entries, found),
        moves: moves(&mut entries, sources, found),
        set: set(&mut entries, "set", sources, found),
        issues: uses(&mut entries, "issues", sources, found),
        label,
    };
    entries.finish(found);
    Some(choice)
}

fn branch(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Branch> {
    let mut entries = Entries::open(node, "a line of `choose`", found)?;
    let branch = Branch {
        when: entries.get("when").and_then(|node| Expression::parse(node, sources, found)),
        label: entries.text("label", found).map(|label| label.value),
        says: entries.text("says", found).map(|says| says.value),
        target: target(&mut entries, true, found),
        span: node.span,
    };
    entries.finish(found);
    Some(branch)
}
