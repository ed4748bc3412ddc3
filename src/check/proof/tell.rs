//! What a proof has found, in the owner's words: with the shortest way of steps that leads there.

use std::collections::BTreeSet;

use petgraph::Direction;

use super::{Proof, Region};
use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::engine::{Gate, Holder, Over, Parked, Passed, State};
use crate::procedure::{Merge, Node, Step, Within};

/// Different places at which cases wait for ever, of one procedure.
const MAX_TOLD: usize = 5;

/// Steps of an example that are written out.
const MAX_STEPS: usize = 40;

pub fn tell(subject: &Subject<'_>, proof: &Proof, found: &mut Diagnostics) {
    let teller = Teller { subject, proof };
    let mut told = BTreeSet::new();
    for region in &proof.regions {
        if let Some((at, step)) = &region.growing {
            teller.grows(region, *at, step, found);
        }
        teller.stuck(region, &mut told, found);
        teller.unfinished(region, found);
    }
    if !proof.is_complete() {
        found.push(
            Diagnostic::new(
                "not_proved",
                subject.procedure.id.span,
                format!("nobody has proved that every case of {} can end", *subject.procedure.id),
            )
            .label("too many ways to try them all")
            .note(format!("{} situations were tried, and none was wrong", proof.markings()))
            .help(
                "let fewer branches depend on each other (`mutex`, `enabled_while`, `cancels`, \
                 `spawn`, `first`), or make a procedure of its own of a part",
            ),
        );
    } else if told.is_empty() {
        teller.never_reached(found);
    }
}

struct Teller<'a, 's> {
    subject: &'a Subject<'s>,
    proof: &'a Proof,
}

impl Teller<'_, '_> {
    fn steps(&self) -> &[Step] {
        &self.subject.procedure.steps
    }

    /// Markings from which no case can end: the nearest, and others that wait elsewhere.
    fn stuck(&self, region: &Region, told: &mut BTreeSet<usize>, found: &mut Diagnostics) {
        let stuck = region.stuck();
        let dead: Vec<usize> =
            stuck.iter().copied().filter(|at| region.nodes[*at].is_dead()).collect();
        for at in &dead {
            let state = &region.nodes[*at].marking.state;
            let waiting = match region.nodes[*at].over {
                Over::Refused => self.refused(state),
                _ => self.waiting(state),
            };
            let Some((place, finding)) = waiting else { continue };
            // The same steps may wait in another order, or with others.
            let parked = state.parked.values();
            let mut places: BTreeSet<usize> =
                parked.filter_map(|parked| self.subject.executable.place(&parked.step)).collect();
            places.insert(place);
            if told.len() < MAX_TOLD && places.is_disjoint(told) {
                let mut finding = finding.note(self.example(region, *at));
                let others = state.parked.values().map(|other| other.step.as_str());
                let here = self.steps()[place].id.as_str();
                let others: BTreeSet<&str> = others.filter(|id| *id != here).collect();
                if !others.is_empty() {
                    finding = finding.note(format!("{} waits as well", said(&others)));
                }
                found.push(finding);
            }
            told.extend(places);
        }
        if let (true, Some(first)) = (dead.is_empty(), stuck.first()) {
            let state = &region.nodes[*first].marking.state;
            let standing: BTreeSet<&str> = state.tokens().map(|token| token.step).collect();
            let step = standing.iter().find_map(|step| self.subject.executable.place(step));
            let step = &self.steps()[step.unwrap_or_default()];
            told.insert(usize::MAX);
            found.push(
                Diagnostic::new(
                    "waits_for_ever",
                    step.id.span,
                    "a case can come to where it can't end any more",
                )
                .label(format!("when {} is reached like this", said(&standing)))
                .note(self.example(region, *first))
                .help("give it a way on that ends, whatever was done before"),
            );
        }
    }

    /// What the engine refuses to do.
    fn refused(&self, state: &State) -> Option<(usize, Diagnostic)> {
        let (step, reason) = state.outcome.as_ref()?.split_once(": ")?;
        let place = self.subject.executable.place(step)?;
        let headline = format!("a case can come to where step {step} is no way on");
        let finding = Diagnostic::new("waits_for_ever", self.steps()[place].id.span, headline)
            .label(reason)
            .help("see what the steps on the way do to each other");
        Some((place, finding))
    }

