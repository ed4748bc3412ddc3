//! Which elements become steps, on which level they stand, and what they are called there.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{BESIDE, Blocks};
use super::chart::{Chart, Kind};
use super::order::order;
use crate::diagram::Fan;

/// A step to be, with the steps of its branches.
#[derive(Debug)]
pub struct Item {
    pub node: usize,
    /// The gateway behind it that is its choice.
    pub choice: Option<usize>,
    /// Each with the arrow into it.
    pub branches: Vec<(usize, Vec<Item>)>,
    /// What begins beside it, each with the arrow to it.
    pub besides: Vec<(usize, Vec<Item>)>,
}

/// A branch of a block: its split, and which of its branches.
pub type Level = Option<(usize, usize)>;

pub struct Plan<'a> {
    pub chart: &'a Chart,
    pub blocks: &'a Blocks,
    order: Vec<usize>,
    /// The arrows of each node.
    pub fan: Fan,
    /// Those that are steps, in their order, by the level that they stand on.
    levels: BTreeMap<Level, Vec<usize>>,
    /// For each step: the gateway that is its choice.
    choices: Vec<Option<usize>>,
    is_folded: Vec<bool>,
    /// For each node that is a step.
    pub numbers: Vec<String>,
}

/// Where an arrow leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    Step(usize),
    /// The branch ends.
    Join,
    /// The case ends, with an outcome or without a name for it.
    End(String),
}

impl<'a> Plan<'a> {
    pub fn of(chart: &'a Chart, blocks: &'a Blocks) -> Self {
        let count = chart.nodes.len();
        let mut plan = Self {
            fan: chart.fan(),
            levels: BTreeMap::new(),
            chart,
            blocks,
            order: order(chart, blocks),
            choices: vec![None; count],
            is_folded: vec![false; count],
            numbers: vec![String::new(); count],
        };
        for at in 0..count {
            if let Some(step) = plan.folds_into(at) {
                plan.choices[step] = Some(at);
                plan.is_folded[at] = true;
            }
        }
        for at in &plan.order {
            if plan.is_item(*at) {
                plan.levels.entry(blocks.within[*at]).or_default().push(*at);
            }
        }
        plan
    }

    /// The step whose own choice a gateway is: the one right before it, of the same person.
    fn folds_into(&self, gateway: usize) -> Option<usize> {
        let chart = self.chart;
        let node = &chart.nodes[gateway];
        if node.kind != Kind::Choice || node.own("step").is_some() {
            return None;
        }
        let [only] = *self.fan.leading_to(gateway) else { return None };
        let step = chart.flows[only].from;
        let before = &chart.nodes[step];
        let is_same = node.role.is_none() || before.role == node.role;
        let may = match before.kind {
            Kind::Manual => is_same || self.is_by_data(gateway),
            Kind::Automatic => self.is_by_data(gateway),
            _ => false,
        };
        let is_plain = chart.flows[only].name.is_empty() && chart.flows[only].aside.is_none();
        (may && is_plain).then_some(step)
    }

    /// Whether the data takes a gateway's way, and nobody is asked.
    pub fn is_by_data(&self, gateway: usize) -> bool {
        let node = &self.chart.nodes[gateway];
        if let Some(kind) = node.own("way").and_then(|own| own.attribute("kind")) {
            return kind == "choose";
        }
        if node.own("step").is_some() {
            return true;
        }
        let flows = || self.fan.out(gateway).iter().map(|flow| &self.chart.flows[*flow]);
        let mut asked = flows().filter(|flow| !flow.is_default);
        let reads = |flow: &super::chart::Flow| {
            flow.condition.as_deref().is_some_and(super::condition::reads)
        };
        flows().any(|flow| flow.condition.is_some()) && asked.all(reads)
    }

    /// The steps of one level, with those below them.
    pub fn level(&self, level: Level) -> Vec<Item> {
        self.levels.get(&level).into_iter().flatten().map(|node| self.item(*node)).collect()
    }

