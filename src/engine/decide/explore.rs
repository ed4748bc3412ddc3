//! All ways that a case can take: the engine itself, run with guesses in the place of data.
//!
//! From a marking every token that stands somewhere is moved, by every label that a person may choose,
//! and every question that data would decide is answered in every way. What comes out is what `decide`
//! could come to with some data: the same functions move the tokens, so that what is found here and what
//! cases do can't differ. No form, document, term or person is looked at. The checker's proof is the
//! only caller, with the random procedures of the tests.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::advance::{self, Token};
use super::budget::{self, Budget};
use super::oracle::{Oracle, Script};
use super::{Facts, Working, begin, beside, block, first, happen, lock};
use crate::engine::{
    Actor, Block, BlockStatus, CaseStatus, Entry, Holder, LockStatus, Marking, Owner, Place,
    Rejection, State, Task,
};
use crate::expression::Map;
use crate::procedure::{Begins, Choice, Count, Executable, Join, Rest, Then, Within};

/// Answers that are tried for one move.
const MAX_SCRIPTS: usize = 4_096;

/// What can be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// The case begins, or the branch.
    Begin,
    /// A person completes the task of a step, with a label when there is one.
    Complete {
        task: u32,
        choice: Option<String>,
    },
    /// Work on a task has begun: of a `wait_any` that decides.
    Claim {
        task: u32,
    },
    /// A whole branch is worked to its end.
    Through {
        within: Within,
    },
    /// In a branch, the case is ended.
    EndInside {
        within: Within,
    },
    /// A line of the step's `on` comes about, and takes the step away or begins something beside it.
    Happen {
        of: Owner,
        line: u32,
    },
    /// What only one case can have is the case's.
    Obtain {
        lock: u32,
    },
    AddItem {
        block: u32,
    },
    CloseItems {
        block: u32,
    },
}

/// A step on the way, in the order in which steps are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// Done by somebody or by itself; the label chosen, or the line of `choose` that held.
    Step { place: usize, label: Option<String> },
    /// A whole branch.
    Branch(Within),
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    No,
    /// The branch has ended that is explored alone.
    Branch,
    Case,
    /// The engine refuses to go on: nobody can do this.
    Refused,
}

/// A marking to which a move leads.
#[derive(Debug, Clone)]
pub struct Reached {
    pub by: Move,
    pub trail: Vec<Passed>,
    /// Places of the steps that were entered.
    pub entered: Vec<usize>,
    pub marking: Marking,
    pub over: Over,
    /// Steps of blocks whose rest should have been finished and was withdrawn by the end of the case.
    pub unfinished: Vec<usize>,
}

/// What a branch comes to that is explored alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    pub ends_branch: bool,
    pub ends_case: bool,
}

/// Explores one procedure.
#[derive(Debug)]
pub struct Explorer<'a> {
    executable: &'a Executable,
    actor: Actor,
    facts: Facts,
    sizes: Vec<usize>,
    folded: BTreeSet<Within>,
    folds: BTreeMap<Within, Fold>,
    inert: BTreeSet<usize>,
    budget: Budget,
}

/// One move as it was run.
struct Run<'a> {
    by: &'a Move,
    before: &'a State,
    after: &'a State,
    entries: &'a [Entry],
}

/// What can be reached at once, and whether that is all.
#[derive(Debug, Default)]
pub struct Successors {
    pub reached: Vec<Reached>,
    /// There were more answers than were tried.
    pub is_cut: bool,
}

impl<'a> Explorer<'a> {
    /// `inert`: the places of blocks whose leftovers can't touch anything. When the budget is spent,
    /// every answer is cut.
    pub fn new(executable: &'a Executable, inert: BTreeSet<usize>, budget: Budget) -> Self {
        let mut sizes = BTreeSet::from([0, 1, 2]);
        for block in executable.procedure.steps.iter().filter_map(|step| step.block.as_ref()) {
            match &*block.join {
                Join::First { count: Count::Fixed(count), .. } if block.is_each() => {
                    sizes.insert(*count as usize + 1);
                }
                Join::First { count: Count::Given(_), .. } => {
                    sizes.extend(3..=block.strands.len());
                }
                _ => {}
            }
        }
        // The usual before the rare, so that examples are about it.
        let mut sizes: Vec<usize> = sizes.into_iter().collect();
        sizes[..2].swap(0, 1);
        let roles = executable.organisation.roles.iter().map(|role| role.id.value.clone());
        let actor = Actor { roles: roles.collect(), ..Actor::clock() };
        let facts = Facts::default();
        let (folded, folds) = Default::default();
        Self { executable, actor, facts, sizes, folded, folds, inert, budget }
    }

