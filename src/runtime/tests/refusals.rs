//! What was refused by itself: to be seen, tried again, dropped.

use super::*;
use crate::engine::{Received, Rejection};
use crate::store::{MessageFate, Posted, Refused, RefusedFilter, RefusedRow, ScheduleKind};

on_both!(
    a_start_that_is_refused_is_told_until_it_comes,
    what_is_dropped_comes_no_more,
    a_timer_that_is_refused_is_told_until_its_case_is_over,
    two_who_try_at_once_begin_one_case,
);

const OFFICE: &str = r#"
organisation: prueba
name: Prueba
language: es-BO
time_zone: America/La_Paz
roles: { ape: Asistente }
messages:
  reclamo:
    by: ape
    keep: 2 days
    fields: { monto: { label: Monto, type: money } }
---
procedure: reclamo
title: Reclamo
starts: { message: reclamo, into: reclamo }
cancels: { by: ape }
steps:
  1: { set: { parte: 1 / (100 - reclamo.monto) } }
  2: { role: ape, activity: Visita }
---
procedure: diario
title: Diario
starts: { every: day at 17:00 }
cancels: { by: ape }
steps:
  1: { set: { parte: 1 / visits(2) } }
  2: { role: ape, activity: Controla }
---
procedure: trampa
title: Trampa
starts: { by: ape }
steps:
  1: { wait: { until: 1 days } }
  2: { set: { parte: 1 / (visits(1) - 1) } }
  3: { role: ape, activity: Sigue }
"#;

async fn office(on: Kind) -> Runtime {
    let store = on.store().await.expect("a store");
    let noon = "2026-11-23T16:00:00Z".parse().expect("an instant");
    let runtime = Runtime::start(store, Clock::manual(noon)).await.expect("starts");
    runtime.publish(&library(OFFICE), "prueba").await.expect("published");
    runtime
}

/// The same, with a daily control that can be begun.
async fn mended(runtime: &Runtime) {
    let mended = OFFICE.replace("1 / visits(2)", "visits(2)").replace("100 - ", "1000 - ");
    runtime.publish(&library(&mended), "prueba").await.expect("published");
}

impl Runtime {
    async fn refusals(&self) -> Vec<RefusedRow> {
        let procedures = ["reclamo", "diario", "trampa"].map(ToOwned::to_owned);
        let organisation = "prueba";
        let filter =
            RefusedFilter { organisation, procedures: &procedures, reports: &[], limit: 10 };
        self.store().refused(&filter).await.expect("read")
    }

    async fn sends(&self, id: &str, monto: i64) -> MessageFate {
        let contents = Map::from([("monto".to_owned(), Value::number(monto))]);
        let (name, key, sender) = ("reclamo".to_owned(), "7".to_owned(), "portal".to_owned());
        let received =
            Received { sender, id: id.to_owned(), name, key, contents, is_signal: false };
        let posted = Posted {
            organisation: "prueba".to_owned(),
            received,
            keep_until: self.clock().now() + hours(48),
            sent_by: ("portal".to_owned(), "Portal".to_owned()),
        };
        self.post(&posted).await.expect("taken in");
        self.fate_of(id).await
    }

    async fn fate_of(&self, id: &str) -> MessageFate {
        self.store().fate("prueba", "portal", id).await.expect("read").expect("known")
    }

