//! Terms as they are written: `2 working days`, `17:00`, `end of month`, `P1M`, `10 minutes after 5`.
//!
//! What they come to in an office's calendar is reckoned in `after`.

use jiff::Span;
use jiff::civil::Time;

use super::month::MonthDay;
use super::shift::clock;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Spanned;

/// A length of time in an office's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    Minutes(i64),
    Hours(i64),
    Days(i64),
    WorkingDays(i64),
    WorkingHours(i64),
    TimeOfDay(Time),
    /// A day of this month; of the next one when this one's is past.
    InMonth(MonthDay),
    /// The end of this day's work; of the next day's when it is past.
    EndOfDay,
    Period(Period),
    /// A time on the day that the term ends: `2 working days by 17:00`.
    By {
        term: Box<Term>,
        time: Time,
    },
    /// Counted from the moment when a step was completed.
    AfterStep {
        term: Box<Term>,
        step: String,
    },
}

/// Months of the organisation's calendar, then days, then a time that passes whatever the calendar
/// says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    pub months: i32,
    pub days: i64,
    pub seconds: i64,
}

const FORMS: &str = "write `30 minutes`, `4 hours`, `3 days`, `2 weeks`, `6 months`, `2 working days`, `4 working hours`, `17:00`, `2 working days by 17:00`, `end of day`, `end of month`, `5th working day of the month` or `P1M15D`";

/// Ten years of each: more is a slip of the finger.
const MOST_YEARS: i64 = 10;

impl Term {
    /// Reads a term; with `after`, also `… after STEP`.
    pub fn parse(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Self> {
        let text = written.trim();
        let term = match text.split_once(" after ") {
            Some((term, step)) => timed(term.trim()).map(|term| Self::AfterStep {
                term: Box::new(term),
                step: step.trim().trim_start_matches("step ").to_owned(),
            }),
            None => timed(text),
        };
        if term.is_none() {
            found.push(
                Diagnostic::new("bad_term", written.span, format!("`{text}` is not a term"))
                    .label("this can't be read as a length of time")
                    .help(FORMS),
            );
        }
        term
    }

    /// The step that the term counts from, if it names one.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::AfterStep { step, .. } => Some(step),
            _ => None,
        }
    }

    /// The time of day that it names, if it does.
    pub fn time_of_day(&self) -> Option<Time> {
        match self {
            Self::TimeOfDay(time) | Self::By { time, .. } => Some(*time),
            Self::AfterStep { term, .. } => term.time_of_day(),
            _ => None,
        }
    }

    /// Whether it counts days or hours of work: then only those count against it.
    pub fn is_working(&self) -> bool {
        match self {
            Self::WorkingDays(_) | Self::WorkingHours(_) => true,
            Self::By { term, .. } | Self::AfterStep { term, .. } => term.is_working(),
            _ => false,
        }
    }

    /// Whether it ends with a day, not at an instant of one.
    pub(super) fn is_of_days(&self) -> bool {
        match self {
            Self::Days(_) | Self::WorkingDays(_) | Self::InMonth(_) => true,
            Self::Period(period) => period.seconds == 0,
            _ => false,
        }
    }
}

/// A plain term, or one `by` a time of day.
fn timed(text: &str) -> Option<Term> {
    let Some((term, time)) = text.split_once(" by ") else { return plain(text) };
    let term = plain(term.trim()).filter(Term::is_of_days)?;
    Some(Term::By { term: Box::new(term), time: clock(time.trim())? })
}

