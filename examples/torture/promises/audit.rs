//! The reckoning after a run: is everything there that was acknowledged, once, and is every case
//! well?

use std::collections::BTreeSet;

use anyhow::ensure;
use tramite::engine::{Entry, replay};
use tramite::runtime::{Clock, Runtime};
use tramite::store::Store;

use super::ledger::{Ledger, Told};

/// Compares the database with what the clients were told. All of them have finished: no case may be
/// there that nobody was told of.
pub async fn audit(url: &str, ledger: &Ledger) -> anyhow::Result<()> {
    let store = Store::open(url).await?;
    let runtime = Runtime::start(store, Clock::System).await?;
    let told = ledger.cases();
    for (case, told) in &told {
        let different: BTreeSet<&Told> = told.iter().collect();
        ensure!(different.len() == told.len(), "case {case}: told twice: {told:?}");
        let journal = runtime.store().journal(case).await?;
        let row = runtime.store().case(case).await?;
        let row = row.ok_or_else(|| anyhow::anyhow!("case {case} is lost: {told:?}"))?;
        let done: Vec<Told> = journal.iter().filter_map(|record| done(&record.entry)).collect();
        for told in told {
            let times = done.iter().filter(|done| *done == told).count();
            ensure!(times == 1, "case {case}: {told:?} was acknowledged, and done {times} times");
        }
        ensure!(done.len() == told.len(), "case {case}: {told:?} were told, {done:?} were done");
        ensure!(replay(&journal) == *row.state, "case {case} does not replay to its state");
    }
    let ends = runtime.anchors().await?;
    ensure!(ends.len() == told.len(), "{} cases were told, {} are there", told.len(), ends.len());
    gapless(ends.iter().map(|end| end.number.as_str()))?;
    well(&runtime).await?;
    runtime.shutdown().await;
    runtime.store().close().await;
    Ok(())
}

/// Neither the doctor nor the chain of hashes finds anything.
pub async fn well(runtime: &Runtime) -> anyhow::Result<()> {
    let ailments = runtime.doctor().await?;
    ensure!(ailments.is_empty(), "{} ailments, first {:?}", ailments.len(), ailments[0]);
    let breaches = runtime.verify(None, &[]).await?;
    ensure!(breaches.is_empty(), "{} breaches, first {:?}", breaches.len(), breaches[0]);
    Ok(())
}

fn done(entry: &Entry) -> Option<Told> {
    match entry {
        Entry::CaseStarted { .. } => Some(Told::Started),
        Entry::TaskClaimed { task, .. } => Some(Told::Claimed(*task)),
        Entry::TaskCompleted { task, .. } => Some(Told::Completed(*task)),
        _ => None,
    }
}

/// Numbers of cases, `2026-00017`, from the first on; a run over New Year's Eve begins anew.
fn gapless<'a>(numbers: impl Iterator<Item = &'a str>) -> anyhow::Result<()> {
    let mut all: Vec<(&str, u64)> = Vec::new();
    for number in numbers {
        let (year, counter) = number.rsplit_once('-').unwrap_or(("", number));
        all.push((year, counter.parse()?));
    }
    all.sort_unstable();
    for two in all.windows(2) {
        let follows = two[1].0 != two[0].0 || two[1].1 == two[0].1 + 1;
        ensure!(follows, "the cases' numbers are not gapless: {two:?}");
    }
    ensure!(all.first().is_none_or(|first| first.1 == 1), "the first number is {:?}", all[0]);
    Ok(())
}
