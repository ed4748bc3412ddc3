//! Steps as the tables that an owner would have written.

use std::collections::{BTreeMap, BTreeSet};

use super::super::keys::sort_step;
use super::super::name::{activity, on_one_line, short, tidy};
use super::blocks::BESIDE;
use super::chart::{Aside, Flow, Kind, Lost, Node, Ways};
use super::condition::{reads, variable};
use super::plan::{Goal, Item, Level, Plan};
use super::role::SOMEBODY;
use crate::procedure::COMPLETED;
use crate::yaml::plain::{Plain, Table, get, take};

/// How long the name of a branch or an answer is at most when it is made of something else.
const NAME: usize = 40;

/// The steps of a level, in the order of the file.
pub fn steps(plan: &Plan<'_>, items: &[Item], level: Level) -> Table {
    let next = items.iter().skip(1).map(|item| Some(item.node)).chain([None]);
    let steps = items.iter().zip(next).map(|(item, next)| {
        let number = plan.numbers[item.node].clone();
        (number, Plain::Table(step(plan, item, level, next)))
    });
    steps.collect()
}

fn step(plan: &Plan<'_>, item: &Item, level: Level, next: Option<usize>) -> Table {
    let node = &plan.chart.nodes[item.node];
    let mut step = node.own("step").map(|own| own.rest.clone()).unwrap_or_default();
    let is_decision = node.kind == Kind::Choice && !plan.is_by_data(item.node);
    let has_role = get(&step, "role").is_some();
    if !has_role && (node.kind == Kind::Manual || is_decision) {
        let role = node.role.or_else(|| role_before(plan, item.node));
        let role = role.map_or(SOMEBODY, |role| &plan.chart.roles[role].id);
        step.push(("role".to_owned(), Plain::word(role)));
    }
    let says = said(plan, item);
    if !says.is_empty() || is_decision {
        step.push(("activity".to_owned(), Plain::word(says)));
    }
    step.extend(node.keys.iter().cloned());
    if !node.papers.is_empty() {
        let papers = Plain::texts(node.papers.iter().map(String::as_str));
        step.push(("documents".to_owned(), papers));
    }
    if let Kind::Split(ways) = node.kind {
        block(plan, item, ways, &mut step);
        lead(plan, &plan.behind(item.node, level), level, next, &mut step);
    } else if let Some(gateway) = item.choice.or((node.kind == Kind::Choice).then_some(item.node)) {
        choice(plan, gateway, level, &mut step);
    } else if let Some(flow) = plan.chart.well(plan.fan.out(item.node)).next() {
        let goal = plan.goal(plan.chart.flows[flow].to, level);
        lead(plan, &goal, level, next, &mut step);
    }
    errors(plan, item.node, level, &mut step);
    happenings(plan, item, level, &mut step);
    let folded = item.choice.map_or(&[][..], |gateway| &plan.chart.nodes[gateway].lost);
    for lost in node.lost.iter().chain(folded) {
        add_erratum(&mut step, lost);
    }
    sort_step(&mut step);
    step
}

/// A step's activity, with the question of its gateway below it.
fn said(plan: &Plan<'_>, item: &Item) -> String {
    let node = &plan.chart.nodes[item.node];
    let mut said = activity(node.number(), &node.name, node.documentation.as_deref());
    if let Some(gateway) = item.choice {
        let gateway = &plan.chart.nodes[gateway];
        let question = activity(None, &gateway.name, gateway.documentation.as_deref());
        if !question.is_empty() && question != said {
            said = if said.is_empty() { question } else { format!("{said}\n{question}") };
        }
    }
    if said.is_empty() && node.kind == Kind::Choice && !plan.is_by_data(item.node) {
        let labels =
            plan.fan.out(item.node).iter().map(|flow| plan.chart.flows[*flow].name.as_str());
        said = labels.filter(|label| !label.is_empty()).collect::<Vec<_>>().join(" / ");
        if said.is_empty() {
            said.clone_from(&node.id);
        }
    }
    if said.is_empty() && node.kind == Kind::Manual && node.number().is_none() {
        said.clone_from(&node.id);
    }
    said
}

/// Who did what leads to a gateway without a lane.
fn role_before(plan: &Plan<'_>, node: usize) -> Option<usize> {
    let before = plan.fan.leading_to(node).iter().map(|flow| plan.chart.flows[*flow].from);
    let mut roles = before.filter_map(|from| plan.chart.nodes[from].role);
    roles.next()
}