    /// What waits for ever in a marking in which nothing can happen.
    fn waiting(&self, state: &State) -> Option<(usize, Diagnostic)> {
        let Some(parked) = state.parked.values().next() else {
            let open = state.blocks.values().next_back()?;
            let place = self.subject.executable.place(&open.step)?;
            let step = &self.steps()[place];
            let span = step.block.as_ref().map_or(step.id.span, |block| block.join.span);
            let headline = format!("the join of step {} can wait for ever", *step.id);
            let finding = Diagnostic::new("waits_for_ever", span, headline)
                .label("waits for branches in which nothing is left to do")
                .help("let every branch come to its end, or wait for fewer");
            return Some((place, finding));
        };
        let place = self.subject.executable.place(&parked.step)?;
        let step = &self.steps()[place];
        let (span, label, help) = self.gate(state, step, parked);
        let headline = format!("a case can wait for ever in front of step {}", *step.id);
        let finding = Diagnostic::new("waits_for_ever", span, headline).label(label).help(help);
        Some((place, finding))
    }

    fn gate(&self, state: &State, step: &Step, parked: &Parked) -> (Span, String, &'static str) {
        let control = &step.control;
        match parked.gate {
            Gate::Mutex => {
                let name = control.mutex.as_ref();
                let span = name.map_or(step.id.span, |mutex| mutex.name.span);
                let holders: BTreeSet<&str> = state
                    .blocks
                    .values()
                    .map(|open| open.step.as_str())
                    .filter(|id| {
                        let other = self.subject.executable.step(id);
                        let other = other.and_then(|other| other.control.mutex.as_ref());
                        other.zip(name).is_some_and(|(other, name)| other.is_same(name))
                    })
                    .collect();
                let name = name.map(|mutex| mutex.name.as_str()).unwrap_or_default();
                let label = match holders.is_empty() {
                    true => format!("waits for `{name}`, which is never free again"),
                    false => format!("waits for `{name}`, which {} keeps", said(&holders)),
                };
                (
                    span,
                    label,
                    "take critical sections one after the other, or all in the same order",
                )
            }
            Gate::Milestone => {
                let other = control.enabled_while.as_ref();
                let span = other.map_or(step.id.span, |other| other.span);
                let label = "that step can't be reached any more while this one waits".to_owned();
                (span, label, "name a step that is worked on at the same time, in another branch")
            }
            Gate::Rest => (
                step.id.span,
                "waits for what an earlier round has left over, which never ends".to_owned(),
                "let every branch come to its end, or write `rest: ignore`",
            ),
            Gate::Join => {
                let here = state.parked.values().filter(|other| *other == parked).count();
                let label = match control.merges {
                    Some(Merge::Tokens(wanted)) => {
                        format!("waits for {wanted} tokens; {here} came, and no more can come")
                    }
                    _ => "waits for others that never come".to_owned(),
                };
                (step.id.span, label, "wait for as many tokens as always come, or for `active`")
            }
        }
    }

    fn grows(&self, region: &Region, at: usize, step: &str, found: &mut Diagnostics) {
        let Some(step) = self.subject.executable.step(step) else { return };
        found.push(
            Diagnostic::new(
                "unbounded_fork",
                step.id.span,
                format!("open work at step {} can pile up without end", *step.id),
            )
            .label("each round leaves one more")
            .note(self.example(region, at))
            .help(
                "join what was begun before it is begun again: `join: all`, `rest: cancel` or \
                 `rest: block`",
            ),
        );
    }

    /// What should be finished, and the end of the case withdraws it.
    fn unfinished(&self, region: &Region, found: &mut Diagnostics) {
        let mut told = BTreeSet::new();
        for (at, place) in &region.unfinished {
            let step = &self.steps()[*place];
            let Some(block) = step.block.as_ref().filter(|_| told.insert(*place)) else { continue };
            found.push(
                Diagnostic::new(
                    "left_unfinished",
                    block.join.span,
                    format!("what step {} leaves over may be withdrawn unfinished", *step.id),
                )
                .label("to be finished, it says here")
                .note(format!("an `end` ends the case at once, {}", self.example(region, *at)))
                .help("leave the `end` out: a case ends by itself when nothing is open any more"),
            );
        }
    }

