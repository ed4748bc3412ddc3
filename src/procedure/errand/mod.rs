//! What a step has a machine do: send mail, call another system, wait for an outside worker, begin a
//! case of another procedure.
//!
//! An errand is what is written; what runs is a *job* (`engine::Job`), made from it when a case comes to
//! the step, with everything that the machine needs frozen in it. Which mail server and which addresses
//! are behind the names is the server's configuration, never the file's.

mod answer;
mod decode;
mod shape;

pub use shape::Shape;

pub(super) use answer::inputs;
pub(super) use decode::open;

use super::Target;
use crate::diagnostic::Span;
use crate::expression::{Expression, Line};
use crate::form::Form;
use crate::yaml::Spanned;

/// The code of a handler that takes every failure that is final.
pub const ANY: &str = "any";

/// What an errand tries when its file says nothing, and at most.
pub const TRIES: u32 = 5;
pub const MOST_TRIES: u32 = 50;

/// Work that a step gives to a machine.
#[derive(Debug, Clone)]
pub struct Errand {
    pub what: What,
    /// The one variable that takes the answer, as a form that nobody is asked to fill in.
    pub into: Option<Form>,
    /// Failures that lead on instead of stopping the case.
    pub on_error: Vec<Handler>,
    /// How often it is tried before the case is stuck.
    pub tries: u32,
    /// Where its key stands.
    pub span: Span,
}

/// Which kind of work.
#[derive(Debug, Clone)]
pub enum What {
    Send(Box<Mail>),
    Call(Box<Call>),
    Work(Work),
    Case(Child),
}

/// `send`: a mail.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: Vec<Line>,
    pub subject: Line,
    pub body: Line,
    /// Documents that the case has issued.
    pub attach: Vec<Spanned<String>>,
}

/// `call`: a request to another system over HTTP.
#[derive(Debug, Clone)]
pub struct Call {
    /// A name in the server's configuration.
    pub service: Spanned<String>,
    pub method: Method,
    /// Below the service's own address.
    pub path: Line,
    pub body: Option<Shape>,
    pub timeout_ms: u32,
}

/// `job`: work that an outside worker fetches.
#[derive(Debug, Clone)]
pub struct Work {
    pub topic: Spanned<String>,
    /// The role that a worker needs.
    pub workers: Spanned<String>,
    pub with: Shape,
}

/// `procedure`: a case of another procedure.
#[derive(Debug, Clone)]
pub struct Child {
    pub procedure: Spanned<String>,
    /// Its inputs, as a table.
    pub with: Shape,
    /// The case waits until that one has ended, and not only until it has begun.
    pub waits: bool,
}

/// What is asked of the other system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// One line of `on_error`.
#[derive(Debug, Clone)]
pub struct Handler {
    pub code: Spanned<String>,
    pub target: Target,
}

impl Method {
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The key in the file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

impl Errand {
    /// The key that opens it.
    pub fn key(&self) -> &'static str {
        match self.what {
            What::Send(_) => "send",
            What::Call(_) => "call",
            What::Work(_) => "job",
            What::Case(_) => "procedure",
        }
    }

    /// As the drawing calls it: `send`, `call facturacion`, `job medir-presion`.
    pub fn name(&self) -> String {
        match &self.what {
            What::Send(_) => "send".to_owned(),
            What::Call(call) => format!("call {}", call.service.value),
            What::Work(work) => format!("job {}", work.topic.value),
            What::Case(child) => format!("procedure {}", child.procedure.value),
        }
    }

    /// Which line of `on_error` takes a failure with this code.
    pub fn handler(&self, code: &str) -> Option<&Handler> {
        self.on_error.iter().find(|handler| *handler.code == code)
    }

    /// Everything that it reads of the case.
    pub fn expressions(&self) -> Vec<&Expression> {
        let lines = self.lines().into_iter().flat_map(Line::expressions);
        lines.chain(self.values()).collect()
    }

    /// Data that it hands over as it is.
    pub fn values(&self) -> Vec<&Expression> {
        match &self.what {
            What::Send(_) => Vec::new(),
            What::Call(call) => call.body.iter().flat_map(Shape::expressions).collect(),
            What::Work(work) => work.with.expressions(),
            What::Case(child) => child.with.expressions(),
        }
    }

    /// Lines of text that it fills in.
    pub fn lines(&self) -> Vec<&Line> {
        match &self.what {
            What::Send(mail) => mail.to.iter().chain([&mail.subject, &mail.body]).collect(),
            What::Call(call) => vec![&call.path],
            What::Work(_) | What::Case(_) => Vec::new(),
        }
    }

    /// Documents that it sends along.
    pub fn attached(&self) -> &[Spanned<String>] {
        match &self.what {
            What::Send(mail) => &mail.attach,
            _ => &[],
        }
    }
}
