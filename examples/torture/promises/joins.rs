//! P9: cases with two to eight branches whose last tasks are completed at the same instant, by
//! different servers. The join fires exactly once.

use std::fmt::Write;
use std::sync::Arc;

use anyhow::{Context, ensure};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tramite::diagnostic::Diagnostics;
use tramite::engine::{CaseStatus, Command, Entry};
use tramite::expression::Map;
use tramite::library::{Files, Library};
use tramite::runtime::{Handled, Refusal, Runtime};

use super::Plan;
use super::audit::well;
use super::ground::{Ground, close, engine};
use super::office::actor;

const ORGANISATION: &str = "joins";

/// Servers over one database.
const SERVERS: usize = 3;

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let ground = Ground::new(plan.on_postgres)?;
    let url = ground.database("joins");
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        servers.push(engine(&url).await?);
    }
    let files = Files::from([("workflows/joins.yaml".to_owned(), text())]);
    let library = Library::read(&files, &mut Diagnostics::default());
    servers[0].publish(&library, ORGANISATION).await?;
    let mut clients = JoinSet::new();
    for client in 0..plan.clients {
        let (servers, own) = (servers.clone(), (client..plan.cases).step_by(plan.clients));
        clients.spawn(async move {
            for place in own {
                one(&servers, 2 + place % 7, client).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    well(&servers[0]).await?;
    for server in &servers {
        close(server).await;
    }
    Ok(format!(
        "{}: {} cases of 2 to 8 branches, ended at one instant by {SERVERS} servers under {} \
         clients: every join fired once",
        ground.word(),
        plan.cases,
        plan.clients,
    ))
}

/// One case from its beginning to its end.
async fn one(servers: &[Runtime], branches: usize, client: usize) -> anyhow::Result<()> {
    let (procedure, who) = (format!("join{branches}"), actor(client));
    let begun = servers[client % SERVERS].start_case(&who, ORGANISATION, &procedure, None).await?;
    let tasks: Vec<u32> = begun.state.tasks.keys().copied().collect();
    ensure!(tasks.len() == branches, "{} tasks are open in {branches} branches", tasks.len());
    let together = Arc::new(Barrier::new(branches));
    let mut ending = JoinSet::new();
    for (place, task) in tasks.into_iter().enumerate() {
        let (server, who) = (servers[(client + place) % SERVERS].clone(), who.clone());
        let (together, case) = (Arc::clone(&together), begun.case);
        ending.spawn(async move {
            together.wait().await;
            loop {
                let done = server.handle(&who, &case, complete(task), None).await;
                if !matches!(done, Err(Refusal::Busy)) {
                    return done;
                }
            }
        });
    }
    while let Some(done) = ending.join_next().await {
        done?.context("a branch could not be ended")?;
    }
    let server = &servers[client % SERVERS];
    let row = server.store().case(&begun.case).await?.context("the case")?;
    let last: Vec<u32> = row.state.tasks.keys().copied().collect();
    ensure!(last.len() == 1, "{} tasks are open behind the join", last.len());
    let ended: Handled = server.handle(&who, &begun.case, complete(last[0]), None).await?;
    ensure!(ended.state.status == CaseStatus::Ended, "the case goes on");
    let journal = server.store().journal(&begun.case).await?;
    let count = |is: fn(&Entry) -> bool| journal.iter().filter(|record| is(&record.entry)).count();
    let joined = count(|entry| matches!(entry, Entry::BlockJoined { .. }));
    let ends = count(|entry| matches!(entry, Entry::BranchEnded { .. }));
    ensure!(joined == 1, "the join fired {joined} times");
    ensure!(ends == branches, "{ends} of {branches} branches ended");
    Ok(())
}

fn complete(task: u32) -> Command {
    Command::CompleteTask { task, submission: Map::new(), choice: None }
}

/// A procedure for every number of branches.
fn text() -> String {
    let mut text = "organisation: joins\nname: Joins\nlanguage: en\ntime_zone: UTC\n\
                    roles: { clerk: Clerk }\n"
        .to_owned();
    for branches in 2..=8 {
        // Writing into a String can't fail.
        let _ = write!(
            text,
            "---\nprocedure: join{branches}\ntitle: Join\nstarts: {{ by: clerk }}\nsteps:\n  \
             1:\n    parallel:\n"
        );
        for branch in 0..branches {
            let step = branch + 2;
            let _ =
                writeln!(text, "      b{branch}: {{ {step}: {{ role: clerk, activity: Do. }} }}");
        }
        let _ = writeln!(text, "  20: {{ role: clerk, activity: End. }}");
    }
    text
}
