//! Calendars against a second implementation that shares no thought with the first: days are counted one
//! by one from a day that is known, work minute by minute, Easter by another computus. And what a
//! table of holidays leaves out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use tramite::calendar::{Calendar, Day, MonthDay, Recurrence, System, Term, easter};
use tramite::check::check_at;
use tramite::diagnostic::{Diagnostics, FileId, Span};
use tramite::library::Files;
use tramite::runtime::{Clock, Runtime};
use tramite::store::Store;
use tramite::yaml::Spanned;

use crate::office::person;
use crate::world::read;

/// An office with this calendar and nothing to do.
fn office(zone: &str, calendar: &str) -> String {
    format!(
        "organisation: office\nname: Office\nlanguage: en\ntime_zone: {zone}\n\
         calendar:\n{calendar}\nroles:\n  clerk: Clerk\n---\nprocedure: flow\ntitle: Flow\n\
         starts: {{ by: clerk }}\nsteps:\n  1: {{ role: clerk, activity: Work }}\n"
    )
}

/// What is told of such an office on a day.
fn told(calendar: &str, now: &str) -> Vec<&'static str> {
    let text = office("America/La_Paz", calendar);
    let (library, found) = read(&Files::from([("office.yaml".to_owned(), text)]));
    assert_eq!(found, [], "the office is sound");
    let mut found = Diagnostics::default();
    check_at(&library, now.parse().expect("an instant"), &mut found);
    found.into_sorted().iter().map(|finding| finding.code).collect()
}

#[test]
fn a_table_of_holidays_that_ends_too_soon_is_told_from_october_on() {
    let dated = "  holidays: [{ date: 2026-01-01, name: A }, { date: 2026-12-25, name: B }]";
    assert_eq!(told(dated, "2026-10-01T03:59:00Z"), [""; 0], "still September in La Paz");
    assert_eq!(told(dated, "2026-10-01T04:01:00Z"), ["holidays_end"]);
    assert_eq!(told(dated, "2027-06-01T00:00:00Z"), ["holidays_end"]);
    let next = "  holidays: [{ date: 2026-01-01, name: A }, { date: 2027-01-01, name: B }]";
    assert_eq!(told(next, "2026-12-01T00:00:00Z"), [""; 0]);
    let rules = "  holidays: [{ date: 01-01, name: A }, { easter: -2, name: B }]";
    assert_eq!(told(rules, "2026-12-01T00:00:00Z"), [""; 0], "rules never end");
    let moon = "  holidays: [{ date: 10-01, calendar: hijri, name: A, decreed: 2026-03-21 }]";
    assert_eq!(told(moon, "2026-12-01T00:00:00Z"), ["holidays_end"], "nothing is decreed yet");
}

/// An office in Iran: its own months, Thursday a half day, holidays of the sun, the moon and a decree,
/// written in its own digits.
#[test]
fn a_persian_office_writes_its_own_dates() {
    let text = office(
        "Asia/Tehran",
        r#"  system: persian
  working_week: { saturday: ["07:30-14:30"], sunday: ["07:30-14:30"], thursday: ["07:30-12:00"] }
  holidays:
    - { from: ۰۱-۰۱, until: ۰۱-۰۴, name: نوروز }
    - { date: ۱۴۰۵-۰۹-۰۷, name: تعطیل }
    - { date: 10-01, calendar: hijri, name: عید فطر, decreed: ۱۴۰۵-۰۱-۰۱ }
    - { date: 12-25, calendar: gregorian, name: میلاد }"#,
    );
    let calendar = calendar(&text);
    let name = |date: &str| calendar.holiday(date.parse().expect("a date"));
    assert_eq!((name("2026-03-22"), name("2026-03-24")), (Some("نوروز"), Some("نوروز")));
    assert_eq!(name("2026-11-28"), Some("تعطیل"), "7 Azar 1405");
    assert_eq!(name("2027-11-28"), None, "once");
    assert_eq!(name("2026-12-25"), Some("میلاد"));
    assert_eq!(name("2026-03-20"), None, "the day that the arithmetic has, moved by decree");
    assert_eq!(name("2027-03-10"), Some("عید فطر"), "nothing was decreed for that year");
    let from: Timestamp = "2026-11-24T08:00:00Z".parse().expect("an instant");
    let due = calendar.after(from, &Term::WorkingDays(2));
    // Thursday, not the decreed Saturday, but Sunday until 14:30.
    assert_eq!(due.to_string(), "2026-11-29T11:00:00Z");
}

