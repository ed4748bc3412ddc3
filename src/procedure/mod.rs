//! A procedure as its file says, step by step like the manual's table, and the graph made of it.

mod asks;
mod block;
mod control;
mod decode;
mod errand;
mod event;
mod executable;
mod frozen;
mod graph;
mod look_up;
mod moves;
mod opening;
mod starts;
mod submission;
mod table;

pub use asks::{Asks, Draw};
pub use block::{
    Begins, Block, Count, Each, Items, Join, MAX_NESTING, Repeat, Rest, Strand, Within,
};
pub use control::{Among, Control, Merge, Mutex};
pub use decode::decode;
pub use errand::{ANY, Call, Child, Errand, Handler, Mail, Method, Shape, What, Work};
pub use event::{Awaited, Beside, Happening, Heard, Sends, Suspends, Then};
pub use executable::{Destination, Executable, register_types};
pub use frozen::{Frozen, Moment, freeze, sheet};
pub use graph::{COMPLETED, Flow, Graph, Node, NodeIndex};
pub use look_up::{Argument, LookUp};
pub use moves::Move;
pub use starts::Starts;

pub use crate::calendar::{Missed, Schedule};
use crate::calendar::{Retention, Term};
use crate::diagnostic::Span;
use crate::expression::{Expression, Line};
use crate::form::Form;
use crate::organisation::Erratum;
use crate::yaml::Spanned;

/// One written procedure.
#[derive(Debug, Clone)]
pub struct Procedure {
    pub id: Spanned<String>,
    /// The manual's chapter, such as 8.1.
    pub section: Option<String>,
    pub title: String,
    pub objective: Option<String>,
    /// Macro process, process, sub-process.
    pub category: Vec<String>,
    /// How a case is called in every list.
    pub subject: Option<Line>,
    /// What begins a case.
    pub starts: Starts,
    /// What a case needs to begin, as a form: given by the procedure that begins it.
    pub inputs: Option<Form>,
    /// What a case that has ended hands back to it.
    pub outputs: Vec<Set>,
    /// Roles that may cancel one.
    pub cancels: Vec<Spanned<String>>,
    /// How long closed cases stay in the database; none: for ever.
    pub retention: Option<Retention>,
    /// Errors of the manual that no single step has.
    pub errata: Vec<Erratum>,
    /// In the order of the manual.
    pub steps: Vec<Step>,
}

/// One row of the manual's table.
#[derive(Debug, Clone)]
pub struct Step {
    /// The manual's own number.
    pub id: Spanned<String>,
    /// None: the step runs by itself.
    pub role: Option<Spanned<String>>,
    pub attended_by: Option<Spanned<String>>,
    pub activity: String,
    /// The manual's fourth column as printed there, where it differs.
    pub documents: Option<Vec<String>>,
    pub forms: Vec<Spanned<String>>,
    pub hands_in: Vec<Spanned<String>>,
    pub issues: Vec<DocumentUse>,
    pub receives: Vec<DocumentUse>,
    pub signs: Vec<DocumentUse>,
    pub saves: Vec<Save>,
    pub assigns: Vec<Assign>,
    pub moves: Vec<Move>,
    pub looks_up: Vec<LookUp>,
    pub set: Vec<Set>,
    pub way: Way,
    pub due: Option<(Term, Spanned<String>)>,
    pub opens: Option<(Term, Spanned<String>)>,
    pub not_by: Vec<Spanned<String>>,
    pub errata: Vec<Erratum>,
    /// Work for a machine, at a step without a role.
    pub errand: Option<Errand>,
    /// What few steps need of the flow.
    pub control: Control,
    /// The step waits for this, at a step without a role.
    pub wait: Option<Awaited>,
    /// What may happen while the step is open.
    pub on: Vec<Happening>,
    /// Messages and signals that it gives when it is done.
    pub sends: Vec<Sends>,
    pub signals: Vec<Spanned<String>>,
    /// Terms that stand still while it is open.
    pub suspends: Option<Suspends>,
    /// Branches that begin here at once; then the step has no work of its own.
    pub block: Option<Block>,
    /// The branch that it stands in, of the innermost block.
    pub within: Option<Within>,
}

/// A document or paper named by a step.
#[derive(Debug, Clone)]
pub struct DocumentUse {
    pub name: Spanned<String>,
    pub copies: Option<u32>,
    pub when: Option<Expression>,
}

/// `saves: { socios: cliente }`.
#[derive(Debug, Clone)]
pub struct Save {
    pub register: Spanned<String>,
    pub variable: Spanned<String>,
}

/// `assigns: { abonado.numero: abonado }`.
#[derive(Debug, Clone)]
pub struct Assign {
    pub variable: Spanned<String>,
    pub series: Spanned<String>,
}

