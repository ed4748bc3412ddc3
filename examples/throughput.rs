//! How many steps a second: the new-connection procedure of the Tupiza manual, sixteen human steps, through
//! the runtime onto a SQLite file on disk, each step acknowledged after its commit.
//!
//! `cargo run --release --example throughput -- [CASES]`; prints a line for 1, 16 and 64 clients. It measures
//! and judges nothing: figures depend on the machine's disk.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tramite::diagnostic::{Diagnostics, Sources};
use tramite::drive::Driver;
use tramite::engine::{Actor, Command, State};
use tramite::expression::Map;
use tramite::library::{Library, collect};
use tramite::runtime::{Clock, Runtime};
use tramite::store::Store;

/// What is typed and chosen at one step, and by whom.
struct Line {
    role: String,
    submission: Map,
    choice: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cases: usize = std::env::args().nth(1).map_or(Ok(256), |count| count.parse())?;
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut unread) = (Diagnostics::default(), Sources::default());
    let files = collect(&[root.join("workflows"), root.join("forms")], &mut found, &mut unread)?;
    let library = Library::read(&files, &mut found);
    let folder = tempfile::tempdir()?;
    println!("{:>7}  {:>9}  {:>10}  {:>10}", "clients", "steps/s", "p50", "p99");
    for clients in [1, 16, 64] {
        let path = folder.path().join(format!("{clients}.db"));
        let store = Store::open(&path.to_string_lossy()).await?;
        let runtime = Runtime::start(store, Clock::System).await?;
        runtime.publish(&library, "tupiza").await?;
        let script = Arc::new(record(&library, &runtime).await?);
        measure(&runtime, &script, clients, cases.max(clients)).await?;
        runtime.shutdown().await;
        runtime.store().close().await;
    }
    Ok(())
}

fn anybody(role: &str, _: &BTreeSet<String>) -> Actor {
    Actor { id: role.to_owned(), name: role.to_owned(), roles: BTreeSet::from([role.to_owned()]) }
}

/// One case worked with sample data: what the clients will type again and again.
async fn record(
    library: &Library,
    runtime: &Runtime,
) -> Result<Vec<Line>, Box<dyn std::error::Error>> {
    let executable = library.executable("tupiza/registro").ok_or("tupiza/registro is shipped")?;
    let mut driver = Driver {
        runtime,
        executable: &executable,
        seed: 1,
        wishes: Vec::new(),
        fixed: Vec::new(),
        actor: &anybody,
    };
    let ape = anybody("ape", &BTreeSet::new());
    let mut case = runtime.start_case(&ape, "tupiza", "registro", None).await?;
    let mut script = Vec::new();
    while let Some((task, role, place)) = open(&case.state, |step| executable.place(step)) {
        let turn = driver.turn(&case.state, place).await?;
        let command = Command::CompleteTask {
            task,
            submission: turn.submission.clone(),
            choice: turn.choice.clone(),
        };
        let actor = anybody(&role, &BTreeSet::new());
        case = runtime.handle(&actor, &case.case, command, None).await?;
        script.push(Line { role, submission: turn.submission, choice: turn.choice });
    }
    Ok(script)
}

/// The open task, its role and its step's place.
fn open(state: &State, place: impl Fn(&str) -> Option<usize>) -> Option<(u32, String, usize)> {
    let (task, open) = state.tasks.iter().next()?;
    Some((*task, open.role.clone(), place(&open.step)?))
}

async fn measure(
    runtime: &Runtime,
    script: &Arc<Vec<Line>>,
    clients: usize,
    cases: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let mut work = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (runtime, script) = (runtime.clone(), Arc::clone(script));
        work.spawn(async move { client(&runtime, &script, cases / clients).await });
    }
    let mut times: Vec<Duration> = Vec::new();
    while let Some(done) = work.join_next().await {
        times.extend(done??);
    }
    let seconds = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let rate = times.len() as f64 / seconds;
    println!("{clients:>7}  {rate:>9.0}  {:>10.2?}  {:>10.2?}", at(50), at(99));
    Ok(())
}

/// Works some cases from beginning to end; how long each step took.
async fn client(
    runtime: &Runtime,
    script: &[Line],
    cases: usize,
) -> Result<Vec<Duration>, tramite::runtime::Refusal> {
    let mut times = Vec::with_capacity(cases * script.len());
    let ape = anybody("ape", &BTreeSet::new());
    for _ in 0..cases {
        let case = runtime.start_case(&ape, "tupiza", "registro", None).await?.case;
        for (task, line) in (1..).zip(script) {
            let command = Command::CompleteTask {
                task,
                submission: line.submission.clone(),
                choice: line.choice.clone(),
            };
            let actor = anybody(&line.role, &BTreeSet::new());
            let began = Instant::now();
            runtime.handle(&actor, &case, command, None).await?;
            times.push(began.elapsed());
        }
    }
    Ok(times)
}
