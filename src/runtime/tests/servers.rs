//! Two servers on one database that dies under them and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::*;
use crate::store::cluster::{Cluster, required};

/// How often the database dies.
const DEATHS: u32 = 2;

#[derive(Default)]
struct Work {
    steps: AtomicU32,
    cases: AtomicU32,
    closing: AtomicBool,
}

/// Asks one server and then the other under the same key until it is done.
async fn insist(
    runtimes: &[Runtime],
    turn: &mut usize,
    actor: &Actor,
    case: Option<(&CaseId, Command)>,
    key: &str,
) -> CaseId {
    loop {
        *turn += 1;
        let runtime = &runtimes[*turn % runtimes.len()];
        let key = Some(Key::form(key));
        let answer = match &case {
            None => runtime.start_case(actor, "prueba", "registro", key).await,
            Some((case, command)) => runtime.handle(actor, case, command.clone(), key).await,
        };
        match answer {
            Ok(handled) => return handled.case,
            Err(Refusal::Busy | Refusal::Failed(_)) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(refusal) => panic!("{refusal:?}"),
        }
    }
}

async fn client(runtimes: Vec<Runtime>, number: usize, work: Arc<Work>) {
    let mut turn = number;
    for round in 0.. {
        if work.closing.load(Ordering::SeqCst) {
            return;
        }
        let name = format!("{number}-{round}");
        let case = insist(&runtimes, &mut turn, &rosa(), None, &name).await;
        work.cases.fetch_add(1, Ordering::SeqCst);
        let steps = [(rosa(), register(1, "Ana", &name)), (luis(), choose(2, "Aprobar"))];
        for (actor, command) in steps {
            insist(&runtimes, &mut turn, &actor, Some((&case, command)), &name).await;
            work.steps.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn worked(work: &Work, more: u32) {
    let enough = work.steps.load(Ordering::SeqCst) + more;
    while work.steps.load(Ordering::SeqCst) < enough {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies_and_comes_back_costs_nothing() {
    // A cluster of its own: others would die with it.
    let Some(mut cluster) = required(Cluster::start()) else { return };
    let url = cluster.database();
    let first = runtime(Store::open(&url).await.expect("opens")).await;
    let store = Store::open(&url).await.expect("opens");
    let second = Runtime::start(store, first.clock().clone()).await.expect("starts");
    let work = Arc::new(Work::default());
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..8 {
        let runtimes = vec![first.clone(), second.clone()];
        clients.spawn(client(runtimes, number, Arc::clone(&work)));
    }
    for _ in 0..DEATHS {
        worked(&work, 20).await;
        tokio::task::block_in_place(|| {
            cluster.kill();
            cluster.revive();
        });
    }
    worked(&work, 20).await;
    work.closing.store(true, Ordering::SeqCst);
    clients.join_all().await;
    let ends = second.anchors().await.expect("read");
    assert_eq!(ends.len(), work.cases.load(Ordering::SeqCst) as usize, "each was begun once");
    for end in ends {
        let row = second.row(&end.case).await;
        assert_eq!((row.status, row.revision), (CaseStatus::Ended, 3));
    }
    assert_eq!(second.ailments().await, [""; 0]);
}

/// Sent to both servers at the same moment, as by somebody who didn't want to wait for the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_takes_effect_once_on_two_servers() {
    let Some(cluster) = crate::store::cluster::shared() else { return };
    let url = cluster.database();
    let first = runtime(Store::open(&url).await.expect("opens")).await;
    let store = Store::open(&url).await.expect("opens");
    let second = Runtime::start(store, first.clock().clone()).await.expect("starts");
    for round in 0..60 {
        let name = round.to_string();
        let (rosa, luis) = (rosa(), luis());
        let key = Some(Key::form(&name));
        let (one, two) = tokio::join!(
            first.start_case(&rosa, "prueba", "registro", key),
            second.start_case(&rosa, "prueba", "registro", key),
        );
        let case = one.expect("started").case;
        assert_eq!(two.expect("started").case, case);
        for (actor, command) in [(&rosa, register(1, "Ana", &name)), (&luis, choose(2, "Aprobar"))]
        {
            let (one, two) = tokio::join!(
                first.handle(actor, &case, command.clone(), key),
                second.handle(actor, &case, command, key),
            );
            assert_eq!(one.expect("done"), two.expect("answered as the other"));
        }
    }
    assert_eq!(first.ailments().await, [""; 0]);
}
