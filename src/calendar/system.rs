//! Systems of months and years: Gregorian, Solar Hijri, lunar Hijri. icu does the reckoning.
//!
//! Everywhere else a day is a [`Date`] of jiff; here it gets the year, month and day that people of
//! a place write, and back. Used by the calendar's rules, and by the fields that take dates.

use icu_calendar::cal::hijri::{
    TabularAlgorithm, TabularAlgorithmEpoch, TabularAlgorithmLeapYears,
};
use icu_calendar::cal::{Hijri, Persian};
use icu_calendar::options::DateAddOptions;
use icu_calendar::types::{DateDuration, Month};
use icu_calendar::{AsCalendar, Date as CalendarDate, Iso};
use jiff::ToSpan;
use jiff::civil::Date;

/// How years and months are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum System {
    #[default]
    Gregorian,
    /// Solar years of the Hijra, as in Iran and Afghanistan; leap years by the equinox in Tehran.
    Persian,
    /// Lunar years of the Hijra by the arithmetical calendar (icu's `islamic-civil`). The moon as it
    /// is seen may come a day sooner or later: what is decreed has to be written.
    Hijri,
    /// The same as Saudi Arabia publishes them.
    UmmAlQura,
}

/// A day as it is written in a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub year: i32,
    /// From 1 to 12.
    pub month: u8,
    pub day: u8,
}

const TABULAR: Hijri<TabularAlgorithm> =
    Hijri::new_tabular(TabularAlgorithmLeapYears::TypeII, TabularAlgorithmEpoch::Friday);
const UMM_AL_QURA: Hijri<icu_calendar::cal::hijri::UmmAlQura> = Hijri::new_umm_al_qura();

impl System {
    /// As they are written in a file.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("gregorian", Self::Gregorian),
        ("persian", Self::Persian),
        ("hijri", Self::Hijri),
        ("umm-al-qura", Self::UmmAlQura),
    ];

    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, system)| system)
    }

    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, system)| *system == self).map_or("", |(name, _)| name)
    }

    /// A day as this system writes it.
    pub fn day(self, date: Date) -> Day {
        let iso = iso(date);
        match self {
            Self::Gregorian => read(&iso),
            Self::Persian => read(&iso.to_calendar(Persian)),
            Self::Hijri => read(&iso.to_calendar(TABULAR)),
            Self::UmmAlQura => read(&iso.to_calendar(UMM_AL_QURA)),
        }
    }

    /// The day that is written so; none when there is no such day.
    pub fn date(self, Day { year, month, day }: Day) -> Option<Date> {
        if !(1..=12).contains(&month) {
            return None;
        }
        let (year, month) = (year.into(), Month::new(month));
        match self {
            Self::Gregorian => civil(&CalendarDate::try_new(year, month, day, Iso).ok()?),
            Self::Persian => civil(&CalendarDate::try_new(year, month, day, Persian).ok()?),
            Self::Hijri => civil(&CalendarDate::try_new(year, month, day, TABULAR).ok()?),
            Self::UmmAlQura => civil(&CalendarDate::try_new(year, month, day, UMM_AL_QURA).ok()?),
        }
    }

    /// The same day of a later month, or that month's last day when it is shorter.
    pub fn plus_months(self, date: Date, months: i32) -> Option<Date> {
        let iso = iso(date);
        match self {
            Self::Gregorian => civil(&shifted(iso, months)?),
            Self::Persian => civil(&shifted(iso.to_calendar(Persian), months)?),
            Self::Hijri => civil(&shifted(iso.to_calendar(TABULAR), months)?),
            Self::UmmAlQura => civil(&shifted(iso.to_calendar(UMM_AL_QURA), months)?),
        }
    }

    pub fn days_in_month(self, date: Date) -> u8 {
        let iso = iso(date);
        match self {
            Self::Gregorian => iso.days_in_month(),
            Self::Persian => iso.to_calendar(Persian).days_in_month(),
            Self::Hijri => iso.to_calendar(TABULAR).days_in_month(),
            Self::UmmAlQura => iso.to_calendar(UMM_AL_QURA).days_in_month(),
        }
    }

    /// The first day of the month that a day is in.
    pub fn first_of_month(self, date: Date) -> Date {
        let before = i64::from(self.day(date).day) - 1;
        date.checked_sub(before.days()).unwrap_or(date)
    }

    pub fn last_of_month(self, date: Date) -> Date {
        let left = i64::from(self.days_in_month(date)) - i64::from(self.day(date).day);
        date.checked_add(left.days()).unwrap_or(date)
    }

    /// The most days that this month ever has; none when there is no such month.
    pub(super) fn longest(self, month: u8) -> Option<u8> {
        match (self, month) {
            (Self::Gregorian, 2) => Some(29),
            (Self::Gregorian, 4 | 6 | 9 | 11) | (Self::Persian, 7..=12) => Some(30),
            (Self::Gregorian, 1..=12) | (Self::Persian, 1..=6) => Some(31),
            (Self::Hijri | Self::UmmAlQura, 1..=12) => Some(30),
            _ => None,
        }
    }

    /// The years that somebody may mean who writes a date of today's work.
    pub(super) fn likely_years(self) -> std::ops::RangeInclusive<i32> {
        match self {
            Self::Gregorian => 1900..=2200,
            Self::Persian => 1300..=1500,
            Self::Hijri | Self::UmmAlQura => 1320..=1600,
        }
    }
}