/// `go` or `end`, where the next step isn't meant anyway.
fn lead(plan: &Plan<'_>, goal: &Goal, level: Level, next: Option<usize>, step: &mut Table) {
    let is_last = next.is_none();
    match goal {
        Goal::Step(to) if Some(*to) == next => {}
        Goal::Join if is_last => {}
        Goal::End(outcome) if outcome.is_empty() && is_last && level.is_none() => {}
        _ => step.push(target(plan, goal)),
    }
}

fn target(plan: &Plan<'_>, goal: &Goal) -> (String, Plain) {
    match goal {
        Goal::Step(to) => ("go".to_owned(), Plain::word(plan.numbers[*to].as_str())),
        Goal::Join => ("go".to_owned(), Plain::word("join")),
        Goal::End(outcome) => {
            let outcome = if outcome.is_empty() { COMPLETED } else { outcome };
            ("end".to_owned(), Plain::word(outcome))
        }
    }
}

/// `decide` or `choose`.
fn choice(plan: &Plan<'_>, gateway: usize, level: Level, step: &mut Table) {
    let is_by_data = plan.is_by_data(gateway);
    let mut flows: Vec<&Flow> =
        plan.fan.out(gateway).iter().map(|at| &plan.chart.flows[*at]).collect();
    let mut names = Names::default();
    let (mut decide, mut choose) = (Table::new(), Vec::new());
    if is_by_data {
        // The first condition that holds is taken: what is left over comes last.
        flows.sort_by_key(|flow| flow.is_default || flow.condition.is_none());
    }
    for flow in flows {
        let goal = plan.goal(flow.to, level);
        let exact = flow.own.as_ref().and_then(|own| own.attribute("label"));
        let mut line = flow.own.as_ref().map(|own| own.rest.clone()).unwrap_or_default();
        let condition = flow.condition.as_deref();
        let says = flow.documentation.as_deref().map(|says| ("says", Plain::word(says)));
        if is_by_data {
            let label = Some(exact.unwrap_or(&flow.name)).filter(|label| {
                !label.is_empty() && condition.map(on_one_line).as_deref() != Some(label)
            });
            let when = condition.map(|when| ("when", Plain::word(when)));
            let label = label.map(|label| ("label", Plain::text(label)));
            let head = when.into_iter().map(|(key, value)| (key.to_owned(), value));
            let tail = label.into_iter().chain(says).map(|(key, value)| (key.to_owned(), value));
            let head: Table = head.chain([target(plan, &goal)]).chain(tail).collect();
            line.splice(0..0, head);
            choose.push(Plain::Table(line));
        } else {
            let named = Some(exact.unwrap_or(&flow.name)).filter(|name| !name.is_empty());
            let name = named.or(condition).map(str::to_owned);
            let name = names.unique(name.unwrap_or_else(|| goal_name(plan, &goal)));
            let says = says.into_iter().map(|(key, value)| (key.to_owned(), value));
            let head: Table = [target(plan, &goal)].into_iter().chain(says).collect();
            line.splice(0..0, head);
            let value = match (&goal, line.as_slice()) {
                (Goal::Step(_) | Goal::Join, [(_, only)]) => only.clone(),
                _ => Plain::Table(line),
            };
            decide.push((name, value));
        }
    }
    if is_by_data {
        step.push(("choose".to_owned(), Plain::List(choose)));
    } else {
        step.push(("decide".to_owned(), Plain::Table(decide)));
    }
}

/// `on_error`, for each code that the diagram has a way for.
fn errors(plan: &Plan<'_>, node: usize, level: Level, step: &mut Table) {
    let mut lines = Table::new();
    for flow in plan.fan.out(node).iter().map(|flow| &plan.chart.flows[*flow]) {
        let Some(Aside::Error(code)) = &flow.aside else { continue };
        if get(&lines, code).is_some() {
            continue;
        }
        let mut line = vec![target(plan, &plan.goal(flow.to, level))];
        line.extend(flow.own.iter().flat_map(|own| own.rest.clone()));
        lines.push((code.clone(), Plain::Table(line)));
    }
    if !lines.is_empty() {
        step.push(("on_error".to_owned(), Plain::Table(lines)));
    }
}

/// The lines of `on` that lead away or begin something, among those that are there.
fn happenings(plan: &Plan<'_>, item: &Item, level: Level, step: &mut Table) {
    let mut away: Vec<(usize, Plain)> = Vec::new();
    for at in plan.fan.out(item.node) {
        let flow = &plan.chart.flows[*at];
        let (place, mut line) = match &flow.aside {
            Some(Aside::Happening(place, line) | Aside::Beside(place, line)) => {
                (*place, line.clone())
            }
            _ => continue,
        };
        line.push(match item.besides.iter().find(|(beside, _)| beside == at) {
            Some((_, items)) => {
                let does = steps(plan, items, Some((item.node, BESIDE + at)));
                ("does".to_owned(), Plain::Table(does))
            }
            None => target(plan, &plan.goal(flow.to, level)),
        });
        away.push((place, Plain::Table(line)));
    }
    if away.is_empty() {
        return;
    }
    let mut lines = match take(step, "on") {
        Some(Plain::List(lines)) => lines,
        other => other.into_iter().collect(),
    };
    away.sort_by_key(|(place, _)| *place);
    for (place, line) in away {
        lines.insert(place.min(lines.len()), line);
    }
    let lines = if lines.len() == 1 { lines.remove(0) } else { Plain::List(lines) };
    step.push(("on".to_owned(), lines));
}

