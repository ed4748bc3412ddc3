//! `tramite doctor`: is every case well?

use clap::Args;
use serde_json::json;

use super::Outcome;
use super::config::Database;
use crate::runtime::{Clock, Runtime};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct Doctor {
    /// One JSON object an ailment
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Doctor {
    pub fn run(self) -> anyhow::Result<Outcome> {
        super::block_on(async {
            let store = Store::open_existing(self.database.existing()?).await?;
            let runtime = Runtime::start(store, Clock::System).await?;
            let ailments = runtime.doctor().await?;
            for ailment in &ailments {
                if self.json {
                    let case = ailment.case.map(|case| case.to_string());
                    out!(
                        "{}",
                        json!({ "case": case, "number": ailment.number, "what": ailment.what })
                    );
                } else {
                    out!("{}  {}", ailment.number, ailment.what);
                }
            }
            runtime.shutdown().await;
            if ailments.is_empty() {
                eprintln!("every case is well");
                return Ok(Outcome::Fine);
            }
            eprintln!("{} ailment(s)", ailments.len());
            Ok(Outcome::Findings)
        })
    }
}
