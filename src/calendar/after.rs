//! When a term ends, counted from an instant in an office's calendar.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::month::MonthDay;
use super::term::Period;
use super::{Calendar, MAX_DAYS, Term};

/// When a day's work ends that has none: only in a calendar without any work.
const CLOSING: Time = Time::constant(18, 0, 0, 0);

impl Calendar {
    /// The instant that a term ends, counted from `from`. A term that never ends here gives `from`
    /// plus ten years rather than nothing, so that a task is never without its due date.
    pub fn after(&self, from: Timestamp, term: &Term) -> Timestamp {
        let local = || self.zone.to_datetime(from);
        let end = match term {
            Term::Minutes(minutes) => return later(from, SignedDuration::from_mins(*minutes)),
            Term::Hours(hours) => return later(from, SignedDuration::from_hours(*hours)),
            Term::WorkingHours(hours) => {
                return self.after_work(from, SignedDuration::from_hours(*hours));
            }
            Term::Period(period) => return self.after_period(from, *period),
            Term::AfterStep { .. } => return from,
            Term::Days(days) => local().checked_add(days.days()).unwrap_or(DateTime::MAX),
            Term::WorkingDays(days) => self.closing(self.working_day_after(local().date(), *days)),
            Term::TimeOfDay(time) => self.time_of_day(local(), *time),
            Term::EndOfDay => self.end_of_day(local()),
            Term::InMonth(day) => {
                self.next_in_month(local(), |date| Some(self.end_in_month(date, *day)), *day)
            }
            Term::By { term, time } => match **term {
                Term::InMonth(day) => {
                    self.next_in_month(local(), |date| Some(date.to_datetime(*time)), day)
                }
                ref term => self.date(self.after(from, term)).to_datetime(*time),
            },
        };
        self.instant(end).unwrap_or(from)
    }

    /// The instant from which something may be done: a term in working days ends when that day's work
    /// begins, not when it ends.
    pub fn opening(&self, from: Timestamp, term: &Term) -> Timestamp {
        let date = match term {
            Term::WorkingDays(_) => self.date(self.after(from, term)),
            // Its end may be the midnight behind the day.
            Term::InMonth(day) => {
                let local = self.zone.to_datetime(from);
                let ends = |date| Some(self.end_in_month(date, *day));
                self.next_day_in_month(local, ends, *day).unwrap_or(local.date())
            }
            _ => return self.after(from, term),
        };
        let opens = match self.shifts(date).first() {
            Some(shift) => shift.opening(date),
            None => date.at(0, 0, 0, 0),
        };
        self.instant(opens).unwrap_or(from)
    }

    /// The instant until which so much has been worked since `from`.
    pub(super) fn after_work(&self, from: Timestamp, work: SignedDuration) -> Timestamp {
        if work <= SignedDuration::ZERO {
            return from;
        }
        let mut left = work;
        for date in self.date(from).series(1.day()).take(MAX_DAYS) {
            for (opens, closes) in self.worked(date) {
                let start = opens.max(from);
                let span = start.duration_until(closes);
                if span <= SignedDuration::ZERO {
                    continue;
                }
                if span >= left {
                    return later(start, left);
                }
                left -= span;
            }
        }
        let never = self.zone.to_datetime(from).checked_add(10.years());
        never.ok().and_then(|end| self.instant(end)).unwrap_or(from)
    }

    /// The hours worked on a day as instants: where the clock is put forward or back, what really
    /// passes.
    pub(super) fn worked(&self, date: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.shifts(date).iter().filter_map(move |shift| {
            Some((self.instant(shift.opening(date))?, self.instant(shift.closing(date))?))
        })
    }

    /// A local time as an instant. One that the clock leaps over is as much later as it leaps; of one
    /// that comes twice the first is meant.
    pub(super) fn instant(&self, local: DateTime) -> Option<Timestamp> {
        self.zone.to_timestamp(local).ok()
    }

    /// When a day begins here.
    pub fn midnight(&self, date: Date) -> Option<Timestamp> {
        self.instant(date.at(0, 0, 0, 0))
    }

    fn after_period(&self, from: Timestamp, period: Period) -> Timestamp {
        let local = self.zone.to_datetime(from);
        let date = if period.months == 0 {
            Some(local.date())
        } else {
            self.system.plus_months(local.date(), period.months)
        };
        let date = date.and_then(|date| date.checked_add(period.days.days()).ok());
        let start = match date {
            Some(date) if date != local.date() => self.instant(date.to_datetime(local.time())),
            // Nothing but seconds: an hour that comes twice must not begin anew.
            Some(_) => Some(from),
            None => None,
        };
        start
            .map_or(Timestamp::MAX, |start| later(start, SignedDuration::from_secs(period.seconds)))
    }

