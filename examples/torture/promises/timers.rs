//! P10: very many timers that are due at the same instant, and servers that are killed while they
//! fire them. Each fires exactly once.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tramite::engine::Entry;
use tramite::runtime::{Clock, Runtime};
use tramite::store::{CaseId, Store};

use super::Plan;
use super::audit::well;
use super::chance::Chance;
use super::ground::{Ground, close, engine};
use super::office::{ORGANISATION, Office, PROCEDURE, actor, library};
use super::server::{Server, free_port};

/// How long one waits for the last timer; far longer than it takes.
const LONGEST: Duration = Duration::from_secs(1_800);

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let ground = Ground::new(plan.on_postgres)?;
    let url = ground.database("timers");
    let cases = begin(&url, plan).await?;
    let here = Office::open(Some(url.clone()), false, 0).await?;
    let mut chance = Chance::new(plan.seed, 0);
    let servers = if plan.on_postgres { 3 } else { 1 };
    let mut running = Vec::new();
    for _ in 0..servers {
        let mut server = Server::start(&here, free_port()?)?;
        server.ready().await?;
        running.push(server);
    }
    let (mut kills, began) = (0, Instant::now());
    let mut left = waiting(&ground, &url).await?;
    while left > 0 {
        ensure!(began.elapsed() < LONGEST, "{left} timers did not fire");
        tokio::time::sleep(Duration::from_millis(200 + chance.below(2_000) as u64)).await;
        left = waiting(&ground, &url).await?;
        if kills < plan.rounds && left > 0 && left < cases.len() as u64 {
            running.swap_remove(chance.below(running.len())).kill()?;
            kills += 1;
            let mut server = Server::start(&here, free_port()?)?;
            server.ready().await?;
            running.push(server);
        }
    }
    let took = began.elapsed();
    for server in running {
        server.terminate().await?;
    }
    let runtime = engine(&url).await?;
    for case in &cases {
        let journal = runtime.store().journal(case).await?;
        let overdue = |entry: &Entry| matches!(entry, Entry::TaskOverdue { .. });
        let times = journal.iter().filter(|record| overdue(&record.entry)).count();
        ensure!(times == 1, "the timer of case {case} fired {times} times");
    }
    well(&runtime).await?;
    close(&runtime).await;
    Ok(format!(
        "{}: {} timers due at one instant, {servers} server(s), {kills} killed while firing: each \
         fired once, all within {took:.0?}",
        ground.word(),
        cases.len(),
    ))
}

/// Cases begun a month ago, all at the same instant: their terms have long passed.
async fn begin(url: &str, plan: Plan) -> anyhow::Result<Vec<CaseId>> {
    let then = Timestamp::now().checked_sub(SignedDuration::from_hours(24 * 30))?;
    let runtime = Runtime::start(Store::open(url).await?, Clock::manual(then)).await?;
    runtime.publish(&library(), ORGANISATION).await?;
    let mut clients = JoinSet::new();
    for client in 0..plan.clients {
        let runtime = runtime.clone();
        let own = (client..plan.cases).step_by(plan.clients).count();
        clients.spawn(async move {
            let (mut begun, actor) = (Vec::with_capacity(own), actor(client));
            for _ in 0..own {
                let started = runtime.start_case(&actor, ORGANISATION, PROCEDURE, None);
                begun.push(started.await.map(|handled| handled.case));
            }
            begun
        });
    }
    let mut cases = Vec::with_capacity(plan.cases);
    for begun in clients.join_all().await.into_iter().flatten() {
        cases.push(begun.context("starting a case")?);
    }
    close(&runtime).await;
    Ok(cases)
}

/// Timers that have not fired.
async fn waiting(ground: &Ground, url: &str) -> anyhow::Result<u64> {
    ground.count(url, "SELECT count(*) FROM timers").await
}
