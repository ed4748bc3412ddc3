//! Hours of work within one day, as they are written: `08:00-12:00`.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Spanned;

/// From–to within a day. Whoever works through the night has one until `24:00` and one from `00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// Minutes since midnight.
    opens: u16,
    /// Minutes since midnight, 1440 at most.
    closes: u16,
}

const MIDNIGHT: u16 = 24 * 60;

impl Shift {
    /// Full hours; for what no file says.
    pub(super) const fn hours(opens: u16, closes: u16) -> Self {
        Self { opens: opens * 60, closes: closes * 60 }
    }

    pub fn opening(self, date: Date) -> DateTime {
        at(date, self.opens)
    }

    /// May be the midnight after the day.
    pub fn closing(self, date: Date) -> DateTime {
        at(date, self.closes)
    }

    /// Whether work goes on at this time, both ends included.
    pub fn contains(self, time: Time) -> bool {
        let minutes =
            u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        (self.opens..=self.closes).contains(&minutes)
    }

    pub(super) fn parse(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Self> {
        let parsed = written.split_once('-').and_then(|(opens, closes)| {
            let (opens, closes) = (minutes(opens.trim())?, minutes(closes.trim())?);
            (opens < closes).then_some(Self { opens, closes })
        });
        if parsed.is_none() {
            found.push(
                Diagnostic::new("bad_value", written.span, "these are not working hours")
                    .label("must be from–to, the later after the earlier")
                    .help("write it as \"08:00-12:00\""),
            );
        }
        parsed
    }

    /// The hours of a day, in order; told when they aren't.
    pub(super) fn day(periods: &[Spanned<String>], found: &mut Diagnostics) -> Vec<Self> {
        let shifts: Vec<Self> =
            periods.iter().filter_map(|written| Self::parse(written, found)).collect();
        let is_ordered = shifts.windows(2).all(|pair| pair[0].closes <= pair[1].opens);
        if let Some(first) = periods.first().filter(|_| !is_ordered) {
            found.push(
                Diagnostic::new("bad_value", first.span, "these hours overlap or go back")
                    .label("a later period begins before an earlier one ends")
                    .help("write the morning first: [\"08:00-12:00\", \"14:00-18:00\"]"),
            );
        }
        shifts
    }
}

fn at(date: Date, minutes: u16) -> DateTime {
    let midnight = date.at(0, 0, 0, 0);
    midnight.checked_add(i64::from(minutes).minutes()).unwrap_or(midnight)
}

fn minutes(text: &str) -> Option<u16> {
    if text == "24:00" {
        return Some(MIDNIGHT);
    }
    let time = clock(text)?;
    Some(u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs()))
}

/// A time of day as it is written: `17:00`, `9:05`.
pub(super) fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let is_plain = |part: &str, most| {
        (1..=most).contains(&part.len()) && part.bytes().all(|letter| letter.is_ascii_digit())
    };
    if !is_plain(hour, 2) || !is_plain(minute, 2) || minute.len() != 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}
