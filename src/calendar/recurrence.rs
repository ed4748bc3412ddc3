//! What comes round again: `every day at 17:00`, `monthly on the last working day at 17:00`.
//!
//! Read with the file that says it; `runtime` asks for the next time. Each occurrence is a local time of
//! a day, and comes once on it, whatever the clock does that night.

use jiff::civil::{Date, Time, Weekday};
use jiff::{Timestamp, ToSpan};

use super::month::MonthDay;
use super::shift::clock;
use super::system::Day;
use super::{Calendar, MAX_DAYS, weekday};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Spanned;

/// Days on which something happens, and when on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    on: Occasion,
    /// None: when that day's work begins; at midnight on a day off.
    at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Occasion {
    Day,
    WorkingDay,
    Weekdays(Vec<Weekday>),
    Month(MonthDay),
    /// Months and days of the organisation's calendar.
    Year(Vec<(u8, u8)>),
}

const FORMS: &str = "write `day at 17:00`, `working day at 08:00`, `monday at 09:00`, `tuesday and friday at 09:00`, `month on the 1st at 08:00`, `month on the last working day at 17:00` or `year on 01-15 at 08:00`";

impl Recurrence {
    pub fn parse(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Self> {
        let recurrence = plain(&written.trim().to_lowercase());
        if recurrence.is_none() {
            let headline = format!("`{}` does not say when it comes round", written.trim());
            let is_late = written.split([' ', ',']).any(|word| {
                matches!(word.trim_end_matches(char::is_alphabetic), "29" | "30" | "31")
            });
            let label = match is_late && written.contains("month") {
                true => "not every month has this day: up to 28, or `month on the last day`",
                false => "this can't be read as days that come again",
            };
            found.push(
                Diagnostic::new("bad_schedule", written.span, headline).label(label).help(FORMS),
            );
        }
        recurrence
    }
}

impl Calendar {
    /// The first occurrence later than `after`; none when there is none in ten years.
    pub fn next(&self, after: Timestamp, recurrence: &Recurrence) -> Option<Timestamp> {
        // From the day before: what the clock leaps over comes later than it is written.
        let first = self.date(after).yesterday().ok()?;
        let days = first.series(1.day()).take(MAX_DAYS);
        let mut times = days
            .filter(|date| self.is_occasion(*date, &recurrence.on))
            .filter_map(|date| self.time_on(date, recurrence.at));
        times.find(|time| *time > after)
    }

    fn is_occasion(&self, date: Date, on: &Occasion) -> bool {
        match on {
            Occasion::Day => true,
            Occasion::WorkingDay => self.is_working_day(date),
            Occasion::Weekdays(days) => days.contains(&date.weekday()),
            Occasion::Month(day) => self.in_month(date, *day) == Some(date),
            Occasion::Year(days) => {
                let Day { month, day, .. } = self.system.day(date);
                days.contains(&(month, day))
            }
        }
    }

    fn time_on(&self, date: Date, at: Option<Time>) -> Option<Timestamp> {
        let opens = || self.shifts(date).first().map(|shift| shift.opening(date));
        let local = match at {
            Some(time) => date.to_datetime(time),
            None => opens().unwrap_or_else(|| date.at(0, 0, 0, 0)),
        };
        self.instant(local)
    }
}

fn plain(text: &str) -> Option<Recurrence> {
    let text = text.strip_prefix("every ").unwrap_or(text);
    let (days, at) = match text.rsplit_once(" at ") {
        Some((days, time)) => (days.trim(), Some(clock(time.trim())?)),
        None => (text, None),
    };
    Some(Recurrence { on: occasion(days)?, at })
}

fn occasion(text: &str) -> Option<Occasion> {
    match text {
        "day" | "daily" => return Some(Occasion::Day),
        "working day" => return Some(Occasion::WorkingDay),
        _ => {}
    }
    let behind = |one: &str, other: &str| {
        let rest = text.strip_prefix(one).or_else(|| text.strip_prefix(other))?;
        rest.strip_prefix(" on ").map(|rest| rest.trim().to_owned())
    };
    if let Some(day) = behind("monthly", "month") {
        return MonthDay::parse(&day).map(Occasion::Month);
    }
    if let Some(days) = behind("yearly", "year") {
        return listed(&days).map(month_and_day).collect::<Option<_>>().map(Occasion::Year);
    }
    listed(text).map(weekday).collect::<Option<_>>().map(Occasion::Weekdays)
}

/// `a, b and c`.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(", ").flat_map(|part| part.split(" and ")).map(str::trim)
}

