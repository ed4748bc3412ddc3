//! Cases that begin each other: what goes down and comes back, who is told of an end, and what a server that
//! dies in between leaves to the next; on both databases.

use super::*;
use crate::engine::{Entry, JobStatus};

on_both!(
    a_case_begins_another_and_takes_what_it_hands_back,
    who_does_not_wait_goes_on_with_the_number,
    a_child_that_is_cancelled_is_told,
    who_tries_again_begins_another_child,
    who_is_no_longer_waited_for_is_cancelled,
    a_server_that_dies_loses_no_child_and_no_end,
    a_recursion_without_end_is_stuck,
    what_does_not_fit_begins_nothing,
    an_end_is_not_missed_by_who_looks_just_then,
);

const OFFICE: &str = r#"
organisation: prueba
name: Cooperativa de Prueba
language: es-BO
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { ape: Asistente, jefe: Jefe }
---
form: cliente
title: Cliente
fields: { cliente: { label: Cliente, fields: { nombre: { label: Nombre } } } }
---
form: juicio
title: Juicio
fields: { juicio: { label: Juicio, fields: { procede: { label: Procede, type: yes_no } } } }
---
procedure: reclamo
title: Reclamo
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registra., form: cliente }
  2:
    procedure: revision
    with: { quien: cliente.nombre, monto: 12.5 }
    into: { revision: { procede: yes_no, doble: money, outcome: text, number: text } }
    on_error: { cancelled: { end: sin revisión } }
  3: { role: jefe, activity: Cierra. }
---
procedure: revision
title: Revisión
inputs: { quien: text, monto: money, nota: optional text }
outputs: { procede: juicio.procede, doble: monto * 2 }
cancels: { by: jefe }
steps:
  1: { role: jefe, activity: Juzga., form: juicio, decide: { Listo: { end: juzgado }, Espera: 2 } }
  2: { procedure: espera, with: { monto: monto } }
---
procedure: espera
title: Espera
inputs: { monto: money }
cancels: { by: jefe }
steps:
  1: { role: jefe, activity: Espera. }
---
procedure: suelto
title: Suelto
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registra., form: cliente }
  2:
    procedure: espera
    with: { monto: 1 }
    wait: false
    into: { otro: { number: text } }
    end: remitido
---
procedure: espejo
title: Espejo
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { choose: [ { when: case.number == "nunca", end: nunca }, { go: 2 } ] }
  2: { procedure: espejo }
---
procedure: torcido
title: Torcido
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registra., form: cliente }
  2: { procedure: espera, with: { monto: cliente.nombre } }
---
procedure: perdido
title: Perdido
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { procedure: nada }
"#;

async fn office(on: Kind) -> Runtime {
    let runtime = runtime(on.store().await.expect("a store")).await;
    runtime.publish(&library(OFFICE), "prueba").await.expect("published");
    runtime
}

fn named(task: u32, name: &str) -> Command {
    let group = Map::from([("nombre".to_owned(), Value::text(name))]);
    let submission = Map::from([("cliente".to_owned(), Value::Map(group))]);
    Command::CompleteTask { task, submission, choice: None }
}

fn judged(choice: &str) -> Command {
    let group = Map::from([("procede".to_owned(), Value::Bool(true))]);
    let submission = Map::from([("juicio".to_owned(), Value::Map(group))]);
    Command::CompleteTask { task: 1, submission, choice: Some(choice.to_owned()) }
}

impl Runtime {
    async fn asked(&self, procedure: &str) -> CaseId {
        let case = self.start_case(&rosa(), "prueba", procedure, None).await.expect("starts").case;
        self.done(&rosa(), &case, named(1, "Ana")).await;
        case
    }

    /// The child that a case waits for.
    async fn child(&self, case: &CaseId) -> CaseId {
        let row = self.row(case).await;
        let child = row.state.jobs.values().find_map(|job| job.child.as_ref()).expect("a child");
        child.case.parse().expect("an id")
    }

    async fn cancelled(&self, case: &CaseId) {
        let command = Command::CancelCase { reason: "probando".to_owned() };
        self.done(&luis(), case, command).await;
    }

    async fn works(&self) -> usize {
        self.do_jobs().await.expect("done")
    }

    async fn status(&self, case: &CaseId) -> CaseStatus {
        self.row(case).await.status
    }
}

