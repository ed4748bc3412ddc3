//! The table of steps as it is read: levels of steps, and the branches of their blocks.
//!
//! The steps of all branches come to stand one after the other, right behind the block's own step.

use super::Step;
use super::Then;
use super::block::{Begins, Block, Join, MAX_NESTING, Strand, Within};
use super::decode::{Written, step};
use super::opening::{Branches, Opened};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::expression::Expression;
use crate::yaml::{Kind, Node, Spanned, pairs, wrong_shape};

/// The table of steps in the making.
pub(super) struct Table<'a> {
    pub(super) sources: &'a Sources,
    pub(super) found: &'a mut Diagnostics,
    pub(super) steps: Vec<Step>,
}

impl Table<'_> {
    /// Reads steps that follow each other on one level, with the branches of their blocks.
    pub(super) fn level(
        &mut self,
        steps: Vec<(Spanned<String>, &Node)>,
        within: Option<Within>,
        depth: usize,
    ) {
        for (id, node) in steps {
            let Some(written) = step(id, node, self.sources, self.found) else { continue };
            let Written { mut step, block, does } = written;
            step.within = within;
            let place = self.steps.len();
            let (number, is_block) = (step.id.clone(), block.is_some());
            self.steps.push(step);
            if depth == MAX_NESTING && (is_block || !does.is_empty()) {
                self.found.push(
                    Diagnostic::new(
                        "nested_too_deep",
                        number.span,
                        format!("step {} begins branches in {MAX_NESTING} others", number.value),
                    )
                    .label("one too many")
                    .help("make a block of its own of what can stand after the others"),
                );
                if is_block {
                    // Still a block, so that nothing that merely follows is told.
                    let join = Spanned::new(Join::All, number.span);
                    let (begins, strands, until) = (Begins::All, Vec::new(), self.steps.len());
                    self.steps[place].block = Some(Block { begins, strands, join, until });
                }
                continue;
            }
            if let Some(opened) = block {
                let block = self.block(place, opened, depth);
                self.steps[place].block = Some(block);
            }
            for (line, node) in does {
                self.beside((place, line), node, depth);
            }
        }
    }

    /// Reads the steps that a line of `on` begins.
    fn beside(&mut self, (place, line): (usize, usize), node: &Node, depth: usize) {
        let within = Within { block: place, strand: self.steps[place].strand_count() + line };
        let first = self.steps.len();
        let steps = pairs(node, "does", self.found);
        if steps.is_empty() && matches!(node.kind, Kind::Mapping(_)) {
            self.found.push(
                Diagnostic::new("empty_branch", node.span, "nothing begins here")
                    .label("nobody would do anything")
                    .help("write the steps: `does: { 9a: { role: …, activity: … } }`"),
            );
        }
        self.level(steps, Some(within), depth + 1);
        let until = self.steps.len();
        if let Some(Then::Does(beside)) = self.steps[place].on.get_mut(line).map(|on| &mut on.then)
        {
            beside.strand.steps = first..until;
        }
    }

    fn block(&mut self, place: usize, opened: Opened<'_>, depth: usize) -> Block {
        let Opened { mut begins, branches, join, before } = opened;
        let mut strands = Vec::new();
        match branches {
            Branches::Named(node) => {
                for (name, node) in pairs(node, "the branches of a block", self.found) {
                    let mut strand = strand(name, self.steps.len());
                    let steps = self.head(&begins, &mut strand, node);
                    self.strand(strand, (node, steps), (place, depth), &mut strands);
                }
                if strands.is_empty() && matches!(node.kind, Kind::Mapping(_)) {
                    self.found.push(
                        Diagnostic::new("empty_branch", node.span, "this block has no branches")
                            .label("nothing begins here")
                            .help("name each branch, with its steps below its name"),
                    );
                }
            }
            Branches::Same(node, name) => {
                if let Some(node) = node {
                    let steps = pairs(node, "steps", self.found);
                    let strand = strand(name, self.steps.len());
                    self.strand(strand, (node, steps), (place, depth), &mut strands);
                }
            }
        }
        if let Begins::AnyOrder { before: order } = &mut begins {
            *order = self.order(&strands, &before);
        }
        Block { begins, strands, join, until: self.steps.len() }
    }

    /// Reads the steps of one branch.
    fn strand<'n>(
        &mut self,
        mut strand: Strand,
        (node, steps): (&'n Node, Vec<(Spanned<String>, &'n Node)>),
        (place, depth): (usize, usize),
        strands: &mut Vec<Strand>,
    ) {
        if steps.is_empty() && matches!(node.kind, Kind::Mapping(_)) || node.is_null() {
            self.found.push(empty(strand.name.span, &strand.name));
        }
        let within = Within { block: place, strand: strands.len() };
        self.level(steps, Some(within), depth + 1);
        strand.steps.end = self.steps.len();
        strands.push(strand);
    }

    /// The pairs of `before`, by the places of their branches.
    fn order(
        &mut self,
        strands: &[Strand],
        before: &[(Spanned<String>, Spanned<String>)],
    ) -> Vec<(usize, usize)> {
        let names = || strands.iter().map(|strand| strand.name.as_str());
        let mut find = |name: &Spanned<String>| {
            let found = names().position(|known| known == name.as_str());
            if found.is_none() {
                self.found.push(
                    Diagnostic::new(
                        "unknown_branch",
                        name.span,
                        format!("there is no branch `{}`", name.value),
                    )
                    .label("not a branch of this block")
                    .suggest(name, names()),
                );
            }
            found
        };
        let mut order = Vec::new();
        for (first, then) in before {
            if let (Some(one), Some(two)) = (find(first), find(then)) {
                order.push((one, two));
            }
        }
        order
    }

    /// Reads a branch's condition; what is left are its steps.
    fn head<'n>(
        &mut self,
        begins: &Begins,
        strand: &mut Strand,
        node: &'n Node,
    ) -> Vec<(Spanned<String>, &'n Node)> {
        let is_chosen = matches!(begins, Begins::Chosen);
        let mut steps = pairs(node, "a branch", self.found);
        let mut keys = Vec::new();
        steps.retain(|(key, node)| {
            let is_head = matches!(key.as_str(), "when" | "else");
            if is_head {
                keys.push((key.clone(), *node));
            }
            !is_head
        });
        for (key, node) in &keys {
            if !is_chosen {
                self.found.push(
                    Diagnostic::new(
                        "unknown_key",
                        key.span,
                        format!("a branch that always begins has no `{}`", key.value),
                    )
                    .label("here all branches begin")
                    .help("write `choose_any` where only some may begin"),
                );
            } else if key.as_str() == "when" {
                strand.when = Expression::parse(node, self.sources, self.found);
            } else if node.text() == Some("true") {
                strand.is_else = true;
            } else {
                self.found.push(wrong_shape(node, "else", "`true`"));
            }
        }
        match keys.as_slice() {
            [] if is_chosen && !steps.is_empty() => self.found.push(
                Diagnostic::new("missing_key", strand.name.span, "this branch needs `when`")
                    .label("when does it begin?")
                    .help("write its condition, or `else: true` if it begins when none holds"),
            ),
            [(first, _), (second, _)] if is_chosen => self.found.push(
                Diagnostic::new(
                    "conflicting_ways",
                    second.span,
                    "a branch can't have both `when` and `else`",
                )
                .label("and this too")
                .also(first.span, "it begins by this"),
            ),
            _ => {}
        }
        steps
    }
}

fn strand(name: Spanned<String>, first: usize) -> Strand {
    Strand { name, when: None, is_else: false, steps: first..first }
}

fn empty(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new("empty_branch", span, format!("the branch `{name}` has no steps"))
        .label("nobody would do anything here")
        .help("write its steps below its name, or take it out")
}

/// Numbers are one step's in the whole procedure: in one table YAML sees to it, across branches this.
pub(super) fn report_twice(steps: &[Step], found: &mut Diagnostics) {
    for (at, step) in steps.iter().enumerate() {
        let first = steps[..at].iter().find(|first| *first.id == *step.id);
        // In one table it has been told already.
        if let Some(first) = first.filter(|first| first.within != step.within) {
            found.push(
                Diagnostic::new(
                    "duplicate_id",
                    step.id.span,
                    format!("there are two steps {}", *step.id),
                )
                .label("again here")
                .also(first.id.span, "first here")
                .help("number the steps of all branches through"),
            );
        }
    }
}
