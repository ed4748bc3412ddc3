//! What begins a procedure's cases: people of some roles, the clock, a message.

use super::event::Heard;
use super::{Procedure, Schedule};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::field::{Field, Kind, check_name, spoken};
use crate::organisation::Organisation;
use crate::yaml::{Entries, Node, Spanned};

/// `starts`, as it stands in the file.
#[derive(Debug, Clone, Default)]
pub struct Starts {
    /// Roles that may start a case.
    pub by: Vec<Spanned<String>>,
    /// When cases begin by themselves.
    pub schedule: Option<Schedule>,
    /// The variable that takes the day for which one does.
    pub day: Option<Spanned<String>>,
    /// The message that begins one when no case waits for it. It has no key of its own to compare.
    pub message: Option<Heard>,
}

impl Starts {
    /// `{ by: role, every: day at 17:00, as: day, message: name, into: variable }`. One of `by`, `every` and
    /// `message` must be written.
    pub(super) fn read(node: Option<&Node>, found: &mut Diagnostics) -> Self {
        let Some(mut entries) = node.and_then(|node| Entries::open(node, "starts", found)) else {
            return Self::default();
        };
        let message = entries.text("message", found);
        let is_alone = message.is_none() && entries.get("every").is_none();
        if is_alone {
            entries.require("by", found);
        }
        let by = entries.texts("by", found);
        let schedule = Schedule::read(&mut entries, found);
        let needs_every = ("as", "every", "the day for which a case begins by itself");
        let day = variable(&mut entries, needs_every, found);
        let needs_message = ("into", "message", "the contents of a message");
        let into = variable(&mut entries, needs_message, found);
        entries.finish(found);
        let message = message.map(|name| Heard { name, key: None, into });
        Self { by, schedule, day, message }
    }

    /// The first way, other than a procedure's, in which a case begins: nobody gives it inputs then.
    pub fn first(&self) -> Option<Span> {
        let by = self.by.first().map(|role| role.span);
        let every = self.schedule.as_ref().map(|schedule| schedule.written.span);
        by.or(every).or(self.message.as_ref().map(|message| message.name.span))
    }
}

/// The variable under a key that only means something beside another one.
fn variable(
    entries: &mut Entries<'_>,
    (key, beside, takes): (&'static str, &'static str, &str),
    found: &mut Diagnostics,
) -> Option<Spanned<String>> {
    let name = entries.text(key, found)?;
    check_name(&name, found);
    if entries.get(beside).is_none() {
        let headline = format!("`{key}` takes {takes}, and there is no `{beside}`");
        found.push(
            Diagnostic::new("missing_key", name.span, headline)
                .label("nothing comes into this variable")
                .help(format!("write `{beside}` beside it, or take it out")),
        );
    }
    Some(name)
}

impl Procedure {
    /// What a case knows from its beginning by the way in which it began: the day of its schedule, the
    /// contents of its message. Empty in a case that began in another way.
    pub(super) fn begins_with(&self, organisation: &Organisation) -> Vec<Field> {
        let Starts { by, schedule, day, message } = &self.starts;
        let ways = [!by.is_empty(), schedule.is_some(), message.is_some(), self.inputs.is_some()];
        let is_optional = ways.iter().filter(|way| **way).count() > 1;
        let date = Kind::Date { min: None, max: None };
        let day = day.iter().map(|name| Field {
            is_optional,
            ..Field::bare(name.clone(), spoken(name), date.clone())
        });
        let message = message.iter().filter_map(|heard| {
            let known = organisation.message(&heard.name)?;
            Some(Field { is_optional, ..known.group(heard.into.as_ref()?) })
        });
        day.chain(message).collect()
    }
}
