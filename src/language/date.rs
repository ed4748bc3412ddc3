//! Days and times as a place writes them, in its own calendar.
//!
//! The calendar follows the locale (`fa` counts solar years of the Hijra), as icu knows it; hours
//! are always 0 to 23, because procedures and shifts are written that way. Used through
//! [`Language`] only.

use icu_calendar::{AnyCalendarKind, Date as CalendarDate, Iso};
use icu_datetime::fieldsets::{T, YMD, YMDT};
use icu_datetime::input::{DateTime, Time};
use icu_datetime::options::{Alignment, YearStyle};
use icu_datetime::{DateTimeFormatter, NoCalendarFormatter};
use icu_locale_core::extensions::unicode::{key, value};
use icu_locale_core::{Locale, locale};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use super::Language;

/// The formatters of one locale. Absent where icu has no data at all, which its fallback to the
/// root locale rules out; then dates come as ISO 8601.
pub(super) struct Dates {
    short: Option<DateTimeFormatter<YMD>>,
    long: Option<DateTimeFormatter<YMD>>,
    time: Option<NoCalendarFormatter<T>>,
    instant: Option<DateTimeFormatter<YMDT>>,
    /// Months and years are those of the solar Hijra.
    is_persian: bool,
}

impl Dates {
    pub(super) fn new(locale: &Locale) -> Self {
        let locale = with_unambiguous_days(locale);
        // Two digits for day and month, four for the year: dates stand in columns.
        let day =
            || YMD::short().with_year_style(YearStyle::Full).with_alignment(Alignment::Column);
        Self {
            short: DateTimeFormatter::try_new((&locale).into(), day()).ok(),
            long: DateTimeFormatter::try_new((&locale).into(), YMD::long()).ok(),
            time: NoCalendarFormatter::try_new((&locale).into(), T::hm()).ok(),
            instant: DateTimeFormatter::try_new((&locale).into(), day().with_time_hm()).ok(),
            is_persian: matches!(
                AnyCalendarKind::try_new((&locale).into()),
                Ok(AnyCalendarKind::Persian)
            ),
        }
    }
}

/// English outside the United States puts the day first; a bare `en` would print 3 November as
/// 11/03/2026, which everybody else reads as March.
fn with_unambiguous_days(locale: &Locale) -> Locale {
    let mut locale = locale.clone();
    let region = locale.id.region.as_ref().map(|region| region.as_str());
    if locale.id.language.as_str() == "en" && region != Some("US") {
        locale.id = locale!("en-001").id;
    }
    locale.extensions.unicode.keywords.set(key!("hc"), value!("h23"));
    locale
}

impl Language {
    /// A day in figures: `23/11/2026`, `۱۴۰۵/۰۹/۰۲`.
    pub fn date(&self, date: civil::Date) -> String {
        match (&self.0.dates.short, calendar(date)) {
            (Some(formatter), Some(date)) => formatter.format(&date).to_string(),
            _ => date.to_string(),
        }
    }

    /// A day in words: `23 de noviembre de 2026`.
    pub fn long_date(&self, date: civil::Date) -> String {
        match (&self.0.dates.long, calendar(date)) {
            (Some(formatter), Some(date)) => formatter.format(&date).to_string(),
            _ => date.to_string(),
        }
    }

    /// Whether days are counted in years of the solar Hijra, as in Tehran.
    pub fn has_solar_hijri_years(&self) -> bool {
        self.0.dates.is_persian
    }

    /// Hours and minutes: `14:05`.
    pub fn time(&self, time: civil::Time) -> String {
        match (&self.0.dates.time, clock(time)) {
            (Some(formatter), Some(time)) => formatter.format(&time).to_string(),
            _ => time.strftime("%H:%M").to_string(),
        }
    }

    /// An instant as a clock on the wall of that zone shows it: `23/11/2026, 14:05`.
    pub fn instant(&self, instant: Timestamp, zone: &TimeZone) -> String {
        let local = zone.to_datetime(instant);
        match (&self.0.dates.instant, calendar(local.date()), clock(local.time())) {
            (Some(formatter), Some(date), Some(time)) => {
                formatter.format(&DateTime { date, time }).to_string()
            }
            _ => local.strftime("%Y-%m-%d %H:%M").to_string(),
        }
    }
}

fn calendar(date: civil::Date) -> Option<CalendarDate<Iso>> {
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    CalendarDate::try_new_iso(date.year().into(), month, day).ok()
}

fn clock(time: civil::Time) -> Option<Time> {
    let (hour, minute) = (u8::try_from(time.hour()).ok()?, u8::try_from(time.minute()).ok()?);
    Time::try_new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_come_in_the_place_s_calendar() {
        let (first, second) = (date(2026, 11, 23), date(2026, 3, 4));
        let es = Language::parse("es-BO");
        assert_eq!((es.date(first), es.date(second)), ("23/11/2026".into(), "04/03/2026".into()));
        assert_eq!(es.long_date(first), "23 de noviembre de 2026");
        let fa = Language::parse("fa");
        assert_eq!(
            (fa.date(first), fa.long_date(first)),
            ("۱۴۰۵/۰۹/۰۲".into(), "۲ آذر ۱۴۰۵".into())
        );
    }

    #[test]
    fn english_puts_the_month_first_only_in_the_united_states() {
        let day = date(2026, 11, 3);
        assert_eq!(Language::parse("en").date(day), "03/11/2026");
        assert_eq!(Language::parse("en-BO").date(day), "03/11/2026");
        assert_eq!(Language::parse("en-US").date(day), "11/03/2026");
        assert_eq!(Language::parse("en").long_date(day), "3 November 2026");
    }

    #[test]
    fn times_run_to_twenty_three_and_follow_the_zone() {
        let zone = TimeZone::get("America/La_Paz").expect("the bundled zones have it");
        let instant: Timestamp = "2026-11-24T01:05:00Z".parse().expect("an instant");
        let es = Language::parse("es-BO");
        assert_eq!(es.instant(instant, &zone), "23/11/2026, 21:05");
        assert_eq!(es.time(civil::time(9, 5, 59, 0)), "09:05");
        assert_eq!(Language::parse("en-US").time(civil::time(0, 30, 0, 0)), "00:30");
        assert_eq!(Language::parse("fa").time(civil::time(14, 5, 0, 0)), "۱۴:۰۵");
    }
}
