//! What stands in the box of a step, shortened and broken to the box's width.

use super::alone;
use super::chart::{
    Card, GATE, LEADING, MAIN, Mark, Node, Port, PortKind, SMALL, Shape, Sign, TEXT, WIDTH,
};
use super::text::{bold_width, clip, wrap};
use super::words::Words;
use crate::expression::Expression;
use crate::organisation::Role;
use crate::procedure::{Begins, Block, Executable, Merge, Step, Strand, Then, Way};
use crate::yaml::Spanned;

const LINES: usize = 4;
/// Signs, of which the last tells how many more there are.
const MARKS: usize = 4;

/// The box of a step.
pub fn card(executable: &Executable, step: &Step, lane: usize, words: &Words) -> Node {
    let width = if step.block.is_some() { GATE } else { WIDTH };
    let number = clip(&step.id, 15, width - 40);
    let badge = (bold_width(&number, 15) + 12).max(26);
    let beside = width - 8 - badge - 8 - 8;
    let mut ways = labels(step, words);
    // A question's further paragraphs are its answers, and these stand below.
    // What may happen meanwhile is no answer, and stands below them.
    let has_answers = !ways.is_empty();
    ways.extend(happenings(executable, step));
    let paragraphs = if has_answers { first_line(&step.activity) } else { step.activity.len() };
    let activity = match &step.block {
        Some(block) if paragraphs == 0 => begins(block, words),
        _ => &step.activity[..paragraphs],
    };
    let own_work = activity.trim().is_empty().then(|| alone::work(executable, step));
    let activity = own_work.as_deref().unwrap_or(activity);
    let lines = wrap(activity, TEXT, LINES, |line| if line < 2 { beside } else { width - 18 });
    let mut marks = marks(executable, step);
    marks.extend(
        flow(step, words)
            .iter()
            .map(|line| Mark { sign: Sign::Flow, lines: wrap(line, SMALL, 2, |_| width - 34) }),
    );
    let marks_from = (LEADING * lines.len() as i32 + 10).max(42);
    let mut height = marks_from + marks.iter().map(Mark::height).sum::<i32>() + 5;
    // Ways out lie on a grid of tens around the main line; see `route`.
    height += (MAIN - height).rem_euclid(10);
    let mut ports = Vec::new();
    for (label, kind) in ways {
        let lines = wrap(&label, SMALL, 2, |_| width - 26);
        let room = if lines.len() > 1 { 40 } else { 20 };
        ports.push(Port { lines, offset: height + room / 2 - MAIN, height: room, kind });
        height += room;
    }
    let (full, is_gate) = (full(executable, step), step.block.is_some());
    let card = Card { number, badge, lines, marks_from, marks, ports, full, is_gate };
    let below = height - MAIN;
    Node { lane, shape: Shape::Step(card), width, above: MAIN, below }
}

/// What a block says that has no activity of its own.
fn begins(block: &Block, words: &Words) -> &'static str {
    match block.begins {
        Begins::All => words.at_once,
        Begins::Chosen => words.as_needed,
        Begins::AnyOrder { .. } => words.any_order,
        Begins::Each(_) => words.each,
        Begins::Repeat(_) => words.repeat,
        Begins::First => words.first,
    }
}

/// Ways that lead out of a step, or to what begins beside it, because of something that happens meanwhile.
fn happenings(executable: &Executable, step: &Step) -> impl Iterator<Item = (String, PortKind)> {
    let organisation = &executable.organisation;
    step.on.iter().enumerate().filter_map(move |(line, happening)| {
        let leads = matches!(happening.then, Then::Leave(_) | Then::Does(_));
        leads.then(|| (happening.awaited.title(organisation), PortKind::Happening(line)))
    })
}

/// The bytes of the first line that says something.
fn first_line(text: &str) -> usize {
    let blank = text.len() - text.trim_start().len();
    text[blank..].find('\n').map_or(text.len(), |end| blank + end)
}

/// The label of each way out; none for a step that simply leads on.
fn labels(step: &Step, words: &Words) -> Vec<(String, PortKind)> {
    if let Some(block) = &step.block {
        let kind = match block.begins {
            Begins::Chosen | Begins::First => PortKind::Condition,
            _ => PortKind::Branch,
        };
        let otherwise = block.may_be_skipped().then(|| skipped(block, words));
        let strands = block.strands.iter().map(|strand| branch(block, strand, words));
        return strands.chain(otherwise).map(|name| (name, kind)).collect();
    }
    let mut ways = match &step.way {
        Way::On(_) if step.handlers().is_empty() => Vec::new(),
        Way::On(_) => vec![(words.done.to_owned(), PortKind::Condition)],
        Way::Decide(choices) => {
            choices.iter().map(|choice| (choice.label.value.clone(), PortKind::Decision)).collect()
        }
        Way::Choose(branches) => branches
            .iter()
            .map(|branch| {
                let condition = branch.when.as_ref().map(|when| when.source.as_str());
                let label = branch.label.as_deref().or(condition).unwrap_or(words.otherwise);
                (label.to_owned(), PortKind::Condition)
            })
            .collect(),
    };
    let codes = step.handlers().iter().map(|handler| handler.code.value.clone());
    ways.extend(codes.map(|code| (code, PortKind::Condition)));
    ways
}

