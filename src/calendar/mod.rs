//! Working days and hours of an office, and terms such as `2 working days` in them.
//!
//! jiff does the arithmetic of dates and zones, icu that of other calendars; here stands only what an
//! office adds to them: which hours are worked, which days are not, what a written term means, and when
//! something comes round again. No clock: every question brings its instant along.

mod after;
mod days;
mod decode;
mod easter;
mod left;
mod month;
mod recurrence;
mod retention;
mod schedule;
mod shift;
mod system;
mod term;

pub use days::{Days, On};
pub use decode::decode;
pub use easter::easter;
pub use left::Left;
pub use month::MonthDay;
pub use recurrence::Recurrence;
pub use retention::Retention;
pub use schedule::{Missed, Schedule};
pub use shift::Shift;
pub use system::{Day, System};
pub use term::{Period, Term};

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::diagnostic::Span;

/// How far ahead a term may reach before it is given up: a calendar without working days must not
/// loop for ever.
const MAX_DAYS: usize = 3_660;

/// Shifts of each weekday from Monday on, in order.
pub type Week = [Vec<Shift>; 7];

/// When an office works.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub zone: TimeZone,
    /// Whose months `end of month` means, and in which dates are written unless they say otherwise.
    pub system: System,
    pub week: Week,
    /// Days off.
    pub holidays: Vec<Days>,
    /// Days and seasons with hours of their own; of two the later one holds.
    pub other_hours: Vec<OtherHours>,
}

/// Hours that differ from the week's.
#[derive(Debug, Clone)]
pub struct OtherHours {
    pub days: Days,
    pub hours: Hours,
}

#[derive(Debug, Clone)]
pub enum Hours {
    /// On each of those days that is worked at all.
    Each(Vec<Shift>),
    Week(Box<Week>),
}

impl Calendar {
    /// Monday to Friday, eight to twelve and two to six, until an organisation says otherwise.
    pub fn ordinary(zone: TimeZone) -> Self {
        let day = vec![Shift::hours(8, 12), Shift::hours(14, 18)];
        let off = Vec::new();
        let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, off.clone(), off];
        let (holidays, other_hours) = (Vec::new(), Vec::new());
        Self { zone, system: System::Gregorian, week, holidays, other_hours }
    }

    /// The year that a day is in, as people here count years.
    pub fn year(&self, date: Date) -> i16 {
        match self.system {
            System::Gregorian => date.year(),
            system => i16::try_from(system.day(date).year).unwrap_or_default(),
        }
    }

    /// The hours worked on a day; none on a day off.
    ///
    /// A date that is written with its year and hours of its own is worked whatever else is said of it;
    /// then come the holidays, then other hours of a single day, then those of a season.
    pub fn shifts(&self, date: Date) -> &[Shift] {
        let ordinary = &self.week[place(date.weekday())];
        if self.holidays.is_empty() && self.other_hours.is_empty() {
            return ordinary;
        }
        let mut others = self.other_hours.iter().rev();
        if let Some(shifts) = others.find_map(|other| match (&other.days.on, &other.hours) {
            (On::Once(day), Hours::Each(shifts)) if *day == date => Some(shifts),
            _ => None,
        }) {
            return shifts;
        }
        if self.holiday(date).is_some() {
            return &[];
        }
        for is_single in [true, false] {
            let mut others = self.other_hours.iter().rev();
            let holds = |other: &&OtherHours| {
                other.days.on.is_single() == is_single && other.days.contain(date)
            };
            match others.find(holds).map(|other| &other.hours) {
                Some(Hours::Week(week)) => return &week[place(date.weekday())],
                Some(Hours::Each(shifts)) if !ordinary.is_empty() => return shifts,
                _ => {}
            }
        }
        ordinary
    }

    /// The name of the holiday that a day is.
    pub fn holiday(&self, date: Date) -> Option<&str> {
        let holiday = self.holidays.iter().find(|days| days.contain(date));
        holiday.map(|days| days.name.as_str())
    }

    pub fn is_working_day(&self, date: Date) -> bool {
        !self.shifts(date).is_empty()
    }

    /// The day of an instant here.
    pub fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The last holiday that is written with its year, and where it stands; none when there is no such
    /// table, but only rules.
    pub fn last_dated(&self) -> Option<(Date, Span)> {
        let dated = self.holidays.iter().filter_map(|days| Some((days.last_dated()?, days.span)));
        dated.max_by_key(|(date, _)| *date)
    }
}

/// The weekdays as they are written in a file, from Monday on.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

fn weekday(name: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(known, _)| *known == name).map(|(_, weekday)| *weekday)
}

/// A weekday's place in a [`Week`].
fn place(weekday: Weekday) -> usize {
    weekday.to_monday_zero_offset().unsigned_abs().into()
}
