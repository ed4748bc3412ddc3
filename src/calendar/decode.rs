//! A calendar from YAML: of an organisation, or of one of its units where it differs.
//!
//! What a single line gets wrong is told here; `check` looks at what only the whole can.

use jiff::civil::Date;

use super::days::DECREED_WITHIN;
use super::month::ordinal;
use super::system::{Day, System};
use super::{Calendar, Days, Hours, On, OtherHours, Shift, WEEKDAYS, Week, weekday};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Node, Spanned, pairs, text, texts};

/// Reads `calendar`. What is not written is as in `base`: holidays and other hours are added to its
/// own, a working week takes the place of its week.
pub fn decode(node: &Node, base: Calendar, found: &mut Diagnostics) -> Calendar {
    let mut calendar = base;
    let Some(mut entries) = Entries::open(node, "a calendar", found) else { return calendar };
    if let Some(system) = system(&mut entries, "system", &System::NAMES[..2], found) {
        calendar.system = system;
    }
    if let Some(week) = entries.get("working_week").and_then(|node| week(node, found)) {
        calendar.week = week;
    }
    for node in entries.list("holidays", found) {
        let Some(mut entries) = Entries::open(node, "a holiday", found) else { continue };
        calendar.holidays.extend(days(&mut entries, calendar.system, found));
        entries.finish(found);
    }
    for node in entries.list("other_hours", found) {
        calendar.other_hours.extend(other_hours(node, calendar.system, found));
    }
    entries.finish(found);
    calendar
}

