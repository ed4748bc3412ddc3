//! Cases that a message begins: one for each message, whoever takes it and whoever dies meanwhile.

use super::*;
use crate::engine::{Cause, Received, Rejection};
use crate::store::{MessageFate, Posted, Taken};

on_both!(
    a_message_that_nobody_waits_for_begins_a_case_with_what_it_contains,
    a_case_that_waits_comes_first,
    a_step_of_another_procedure_begins_one,
    sent_twice_and_taken_by_two_servers_it_begins_one_case,
    what_a_dead_server_had_leased_begins_one_case,
    publishing_takes_messages_up_and_lets_them_be,
    one_that_is_refused_stays_for_good_and_says_why,
    the_day_of_a_schedule_is_known,
    in_another_way_it_is_empty,
);

const NOON: &str = "2026-11-23T16:00:00Z";

fn office(complaint: &str) -> String {
    format!(
        r#"
organisation: prueba
name: Prueba
language: es-BO
time_zone: America/La_Paz
roles: {{ ape: Asistente }}
messages:
  reclamo:
    by: ape
    keep: 2 days
    fields: {{ abonado: {{ label: Abonado }}, monto: {{ label: Monto, type: money, min: 1 }} }}
---
form: visita
title: Visita
shows: [reclamo.abonado]
fields: {{ nota: {{ label: Nota }} }}
---
procedure: avisar
title: Avisar
starts: {{ by: ape }}
steps:
  1:
    role: ape
    activity: Avisa
    sends: {{ message: reclamo, key: x, with: {{ abonado: "'9'", monto: 12.5 }} }}
---
procedure: esperar
title: Esperar
starts: {{ by: ape }}
steps:
  1: {{ wait: {{ message: reclamo, key: x }} }}
  2: {{ role: ape, activity: Sigue }}
---
{complaint}
"#
    )
}

const COMPLAINT: &str = r#"
procedure: reclamo
title: Reclamo
subject: "{{ reclamo.abonado }}"
starts: { message: reclamo, into: reclamo }
cancels: { by: ape }
steps:
  1: { set: { doble: reclamo.monto * 2 } }
  2: { role: ape, activity: Visita, form: visita }
"#;

/// Refuses what is over a hundred.
const STRICT: &str = r#"
procedure: reclamo
title: Reclamo
starts: { message: reclamo, into: reclamo }
cancels: { by: ape }
steps:
  1: { set: { parte: 1 / (100 - reclamo.monto) } }
  2: { role: ape, activity: Visita, form: visita }
"#;

async fn published(on: Kind, complaint: &str) -> Runtime {
    let store = on.store().await.expect("a store");
    let runtime = Runtime::start(store, Clock::manual(NOON.parse().expect("an instant")));
    let runtime = runtime.await.expect("starts");
    runtime.publish(&sound(&office(complaint)), "prueba").await.expect("published");
    runtime
}

fn sound(text: &str) -> Library {
    let files = Files::from([("prueba.yaml".to_owned(), text.to_owned())]);
    let mut found = Diagnostics::default();
    let library = Library::read(&files, &mut found);
    crate::check::check(&library, &mut found);
    assert!(!found.has_errors(), "{:?}", found.iter().collect::<Vec<_>>());
    library
}

fn message(runtime: &Runtime, id: &str, monto: i64) -> Posted {
    let contents = Map::from([
        ("abonado".to_owned(), Value::text("9")),
        ("monto".to_owned(), Value::number(monto)),
    ]);
    let (name, key, sender) = ("reclamo".to_owned(), "x".to_owned(), "portal".to_owned());
    let received = Received { sender, id: id.to_owned(), name, key, contents, is_signal: false };
    Posted {
        organisation: "prueba".to_owned(),
        received,
        keep_until: runtime.clock().now() + SignedDuration::from_hours(48),
        sent_by: ("portal".to_owned(), "Portal".to_owned()),
    }
}

impl Runtime {
    async fn posts(&self, id: &str, monto: i64) -> MessageFate {
        assert_eq!(self.post(&message(self, id, monto)).await.expect("taken in"), Taken::New);
        self.fate(id).await
    }