    /// Steps that no case comes to, although a way leads there.
    fn never_reached(&self, found: &mut Diagnostics) {
        let reached = self.proof.reached();
        let graph = &self.subject.executable.graph;
        for (at, step) in self.steps().iter().enumerate() {
            if reached.contains(&at) {
                continue;
            }
            // What merely comes behind it is right as soon as this is.
            let from = graph.flows.neighbors_directed(graph.steps[at], Direction::Incoming);
            let follows = from.into_iter().any(|from| match graph.flows[from] {
                Node::Step(from) | Node::Join(from) => from != at && !reached.contains(&from),
                Node::Start | Node::Beside(_) | Node::End(_) => false,
            });
            if follows {
                continue;
            }
            found.push(
                Diagnostic::new(
                    "never_reached",
                    step.id.span,
                    format!("no case ever comes to step {}", *step.id),
                )
                .label("a way leads here, but never opens")
                .help("see what the steps before wait for, or take the step out"),
            );
        }
    }

    /// The shortest way to a marking of a walk, and what stands there.
    fn example(&self, region: &Region, at: usize) -> String {
        let mut way = Vec::new();
        if let Some(within) = region.within {
            self.lead_to(within, &mut way);
        }
        self.spell(region.way(at), &mut way);
        let node = &region.nodes[at];
        let mut standing: BTreeSet<&str> = BTreeSet::new();
        if node.over == Over::No {
            let tokens = node.marking.state.tokens();
            standing.extend(
                tokens.filter(|token| matches!(token.holder, Holder::Task(_))).map(|it| it.step),
            );
        }
        let way = match way.len() {
            0 => "from the beginning".to_owned(),
            1..=MAX_STEPS => format!("for example on the way {}", way.join(" → ")),
            more => {
                let (first, last) = (&way[..MAX_STEPS / 2], &way[more - MAX_STEPS / 2..]);
                format!("for example on the way {} → … → {}", first.join(" → "), last.join(" → "))
            }
        };
        if standing.is_empty() { way } else { format!("{way}, while {} is open", said(&standing)) }
    }

    /// The way to the beginning of a branch that was walked alone.
    fn lead_to(&self, within: Within, way: &mut Vec<String>) {
        let is_there = |state: &State| {
            let id = |task: &str| self.subject.executable.place(task);
            let first = super::steps_of(self.subject.procedure, within).start;
            state.tasks.values().any(|open| id(&open.step) == Some(first))
        };
        // The walk around it, in which it stands for itself.
        let others = self.proof.regions.iter().filter(|region| region.within != Some(within));
        let around = others.into_iter().find_map(|region| {
            let nodes = region.nodes.iter().enumerate();
            let there = nodes.filter(|(_, node)| is_there(&node.marking.state));
            there.min_by_key(|(_, node)| node.cost).map(|(at, _)| (region, at))
        });
        let Some((region, at)) = around else { return };
        if let Some(outer) = region.within {
            self.lead_to(outer, way);
        }
        self.spell(region.way(at), way);
    }

    /// Steps by their numbers, with what was chosen.
    fn spell(&self, passed: Vec<Passed>, way: &mut Vec<String>) {
        for passed in passed {
            match passed {
                Passed::Step { place, label } => {
                    let id = self.steps()[place].id.as_str();
                    way.push(match label {
                        Some(label) => format!("{id} ({label})"),
                        None => id.to_owned(),
                    });
                }
                Passed::Branch(within) => {
                    let region =
                        self.proof.branches.get(&within).map(|at| &self.proof.regions[*at]);
                    if let Some((region, out)) = region.and_then(|it| Some((it, it.way_out()?))) {
                        self.spell(region.way(out), way);
                    }
                }
            }
        }
    }
}

/// "step 4", "steps 4 and 5".
fn said(steps: &BTreeSet<&str>) -> String {
    let steps: Vec<&str> = steps.iter().copied().collect();
    match steps.as_slice() {
        [] => "nothing".to_owned(),
        [one] => format!("step {one}"),
        [first @ .., last] => format!("steps {} and {last}", first.join(", ")),
    }
}
