//! Messages and signals: what other systems and other procedures may tell a case.
//!
//! A message is for one case, which is found by a key, and is kept until that case listens; a signal is
//! for all that listen now. Delivering is the runtime's.

use crate::calendar::Term;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::field::{Field, Kind, decode_fields};
use crate::yaml::{Entries, Node, Spanned, named, text};

use super::{Organisation, Role, check_id};

/// A kind of message.
#[derive(Debug, Clone)]
pub struct Message {
    pub name: Spanned<String>,
    pub title: Option<String>,
    /// Roles whose people and programs may send it; procedures may in any case.
    pub by: Vec<Spanned<String>>,
    /// How long one is kept that nobody listens for.
    pub keep: Term,
    /// What it contains.
    pub fields: Vec<Field>,
}

/// A kind of signal.
#[derive(Debug, Clone)]
pub struct Signal {
    pub name: Spanned<String>,
    pub title: Option<String>,
    pub by: Vec<Spanned<String>>,
}

/// Kept for so long when the file says nothing: a payment that is a month early is looked for by a person.
const USUAL_KEEP: Term = Term::Days(30);

impl Message {
    /// The variable that takes the contents of one, as a group of fields.
    pub fn group(&self, into: &Spanned<String>) -> Field {
        let label = self.title.clone().unwrap_or_else(|| into.value.clone());
        Field::bare(into.clone(), label, Kind::Group { fields: self.fields.clone() })
    }
}

impl Organisation {
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages.iter().find(|message| *message.name == name)
    }

    /// How people call a message; its name where the file says no more.
    pub fn message_title<'a>(&'a self, name: &'a str) -> &'a str {
        self.message(name).and_then(|message| message.title.as_deref()).unwrap_or(name)
    }

    /// The same of a signal.
    pub fn signal_title<'a>(&'a self, name: &'a str) -> &'a str {
        self.signal(name).and_then(|signal| signal.title.as_deref()).unwrap_or(name)
    }

    pub fn signal(&self, name: &str) -> Option<&Signal> {
        self.signals.iter().find(|signal| *signal.name == name)
    }
}

/// Reads `messages`: titles, or tables with what else is said of them.
pub(super) fn messages(
    entries: &mut Entries<'_>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<Message> {
    let messages = entries.pairs("messages", found).into_iter();
    messages.filter_map(|(name, node)| message(name, node, sources, found)).collect()
}

fn message(
    name: Spanned<String>,
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Message> {
    check_id(&name, found);
    named(&name, node, "a message", found);
    if node.text().is_some() {
        let title = text(node, "message", found).map(|title| title.value);
        return Some(Message { name, title, by: Vec::new(), keep: USUAL_KEEP, fields: Vec::new() });
    }
    let mut entries = Entries::open(node, "a message", found)?;
    let title = entries.text("title", found).map(|title| title.value);
    let by = entries.texts("by", found);
    let keep = entries.text("keep", found);
    let keep = keep.and_then(|written| {
        let term = Term::parse(&written, found)?;
        if term.step().is_some() {
            found.push(
                Diagnostic::new("bad_term", written.span, "a message knows no step")
                    .label("`after` belongs to `opens`"),
            );
            return None;
        }
        Some(term)
    });
    let fields = entries.get("fields");
    let fields = fields.map(|node| decode_fields(node, "fields", sources, found));
    entries.finish(found);
    let (keep, fields) = (keep.unwrap_or(USUAL_KEEP), fields.unwrap_or_default());
    Some(Message { name, title, by, keep, fields })
}

/// Reads `signals`.
pub(super) fn signals(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Vec<Signal> {
    let signals = entries.pairs("signals", found).into_iter();
    let read = signals.filter_map(|(name, node)| {
        check_id(&name, found);
        named(&name, node, "a signal", found);
        if node.text().is_some() {
            let title = text(node, "signal", found).map(|title| title.value);
            return Some(Signal { name, title, by: Vec::new() });
        }
        let mut entries = Entries::open(node, "a signal", found)?;
        let title = entries.text("title", found).map(|title| title.value);
        let by = entries.texts("by", found);
        entries.finish(found);
        Some(Signal { name, title, by })
    });
    read.collect()
}

/// Tells of senders that are no roles.
pub(super) fn check_roles(
    roles: &[Role],
    (messages, signals): (&[Message], &[Signal]),
    found: &mut Diagnostics,
) {
    let of_messages = messages.iter().flat_map(|message| &message.by);
    let senders = of_messages.chain(signals.iter().flat_map(|signal| &signal.by));
    for name in senders.filter(|name| roles.iter().all(|role| *role.id != ***name)) {
        found.push(
            Diagnostic::new(
                "unknown_role",
                name.span,
                format!("there is no role `{}`", name.value),
            )
            .label("not one of `roles`")
            .suggest(name, roles.iter().map(|role| role.id.as_str())),
        );
    }
}
