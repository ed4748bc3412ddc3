//! P19: copies made while 16 clients work. Each opens, is well, and is the beginning of what went
//! on: whatever was acknowledged before the copy began is in it.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::ensure;
use tokio::task::JoinSet;
use tramite::runtime::{Anchor, Runtime};
use tramite::store::CaseId;

use super::Plan;
use super::audit::well;
use super::chance::Chance;
use super::cluster::Cluster;
use super::crash::stopped;
use super::ground::{Ground, close, engine, office};
use super::ledger::{Ledger, Told};
use super::office::{ORGANISATION, PROCEDURE, actor, complete, text};
use super::server::tramite;

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let ground = Ground::new(plan.on_postgres)?;
    let url = ground.database("office");
    let runtime = office(&url).await?;
    let (ledger, closing) = (Arc::new(Ledger::default()), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for client in 0..plan.clients {
        let (ledger, closing) = (Arc::clone(&ledger), Arc::clone(&closing));
        clients.spawn(work(runtime.clone(), client, ledger, closing));
    }
    let mut chance = Chance::new(plan.seed, 0);
    let (mut smallest, mut largest) = (usize::MAX, 0);
    for round in 0..plan.rounds {
        let enough = ledger.count() + 20 + chance.below(100);
        while ledger.count() < enough {
            ensure!(!stopped(&mut clients).await?, "the clients stopped by themselves");
        }
        let before = ledger.cases();
        let ground = &ground;
        let copy = tokio::task::block_in_place(|| copied(ground, &url, round))?;
        let copied = engine(&copy).await?;
        well(&copied).await?;
        let ends = copied.anchors().await?;
        close(&copied).await;
        covers(&runtime, &before, &ends).await?;
        smallest = smallest.min(ends.len());
        largest = largest.max(ends.len());
    }
    closing.store(true, Ordering::SeqCst);
    while !stopped(&mut clients).await? {}
    well(&runtime).await?;
    close(&runtime).await;
    Ok(format!(
        "{}: {} hot copies of {smallest} to {largest} cases under {} clients ({} acknowledged steps): each \
         opens, doctor and verify clean, each the beginning of what went on with all that was \
         acknowledged before",
        ground.word(),
        plan.rounds,
        plan.clients,
        ledger.count(),
    ))
}

/// Everything that was acknowledged is in the copy, and every journal of the copy went on from
/// there.
async fn covers(
    runtime: &Runtime,
    before: &std::collections::BTreeMap<CaseId, Vec<Told>>,
    ends: &[Anchor],
) -> anyhow::Result<()> {
    for (case, told) in before {
        let end = ends.iter().find(|end| end.case == *case).map_or(0, |end| end.entries as usize);
        let journal = runtime.store().journal(case).await?;
        let within = &journal[..end.min(journal.len())];
        let last = within.iter().filter(|record| record.entry.kind() == "task_completed").count();
        ensure!(end > 0 && last + 1 >= told.len(), "case {case}: {told:?} came before the copy");
    }
    let breaches = runtime.verify(None, ends).await?;
    ensure!(breaches.is_empty(), "a copy is not a beginning: {:?}", breaches[0]);
    Ok(())
}

async fn work(
    runtime: Runtime,
    client: usize,
    ledger: Arc<Ledger>,
    closing: Arc<AtomicBool>,
) -> anyhow::Result<()> {
    let actor = actor(client);
    for round in 0.. {
        if closing.load(Ordering::SeqCst) {
            break;
        }
        let begun = runtime.start_case(&actor, ORGANISATION, PROCEDURE, None).await?;
        ledger.told(begun.case, Told::Started);
        for task in 1..=2 {
            let command = complete(task, &format!("{client}-{round}"));
            runtime.handle(&actor, &begun.case, command, None).await?;
            ledger.told(begun.case, Told::Completed(task));
            // As many as a busy office, not as many as the machine can: the copies are to be made
            // in time.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

/// A copy, made by the tools that an operator would take, and its address.
fn copied(ground: &Ground, url: &str, round: usize) -> anyhow::Result<String> {
    let path = ground.folder.path().join(format!("copy{round}"));
    let Some(cluster) = ground.cluster else {
        finished(tramite()?.arg("backup").arg(&path).args(["--database", url]))?;
        return Ok(text(path));
    };
    finished(cluster.tool("pg_dump").args(["--format=custom", "--file"]).arg(&path).arg(url))?;
    restored(cluster, &path)
}

fn restored(cluster: &Cluster, dump: &std::path::Path) -> anyhow::Result<String> {
    let url = cluster.database();
    let mut restore = cluster.tool("pg_restore");
    finished(restore.args(["--exit-on-error", "--dbname", &url]).arg(dump))?;
    Ok(url)
}

fn finished(command: &mut Command) -> anyhow::Result<()> {
    let done = command.output()?;
    ensure!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
