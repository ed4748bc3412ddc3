//! `bad_schedule`: something is to come by itself on a day that never comes, such as the 30th of February.

use jiff::Timestamp;

use crate::calendar::{Calendar, Schedule};
use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let Some(schedule) = &subject.procedure.starts.schedule else { return };
    never(schedule, &subject.organisation.calendar, found);
}

/// What comes by itself must come.
pub(super) fn never(schedule: &Schedule, calendar: &Calendar, found: &mut Diagnostics) {
    // Any ten years do: they have every day that a calendar has.
    if calendar.next(Timestamp::UNIX_EPOCH, &schedule.every).is_none() {
        let headline = format!("`{}` never comes", schedule.written.value);
        found.push(
            Diagnostic::new("bad_schedule", schedule.written.span, headline)
                .label("the calendar has no such day")
                .help("the last day of a month is written `month on the last day`"),
        );
    }
}