fn month_and_day(text: &str) -> Option<(u8, u8)> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((month, day))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::calendar::System;

    fn calendar(zone: &str) -> Calendar {
        Calendar::ordinary(TimeZone::get(zone).expect("a zone"))
    }

    /// Local times of the first occurrences after an instant.
    fn times(calendar: &Calendar, text: &str, from: &str, count: usize) -> Vec<String> {
        let recurrence = plain(text).unwrap_or_else(|| panic!("{text}"));
        let mut at: Timestamp = from.parse().expect("an instant");
        let mut times = Vec::new();
        while times.len() < count {
            at = calendar.next(at, &recurrence).expect("comes again");
            times.push(calendar.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string());
        }
        times
    }

    #[test]
    fn what_is_written_comes_round() {
        let here = calendar("America/La_Paz");
        let from = "2026-11-27T20:00:00Z"; // Friday 16:00
        let first = |text| times(&here, text, from, 2);
        assert_eq!(first("every day at 17:00"), ["2026-11-27 17:00", "2026-11-28 17:00"]);
        assert_eq!(first("day at 16:00"), ["2026-11-28 16:00", "2026-11-29 16:00"], "later than");
        assert_eq!(first("working day at 08:00"), ["2026-11-30 08:00", "2026-12-01 08:00"]);
        assert_eq!(first("working day"), ["2026-11-30 08:00", "2026-12-01 08:00"]);
        assert_eq!(first("monday, friday at 9:00"), ["2026-11-30 09:00", "2026-12-04 09:00"]);
        assert_eq!(first("month on the 1st at 08:00"), ["2026-12-01 08:00", "2027-01-01 08:00"]);
        let last = first("monthly on the last working day at 17:00");
        assert_eq!(last, ["2026-11-30 17:00", "2026-12-31 17:00"]);
        assert_eq!(first("month on the last day"), ["2026-11-30 08:00", "2026-12-31 08:00"]);
        let third = first("month on the 3rd working day at 10:00");
        assert_eq!(third, ["2026-12-03 10:00", "2027-01-05 10:00"]);
        let twice = first("year on 01-15 and 06-30 at 00:00");
        assert_eq!(twice, ["2027-01-15 00:00", "2027-06-30 00:00"]);
        assert_eq!(here.next(Timestamp::UNIX_EPOCH, &plain("year on 02-31").expect("read")), None);
    }

    #[test]
    fn nothing_else_is_read() {
        for wrong in [
            "",
            "day at 25:00",
            "fortnight",
            "month",
            "month on the 31st",
            "year on 13-01",
            "monday at noon",
        ] {
            assert_eq!(plain(wrong), None, "{wrong}");
        }
    }

    /// In New York the clock leaps from 02:00 to 03:00 on 2026-03-08 and back on 2026-11-01.
    #[test]
    fn a_night_that_is_an_hour_longer_or_shorter_has_one_occurrence() {
        let there = calendar("America/New_York");
        let spring = times(&there, "day at 02:30", "2026-03-07T12:00:00Z", 2);
        assert_eq!(spring, ["2026-03-08 03:30", "2026-03-09 02:30"], "as much later as it leaps");
        let autumn = times(&there, "day at 01:30", "2026-10-31T12:00:00Z", 2);
        assert_eq!(autumn, ["2026-11-01 01:30", "2026-11-02 01:30"], "once");
    }

    #[test]
    fn months_and_years_are_the_calendar_s_own() {
        let mut tehran = calendar("Asia/Tehran");
        tehran.system = System::Persian;
        let first = times(&tehran, "year on 01-01 at 00:00", "2026-11-27T20:00:00Z", 2);
        assert_eq!(first, ["2027-03-21 00:00", "2028-03-20 00:00"], "1406 and 1407");
        let month = times(&tehran, "month on the 1st at 00:00", "2026-11-27T20:00:00Z", 1);
        assert_eq!(month, ["2026-12-22 00:00"], "1 Dey");
    }
}
