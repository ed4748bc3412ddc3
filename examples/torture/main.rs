//! Tries to break the promises, at length: `cargo run --release --example torture -- NAME`.
//!
//! Prints a line of figures, or says what was broken and with which seed, and ends with 1. The
//! short runs of the same code are tests: `tests/it/torture.rs`. What is promised and what was
//! measured stands in `docs/reliability.md`.

mod promises;

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};

use promises::server::AS_TRAMITE;
use promises::{
    Plan, backup, claims, contention, crash, determinism, fixture, joins, poison, servers, timers,
};

/// As in `tramite` itself, whose part this program plays.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// kill -9 of a server on SQLite, under clients
    Crash,
    /// Three servers on PostgreSQL, killed; and the database
    Servers,
    /// Many clients race for the same tasks
    Claims,
    /// One case in a hundred is poison
    Poison,
    /// Hot copies under load
    Backup,
    /// Sixteen writers on one database
    Contention,
    /// The same commands on both databases, with crashes
    Determinism,
    /// Branches that end at the same instant on several servers
    Joins,
    /// Very many timers due at one instant, and servers killed while they fire them
    Timers,
    /// Makes the database of this release for `tests/fixtures`
    Fixture,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// Tries to break a promise.
#[derive(Debug, Parser)]
struct Arguments {
    name: Name,
    /// How often something is killed, copied or gone through
    #[arg(long, visible_alias = "kills", value_name = "N")]
    rounds: Option<usize>,
    #[arg(long, value_name = "N")]
    cases: Option<usize>,
    #[arg(long, value_name = "N")]
    clients: Option<usize>,
    /// Of a run that is to be repeated; else by chance
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// The file that `fixture` makes
    #[arg(long, default_value = "tests/fixtures/office-0.1.0.db")]
    file: String,
}

fn main() -> ExitCode {
    if std::env::var_os(AS_TRAMITE).is_some() {
        return match tramite::cli::run() {
            Ok(outcome) => outcome.into(),
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::from(2)
            }
        };
    }
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| uuid::Uuid::now_v7().as_u64_pair().1 & 0xffff_ffff);
    let plan = plan(&arguments, seed);
    eprintln!("{:?}, {plan:?}", arguments.name);
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // As large as `tramite`'s.
        .thread_stack_size(8 << 20)
        .build()
        .expect("threads can be made");
    match runtime.block_on(run(arguments.name, plan, &arguments.file)) {
        Ok(figures) => {
            println!("{:?} (seed {seed}, {:.0?}): {figures}", arguments.name, began.elapsed());
            ExitCode::SUCCESS
        }
        Err(broken) => {
            println!("{:?} (seed {seed}): BROKEN: {broken:#}", arguments.name);
            ExitCode::FAILURE
        }
    }
}

/// What is tried when nothing is said.
fn plan(arguments: &Arguments, seed: u64) -> Plan {
    let (rounds, cases, clients) = match arguments.name {
        Name::Crash => (30, 0, 16),
        Name::Servers => (0, 10_000, 64),
        Name::Claims => (0, 10_000, 64),
        Name::Poison => (0, 10_000, 16),
        Name::Backup => (20, 0, 16),
        Name::Contention => (10, 4_800, 16),
        Name::Determinism => (50, 0, 1),
        Name::Joins => (0, 10_000, 16),
        Name::Timers => (10, 100_000, 64),
        Name::Fixture => (0, 0, 0),
    };
    Plan {
        seed,
        rounds: arguments.rounds.unwrap_or(rounds),
        cases: arguments.cases.unwrap_or(cases),
        clients: arguments.clients.unwrap_or(clients),
        on_postgres: arguments.database == Database::Postgres,
    }
}

async fn run(name: Name, plan: Plan, file: &str) -> anyhow::Result<String> {
    match name {
        Name::Crash => crash::run(plan).await,
        Name::Servers => servers::run(plan).await,
        Name::Claims => claims::run(plan).await,
        Name::Poison => poison::run(plan).await,
        Name::Backup => backup::run(plan).await,
        Name::Contention => contention::run(plan).await,
        Name::Determinism => determinism::run(plan).await,
        Name::Joins => joins::run(plan).await,
        Name::Timers => timers::run(plan).await,
        Name::Fixture => fixture::make(file).await,
    }
}
