//! Which days a line of the calendar means: one day, the same day of each year, a span, a movable feast.
//!
//! A rule is asked about a day ([`Days::contain`]) rather than unrolled over years: nothing ends when a
//! table would.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::easter::easter;
use super::system::{Day, System};
use crate::diagnostic::Span;

/// Days with a name.
#[derive(Debug, Clone)]
pub struct Days {
    pub name: String,
    pub on: On,
    /// Where a day goes that falls on a day of the week: the nearest such day.
    pub moves: Vec<(Weekday, Weekday)>,
    /// What was decreed, instead of the day of that year which the rule gives.
    pub decreed: BTreeSet<Date>,
    /// Where the line stands.
    pub span: Span,
}

/// What is written of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Once(Date),
    /// Both days included.
    Between(Date, Date),
    /// Each year from a month and day to another, both included; over the new year when the second is
    /// before the first.
    Yearly {
        system: System,
        from: (u8, u8),
        until: (u8, u8),
    },
    /// Days after Easter Sunday, negative before it.
    Easter(i64),
    /// The third Monday of a month; 0 is the last one.
    Weekday {
        system: System,
        nth: u8,
        weekday: Weekday,
        month: u8,
    },
}

/// How far from the rule's day a decree may put it. Two of one rule are eleven months apart at least.
pub const DECREED_WITHIN: i64 = 15;

impl On {
    pub fn contains(&self, date: Date) -> bool {
        match *self {
            Self::Once(day) => day == date,
            Self::Between(from, until) => (from..=until).contains(&date),
            Self::Yearly { system, from, until } => {
                let Day { month, day, .. } = system.day(date);
                within((month, day), from, until)
            }
            Self::Easter(days) => {
                let sunday = date.checked_sub(days.days()).ok();
                sunday.is_some_and(|sunday| easter(sunday.year()) == Some(sunday))
            }
            Self::Weekday { system, nth, weekday, month } => {
                let day = system.day(date);
                let is_place = match nth {
                    0 => day.day + 7 > system.days_in_month(date),
                    nth => (day.day - 1) / 7 + 1 == nth,
                };
                date.weekday() == weekday && day.month == month && is_place
            }
        }
    }

    /// Whether both mean some day, as far as the files alone can tell: a season of the moon wanders
    /// through those of the sun, and that is no mistake.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Once(one), Self::Once(other)) => one == other,
            (Self::Between(from, until), Self::Between(first, last)) => {
                from <= last && first <= until
            }
            (
                Self::Yearly { system, from, until },
                Self::Yearly { system: other_system, from: first, until: last },
            ) => {
                let is_kind = system == other_system && self.is_single() == other.is_single();
                is_kind && (within(first, from, until) || within(from, first, last))
            }
            _ => self == other,
        }
    }

    /// Whether it is one day each time, not a span of days.
    pub fn is_single(&self) -> bool {
        match self {
            Self::Between(..) => false,
            Self::Yearly { from, until, .. } => from == until,
            _ => true,
        }
    }
}

impl Days {
    pub fn contain(&self, date: Date) -> bool {
        if self.decreed.contains(&date) {
            return true;
        }
        let is_meant = if self.moves.is_empty() {
            self.on.contains(date)
        } else {
            let mut near = (-3..=3_i64).filter_map(|days| date.checked_add(days.days()).ok());
            near.any(|day| self.on.contains(day) && self.moved(day) == date)
        };
        is_meant && !self.is_decreed_near(date)
    }

    /// Whether the rule itself gives a day that a decree of this date can stand for.
    pub fn is_near(&self, decreed: Date) -> bool {
        let mut near = (-DECREED_WITHIN..=DECREED_WITHIN)
            .filter_map(|days| decreed.checked_add(days.days()).ok());
        near.any(|day| self.on.contains(day))
    }

    /// The last day that is written with its year; none when the rule goes on for ever.
    pub fn last_dated(&self) -> Option<Date> {
        let own = match self.on {
            On::Once(date) | On::Between(_, date) => Some(date),
            _ => None,
        };
        own.max(self.decreed.last().copied())
    }

    fn is_decreed_near(&self, date: Date) -> bool {
        let reach = DECREED_WITHIN.days();
        let (Ok(from), Ok(until)) = (date.checked_sub(reach), date.checked_add(reach)) else {
            return false;
        };
        self.decreed.range(from..=until).next().is_some()
    }

    fn moved(&self, date: Date) -> Date {
        let to = self.moves.iter().find(|(from, _)| *from == date.weekday()).map(|(_, to)| *to);
        let Some(to) = to else { return date };
        let ahead = i64::from(date.weekday().until(to));
        let nearest = if ahead <= 3 { ahead } else { ahead - 7 };
        date.checked_add(nearest.days()).unwrap_or(date)
    }
}

/// Over the new year when `until` is before `from`.
fn within(day: (u8, u8), from: (u8, u8), until: (u8, u8)) -> bool {
    if from <= until { (from..=until).contains(&day) } else { day >= from || day <= until }
}
