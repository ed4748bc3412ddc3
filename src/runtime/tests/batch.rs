//! Orders that share a transaction, and commits that fail.
//!
//! `TRAMITE_STEPS` says over how many steps commits fail, about 3,000 when it doesn't.

use tokio::task::JoinSet;

use super::*;

on_both!(
    orders_that_wait_share_a_commit,
    orders_to_one_case_are_done_in_their_order,
    a_poisoned_order_costs_its_neighbours_nothing,
    a_key_counts_once_over_several_servers,
    a_new_row_keeps_what_two_servers_save_in_it,
    a_full_queue_says_so_at_once,
    commits_that_fail_lose_nothing_and_double_nothing,
);

/// Asks everything at once: all orders wait in the queue before the writer takes the first.
async fn at_once<T, F>(asked: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut asking = JoinSet::new();
    for (place, asked) in asked.into_iter().enumerate() {
        asking.spawn(async move { (place, asked.await) });
    }
    let mut answers = asking.join_all().await;
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

async fn ask(
    runtime: Runtime,
    actor: Actor,
    case: CaseId,
    command: Command,
) -> Result<Handled, Refusal> {
    runtime.handle(&actor, &case, command, None).await
}

async fn orders_that_wait_share_a_commit(on: Kind) {
    let runtime = made(on).await;
    let before = runtime.store().faults.commits();
    let begin = |_| {
        let runtime = runtime.clone();
        async move { runtime.begun().await }
    };
    let cases = at_once((0..40).map(begin)).await;
    assert_eq!(runtime.store().faults.commits() - before, 1);
    let mut numbers = Vec::new();
    for case in &cases {
        numbers.push(runtime.row(case).await.number);
    }
    let expected: Vec<String> = (1..=40).map(|number| format!("2026-{number:05}")).collect();
    assert_eq!(numbers, expected, "in the order in which they were asked");

    // Refused ones take no number, and two saves of one row happen one after the other.
    let complete = |(place, case): (usize, &CaseId)| {
        let name = if place % 3 == 0 { String::new() } else { format!("Ana {place}") };
        ask(runtime.clone(), rosa(), *case, register(1, &name, "7"))
    };
    let answers = at_once(cases.iter().enumerate().map(complete)).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(Refusal::Rejected(_))));
    assert_eq!(refused.count(), 14);
    let done: Vec<&Handled> = answers.iter().flatten().collect();
    assert_eq!(done.len(), 26);
    let numbers: BTreeSet<&str> =
        done.iter().map(|done| done.state.documents[0].number.as_str()).collect();
    let expected: Vec<String> = (1..=26).map(|number| format!("ORD-2026-{number:04}")).collect();
    assert!(numbers.into_iter().eq(expected.iter().map(String::as_str)), "none is missing");
    let row = runtime.store().record("prueba", "socios", "7").await.expect("read").expect("a row");
    let last = done.iter().find(|done| done.state.documents[0].number == "ORD-2026-0026");
    assert_eq!(last.expect("the last one").state.data["cliente"].as_map(), Some(&row));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn orders_to_one_case_are_done_in_their_order(on: Kind) {
    let runtime = made(on).await;
    let (case, other) = (runtime.begun().await, runtime.begun().await);
    let claim = Command::ClaimTask { task: 1 };
    let release = Command::ReleaseTask { task: 1 };
    let commands = [
        (rosa(), case, claim.clone()),
        (rosa(), other, claim.clone()),
        (rosa(), case, release.clone()),
        (actor("eva", "ape"), case, claim),
        (actor("eva", "ape"), case, register(1, "Ana", "7")),
        (luis(), case, choose(2, "Devolver")),
        (rosa(), other, release),
    ];
    let asked = commands.map(|(actor, case, command)| ask(runtime.clone(), actor, case, command));
    for answer in at_once(asked).await {
        answer.expect("done after the one before it");
    }
    let again = |key: &'static str| {
        let runtime = runtime.clone();
        async move { runtime.start_case(&rosa(), "prueba", "registro", Some(Key::form(key))).await }
    };
    let started = at_once(["a", "b", "a", "a"].map(again)).await;
    let started: Vec<CaseId> = started.into_iter().map(|done| done.expect("done").case).collect();
    assert_eq!((started[0], started[0]), (started[2], started[3]));
    assert_ne!(started[0], started[1]);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_poisoned_order_costs_its_neighbours_nothing(on: Kind) {
    let runtime = made(on).await;
    let mut cases = Vec::new();
    for _ in 0..6 {
        cases.push(runtime.begun().await);
    }
    let harm = [
        format!("DELETE FROM tasks WHERE case_id = '{}'", cases[1]),
        // Changed as by somebody else: what the writer remembers of it is worth nothing.
        format!("UPDATE cases SET state = 'x', revision = revision + 1 WHERE id = '{}'", cases[2]),
    ];
    for sql in harm {
        runtime.store().damage(&sql).await;
    }
    let complete =
        |case: &CaseId| ask(runtime.clone(), rosa(), *case, register(1, "Ana", &case.to_string()));
    let answers = at_once(cases.iter().map(complete)).await;
    for (place, answer) in answers.iter().enumerate() {
        let is_harmed = matches!(place, 1 | 2);
        assert_eq!(
            matches!(answer, Err(Refusal::Failed(Error::Store(_)))),
            is_harmed,
            "{answer:?}"
        );
        assert_eq!(answer.is_ok(), !is_harmed, "{answer:?}");
    }
    let mut numbers = BTreeSet::new();
    for handled in answers.iter().flatten() {
        numbers.insert(handled.state.documents[0].number.clone());
    }
    let expected = (1..=4).map(|number| format!("ORD-2026-{number:04}"));
    assert!(numbers.into_iter().eq(expected), "nobody else's number is lost");
}