/// `set: { plazo: today + days(30) }`.
#[derive(Debug, Clone)]
pub struct Set {
    pub variable: Spanned<String>,
    pub value: Expression,
}

/// How a step leads on.
#[derive(Debug, Clone)]
pub enum Way {
    On(Target),
    /// The person chooses by a label.
    Decide(Vec<Choice>),
    /// The data chooses: the first whose condition holds.
    Choose(Vec<Branch>),
}

/// Where a way leads.
#[derive(Debug, Clone)]
pub enum Target {
    /// To the next step of the file; after the last to the end, of the branch or of the case.
    Next,
    Go(Spanned<String>),
    /// `go: join`: the branch ends.
    Join(Span),
    End(Spanned<String>),
}

/// One label of a `decide`, with what is done when it is chosen.
#[derive(Debug, Clone)]
pub struct Choice {
    pub label: Spanned<String>,
    pub target: Target,
    pub says: Option<String>,
    pub saves: Vec<Save>,
    pub moves: Vec<Move>,
    pub set: Vec<Set>,
    pub issues: Vec<DocumentUse>,
}

/// One line of a `choose`.
#[derive(Debug, Clone)]
pub struct Branch {
    pub when: Option<Expression>,
    pub label: Option<String>,
    pub says: Option<String>,
    pub target: Target,
    /// Where the line stands.
    pub span: Span,
}

impl Procedure {
    /// The step that follows in the file on the same level; none at the end of a branch, or of all.
    pub fn next(&self, from: usize) -> Option<usize> {
        let step = self.steps.get(from)?;
        let next = step.until(from);
        (self.steps.get(next)?.within == step.within).then_some(next)
    }

    /// The branch that a step stands in.
    pub fn strand(&self, within: Within) -> Option<&Strand> {
        let block = self.steps.get(within.block)?.block.as_ref();
        let strand = block.and_then(|block| block.strands.get(within.strand));
        strand.or_else(|| self.happening(within)?.1.beside().map(|beside| &beside.strand))
    }

    /// The names of the branches around a step, the outermost first.
    pub fn strands_around(&self, place: usize) -> Vec<&str> {
        let mut names = Vec::new();
        let mut within = self.steps.get(place).and_then(|step| step.within);
        while let Some(strand) = within.and_then(|within| self.strand(within)) {
            names.push(strand.name.as_str());
            within = within.and_then(|within| self.steps[within.block].within);
        }
        names.reverse();
        names
    }
}

impl Step {
    /// A document's issue, at the step itself or with one of its labels.
    pub fn all_issues(&self) -> impl Iterator<Item = &DocumentUse> {
        self.issues.iter().chain(self.choices().iter().flat_map(|choice| &choice.issues))
    }

    /// What it moves in ledgers, at the step itself or with one of its labels.
    pub fn all_moves(&self) -> impl Iterator<Item = &Move> {
        self.moves.iter().chain(self.choices().iter().flat_map(|choice| &choice.moves))
    }

    pub fn choices(&self) -> &[Choice] {
        match &self.way {
            Way::Decide(choices) => choices,
            _ => &[],
        }
    }

    /// The role whose workers do the step's job.
    pub fn workers(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.errand.iter().filter_map(|errand| match &errand.what {
            What::Work(work) => Some(&work.workers),
            _ => None,
        })
    }

    /// The case of another procedure that the step begins.
    pub fn child(&self) -> Option<&Child> {
        self.errand.as_ref().and_then(|errand| match &errand.what {
            What::Case(child) => Some(child),
            _ => None,
        })
    }

    /// Where failures of the step's machine lead.
    pub fn handlers(&self) -> &[Handler] {
        self.errand.as_ref().map_or(&[], |errand| &errand.on_error)
    }

    pub fn branches(&self) -> &[Branch] {
        match &self.way {
            Way::Choose(branches) => branches,
            _ => &[],
        }
    }

    /// The conditions that decide where the case goes on: of `choose`, and of the branches of a block.
    pub fn conditions(&self) -> impl Iterator<Item = &Expression> {
        let strands = self.block.iter().flat_map(|block| &block.strands);
        let of_strands = strands.filter_map(|strand| strand.when.as_ref());
        self.branches().iter().filter_map(|branch| branch.when.as_ref()).chain(of_strands)
    }

    /// Every way out of the step.
    pub fn targets(&self) -> Vec<&Target> {
        let mut targets: Vec<&Target> = match &self.way {
            Way::On(target) => vec![target],
            Way::Decide(choices) => choices.iter().map(|choice| &choice.target).collect(),
            Way::Choose(branches) => branches.iter().map(|branch| &branch.target).collect(),
        };
        targets.extend(self.on.iter().filter_map(|happening| match &happening.then {
            Then::Leave(target) => Some(target),
            _ => None,
        }));
        targets.extend(self.handlers().iter().map(|handler| &handler.target));
        targets
    }
}
