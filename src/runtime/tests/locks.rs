//! What only one case of the organisation can have: one at a time, in the order of their coming, and
//! nobody is forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use super::*;
use crate::engine::LockStatus;
use crate::runtime::writer::Wish;

on_both!(
    one_case_at_a_time_in_the_order_of_their_coming,
    whoever_leaves_in_another_way_gives_it_back,
    branches_of_one_case_wait_in_line_like_others,
    a_server_that_dies_before_it_gives_on,
    who_cannot_enter_is_passed_over,
    the_doctor_compares_the_line,
    sixteen_cases_over_two_servers,
);

const OFFICE: &str = r#"
organisation: charcas
name: Charcas
language: en
time_zone: UTC
roles: { ape: Desk, jefe: Head }
---
procedure: pole
title: Pole
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Order. }
  2:
    role: ape
    activity: Set the pole.
    mutex: { name: crane, of: organisation }
    on: { after: 2 days, end: given up }
    decide: { Set: {}, Broken: { go: 1 } }
  3: { role: ape, activity: Lift the cable., mutex: { name: crane, of: organisation } }
  4: { role: ape, activity: Report. }
---
procedure: poles
title: Two poles
starts: { by: ape }
cancels: { by: jefe }
steps:
  1:
    parallel:
      north: { 2: { role: ape, activity: North., mutex: { name: crane, of: organisation } } }
      south: { 3: { role: ape, activity: South., mutex: { name: crane, of: organisation } } }
---
procedure: trap
title: Trap
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Order. }
  2: { set: { share: 1 / (visits('1') - 1) }, mutex: { name: crane, of: organisation } }
---
procedure: count
title: Count
starts: { by: ape }
steps:
  1: { role: ape, activity: Order. }
  2: { set: { n: 1 }, mutex: { name: crane, of: organisation } }
"#;

async fn desk(on: Kind) -> Runtime {
    let runtime = made(on).await;
    let files = Files::from([("charcas.yaml".to_owned(), OFFICE.to_owned())]);
    let mut found = Diagnostics::default();
    let library = Library::read(&files, &mut found);
    crate::check::check(&library, &mut found);
    assert!(!found.has_errors(), "{:?}", found.iter().collect::<Vec<_>>());
    runtime.publish(&library, "charcas").await.expect("published");
    runtime
}

async fn begun(runtime: &Runtime, procedure: &str) -> CaseId {
    let begun = runtime.start_case(&rosa(), "charcas", procedure, None).await;
    begun.expect("begun").case
}

/// The steps at which the case has tasks.
async fn steps(runtime: &Runtime, case: &CaseId) -> Vec<String> {
    let row = runtime.row(case).await;
    row.state.tasks.values().map(|task| task.step.clone()).collect()
}

fn work(state: &State, step: &str, choice: Option<&str>) -> Command {
    let open = state.tasks.iter().find(|(_, task)| task.step == step);
    let (task, _) = open.unwrap_or_else(|| panic!("no task at {step}"));
    let choice = choice.map(ToOwned::to_owned);
    Command::CompleteTask { task: *task, submission: Map::new(), choice }
}

async fn does(runtime: &Runtime, case: &CaseId, step: &str) {
    let row = runtime.row(case).await;
    let choice = (step == "2" && row.procedure == "pole").then_some("Set");
    runtime.done(&rosa(), case, work(&row.state, step, choice)).await;
}

fn cancel() -> Command {
    Command::CancelCase { reason: "no longer wanted".to_owned() }
}

async fn one_case_at_a_time_in_the_order_of_their_coming(on: Kind) {
    let runtime = desk(on).await;
    let mut cases = Vec::new();
    for _ in 0..4 {
        cases.push(begun(&runtime, "pole").await);
    }
    // They come in another order than they began.
    cases.swap(0, 3);
    for case in &cases {
        does(&runtime, case, "1").await;
    }
    for (at, case) in cases.iter().enumerate() {
        assert_eq!(steps(&runtime, case).await, ["2"], "it is the turn of number {at}");
        let holder = runtime.store().lock_holder("charcas", "crane").await.expect("read");
        assert_eq!(holder.expect("somebody").case, *case);
        for other in &cases[at + 1..] {
            assert_eq!(steps(&runtime, other).await, [""; 0], "one at a time");
            let locks = runtime.row(other).await.state.locks.clone();
            assert!(locks.values().all(|lock| lock.status == LockStatus::Wanted));
        }
        assert_eq!(runtime.ailments().await, [""; 0]);
        does(&runtime, case, "2").await;
        assert_eq!(steps(&runtime, case).await, ["3"], "the next step with the name keeps it");
        does(&runtime, case, "3").await;
        assert_eq!(steps(&runtime, case).await, ["4"]);
        assert!(runtime.row(case).await.state.locks.is_empty());
    }
    assert_eq!(runtime.store().lock_holder("charcas", "crane").await.expect("read"), None);
}

