//! Days of a month as an office names them: the 10th, the last working day.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Calendar;

/// One day of each month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthDay {
    /// From 1 to 28: every month has it.
    Day(u8),
    Last,
    /// The first working day, the fifth.
    Working(u8),
    LastWorking,
}

impl MonthDay {
    /// `1st`, `day 10`, `last day`, `first working day`, `5th working day`, `last working day`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("the ").unwrap_or(text);
        if let Some(day) = text.strip_prefix("day ") {
            return plain(day.parse().ok()?);
        }
        let (place, rest) = text.split_once(' ').unwrap_or((text, ""));
        match (place, rest) {
            ("last", "day") => Some(Self::Last),
            ("last", "working day") => Some(Self::LastWorking),
            (place, "" | "day") => plain(ordinal(place)?),
            (place, "working day") => {
                ordinal(place).filter(|nth| (1..=15).contains(nth)).map(Self::Working)
            }
            _ => None,
        }
    }
}

fn plain(day: u8) -> Option<MonthDay> {
    (1..=28).contains(&day).then_some(MonthDay::Day(day))
}

/// `first` to `fifth`, `1st`, `22nd`, `15th`, or the number alone.
pub(super) fn ordinal(text: &str) -> Option<u8> {
    const WORDS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
    if let Some(place) = WORDS.iter().position(|word| *word == text) {
        return u8::try_from(place + 1).ok();
    }
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    matches!(&text[digits.len()..], "" | "st" | "nd" | "rd" | "th").then_some(())?;
    digits.parse().ok().filter(|place| *place > 0)
}

impl Calendar {
    /// The day in the month of `date`; none when that month has too few working days.
    pub fn in_month(&self, date: Date, which: MonthDay) -> Option<Date> {
        let (first, last) = (self.system.first_of_month(date), self.system.last_of_month(date));
        let works = |date: &Date| self.is_working_day(*date);
        match which {
            MonthDay::Day(day) => first.checked_add((i64::from(day) - 1).days()).ok(),
            MonthDay::Last => Some(last),
            MonthDay::Working(nth) => first
                .series(1.day())
                .take_while(|date| *date <= last)
                .filter(works)
                .nth(usize::from(nth).saturating_sub(1)),
            MonthDay::LastWorking => {
                last.series(-1.day()).take_while(|date| *date >= first).find(works)
            }
        }
    }
}
