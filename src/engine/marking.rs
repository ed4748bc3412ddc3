//! Where the tokens of a case stand, and nothing else: a state in which two cases that can go on in the
//! same ways are equal. `decide::explore` makes markings, the checker's proof walks over them.
//!
//! Left out are the data, people, terms and everything that was. Tasks and blocks are numbered anew, in
//! the order of the file; parked tokens keep the order in which they came, since the engine asks them in
//! that order. How many rounds a `repeat` has had is not kept, and rows of an `each` that stand at the
//! same are not told apart. What an `ignore` has left over is dropped where it can't touch anything.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Block, BlockStatus, CaseStatus, Holder, Parked, Place, Standing, State, Task, TaskStatus,
};
use crate::procedure::{Begins, Executable, Rest};

/// A state as far as the flow goes.
#[derive(Debug, Clone)]
pub struct Marking {
    pub state: State,
    /// Equal for equal markings, and only for them.
    pub key: String,
}

/// What stands in one scope: the case, or a branch.
struct Scope {
    text: String,
    /// Tasks and whatever else is worked on or waited for, by the places of the steps.
    tasks: Vec<usize>,
    parked: Vec<u32>,
    blocks: Vec<Kept>,
}

/// A block with what stands in its branches.
struct Kept {
    place: usize,
    text: String,
    block: Block,
    /// By its new name.
    branches: Vec<(String, Scope)>,
}

impl Marking {
    /// Of a state; what the blocks at the places of `inert` leave over has no effect on anything.
    pub fn of(executable: &Executable, state: &State, inert: &BTreeSet<usize>) -> Self {
        let scope = Reader::new(executable, state, inert).scope(None);
        let ranks = (1..).zip(state.parked.keys()).map(|(rank, no)| (*no, rank)).collect();
        let new = State { status: state.status, ..State::default() };
        let mut writer = Writer { executable, old: state, new, ranks };
        let text = scope.text.clone();
        writer.write(scope, None);
        let mut new = writer.new;
        new.parked_count = u32::try_from(state.parked.len()).unwrap_or(u32::MAX);
        let status = if state.status == CaseStatus::Running { "" } else { "over" };
        Self { key: format!("{status}{text}"), state: new.with_locks(executable) }
    }
}

struct Reader<'a> {
    executable: &'a Executable,
    inert: &'a BTreeSet<usize>,
    /// What stands in each scope: a block's number and the branch; none: the case. Looked for once,
    /// since a proof makes thousands of markings.
    here: BTreeMap<Option<(u32, &'a str)>, Here<'a>>,
    /// Of each parked token, how many came before it, and what it waits for.
    parked: BTreeMap<u32, (usize, u8)>,
}

/// What stands in one scope, in the order of its numbers.
#[derive(Default)]
struct Here<'a> {
    tokens: Vec<Standing<'a>>,
    blocks: Vec<(u32, &'a Block)>,
}