    fn item(&self, node: usize) -> Item {
        let block = self.blocks.of[node].as_ref();
        let branches = block.map_or(&[][..], |block| &block.branches).iter().enumerate();
        let chart = self.chart;
        let besides = self.fan.out(node).iter().filter(|flow| chart.flows[**flow].is_beside());
        Item {
            node,
            besides: besides.map(|flow| (*flow, self.level(Some((node, BESIDE + flow))))).collect(),
            choice: self.choices[node],
            branches: branches
                .map(|(place, flow)| (*flow, self.level(Some((node, place)))))
                .collect(),
        }
    }

    fn is_item(&self, at: usize) -> bool {
        match self.chart.nodes[at].kind {
            Kind::Manual | Kind::Automatic => true,
            Kind::Choice => !self.is_folded[at],
            Kind::Split(_) => self.blocks.of[at].is_some(),
            _ => false,
        }
    }

    /// Where an arrow to `to` leads a step of this level.
    pub fn goal(&self, to: usize, level: Level) -> Goal {
        let exit_of = |split: usize| self.blocks.of[split].as_ref().and_then(|own| own.exit);
        let exit = level.map(|(split, place)| exit_of(split).filter(|_| place < BESIDE));
        let mut at = to;
        // No way passes a node twice without a step.
        for _ in 0..=self.chart.nodes.len() {
            if exit == Some(Some(at)) {
                return Goal::Join;
            }
            let node = &self.chart.nodes[at];
            if let Kind::End { ends_all } = node.kind {
                let meets_at_end = match exit {
                    Some(Some(exit)) => matches!(self.chart.nodes[exit].kind, Kind::End { .. }),
                    Some(None) => true,
                    None => false,
                };
                if meets_at_end && !ends_all {
                    return Goal::Join;
                }
                return Goal::End(node.name.clone());
            }
            if self.is_item(at) {
                return Goal::Step(at);
            }
            match self.fan.out(at).first() {
                Some(flow) => at = self.chart.flows[*flow].to,
                None => break,
            }
        }
        if level.is_some() { Goal::Join } else { Goal::End(String::new()) }
    }

    /// Where a case goes behind a block.
    pub fn behind(&self, split: usize, level: Level) -> Goal {
        match self.blocks.of[split].as_ref().and_then(|block| block.exit) {
            Some(exit) => self.goal(exit, level),
            None if level.is_some() => Goal::Join,
            None => Goal::End(String::new()),
        }
    }

    /// Numbers the steps as they will stand in the file: tramite's own numbers stay, and what is new
    /// among them gets the number before it with a letter, as manuals do.
    pub fn number(&mut self, items: &[Item]) {
        let mut all = Vec::new();
        collect(items, &mut all);
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for at in &all {
            let number = self.chart.nodes[*at].number().filter(|number| is_number(number));
            if let Some(number) = number
                && taken.insert(number.to_owned())
            {
                number.clone_into(&mut self.numbers[*at]);
            }
        }
        let is_numbered = !taken.is_empty();
        let mut last = "0".to_owned();
        let mut further = (1_001..).map(|number| format!("{number}"));
        for (count, at) in (1..).zip(&all) {
            if self.numbers[*at].is_empty() {
                let letters = ('a'..='z').map(|letter| format!("{last}{letter}"));
                let free = |number: &String| !taken.contains(number) && is_number(number);
                let number = if is_numbered {
                    letters.chain(further.by_ref()).find(free).unwrap_or_default()
                } else {
                    format!("{count}")
                };
                taken.insert(number.clone());
                self.numbers[*at] = number;
            } else {
                last.clone_from(&self.numbers[*at]);
            }
        }
    }
}

fn collect(items: &[Item], into: &mut Vec<usize>) {
    for item in items {
        into.push(item.node);
        for (_, steps) in item.branches.iter().chain(&item.besides) {
            collect(steps, into);
        }
    }
}

/// What the language takes for a step's number.
fn is_number(text: &str) -> bool {
    text.len() <= 12
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|letter| letter.is_alphanumeric() || letter == '.')
}