    async fn tries(&self, what: &Refused) -> bool {
        self.try_refused("prueba", what).await.expect("tried")
    }
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn diary() -> Refused {
    Refused::Schedule { kind: ScheduleKind::Case, name: "diario".to_owned() }
}

fn complaint(id: &str) -> Refused {
    Refused::Message { sender: "portal".to_owned(), id: id.to_owned() }
}

async fn a_start_that_is_refused_is_told_until_it_comes(on: Kind) {
    let runtime = office(on).await;
    assert_eq!(runtime.sends("m1", 100).await.began, None);
    runtime.clock().advance(hours(6));
    assert_eq!(runtime.fire_schedules().await.expect("looked"), 0);
    let rows = runtime.refusals().await;
    let [message, schedule] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&message.what, message.procedure.as_str()), (&complaint("m1"), "reclamo"));
    assert_eq!(message.message, Some(("reclamo".to_owned(), "7".to_owned())));
    assert_eq!(schedule.what, diary());
    assert_eq!(schedule.due_at.map(|at| at.to_string()).as_deref(), Some("2026-11-23T21:00:00Z"));
    for row in &rows {
        let why = Setback::read(&row.problem);
        assert!(matches!(why, Setback::Refused(Rejection::NoWayOn { .. })), "{why:?}");
    }
    assert_eq!(schedule.since, runtime.clock().now());
    assert!(schedule.next_try > schedule.since);
    // Tried in vain: it has waited since the first time.
    runtime.clock().advance(SignedDuration::from_mins(1));
    assert!(!runtime.tries(&diary()).await && !runtime.tries(&complaint("m1")).await);
    let since: Vec<_> = runtime.refusals().await.iter().map(|row| row.since).collect();
    assert_eq!(since, [message.since, schedule.since]);
    mended(&runtime).await;
    assert_eq!(
        runtime.fire_schedules().await.expect("looked"),
        1,
        "a new version is tried at once"
    );
    assert!(runtime.tries(&complaint("m1")).await);
    assert!(runtime.fate_of("m1").await.began.is_some());
    assert_eq!(runtime.refusals().await, []);
    assert!(!runtime.tries(&diary()).await && !runtime.tries(&complaint("m1")).await);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_is_dropped_comes_no_more(on: Kind) {
    let runtime = office(on).await;
    runtime.sends("m1", 100).await;
    runtime.clock().advance(hours(6));
    runtime.fire_schedules().await.expect("looked");
    let drops = async |what: Refused| {
        runtime.drop_refused(&rosa(), "prueba", &what).await.expect("dropped")
    };
    assert!(drops(diary()).await && drops(complaint("m1")).await);
    assert!(!drops(diary()).await && !drops(complaint("m1")).await, "there is nothing any more");
    assert_eq!(runtime.refusals().await, []);
    let fate = runtime.fate_of("m1").await;
    assert!(fate.is_dropped && fate.began.is_none());
    mended(&runtime).await;
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 0);
    assert_eq!(runtime.fire_schedules().await.expect("looked"), 0);
    runtime.clock().advance(hours(24));
    assert_eq!(runtime.fire_schedules().await.expect("looked"), 1, "the next time is another");
}

async fn a_timer_that_is_refused_is_told_until_its_case_is_over(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.start_case(&rosa(), "prueba", "trampa", None).await.expect("begun").case;
    runtime.clock().advance(hours(48));
    assert_eq!(runtime.fire_timers().await.expect("looked"), 0);
    let rows = runtime.refusals().await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let number = runtime.row(&case).await.number;
    assert_eq!(row.case, Some((case, number, "Trampa".to_owned())), "called by its procedure");
    assert!(matches!(row.what, Refused::Timer { case: of, .. } if of == case));
    assert!(!runtime.tries(&row.what).await);
    let dropped = runtime.drop_refused(&rosa(), "prueba", &row.what).await.expect("looked");
    assert!(!dropped, "a term is the case's own");
    let cancel = Command::CancelCase { reason: "mal hecho".to_owned() };
    runtime.done(&rosa(), &case, cancel).await;
    assert_eq!(runtime.refusals().await, []);
}

async fn two_who_try_at_once_begin_one_case(on: Kind) {
    let runtime = office(on).await;
    let other = Runtime::start(runtime.store().clone(), runtime.clock().clone()).await;
    let other = other.expect("starts");
    runtime.sends("m1", 100).await;
    runtime.clock().advance(hours(6));
    // Refused by the version that runs; then another is published, and both are pressed.
    runtime.fire_schedules().await.expect("looked");
    let mended = OFFICE.replace("1 / visits(2)", "visits(2)").replace("100 - ", "1000 - ");
    let held: Vec<Refused> = runtime.refusals().await.into_iter().map(|row| row.what).collect();
    assert_eq!(held.len(), 2);
    runtime.publish(&library(&mended), "prueba").await.expect("published");
    for what in held.iter().chain(&held) {
        let (one, two, fired) =
            tokio::join!(runtime.tries(what), other.tries(what), runtime.fire_schedules());
        fired.expect("looked");
        assert!(!(one && two));
    }
    let newest = CaseFilter {
        organisation: "prueba",
        procedure: None,
        status: None,
        search: "",
        before: None,
        limit: 10,
    };
    assert_eq!(runtime.store().cases(&newest).await.expect("read").len(), 2);
    assert_eq!(runtime.ailments().await, [""; 0]);
}
