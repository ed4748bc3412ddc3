//! The runtime over a real database: one small procedure, a clock that is moved by hand.

mod archive;
mod batch;
mod chain;
mod children;
mod growth;
mod jobs;
mod ledgers;
mod locks;
mod made;
mod messages;
mod notices;
mod refusals;
mod reports;
mod schedules;
mod servers;
mod starts;
mod timers;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::diagnostic::Diagnostics;
use crate::engine::{CaseStatus, Entry, Rejection, TaskStatus};
use crate::expression::{Map, Value};
use crate::library::{Files, Library};
use crate::store::tests::{Kind, on_both};
use crate::store::{CaseFilter, CaseRow, QueueFilter, QueueRow};

on_both!(
    a_case_goes_from_its_start_to_its_end,
    numbers_have_no_gaps_over_cases_years_and_refusals,
    numbers_begin_anew_with_the_calendars_year,
    a_refused_command_leaves_no_trace,
    the_same_key_takes_effect_once,
    of_two_completions_one_is_done,
    a_command_is_done_though_nobody_waits_for_it,
    a_case_stays_on_its_version,
    documents_print_from_what_was_frozen,
    lists_go_on_where_the_page_before_ended,
    the_doctor_finds_every_damage,
    a_damaged_counter_gives_no_number_twice,
    letters_that_a_database_may_not_have,
);

const WORKSPACE: &str = r#"
organisation: prueba
name: Cooperativa de Prueba
language: es-BO
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { ape: Asistente, jefe: Jefe }
series:
  orden: { title: Orden, pattern: "ORD-{year}-{number:04}" }
  abonado: { title: Abonado, pattern: "{number:06}", yearly: false, first: 20001 }
---
registers:
  socios:
    title: Socios
    key: ci
    fields: { ci: { label: CI }, nombre: { label: Nombre } }
    rows: [{ ci: "1", nombre: María Muñoz }]
---
form: cliente
title: Cliente
fields:
  cliente:
    label: Cliente
    fields: { nombre: { label: Nombre }, ci: { label: CI } }
  abonado: { label: Abonado, assigned: true }
---
document: orden
title: Orden de trabajo
series: orden
template: |
  Señor(a): *{{ cliente.nombre }}* {{ abonado }}
---
procedure: registro
section: "8.1"
title: Registro
subject: "{{ cliente.nombre }} · {{ cliente.ci }}"
starts: { by: ape }
cancels: { by: jefe }
steps:
  1:
    role: ape
    activity: Registra al cliente
    form: cliente
    saves: { socios: cliente }
    assigns: { abonado: abonado }
    issues: { orden: { copies: 2 } }
    due: 2 days
  2:
    role: jefe
    activity: Revisa
    signs: orden
    decide: { Aprobar: { end: aprobado }, Devolver: { go: 1 } }
"#;

fn library(text: &str) -> Library {
    let files = Files::from([("prueba.yaml".to_owned(), text.to_owned())]);
    let mut found = Diagnostics::default();
    let library = Library::read(&files, &mut found);
    assert!(library.group("prueba").is_some(), "{found:?}");
    library
}

/// How often, when somebody wants more than a test run has time for.
fn set(variable: &str, default: u32) -> u32 {
    let set = std::env::var(variable).ok();
    set.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}: no number")))
}

async fn runtime(store: Store) -> Runtime {
    let start: Timestamp = "2026-11-23T15:00:00Z".parse().expect("an instant");
    let runtime = Runtime::start(store, Clock::manual(start)).await.expect("starts");
    runtime.publish(&library(WORKSPACE), "prueba").await.expect("published");
    runtime
}

async fn made(on: Kind) -> Runtime {
    runtime(on.store().await.expect("a store")).await
}

fn actor(id: &str, role: &str) -> Actor {
    let roles = BTreeSet::from([role.to_owned()]);
    Actor { id: id.to_owned(), name: format!("Persona {id}"), roles }
}

fn rosa() -> Actor {
    actor("rosa", "ape")
}

fn luis() -> Actor {
    actor("luis", "jefe")
}