/// A crew on guard works at night; the office that it belongs to does not.
#[tokio::test]
async fn the_calendar_of_its_unit_decides_when_a_step_is_due() {
    let text = r#"
organisation: office
name: Office
language: en
time_zone: America/La_Paz
units:
  guard: { title: Guard, calendar: { working_week: { monday: ["00:00-24:00"] } } }
roles:
  clerk: Clerk
  crew: { title: Crew, unit: guard }
  guest: { title: Guest, external: true, attended_by: crew }
---
procedure: flow
title: Flow
starts: { by: clerk }
steps:
  1:
    parallel:
      office: { 2: { role: clerk, activity: Write, due: 4 working hours } }
      street: { 3: { role: crew, activity: Repair, due: 4 working hours } }
      door: { 4: { role: guest, activity: Ask, due: 4 working hours } }
"#;
    let (library, found) = read(&Files::from([("office.yaml".to_owned(), text.to_owned())]));
    assert_eq!(found, []);
    let clock = Clock::manual("2026-11-23T20:00:00Z".parse().expect("Monday, 16:00"));
    let store = Store::memory().await.expect("a database");
    let runtime = Runtime::start(store, clock).await.expect("a runtime");
    runtime.publish(&library, "office").await.expect("published");
    let begun = runtime.start_case(&person("ana", "clerk"), "office", "flow", None).await;
    let state = begun.expect("begun").state;
    let due = |step: &str| {
        let task = state.tasks.values().find(|task| task.step == step).expect("an open task");
        task.due_at.expect("a due time").to_string()
    };
    assert_eq!(due("2"), "2026-11-24T14:00:00Z", "two hours today, two from eight tomorrow");
    assert_eq!(due("3"), "2026-11-24T00:00:00Z", "20:00 tonight");
    assert_eq!(due("4"), due("3"), "the guest is attended by the crew");
}

/// The days of a system from the first day of `year` on, one after the other.
fn walk(year: i32, months: impl Fn(i32) -> Vec<u8>) -> impl Iterator<Item = Day> {
    (year..).flat_map(move |year| {
        let months = months(year).into_iter().zip(1..);
        months.flat_map(move |(days, month)| (1..=days).map(move |day| Day { year, month, day }))
    })
}

/// Leap years by their place in a cycle of 33 years, which agrees with the equinox in these centuries.
fn persian(year: i32) -> Vec<u8> {
    let is_leap = [1, 5, 9, 13, 17, 22, 26, 30].contains(&(year % 33));
    [vec![31; 6], vec![30; 5], vec![29 + u8::from(is_leap)]].concat()
}

/// Eleven leap years in thirty.
fn hijri(year: i32) -> Vec<u8> {
    let is_leap = [2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29].contains(&(year % 30));
    let mut months: Vec<u8> = [30, 29].repeat(6);
    months[11] += u8::from(is_leap);
    months
}

fn gregorian(year: i32) -> Vec<u8> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    vec![31, 28 + u8::from(is_leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

/// Every day of two hundred years in three systems, there and back.
#[test]
fn days_are_those_that_one_counts_to() {
    let known: [(System, i32, &str, Months); 3] = [
        (System::Persian, 1300, "1921-03-21", persian),
        (System::Hijri, 1300, "1882-11-12", hijri),
        (System::Gregorian, 1900, "1900-01-01", gregorian),
    ];
    for (system, year, first, months) in known {
        let first: Date = first.parse().expect("a date");
        let days = walk(year, months).take_while(|day| day.year < year + 200);
        for (day, date) in days.zip(first.series(1.day())) {
            assert_eq!(system.day(date), day, "{system:?} {date}");
            assert_eq!(system.date(day), Some(date), "{system:?} {day:?}");
            let length = months(day.year)[usize::from(day.month) - 1];
            assert_eq!(system.days_in_month(date), length, "{system:?} {day:?}");
        }
    }
}

/// Knuth, The Art of Computer Programming, vol. 1, exercise 1.3.2–14: by the golden number and the
/// epact, after Lilius and Clavius.
fn knuth(year: i64) -> (i64, i64) {
    let golden = year % 19 + 1;
    let century = year / 100 + 1;
    let dropped = 3 * century / 4 - 12;
    let moon = (8 * century + 5) / 25 - 5;
    let sunday = 5 * year / 4 - dropped - 10;
    let mut epact = (11 * golden + 20 + moon - dropped).rem_euclid(30);
    if epact == 25 && golden > 11 || epact == 24 {
        epact += 1;
    }
    let mut full = 44 - epact;
    if full < 21 {
        full += 30;
    }
    let day = full + 7 - (sunday + full) % 7;
    if day > 31 { (4, day - 31) } else { (3, day) }
}

#[test]
fn easter_is_the_same_by_another_computus() {
    for year in 1583..=4_099_i16 {
        let date = easter(year).expect("a date");
        let told = (i64::from(date.month()), i64::from(date.day()));
        assert_eq!(told, knuth(year.into()), "{year}");
    }
}

/// Numbers that look like chance (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    fn is(&mut self, of_hundred: u64) -> bool {
        self.below(100) < of_hundred
    }
}

