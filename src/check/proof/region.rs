//! One walk: over all markings of the case, or of one branch alone, the nearest first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use super::{Limits, coupling, cover};
use crate::engine::{Explorer, Marking, Over, Passed, Reached, Successors};
use crate::procedure::{Begins, Join, Procedure, Within};

/// Tokens and blocks in one marking; who has more has lost count.
const MAX_WEIGHT: usize = 250;

/// A marking that can be reached, and how.
#[derive(Debug)]
pub struct Node {
    pub marking: Marking,
    pub over: Over,
    /// Steps on the shortest way to it.
    pub cost: u32,
    pub from: Option<usize>,
    /// The last part of that way.
    pub trail: Vec<Passed>,
    pub next: Vec<usize>,
    is_done: bool,
}

/// All markings of one walk.
#[derive(Debug)]
pub struct Region {
    /// The branch that was walked alone; none: the case.
    pub within: Option<Within>,
    pub nodes: Vec<Node>,
    /// It was given up.
    pub is_cut: bool,
    pub may_end_at_once: bool,
    /// Places of the steps that were entered.
    pub entered: BTreeSet<usize>,
    /// A marking from which work piles up, and the step at which.
    pub growing: Option<(usize, String)>,
    /// The end of a case, and the blocks that it left unfinished.
    pub unfinished: Vec<(usize, usize)>,
}

/// How far a walk has come.
#[derive(Default)]
struct Front {
    /// The nodes by their markings.
    known: HashMap<String, usize>,
    /// The nearest first, by the steps to them.
    todo: BinaryHeap<Reverse<(u32, usize)>>,
}

/// What a walk needs.
pub struct Walk<'a> {
    pub explorer: &'a Explorer<'a>,
    pub procedure: &'a Procedure,
    /// How many steps the shortest way through a branch has.
    pub lengths: &'a BTreeMap<Within, u32>,
    pub limits: Limits,
}

impl Walk<'_> {
    /// Walks over everything; `left` is how many markings may be looked at.
    pub fn run(&self, within: Option<Within>, left: &mut usize) -> Region {
        let mut region = Region {
            within,
            nodes: Vec::new(),
            is_cut: false,
            may_end_at_once: false,
            entered: BTreeSet::new(),
            growing: None,
            unfinished: Vec::new(),
        };
        let mut front = Front::default();
        let first = match within {
            Some(within) => self.explorer.begin_branch(within),
            None => self.explorer.begin(),
        };
        region.may_end_at_once = first.reached.iter().any(|reached| reached.over != Over::No);
        self.add(&mut region, None, first, &mut front);
        let mut heaviest = 0;
        while let Some(Reverse((cost, at))) = front.todo.pop() {
            let node = &region.nodes[at];
            if node.is_done || cost > node.cost {
                continue;
            }
            if *left == 0 || self.explorer.budget().is_spent() {
                region.is_cut = true;
                break;
            }
            *left -= 1;
            region.nodes[at].is_done = true;
            if region.nodes[at].over != Over::No {
                continue;
            }
            let weight = cover::weight(&region.nodes[at].marking.state);
            if weight > heaviest {
                heaviest = weight;
                region.growing = region.grows(at);
                region.is_cut |= weight > MAX_WEIGHT;
                if region.growing.is_some() || region.is_cut {
                    region.nodes[at].is_done = false;
                    break;
                }
            }
            let only = self.may_go_alone(&region.nodes[at].marking);
            let found = self.explorer.moves(&region.nodes[at].marking, only, within.is_some());
            // Of what was not tried to the end nobody can say that it leads nowhere.
            region.nodes[at].is_done = !found.is_cut;
            self.add(&mut region, Some(at), found, &mut front);
        }
        region
    }

    fn add(&self, region: &mut Region, from: Option<usize>, found: Successors, front: &mut Front) {
        region.is_cut |= found.is_cut;
        for reached in found.reached {
            let Reached { trail, entered, marking, over, unfinished, .. } = reached;
            region.entered.extend(entered);
            let before = from.map_or(0, |from| region.nodes[from].cost);
            let cost = before + trail.iter().map(|passed| self.length(passed)).sum::<u32>();
            let at = match front.known.get(&marking.key) {
                Some(at) => {
                    self.explorer.budget().free(&marking);
                    let node = &mut region.nodes[*at];
                    if !node.is_done && cost < node.cost {
                        (node.cost, node.from, node.trail) = (cost, from, trail);
                        front.todo.push(Reverse((cost, *at)));
                    }
                    *at
                }
                None => {
                    let at = region.nodes.len();
                    front.known.insert(marking.key.clone(), at);
                    let (next, is_done) = (Vec::new(), false);
                    region.nodes.push(Node { marking, over, cost, from, trail, next, is_done });
                    front.todo.push(Reverse((cost, at)));
                    at
                }
            };
            if let Some(from) = from {
                region.nodes[from].next.push(at);
            }
            region.unfinished.extend(unfinished.into_iter().map(|block| (at, block)));
        }
    }

    fn length(&self, passed: &Passed) -> u32 {
        match passed {
            Passed::Step { .. } => 1,
            Passed::Branch(within) => self.lengths.get(within).copied().unwrap_or(1),
        }
    }

    /// A branch that stands for itself and whose end nobody asks for before another has ended as well.
    fn may_go_alone(&self, marking: &Marking) -> Option<u32> {
        if !self.limits.is_reduced {
            return None;
        }
        let state = &marking.state;
        let alone = state.tasks.iter().find(|(_, open)| {
            let (Some(within), Some(place)) = (self.explorer.folded(open), &open.within) else {
                return false;
            };
            let (Some(block), Some(written)) =
                (state.blocks.get(&place.block), self.procedure.steps[within.block].block.as_ref())
            else {
                return false;
            };
            let waits_for_all = match &written.begins {
                Begins::AnyOrder { before } => before.is_empty(),
                Begins::Repeat(_) | Begins::First => false,
                Begins::All | Begins::Chosen | Begins::Each(_) => true,
            };
            waits_for_all
                && matches!(*written.join, Join::All | Join::Chosen)
                && block.running.len() > 1
                && !coupling::is_cancelled_from(self.procedure, within.block)
        });
        alone.map(|(task, _)| *task)
    }
}