fn client(name: &str, ci: &str) -> Map {
    let group = [("nombre", name), ("ci", ci)];
    let group = group.map(|(field, value)| (field.to_owned(), Value::text(value)));
    Map::from([("cliente".to_owned(), Value::Map(group.into()))])
}

fn register(task: u32, name: &str, ci: &str) -> Command {
    Command::CompleteTask { task, submission: client(name, ci), choice: None }
}

fn choose(task: u32, choice: &str) -> Command {
    Command::CompleteTask { task, submission: Map::new(), choice: Some(choice.to_owned()) }
}

impl Runtime {
    async fn begun(&self) -> CaseId {
        self.start_case(&rosa(), "prueba", "registro", None).await.expect("starts").case
    }

    async fn done(&self, actor: &Actor, case: &CaseId, command: Command) -> Handled {
        self.handle(actor, case, command, None).await.expect("done")
    }

    async fn row(&self, case: &CaseId) -> CaseRow {
        self.store().case(case).await.expect("read").expect("a case")
    }

    async fn queue(&self, role: &str, search: &str) -> Vec<QueueRow> {
        let roles = BTreeSet::from([role.to_owned()]);
        let filter = QueueFilter {
            organisation: "prueba",
            roles: &roles,
            person: "rosa",
            mine_only: false,
            search,
            after: None,
            limit: 50,
        };
        self.store().queue(&filter).await.expect("a queue")
    }

    async fn ailments(&self) -> Vec<String> {
        let found = self.doctor().await.expect("examined");
        found.into_iter().map(|ailment| ailment.what).collect()
    }
}

