//! Reports that are made by themselves: `every: working day at 17:00`, of which period, and how long they are
//! kept. The clock is the caller's.

use super::{Period, Report};
use crate::calendar::{Calendar, Retention, Schedule};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Spanned};
use jiff::Timestamp;

/// When a report is made by itself.
#[derive(Debug, Clone)]
pub struct Regular {
    pub schedule: Schedule,
    /// As it is written; none: of this one.
    pub of: Option<Of>,
    /// How long what was made is kept.
    pub keep: Retention,
}

/// Which period is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The one that the time lies in.
    This,
    /// The one before.
    Last,
}

/// Kept for so long when the file says nothing.
const KEPT: Retention = Retention::years(2);

/// As many times of a schedule are looked at: more than a month has days, so that every kind comes.
const LOOKED_AT: usize = 40;

impl Regular {
    /// Reads `every`, `missed`, `of` and `keep`; none when the report is not made by itself.
    pub(super) fn read(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Option<Self> {
        let schedule = Schedule::read(entries, found);
        let (of, keep) = (entries.text("of", found), entries.text("keep", found));
        if entries.get("every").is_none()
            && let Some(written) = of.as_ref().or(keep.as_ref())
        {
            let headline = "nothing is kept of a report that is not made by itself";
            let finding = Diagnostic::new("bad_schedule", written.span, headline);
            found.push(finding.label("without `every`").help("write `every`, or take it out"));
        }
        let of = of.and_then(|written| which(&written, found));
        let keep = keep.and_then(|written| Retention::parse(&written, found));
        Some(Self { schedule: schedule?, of, keep: keep.unwrap_or(KEPT) })
    }

    pub fn of(&self) -> Of {
        self.of.unwrap_or(Of::This)
    }
}

fn which(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Of> {
    let of = match written.as_str() {
        "this" => Some(Of::This),
        "last" => Some(Of::Last),
        _ => None,
    };
    if of.is_none() {
        let headline = format!("`{}` does not say of which period", written.value);
        found.push(
            Diagnostic::new("bad_schedule", written.span, headline)
                .label("not one of them")
                .suggest(written, ["this", "last"]),
        );
    }
    of
}

impl Report {
    /// Whether it is made when its period has only begun, and does not say which one is meant: `month on the
    /// 1st`, or a day before its work begins.
    pub fn is_unsaid(&self, calendar: &Calendar) -> bool {
        let Some((regular, period)) = self.regular.as_ref().zip(self.period) else { return false };
        if regular.of.is_some() {
            return false;
        }
        let mut after = Timestamp::UNIX_EPOCH;
        let times = std::iter::from_fn(|| {
            after = calendar.next(after, &regular.schedule.every)?;
            Some(after)
        });
        times.take(LOOKED_AT).any(|at| {
            let day = calendar.date(at);
            let begins = || calendar.shifts(day).first().map(|shift| shift.opening(day));
            let local = calendar.zone.to_datetime(at);
            let is_early = || begins().map_or(local.hour() < 6, |begins| local <= begins);
            period.around(day, calendar).first == day && (period != Period::Day || is_early())
        })
    }
}