fn system(
    entries: &mut Entries<'_>,
    key: &'static str,
    known: &[(&'static str, System)],
    found: &mut Diagnostics,
) -> Option<System> {
    let written = entries.text(key, found)?;
    let system = known.iter().find(|(name, _)| *name == written.as_str());
    if system.is_none() {
        let headline = format!("there is no calendar `{}`", written.value);
        let names = known.iter().map(|(name, _)| *name);
        found.push(
            Diagnostic::new("unknown_option", written.span, headline)
                .label("not known here")
                .suggest(&written, names),
        );
    }
    system.map(|(_, system)| *system)
}

/// None when it could not be read at all.
fn week(node: &Node, found: &mut Diagnostics) -> Option<Week> {
    let before = found.len();
    let mut entries = Entries::open(node, "a working week", found)?;
    let week: Week = WEEKDAYS.map(|(day, _)| {
        let periods = entries.get(day).map(|node| texts(node, day, found)).unwrap_or_default();
        Shift::day(&periods, found)
    });
    entries.finish(found);
    if found.len() == before && week.iter().all(Vec::is_empty) {
        found.push(
            Diagnostic::new("no_working_hours", node.span, "nobody works in this week")
                .label("no day has hours")
                .help("write the hours of the days that are worked: `monday: [\"08:00-12:00\"]`"),
        );
    }
    Some(week)
}

fn other_hours(node: &Node, system: System, found: &mut Diagnostics) -> Option<OtherHours> {
    let mut entries = Entries::open(node, "other hours", found)?;
    let days = days(&mut entries, system, found);
    let hours = match (entries.get("working_week"), entries.get("hours")) {
        (Some(node), None) => week(node, found).map(|week| Hours::Week(Box::new(week))),
        (None, Some(node)) => Some(Hours::Each(Shift::day(&texts(node, "hours", found), found))),
        (Some(node), Some(_)) => {
            let headline = "other hours are of each day or of a week, not both";
            let finding = Diagnostic::new("bad_holiday", node.span, headline);
            found.push(finding.label("beside `hours`").help("take one of the two out"));
            None
        }
        (None, None) => {
            entries.require("hours", found);
            None
        }
    };
    entries.finish(found);
    Some(OtherHours { days: days?, hours: hours? })
}

/// The days of one line: `date`, `from` and `until`, `easter` or `weekday`, and what may stand with
/// each. The caller's own keys stand beside them.
fn days(entries: &mut Entries<'_>, system: System, found: &mut Diagnostics) -> Option<Days> {
    let span = entries.span;
    let before = found.len();
    let name = entries.text("name", found).map(|name| name.value).unwrap_or_default();
    let own = self::system(entries, "calendar", &System::NAMES, found).unwrap_or(system);
    let ons = [
        entries.text("date", found).map(|written| date(&written, own, found)),
        between(entries, own, found),
        entries.text("easter", found).map(|written| easter(&written, found)),
        entries.text("weekday", found).map(|written| nth_weekday(&written, own, found)),
    ];
    let moves = moves(entries, found);
    let decreed = entries.texts("decreed", found);
    let ons: Vec<Option<On>> = ons.into_iter().flatten().collect();
    let on = match *ons {
        [on] => on?,
        _ => {
            if found.len() == before {
                let headline = match ons.len() {
                    0 => "this does not say which day is meant",
                    _ => "this means two days at once",
                };
                found.push(
                    Diagnostic::new("bad_holiday", span, headline)
                        .label("this line")
                        .help("give one of `date`, `from` with `until`, `easter` or `weekday`"),
                );
            }
            return None;
        }
    };
    let mut days = Days { name, on, moves, decreed: std::collections::BTreeSet::new(), span };
    for written in decreed {
        days.decreed.extend(decree(&written, &days, system, found));
    }
    Some(days)
}

/// A day that stands for the rule's own in its year; it is written in the organisation's calendar,
/// whatever the rule is in.
fn decree(
    written: &Spanned<String>,
    days: &Days,
    system: System,
    found: &mut Diagnostics,
) -> Option<Date> {
    let On::Once(decreed) = date(written, system, found)? else {
        let finding =
            Diagnostic::new("bad_holiday", written.span, "a decree is of one year, not of each");
        found.push(finding.label("no year").help("write the whole date: 2026-03-21"));
        return None;
    };
    if matches!(days.on, On::Once(_)) || !days.on.is_single() {
        let headline = "only a single day that comes each year can be decreed";
        let finding = Diagnostic::new("bad_holiday", written.span, headline);
        found.push(finding.label("the line means other days").help("write it as its own `date`"));
        return None;
    }
    if !days.is_near(decreed) {
        let headline = format!("no such day comes near `{}`", written.value);
        found.push(
            Diagnostic::new("bad_holiday", written.span, headline)
                .label(format!("further than {DECREED_WITHIN} days from the day of its rule"))
                .help("look whether year, month and day are right, and in which calendar they are"),
        );
        return None;
    }
    Some(decreed)
}

fn between(
    entries: &mut Entries<'_>,
    system: System,
    found: &mut Diagnostics,
) -> Option<Option<On>> {
    if entries.key_span("from").is_none() && entries.key_span("until").is_none() {
        return None;
    }
    let from = entries.require_text("from", found);
    let until = entries.require_text("until", found);
    let (Some(from), Some(until)) = (from, until) else { return Some(None) };
    let (first, last) = (date(&from, system, found), date(&until, system, found));
    let on = match (first, last) {
        (Some(On::Once(first)), Some(On::Once(last))) if first <= last => {
            Some(On::Between(first, last))
        }
        (Some(On::Yearly { from, .. }), Some(On::Yearly { until, .. })) => {
            Some(On::Yearly { system, from, until })
        }
        (None, _) | (_, None) => None,
        _ => {
            let headline = "these days do not run from one to the other";
            found.push(
                Diagnostic::new("bad_holiday", until.span, headline)
                    .label("ends before it begins, or only one of the two has a year")
                    .help("write both with the year, the earlier first, or both without"),
            );
            None
        }
    };
    Some(on)
}

/// `2026-08-06`, once, or `08-06`, each year; digits of any script.
fn date(written: &Spanned<String>, system: System, found: &mut Diagnostics) -> Option<On> {
    let text: String = written.trim().chars().map(western).collect();
    let parts: Vec<&str> = text.split('-').collect();
    let part = |text: &str| text.parse::<u8>().ok();
    let on = match *parts {
        [month, day] => part(month).zip(part(day)).and_then(|(month, day)| {
            let is_day = (1..=system.longest(month)?).contains(&day);
            let at = (month, day);
            is_day.then_some(On::Yearly { system, from: at, until: at })
        }),
        [year, month, day] => year.parse().ok().and_then(|year| {
            let day = Day { year, month: part(month)?, day: part(day)? };
            system.likely_years().contains(&year).then(|| system.date(day)).flatten().map(On::Once)
        }),
        _ => None,
    };
    if on.is_none() {
        let other = System::NAMES.into_iter().find(|(_, other)| {
            let year = parts.first().and_then(|year| year.parse().ok());
            parts.len() == 3 && year.is_some_and(|year| other.likely_years().contains(&year))
        });
        let help = match other {
            Some((name, other)) if other != system => {
                format!("is it of another calendar? Then add `calendar: {name}`")
            }
            _ => "write it as 2026-08-06, or as 08-06 for every year".to_owned(),
        };
        let headline = format!("`{}` is not a day of the {} calendar", text, system.name());
        found.push(
            Diagnostic::new("bad_holiday", written.span, headline).label("no such day").help(help),
        );
    }
    on
}

/// Persian and Arabic digits as the parser of numbers knows them.
fn western(letter: char) -> char {
    let zero = match letter {
        '۰'..='۹' => '۰',
        '٠'..='٩' => '٠',
        _ => return letter,
    };
    char::from_digit(u32::from(letter) - u32::from(zero), 10).unwrap_or(letter)
}

fn easter(written: &Spanned<String>, found: &mut Diagnostics) -> Option<On> {
    let days = written.trim().trim_start_matches('+').parse().ok();
    let on = days.filter(|days| (-100..=100).contains(days)).map(On::Easter);
    if on.is_none() {
        let headline = "this is not a number of days from Easter";
        found.push(
            Diagnostic::new("bad_holiday", written.span, headline)
                .label("must be a whole number from -100 to 100")
                .help("Good Friday is `easter: -2`, Carnival Monday -48, Corpus Christi 60"),
        );
    }
    on
}

/// `third monday of 06`, `last friday of 11`.
fn nth_weekday(written: &Spanned<String>, system: System, found: &mut Diagnostics) -> Option<On> {
    let lower = written.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let on = match *words {
        [nth, day, "of", month] => {
            let nth = if nth == "last" { Some(0) } else { ordinal(nth).filter(|nth| *nth <= 5) };
            let month = month.parse().ok().filter(|month| (1..=12).contains(month));
            nth.zip(weekday(day)).zip(month).map(|((nth, weekday), month)| On::Weekday {
                system,
                nth,
                weekday,
                month,
            })
        }
        _ => None,
    };
    if on.is_none() {
        let headline = "this is not a weekday of a month";
        found.push(
            Diagnostic::new("bad_holiday", written.span, headline)
                .label("not known")
                .help("write it as `third monday of 06` or `last friday of 11`"),
        );
    }
    on
}

fn moves(
    entries: &mut Entries<'_>,
    found: &mut Diagnostics,
) -> Vec<(jiff::civil::Weekday, jiff::civil::Weekday)> {
    let Some(node) = entries.get("moves") else { return Vec::new() };
    let mut moves = Vec::new();
    for (from, node) in pairs(node, "moves", found) {
        let Some(to) = text(node, "moves", found) else { continue };
        let mut known = |name: &Spanned<String>| {
            let day = weekday(name);
            if day.is_none() {
                let headline = format!("`{}` is not a day of the week", name.value);
                found.push(
                    Diagnostic::new("bad_holiday", name.span, headline)
                        .label("not a weekday")
                        .suggest(name, WEEKDAYS.iter().map(|(name, _)| *name)),
                );
            }
            day
        };
        let (from, to) = (known(&from), known(&to));
        moves.extend(from.zip(to));
    }
    moves
}
