//! What is left of a term while it is suspended: waiting for the customer does not count against the
//! office.
//!
//! The events of a case say when a term stands still; here is only the reckoning.

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::{Calendar, MAX_DAYS, Term};

/// Time that a suspended term still has. Stored in journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Time as it passes, in whole seconds.
    Seconds(i64),
    /// Time in which work is done, in whole seconds.
    WorkingSeconds(i64),
}

impl Calendar {
    /// How long the office works from one instant to another; nothing when the second is not later.
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let mut sum = SignedDuration::ZERO;
        let last = self.date(to);
        let days = self.date(from).series(1.day()).take_while(|date| *date <= last);
        for date in days.take(MAX_DAYS) {
            for (opens, closes) in self.worked(date) {
                let span = opens.max(from).duration_until(closes.min(to));
                sum += span.max(SignedDuration::ZERO);
            }
        }
        sum
    }

    /// What is left at `at` of a term that ends at `due`: of one in working days or hours the work that
    /// may still be done in it, of any other the time that passes. Nothing once it is past.
    pub fn remaining(&self, at: Timestamp, due: Timestamp, term: &Term) -> Left {
        if term.is_working() {
            Left::WorkingSeconds(whole(self.working_between(at, due)))
        } else {
            Left::Seconds(whole(at.duration_until(due).max(SignedDuration::ZERO)))
        }
    }

    /// When a term ends that goes on at `at` with so much left. Nothing left: at once.
    pub fn resume(&self, at: Timestamp, left: Left) -> Timestamp {
        match left {
            Left::Seconds(seconds) => {
                at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
            }
            Left::WorkingSeconds(seconds) => {
                self.after_work(at, SignedDuration::from_secs(seconds))
            }
        }
    }
}

/// A part of a second is the office's: whoever stops the clock must not lose by it.
fn whole(span: SignedDuration) -> i64 {
    span.as_secs() + i64::from(span.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    /// La Paz is UTC−4; Friday 2026-11-27 is worked from 8 to 12 and from 2 to 6.
    #[test]
    fn a_suspended_term_keeps_what_was_left() {
        let calendar = Calendar::ordinary(TimeZone::get("America/La_Paz").expect("zone"));
        let friday = at("2026-11-27T15:00:00Z"); // 11:00
        let term = Term::WorkingHours(6);
        let due = calendar.after(friday, &term);
        assert_eq!(due, at("2026-11-30T13:00:00Z"), "one hour, four, and one on Monday");
        let asked = at("2026-11-27T19:00:00Z"); // 15:00, after two hours of work
        let left = calendar.remaining(asked, due, &term);
        assert_eq!(left, Left::WorkingSeconds(4 * 3_600));
        assert_eq!(calendar.resume(asked, left), due, "no time has passed");
        let answered = at("2026-12-05T15:00:00Z"); // a Saturday
        assert_eq!(calendar.resume(answered, left), at("2026-12-07T16:00:00Z"));
        let late = calendar.remaining(at("2026-12-01T00:00:00Z"), due, &term);
        assert_eq!(late, Left::WorkingSeconds(0));
        assert_eq!(calendar.resume(answered, late), answered);
        let plain = calendar.remaining(friday, at("2026-11-28T15:00:00Z"), &Term::Days(1));
        assert_eq!(plain, Left::Seconds(86_400));
        assert_eq!(calendar.resume(answered, plain), at("2026-12-06T15:00:00Z"));
    }
}
