//! `tramite report`: a report over many cases, as a file or as lines.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::config::Database;
use crate::language::Language;
use crate::report::{Table, pdf, words, xlsx};
use crate::runtime::{Clock, Runtime};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct Report {
    /// `organisation/report`; without the report: which there are
    name: String,
    /// A day of the period that is wanted, 2026-11-23; today when nothing is said
    #[arg(long)]
    day: Option<Date>,
    /// Where the file goes; its name ends in .xlsx or .pdf. Without it: lines with tabs
    #[arg(long, short)]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
}

impl Report {
    pub fn run(self) -> anyhow::Result<Outcome> {
        super::block_on(async {
            let store = Store::open_existing(self.database.existing()?).await?;
            let runtime = Runtime::start(store.clone(), Clock::System).await?;
            let made = self.make(&runtime).await;
            runtime.shutdown().await;
            store.close().await;
            made.map(|()| Outcome::Fine)
        })
    }

    async fn make(&self, runtime: &Runtime) -> anyhow::Result<()> {
        let (organisation, report) = match self.name.split_once('/') {
            Some((organisation, report)) => (organisation, Some(report)),
            None => (self.name.as_str(), None),
        };
        let all = runtime.reports(organisation).await?;
        let names = || {
            let names = all.iter().map(|ready| format!("{organisation}/{}", *ready.report.id));
            names.collect::<Vec<_>>()
        };
        let Some(report) = report else {
            for ready in &all {
                out!("{organisation}/{}\t{}", *ready.report.id, ready.report.title);
            }
            return Ok(());
        };
        let ready = all.iter().find(|ready| *ready.report.id == report).ok_or_else(|| {
            anyhow!("there is no report {}; there are: {}", self.name, names().join(", "))
        })?;
        let today = ready.organisation.calendar.date(runtime.clock().now());
        let table = runtime.make_report(ready, self.day.unwrap_or(today)).await?;
        if let Some(archived) = table.archived_words(&Language::parse(&table.language)) {
            eprintln!("{archived}");
        }
        match &self.output {
            Some(path) => write(&table, path),
            None => {
                tell(&table);
                Ok(())
            }
        }
    }
}

fn write(table: &Table, path: &Path) -> anyhow::Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let bytes = match ending {
        Some("xlsx") => xlsx(table)?,
        Some("pdf") => pdf(table)?,
        _ => bail!("{}: the file's name must end in .xlsx or .pdf", path.display()),
    };
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("{}: {} rows", path.display(), table.count());
    Ok(())
}

/// One line a row, its cells apart by tabs, under a line of heads.
fn tell(table: &Table) {
    let language = Language::parse(&table.language);
    let heads: Vec<&str> = table.columns.iter().map(|head| head.label.as_str()).collect();
    out!("{}", heads.join("\t"));
    for row in table.sections.iter().flat_map(|section| &section.rows) {
        let cells = row.iter().zip(&table.columns).map(|(cell, head)| {
            let cell = words(cell, head.style, &language, &table.currency_symbol);
            cell.replace(['\t', '\n', '\r'], " ")
        });
        out!("{}", cells.collect::<Vec<_>>().join("\t"));
    }
}