async fn whoever_leaves_in_another_way_gives_it_back(on: Kind) {
    let runtime = desk(on).await;
    let mut cases = Vec::new();
    for _ in 0..5 {
        let case = begun(&runtime, "pole").await;
        does(&runtime, &case, "1").await;
        cases.push(case);
    }
    // Out of the line, out of the section: cancelled.
    runtime.done(&luis(), &cases[1], cancel()).await;
    runtime.done(&luis(), &cases[0], cancel()).await;
    assert_eq!(steps(&runtime, &cases[2]).await, ["2"]);
    // By the way of a label; the next visit is at the end of the line.
    let row = runtime.row(&cases[2]).await;
    runtime.done(&rosa(), &cases[2], work(&row.state, "2", Some("Broken"))).await;
    assert_eq!(steps(&runtime, &cases[3]).await, ["2"]);
    does(&runtime, &cases[2], "1").await;
    // By what happens meanwhile, of which the term begins when it is entered.
    runtime.clock().advance(SignedDuration::from_hours(49));
    assert_eq!(runtime.fire_timers().await.expect("fired"), 1);
    assert_eq!(runtime.row(&cases[3]).await.state.outcome.as_deref(), Some("given up"));
    assert_eq!(steps(&runtime, &cases[4]).await, ["2"], "it came before");
    does(&runtime, &cases[4], "2").await;
    does(&runtime, &cases[4], "3").await;
    assert_eq!(steps(&runtime, &cases[2]).await, ["2"]);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn branches_of_one_case_wait_in_line_like_others(on: Kind) {
    let runtime = desk(on).await;
    let two = begun(&runtime, "poles").await;
    assert_eq!(steps(&runtime, &two).await, ["2"], "one of both");
    let other = begun(&runtime, "pole").await;
    does(&runtime, &other, "1").await;
    does(&runtime, &two, "2").await;
    assert_eq!(steps(&runtime, &two).await, ["3"], "the branch came before the other case");
    does(&runtime, &two, "3").await;
    assert_eq!(runtime.row(&two).await.status, CaseStatus::Ended);
    assert_eq!(steps(&runtime, &other).await, ["2"]);
    // What passes by itself has it for no time, and those behind it get it in the same go.
    let counts = [begun(&runtime, "count").await, begun(&runtime, "count").await];
    for case in &counts {
        does(&runtime, case, "1").await;
    }
    let last = begun(&runtime, "pole").await;
    does(&runtime, &last, "1").await;
    runtime.done(&luis(), &other, cancel()).await;
    for case in &counts {
        assert_eq!(runtime.row(case).await.status, CaseStatus::Ended);
    }
    assert_eq!(steps(&runtime, &last).await, ["2"]);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_server_that_dies_before_it_gives_on(on: Kind) {
    let runtime = desk(on).await;
    let (first, second) = (begun(&runtime, "pole").await, begun(&runtime, "pole").await);
    does(&runtime, &first, "1").await;
    does(&runtime, &second, "1").await;
    // Committed, and then it is gone.
    let wish = Wish::Handle { case: first, within: None, command: cancel() };
    runtime.in_writer(&luis(), wish, None).await.expect("cancelled");
    let clock = runtime.clock().clone();
    let other = Runtime::start(runtime.store().clone(), clock).await.expect("starts");
    // It had just begun to.
    let now = runtime.clock().now();
    let lease = SignedDuration::from_secs(10);
    let leased = runtime.store().lease_locks(now, lease, 1).await.expect("leased");
    assert_eq!(leased, [(second, 1)]);
    assert_eq!(other.give_locks().await.expect("looked"), 0);
    assert_eq!(steps(&other, &second).await, [""; 0]);
    runtime.clock().advance(lease);
    assert_eq!(other.give_locks().await.expect("looked"), 1);
    assert_eq!(other.give_locks().await.expect("looked"), 0, "once");
    assert_eq!(steps(&other, &second).await, ["2"]);
    // The other one comes back and goes on where it was.
    let late = Wish::Handle { case: second, within: None, command: Command::TakeLock { lock: 1 } };
    let nothing = runtime.in_writer(&Actor::machine(), late, None).await.expect("no matter");
    assert_eq!(nothing.records, []);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn who_cannot_enter_is_passed_over(on: Kind) {
    let runtime = desk(on).await;
    let trap = begun(&runtime, "trap").await;
    does(&runtime, &trap, "1").await;
    let state = runtime.row(&trap).await.state.clone();
    assert!(state.locks.values().all(|lock| lock.status == LockStatus::Wanted), "{state:?}");
    let behind = begun(&runtime, "pole").await;
    does(&runtime, &behind, "1").await;
    assert_eq!(steps(&runtime, &behind).await, ["2"]);
    runtime.done(&luis(), &trap, cancel()).await;
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn the_doctor_compares_the_line(on: Kind) {
    let damages = [
        ("DELETE FROM locks WHERE is_held = 0", "stands in line for"),
        ("UPDATE locks SET is_held = 0 WHERE is_held = 1", "stands in line for"),
        ("UPDATE locks SET name = 'truck' WHERE is_held = 0", "stands in line for"),
        ("UPDATE locks SET organisation = 'otra'", "`locks` belongs to another organisation"),
        (
            "DELETE FROM cases WHERE id IN (SELECT case_id FROM locks WHERE is_held = 1)",
            "a row of `locks` belongs to nothing in `cases`",
        ),
    ];
    for (damage, finding) in damages {
        let runtime = desk(on).await;
        for _ in 0..2 {
            let case = begun(&runtime, "pole").await;
            does(&runtime, &case, "1").await;
        }
        assert_eq!(runtime.ailments().await, [""; 0], "before {damage}");
        runtime.store().damage(damage).await;
        let found = runtime.ailments().await;
        assert!(found.iter().any(|what| what.contains(finding)), "{damage}: {found:?}");
    }
}

/// Works one case to some end, and looks that nobody else is in the section.
async fn client(runtime: Runtime, other: Runtime, number: u64, inside: Arc<AtomicI32>) {
    let mut chance = number;
    let mut toss = move |sides: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
        (chance >> 33) % sides
    };
    let case = begun(&runtime, "pole").await;
    for _ in 0..10_000 {
        let row = runtime.row(&case).await;
        if row.status != CaseStatus::Running {
            return;
        }
        let desk = if toss(2) == 0 { &runtime } else { &other };
        let Some(task) = row.state.tasks.values().next() else {
            if toss(200) == 0 {
                insist(desk, &luis(), &case, cancel()).await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            continue;
        };
        let step = task.step.clone();
        if step == "2" || step == "3" {
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two have it");
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::SeqCst);
        }
        let choice = (step == "2").then(|| if toss(4) == 0 { "Broken" } else { "Set" });
        match toss(12) {
            0 => insist(desk, &luis(), &case, cancel()).await,
            _ => insist(desk, &rosa(), &case, work(&row.state, &step, choice)).await,
        }
    }
    panic!("case {case} was forgotten");
}

async fn insist(runtime: &Runtime, actor: &Actor, case: &CaseId, command: Command) {
    loop {
        match runtime.handle(actor, case, command.clone(), None).await {
            // It may have come to its turn, or an end, a moment ago.
            Ok(_) | Err(Refusal::Rejected(_)) => return,
            Err(Refusal::Busy) => {}
            Err(refusal) => panic!("{refusal:?}"),
        }
    }
}

async fn sixteen_cases_over_two_servers(on: Kind) {
    let runtime = desk(on).await;
    let clock = runtime.clock().clone();
    let other = Runtime::start(runtime.store().clone(), clock.clone()).await.expect("starts");
    let inside = Arc::new(AtomicI32::new(0));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (one, two) = (runtime.clone(), other.clone());
        clients.spawn(client(one, two, number, Arc::clone(&inside)));
    }
    // What stood in the way is tried again a second later, as the clockwork does.
    let clockwork = {
        let runtime = other.clone();
        tokio::spawn(async move {
            loop {
                runtime.clock().advance(SignedDuration::from_secs(1));
                runtime.give_locks().await.expect("looked");
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        })
    };
    while let Some(done) = clients.join_next().await {
        done.expect("its case came to an end");
    }
    clockwork.abort();
    assert_eq!(runtime.store().lock_holder("charcas", "crane").await.expect("read"), None);
    assert_eq!(runtime.ailments().await, [""; 0]);
}
