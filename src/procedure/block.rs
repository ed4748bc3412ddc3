//! A block: a step in which several branches begin at once, and the join at which they meet. `table`
//! reads it.
//!
//! The steps of all branches stand in [`Procedure::steps`](super::Procedure) one after the other, right
//! behind the block's own step, as they do in the file. A branch of a block is a `Strand` in Rust,
//! since `Branch` is a line of `choose`; owners and journals say *branch*.

use super::{Step, Way};
use crate::expression::Expression;
use crate::yaml::Spanned;

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

/// Branches that begin at once, or rounds of the same steps.
#[derive(Debug, Clone)]
pub struct Block {
    pub begins: Begins,
    /// Of `each` and `repeat` there is one, which is worked as often as it takes.
    pub strands: Vec<Strand>,
    pub join: Spanned<Join>,
    /// The place after the last step of its last branch.
    pub until: usize,
}

/// Which branches begin.
#[derive(Debug, Clone)]
pub enum Begins {
    /// `parallel`
    All,
    /// `choose_any`: those whose condition holds.
    Chosen,
    /// `wait_any`: all, until something happens in one of them; then it alone.
    First,
    /// `any_order`: all, but nobody works on two of them at the same time.
    AnyOrder {
        /// The first of a pair has ended before the second begins.
        before: Vec<(usize, usize)>,
    },
    /// `each`: its steps once for every item, all at the same time.
    Each(Box<Each>),
    /// `repeat`: its steps again and again, one round after the other.
    Repeat(Box<Repeat>),
}

/// What an `each` runs over.
#[derive(Debug, Clone)]
pub struct Each {
    pub of: Items,
    /// What the item is called in its branch.
    pub alias: Option<Spanned<String>>,
    /// The role that may add items until it says that there are no more.
    pub open: Option<Spanned<String>>,
    /// The table that keeps what the branches filled in.
    pub into: Option<Spanned<String>>,
}

/// The items of an `each`.
#[derive(Debug, Clone)]
pub enum Items {
    /// Those that people add.
    Added,
    /// So many, without contents.
    Times(Expression),
    /// The rows of a table.
    Rows(Expression),
}

/// How long a `repeat` goes on.
#[derive(Debug, Clone)]
pub struct Repeat {
    /// Asked after each round.
    pub until: Option<Expression>,
    /// Asked before each round.
    pub as_long_as: Option<Expression>,
    /// After so many rounds it goes on in any case.
    pub at_most: Option<u32>,
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
#[derive(Debug, Clone)]
pub enum Join {
    /// When every branch has ended.
    All,
    /// When every branch that began has ended.
    Chosen,
    /// It doesn't wait: whatever comes to the end of a branch goes on by itself.
    None,
    /// Each time that something has come from every branch.
    Queue,
    /// When so many have ended, or all that began when those are fewer.
    First { count: Count, rest: Rest },
    /// As soon as this holds at the end of a branch, or when all have ended.
    When { holds: Expression, rest: Rest },
}

/// How many branches.
#[derive(Debug, Clone)]
pub enum Count {
    Fixed(u32),
    /// Reckoned when the block is entered.
    Given(Expression),
}

/// What becomes of the branches that are not waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Their open tasks are withdrawn.
    Cancel,
    /// They are worked until the case ends, and lead nowhere.
    Ignore,
    /// As `ignore`, and the block isn't entered again before they have ended.
    Block,
    /// They are worked to their end before the case, or the branch around, can end.
    Finish,
}

impl Block {
    /// How many branches must have ended, as far as the file says; none when that is reckoned.
    pub fn wanted(&self) -> Option<usize> {
        match &*self.join {
            Join::First { count: Count::Fixed(count), .. } => Some(*count as usize),
            Join::First { .. } | Join::When { .. } => None,
            Join::All | Join::Chosen | Join::None | Join::Queue => Some(self.strands.len()),
        }
    }

    /// What becomes of the branches that the join doesn't wait for.
    pub fn rest(&self) -> Option<Rest> {
        match &*self.join {
            Join::First { rest, .. } | Join::When { rest, .. } => Some(*rest),
            _ => None,
        }
    }

    /// Whether no branch may begin, so that the case goes on at once.
    pub fn may_be_skipped(&self) -> bool {
        match &self.begins {
            Begins::All | Begins::First | Begins::AnyOrder { .. } => false,
            Begins::Chosen => !self.strands.iter().any(|strand| strand.is_else),
            Begins::Each(each) => !matches!(each.of, Items::Times(_)),
            Begins::Repeat(repeat) => repeat.as_long_as.is_some(),
        }
    }

    /// Whether branches may still be open when the case has gone on.
    pub fn leaves_rest(&self) -> bool {
        match self.rest() {
            Some(rest) => rest != Rest::Cancel,
            None => matches!(*self.join, Join::None | Join::Queue),
        }
    }

    /// Whether it runs the same steps several times, each time with values of its own.
    pub fn is_each(&self) -> bool {
        matches!(self.begins, Begins::Each(_))
    }

    /// The expressions at its own step; none of the conditions of its branches.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut list = Vec::new();
        match &self.begins {
            Begins::Each(each) => match &each.of {
                Items::Times(expression) | Items::Rows(expression) => list.push(expression),
                Items::Added => {}
            },
            Begins::Repeat(repeat) => list.extend(repeat.as_long_as.iter().chain(&repeat.until)),
            Begins::All | Begins::Chosen | Begins::First | Begins::AnyOrder { .. } => {}
        }
        match &*self.join {
            Join::First { count: Count::Given(expression), .. } => list.push(expression),
            Join::When { holds, .. } => list.push(holds),
            _ => {}
        }
        list
    }

    /// The key that opens it.
    pub fn key(&self) -> &'static str {
        match self.begins {
            Begins::All => "parallel",
            Begins::Chosen => "choose_any",
            Begins::First => "wait_any",
            Begins::AnyOrder { .. } => "any_order",
            Begins::Each(_) => "each",
            Begins::Repeat(_) => "repeat",
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
            ("moves", !self.moves.is_empty()),
            ("assigns", !self.assigns.is_empty()),
            ("set", !self.set.is_empty()),
            ("decide", matches!(self.way, Way::Decide(_))),
            ("choose", matches!(self.way, Way::Choose(_))),
            ("due", self.due.is_some()),
            ("opens", self.opens.is_some()),
            ("wait", self.wait.is_some()),
            ("not_by", !self.not_by.is_empty()),
            ("sends", !self.sends.is_empty()),
            ("signals", !self.signals.is_empty()),
            ("suspends", self.suspends.is_some()),
        ];
        let key = keys.into_iter().find(|(_, is_there)| *is_there);
        key.filter(|_| self.block.is_some()).map(|(key, _)| key)
    }
}