impl<'a> Reader<'a> {
    fn new(executable: &'a Executable, state: &'a State, inert: &'a BTreeSet<usize>) -> Self {
        let name = |place: &'a Option<Place>| {
            place.as_ref().map(|place| (place.block, place.branch.as_str()))
        };
        let mut here = BTreeMap::<Option<(u32, &str)>, Here<'a>>::new();
        for token in state.tokens() {
            here.entry(name(token.within)).or_default().tokens.push(token);
        }
        for (no, open) in &state.blocks {
            here.entry(name(&open.within)).or_default().blocks.push((*no, open));
        }
        let parked = state.parked.iter().enumerate();
        let parked = parked.map(|(rank, (no, open))| (*no, (rank, open.gate as u8))).collect();
        Self { executable, inert, here, parked }
    }

    fn place(&self, step: &str) -> usize {
        self.executable.place(step).unwrap_or(usize::MAX)
    }

    fn scope(&self, within: Option<(u32, &str)>) -> Scope {
        let nothing = Here::default();
        let here = self.here.get(&within).unwrap_or(&nothing);
        let (mut tasks, mut parked, mut waiting) = (Vec::new(), Vec::new(), String::new());
        for token in &here.tokens {
            match token.holder {
                Holder::Task(_) | Holder::Job(_) | Holder::Wait(_) => {
                    tasks.push(self.place(token.step));
                }
                Holder::Parked(no) => {
                    let (rank, gate) = self.parked.get(&no).copied().unwrap_or_default();
                    let place = self.place(token.step);
                    waiting.push_str(&format!("{place}p{gate}#{rank},"));
                    parked.push(no);
                }
            }
        }
        tasks.sort_unstable();
        let mut blocks: Vec<Kept> =
            here.blocks.iter().filter_map(|(no, open)| self.block(*no, open)).collect();
        blocks.sort_by(|one, two| (one.place, &one.text).cmp(&(two.place, &two.text)));
        let mut text = String::new();
        for place in &tasks {
            text.push_str(&format!("{place},"));
        }
        text.push_str(&waiting);
        for kept in &blocks {
            text.push_str(&kept.text);
        }
        Scope { text, tasks, parked, blocks }
    }

    fn block(&self, no: u32, open: &Block) -> Option<Kept> {
        let place = self.place(&open.step);
        if open.is_beside {
            return self.around(no, open, place);
        }
        let written = self.executable.procedure.steps.get(place)?.block.as_ref()?;
        let is_joined = open.status != BlockStatus::Running;
        if is_joined && written.rest() == Some(Rest::Ignore) && self.inert.contains(&place) {
            return None;
        }
        let mut branches = self.branches(no, open);
        if is_joined && branches.is_empty() {
            return None;
        }
        rename(&written.begins, &mut branches);
        // What has ended doesn't begin again.
        let has_order = matches!(written.begins, Begins::AnyOrder { .. });
        let wanted = open.wanted.filter(|_| !is_joined);
        let ended = match wanted {
            _ if open.is_open && !is_joined => open.ended,
            Some(wanted) => open.ended.min(wanted),
            None => 0,
        };
        let running = branches.iter().filter(|it| it.0).map(|it| it.1.clone()).collect();
        let block = Block {
            status: open.status,
            ended,
            done: if has_order && !is_joined { open.done.clone() } else { BTreeSet::new() },
            wanted,
            is_open: open.is_open,
            arrived: open.arrived.clone(),
            ..Block::entered(&open.step, None, running)
        };
        let mut text = format!("{place}{:?}{wanted:?}/{ended}{}", open.status, open.is_open);
        text.push_str(&format!("{:?}{:?}", block.done, block.arrived));
        Some(kept(place, text, block, branches))
    }

    /// What stands around a step beside which branches may begin.
    fn around(&self, no: u32, open: &Block, place: usize) -> Option<Kept> {
        let mut branches = self.branches(no, open);
        if open.status != BlockStatus::Running && branches.is_empty() {
            return None;
        }
        let line = |name: &str| name.split_once('.').map(|(line, _)| line.to_owned());
        // Those of one line that comes again and again are numbered anew, by what stands there.
        branches.sort_by(|one, two| {
            let key = |name: &str| line(name).unwrap_or_else(|| name.to_owned());
            (key(&one.1), !one.0, &one.2.text).cmp(&(key(&two.1), !two.0, &two.2.text))
        });
        for (rank, (_, name, _)) in (1..).zip(&mut branches) {
            if let Some(line) = line(name) {
                *name = format!("{line}.{rank}");
            }
        }
        let is_step_open = open.running.contains(Place::THE_STEP);
        let once = |name: &&String| is_step_open && !name.is_empty() && !name.contains('.');
        let mut held = open.held.clone();
        held.sort();
        let running = branches.iter().filter(|it| it.0).map(|it| it.1.clone()).collect();
        let block = Block {
            status: open.status,
            done: open.done.iter().filter(once).cloned().collect(),
            is_beside: true,
            held,
            ..Block::entered(&open.step, None, running)
        };
        let text = format!("{place}beside{:?}{:?}{:?}", open.status, block.done, block.held);
        Some(kept(place, text, block, branches))
    }

    /// The branches of a block that run or in which something stands, and which of them run.
    fn branches(&self, no: u32, open: &Block) -> Vec<(bool, String, Scope)> {
        let mut names: BTreeSet<&str> = open.running.iter().map(String::as_str).collect();
        names.extend(self.inside(no));
        names
            .into_iter()
            .map(|name| {
                let scope = self.scope(Some((no, name)));
                (open.running.contains(name), name.to_owned(), scope)
            })
            .filter(|(is_running, _, scope)| *is_running || !scope.text.is_empty())
            .collect()
    }

    /// The branches of a block in which something stands.
    fn inside(&self, no: u32) -> impl Iterator<Item = &'a str> {
        let within = self.here.range(Some((no, ""))..Some((no.saturating_add(1), "")));
        within.filter_map(|(within, _)| within.map(|(_, branch)| branch))
    }
}

