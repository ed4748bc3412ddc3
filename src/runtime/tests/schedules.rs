//! Cases that begin by themselves: each occurrence once, whoever starts it and whoever dies meanwhile,
//! and what was missed as the procedure declares.

use super::*;
use crate::engine::{Cause, Rejection};

on_both!(
    a_case_begins_when_its_time_has_come_and_not_before,
    what_was_missed_follows_the_declared_policy,
    a_server_that_died_behind_the_start_leaves_no_second_case,
    what_a_dead_server_had_leased_is_taken_over,
    two_servers_begin_each_occurrence_once,
    publishing_changes_and_removes_a_schedule,
    the_clock_begins_only_what_has_a_schedule,
);

/// Monday noon in La Paz, which is 16:00 UTC.
const NOON: &str = "2026-11-23T16:00:00Z";

fn diary(starts: &str) -> String {
    format!(
        "organisation: prueba\nname: Prueba\nlanguage: es-BO\ntime_zone: America/La_Paz\n\
         calendar:\n  holidays: [{{ date: 2026-11-25, name: feriado }}]\n\
         roles: {{ ape: Asistente }}\n---\n\
         procedure: diario\ntitle: Control diario\nstarts: {{ by: ape{starts} }}\n\
         steps:\n  1: {{ role: ape, activity: Controla las órdenes }}\n"
    )
}

async fn begun_with(on: Kind, starts: &str) -> Runtime {
    let store = on.store().await.expect("a store");
    let clock = Clock::manual(NOON.parse().expect("an instant"));
    let runtime = Runtime::start(store, clock).await.expect("starts");
    runtime.publish(&library(&diary(starts)), "prueba").await.expect("published");
    runtime
}

impl Runtime {
    async fn scheduled(&self) -> Vec<CaseRow> {
        let filter = CaseFilter {
            organisation: "prueba",
            procedure: None,
            status: None,
            search: "",
            before: None,
            limit: 100,
        };
        let mut rows = self.store().cases(&filter).await.expect("read");
        rows.reverse();
        rows
    }

    async fn fired(&self) -> usize {
        self.fire_schedules().await.expect("looked")
    }

