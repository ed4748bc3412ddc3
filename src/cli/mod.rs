//! The command line. Data goes to stdout, talk to stderr.
//!
//! One file per subcommand; `config` resolves flags, environment and defaults once.

/// `println!` that ends quietly when nobody reads on (`tramite journal 7 | head`).
macro_rules! out {
    ($($argument:tt)*) => { $crate::cli::print_line(format_args!($($argument)*)) };
}

mod anchors;
mod archive;
mod backup;
mod bench;
mod check;
mod config;
mod diagram;
mod doctor;
mod explain;
mod export;
mod import;
mod journal;
mod machines;
mod partial;
mod people;
mod play;
mod report;
mod restore;
mod schema;
mod serve;
mod verify;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// How a command ended: what the shell sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 0
    Fine,
    /// 1: the files have faults, or the engine refused.
    Findings,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fine => Self::SUCCESS,
            Outcome::Findings => Self::from(1),
        }
    }
}

/// Runs the written procedures of public utilities.
#[derive(Debug, Parser)]
#[command(name = "tramite", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check procedures, forms and documents; tell everything that is wrong
    Check(check::Check),
    /// Explain a code that `check` printed
    Explain(explain::Explain),
    /// Work a case in the terminal
    Play(play::Play),
    /// Print the JSON Schemas of the files, for editors
    Schema(schema::Schema),
    /// Draw a procedure as swim lanes
    Diagram(diagram::Diagram),
    /// Write a procedure for another tool
    Export(export::Export),
    /// Make a procedure from another tool's file
    Import(import::Import),
    /// Serve the web application
    Serve(serve::Serve),
    /// Say who may sign in, and with which roles
    People(people::People),
    /// Print the journal of a case
    Journal(journal::Journal),
    /// Make a report over many cases, as an Excel file or PDF
    Report(report::Report),
    /// Examine every case: is it waiting for something, does its journal replay?
    Doctor(doctor::Doctor),
    /// Copy the database, also while a server works on it
    Backup(backup::Backup),
    /// Make a database from a backup, once it has been examined
    Restore(restore::Restore),
    /// Find lines of the journals that are not as they were written
    Verify(verify::Verify),
    /// Move closed cases whose retention has passed into a file with proof, out of the database
    Archive(archive::Archive),
    /// Measure how fast this is here, beside what the database itself can do
    Bench(bench::Bench),
}

/// Parses the arguments and runs the subcommand. Usage errors end in clap, with code 2.
pub fn run() -> anyhow::Result<Outcome> {
    match Arguments::parse().command {
        Command::Check(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Play(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Diagram(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::People(command) => command.run(),
        Command::Journal(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Archive(command) => command.run(),
        Command::Bench(command) => command.run(),
    }
}

/// Runs a command that waits for the database or the network.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // As large as the main thread's: parsers recurse.
        .thread_stack_size(8 << 20)
        .build()?
        .block_on(work)
}

/// Writes a file that must not be there yet, unless somebody wants it written over.
fn write(path: &std::path::Path, bytes: &[u8], force: bool) -> anyhow::Result<()> {
    use std::io::Write;

    use anyhow::Context;
    if force {
        return std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()));
    }
    let made = std::fs::File::create_new(path).and_then(|mut file| file.write_all(bytes));
    made.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => anyhow::anyhow!(
            "{} is there already, and is not written over; --force writes over it",
            path.display()
        ),
        _ => anyhow::Error::new(error).context(format!("writing {}", path.display())),
    })
}

/// A line of data. A reader that has gone away is no error; a full disk is.
fn print_line(line: std::fmt::Arguments<'_>) {
    use std::io::Write;
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        eprintln!("error: writing the output: {error}");
        std::process::exit(2);
    }
}
