//! A timer that comes round again, as other tools write it, in an office's words: `R/P1D`, `0 0 17 * * ?`.
//!
//! Only what says the same here is taken over: what counts seconds, or so many times, doesn't.

use jiff::civil::{DateTime, Time, Weekday};

use crate::calendar::Recurrence;
use crate::diagnostic::{Diagnostics, Sources, Span};
use crate::yaml::Spanned;

const WEEK: [(&str, &str); 7] = [
    ("MON", "monday"),
    ("TUE", "tuesday"),
    ("WED", "wednesday"),
    ("THU", "thursday"),
    ("FRI", "friday"),
    ("SAT", "saturday"),
    ("SUN", "sunday"),
];

/// What `every` would say.
pub fn every(written: &str) -> Option<String> {
    let text = written.trim().trim_start_matches('=').trim_matches(['"', '\'', ' ']);
    let said = repeated(text).or_else(|| cron(text))?;
    let mut sources = Sources::default();
    let span = Span::new(sources.add("", &said), 0, 0);
    let mut found = Diagnostics::default();
    Recurrence::parse(&Spanned::new(said.clone(), span), &mut found).map(|_| said)
}

/// An interval of ISO 8601, for ever: `R/P1D`, `R/2026-01-05T08:00/P7D`. Weeks, months and years need the
/// day on which they begin.
fn repeated(text: &str) -> Option<String> {
    let mut parts = text.split('/').map(str::trim);
    if !matches!(parts.next()?, "R" | "R-1") {
        return None;
    }
    let rest: Vec<&str> = parts.collect();
    let (from, length) = match rest[..] {
        [length] => (None, length),
        [from, length] => (Some(from.parse::<DateTime>().ok()?), length),
        _ => return None,
    };
    let at = from.map(|from| at(from.time())).unwrap_or_default();
    let days = match (length, from) {
        ("P1D" | "PT24H", _) => "day".to_owned(),
        ("P7D" | "P1W", Some(from)) => day_of_week(from.date().weekday()).to_owned(),
        ("P1M", Some(from)) => format!("month on day {}", from.day()),
        ("P1Y" | "P12M", Some(from)) => format!("year on {:02}-{:02}", from.month(), from.day()),
        _ => return None,
    };
    Some(format!("{days}{at}"))
}

fn at(time: Time) -> String {
    format!(" at {:02}:{:02}", time.hour(), time.minute())
}

fn day_of_week(day: Weekday) -> &'static str {
    usize::try_from(day.to_monday_zero_offset())
        .ok()
        .and_then(|at| WEEK.get(at))
        .map_or("", |d| d.1)
}

/// Minute, hour, day of the month, month, day of the week; with seconds before them and years behind in
/// some tools. Numbers of weekdays begin elsewhere in each of them: only names are read.
fn cron(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let fields = match fields[..] {
        [minute, hour, day, month, weekday] => [minute, hour, day, month, weekday],
        ["0", minute, hour, day, month, weekday]
        | ["0", minute, hour, day, month, weekday, "*"] => [minute, hour, day, month, weekday],
        _ => return None,
    };
    let [minute, hour, day, month, weekday] = fields;
    let at = at(Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?);
    let is_any = |field: &str| matches!(field, "*" | "?");
    let days = match (day, month, weekday) {
        (day, month, weekday) if is_any(day) && is_any(month) && is_any(weekday) => {
            "day".to_owned()
        }
        (day, month, weekday) if is_any(day) && is_any(month) => weekdays(weekday)?.join(", "),
        ("L", month, weekday) if is_any(month) && is_any(weekday) => {
            "month on the last day".to_owned()
        }
        (day, month, weekday) if is_any(month) && is_any(weekday) => {
            format!("month on day {}", day.parse::<u8>().ok()?)
        }
        (day, month, weekday) if is_any(weekday) => {
            format!("year on {:02}-{:02}", month.parse::<u8>().ok()?, day.parse::<u8>().ok()?)
        }
        _ => return None,
    };
    Some(format!("{days}{at}"))
}

/// `MON-FRI`, `MON,WED`.
fn weekdays(field: &str) -> Option<Vec<&'static str>> {
    let place = |name: &str| WEEK.iter().position(|(short, _)| short.eq_ignore_ascii_case(name));
    let mut days = Vec::new();
    for part in field.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = place(first)?..=place(last)?;
        days.extend(WEEK.get(range)?.iter().map(|(_, day)| *day));
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_the_same_here_is_read() {
        let cases = [
            ("R/P1D", "day"),
            ("R/2026-01-05T08:30:00/P1D", "day at 08:30"),
            ("R/2026-01-05T08:00:00/P7D", "monday at 08:00"),
            ("R/2026-01-15T08:00:00/P1M", "month on day 15 at 08:00"),
            ("R/2026-01-15T08:00:00/P1Y", "year on 01-15 at 08:00"),
            ("0 17 * * *", "day at 17:00"),
            ("0 0 17 * * ?", "day at 17:00"),
            ("0 0 9 ? * MON-WED", "monday, tuesday, wednesday at 09:00"),
            ("0 0 9 ? * FRI *", "friday at 09:00"),
            ("0 30 8 1 * ?", "month on day 1 at 08:30"),
            ("0 0 8 L * ?", "month on the last day at 08:00"),
            ("0 0 8 15 1 ?", "year on 01-15 at 08:00"),
        ];
        for (written, said) in cases {
            assert_eq!(every(written).as_deref(), Some(said), "{written}");
        }
    }

    #[test]
    fn nothing_else_is_guessed() {
        for wrong in [
            "",
            "R3/P1D",
            "R/PT1H",
            "R/P7D",
            "R/P1M",
            "R/2026-01-31T08:00:00/P1M",
            "*/5 * * * *",
            "0 0 9 ? * 2",
            "0 0/5 9 * * ?",
            "0 0 25 * * ?",
            "0 0 9 31 * ?",
            "0 0 9 ? * FRI-MON",
            "R/yesterday/P1D",
            "${cycle}",
        ] {
            assert_eq!(every(wrong), None, "{wrong}");
        }
    }
}
