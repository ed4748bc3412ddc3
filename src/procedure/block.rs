//! A block: a step in which several branches begin at once, and the join at which they meet.
//!
//! The steps of all branches stand in [`Procedure::steps`](super::Procedure) one after the other, right
//! behind the block's own step, as they do in the file. A branch of a block is a `Strand` in Rust,
//! since `Branch` is a line of `choose`; owners and journals say *branch*.

use super::decode::step;
use super::{Step, Way};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::expression::Expression;
use crate::yaml::{Entries, Kind, Node, Spanned, pairs, wrong_shape};

/// Blocks in blocks: nobody could follow more, and what runs them is bounded by it.
pub const MAX_NESTING: usize = 10;

/// The branch that a step stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Within {
    /// The place of the block's own step.
    pub block: usize,
    /// Which of its branches.
    pub strand: usize,
}

/// Branches that begin at once.
#[derive(Debug, Clone)]
pub struct Block {
    pub begins: Begins,
    pub strands: Vec<Strand>,
    pub join: Spanned<Join>,
    /// The place after the last step of its last branch.
    pub until: usize,
}

/// Which branches begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// `parallel`
    All,
    /// `choose_any`: those whose condition holds.
    Chosen,
}

/// One branch.
#[derive(Debug, Clone)]
pub struct Strand {
    pub name: Spanned<String>,
    /// Of a `choose_any`.
    pub when: Option<Expression>,
    /// Begins when no condition holds.
    pub is_else: bool,
    /// Its steps, by their places.
    pub steps: std::ops::Range<usize>,
}

/// When the block goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// When every branch has ended.
    All,
    /// When every branch that began has ended.
    Chosen,
    /// When so many have ended, or all that began when those are fewer.
    First { count: u32, rest: Rest },
}

/// What becomes of the branches that a `first` doesn't wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Their open tasks are withdrawn.
    Cancel,
    /// They are worked to their end, which leads nowhere.
    Ignore,
}

impl Block {
    /// How many branches must have ended, of all that there are.
    pub fn wanted(&self) -> usize {
        match *self.join {
            Join::First { count, .. } => count as usize,
            Join::All | Join::Chosen => self.strands.len(),
        }
    }

    /// Whether no branch may begin, so that the case goes on at once.
    pub fn may_be_skipped(&self) -> bool {
        self.begins == Begins::Chosen && !self.strands.iter().any(|strand| strand.is_else)
    }

    /// Whether branches may still be open when the case has gone on.
    pub fn leaves_rest(&self) -> bool {
        matches!(*self.join, Join::First { rest: Rest::Ignore, .. })
    }

    /// The key that opens it.
    pub fn key(&self) -> &'static str {
        match self.begins {
            Begins::All => "parallel",
            Begins::Chosen => "choose_any",
        }
    }
}

/// A block as its step says, before its branches are read.
pub(super) struct Opened<'n> {
    begins: Begins,
    branches: &'n Node,
    join: Spanned<Join>,
}

/// The keys of a block at its step.
pub(super) fn open<'n>(entries: &mut Entries<'n>, found: &mut Diagnostics) -> Option<Opened<'n>> {
    let (parallel, any) = (entries.get("parallel"), entries.get("choose_any"));
    if let (Some(one), Some(two)) = (entries.key_span("parallel"), entries.key_span("choose_any")) {
        let (one, two) = (one.min(two), one.max(two));
        found.push(
            Diagnostic::new(
                "conflicting_ways",
                two,
                "a step can't have both `parallel` and `choose_any`",
            )
            .label("and this too")
            .also(one, "its branches begin by this")
            .help("`parallel` begins all branches, `choose_any` those whose `when` holds"),
        );
    }
    let written = entries.get("join");
    let (begins, branches) = match (parallel, any) {
        (Some(branches), _) => (Begins::All, branches),
        (None, Some(branches)) => (Begins::Chosen, branches),
        (None, None) => {
            if let Some(span) = entries.key_span("join").filter(|_| written.is_some()) {
                found.push(
                    Diagnostic::new("bad_join", span, "nothing is joined here")
                        .label("the step has no branches")
                        .help("`join` belongs to `parallel` or `choose_any`"),
                );
            }
            return None;
        }
    };
    let usual = match begins {
        Begins::All => Join::All,
        Begins::Chosen => Join::Chosen,
    };
    let join = match written {
        Some(node) => Spanned::new(join(node, found).unwrap_or(usual), node.span),
        None => Spanned::new(usual, branches.span),
    };
    Some(Opened { begins, branches, join })
}