async fn a_full_queue_says_so_at_once(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    let look = |_| ask(runtime.clone(), rosa(), case, Command::ClaimTask { task: 9 });
    let answers = at_once((0..WAITING + 100).map(look)).await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(Refusal::Busy))).count();
    assert_eq!(busy, 100);
}

/// Starts a case and brings it to its end, asking again for as long as the machine fails.
async fn insist(runtime: Runtime, client: u32, rounds: u32) {
    for round in 0..rounds {
        // Without a key only a truthful answer protects from doing it twice.
        let key = |step: &str| client.is_multiple_of(2).then(|| format!("{client}-{round}-{step}"));
        let (rosa, luis) = (rosa(), luis());
        let case = loop {
            let key = key("start");
            let asked =
                runtime.start_case(&rosa, "prueba", "registro", key.as_deref().map(Key::form));
            match asked.await {
                Ok(handled) => break handled.case,
                Err(refusal) => assert!(matches!(refusal, Refusal::Failed(_)), "{refusal:?}"),
            }
        };
        let ci = format!("{client}-{round}");
        let steps = [(&rosa, register(1, "Ana", &ci)), (&luis, choose(2, "Aprobar"))];
        for (place, (actor, command)) in steps.into_iter().enumerate() {
            let key = key(&place.to_string());
            while let Err(refusal) =
                runtime.handle(actor, &case, command.clone(), key.as_deref().map(Key::form)).await
            {
                assert!(matches!(refusal, Refusal::Failed(_)), "{refusal:?}");
            }
        }
    }
}