    async fn fate(&self, id: &str) -> MessageFate {
        self.store().fate("prueba", "portal", id).await.expect("read").expect("known")
    }

    async fn of(&self, procedure: &str) -> Vec<CaseRow> {
        let filter = CaseFilter {
            organisation: "prueba",
            procedure: Some(procedure),
            status: None,
            search: "",
            before: None,
            limit: 100,
        };
        self.store().cases(&filter).await.expect("read")
    }
}

async fn a_message_that_nobody_waits_for_begins_a_case_with_what_it_contains(on: Kind) {
    let runtime = published(on, COMPLAINT).await;
    let fate = runtime.posts("m1", 10).await;
    let (case, number) = fate.began.expect("a case");
    let row = runtime.row(&case).await;
    assert_eq!((number.as_str(), row.subject.as_str()), (row.number.as_str(), "9"));
    assert_eq!((fate.problem, fate.delivered_at.is_some()), (None, true));
    assert_eq!(row.state.data["doble"], Value::number(20));
    assert_eq!(row.state.started_by, "portal");
    let journal = runtime.store().journal(&case).await.expect("read");
    let kinds: Vec<&str> = journal.iter().map(|record| record.entry.kind()).collect();
    assert_eq!(kinds[..3], ["case_started", "message_received", "variables_set"]);
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 0);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_case_that_waits_comes_first(on: Kind) {
    let runtime = published(on, COMPLAINT).await;
    let waiting = runtime.start_case(&rosa(), "prueba", "esperar", None).await.expect("begun").case;
    assert_eq!(runtime.posts("m1", 10).await.began, None);
    assert_eq!(runtime.row(&waiting).await.state.tasks.len(), 1, "it has gone on");
    assert!(runtime.posts("m2", 10).await.began.is_some(), "nobody waits any more");
    assert!(runtime.posts("m3", 10).await.began.is_some(), "each a case of its own");
    assert_eq!(runtime.of("reclamo").await.len(), 2);
}

async fn a_step_of_another_procedure_begins_one(on: Kind) {
    let runtime = published(on, COMPLAINT).await;
    let case = runtime.start_case(&rosa(), "prueba", "avisar", None).await.expect("begun").case;
    let done = Command::CompleteTask { task: 1, submission: Map::new(), choice: None };
    runtime.done(&rosa(), &case, done).await;
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 1);
    let [begun] = &runtime.of("reclamo").await[..] else { panic!("one case") };
    assert_eq!(begun.state.data["doble"], Value::number(25));
    assert_eq!(begun.state.started_by, rosa().id);
}

async fn sent_twice_and_taken_by_two_servers_it_begins_one_case(on: Kind) {
    let runtime = published(on, COMPLAINT).await;
    let other = Runtime::start(runtime.store().clone(), runtime.clock().clone()).await;
    let other = other.expect("starts");
    for round in 0..8 {
        let posted = message(&runtime, &format!("m{round}"), 10);
        let (one, two) = tokio::join!(runtime.post(&posted), other.post(&posted));
        let taken = [one.expect("taken"), two.expect("taken")];
        assert!(taken.contains(&Taken::New) && taken.contains(&Taken::Known), "{taken:?}");
        // Kept by nobody yet: both look for it.
        let now = runtime.clock().now();
        let kept = message(&runtime, &format!("k{round}"), 10);
        runtime.store().take_in(&kept, now).await.expect("taken in");
        let (one, two) = tokio::join!(runtime.deliver_messages(), other.deliver_messages());
        assert_eq!(one.expect("looked") + two.expect("looked"), 1);
    }
    assert_eq!(runtime.of("reclamo").await.len(), 16);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_a_dead_server_had_leased_begins_one_case(on: Kind) {
    let runtime = published(on, COMPLAINT).await;
    let lease = SignedDuration::from_secs(10);
    let (posted, now) = (message(&runtime, "m1", 10), runtime.clock().now());
    runtime.store().take_in(&posted, now).await.expect("taken in");
    assert!(runtime.store().lease_message(&posted, now, lease).await.expect("leased"));
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 0, "it is leased");
    runtime.clock().advance(SignedDuration::from_secs(11));
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 1);
    // One that had been begun before the server died, though it did not say so.
    let sender = Actor { id: "portal".into(), name: "Portal".into(), roles: Default::default() };
    let cause = Cause::Message(Box::new(posted.received.clone()));
    let again = runtime.start_alone(&sender, ("prueba", "reclamo"), cause, None).await;
    assert!(again.is_err(), "{again:?}");
    assert_eq!(runtime.of("reclamo").await.len(), 1);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn publishing_takes_messages_up_and_lets_them_be(on: Kind) {
    let runtime = published(on, "").await;
    assert_eq!(runtime.posts("m1", 10).await.delivered_at, None, "kept");
    runtime.publish(&sound(&office(COMPLAINT)), "prueba").await.expect("published");
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 1, "what was kept begins one");
    let newer = COMPLAINT.replace("monto * 2", "monto * 3");
    runtime.publish(&sound(&office(&newer)), "prueba").await.expect("published");
    let (case, _) = runtime.posts("m2", 10).await.began.expect("a case");
    assert_eq!(runtime.row(&case).await.state.data["doble"], Value::number(30));
    runtime.publish(&sound(&office("")), "prueba").await.expect("published");
    assert_eq!(runtime.posts("m3", 10).await.delivered_at, None);
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 0);
    runtime.clock().advance(SignedDuration::from_hours(49));
    runtime.publish(&sound(&office(COMPLAINT)), "prueba").await.expect("published");
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 0, "its time has passed");
}

