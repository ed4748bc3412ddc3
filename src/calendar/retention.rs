//! How long closed cases and reports are kept, as it is written: `5 years`, `18 months`.
//!
//! Not a [`Term`](super::Term): nobody waits for its end, and it takes longer than any term may.
//! Read with the file that says it; `runtime` asks when it has passed.

use jiff::Timestamp;

use super::Calendar;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::Spanned;

/// A number of whole months, counted from the end of a case, or from when a report was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    months: i32,
}

/// Longer than any archive's law asks for: more is a slip of the finger.
const MOST_YEARS: i32 = 100;

impl Retention {
    pub const fn years(years: i32) -> Self {
        Self { months: years * 12 }
    }

    pub fn parse(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Self> {
        let text = written.trim();
        let retention = plain(text);
        if retention.is_none() {
            let headline = format!("`{text}` does not say for how long");
            found.push(
                Diagnostic::new("bad_term", written.span, headline)
                    .label("this can't be read as months or years")
                    .help("write `5 years` or `18 months`, a hundred years at most"),
            );
        }
        retention
    }
}

impl Calendar {
    /// Until when a case that ended then is kept; on the same day of a later month, or on that month's
    /// last day, at the same hour here. Months are the calendar's own.
    pub fn kept_until(&self, ended_at: Timestamp, retention: Retention) -> Timestamp {
        let local = self.zone.to_datetime(ended_at);
        // Beyond all dates: kept for ever.
        let end = self.system.plus_months(local.date(), retention.months);
        let end = end.and_then(|end| self.zone.to_timestamp(end.to_datetime(local.time())).ok());
        end.unwrap_or(Timestamp::MAX)
    }
}

fn plain(text: &str) -> Option<Retention> {
    let (count, unit) = text.split_once(' ')?;
    let count: i32 = count.parse().ok()?;
    let each = match unit.trim() {
        "month" | "months" => 1,
        "year" | "years" => 12,
        _ => return None,
    };
    let months = count.checked_mul(each)?;
    (1..=MOST_YEARS * 12).contains(&months).then_some(Retention { months })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn months_and_years_are_read_and_nothing_else() {
        assert_eq!(plain("5 years"), Some(Retention { months: 60 }));
        assert_eq!(plain("1 year"), plain("12 months"));
        for wrong in ["5", "years", "5 años", "0 years", "-1 years", "101 years", "5.5 years"] {
            assert_eq!(plain(wrong), None, "{wrong}");
        }
        assert_eq!(plain("999999999999 years").or(plain("400000000 years")), None);
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        let calendar = Calendar::ordinary(TimeZone::get("America/La_Paz").expect("a zone"));
        let kept = |from: &str, months| {
            let from: Timestamp = from.parse().expect("an instant");
            calendar.kept_until(from, Retention { months }).to_string()
        };
        assert_eq!(kept("2024-02-29T15:00:00Z", 12), "2025-02-28T15:00:00Z");
        assert_eq!(kept("2026-01-31T15:00:00Z", 1), "2026-02-28T15:00:00Z");
        // Still the 30th in La Paz.
        assert_eq!(kept("2026-10-01T03:00:00Z", 5), "2027-03-01T03:00:00Z");
        let mut persian = calendar.clone();
        persian.system = super::super::System::Persian;
        // From 1405-06-31 to the last day of a month of 30 days.
        let end = persian.kept_until(
            "2026-09-22T15:00:00Z".parse().expect("an instant"),
            Retention { months: 1 },
        );
        assert_eq!(end.to_string(), "2026-10-22T15:00:00Z");
        let end = calendar.kept_until(Timestamp::MAX, Retention { months: 12 });
        assert_eq!(end, Timestamp::MAX);
    }
}