    /// When its cases began, in La Paz.
    async fn times(&self) -> Vec<String> {
        let local = |row: &CaseRow| {
            let zone = jiff::tz::TimeZone::get("America/La_Paz").expect("a zone");
            zone.to_datetime(row.started_at).strftime("%d %H:%M").to_string()
        };
        self.scheduled().await.iter().map(local).collect()
    }
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

async fn a_case_begins_when_its_time_has_come_and_not_before(on: Kind) {
    let runtime = begun_with(on, ", every: working day at 17:00").await;
    assert_eq!(runtime.fired().await, 0);
    runtime.clock().advance(hours(5));
    assert_eq!((runtime.fired().await, runtime.fired().await), (1, 0));
    // Tuesday; Wednesday is a holiday.
    for begun in [1, 0, 1] {
        runtime.clock().advance(hours(24));
        assert_eq!(runtime.fired().await, begun);
    }
    assert_eq!(runtime.times().await, ["23 17:00", "24 17:00", "26 17:00"]);
    let [first, ..] = &runtime.scheduled().await[..] else { panic!("three cases") };
    assert_eq!(first.state.started_by, Actor::clock().id);
    assert_eq!(first.number, "2026-00001");
    let queue = runtime.queue("ape", "").await;
    assert_eq!(queue.len(), 3, "each waits for somebody of its role");
    let done = Command::CompleteTask { task: 1, submission: Map::new(), choice: None };
    let handled = runtime.done(&rosa(), &first.id, done).await;
    assert_eq!(handled.state.status, CaseStatus::Ended);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_was_missed_follows_the_declared_policy(on: Kind) {
    let cases = [
        (", every: day at 17:00", vec!["26 12:00", "26 17:00"]),
        (", every: day at 17:00, missed: once", vec!["26 12:00", "26 17:00"]),
        (
            ", every: day at 17:00, missed: all",
            vec!["26 12:00", "26 12:00", "26 12:00", "26 17:00"],
        ),
        (", every: day at 17:00, missed: skip", vec!["26 17:00"]),
    ];
    for (starts, times) in cases {
        let runtime = begun_with(on, starts).await;
        // No server runs from Monday to Thursday noon.
        runtime.clock().advance(hours(72));
        runtime.fired().await;
        runtime.clock().advance(hours(5));
        runtime.fired().await;
        assert_eq!(runtime.times().await, times, "{starts}");
    }
    let runtime = begun_with(on, ", every: day at 17:00, missed: skip").await;
    runtime.clock().advance(hours(5) + SignedDuration::from_mins(9));
    assert_eq!(runtime.fired().await, 1, "a restart misses nothing");
}

async fn a_server_that_died_behind_the_start_leaves_no_second_case(on: Kind) {
    let runtime = begun_with(on, ", every: day at 17:00").await;
    runtime.clock().advance(hours(5));
    let now = runtime.clock().now();
    let lease = SignedDuration::from_secs(10);
    let leased = runtime.store().lease_schedules(now, lease, 9).await.expect("leased");
    // What the other one did before it died.
    let name = format!("schedule:prueba/diario@{}", leased[0].next_at);
    let key = Some(Key::api(&name));
    let (names, cause) = (("prueba", "diario"), Cause::Time(leased[0].next_at));
    runtime.start_alone(&Actor::clock(), names, cause, key).await.expect("starts");
    assert_eq!(runtime.fired().await, 0, "it is leased");
    runtime.clock().advance(SignedDuration::from_secs(11));
    assert_eq!(runtime.fired().await, 0, "it has begun before");
    assert_eq!(runtime.scheduled().await.len(), 1);
    let [row] = &runtime.store().schedules("prueba").await.expect("read")[..] else { panic!() };
    assert_eq!(row.next_at.to_string(), "2026-11-24T21:00:00Z", "it moved on");
}

async fn what_a_dead_server_had_leased_is_taken_over(on: Kind) {
    let runtime = begun_with(on, ", every: day at 17:00").await;
    runtime.clock().advance(hours(6));
    let now = runtime.clock().now();
    let lease = SignedDuration::from_secs(10);
    let leased = runtime.store().lease_schedules(now, lease, 9).await.expect("leased");
    assert_eq!(leased.len(), 1);
    assert_eq!(runtime.fired().await, 0, "another server has it");
    runtime.clock().advance(SignedDuration::from_secs(10));
    assert_eq!(runtime.fired().await, 1);
    assert_eq!(runtime.scheduled().await.len(), 1);
}

async fn two_servers_begin_each_occurrence_once(on: Kind) {
    let runtime = begun_with(on, ", every: day at 17:00, missed: all").await;
    let clock = runtime.clock().clone();
    let other = Runtime::start(runtime.store().clone(), clock).await.expect("starts");
    runtime.clock().advance(hours(24 * 20));
    for _ in 0..40 {
        let (one, two) = tokio::join!(runtime.fire_schedules(), other.fire_schedules());
        one.expect("looked");
        two.expect("looked");
        // What one of them was told to come again for is leased until now.
        runtime.clock().advance(SignedDuration::from_secs(10));
    }
    assert_eq!(runtime.scheduled().await.len(), 20);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn publishing_changes_and_removes_a_schedule(on: Kind) {
    let runtime = begun_with(on, ", every: day at 17:00").await;
    let next = async |runtime: &Runtime| {
        let rows = runtime.store().schedules("prueba").await.expect("read");
        rows.iter().map(|row| row.next_at.to_string()).collect::<Vec<_>>()
    };
    let publish = async |text: &str| {
        runtime.publish(&library(text), "prueba").await.expect("published");
        next(&runtime).await
    };
    assert_eq!(next(&runtime).await, ["2026-11-23T21:00:00Z"]);
    runtime.clock().advance(hours(24));
    // Another version that says the same has not forgotten that yesterday was missed.
    let same = diary(", every: day at 17:00").replace("Controla", "Revisa");
    assert_eq!(publish(&same).await, ["2026-11-23T21:00:00Z"]);
    assert_eq!(publish(&same).await, ["2026-11-23T21:00:00Z"], "nothing is new");
    let other = diary(", every: friday at 09:00");
    assert_eq!(publish(&other).await, ["2026-11-27T13:00:00Z"], "from now on");
    assert_eq!(runtime.fired().await, 0);
    assert_eq!(publish(&diary("")).await, [""; 0], "people only");
    runtime.clock().advance(hours(24 * 30));
    assert_eq!(runtime.fired().await, 0);
    let again = publish(&other).await;
    assert_eq!(again, ["2026-12-25T13:00:00Z"], "the time without one is not missed");
}

async fn the_clock_begins_only_what_has_a_schedule(on: Kind) {
    let runtime = begun_with(on, "").await;
    let cause = Cause::Time(runtime.clock().now());
    let refused = runtime.start_alone(&Actor::clock(), ("prueba", "diario"), cause, None).await;
    match refused {
        Err(Refusal::Rejected(Rejection::NotYourRole { .. })) => {}
        other => panic!("not refused: {other:?}"),
    }
    assert_eq!(runtime.scheduled().await.len(), 0);
}
