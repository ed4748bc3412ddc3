//! Calendars: of an organisation, or of one of its units.

use schemars::JsonSchema;

use super::scalar::{Named, Text, Texts};

/// Working days and hours, and the days off.
#[derive(JsonSchema)]
#[schemars(title = "a calendar", deny_unknown_fields)]
pub struct Calendar {
    /// Whose months the dates here, and terms in months, are counted in: `gregorian` unless said, or `persian`.
    pub system: Option<Text>,
    /// The hours of each day; days that are not named are days off.
    pub working_week: Option<Week>,
    /// Days off besides.
    pub holidays: Option<Vec<Holiday>>,
    /// Seasons and days with other hours.
    pub other_hours: Option<Vec<OtherHours>>,
}

/// The hours of each day of the week: `["08:00-12:00", "14:30-18:30"]`.
#[derive(JsonSchema)]
#[schemars(title = "a working week", deny_unknown_fields)]
pub struct Week {
    pub monday: Option<Texts>,
    pub tuesday: Option<Texts>,
    pub wednesday: Option<Texts>,
    pub thursday: Option<Texts>,
    pub friday: Option<Texts>,
    pub saturday: Option<Texts>,
    pub sunday: Option<Texts>,
}

/// A day off, or several: one of `date`, `from` with `until`, `easter` or `weekday`.
#[derive(JsonSchema)]
#[schemars(title = "a holiday", deny_unknown_fields)]
pub struct Holiday {
    /// How people call it.
    pub name: Option<Text>,
    /// `2026-08-06` for once, `08-06` for every year.
    pub date: Option<Text>,
    /// The first of several days.
    pub from: Option<Text>,
    /// The last of them.
    pub until: Option<Text>,
    /// Days from Easter: Good Friday is -2, Corpus Christi 60.
    pub easter: Option<Text>,
    /// A weekday of a month: `third monday of 06`, `last friday of 11`.
    pub weekday: Option<Text>,
    /// The calendar that the date is of, when it is not the organisation's: `hijri` moves with the moon.
    pub calendar: Option<Text>,
    /// Where the day off goes when it falls on a weekday: `{ sunday: monday }`.
    pub moves: Option<Named<Text>>,
    /// Days that were decreed instead of what the rule gives, each of its year.
    pub decreed: Option<Texts>,
}

/// Other hours for some days: of each of them (`hours`), or of a week (`working_week`).
#[derive(JsonSchema)]
#[schemars(title = "other hours", deny_unknown_fields)]
pub struct OtherHours {
    /// How people call it.
    pub name: Option<Text>,
    /// `2026-08-06` for once, `08-06` for every year.
    pub date: Option<Text>,
    /// The first of several days.
    pub from: Option<Text>,
    /// The last of them.
    pub until: Option<Text>,
    /// Days from Easter.
    pub easter: Option<Text>,
    /// A weekday of a month: `third monday of 06`.
    pub weekday: Option<Text>,
    /// The calendar that the date is of, when it is not the organisation's.
    pub calendar: Option<Text>,
    /// Where the day goes when it falls on a weekday.
    pub moves: Option<Named<Text>>,
    /// Days that were decreed instead.
    pub decreed: Option<Texts>,
    /// The hours of each of the days: `["08:00-14:00"]`; `[]` is a day off.
    pub hours: Option<Texts>,
    /// The hours by the day of the week.
    pub working_week: Option<Week>,
}
