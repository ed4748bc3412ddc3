//! The promises, tried shortly: the same code that `examples/torture` runs for hours.
//!
//! `TRAMITE_KILLS` says how often a server is killed here, `TRAMITE_SEED` repeats a run; what is
//! broken is told with its seed.

use std::path::Path;

use tramite::engine::CaseStatus;

use crate::promises::cluster;
use crate::promises::office::{actor, complete};
use crate::promises::{
    Plan, audit, backup, claims, contention, crash, determinism, fixture, ground, joins, poison,
    servers, timers,
};
use crate::world::root;

fn number(name: &str, default: usize) -> usize {
    let set = std::env::var(name).ok();
    set.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn plan(rounds: usize, cases: usize, clients: usize) -> Plan {
    let seed = number("TRAMITE_SEED", 1) as u64;
    Plan { seed, rounds, cases, clients, on_postgres: false }
}

fn kept(plan: Plan, figures: anyhow::Result<String>) {
    match figures {
        Ok(figures) => println!("{figures}"),
        Err(broken) => panic!("{plan:?}: {broken:#}"),
    }
}

/// SQLite, and PostgreSQL where there is one; else that was said loudly.
fn both(plan: Plan) -> Vec<Plan> {
    let server = cluster::shared().map(|_| Plan { on_postgres: true, ..plan });
    std::iter::once(plan).chain(server).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_nine() {
    let plan = plan(number("TRAMITE_KILLS", 5), 0, 16);
    kept(plan, crash::run(plan).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_servers_and_their_database_are_killed() {
    // The cluster is its own: it is killed, too.
    if cluster::shared().is_some() {
        let plan = plan(number("TRAMITE_KILLS", 4), 150, 16);
        kept(plan, servers::run(plan).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_timer_fires_once_though_servers_are_killed() {
    for plan in both(plan(2, 2_000, 16)) {
        kept(plan, timers::run(plan).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_fires_once_whoever_ends_its_branches() {
    for plan in both(plan(0, 140, 8)) {
        kept(plan, joins::run(plan).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_a_task_one_gets_it() {
    for plan in both(plan(0, 110, 16)) {
        kept(plan, claims::run(plan).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_harms_nobody_else() {
    for plan in both(plan(0, 400, 8)) {
        kept(plan, poison::run(plan).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_made_under_load_are_beginnings() {
    for plan in both(plan(2, 0, 8)) {
        kept(plan, backup::run(plan).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_get_in_nobodys_way() {
    for plan in both(plan(1, 192, 16)) {
        kept(plan, contention::run(plan).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_commands_write_the_same_journals() {
    let mut plan = plan(2, 0, 1);
    plan.on_postgres = cluster::shared().is_some();
    kept(plan, determinism::run(plan).await);
}

/// `tests/fixtures/README.md` says how each file was made.
#[tokio::test]
async fn databases_of_every_release_go_on() {
    let folder = root().join("tests/fixtures");
    let files =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let databases: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "db")).collect();
    assert!(!databases.is_empty());
    // And the one that this release would leave behind.
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own.db");
    fixture::make(own.to_str().expect("UTF-8")).await.expect("made");
    goes_on(&own).await;
    for path in databases {
        goes_on(&path).await;
    }
}

/// Every open case of an old database can be worked to its end.
async fn goes_on(path: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("office.db");
    std::fs::copy(path, &copy).expect("copied");
    let runtime = ground::engine(copy.to_str().expect("UTF-8")).await.expect("opens");
    audit::well(&runtime).await.expect("it is well");
    let ends = runtime.anchors().await.expect("read");
    let mut open = 0;
    for end in &ends {
        let mut state = runtime.store().case(&end.case).await.expect("read").expect("a case").state;
        open += usize::from(state.is_open());
        for round in 0..10 {
            let Some((task, step)) = state.tasks.first_key_value() else { break };
            let command = complete(if step.step == "1" { 1 } else { 2 }, &format!("B-{round}"));
            let command = for_task(command, *task);
            let done = runtime.handle(&actor(0), &end.case, command, None).await;
            state = done.expect("it goes on").state;
        }
        assert_ne!(state.status, CaseStatus::Running, "{}", end.number);
    }
    assert!(open > 0 && open < ends.len(), "{open} of {} are open", ends.len());
    audit::well(&runtime).await.expect("it is well afterwards");
    // What was there is the beginning of what is there now.
    assert_eq!(runtime.verify(None, &ends).await.expect("verified"), []);
    ground::close(&runtime).await;
}

fn for_task(command: tramite::engine::Command, task: u32) -> tramite::engine::Command {
    use tramite::engine::Command::CompleteTask;
    match command {
        CompleteTask { submission, choice, .. } => CompleteTask { task, submission, choice },
        other => other,
    }
}
