//! Working days and hours of an office, and terms such as `2 working days` in them.
//!
//! jiff does the arithmetic of dates and zones; here stands only what an office adds to it: which
//! hours are worked, which days are not, and what a written term means.

mod retention;
mod term;

pub use retention::Retention;
pub use term::Term;

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How far ahead a term may reach before it is given up: a calendar without working days must not
/// loop for ever.
const MAX_DAYS: usize = 3_660;

/// When an office works.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub zone: TimeZone,
    /// Periods of each weekday from Monday on, in order, each from–to.
    pub week: [Vec<(Time, Time)>; 7],
    /// Days off with their names.
    pub holidays: BTreeMap<Date, String>,
}

impl Calendar {
    /// Monday to Friday, eight to twelve and two to six, until an organisation says otherwise.
    pub fn ordinary(zone: TimeZone) -> Self {
        let day = vec![(hour(8), hour(12)), (hour(14), hour(18))];
        let off = Vec::new();
        let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, off.clone(), off];
        Self { zone, week, holidays: BTreeMap::new() }
    }

    /// The periods worked on a day; none on a day off.
    pub fn periods(&self, date: Date) -> &[(Time, Time)] {
        if self.holidays.contains_key(&date) {
            return &[];
        }
        &self.week[date.weekday().to_monday_zero_offset() as usize]
    }

    pub fn is_working_day(&self, date: Date) -> bool {
        !self.periods(date).is_empty()
    }

    /// The day of an instant here.
    pub fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The instant that a term ends, counted from `from`. A term that never ends here gives `from`
    /// plus ten years rather than nothing, so that a task is never without its due date.
    pub fn after(&self, from: Timestamp, term: &Term) -> Timestamp {
        let local = || self.zone.to_datetime(from);
        let end = match term {
            Term::Minutes(minutes) => return later(from, SignedDuration::from_mins(*minutes)),
            Term::Hours(hours) => return later(from, SignedDuration::from_hours(*hours)),
            Term::Days(days) => local().checked_add(days.days()).unwrap_or(DateTime::MAX),
            Term::WorkingDays(days) => self.working_days(local().date(), *days),
            Term::WorkingHours(hours) => self.working_hours(local(), *hours),
            Term::TimeOfDay(time) => self.time_of_day(local(), *time),
            Term::EndOfMonth => self.end_of_month(local()),
            Term::AfterStep { .. } => return from,
        };
        self.zone.to_timestamp(end).unwrap_or(from)
    }

    /// The instant from which something may be done: a term in working days ends when that day's work
    /// begins, not when it ends.
    pub fn opening(&self, from: Timestamp, term: &Term) -> Timestamp {
        let end = self.after(from, term);
        if !matches!(term, Term::WorkingDays(_) | Term::EndOfMonth) {
            return end;
        }
        let date = self.date(end);
        let Some((opens, _)) = self.periods(date).first() else { return end };
        self.zone.to_timestamp(date.to_datetime(*opens)).unwrap_or(end)
    }

    /// The end of work on the `count`-th working day after `from`.
    fn working_days(&self, from: Date, count: i64) -> DateTime {
        let mut left = count;
        let (mut date, mut last) = (from, from);
        for _ in 0..MAX_DAYS {
            let Ok(next) = date.tomorrow() else { break };
            date = next;
            if self.is_working_day(date) {
                last = date;
                left -= 1;
            }
            if left <= 0 {
                break;
            }
        }
        self.closing(last)
    }

    fn working_hours(&self, from: DateTime, hours: i64) -> DateTime {
        let mut left = SignedDuration::from_hours(hours);
        for date in from.date().series(1.day()).take(MAX_DAYS) {
            for (opens, closes) in self.periods(date) {
                let start = date.to_datetime(*opens).max(from);
                let end = date.to_datetime(*closes);
                let span = start.duration_until(end);
                if span <= SignedDuration::ZERO {
                    continue;
                }
                if span >= left {
                    return start.checked_add(left).unwrap_or(end);
                }
                left -= span;
            }
        }
        from.checked_add(10.years()).unwrap_or(DateTime::MAX)
    }

    /// Today at this time if it is still to come, else on the next working day.
    fn time_of_day(&self, from: DateTime, time: Time) -> DateTime {
        let works = |date: &Date| self.is_working_day(*date);
        from.date()
            .series(1.day())
            .take(MAX_DAYS)
            .filter(works)
            .map(|date| date.to_datetime(time))
            .find(|end| *end >= from)
            .unwrap_or_else(|| from.date().to_datetime(time))
    }

    /// The end of work on the month's last working day; after it, the next month's.
    fn end_of_month(&self, from: DateTime) -> DateTime {
        let this = self.last_closing(from.date());
        if this >= from {
            return this;
        }
        let next = from.date().last_of_month().checked_add(1.day());
        next.map_or(this, |next| self.last_closing(next))
    }

    fn last_closing(&self, month: Date) -> DateTime {
        let last = month.last_of_month();
        let date = (0..31_i64)
            .filter_map(|back| last.checked_sub(back.days()).ok())
            .find(|date| self.is_working_day(*date))
            .unwrap_or(last);
        self.closing(date)
    }

    fn closing(&self, date: Date) -> DateTime {
        let closes = self.periods(date).last().map_or(hour(18), |(_, closes)| *closes);
        date.to_datetime(closes)
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

fn later(from: Timestamp, span: SignedDuration) -> Timestamp {
    from.checked_add(span).unwrap_or(Timestamp::MAX)
}

fn hour(hour: i8) -> Time {
    Time::constant(hour, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    /// Terms in La Paz (UTC−4), where Monday 2026-11-23 is an ordinary day.
    #[test]
    fn terms_end_when_an_office_would_say() {
        let zone = TimeZone::get("America/La_Paz").expect("zone");
        let mut calendar = Calendar::ordinary(zone);
        calendar.holidays.insert("2026-11-25".parse().expect("date"), "feriado".into());
        let monday = at("2026-11-23T15:00:00Z"); // 11:00 in La Paz
        let cases = [
            (Term::Minutes(10), "2026-11-23T15:10:00Z"),
            (Term::WorkingDays(2), "2026-11-26T22:00:00Z"), // Tuesday, holiday, Thursday 18:00
            (Term::WorkingHours(4), "2026-11-23T21:00:00Z"), // one before noon, three after two
            (Term::TimeOfDay(hour(17)), "2026-11-23T21:00:00Z"),
            (Term::TimeOfDay(hour(9)), "2026-11-24T13:00:00Z"),
            (Term::EndOfMonth, "2026-11-30T22:00:00Z"),
            (Term::Days(3), "2026-11-26T15:00:00Z"),
        ];
        for (term, end) in cases {
            assert_eq!(calendar.after(monday, &term), at(end), "{term:?}");
        }
        let opens = calendar.opening(monday, &Term::WorkingDays(1));
        assert_eq!(opens, at("2026-11-24T12:00:00Z"), "not before tomorrow morning");
        let evening = at("2026-11-30T23:00:00Z");
        let end = calendar.after(evening, &Term::EndOfMonth);
        assert_eq!(end, at("2026-12-31T22:00:00Z"), "this month's end is past");
    }
}