/// An answer that is not named there, by what it leads to.
fn goal_name(plan: &Plan<'_>, goal: &Goal) -> String {
    let name = match goal {
        Goal::Step(to) => {
            let node = &plan.chart.nodes[*to];
            if node.name.is_empty() { node.id.clone() } else { node.name.clone() }
        }
        Goal::End(outcome) if !outcome.is_empty() => outcome.clone(),
        Goal::End(_) | Goal::Join => COMPLETED.to_owned(),
    };
    cut(&name)
}

fn cut(name: &str) -> String {
    let name = short(name);
    if name.chars().count() <= NAME {
        return name;
    }
    format!("{}…", name.chars().take(NAME - 1).collect::<String>().trim_end())
}

/// Names that have been given away in one table.
#[derive(Default)]
struct Names {
    given: BTreeSet<String>,
    /// The last number behind each name: thousands of ways may be called the same.
    last: BTreeMap<String, u32>,
}

impl Names {
    /// `name`, or with a number behind it when it has been given away.
    fn unique(&mut self, name: String) -> String {
        let mut unique = name.clone();
        while !self.given.insert(unique.clone()) {
            let last = self.last.entry(name.clone()).or_insert(1);
            *last += 1;
            unique = format!("{name} ({last})");
        }
        unique
    }
}

fn node_of<'a>(plan: &Plan<'a>, item: &Item) -> &'a Node {
    &plan.chart.nodes[item.node]
}

/// `parallel`, `choose_any` or what else begins branches.
fn block(plan: &Plan<'_>, item: &Item, ways: Ways, step: &mut Table) {
    if matches!(node_of(plan, item).block, Some("each" | "repeat")) {
        let inner = item.branches.first().map(|(_, items)| items.as_slice()).unwrap_or_default();
        let inner = steps(plan, inner, Some((item.node, 0)));
        step.push(("steps".to_owned(), Plain::Table(inner)));
        return;
    }
    let is_some = ways == Ways::Some;
    let mut names = Names::default();
    let mut branches = Table::new();
    for (place, (flow, items)) in item.branches.iter().enumerate() {
        let flow = &plan.chart.flows[*flow];
        let first = items.first().map(|item| &plan.chart.nodes[item.node]);
        let name = match first {
            _ if !flow.name.is_empty() => flow.name.clone(),
            Some(first) if !first.name.is_empty() => cut(&first.name),
            _ => format!("{}", place + 1),
        };
        let mut branch = Table::new();
        let is_else = flow.is_default || flow.own.as_ref().is_some_and(|own| own.tag == "branch");
        if is_some && is_else {
            branch.push(("else".to_owned(), Plain::word("true")));
        } else if is_some {
            let condition = flow.condition.clone().filter(|condition| reads(condition));
            let when = condition.unwrap_or_else(|| variable(&name));
            branch.push(("when".to_owned(), Plain::word(when)));
        }
        // "when" and "else" are no names of steps, and a branch may be called like anything.
        branch.extend(steps(plan, items, Some((item.node, place))));
        branches.push((names.unique(name), Plain::Table(branch)));
    }
    let usual = if is_some { "choose_any" } else { "parallel" };
    let key = node_of(plan, item).block.unwrap_or(usual);
    step.push((key.to_owned(), Plain::Table(branches)));
}

/// What was lost, as an erratum that the owner reads and the board approves.
pub fn erratum(lost: &Lost) -> Plain {
    let says = tidy(&lost.says);
    Plain::Table(vec![
        ("says".to_owned(), Plain::word(says)),
        ("why".to_owned(), Plain::word(lost.why.as_str())),
    ])
}

fn add_erratum(step: &mut Table, lost: &Lost) {
    let erratum = erratum(lost);
    let known = get(step, "erratum").is_some().then(|| take(step, "erratum")).flatten();
    let value = match known {
        None => erratum,
        Some(Plain::List(mut list)) => {
            list.push(erratum);
            Plain::List(list)
        }
        Some(one) => Plain::List(vec![one, erratum]),
    };
    step.push(("erratum".to_owned(), value));
}