/// The lengths of a year's months.
type Months = fn(i32) -> Vec<u8>;

/// From a month and day to another, with the hours of its days.
#[derive(Clone, Copy)]
struct Season {
    from: (u8, u8),
    until: (u8, u8),
    hours: (i64, i64),
}

/// A calendar, made up: the text that an owner writes, and what is meant by it.
struct Made {
    zone: TimeZone,
    system: System,
    /// Hours of each weekday from Monday on, in minutes of the day.
    week: Vec<Vec<(i64, i64)>>,
    /// Every day off of the years in question.
    off: BTreeSet<Date>,
    /// Days with other hours, if they are worked at all.
    season: Option<Season>,
    /// Hours of the days that were asked for.
    known: RefCell<BTreeMap<Date, Vec<(i64, i64)>>>,
    text: String,
}

const YEARS: std::ops::RangeInclusive<i32> = 2018..=2034;
const ZONES: [&str; 5] =
    ["America/La_Paz", "America/New_York", "Asia/Tehran", "America/Asuncion", "Europe/Madrid"];
const NAMES: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// All days of the years in question, as a system writes them, counted from a day that is known.
fn written(system: System) -> Vec<(Date, Day)> {
    let (year, first, months): (i32, &str, Months) = match system {
        System::Persian => (1396, "2017-03-21", persian),
        System::Hijri => (1438, "2016-10-03", hijri),
        _ => (2017, "2017-01-01", gregorian),
    };
    let first: Date = first.parse().expect("a date");
    let days = first.series(1.day()).zip(walk(year, months));
    days.take_while(|(date, _)| i32::from(date.year()) <= *YEARS.end()).collect()
}

impl Made {
    fn up(chance: &mut Chance) -> Self {
        let zone = chance.one(&ZONES);
        let system = chance.one(&[System::Gregorian, System::Persian]);
        // Whole nights and hours of the day: no shift begins or ends where a clock is changed.
        let days = [
            vec![(480, 720), (870, 1110)],
            vec![(420, 900)],
            vec![(0, 1440)],
            vec![(0, 360), (1320, 1440)],
            vec![(485, 725)],
        ];
        let mut week: Vec<Vec<(i64, i64)>> = Vec::new();
        for day in 0..7 {
            let is_off = day > 0 && chance.is(30);
            let hours = &days[chance.below(5) as usize];
            week.push(if is_off { Vec::new() } else { hours.clone() });
        }
        let mut text = format!("  system: {}\n  working_week:\n", system.name());
        for (name, shifts) in NAMES.iter().zip(&week) {
            let shift = |(from, to): &(i64, i64)| format!("\"{}-{}\"", clock(*from), clock(*to));
            let shifts: Vec<String> = shifts.iter().map(shift).collect();
            text += &format!("    {name}: [{}]\n", shifts.join(", "));
        }
        let mut made = Self {
            zone: TimeZone::get(zone).expect("a zone"),
            system,
            week,
            off: BTreeSet::new(),
            season: None,
            known: RefCell::default(),
            text,
        };
        made.holidays(chance);
        made.season(chance);
        made.text = office(zone, &made.text);
        made
    }

