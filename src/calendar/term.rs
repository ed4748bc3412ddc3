//! Terms as they are written: `2 working days`, `17:00`, `end of month`, `10 minutes after 5`.

use jiff::civil::Time;

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
    EndOfMonth,
    /// Counted from the moment when a step was completed.
    AfterStep {
        term: Box<Term>,
        step: String,
    },
}

const FORMS: &str = "write `30 minutes`, `4 hours`, `3 days`, `2 weeks`, `2 working days`, `4 working hours`, `17:00` or `end of month`";

impl Term {
    /// Reads a term; with `after`, also `… after STEP`.
    pub fn parse(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Self> {
        let text = written.trim();
        let term = match text.split_once(" after ") {
            Some((term, step)) => plain(term.trim()).map(|term| Self::AfterStep {
                term: Box::new(term),
                step: step.trim().trim_start_matches("step ").to_owned(),
            }),
            None => plain(text),
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
}

fn plain(text: &str) -> Option<Term> {
    if text == "end of month" {
        return Some(Term::EndOfMonth);
    }
    if let Some((hour, minute)) = text.split_once(':') {
        let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
        return Some(Term::TimeOfDay(time));
    }
    let (count, unit) = text.split_once(' ')?;
    // Ten years in minutes: more is a slip of the finger.
    let count: i64 = count.parse().ok().filter(|count| (1..=5_256_000).contains(count))?;
    match unit.trim() {
        "minute" | "minutes" => Some(Term::Minutes(count)),
        "hour" | "hours" => Some(Term::Hours(count)),
        "day" | "days" => Some(Term::Days(count)),
        "week" | "weeks" => Some(Term::Days(count.checked_mul(7)?)),
        "working day" | "working days" => Some(Term::WorkingDays(count)),
        "working hour" | "working hours" => Some(Term::WorkingHours(count)),
        _ => None,
    }
}