/// What stands at the beginning of a branch.
fn branch(block: &Block, strand: &Strand, words: &Words) -> String {
    match &block.begins {
        Begins::Each(each) if each.alias.is_some() => {
            format!("{}: {}", words.each, *strand.name)
        }
        Begins::Each(_) => words.each.to_owned(),
        Begins::Repeat(repeat) => {
            let condition = |word, condition: &Option<Expression>| {
                condition.as_ref().map(|condition| format!("{word} {}", condition.source))
            };
            let until = condition(words.until, &repeat.until);
            let as_long_as = condition(words.as_long_as, &repeat.as_long_as);
            let at_most = repeat.at_most.map(|most| format!("≤ {most}"));
            let all: Vec<String> = as_long_as.into_iter().chain(until).chain(at_most).collect();
            all.join(" · ")
        }
        _ => strand.name.value.clone(),
    }
}

/// The way around all branches.
fn skipped(block: &Block, words: &Words) -> String {
    let word = if block.is_each() { words.no_item } else { words.otherwise };
    word.to_owned()
}

/// What is special about the flow of tokens at a step.
fn flow(step: &Step, words: &Words) -> Vec<String> {
    let control = &step.control;
    let named = |names: &[Spanned<String>]| {
        names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let merges = control.merges.map(|merge| match merge {
        Merge::Tokens(tokens) => format!("{tokens} → 1"),
        Merge::Active => words.waits_for_all.to_owned(),
    });
    let spawn = control.spawn.as_ref().map(|spawn| format!("1 → {}", spawn.value));
    let mutex = control.mutex.as_ref().map(|mutex| {
        let among = if mutex.is_shared() { words.one_of_all } else { words.one_at_a_time };
        format!("{} ({among})", *mutex.name)
    });
    let milestone =
        control.enabled_while.as_ref().map(|step| format!("{} {}", words.only_while, **step));
    let cancels = (!control.cancels.is_empty())
        .then(|| format!("{}: {}", words.withdraws, named(&control.cancels)));
    [merges, mutex, milestone, spawn, cancels].into_iter().flatten().collect()
}

fn marks(executable: &Executable, step: &Step) -> Vec<Mark> {
    let small = |text: &str| wrap(text, SMALL, 2, |_| WIDTH - 34);
    let mut marks: Vec<Mark> = Vec::new();
    if let Some(errand) = &step.errand {
        marks.push(Mark { sign: Sign::Machine, lines: small(&errand.name()) });
    }
    for issue in step.all_issues() {
        let document = executable.documents.get(issue.name.as_str());
        let title = document.map_or(issue.name.as_str(), |document| &document.title);
        let copies = issue.copies.or(document.map(|document| document.copies)).unwrap_or(1);
        let times = if copies > 1 { format!(" ×{copies}") } else { String::new() };
        let is_always =
            issue.when.is_none() && step.issues.iter().any(|own| own.name == issue.name);
        let sign = if is_always { Sign::Paper } else { Sign::MaybePaper };
        let paper = Mark { sign, lines: small(&format!("{title}{times}")) };
        if !marks.contains(&paper) {
            marks.push(paper);
        }
    }
    if marks.len() > MARKS {
        let more = marks.len() - MARKS + 1;
        marks.truncate(MARKS - 1);
        marks.push(Mark { sign: Sign::Paper, lines: vec![format!("+{more}")] });
    }
    if let Some(role) = step.role.as_ref().and_then(|role| executable.organisation.role(role))
        && role.is_external
        && let Some(queue) = executable.queue(step).filter(|queue| *role.id != *queue)
    {
        marks.push(Mark { sign: Sign::Person, lines: small(called(executable, queue)) });
    }
    marks
}

/// A role's abbreviation, or else its title.
fn called<'a>(executable: &'a Executable, id: &'a str) -> &'a str {
    let title = |role: &'a Role| role.short.as_deref().unwrap_or(role.title.as_str());
    executable.organisation.role(id).map_or(id, title)
}

fn full(executable: &Executable, step: &Step) -> String {
    let role = step.role.as_ref().and_then(|role| executable.organisation.role(role));
    let who = role.map(|role| format!(" · {}", role.title)).unwrap_or_default();
    let mut full = format!("{}{who}: {}", *step.id, step.activity.trim());
    for issue in step.all_issues() {
        let document = executable.documents.get(issue.name.as_str());
        full.push_str("\n· ");
        full.push_str(document.map_or(issue.name.as_str(), |document| &document.title));
    }
    full
}