    /// What may still be done. Markings that are handed out are kept until they are said to be free.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// From now on the branch stands for itself as one task, whose end is the branch's.
    pub fn fold(&mut self, within: Within, fold: Fold) {
        self.folded.insert(within);
        self.folds.insert(within, fold);
    }

    /// The branch that a task stands for.
    pub fn folded(&self, task: &Task) -> Option<Within> {
        let place = self.executable.place(&task.step)?;
        let within = self.executable.procedure.steps[place].within?;
        self.folded.contains(&within).then_some(within)
    }

    /// The first markings of the case.
    pub fn begin(&self) -> Successors {
        let state = State { status: CaseStatus::Running, ..State::default() };
        self.all(&state, &Move::Begin, None, |working| advance::enter(working, Token::new(0, None)))
    }

    /// The first markings of a branch, as if nothing else were open.
    pub fn begin_branch(&self, within: Within) -> Successors {
        let step = &self.executable.procedure.steps[within.block];
        let strand = self.executable.procedure.strand(within);
        let (Some(block), Some(strand)) = (&step.block, strand) else {
            return Successors::default();
        };
        let branch = match block.begins {
            Begins::Each(_) | Begins::Repeat(_) => "1".to_owned(),
            _ => strand.name.value.clone(),
        };
        let open = Block::entered(&step.id, None, BTreeSet::from([branch.clone()]));
        let state = State {
            status: CaseStatus::Running,
            blocks: BTreeMap::from([(1, open)]),
            block_count: 1,
            ..State::default()
        };
        let place = Place { block: 1, branch };
        self.all(&state, &Move::Begin, Some(1), |working| {
            advance::enter(working, Token::new(strand.steps.start, Some(place.clone())))
        })
    }

    /// Everything that can happen next; with `only`, at that task. `is_branch`: the first block is the
    /// one whose branch is explored alone.
    pub fn moves(&self, marking: &Marking, only: Option<u32>, is_branch: bool) -> Successors {
        let mut all = Successors::default();
        let frontier = is_branch.then_some(1);
        let state = &marking.state;
        for token in state.tokens() {
            match token.holder {
                Holder::Task(task) if only.is_none_or(|only| task == only) => {
                    let Some(open) = state.tasks.get(&task) else { continue };
                    self.claim(state, task, (open, frontier), &mut all);
                    match self.folded(open) {
                        Some(within) => self.through(state, task, (within, frontier), &mut all),
                        None => {
                            self.complete(state, task, (open, frontier), &mut all);
                            let at = (open.step.as_str(), &open.within);
                            self.interrupt(state, Owner::Task(task), (at, frontier), &mut all);
                        }
                    }
                }
                // In a marking every work is a task; others let go on what is parked.
                Holder::Task(_) | Holder::Job(_) | Holder::Wait(_) | Holder::Parked(_) => {}
            }
        }
        if only.is_none() {
            self.items(state, frontier, &mut all);
            // Other cases give back what they have: the checker sees to that.
            let wanted = state.locks.iter().filter(|(_, it)| it.status == LockStatus::Wanted);
            for (no, _) in wanted.filter(|(_, it)| !state.has_lock(&it.name)) {
                let by = Move::Obtain { lock: *no };
                all.add(self.all(state, &by, frontier, |working| lock::take(working, *no)));
            }
            for (block, open) in state.blocks.iter().filter(|(no, _)| Some(**no) != frontier) {
                // What stands around a step is not the step.
                if open.status == BlockStatus::Running && !open.is_beside {
                    let at = (open.step.as_str(), &open.within);
                    self.interrupt(state, Owner::Block(*block), (at, frontier), &mut all);
                }
            }
        }
        all
    }

