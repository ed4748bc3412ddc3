//! `tramite bench`: how fast this is on this machine and this disk, and how near to what the database
//! itself can do.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::Outcome;
use crate::bench::machine::Machine;
use crate::bench::{self, Plan};

#[derive(Debug, Args)]
pub struct Bench {
    /// An empty PostgreSQL database, `postgres://user:password@host/database`: its rows stay there.
    /// SQLite in files of its own when not said
    #[arg(long = "database", value_name = "URL")]
    database: Option<String>,
    /// Where SQLite's files are made, and removed in the end; it should be on the disk that counts
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// How many work side by side; measured one after another
    #[arg(long, value_delimiter = ',', default_value = "1,16,64", value_name = "NUMBERS")]
    clients: Vec<usize>,
    /// How long each measurement takes
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    seconds: u64,
    /// Over HTTP, too: the JSON API with session and access check
    #[arg(long)]
    http: bool,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// More would only wait in the runtime's queue, and be refused.
const MOST_CLIENTS: usize = 512;

impl Bench {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let is_postgres = |url: &String| url.starts_with("postgres");
        anyhow::ensure!(
            self.database.as_ref().is_none_or(is_postgres),
            "SQLite is measured in files of its own: say where with --folder"
        );
        anyhow::ensure!(
            self.clients.iter().all(|clients| (1..=MOST_CLIENTS).contains(clients)),
            "there are from 1 to {MOST_CLIENTS} clients"
        );
        anyhow::ensure!(self.seconds > 0, "a measurement takes a second at least");
        let folder = Temporary::below(&self.folder)?;
        let machine = Machine::look(&folder.0);
        match &self.database {
            Some(_) => eprintln!("in the given database; its rows stay there"),
            None => {
                let place = self.folder.display();
                eprintln!("SQLite in files below {place}, on {}", machine.file_system);
                if machine.is_in_memory() {
                    eprintln!("warning: that is memory and no disk; commits cost nothing there");
                }
            }
        }
        let plan = Plan {
            postgres: self.database,
            folder: folder.0.clone(),
            clients: self.clients,
            time: Duration::from_secs(self.seconds),
            with_http: self.http,
        };
        let report = super::block_on(bench::run(&plan, |what| eprintln!("{what} …")))?;
        if self.json {
            out!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            out!("{}", report.to_string().trim_end());
        }
        Ok(Outcome::Fine)
    }
}

/// A folder that goes away with everything in it.
struct Temporary(PathBuf);

impl Temporary {
    fn below(folder: &Path) -> anyhow::Result<Self> {
        let own = folder.join(format!("tramite-bench-{}", std::process::id()));
        fs::create_dir(&own).with_context(|| format!("making {}", own.display()))?;
        Ok(Self(own))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Whoever stopped us removes what is left.
        let _ = fs::remove_dir_all(&self.0);
    }
}
