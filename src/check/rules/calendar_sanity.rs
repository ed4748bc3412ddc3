//! `overlapping_hours`, `outside_working_hours`, `holidays_end`: calendars that can be read and are
//! probably not meant.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::calendar::{Calendar, Hours};
use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::organisation::Organisation;

/// From October on, next year's holidays are missed.
const AHEAD_MONTHS: i64 = 3;

/// Seasons that overlap, of the organisation or of a unit.
pub fn overlaps(organisation: &Organisation, found: &mut Diagnostics) {
    for calendar in calendars(organisation) {
        for (at, one) in calendar.other_hours.iter().enumerate() {
            let mut before = calendar.other_hours[..at].iter();
            let Some(other) = before.find(|other| other.days.on.overlaps(&one.days.on)) else {
                continue;
            };
            found.push(
                Diagnostic::new(
                    "overlapping_hours",
                    one.days.span,
                    "two lines give some days other hours",
                )
                .label("this one holds on the days that both mean")
                .also(other.days.span, "some of these days too"),
            );
        }
    }
}

/// A time of day at which nobody works.
pub fn times(subject: &Subject<'_>, found: &mut Diagnostics) {
    for (_, step) in subject.steps() {
        let Some(role) = subject.executable.queue(step) else { continue };
        let calendar = subject.organisation.calendar_of(role);
        for (key, term) in [("due", &step.due), ("opens", &step.opens)] {
            let Some((term, written)) = term else { continue };
            let Some(time) = term.time_of_day() else { continue };
            let mut shifts = calendar.week.iter().flatten().chain(others(calendar));
            if !shifts.any(|shift| shift.contains(time)) {
                let time = time.strftime("%H:%M");
                let headline = format!("nobody of `{role}` works at {time}");
                let verb = if key == "due" { "it is due" } else { "it opens" };
                found.push(
                    Diagnostic::new("outside_working_hours", written.span, headline)
                        .label(format!("{verb} when the work of every day is over, or not begun"))
                        .help("write a time within the calendar's hours, or `end of day`"),
                );
            }
        }
    }
}

/// Holidays that are written with their year, and not far enough.
pub fn ends(organisation: &Organisation, today: Date, found: &mut Diagnostics) {
    let until = today.checked_add(AHEAD_MONTHS.months()).unwrap_or(today);
    for calendar in calendars(organisation) {
        let Some((last, span)) = calendar.last_dated() else { continue };
        if last.year() < until.year() {
            let year = calendar.system.day(until).year;
            found.push(
                Diagnostic::new("holidays_end", span, format!("no holiday of {year} is written"))
                    .label("the last one that has a date with its year")
                    .help(
                        "write the rule of those that come every year: `date: 12-25`, `easter: -2`",
                    ),
            );
        }
    }
}

fn calendars(organisation: &Organisation) -> impl Iterator<Item = &Calendar> {
    let units = organisation.units.iter().filter_map(|unit| unit.calendar.as_ref());
    std::iter::once(&organisation.calendar).chain(units)
}

fn others(calendar: &Calendar) -> impl Iterator<Item = &crate::calendar::Shift> {
    calendar.other_hours.iter().flat_map(|other| match &other.hours {
        Hours::Each(shifts) => shifts.iter().collect::<Vec<_>>(),
        Hours::Week(week) => week.iter().flatten().collect(),
    })
}