impl Region {
    pub fn ends_branch(&self) -> bool {
        self.nodes.iter().any(|node| node.over == Over::Branch)
    }

    pub fn ends_case(&self) -> bool {
        self.nodes.iter().any(|node| node.over == Over::Case)
    }

    /// Steps on the shortest way out; none when there is no way out.
    pub fn length_of_way_out(&self) -> Option<u32> {
        self.way_out().map(|at| self.nodes[at].cost)
    }

    /// Where the shortest way out ends: at the branch's end if there is one.
    pub fn way_out(&self) -> Option<usize> {
        let ends = |over: Over| {
            let nodes = (0..self.nodes.len()).filter(move |at| self.nodes[*at].over == over);
            nodes.min_by_key(|at| self.nodes[*at].cost)
        };
        ends(Over::Branch).or_else(|| ends(Over::Case))
    }

    /// From every marking an end is in reach, and nothing piles up.
    pub fn is_sound(&self) -> bool {
        self.growing.is_none() && self.stuck().is_empty()
    }

    /// The markings from which no end is in reach, the nearest first. Of a walk that was given up only
    /// those from which nothing at all leads on.
    pub fn stuck(&self) -> Vec<usize> {
        let is_open = self.is_cut || self.growing.is_some();
        let mut good: Vec<bool> =
            self.nodes.iter().map(|node| node.is_good() || is_open && !node.is_dead()).collect();
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            for next in &node.next {
                before[*next].push(at);
            }
        }
        let mut todo: Vec<usize> = (0..good.len()).filter(|at| good[*at]).collect();
        while let Some(at) = todo.pop() {
            for from in &before[at] {
                if !std::mem::replace(&mut good[*from], true) {
                    todo.push(*from);
                }
            }
        }
        let mut stuck: Vec<usize> = (0..good.len()).filter(|at| !good[*at]).collect();
        stuck.sort_by_key(|at| (self.nodes[*at].cost, *at));
        stuck
    }

    /// The way to a marking, from the beginning of the walk.
    pub fn way(&self, to: usize) -> Vec<Passed> {
        let mut parts = Vec::new();
        let mut at = Some(to);
        while let Some(node) = at.map(|at| &self.nodes[at]) {
            parts.push(&node.trail);
            at = node.from;
        }
        parts.into_iter().rev().flatten().cloned().collect()
    }

    fn grows(&self, at: usize) -> Option<(usize, String)> {
        let node = &self.nodes[at];
        let before = std::iter::successors(node.from, |at| self.nodes[*at].from);
        let before = before.map(|at| &self.nodes[at].marking.state);
        cover::grows(&node.marking.state, before).map(|step| (at, step))
    }
}

impl Node {
    /// The end.
    fn is_good(&self) -> bool {
        matches!(self.over, Over::Branch | Over::Case)
    }

    /// Nothing can happen here any more, ever.
    pub fn is_dead(&self) -> bool {
        self.is_done && !self.is_good() && self.next.is_empty()
    }
}