async fn a_case_goes_from_its_start_to_its_end(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    let row = runtime.row(&case).await;
    assert_eq!((row.number.as_str(), row.subject.as_str()), ("2026-00001", ""));
    let queue = runtime.queue("ape", "").await;
    assert_eq!(queue.len(), 1);
    assert_eq!(queue[0].activity, "Registra al cliente");
    assert_eq!(queue[0].due_at, Some("2026-11-25T15:00:00Z".parse().expect("an instant")));

    runtime.done(&rosa(), &case, Command::ClaimTask { task: 1 }).await;
    let queue = runtime.queue("ape", "").await;
    assert_eq!(queue[0].status, TaskStatus::Claimed);
    assert_eq!(queue[0].claimed_by.as_deref(), Some("rosa"));
    let other = runtime.handle(&actor("eva", "ape"), &case, register(1, "Ana", "7"), None).await;
    assert!(
        matches!(other, Err(Refusal::Rejected(Rejection::ClaimedByAnother { .. }))),
        "{other:?}"
    );

    let handled = runtime.done(&rosa(), &case, register(1, "José Ñahui", "77")).await;
    assert_eq!(handled.records.first().map(|record| record.seq), Some(4));
    assert_eq!(runtime.row(&case).await.subject, "José Ñahui · 77");
    assert!(runtime.queue("ape", "").await.is_empty());
    assert_eq!(runtime.queue("jefe", "jose nahui").await.len(), 1);
    assert!(runtime.queue("jefe", "otro").await.is_empty());

    let store = runtime.store();
    let saved = store.record("prueba", "socios", "77").await.expect("read").expect("a row");
    assert_eq!(saved["nombre"], Value::text("José Ñahui"));
    let found = store.records("prueba", "socios", "MUNOZ", 10).await.expect("read");
    assert_eq!(found.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["1"]);
    let documents = store.documents(&case).await.expect("read");
    assert_eq!(documents[0].number, "ORD-2026-0001");
    assert_eq!((documents[0].copies, documents[0].is_signed), (2, false));

    let handled = runtime.done(&luis(), &case, choose(2, "Aprobar")).await;
    assert_eq!(handled.state.outcome.as_deref(), Some("aprobado"));
    let row = runtime.row(&case).await;
    assert_eq!((row.status, row.revision), (CaseStatus::Ended, 4));
    assert_eq!(row.state, handled.state);
    assert!(store.documents(&case).await.expect("read")[0].is_signed);
    assert!(runtime.queue("jefe", "").await.is_empty());
    assert_eq!(store.find_case(Some("prueba"), "2026-00001").await.expect("read"), Some(case));
    assert_eq!(store.find_case(Some("otra"), &case.to_string()).await.expect("read"), None);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn numbers_have_no_gaps_over_cases_years_and_refusals(on: Kind) {
    let runtime = made(on).await;
    let mut numbers = Vec::new();
    for (days, ci) in [(0, "1"), (0, "2"), (60, "3"), (0, "4")] {
        runtime.clock().advance(SignedDuration::from_hours(24 * days));
        let case = runtime.begun().await;
        let refused = runtime.handle(&rosa(), &case, register(1, "", ci), None).await;
        assert!(matches!(refused, Err(Refusal::Rejected(Rejection::InvalidSubmission { .. }))));
        let handled = runtime.done(&rosa(), &case, register(1, "Ana", ci)).await;
        let abonado = handled.state.data["abonado"].to_string();
        numbers.push((
            handled.state.number.clone(),
            handled.state.documents[0].number.clone(),
            abonado,
        ));
    }
    let expected = [
        ("2026-00001", "ORD-2026-0001", "020001"),
        ("2026-00002", "ORD-2026-0002", "020002"),
        ("2027-00001", "ORD-2027-0001", "020003"),
        ("2027-00002", "ORD-2027-0002", "020004"),
    ];
    let expected = expected
        .map(|(case, orden, abonado)| (case.to_owned(), orden.to_owned(), abonado.to_owned()));
    assert_eq!(numbers, expected);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn numbers_begin_anew_with_the_calendars_year(on: Kind) {
    let runtime = made(on).await;
    let before = runtime.begun().await;
    runtime.done(&rosa(), &before, register(1, "Ana", "1")).await;
    // The office counts its years otherwise from now on: no number is given twice.
    let persian = WORKSPACE.replace("roles: {", "calendar: { system: persian }\nroles: {");
    runtime.publish(&library(&persian), "prueba").await.expect("published");
    let mut numbers = Vec::new();
    // On 1405-09-02, on the last day of the year and on the first of the next.
    for (days, ci) in [(0, "2"), (117, "3"), (1, "4")] {
        runtime.clock().advance(SignedDuration::from_hours(24 * days));
        let case = runtime.begun().await;
        let handled = runtime.done(&rosa(), &case, register(1, "Ana", ci)).await;
        numbers.push((handled.state.number.clone(), handled.state.documents[0].number.clone()));
    }
    let expected = [
        ("1405-00001", "ORD-1405-0001"),
        ("1405-00002", "ORD-1405-0002"),
        ("1406-00001", "ORD-1406-0001"),
    ];
    let expected = expected.map(|(case, order)| (case.to_owned(), order.to_owned()));
    assert_eq!(numbers, expected);
    assert_eq!(runtime.row(&before).await.number, "2026-00001");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_refused_command_leaves_no_trace(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    let before = runtime.row(&case).await;
    let journal = runtime.store().journal(&case).await.expect("read");
    let commands = [register(1, "", ""), register(9, "Ana", "7"), choose(1, "Aprobar")];
    for command in commands {
        let refused = runtime.handle(&rosa(), &case, command, Some(Key::form("again"))).await;
        assert!(matches!(refused, Err(Refusal::Rejected(_))), "{refused:?}");
    }
    assert_eq!(runtime.row(&case).await, before);
    assert_eq!(runtime.store().journal(&case).await.expect("read"), journal);
    // The key of a refused command is free.
    let done =
        runtime.handle(&rosa(), &case, register(1, "Ana", "7"), Some(Key::form("again"))).await;
    assert!(done.is_ok(), "{done:?}");
    let nowhere = CaseId(uuid::Uuid::nil());
    let claim = Command::ClaimTask { task: 1 };
    let refused = runtime.handle(&rosa(), &nowhere, claim, None).await;
    assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
    let refused = runtime.start_case(&rosa(), "prueba", "nada", None).await;
    assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
}

async fn the_same_key_takes_effect_once(on: Kind) {
    let runtime = made(on).await;
    let rosa = rosa();
    let start = || runtime.start_case(&rosa, "prueba", "registro", Some(Key::form("start")));
    let (first, again) = tokio::join!(start(), start());
    let (first, again) = (first.expect("starts"), again.expect("answers"));
    assert_eq!(first, again);
    let case = first.case;
    let complete =
        || runtime.handle(&rosa, &case, register(1, "Ana", "7"), Some(Key::form("complete")));
    let done = complete().await.expect("done");
    runtime.done(&luis(), &case, choose(2, "Aprobar")).await;
    assert_eq!(complete().await.expect("answers"), done, "as it was then");
    // A key belongs to its person.
    let other = runtime
        .start_case(&actor("eva", "ape"), "prueba", "registro", Some(Key::form("start")))
        .await;
    assert_ne!(other.expect("starts").case, case);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn of_two_completions_one_is_done(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    let eva = actor("eva", "ape");
    let rosa = rosa();
    let (one, two) = tokio::join!(
        runtime.handle(&rosa, &case, register(1, "Ana", "7"), None),
        runtime.handle(&eva, &case, register(1, "Eva", "8"), None),
    );
    assert!(one.is_ok(), "{one:?}");
    assert!(matches!(two, Err(Refusal::Rejected(Rejection::TaskNotOpen))), "{two:?}");
    assert_eq!(runtime.row(&case).await.subject, "Ana · 7");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_get_in_nobodys_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("prueba.db");
    let store = Store::open(path.to_str().expect("a path")).await.expect("opens");
    let runtime = runtime(store).await;
    let clients = (0..16).map(|client| {
        let runtime = runtime.clone();
        tokio::spawn(async move {
            for round in 0..5 {
                let case = runtime.begun().await;
                let ci = format!("{client}-{round}");
                runtime.done(&rosa(), &case, register(1, "Ana", &ci)).await;
                runtime.store().session_save(&ci, "{}", i64::MAX).await.expect("saved");
                assert_eq!(runtime.row(&case).await.subject, format!("Ana · {ci}"));
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("no client fails");
    }
    assert_eq!(runtime.ailments().await, [""; 0]);
    let last = runtime.begun().await;
    assert_eq!(runtime.row(&last).await.number, "2026-00081");
}

async fn a_command_is_done_though_nobody_waits_for_it(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    let rosa = rosa();
    {
        let mut asked = std::pin::pin!(runtime.handle(&rosa, &case, register(1, "Ana", "7"), None));
        let gone = std::future::poll_fn(|context| {
            let _ = asked.as_mut().poll(context);
            std::task::Poll::Ready(())
        });
        gone.await;
    }
    runtime.shutdown().await;
    assert_eq!(runtime.row(&case).await.subject, "Ana · 7");
    let late = runtime.handle(&rosa, &case, Command::ClaimTask { task: 2 }, None).await;
    assert!(matches!(late, Err(Refusal::Failed(Error::Stopped))), "{late:?}");
}

#[tokio::test]
async fn everything_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("prueba.db");
    let path = path.to_str().expect("a path");
    let first = runtime(Store::open(path).await.expect("opens")).await;
    let case = first.begun().await;
    first.done(&rosa(), &case, register(1, "Ana", "7")).await;
    let (row, journal) =
        (first.row(&case).await, first.store().journal(&case).await.expect("read"));
    first.shutdown().await;
    first.store().close().await;

    let second = runtime(Store::open(path).await.expect("opens")).await;
    assert_eq!(second.row(&case).await, row);
    assert_eq!(second.store().journal(&case).await.expect("read"), journal);
    assert_eq!(crate::engine::replay(&journal), *row.state);
    second.done(&luis(), &case, choose(2, "Devolver")).await;
    assert_eq!(second.row(&case).await.version, 1, "the same files make no new version");
    assert_eq!(second.ailments().await, [""; 0]);
}

async fn a_case_stays_on_its_version(on: Kind) {
    let runtime = made(on).await;
    let old = runtime.begun().await;
    let changed = WORKSPACE.replace("activity: Revisa", "activity: Revisa dos veces");
    let library = library(&changed);
    let published = runtime.publish(&library, "prueba").await.expect("published");
    assert_eq!(published.iter().map(|version| version.version).collect::<Vec<_>>(), [2]);
    assert_eq!(runtime.publish(&library, "prueba").await.expect("published"), []);
    let newest = runtime.store().latest_versions("prueba").await.expect("read");
    assert_eq!(newest, published);
    let new = runtime.begun().await;
    for (case, ci, activity) in [(old, "1", "Revisa"), (new, "2", "Revisa dos veces")] {
        runtime.done(&rosa(), &case, register(1, "Ana", ci)).await;
        let queue = runtime.queue("jefe", ci).await;
        let row = queue.iter().find(|row| row.case == case).expect("a task");
        assert_eq!(row.activity, activity);
    }
    let seeded = runtime.store().record("prueba", "socios", "1").await.expect("read");
    assert_eq!(seeded.expect("a row")["nombre"], Value::text("Ana"), "seeds replace nothing");
    let unknown = runtime.publish(&library, "otra").await;
    assert!(matches!(unknown, Err(Error::UnknownOrganisation { .. })), "{unknown:?}");
}

async fn documents_print_from_what_was_frozen(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    let draft = runtime.draft(&rosa(), &case, 1, "orden").await.expect("read").expect("a sheet");
    assert!(draft.is_draft);
    let markup = crate::document::print::markup(&draft, 1).expect("prints before it is filled in");
    assert!(markup.contains("Señor"), "{markup}");
    runtime.done(&rosa(), &case, register(1, "Ana", "7")).await;
    runtime.done(&luis(), &case, choose(2, "Devolver")).await;
    runtime.done(&rosa(), &case, register(3, "Eva", "7")).await;
    for (no, name) in [(1, "Ana"), (2, "Eva")] {
        let sheet = runtime.sheet(&case, no).await.expect("read").expect("a sheet");
        assert_eq!((sheet.copies, sheet.is_draft), (2, false));
        let markup = crate::document::print::markup(&sheet, 1).expect("prints");
        assert!(markup.contains(name), "{markup}");
    }
    assert!(runtime.sheet(&case, 3).await.expect("read").is_none());
    assert!(runtime.draft(&rosa(), &case, 3, "orden").await.expect("read").is_none());
}

async fn lists_go_on_where_the_page_before_ended(on: Kind) {
    let runtime = made(on).await;
    let mut begun = Vec::new();
    for _ in 0..5 {
        begun.push(runtime.begun().await);
        runtime.clock().advance(SignedDuration::from_mins(1));
    }
    let roles = BTreeSet::from(["ape".to_owned()]);
    let mut filter = QueueFilter {
        organisation: "prueba",
        roles: &roles,
        person: "rosa",
        mine_only: false,
        search: "",
        after: None,
        limit: 2,
    };
    let mut queued = Vec::new();
    loop {
        let page = runtime.store().queue(&filter).await.expect("a page");
        let Some(last) = page.last() else { break };
        filter.after = Some(last.place());
        queued.extend(page.iter().map(|row| row.case));
    }
    assert_eq!(queued, begun);
    filter = QueueFilter { mine_only: true, after: None, ..filter };
    assert_eq!(runtime.store().queue(&filter).await.expect("a page"), []);

    let mut filter = CaseFilter {
        organisation: "prueba",
        procedure: Some("registro"),
        status: Some(CaseStatus::Running),
        search: "2026",
        before: None,
        limit: 2,
    };
    let mut listed = Vec::new();
    loop {
        let page = runtime.store().cases(&filter).await.expect("a page");
        let Some(last) = page.last() else { break };
        filter.before = Some((last.started_at.as_microsecond(), last.id));
        listed.extend(page.iter().map(|row| row.id));
    }
    listed.reverse();
    assert_eq!(listed, begun);
}

async fn the_doctor_finds_every_damage(on: Kind) {
    let damages = [
        ("DELETE FROM tasks WHERE task = 2", "task 2 is not stored"),
        ("UPDATE tasks SET role = 'ape' WHERE task = 2", "task 2 is not stored"),
        ("UPDATE tasks SET claimed_by = 'eva' WHERE task = 1", "task 1 is not stored"),
        ("UPDATE cases SET state = replace(state, 'Ana', 'Eva')", "another state"),
        ("UPDATE cases SET state = 'x'", "can't be read: state"),
        ("UPDATE cases SET number = '2026-00009'", "the case's row says"),
        ("UPDATE cases SET state = json_set(state, '$.tasks', json('{}'))", "nobody has a task"),
        ("DELETE FROM entries WHERE seq = 2", "entry 2 of the journal is missing"),
        (
            "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
            "is missing: the journal goes to",
        ),
        ("UPDATE entries SET body = replace(body, '\"7\"', '\"8\"')", "the stored one: data"),
        ("UPDATE entries SET actor = 'eva'", "another state"),
        ("UPDATE entries SET body = '{}' WHERE seq = 1", "can't be read: body"),
        ("UPDATE entries SET body = 'x' WHERE kind = 'record_saved'", "can't be read: body"),
        ("UPDATE entries SET kind = 'task_claimed' WHERE seq = 1", "says `task_claimed`"),
        ("UPDATE tasks SET organisation = 'otra'", "`tasks` belongs to another organisation"),
        ("UPDATE bundles SET files = '{}'", "have been changed"),
        ("DELETE FROM case_words WHERE word = 'ana'", "does not find it by: ana"),
        ("UPDATE open_counts SET open = open + 1", "tasks are open at step"),
        ("DELETE FROM documents", "the documents are not stored"),
        ("UPDATE documents SET is_signed = true", "the documents are not stored"),
        ("UPDATE series SET last = last + 1 WHERE series = 'orden'", "series `orden`"),
        ("DELETE FROM series WHERE series = 'abonado'", "series `abonado`"),
        ("DELETE FROM assigned_numbers WHERE series = 'orden'", "numbers are not stored"),
        ("DELETE FROM records WHERE key = '7'", "the row `7` that it saved"),
        ("DELETE FROM cases", "belongs to nothing in `cases`"),
    ];
    for (damage, finding) in damages {
        let damage = match on {
            Kind::Sqlite => damage,
            Kind::Postgres if damage.contains("json_set") => {
                "UPDATE cases SET state = jsonb_set(state::jsonb, '{tasks}', '{}')::text"
            }
            Kind::Postgres => damage,
        };
        let runtime = made(on).await;
        let case = runtime.begun().await;
        runtime.done(&rosa(), &case, register(1, "Ana", "7")).await;
        assert_eq!(runtime.ailments().await, [""; 0], "before {damage}");
        runtime.store().damage(damage).await;
        let found = runtime.ailments().await;
        assert!(found.iter().any(|what| what.contains(finding)), "{damage}: {found:?}");
    }
}

async fn a_damaged_counter_gives_no_number_twice(on: Kind) {
    let runtime = made(on).await;
    let first = runtime.begun().await;
    runtime.store().damage("UPDATE series SET last = 0").await;
    let again = runtime.start_case(&rosa(), "prueba", "registro", None).await;
    assert!(matches!(again, Err(Refusal::Failed(Error::Store(_)))), "{again:?}");
    let withdrawn = Command::CancelCase { reason: "probando".to_owned() };
    let handled = runtime.done(&luis(), &first, withdrawn).await;
    let ends = handled.records.last().map(|record| &record.entry);
    assert!(matches!(ends, Some(Entry::CaseCancelled { .. })), "the writer goes on");
}

/// Letters that no honest keyboard has are refused, dropped or kept, and never a failure.
async fn letters_that_a_database_may_not_have(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    let unseen = register(1, "\u{200b}\u{feff} \u{ad}", "7");
    let refused = runtime.handle(&rosa(), &case, unseen, None).await;
    assert!(matches!(refused, Err(Refusal::Rejected(_))), "nothing can be seen: {refused:?}");
    runtime.done(&rosa(), &case, register(1, "An\0a \u{1f600}", "7\0")).await;
    assert_eq!(runtime.queue("jefe", "ana\0").await.len(), 1);
    let reason = "por\0que sí".to_owned();
    let key = Key::form("a\0b");
    let cancel = Command::CancelCase { reason };
    runtime.handle(&luis(), &case, cancel, Some(key)).await.expect("cancelled");
    assert_eq!(runtime.store().find_case(None, "\0").await.expect("read"), None);
    assert_eq!(runtime.ailments().await, [""; 0]);
}
