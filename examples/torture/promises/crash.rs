//! P1: kill -9 of the server at random moments of the work of 16 clients. Nothing that was
//! acknowledged is lost or done twice, and the server is back soon.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::ensure;
use tokio::task::JoinSet;

use super::Plan;
use super::audit::audit;
use super::chance::Chance;
use super::desk::Desk;
use super::ledger::{Ledger, list};
use super::office::Office;
use super::server::{Server, free_port, tramite, url};

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let office = Office::open(None, true, plan.clients).await?;
    let port = free_port()?;
    let mut server = Server::start(&office, port)?;
    let mut ready = vec![server.ready().await?];
    let (ledger, closing) = (Arc::new(Ledger::default()), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for number in 0..plan.clients {
        let urls = Arc::new(vec![url(port)]);
        let desk = Desk::new(number, plan.seed, &urls, &ledger)?;
        clients.spawn(work(desk, Arc::clone(&closing)));
    }
    let mut chance = Chance::new(plan.seed, 0);
    for _ in 0..plan.rounds {
        // Not at a moment of the clock but of the work, and a little later.
        let enough = ledger.count() + chance.below(150);
        while ledger.count() < enough {
            ensure!(!stopped(&mut clients).await?, "the clients stopped by themselves");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_micros(chance.below(20_000) as u64)).await;
        server.kill()?;
        server = Server::start(&office, port)?;
        ready.push(server.ready().await?);
    }
    closing.store(true, Ordering::SeqCst);
    while !stopped(&mut clients).await? {}
    server.kill()?;
    for command in ["doctor", "verify"] {
        let done = tramite()?.args([command, "--database"]).arg(&office.database).output()?;
        ensure!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stdout));
    }
    audit(&office.database, &ledger).await?;
    ready.sort_unstable();
    Ok(format!(
        "{} kills under {} clients: {} acknowledged steps in {} cases, 0 lost, 0 doubled; ready again \
         after {:.2?} at worst, {:.2?} in the middle; answers that were none: {}",
        plan.rounds,
        plan.clients,
        ledger.count(),
        ledger.cases().len(),
        ready[ready.len() - 1],
        ready[ready.len() / 2],
        list(&ledger.failures()),
    ))
}

async fn work(mut desk: Desk, closing: Arc<AtomicBool>) -> anyhow::Result<()> {
    desk.sign_in().await?;
    let mut round = 0;
    while !closing.load(Ordering::SeqCst) {
        desk.work(round).await?;
        round += 1;
    }
    Ok(())
}

/// Whether all clients have ended; fails as soon as one did.
pub async fn stopped(clients: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<bool> {
    let patience = Duration::from_millis(1);
    while let Ok(ended) = tokio::time::timeout(patience, clients.join_next()).await {
        let Some(ended) = ended else { return Ok(true) };
        ended??;
    }
    Ok(clients.is_empty())
}
