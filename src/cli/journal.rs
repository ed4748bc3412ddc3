//! `tramite journal`: what happened in a case.

use clap::Args;

use super::Outcome;
use super::config::Database;
use crate::engine::Record;
use crate::store::Store;

#[derive(Debug, Args)]
pub struct Journal {
    /// A case's number or id
    case: String,
    /// One JSON object an entry
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
}

impl Journal {
    pub fn run(self) -> anyhow::Result<Outcome> {
        super::block_on(async {
            let store = Store::open_existing(self.database.existing()?).await?;
            let Some(case) = store.find_case(None, &self.case).await? else {
                return Err(super::archive::missing(&store, &self.case).await?);
            };
            for record in store.journal(&case).await? {
                if self.json {
                    out!("{}", serde_json::to_string(&record)?);
                } else {
                    out!("{}", line(&record)?);
                }
            }
            store.close().await;
            Ok(Outcome::Fine)
        })
    }
}

/// Number, time, person, kind, and the rest as it is kept.
fn line(record: &Record) -> serde_json::Result<String> {
    let mut body = serde_json::to_value(&record.entry)?;
    if let Some(map) = body.as_object_mut() {
        map.remove("entry");
        // Frozen data is long and not for reading; --json has it.
        map.remove("frozen");
    }
    Ok(format!(
        "{:>4}  {}  {:<24}  {:<18}  {body}",
        record.seq,
        record.at,
        record.actor_name,
        record.entry.kind(),
    ))
}