fn join(node: &Node, found: &mut Diagnostics) -> Option<Join> {
    match node.text() {
        Some("all") => return Some(Join::All),
        Some("chosen") => return Some(Join::Chosen),
        Some(_) => {
            let wanted = "`all`, `chosen` or `{ first: 1, rest: cancel }`";
            found.push(wrong_shape(node, "join", wanted));
            return None;
        }
        None => {}
    }
    let mut entries = Entries::open(node, "`join`", found)?;
    entries.require("first", found);
    let count = entries.count("first", found);
    let rest = entries.require("rest", found);
    entries.finish(found);
    let rest = rest.and_then(|node| match node.text() {
        Some("cancel") => Some(Rest::Cancel),
        Some("ignore") => Some(Rest::Ignore),
        _ => {
            found.push(wrong_shape(node, "rest", "`cancel` or `ignore`"));
            None
        }
    });
    Some(Join::First { count: count?, rest: rest? })
}

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
            let Some((mut step, opened)) = step(id, node, self.sources, self.found) else {
                continue;
            };
            step.within = within;
            let place = self.steps.len();
            let number = step.id.clone();
            self.steps.push(step);
            let Some(opened) = opened else { continue };
            if depth == MAX_NESTING {
                self.found.push(
                    Diagnostic::new(
                        "nested_too_deep",
                        number.span,
                        format!("step {} is a block in {MAX_NESTING} others", number.value),
                    )
                    .label("one too many")
                    .help("make a block of its own of what can stand after the others"),
                );
                // Still a block, so that nothing that merely follows is told.
                let join = Spanned::new(Join::All, number.span);
                let (begins, strands, until) = (Begins::All, Vec::new(), self.steps.len());
                self.steps[place].block = Some(Block { begins, strands, join, until });
                continue;
            }
            let block = self.block(place, opened, depth);
            self.steps[place].block = Some(block);
        }
    }

    fn block(&mut self, place: usize, opened: Opened<'_>, depth: usize) -> Block {
        let Opened { begins, branches, join } = opened;
        let mut strands = Vec::new();
        for (name, node) in pairs(branches, "the branches of a block", self.found) {
            let first = self.steps.len();
            let within = Within { block: place, strand: strands.len() };
            let mut strand = Strand { name, when: None, is_else: false, steps: first..first };
            let steps = self.head(begins, &mut strand, node);
            if steps.is_empty() && matches!(node.kind, Kind::Mapping(_)) || node.is_null() {
                self.found.push(empty(strand.name.span, &strand.name));
            }
            self.level(steps, Some(within), depth + 1);
            strand.steps = first..self.steps.len();
            strands.push(strand);
        }
        if strands.is_empty() && matches!(branches.kind, Kind::Mapping(_)) {
            self.found.push(
                Diagnostic::new("empty_branch", branches.span, "this block has no branches")
                    .label("nothing begins here")
                    .help("name each branch, with its steps below its name"),
            );
        }
        Block { begins, strands, join, until: self.steps.len() }
    }

    /// Reads a branch's condition; what is left are its steps.
    fn head<'n>(
        &mut self,
        begins: Begins,
        strand: &mut Strand,
        node: &'n Node,
    ) -> Vec<(Spanned<String>, &'n Node)> {
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
            if begins == Begins::All {
                self.found.push(
                    Diagnostic::new(
                        "unknown_key",
                        key.span,
                        format!("a branch of `parallel` has no `{}`", key.value),
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
            [] if begins == Begins::Chosen && !steps.is_empty() => self.found.push(
                Diagnostic::new("missing_key", strand.name.span, "this branch needs `when`")
                    .label("when does it begin?")
                    .help("write its condition, or `else: true` if it begins when none holds"),
            ),
            [(first, _), (second, _)] if begins == Begins::Chosen => self.found.push(
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

impl Step {
    /// The step runs by itself: nobody is asked, and branches are not work of its own.
    pub fn is_automatic(&self) -> bool {
        self.role.is_none() || self.block.is_some()
    }

    /// A key that has no meaning at a block's own step.
    pub fn key_beside_block(&self) -> Option<&'static str> {
        let keys = [
            ("role", self.role.is_some()),
            ("attended_by", self.attended_by.is_some()),
            ("form", !self.forms.is_empty()),
            (self.errand.as_ref().map_or("", |errand| errand.key()), self.errand.is_some()),
            ("hands_in", !self.hands_in.is_empty()),
            ("issues", !self.issues.is_empty()),
            ("receives", !self.receives.is_empty()),
            ("signs", !self.signs.is_empty()),
            ("saves", !self.saves.is_empty()),
            ("assigns", !self.assigns.is_empty()),
            ("set", !self.set.is_empty()),
            ("decide", matches!(self.way, Way::Decide(_))),
            ("choose", matches!(self.way, Way::Choose(_))),
            ("due", self.due.is_some()),
            ("opens", self.opens.is_some()),
            ("not_by", !self.not_by.is_empty()),
        ];
        let key = keys.into_iter().find(|(_, is_there)| *is_there);
        key.filter(|_| self.block.is_some()).map(|(key, _)| key)
    }
}