    /// Whoever works on a task has not completed it yet: others see what that has withdrawn.
    fn claim(
        &self,
        state: &State,
        task: u32,
        (open, frontier): (&Task, Option<u32>),
        all: &mut Successors,
    ) {
        let is_first = |block: &u32| {
            let step = state.blocks.get(block).and_then(|open| self.executable.step(&open.step));
            let block = step.and_then(|step| step.block.as_ref());
            block.is_some_and(|block| matches!(block.begins, Begins::First))
        };
        let around = std::iter::successors(open.within.as_ref(), |place| {
            state.blocks.get(&place.block)?.within.as_ref()
        });
        let is_undecided = |place: &&Place| {
            is_first(&place.block)
                && state.blocks.get(&place.block).is_some_and(|open| open.running.len() > 1)
        };
        let may_claim = self.executable.step(&open.step).is_some_and(|step| step.role.is_some());
        let may_begin = may_claim || self.folded(open).is_some();
        if may_begin && around.into_iter().any(|place| is_undecided(&place)) {
            all.add(self.all(state, &Move::Claim { task }, frontier, |working| {
                working.emit(Entry::TaskClaimed { task });
                first::taken(working, open.within.as_ref());
                advance::run(working)
            }));
        }
    }

    fn complete(
        &self,
        state: &State,
        task: u32,
        (open, frontier): (&Task, Option<u32>),
        all: &mut Successors,
    ) {
        let Some(place) = self.executable.place(&open.step) else { return };
        let step = &self.executable.procedure.steps[place];
        let choices = step.choices();
        let labels: Vec<Option<&Choice>> =
            if choices.is_empty() { vec![None] } else { choices.iter().map(Some).collect() };
        for chosen in labels {
            let choice = chosen.map(|choice| choice.label.value.clone());
            let by = Move::Complete { task, choice: choice.clone() };
            all.add(self.all(state, &by, frontier, |working| {
                done(working, task, (open, choice.clone()));
                advance::leave(working, Token::new(place, open.within.clone()), chosen)
            }));
        }
        for handler in step.handlers() {
            let choice = Some(format!("error {}", handler.code.value));
            let by = Move::Complete { task, choice: choice.clone() };
            all.add(self.all(state, &by, frontier, |working| {
                done(working, task, (open, choice.clone()));
                let token = Token::new(place, open.within.clone());
                advance::follow(working, token, &handler.target)?;
                advance::run(working)
            }));
        }
    }

    /// Whatever may happen meanwhile that takes the step away, or begins something beside it.
    fn interrupt(
        &self,
        state: &State,
        of: Owner,
        ((step, within), frontier): ((&str, &Option<Place>), Option<u32>),
        all: &mut Successors,
    ) {
        let Some(place) = self.executable.place(step) else { return };
        let step = &self.executable.procedure.steps[place];
        for (line, happening) in (0..).zip(&step.on) {
            let token = Token::new(place, within.clone());
            let by = Move::Happen { of, line };
            match &happening.then {
                Then::Leave(target) => {
                    all.add(self.all(state, &by, frontier, |working| {
                        happen::interrupt(working, (of, line), token.clone(), target)
                    }));
                }
                Then::Does(_) if beside::may_come(state, &token, (line, happening)) => {
                    all.add(self.all(state, &by, frontier, |working| {
                        beside::begin(working, &token, (line, happening), Map::new())?;
                        advance::run(working)
                    }));
                }
                Then::Does(_) | Then::Remind { .. } | Then::Escalate { .. } => {}
            }
        }
    }

    fn through(
        &self,
        state: &State,
        task: u32,
        (within, frontier): (Within, Option<u32>),
        all: &mut Successors,
    ) {
        let (Some(open), Some(fold)) = (state.tasks.get(&task), self.folds.get(&within)) else {
            return;
        };
        let Some(place) = self.executable.place(&open.step) else { return };
        if fold.ends_branch {
            all.add(self.all(state, &Move::Through { within }, frontier, |working| {
                done(working, task, (open, None));
                block::arrive(working, Token::new(place, open.within.clone()))?;
                advance::run(working)
            }));
        }
        if fold.ends_case {
            all.add(self.all(state, &Move::EndInside { within }, frontier, |working| {
                done(working, task, (open, None));
                advance::end(working, "");
                Ok(())
            }));
        }
    }

