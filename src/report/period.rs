//! The days that a report tells of: a day, a week, a month or a year of the organisation.
//!
//! Weeks begin where its working week begins (Monday in La Paz, Saturday in Tehran), months and years
//! are those of its calendar. The clock is the caller's.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Day, System};
use crate::language::Language;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    Week,
    Month,
    Year,
}

/// The days from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub period: Period,
    pub first: Date,
    pub last: Date,
}

impl Period {
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }

    /// The period in which `day` lies.
    pub fn around(self, day: Date, calendar: &Calendar) -> Span {
        let (first, last) = match self {
            Self::Day => (day, day),
            Self::Week => {
                let past =
                    (day.weekday().to_monday_zero_offset() - first_weekday(calendar)).rem_euclid(7);
                let first = day.saturating_sub(i64::from(past).days());
                (first, first.saturating_add(6.days()))
            }
            Self::Month => {
                (calendar.system.first_of_month(day), calendar.system.last_of_month(day))
            }
            Self::Year => year(calendar.system, day),
        };
        Span { period: self, first, last }
    }
}

/// First and last day of the year of `day`.
fn year(system: System, day: Date) -> (Date, Date) {
    let this = system.day(day).year;
    let first = |year| system.date(Day { year, month: 1, day: 1 });
    let last = first(this + 1).and_then(|next| next.yesterday().ok());
    (first(this).unwrap_or(day), last.unwrap_or(day))
}

/// The first working day after days off, counted from Monday.
fn first_weekday(calendar: &Calendar) -> i8 {
    let works = |day: usize| !calendar.week[day % 7].is_empty();
    let first = (0..7_usize).find(|day| works(*day) && !works(day + 6));
    first.and_then(|day| i8::try_from(day).ok()).unwrap_or(0)
}

impl Span {
    /// The same length just before.
    pub fn before(self, calendar: &Calendar) -> Self {
        self.period.around(self.first.saturating_sub(1.day()), calendar)
    }

    /// The same length just after.
    pub fn after(self, calendar: &Calendar) -> Self {
        self.period.around(self.last.saturating_add(1.day()), calendar)
    }

    /// From the first moment to the first that is past it, where the organisation is.
    pub fn moments(self, calendar: &Calendar) -> (Timestamp, Timestamp) {
        let start = |date: Date| {
            calendar.zone.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        };
        let from = start(self.first).unwrap_or(Timestamp::MIN);
        let to = self.last.checked_add(1.day()).and_then(start).unwrap_or(Timestamp::MAX);
        (from, to)
    }

    /// The days in words: one, or from one to another.
    pub fn words(self, language: &Language) -> String {
        if self.first == self.last {
            return language.long_date(self.first);
        }
        let (first, last) = (language.date(self.first), language.date(self.last));
        language.text("report-span", &[("first", first.into()), ("last", last.into())])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("the bundled zones have it")
    }

    #[test]
    fn periods_lie_side_by_side() {
        let calendar = Calendar::ordinary(zone("America/La_Paz"));
        for period in Period::ALL {
            let mut span = period.around(date(2024, 2, 27), &calendar);
            for _ in 0..30 {
                let next = span.after(&calendar);
                assert_eq!(next.first, span.last.tomorrow().expect("a day"), "{span:?}");
                assert_eq!(next.before(&calendar), span);
                assert_eq!(period.around(next.last, &calendar), next);
                span = next;
            }
        }
    }

    #[test]
    fn weeks_and_months_are_the_place_s_own() {
        let day = date(2026, 11, 25); // a Wednesday, 4 Azar 1405
        let bolivia = Calendar::ordinary(zone("America/La_Paz"));
        let week = Period::Week.around(day, &bolivia);
        assert_eq!((week.first, week.last), (date(2026, 11, 23), date(2026, 11, 29)));
        let month = Period::Month.around(day, &bolivia);
        assert_eq!((month.first, month.last), (date(2026, 11, 1), date(2026, 11, 30)));
        let mut iran = Calendar::ordinary(zone("Asia/Tehran"));
        iran.week.rotate_right(5);
        assert!(iran.week[3].is_empty() && iran.week[4].is_empty() && !iran.week[5].is_empty());
        iran.system = System::Persian;
        let week = Period::Week.around(day, &iran);
        assert_eq!((week.first, week.last), (date(2026, 11, 21), date(2026, 11, 27)));
        let month = Period::Month.around(day, &iran);
        assert_eq!((month.first, month.last), (date(2026, 11, 22), date(2026, 12, 21)));
        let year = Period::Year.around(day, &iran);
        assert_eq!((year.first, year.last), (date(2026, 3, 21), date(2027, 3, 20)));
    }

    #[test]
    fn a_day_is_from_midnight_to_midnight_there() {
        let calendar = Calendar::ordinary(zone("America/La_Paz"));
        let span = Period::Day.around(date(2026, 11, 23), &calendar);
        let (from, to) = span.moments(&calendar);
        assert_eq!(from.to_string(), "2026-11-23T04:00:00Z");
        assert_eq!(to.to_string(), "2026-11-24T04:00:00Z");
    }
}
