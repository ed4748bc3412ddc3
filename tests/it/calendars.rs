//! Calendars: what a table of holidays leaves out.

use tramite::check::check_at;
use tramite::diagnostic::Diagnostics;
use tramite::library::Files;

use crate::world::read;

/// An office with this calendar and nothing to do.
fn office(calendar: &str) -> String {
    format!(
        "organisation: office\nname: Office\nlanguage: en\ntime_zone: America/La_Paz\n\
         calendar:\n{calendar}\nroles:\n  clerk: Clerk\n---\nprocedure: flow\ntitle: Flow\n\
         starts: {{ by: clerk }}\nsteps:\n  1: {{ role: clerk, activity: Work }}\n"
    )
}

/// What is told of such an office on a day.
fn told(calendar: &str, now: &str) -> Vec<&'static str> {
    let (library, found) = read(&Files::from([("office.yaml".to_owned(), office(calendar))]));
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