fn plain(text: &str) -> Option<Term> {
    if text.contains(':') {
        return clock(text).map(Term::TimeOfDay);
    }
    if text.starts_with('P') {
        return iso(text).map(Term::Period);
    }
    match text {
        "end of day" | "end of the day" => return Some(Term::EndOfDay),
        "end of month" | "end of the month" => return Some(Term::InMonth(MonthDay::LastWorking)),
        _ => {}
    }
    let day = text.strip_suffix(" of the month").or_else(|| text.strip_suffix(" of month"));
    if let Some(day) = day {
        return MonthDay::parse(day).map(Term::InMonth);
    }
    let (count, unit) = text.split_once(' ')?;
    let count: i64 = count.parse().ok()?;
    let within = |most: i64| (1..=most).contains(&count).then_some(count);
    let months = |each: i64| {
        let months = within(MOST_YEARS * 12 / each)? * each;
        Some(Term::Period(Period { months: i32::try_from(months).ok()?, ..Period::default() }))
    };
    match unit.trim() {
        "minute" | "minutes" => within(5_256_000).map(Term::Minutes),
        "hour" | "hours" => within(87_600).map(Term::Hours),
        "day" | "days" => within(3_650).map(Term::Days),
        "week" | "weeks" => within(520).map(|weeks| Term::Days(weeks * 7)),
        "month" | "months" => months(1),
        "year" | "years" => months(12),
        "working day" | "working days" => within(2_600).map(Term::WorkingDays),
        "working hour" | "working hours" => within(20_000).map(Term::WorkingHours),
        _ => None,
    }
}

/// A duration of ISO 8601 in whole seconds: `P1Y6M`, `P2W`, `P3DT12H`, `PT30M`.
fn iso(text: &str) -> Option<Period> {
    let span: Span = text.parse().ok()?;
    let smaller = [span.get_milliseconds(), span.get_microseconds(), span.get_nanoseconds()];
    if span.is_zero() || span.is_negative() || smaller.iter().any(|part| *part != 0) {
        return None;
    }
    let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let hours = i64::from(span.get_hours());
    // jiff keeps each part within its own limits; these sums can't overflow.
    let seconds = (hours * 60 + span.get_minutes()) * 60 + span.get_seconds();
    let is_sane = months <= MOST_YEARS * 12
        && days <= MOST_YEARS * 365
        && seconds <= MOST_YEARS * 365 * 24 * 3_600;
    let months = i32::try_from(months).ok()?;
    is_sane.then_some(Period { months, days, seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(months: i32, days: i64, seconds: i64) -> Option<Term> {
        Some(Term::Period(Period { months, days, seconds }))
    }

    #[test]
    fn durations_of_iso_8601_are_read() {
        assert_eq!(timed("P1Y6M"), period(18, 0, 0));
        assert_eq!(timed("P2W"), period(0, 14, 0));
        assert_eq!(timed("P1DT1H30M5S"), period(0, 1, 5_405));
        assert_eq!(timed("6 months"), period(6, 0, 0));
        for wrong in ["P", "PT", "P0D", "-P1D", "P-1D", "PT0.5S", "P11Y", "P99999999999999D", "p1d"]
        {
            assert_eq!(timed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_of_day_may_stand_behind_days_only() {
        let time = Time::constant(17, 0, 0, 0);
        let two = Box::new(Term::WorkingDays(2));
        assert_eq!(timed("2 working days by 17:00"), Some(Term::By { term: two, time }));
        assert_eq!(timed("17:00"), Some(Term::TimeOfDay(time)));
        for wrong in ["2 hours by 17:00", "17:00 by 18:00", "2 days by", "PT4H by 17:00", "1:2:3"] {
            assert_eq!(timed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_of_a_month_are_read_as_people_say_them() {
        let day = |text: &str| match timed(text) {
            Some(Term::InMonth(day)) => Some(day),
            _ => None,
        };
        assert_eq!(day("end of month"), Some(MonthDay::LastWorking));
        assert_eq!(day("last working day of the month"), Some(MonthDay::LastWorking));
        assert_eq!(day("last day of the month"), Some(MonthDay::Last));
        assert_eq!(day("first working day of the month"), Some(MonthDay::Working(1)));
        assert_eq!(day("5th working day of the month"), Some(MonthDay::Working(5)));
        assert_eq!(day("day 10 of the month"), Some(MonthDay::Day(10)));
        assert_eq!(day("10th of the month"), Some(MonthDay::Day(10)));
        for wrong in
            ["day 31 of the month", "0th of the month", "10xx of the month", "of the month"]
        {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