async fn commits_that_fail_lose_nothing_and_double_nothing(on: Kind) {
    let runtime = made(on).await;
    // Each round is a start and two steps.
    let clients = 16;
    let rounds = (set("TRAMITE_STEPS", 3_360) / 3).div_ceil(clients);
    runtime.store().faults.set(10);
    at_once((0..clients).map(|client| insist(runtime.clone(), client, rounds))).await;
    runtime.store().faults.set(0);
    let (before, after) = runtime.store().faults.counts();
    assert!(before > 5 && after > 5, "{before} {after}");
    let ends = runtime.anchors().await.expect("read");
    assert_eq!(ends.len(), (clients * rounds) as usize, "each case was begun once");
    for end in ends {
        let row = runtime.row(&end.case).await;
        assert_eq!((row.status, row.revision), (CaseStatus::Ended, 3));
    }
    assert_eq!(runtime.ailments().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_made_under_load_are_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let store = Store::open(&path("office.db")).await.expect("opens");
    let runtime = runtime(store).await;
    let clients: Vec<_> =
        (0..8).map(|client| tokio::spawn(insist(runtime.clone(), client, 8))).collect();
    let mut least = 0;
    for copy in ["a.db", "b.db", "c.db"] {
        let acknowledged = runtime.begun().await;
        let copy = path(copy);
        // A connection of its own, as another program has it.
        let beside = Store::open(&path("office.db")).await.expect("opens");
        beside.copy_into(copy.as_ref()).await.expect("copied");
        beside.close().await;
        let store = Store::open(&copy).await.expect("opens");
        let copied = Runtime::start(store, runtime.clock().clone()).await.expect("starts");
        assert_eq!(copied.ailments().await, [""; 0]);
        assert!(copied.store().case(&acknowledged).await.expect("read").is_some());
        let ends = copied.anchors().await.expect("read");
        assert!(ends.len() > least, "a later copy has more");
        least = ends.len();
        // Every journal in it is the beginning of the one that went on.
        assert_eq!(runtime.verify(None, &ends).await.expect("verified"), []);
    }
    for client in clients {
        client.await.expect("no client fails");
    }
}

/// The same command through two servers at once is done once, and both are told the same.
async fn a_key_counts_once_over_several_servers(on: Kind) {
    let runtime = made(on).await;
    let clock = runtime.clock().clone();
    let other = Runtime::start(runtime.store().clone(), clock).await.expect("starts");
    for round in 0..30 {
        let (rosa, key) = (rosa(), format!("start-{round}"));
        let key = Key::api(&key);
        let (first, second) = tokio::join!(
            runtime.start_case(&rosa, "prueba", "registro", Some(key)),
            other.start_case(&rosa, "prueba", "registro", Some(key)),
        );
        let (first, second) = (first.expect("done"), second.expect("done"));
        assert_eq!((first.case, &first.records), (second.case, &second.records));
        let (case, key) = (first.case, format!("complete-{round}"));
        let key = Key::api(&key);
        let (first, second) = tokio::join!(
            runtime.handle(&rosa, &case, register(1, "Ana", "7"), Some(key)),
            other.handle(&rosa, &case, register(1, "Ana", "7"), Some(key)),
        );
        assert_eq!(first.expect("done"), second.expect("done"));
        let reused = other.handle(&rosa, &case, register(1, "Eva", "7"), Some(key)).await;
        assert!(matches!(reused, Err(Refusal::KeyReused)), "{reused:?}");
    }
    assert_eq!(runtime.ailments().await, [""; 0]);
}

const TWO_DESKS: &str = r#"
organisation: prueba
name: Cooperativa de Prueba
language: es-BO
time_zone: America/La_Paz
roles: { ape: Asistente }
---
registers:
  socios:
    title: Socios
    key: ci
    fields: { ci: { label: CI }, nombre: { label: Nombre }, fono: { label: Fono } }
---
form: uno
title: Uno
fields: { socio: { label: Socio, fields: { ci: { label: CI }, nombre: { label: Nombre } } } }
---
form: otro
title: Otro
fields: { socio: { label: Socio, fields: { ci: { label: CI }, fono: { label: Fono } } } }
---
procedure: uno
title: Uno
starts: { by: ape }
steps:
  1: { role: ape, activity: Anota., form: uno, saves: { socios: socio } }
---
procedure: otro
title: Otro
starts: { by: ape }
steps:
  1: { role: ape, activity: Anota., form: otro, saves: { socios: socio } }
"#;

/// Two cases that save different columns of a row that is not there yet, through two servers.
async fn a_new_row_keeps_what_two_servers_save_in_it(on: Kind) {
    let Some(store) = on.store().await else { return };
    let runtime = Runtime::start(store, Clock::System).await.expect("starts");
    runtime.publish(&library(TWO_DESKS), "prueba").await.expect("published");
    let other = Runtime::start(runtime.store().clone(), Clock::System).await.expect("starts");
    let typed = |ci: &str, column: &str| {
        let group = [("ci", ci), (column, "x")];
        let group = group.map(|(field, value)| (field.to_owned(), Value::text(value)));
        let submission = Map::from([("socio".to_owned(), Value::Map(group.into()))]);
        Command::CompleteTask { task: 1, submission, choice: None }
    };
    for round in 0..40 {
        let ci = format!("{round}");
        let rosa = rosa();
        let one = runtime.start_case(&rosa, "prueba", "uno", None).await.expect("starts").case;
        let two = runtime.start_case(&rosa, "prueba", "otro", None).await.expect("starts").case;
        let (first, second) = tokio::join!(
            runtime.handle(&rosa, &one, typed(&ci, "nombre"), None),
            other.handle(&rosa, &two, typed(&ci, "fono"), None),
        );
        first.expect("done");
        second.expect("done");
        let row = runtime.store().record("prueba", "socios", &ci).await.expect("read");
        let row = row.expect("a row");
        let both = [&row["nombre"], &row["fono"]];
        assert_eq!(both, [&Value::text("x"), &Value::text("x")], "round {round}");
    }
}