async fn a_case_begins_another_and_takes_what_it_hands_back(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("reclamo").await;
    assert_eq!(runtime.works().await, 0, "it begins the child, and waits");
    let child = runtime.child(&case).await;
    let row = runtime.row(&child).await;
    let parent = row.state.parent.clone().expect("a parent");
    assert_eq!((parent.case, parent.job, parent.depth), (case.to_string(), 1, 1));
    assert_eq!(row.state.data["quien"], Value::text("Ana"));
    assert_eq!(row.state.data["nota"], Value::Null);
    assert_eq!(runtime.works().await, 0);
    assert_eq!(runtime.ailments().await, [""; 0]);
    runtime.done(&luis(), &child, judged("Listo")).await;
    assert_eq!(runtime.works().await, 1, "the end wakes the parent");
    let state = runtime.row(&case).await.state;
    let back = state.data["revision"].as_map().expect("a group");
    assert_eq!(back["procede"], Value::Bool(true));
    assert_eq!(back["doble"].to_string(), "25");
    assert_eq!(
        (&back["outcome"], &back["number"]),
        (&"juzgado".into(), &row.number.as_str().into())
    );
    assert_eq!(state.tasks.values().map(|task| task.step.as_str()).collect::<Vec<_>>(), ["3"]);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn who_does_not_wait_goes_on_with_the_number(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("suelto").await;
    assert_eq!(runtime.works().await, 1);
    let row = runtime.row(&case).await;
    assert_eq!(row.outcome.as_deref(), Some("remitido"));
    let number = row.state.data["otro"].as_map().expect("a group")["number"].to_string();
    let child = runtime.store().find_case(Some("prueba"), &number).await.expect("read");
    let child = child.expect("the case that it began");
    assert_eq!(runtime.status(&child).await, CaseStatus::Running);
    runtime
        .done(
            &luis(),
            &child,
            Command::CompleteTask { task: 1, submission: Map::new(), choice: None },
        )
        .await;
    assert_eq!(runtime.works().await, 0, "nobody is told");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_child_that_is_cancelled_is_told(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("reclamo").await;
    runtime.works().await;
    let child = runtime.child(&case).await;
    runtime.done(&luis(), &child, judged("Espera")).await;
    runtime.works().await;
    // The grandchild: nothing handles it there, so the child is stuck.
    let grandchild = runtime.child(&child).await;
    runtime.cancelled(&grandchild).await;
    runtime.works().await;
    let job = runtime.row(&child).await.state.jobs[&1].clone();
    assert_eq!(job.status, JobStatus::Incident);
    assert!(job.reason.is_some_and(|reason| reason.ends_with("was cancelled")));
    // Above, the procedure leads on.
    runtime.cancelled(&child).await;
    runtime.works().await;
    assert_eq!(runtime.row(&case).await.outcome.as_deref(), Some("sin revisión"));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn who_tries_again_begins_another_child(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("reclamo").await;
    runtime.works().await;
    let child = runtime.child(&case).await;
    runtime.done(&luis(), &child, judged("Espera")).await;
    runtime.works().await;
    let mut tried = Vec::new();
    for _ in 0..2 {
        let grandchild = runtime.child(&child).await;
        assert!(!tried.contains(&grandchild), "another one each time");
        runtime.cancelled(&grandchild).await;
        runtime.works().await;
        let job = runtime.row(&child).await.state.jobs[&1].clone();
        assert_eq!(job.status, JobStatus::Incident);
        tried.push(grandchild);
        runtime.done(&luis(), &child, Command::RetryJob { job: 1 }).await;
        runtime.works().await;
    }
    let last = runtime.child(&child).await;
    assert_eq!(runtime.row(&last).await.status, CaseStatus::Running);
    assert_eq!(runtime.ailments().await, [""; 0]);
    // Of all of them the last one alone is still to be cancelled.
    runtime.cancelled(&child).await;
    runtime.works().await;
    assert_eq!(runtime.row(&last).await.status, CaseStatus::Cancelled);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn who_is_no_longer_waited_for_is_cancelled(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("reclamo").await;
    runtime.works().await;
    let child = runtime.child(&case).await;
    runtime.done(&luis(), &child, judged("Espera")).await;
    runtime.works().await;
    let grandchild = runtime.child(&child).await;
    let unbegun = runtime.asked("reclamo").await;
    runtime.cancelled(&case).await;
    runtime.cancelled(&unbegun).await;
    assert_eq!(runtime.ailments().await, [""; 0]);
    runtime.works().await;
    for case in [&child, &grandchild] {
        assert_eq!(runtime.status(case).await, CaseStatus::Cancelled);
        let journal = runtime.store().journal(case).await.expect("read");
        let last = journal.last().expect("a line");
        assert_eq!(last.actor, "machine");
        assert!(matches!(&last.entry, Entry::CaseCancelled { reason } if reason.contains("2026-")));
    }
    let later = SignedDuration::from_hours(1);
    runtime.clock().advance(later);
    assert_eq!(runtime.works().await, 0, "nothing is left to do");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

/// Another server over the same database: what the first has in its memory is gone.
async fn successor(runtime: &Runtime) -> Runtime {
    let clock = runtime.clock().clone();
    Runtime::start(runtime.store().clone(), clock).await.expect("starts")
}

async fn a_server_that_dies_loses_no_child_and_no_end(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("reclamo").await;
    // It begins the child and dies before the parent knows.
    let (now, lease) = (runtime.clock().now(), SignedDuration::from_secs(60));
    let leased = runtime.store().lease_jobs(now, lease, "dead", 9).await.expect("leased");
    assert_eq!(leased.len(), 1);
    let parent = crate::engine::Parent {
        case: case.to_string(),
        number: runtime.row(&case).await.number,
        job: 1,
        depth: 1,
    };
    let input = [("quien", Value::text("Ana")), ("monto", Value::text("12.5"))];
    let input: Map = input.map(|(name, value)| (name.to_owned(), value)).into();
    let id = super::super::jobs::child_of(&case, 1);
    let key = format!("child {case}-1");
    let input = match &runtime.row(&case).await.state.jobs[&1].request {
        crate::engine::Request::Case { input, .. } => input.clone(),
        _ => input,
    };
    let begun =
        runtime.start_child("prueba", "revision", (id, parent, input), Key::api(&key)).await;
    begun.expect("begun");
    let second = successor(&runtime).await;
    runtime.shutdown().await;
    second.clock().advance(SignedDuration::from_secs(60));
    second.works().await;
    assert_eq!(second.child(&case).await, id, "found, not begun again");
    let all = CaseFilter {
        organisation: "prueba",
        procedure: Some("revision"),
        status: None,
        search: "",
        before: None,
        limit: 9,
    };
    assert_eq!(second.store().cases(&all).await.expect("read").len(), 1);
    // The child ends, and the server dies before the parent is told.
    second.done(&luis(), &id, judged("Listo")).await;
    let now = second.clock().now();
    let leased = second.store().lease_jobs(now, lease, "dead", 9).await.expect("leased");
    assert_eq!(leased.len(), 1, "the end has woken the parent");
    second.shutdown().await;
    let third = successor(&second).await;
    third.clock().advance(SignedDuration::from_secs(60));
    assert_eq!(third.works().await, 1);
    assert!(third.row(&case).await.state.data.contains_key("revision"));
    assert_eq!(third.ailments().await, [""; 0]);
}

async fn a_recursion_without_end_is_stuck(on: Kind) {
    let runtime = office(on).await;
    let first = runtime.start_case(&rosa(), "prueba", "espejo", None).await.expect("starts").case;
    runtime.works().await;
    let (mut case, mut depth) = (first, 0);
    loop {
        let row = runtime.row(&case).await;
        let job = row.state.jobs[&1].clone();
        let Some(child) = job.child else {
            assert_eq!((depth, job.status), (20, JobStatus::Incident));
            assert!(job.reason.is_some_and(|reason| reason.contains("more than 20 deep")));
            break;
        };
        case = child.case.parse().expect("an id");
        depth += 1;
    }
    runtime.cancelled(&first).await;
    runtime.works().await;
    assert_eq!(runtime.status(&case).await, CaseStatus::Cancelled, "all the way down");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_does_not_fit_begins_nothing(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("torcido").await;
    runtime.works().await;
    let reason = runtime.row(&case).await.state.jobs[&1].reason.clone().unwrap_or_default();
    assert!(reason.starts_with("`espera` does not take what it is given: monto: "), "{reason}");
    let lost = runtime.start_case(&rosa(), "prueba", "perdido", None).await.expect("starts").case;
    runtime.works().await;
    let reason = runtime.row(&lost).await.state.jobs[&1].reason.clone().unwrap_or_default();
    assert_eq!(reason, "there is no procedure `nada`");
    // People begin no case that needs what only another case gives.
    let no = runtime.start_case(&rosa(), "prueba", "espera", None).await;
    assert!(matches!(no, Err(Refusal::Rejected(Rejection::NotYourRole { .. }))), "{no:?}");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn an_end_is_not_missed_by_who_looks_just_then(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.asked("reclamo").await;
    runtime.works().await;
    let child = runtime.child(&case).await;
    // A server looks after the child, which runs; then the child ends; then the server puts the job off.
    runtime.clock().advance(SignedDuration::from_mins(11));
    let (now, lease) = (runtime.clock().now(), SignedDuration::from_secs(60));
    let store = runtime.store();
    let leased = store.lease_jobs(now, lease, "slow", 9).await.expect("leased");
    assert_eq!(leased.len(), 1);
    runtime.done(&luis(), &child, judged("Listo")).await;
    let later = now + SignedDuration::from_mins(10);
    store.postpone_job(&(case, 1), ("slow", "case"), later).await.expect("asked");
    assert_eq!(runtime.works().await, 1, "not ten minutes later");
    assert!(runtime.row(&case).await.state.data.contains_key("revision"));
    // One whose job was withdrawn meanwhile is not put off either, and is stopped when the lease ends.
    let case = runtime.asked("reclamo").await;
    runtime.works().await;
    let child = runtime.child(&case).await;
    runtime.clock().advance(SignedDuration::from_mins(11));
    let now = runtime.clock().now();
    assert_eq!(store.lease_jobs(now, lease, "slow", 9).await.expect("leased").len(), 1);
    runtime.cancelled(&case).await;
    let later = now + SignedDuration::from_mins(10);
    store.postpone_job(&(case, 1), ("slow", "case"), later).await.expect("asked");
    runtime.clock().advance(SignedDuration::from_secs(60));
    runtime.works().await;
    assert_eq!(runtime.status(&child).await, CaseStatus::Cancelled);
    assert_eq!(runtime.ailments().await, [""; 0]);
}
