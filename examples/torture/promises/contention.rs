//! P14: sixteen writers on one database, some of them servers, some commands of an operator; on
//! PostgreSQL with every transaction serializable. Nobody is told that the database is locked, or
//! asked to try again.

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, ensure};
use tokio::task::JoinSet;
use tramite::runtime::Runtime;

use super::Plan;
use super::audit::well;
use super::ground::{Ground, close, engine, office};
use super::office::{ORGANISATION, Office, PASSWORD, PROCEDURE, actor, complete, login};
use super::server::tramite;

/// Clients of each server.
const CLIENTS: usize = 4;

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let ground = Ground::new(plan.on_postgres)?;
    let url = ground.database("contention");
    if let Some(cluster) = ground.cluster {
        let name = url.rsplit('/').next().context("a name")?;
        let set = format!("ALTER DATABASE {name} SET default_transaction_isolation = serializable");
        cluster.sql("postgres", &set).map_err(anyhow::Error::msg)?;
    }
    let here = Office::open(Some(url.clone()), false, 0).await?;
    let mut runtimes = vec![office(&url).await?];
    // A quarter of the writers are commands.
    let commands = (plan.clients / 4).max(1);
    while runtimes.len() < plan.clients - commands {
        runtimes.push(engine(&url).await?);
    }
    let each = plan.cases / runtimes.len() / CLIENTS;
    let mut clients = JoinSet::new();
    for (place, runtime) in runtimes.iter().enumerate() {
        for client in 0..CLIENTS {
            clients.spawn(work(runtime.clone(), place * CLIENTS + client, each));
        }
    }
    let mut people = JoinSet::new();
    let folder = here.folder.path().to_owned();
    for client in 0..commands {
        let (url, folder, rounds) = (url.clone(), folder.clone(), plan.rounds);
        people.spawn_blocking(move || (0..rounds).try_for_each(|_| save(&url, &folder, client)));
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    while let Some(done) = people.join_next().await {
        done??;
    }
    well(&runtimes[0]).await?;
    let (cases, servers) = (each * runtimes.len() * CLIENTS, runtimes.len());
    for runtime in &runtimes {
        close(runtime).await;
    }
    Ok(format!(
        "{}: {servers} servers with {CLIENTS} clients each and {commands} × {} `people save`: {cases} \
         cases, none refused, none told to try again, doctor and verify clean",
        if plan.on_postgres { "PostgreSQL, serializable" } else { "SQLite, one file" },
        plan.rounds,
    ))
}

/// Nothing is asked twice here: whatever is refused fails the run.
async fn work(runtime: Runtime, client: usize, cases: usize) -> anyhow::Result<()> {
    let actor = actor(client);
    for case in 0..cases {
        let begun = runtime.start_case(&actor, ORGANISATION, PROCEDURE, None).await;
        let begun = begun.context("starting a case")?;
        for task in 1..=2 {
            // A row that everybody saves.
            let card = if case % 2 == 0 { "everybody".to_owned() } else { format!("{client}") };
            let done = runtime.handle(&actor, &begun.case, complete(task, &card), None).await;
            done.with_context(|| format!("task {task} of {}", begun.case))?;
        }
        let session = format!("session-{client}");
        let saved = runtime.store().session_save(&session, "{}", i64::MAX).await;
        saved.context("saving a session")?;
    }
    Ok(())
}

fn save(url: &str, folder: &std::path::Path, client: usize) -> anyhow::Result<()> {
    let mut command = tramite()?;
    command.args(["people", "save", ORGANISATION, &login(client), "--name", "Somebody"]);
    command.args(["--role", "clerk", "--password", "--database", url, "-C"]).arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    writeln!(child.stdin.take().context("piped")?, "{PASSWORD}")?;
    let done = child.wait_with_output()?;
    ensure!(done.status.success(), "people save: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
