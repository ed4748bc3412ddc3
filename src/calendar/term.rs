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
    let count: i64 = count.parse().ok()?;
    // Ten years of each: more is a slip of the finger.
    let within = |most: i64| (1..=most).contains(&count).then_some(count);
    match unit.trim() {
        "minute" | "minutes" => within(5_256_000).map(Term::Minutes),
        "hour" | "hours" => within(87_600).map(Term::Hours),
        "day" | "days" => within(3_650).map(Term::Days),
        "week" | "weeks" => within(520).map(|weeks| Term::Days(weeks * 7)),
        "working day" | "working days" => within(2_600).map(Term::WorkingDays),
        "working hour" | "working hours" => within(20_000).map(Term::WorkingHours),
        _ => None,
    }
}
