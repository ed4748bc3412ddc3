//! What a step waits for, and what may happen meanwhile: times, messages, signals.
//!
//! Only what is written; `engine::watch` is what a running case listens for. `decode` reads it, `beside`
//! is what begins beside a step.

mod beside;
mod decode;

pub use beside::Beside;
pub(super) use decode::{Events, events};

use super::{Missed, Step, Target};
use crate::calendar::Term;
use crate::diagnostic::Span;
use crate::expression::{Expression, Line};
use crate::organisation::Organisation;
use crate::yaml::Spanned;

/// What a case waits for.
#[derive(Debug, Clone)]
pub enum Awaited {
    /// The end of a term, counted from when the step begins.
    Term(Term, Spanned<String>),
    /// The beginning of a day that the data gives; nothing given: no waiting.
    Day(Expression),
    /// The step's own due date.
    Due(Span),
    Message(Heard),
    Signal(Spanned<String>),
}

/// A message that is listened for.
#[derive(Debug, Clone)]
pub struct Heard {
    pub name: Spanned<String>,
    /// Whose message: it goes to the case whose key is the same. None: the empty key.
    pub key: Option<Line>,
    /// The variable that takes its contents.
    pub into: Option<Spanned<String>>,
}

/// One line of `on`: what may happen while the step is open, and what then.
#[derive(Debug, Clone)]
pub struct Happening {
    pub awaited: Awaited,
    pub then: Then,
    /// Again and again, so long after each time.
    pub every: Option<(Term, Spanned<String>)>,
    pub missed: Missed,
    pub span: Span,
}

/// What is done when it happens.
#[derive(Debug, Clone)]
pub enum Then {
    /// The step is withdrawn, and the case goes on there.
    Leave(Target),
    /// Whoever has the step before them is reminded of it.
    Remind { by_mail: bool },
    /// The task goes to the queue of this role.
    Escalate { to: Spanned<String>, by_mail: bool },
    /// A branch begins beside the step, which stays open.
    Does(Beside),
}

/// A message or signal that a step gives when it is done.
#[derive(Debug, Clone)]
pub struct Sends {
    pub name: Spanned<String>,
    pub key: Option<Line>,
    /// The contents, by field.
    pub with: Vec<(Spanned<String>, Expression)>,
}

/// Whose terms stand still while a step is open.
#[derive(Debug, Clone)]
pub enum Suspends {
    /// Those of all other steps.
    Terms(Span),
    Steps(Vec<Spanned<String>>),
}

impl Step {
    /// Whether a token may stand at the step: what can happen meanwhile has a meaning there.
    pub fn is_waited_at(&self) -> bool {
        self.role.is_some() || self.block.is_some() || self.wait.is_some() || self.errand.is_some()
    }

    /// Whether a case passes the step without anybody's work and without time going by.
    pub fn is_passed_at_once(&self) -> bool {
        let waits = self.wait.as_ref().is_some_and(|wait| !matches!(wait, Awaited::Day(_)));
        self.is_automatic() && !waits
    }

    /// Everything that is listened for at the step.
    pub fn awaited(&self) -> impl Iterator<Item = &Awaited> {
        self.wait.iter().chain(self.on.iter().map(|happening| &happening.awaited))
    }

    /// The roles that a task of the step may go up to.
    pub fn escalates_to(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.on.iter().filter_map(|happening| match &happening.then {
            Then::Escalate { to, .. } => Some(to),
            _ => None,
        })
    }

    /// Messages that are listened for at the step.
    pub fn heard(&self) -> impl Iterator<Item = &Heard> {
        self.awaited().filter_map(Awaited::heard)
    }
}

impl Sends {
    /// The key's holes and the contents.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let of_key = self.key.iter().flat_map(Line::expressions);
        of_key.chain(self.with.iter().map(|(_, value)| value))
    }
}

impl Awaited {
    pub fn heard(&self) -> Option<&Heard> {
        match self {
            Self::Message(heard) => Some(heard),
            _ => None,
        }
    }

    /// As it stands in the file.
    pub fn label(&self) -> String {
        match self {
            Self::Term(_, written) => written.value.clone(),
            Self::Day(day) => day.source.clone(),
            Self::Due(_) => "due".to_owned(),
            Self::Message(heard) => heard.name.value.clone(),
            Self::Signal(name) => name.value.clone(),
        }
    }

    /// As people call it: messages and signals by their titles.
    pub fn title(&self, organisation: &Organisation) -> String {
        match self {
            Self::Message(heard) => organisation.message_title(&heard.name).to_owned(),
            Self::Signal(name) => organisation.signal_title(name).to_owned(),
            _ => self.label(),
        }
    }

    /// The expressions that are reckoned when it begins to be waited for.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            Self::Day(day) => vec![day],
            Self::Message(heard) => heard.key.iter().flat_map(Line::expressions).collect(),
            Self::Term(..) | Self::Due(_) | Self::Signal(_) => Vec::new(),
        }
    }
}