    fn holidays(&mut self, chance: &mut Chance) {
        self.text += "  holidays:\n    - { date: 2026-07-01, name: once, calendar: gregorian }\n";
        self.off.insert("2026-07-01".parse().expect("a date"));
        for _ in 0..chance.below(6) {
            let own = chance.one(&[System::Gregorian, System::Persian, System::Hijri]);
            let (month, day) = (chance.below(12) as u8 + 1, chance.below(29) as u8 + 1);
            let days = written(own);
            let natural = days.iter().filter(|(_, at)| (at.month, at.day) == (month, day));
            let (from, to) = (chance.below(7) as usize, chance.below(7) as usize);
            let is_moved = chance.is(50) && from != to;
            for (date, _) in natural {
                let place = date.weekday().to_monday_zero_offset() as usize;
                let mut date = *date;
                if is_moved && place == from {
                    // Both ways, a day at a time, until one of the two is there.
                    let there = |date: &Date| date.weekday().to_monday_zero_offset() as usize == to;
                    date = (1..=3_i64)
                        .flat_map(|step| [step, -step])
                        .map(|step| date.checked_add(step.days()).expect("a date"))
                        .find(there)
                        .expect("within three days");
                }
                self.off.insert(date);
            }
            let moves = format!(", moves: {{ {}: {} }}", NAMES[from], NAMES[to]);
            let moves = if is_moved { moves } else { String::new() };
            let own = own.name();
            self.text += &format!(
                "    - {{ date: {month:02}-{day:02}, calendar: {own}, name: x{moves} }}\n"
            );
        }
        let days = chance.below(120) as i64 - 55;
        self.text += &format!("    - {{ easter: {days}, name: movable }}\n");
        for year in YEARS {
            let (month, day) = knuth(year.into());
            let sunday = Date::new(year as i16, month as i8, day as i8).expect("a date");
            self.off.insert(sunday.checked_add(days.days()).expect("a date"));
        }
        let (nth, place, month) =
            (chance.below(4) + 1, chance.below(7) as usize, 1 + chance.below(12));
        self.text += &format!(
            "    - {{ weekday: {} {} of {month:02}, calendar: gregorian, name: nth }}\n",
            ["first", "2nd", "third", "4th"][nth as usize - 1],
            NAMES[place]
        );
        let mut seen = 0;
        for (date, day) in written(System::Gregorian) {
            seen = if day.day == 1 { 0 } else { seen };
            if u64::from(day.month) == month
                && date.weekday().to_monday_zero_offset() as usize == place
            {
                seen += 1;
                if seen == nth {
                    self.off.insert(date);
                }
            }
        }
    }

    fn season(&mut self, chance: &mut Chance) {
        if chance.is(40) {
            return;
        }
        let mut day = || (chance.below(12) as u8 + 1, chance.below(28) as u8 + 1);
        let (from, until) = (day(), day());
        self.season = Some(Season { from, until, hours: (540, 840) });
        self.text += &format!(
            "  other_hours:\n    - {{ from: {:02}-{:02}, until: {:02}-{:02}, calendar: gregorian, \
             hours: [\"09:00-14:00\"] }}\n",
            from.0, from.1, until.0, until.1
        );
    }

    fn shifts(&self, date: Date) -> Vec<(i64, i64)> {
        let week = &self.week[date.weekday().to_monday_zero_offset() as usize];
        if week.is_empty() || self.off.contains(&date) {
            return Vec::new();
        }
        if let Some(Season { from, until, hours }) = self.season {
            // Walks from the season's first day to its last.
            let here = (date.month() as u8, date.day() as u8);
            let mut at = from;
            for _ in 0..400 {
                if at == here {
                    return vec![hours];
                }
                if at == until {
                    break;
                }
                let length = gregorian(2024)[usize::from(at.0) - 1];
                at = if at.1 < length { (at.0, at.1 + 1) } else { (at.0 % 12 + 1, 1) };
            }
        }
        week.clone()
    }

    /// Whether the minute that begins then is worked.
    fn is_worked(&self, minute: Timestamp) -> bool {
        let local = self.zone.to_datetime(minute);
        let of_day = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let mut known = self.known.borrow_mut();
        let shifts = known.entry(local.date()).or_insert_with(|| self.shifts(local.date()));
        shifts.iter().any(|(from, to)| (*from..*to).contains(&of_day))
    }

    fn minutes(from: Timestamp) -> impl Iterator<Item = Timestamp> {
        (0..).map(move |count| from + SignedDuration::from_mins(count))
    }

    fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The end of the last minute that is worked on a day.
    fn closing(&self, date: Date) -> Timestamp {
        let noon = date.at(12, 0, 0, 0).in_tz("UTC").expect("an instant").timestamp();
        let from = noon - SignedDuration::from_hours(40);
        let worked = Self::minutes(from)
            .take(80 * 60)
            .filter(|minute| self.date(*minute) == date && self.is_worked(*minute));
        worked.last().expect("a day that is worked") + SignedDuration::from_mins(1)
    }

    fn days_from(&self, from: Timestamp) -> impl Iterator<Item = Date> {
        self.date(from).series(1.day())
    }

    fn works(&self, date: &Date) -> bool {
        !self.shifts(*date).is_empty()
    }