fn iso(date: Date) -> CalendarDate<Iso> {
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    CalendarDate::try_new_iso(date.year().into(), part(date.month()), part(date.day()))
        .expect("jiff's dates are days of the ISO calendar")
}

fn read<A: AsCalendar>(date: &CalendarDate<A>) -> Day {
    Day {
        year: date.year().extended_year(),
        month: date.month().number(),
        day: date.day_of_month().0,
    }
}

fn civil<A: AsCalendar>(date: &CalendarDate<A>) -> Option<Date> {
    let Day { year, month, day } = read(&date.to_calendar(Iso));
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(i16::try_from(year).ok()?, month, day).ok()
}

fn shifted<A: AsCalendar>(date: CalendarDate<A>, months: i32) -> Option<CalendarDate<A>> {
    date.try_added_with_options(DateDuration::for_months(months), DateAddOptions::default()).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// The years that everybody knows the first day of.
    #[test]
    fn days_go_there_and_back() {
        let new_year = Day { year: 1404, month: 1, day: 1 };
        assert_eq!(System::Persian.date(new_year), Some(date(2025, 3, 21)));
        assert_eq!(System::Persian.day(date(2025, 3, 21)), new_year);
        assert_eq!(System::Persian.last_of_month(date(2025, 3, 20)), date(2025, 3, 20));
        assert_eq!(System::Persian.first_of_month(date(2025, 3, 20)), date(2025, 2, 19));
        let eid = Day { year: 1446, month: 10, day: 1 };
        assert_eq!(System::UmmAlQura.date(eid), Some(date(2025, 3, 30)));
        assert_eq!(System::Gregorian.date(Day { year: 2025, month: 2, day: 29 }), None);
        assert_eq!(System::Persian.date(Day { year: 1404, month: 12, day: 30 }), None);
        assert_eq!(System::Persian.date(Day { year: 1404, month: 13, day: 1 }), None);
    }

    #[test]
    fn months_are_added_in_the_system() {
        // 31 Shahrivar 1404 and a month: Mehr has 30 days.
        assert_eq!(System::Persian.plus_months(date(2025, 9, 22), 1), Some(date(2025, 10, 22)));
        assert_eq!(System::Gregorian.plus_months(date(2026, 1, 31), 1), Some(date(2026, 2, 28)));
        assert_eq!(System::Gregorian.plus_months(Date::MAX, 1), None);
    }
}