    /// The `count`-th working day after `from`.
    fn working_day_after(&self, from: Date, count: i64) -> Date {
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
        last
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

    /// The end of this day's work, or of the next working day's.
    fn end_of_day(&self, from: DateTime) -> DateTime {
        let works = |date: &Date| self.is_working_day(*date);
        let days = from.date().series(1.day()).take(MAX_DAYS).filter(works);
        let mut ends = days.map(|date| self.closing(date));
        ends.find(|end| *end >= from).unwrap_or_else(|| self.closing(from.date()))
    }

    /// When the day of a month ends in this month, or in the next one that has not passed it.
    fn next_in_month(
        &self,
        from: DateTime,
        ends: impl Fn(Date) -> Option<DateTime>,
        day: MonthDay,
    ) -> DateTime {
        let date = self.next_day_in_month(from, &ends, day).unwrap_or(from.date());
        ends(date).unwrap_or(from)
    }

    fn next_day_in_month(
        &self,
        from: DateTime,
        ends: impl Fn(Date) -> Option<DateTime>,
        day: MonthDay,
    ) -> Option<Date> {
        let mut month = self.system.first_of_month(from.date());
        for _ in 0..MAX_DAYS / 30 {
            if let Some(date) = self.in_month(month, day)
                && ends(date).is_some_and(|end| end >= from)
            {
                return Some(date);
            }
            month = self.system.last_of_month(month).tomorrow().ok()?;
        }
        // A calendar without work has no working day in any month.
        Some(self.system.last_of_month(from.date()))
    }

    /// Where work is done, at its end; a day off ends at midnight.
    fn end_in_month(&self, date: Date, day: MonthDay) -> DateTime {
        let is_plain = matches!(day, MonthDay::Day(_) | MonthDay::Last);
        match date.tomorrow() {
            Ok(next) if is_plain && !self.is_working_day(date) => next.at(0, 0, 0, 0),
            _ => self.closing(date),
        }
    }

    fn closing(&self, date: Date) -> DateTime {
        let last = self.shifts(date).last();
        last.map_or_else(|| date.to_datetime(CLOSING), |shift| shift.closing(date))
    }
}

fn later(from: Timestamp, span: SignedDuration) -> Timestamp {
    from.checked_add(span).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::calendar::{Days, On, Shift, System};
    use crate::diagnostic::{FileId, Span};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn hour(hour: i8) -> Time {
        Time::constant(hour, 0, 0, 0)
    }

    fn off(date: &str) -> Days {
        Days {
            name: "feriado".to_owned(),
            on: On::Once(date.parse().expect("a date")),
            moves: Vec::new(),
            decreed: std::collections::BTreeSet::new(),
            span: Span::new(FileId(0), 0, 0),
        }
    }

    /// Terms in La Paz (UTC−4), where Monday 2026-11-23 is an ordinary day.
    #[test]
    fn terms_end_when_an_office_would_say() {
        let zone = TimeZone::get("America/La_Paz").expect("zone");
        let mut calendar = Calendar::ordinary(zone);
        calendar.holidays.push(off("2026-11-25"));
        let monday = at("2026-11-23T15:00:00Z"); // 11:00 in La Paz
        let by = |term, time| Term::By { term: Box::new(term), time: hour(time) };
        let months = |months| Term::Period(Period { months, ..Period::default() });
        let end_of_month = Term::InMonth(MonthDay::LastWorking);
        let cases = [
            (Term::Minutes(10), "2026-11-23T15:10:00Z"),
            (Term::WorkingDays(2), "2026-11-26T22:00:00Z"), // Tuesday, holiday, Thursday 18:00
            (by(Term::WorkingDays(2), 12), "2026-11-26T16:00:00Z"),
            (Term::WorkingHours(4), "2026-11-23T21:00:00Z"), // one before noon, three after two
            (Term::TimeOfDay(hour(17)), "2026-11-23T21:00:00Z"),
            (Term::TimeOfDay(hour(9)), "2026-11-24T13:00:00Z"),
            (Term::EndOfDay, "2026-11-23T22:00:00Z"),
            (end_of_month.clone(), "2026-11-30T22:00:00Z"),
            (by(end_of_month.clone(), 12), "2026-11-30T16:00:00Z"),
            (Term::InMonth(MonthDay::Working(2)), "2026-12-02T22:00:00Z"),
            (Term::InMonth(MonthDay::Day(28)), "2026-11-29T04:00:00Z"), // a Saturday, to midnight
            (Term::Days(3), "2026-11-26T15:00:00Z"),
            (months(3), "2027-02-23T15:00:00Z"),
            (Term::Period(Period { months: 0, days: 1, seconds: 60 }), "2026-11-24T15:01:00Z"),
        ];
        for (term, end) in cases {
            assert_eq!(calendar.after(monday, &term), at(end), "{term:?}");
        }
        let opens = calendar.opening(monday, &Term::WorkingDays(1));
        assert_eq!(opens, at("2026-11-24T12:00:00Z"), "not before tomorrow morning");
        let opens = calendar.opening(monday, &Term::InMonth(MonthDay::Day(28)));
        assert_eq!(opens, at("2026-11-28T04:00:00Z"), "a day off opens at midnight");
        let evening = at("2026-11-30T23:00:00Z");
        let end = calendar.after(evening, &end_of_month);
        assert_eq!(end, at("2026-12-31T22:00:00Z"), "this month's end is past");
    }

    /// Aban 1405 ends on 2026-11-21, a Saturday; the month of Azar begins the day after.
    #[test]
    fn a_persian_month_ends_where_it_ends() {
        let mut calendar = Calendar::ordinary(TimeZone::get("Asia/Tehran").expect("zone"));
        calendar.system = System::Persian;
        let morning = vec![Shift::hours(7, 14)];
        let off = Vec::new();
        let [sat, sun, mon, tue, wed] = std::array::from_fn(|_| morning.clone());
        calendar.week = [mon, tue, wed, off.clone(), off, sat, sun];
        let end = Term::InMonth(MonthDay::LastWorking);
        let from = at("2026-11-10T08:00:00Z");
        assert_eq!(calendar.after(from, &end), at("2026-11-21T10:30:00Z"), "14:00 in Tehran");
        let month = Term::Period(Period { months: 1, ..Period::default() });
        // 31 Shahrivar and a month is 30 Mehr.
        let from = at("2026-09-22T08:00:00Z");
        assert_eq!(calendar.after(from, &month), at("2026-10-22T08:00:00Z"));
    }
}