    /// The last working days of months, as the calendar's system has them.
    fn month_ends(&self) -> Vec<Date> {
        let days = written(self.system);
        let mut ends: BTreeMap<(i32, u8), Date> = BTreeMap::new();
        for (date, day) in days.into_iter().filter(|(date, _)| self.works(date)) {
            ends.insert((day.year, day.month), date);
        }
        ends.into_values().collect()
    }
}

fn calendar(text: &str) -> Calendar {
    let (library, found) = read(&Files::from([("office.yaml".to_owned(), text.to_owned())]));
    assert_eq!(found, [], "{text}");
    let group = library.group("office").expect("an office");
    group.organisation.as_ref().expect("an organisation").calendar.clone()
}

fn recurrence(text: &str) -> Recurrence {
    let written = Spanned::new(text.to_owned(), Span::new(FileId(0), 0, 0));
    Recurrence::parse(&written, &mut Diagnostics::default()).expect("a recurrence")
}

/// Made-up calendars, and as many questions to each; more on demand.
const CALENDARS: u64 = 60;

#[test]
fn work_is_what_one_counts_minute_by_minute() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first: u64 = number("TRAMITE_CALENDAR_SEED").unwrap_or(1);
    let count = number("TRAMITE_CALENDARS").unwrap_or(CALENDARS);
    for seed in first..first + count {
        let mut chance = Chance(seed);
        let made = Made::up(&mut chance);
        let calendar = calendar(&made.text);
        for _ in 0..5 {
            let start: Timestamp = "2021-01-01T00:00:00Z".parse().expect("an instant");
            let from = start + SignedDuration::from_mins(chance.below(9 * 525_600) as i64);
            let told = compare(&made, &calendar, from, &mut chance);
            assert_eq!(told, [""; 0], "TRAMITE_CALENDAR_SEED={seed} at {from}\n{}", made.text);
        }
    }
}

/// What the two disagree on.
fn compare(made: &Made, calendar: &Calendar, from: Timestamp, chance: &mut Chance) -> Vec<String> {
    let mut told = Vec::new();
    let mut same = |what: String, ours: Timestamp, theirs: Timestamp| {
        if ours != theirs {
            told.push(format!("{what}: {ours}, counted {theirs}"));
        }
    };
    let hours = chance.below(30) as i64 + 1;
    let mut left = hours * 60;
    let end = Made::minutes(from).find(|minute| {
        left -= i64::from(made.is_worked(*minute));
        left == 0
    });
    let due = end.expect("it ends") + SignedDuration::from_mins(1);
    let term = Term::WorkingHours(hours);
    same(format!("{hours} working hours"), calendar.after(from, &term), due);
    let half = from + SignedDuration::from_secs(from.duration_until(due).as_secs() / 120 * 60);
    let resumed = calendar.resume(half, calendar.remaining(half, due, &term));
    same("resumed at once".to_owned(), resumed, due);
    let worked = Made::minutes(from).take_while(|minute| *minute < half);
    let worked = worked.filter(|minute| made.is_worked(*minute)).count() as i64;
    let ours = calendar.working_between(from, half);
    same("worked".to_owned(), from + ours, from + SignedDuration::from_mins(worked));

    let days = chance.below(15) as usize + 1;
    let last = made.days_from(from).skip(1).filter(|date| made.works(date)).nth(days - 1);
    let closing = made.closing(last.expect("a day"));
    let ours = calendar.after(from, &Term::WorkingDays(days as i64));
    same(format!("{days} working days"), ours, closing);

    let ends = made.month_ends();
    let today = made.date(from);
    let near = ends.iter().filter(|end| **end >= today).take(2).map(|end| made.closing(*end));
    let end = near.into_iter().find(|end| *end >= from).expect("a month's end");
    let ours = calendar.after(from, &Term::InMonth(MonthDay::LastWorking));
    same("end of month".to_owned(), ours, end);

    // No clock is changed at these times.
    let (hour, minute) = (chance.below(14) as i8 + 6, chance.below(60) as i8);
    let at = |text: &str| recurrence(&format!("{text} at {hour:02}:{minute:02}"));
    let mut next = |what: &str, is_day: &dyn Fn(&Date) -> bool| {
        let found = Made::minutes(from).skip(1).find(|instant| {
            let local = made.zone.to_datetime(*instant);
            (local.hour(), local.minute()) == (hour, minute) && is_day(&local.date())
        });
        let ours = calendar.next(from, &at(what)).expect("it comes");
        same(what.to_owned(), ours, found.expect("it comes"));
    };
    next("working day", &|date| made.works(date));
    next("month on the last working day", &|date| ends.contains(date));
    told
}