async fn one_that_is_refused_stays_for_good_and_says_why(on: Kind) {
    let runtime = published(on, STRICT).await;
    let fate = runtime.posts("m1", 100).await;
    assert_eq!((fate.began, fate.delivered_at), (None, None));
    let why = Setback::read(fate.problem.as_deref().expect("a problem"));
    let Setback::Refused(Rejection::NoWayOn { step, .. }) = why else { panic!("{why:?}") };
    assert_eq!(step, "1");
    runtime.clock().advance(SignedDuration::from_hours(24 * 80));
    runtime.forget_messages().await.expect("forgotten");
    assert!(runtime.fate("m1").await.problem.is_some(), "long after its time");
    runtime.publish(&sound(&office(COMPLAINT)), "prueba").await.expect("published");
    assert_eq!(runtime.deliver_messages().await.expect("looked"), 1);
    let fate = runtime.fate("m1").await;
    assert!(fate.began.is_some() && fate.problem.is_none());
}

const DIARY: &str = r#"
procedure: diario
title: Diario
subject: "{{ dia }}"
starts: { every: day at 17:00, as: dia, missed: all }
cancels: { by: ape }
steps:
  1: { role: ape, activity: "Controla" , due: 1 days }
  2: { choose: [{ when: dia < today, end: tarde }, { end: a tiempo }] }
"#;

async fn the_day_of_a_schedule_is_known(on: Kind) {
    let runtime = published(on, DIARY).await;
    runtime.clock().advance(SignedDuration::from_hours(54));
    while runtime.fire_schedules().await.expect("looked") > 0 {}
    let days: Vec<String> =
        runtime.of("diario").await.into_iter().rev().map(|row| row.subject).collect();
    assert_eq!(days, ["2026-11-23", "2026-11-24", "2026-11-25"]);
}

/// Begun by a person, a case knows neither the day nor the message.
async fn in_another_way_it_is_empty(on: Kind) {
    let both = DIARY.replace("every: day", "by: ape, message: reclamo, into: reclamo, every: day");
    let both = both.replace("dia < today, end: tarde", "reclamo.monto > 10, end: mucho");
    let runtime = published(on, &both).await;
    let handled = runtime.start_case(&rosa(), "prueba", "diario", None).await.expect("begun");
    assert_eq!(handled.state.data["dia"], Value::Null);
    assert_eq!(handled.state.data["reclamo"], Value::Null);
    let done = Command::CompleteTask { task: 1, submission: Map::new(), choice: None };
    let ended = runtime.done(&rosa(), &handled.case, done).await;
    assert_eq!(ended.state.outcome.as_deref(), Some("a tiempo"), "nothing is more than ten");
    let (case, _) = runtime.posts("m1", 11).await.began.expect("a case");
    assert_eq!(runtime.row(&case).await.state.data["dia"], Value::Null);
}