fn kept(
    place: usize,
    mut text: String,
    block: Block,
    branches: Vec<(bool, String, Scope)>,
) -> Kept {
    text.push('[');
    for (is_running, name, scope) in &branches {
        let mark = if *is_running { "" } else { "-" };
        text.push_str(&format!("{mark}{name}:{};", scope.text));
    }
    text.push(']');
    let branches = branches.into_iter().map(|(_, name, scope)| (name, scope)).collect();
    Kept { place, text, block, branches }
}

/// Branches that are only numbered are numbered anew: rounds from the first, items by what stands there.
fn rename(begins: &Begins, branches: &mut [(bool, String, Scope)]) {
    match begins {
        Begins::Repeat(_) => {
            for (is_running, name, _) in branches {
                name.clear();
                name.push(if *is_running { '1' } else { '0' });
            }
        }
        Begins::Each(_) => {
            branches.sort_by(|one, two| (!one.0, &one.2.text).cmp(&(!two.0, &two.2.text)));
            for (no, (is_running, name, _)) in (1..).zip(branches) {
                *name = if *is_running { no.to_string() } else { format!("-{no}") };
            }
        }
        Begins::All | Begins::Chosen | Begins::First | Begins::AnyOrder { .. } => {}
    }
}

/// Writes down what was read, with its new numbers.
struct Writer<'a> {
    executable: &'a Executable,
    old: &'a State,
    new: State,
    /// Parked tokens in the order in which they came.
    ranks: BTreeMap<u32, u32>,
}

impl Writer<'_> {
    fn write(&mut self, scope: Scope, within: Option<&Place>) {
        for place in scope.tasks {
            let Some(step) = self.executable.procedure.steps.get(place) else { continue };
            let task = Task {
                step: step.id.value.clone(),
                role: String::new(),
                status: TaskStatus::Offered,
                claimed_by: None,
                offered_at: Timestamp::UNIX_EPOCH,
                opens_at: None,
                due_at: None,
                is_overdue: false,
                escalated_from: Vec::new(),
                reminders: 0,
                within: within.cloned(),
            };
            self.new.task_count += 1;
            self.new.tasks.insert(self.new.task_count, task);
        }
        for no in scope.parked {
            if let (Some(open), Some(rank)) = (self.old.parked.get(&no), self.ranks.get(&no)) {
                let (step, gate) = (open.step.clone(), open.gate);
                self.new.parked.insert(*rank, Parked { step, within: within.cloned(), gate });
            }
        }
        for kept in scope.blocks {
            self.new.block_count += 1;
            let block = self.new.block_count;
            self.new.blocks.insert(block, Block { within: within.cloned(), ..kept.block });
            for (branch, scope) in kept.branches {
                self.write(scope, Some(&Place { block, branch }));
            }
        }
    }
}