    /// People add items, as many as can make a difference, and say that there are no more.
    fn items(&self, state: &State, frontier: Option<u32>, all: &mut Successors) {
        let most = self.sizes.iter().max().copied().unwrap_or_default();
        // What is joined takes no more of them, even while its rest goes on.
        let running = state.blocks.iter().filter(|(_, open)| open.status == BlockStatus::Running);
        for (no, open) in running.filter(|(_, open)| open.is_open) {
            let block = *no;
            if open.ended as usize + open.running.len() < most {
                all.add(self.all(state, &Move::AddItem { block }, frontier, |working| {
                    begin::add_item(working, block)?;
                    advance::run(working)
                }));
            }
            all.add(self.all(state, &Move::CloseItems { block }, frontier, |working| {
                begin::close_items(working, block)?;
                advance::run(working)
            }));
        }
    }

    /// Runs one move with every script of answers. What the engine refuses can't be done.
    fn all(
        &self,
        state: &State,
        by: &Move,
        frontier: Option<u32>,
        run: impl Fn(&mut Working<'_>) -> Result<(), Rejection>,
    ) -> Successors {
        let mut all = Successors::default();
        let mut script = Script::default();
        let mut keys: BTreeMap<String, usize> = BTreeMap::new();
        let before = budget::things(state);
        for _ in 0..MAX_SCRIPTS {
            if self.budget.is_spent() {
                break;
            }
            let mut working =
                Working::new(self.executable, state.clone(), &self.actor, &self.facts);
            working.oracle = Some(Oracle {
                script: RefCell::new(script),
                sizes: &self.sizes,
                folded: &self.folded,
                frontier,
            });
            let refusal = run(&mut working).err();
            let Working { state: after, entries, oracle, .. } = working;
            self.budget.spend(before + entries.len() + budget::things(&after));
            script = oracle.map(|oracle| oracle.script.into_inner()).unwrap_or_default();
            all.is_cut |= script.is_overlong;
            if !script.is_overlong {
                let run = Run { by, before: state, after: &after, entries: &entries };
                let reached = self.reached(&run, frontier, refusal.as_ref());
                match keys.get(&reached.marking.key) {
                    None => {
                        self.budget.keep(&reached.marking);
                        keys.insert(reached.marking.key.clone(), all.reached.len());
                        all.reached.push(reached);
                    }
                    // By another way to where another script has led.
                    Some(at) => all.reached[*at].entered.extend(reached.entered),
                }
            }
            if !script.next() {
                return all;
            }
        }
        all.is_cut = true;
        all
    }

    fn reached(
        &self,
        run: &Run<'_>,
        frontier: Option<u32>,
        refusal: Option<&Rejection>,
    ) -> Reached {
        let Run { by, before, after, entries } = *run;
        let has_left = frontier.is_some_and(|_| {
            entries.iter().any(|entry| {
                matches!(entry, Entry::BranchEnded { block, .. } if Some(*block) == frontier)
            })
        });
        let over = match after.status {
            _ if refusal.is_some() => Over::Refused,
            CaseStatus::Running if has_left => Over::Branch,
            CaseStatus::Running => Over::No,
            _ => Over::Case,
        };
        let marking = match over {
            Over::No => Marking::of(self.executable, after, &self.inert),
            Over::Branch => Marking { state: State::default(), key: "branch ended".to_owned() },
            Over::Case => Marking { state: State::default(), key: "case ended".to_owned() },
            Over::Refused => refused(before, refusal),
        };
        let unfinished =
            if over == Over::Case { self.unfinished(before, entries) } else { Vec::new() };
        let (trail, entered) = self.told(by, before, entries);
        Reached { by: by.clone(), trail, entered, marking, over, unfinished }
    }

    /// The steps that were passed, and those that were entered.
    fn told(&self, by: &Move, before: &State, entries: &[Entry]) -> (Vec<Passed>, Vec<usize>) {
        let (mut trail, mut entered) = (Vec::new(), Vec::new());
        let mut is_first = true;
        for entry in entries {
            match entry {
                Entry::TaskCompleted { step, choice, .. } => {
                    let place = self.executable.place(step).unwrap_or_default();
                    let (label, is_task) = (choice.clone(), std::mem::take(&mut is_first));
                    trail.push(match by {
                        Move::Through { within } | Move::EndInside { within } if is_task => {
                            Passed::Branch(*within)
                        }
                        _ => Passed::Step { place, label },
                    });
                }
                Entry::StepPassed { step } => {
                    let place = self.executable.place(step).unwrap_or_default();
                    trail.push(Passed::Step { place, label: None });
                    entered.push(place);
                }
                Entry::WayChosen { step, branch } => {
                    let place = self.executable.place(step).unwrap_or_default();
                    let known = trail.iter_mut().rev().find_map(|passed| match passed {
                        Passed::Step { place: at, label } if *at == place => Some(label),
                        _ => None,
                    });
                    let branches = self.executable.procedure.steps[place].branches();
                    if let (Some(label), Some(way)) = (known, branches.get(*branch as usize)) {
                        let condition = way.when.as_ref().map(|when| when.source.trim().to_owned());
                        *label = way.label.clone().or(condition);
                    }
                }
                Entry::Interrupted { step, .. } => {
                    let place = self.executable.place(step).unwrap_or_default();
                    trail.push(Passed::Step { place, label: Some("interrupted".to_owned()) });
                }
                Entry::BranchBegun { block, .. } => {
                    let open = before.blocks.get(block).filter(|open| open.is_beside);
                    let place = open.and_then(|open| self.executable.place(&open.step));
                    let label = Some("meanwhile".to_owned());
                    trail.extend(place.map(|place| Passed::Step { place, label }));
                }
                Entry::TaskOffered { step, .. } => entered.extend(self.executable.place(step)),
                Entry::BlockEntered { step, branches, .. } => {
                    let place = self.executable.place(step).unwrap_or_default();
                    entered.push(place);
                    let block = &self.executable.procedure.steps[place].block;
                    if block.as_ref().is_some_and(|block| matches!(block.begins, Begins::Chosen)) {
                        let label = Some(branches.join(", ")).filter(|names| !names.is_empty());
                        trail.push(Passed::Step { place, label });
                    }
                }
                _ => {}
            }
        }
        (trail, entered)
    }

    /// Blocks whose rest is to be finished and was not when the case ended.
    fn unfinished(&self, before: &State, entries: &[Entry]) -> Vec<usize> {
        let finishes = |place: &usize| {
            let block = self.executable.procedure.steps[*place].block.as_ref();
            block.is_some_and(|block| block.rest() == Some(Rest::Finish))
        };
        if !(0..self.executable.procedure.steps.len()).any(|place| finishes(&place)) {
            return Vec::new();
        }
        let mut state = before.clone();
        let withdraws = |entry: &Entry| {
            matches!(
                entry,
                Entry::TaskWithdrawn { .. }
                    | Entry::TokenWithdrawn { .. }
                    | Entry::LockReleased { .. }
                    | Entry::LockWithdrawn { .. }
            )
        };
        // The end withdraws all that is open, and then ends the case.
        let last =
            entries.iter().rposition(|entry| !withdraws(entry) && entry.kind() != "case_ended");
        for entry in &entries[..last.map_or(0, |last| last + 1)] {
            crate::engine::apply(&mut state, self.facts.now, &self.actor.id, entry);
        }
        let open = state
            .blocks
            .values()
            .filter(|open| open.status == BlockStatus::Joined && !open.running.is_empty());
        let places = open.filter_map(|open| self.executable.place(&open.step));
        places.filter(finishes).collect()
    }
}

impl Successors {
    fn add(&mut self, other: Self) {
        self.reached.extend(other.reached);
        self.is_cut |= other.is_cut;
    }
}

/// Nothing is left of a command that is refused but where it was asked, and why it is refused.
fn refused(state: &State, refusal: Option<&Rejection>) -> Marking {
    let why = match refusal {
        Some(Rejection::NoWayOn { step, reason }) => format!("{step}: {reason}"),
        Some(other) => other.code().to_owned(),
        None => String::new(),
    };
    Marking { state: State { outcome: Some(why.clone()), ..state.clone() }, key: why }
}

/// A task is completed, whoever does it.
fn done(working: &mut Working<'_>, task: u32, (open, choice): (&Task, Option<String>)) {
    first::taken(working, open.within.as_ref());
    working.emit(Entry::TaskClaimed { task });
    working.emit(Entry::TaskCompleted { task, step: open.step.clone(), choice });
}
