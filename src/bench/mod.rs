//! What tramite is measured with: a procedure of a usual size, people who work it without thinking, and
//! the limit to compare with — the same rows written by hand. Called by `tramite bench` and `benches/`.
//!
//! Figures of a machine say little by themselves; so each is told with the limit that was measured in
//! the same run on the same disk ([`store::Raw`](crate::store::Raw)), and what counts is the ratio.

pub mod machine;
pub mod reference;
pub mod report;

mod bare;
mod clients;
mod http;
mod load;
mod raw;
mod script;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use self::machine::Machine;
use self::report::{Line, Report};
use self::script::Script;
use crate::runtime::{Clock, Runtime};
use crate::store::Store;

/// Cases that are recorded: enough for each of 64 clients to begin with one of its own.
const RECORDED: usize = 200;

/// Steps in one transaction, as many as the runtime takes together.
const TOGETHER: usize = 64;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// None: SQLite, in a file of its own for each measurement.
    pub postgres: Option<String>,
    /// Where these files are made; it must be on a disk.
    pub folder: PathBuf,
    pub clients: Vec<usize>,
    /// How long each measurement takes.
    pub time: Duration,
    pub with_http: bool,
}

/// Measures everything, one after another; `tell` hears what comes next.
pub async fn run(plan: &Plan, tell: impl Fn(&str)) -> anyhow::Result<Report> {
    tell("recording the steps of 200 cases");
    let script = Arc::new(script::record(RECORDED).await?);
    let bench = Bench { plan, script };
    let mut report = Report::new(bench.product().await?, Machine::look(&plan.folder));
    bench.limits(&mut report, &tell).await?;
    bench.clients(&mut report, &tell).await?;
    if plan.with_http {
        bench.http(&mut report, &tell).await?;
    }
    report.peak_memory = machine::peak_memory();
    report.compare(plan.postgres.is_some());
    Ok(report)
}

struct Bench<'a> {
    plan: &'a Plan,
    script: Arc<Script>,
}

impl Bench<'_> {
    /// An engine over a database where the reference procedure is published: a new one with SQLite.
    async fn open(&self, name: &str) -> anyhow::Result<Runtime> {
        let url = match &self.plan.postgres {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.plan.folder.join(name).display()),
        };
        let runtime = Runtime::start(Store::open(&url).await?, Clock::System).await?;
        runtime.publish(&reference::library(), script::ORGANISATION).await?;
        Ok(runtime)
    }

    async fn product(&self) -> anyhow::Result<String> {
        let runtime = self.open("empty.db").await?;
        if self.plan.postgres.is_some() && runtime.store().has_cases().await? {
            anyhow::bail!(
                "this database has cases in it: name an empty one, for its rows stay there"
            );
        }
        let product = runtime.store().product().await?;
        close(runtime).await;
        Ok(product)
    }

    async fn limits(&self, report: &mut Report, tell: &impl Fn(&str)) -> anyhow::Result<()> {
        let together = if self.plan.postgres.is_some() { 2 } else { 1 };
        for (what, lanes, steps) in
            [(report::RAW_ALONE, 1_u16, 1), (report::RAW_TOGETHER, together, TOGETHER)]
        {
            tell(what);
            let runtime = self.open(&format!("raw-{steps}.db")).await?;
            let script = &self.script;
            let measured = raw::run(runtime.store(), script, lanes, steps, self.plan.time).await?;
            close(runtime).await;
            report.lines.push(Line::new(what, usize::from(lanes) * steps, &measured));
        }
        Ok(())
    }

    async fn clients(&self, report: &mut Report, tell: &impl Fn(&str)) -> anyhow::Result<()> {
        for clients in &self.plan.clients {
            tell(&format!("{}, {clients} clients", report::RUNTIME));
            let runtime = self.open(&format!("runtime-{clients}.db")).await?;
            let before = runtime.store().bytes().await?;
            let measured = load::run(&runtime, &self.script, *clients, self.plan.time).await?;
            let after = runtime.store().bytes().await?;
            report.bytes_per_case =
                after.saturating_sub(before).checked_div(measured.cases).unwrap_or_default();
            report.memory = machine::memory();
            close(runtime).await;
            report.lines.push(Line::new(report::RUNTIME, *clients, &measured));
        }
        Ok(())
    }

    async fn http(&self, report: &mut Report, tell: &impl Fn(&str)) -> anyhow::Result<()> {
        let (clients, time) =
            (self.plan.clients.iter().max().copied().unwrap_or(1), self.plan.time);
        tell(report::BARE);
        let runtime = self.open("bare.db").await?;
        let measured = bare::run(runtime.store(), &self.script, clients, time).await?;
        close(runtime).await;
        report.lines.push(Line::new(report::BARE, clients, &measured));
        for clients in &self.plan.clients {
            tell(&format!("{}, {clients} clients", report::HTTP));
            let runtime = self.open(&format!("http-{clients}.db")).await?;
            let measured = http::run(&runtime, &self.script, *clients, time).await?;
            close(runtime).await;
            report.lines.push(Line::new(report::HTTP, *clients, &measured));
        }
        Ok(())
    }
}

async fn close(runtime: Runtime) {
    runtime.shutdown().await;
    runtime.store().close().await;
}
