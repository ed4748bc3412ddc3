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
#[cfg(test)]
mod tests;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use self::clients::Measured;
use self::machine::Machine;
use self::report::{Line, Report};
use self::script::Script;
use crate::runtime::{Clock, Runtime};
use crate::store::Store;

/// Cases that are recorded: enough for each of 64 clients to begin with one of its own. Twenty have each
/// way through the procedure.
const RECORDED: usize = if cfg!(test) { 20 } else { 200 };

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

/// Rounds in which everything is measured in turn. A disk that others use is fast and slow by the
/// minute; what is compared should have seen the same minutes.
const ROUNDS: u32 = 3;

/// Something to be measured, and under which name it is told.
#[derive(Debug, Clone, Copy)]
struct Course {
    what: &'static str,
    clients: usize,
}

/// Measures everything, round by round; `tell` hears what comes next.
pub async fn run(plan: &Plan, tell: impl Fn(&str)) -> anyhow::Result<Report> {
    tell("recording the steps of some cases");
    let script = Arc::new(script::record(RECORDED).await?);
    let mut bench = Bench { plan, script, files: 0 };
    let mut report = Report::new(bench.product().await?, Machine::look(&plan.folder));
    let courses = courses(plan);
    let mut measured = vec![Measured::default(); courses.len()];
    for round in 1..=ROUNDS {
        for (course, sum) in courses.iter().zip(&mut measured) {
            tell(&format!("{round}/{ROUNDS}  {}, {}", course.what, course.clients));
            sum.add(bench.take(*course, &mut report).await?);
        }
    }
    let lines = courses.iter().zip(&mut measured);
    report.lines = lines.map(|(course, sum)| Line::of(course.what, course.clients, sum)).collect();
    report.peak_memory = machine::peak_memory();
    report.compare(plan.postgres.is_some());
    Ok(report)
}

fn courses(plan: &Plan) -> Vec<Course> {
    let course = |what| move |clients: &usize| Course { what, clients: *clients };
    // SQLite lets one write at a time; over PostgreSQL the runtime has two lanes as well.
    let together = if plan.postgres.is_some() { 2 * TOGETHER } else { TOGETHER };
    let mut courses = vec![
        Course { what: report::RAW_ALONE, clients: 1 },
        Course { what: report::RAW_TOGETHER, clients: together },
    ];
    courses.extend(plan.clients.iter().map(course(report::RUNTIME)));
    if plan.with_http {
        courses.extend(plan.clients.iter().max().map(course(report::BARE)));
        courses.extend(plan.clients.iter().map(course(report::HTTP)));
    }
    courses
}

struct Bench<'a> {
    plan: &'a Plan,
    script: Arc<Script>,
    /// SQLite's files that were made.
    files: u32,
}

impl Bench<'_> {
    /// An engine over a database where the reference procedure is published: a new one with SQLite.
    async fn open(&mut self) -> anyhow::Result<Runtime> {
        self.files += 1;
        let file = self.plan.folder.join(format!("{}.db", self.files));
        let url = match &self.plan.postgres {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", file.display()),
        };
        let runtime = Runtime::start(Store::open(&url).await?, Clock::System).await?;
        runtime.publish(&reference::library(), script::ORGANISATION).await?;
        Ok(runtime)
    }

    async fn product(&mut self) -> anyhow::Result<String> {
        let runtime = self.open().await?;
        if self.plan.postgres.is_some() && runtime.store().has_cases().await? {
            anyhow::bail!(
                "this database has cases in it; an empty one is wanted, for rows stay there"
            );
        }
        let product = runtime.store().product().await?;
        close(runtime).await;
        Ok(product)
    }

    /// A round of one course.
    async fn take(&mut self, course: Course, report: &mut Report) -> anyhow::Result<Measured> {
        let runtime = self.open().await?;
        let (store, script, clients) = (runtime.store(), &self.script, course.clients);
        let time = self.plan.time / ROUNDS;
        let measured = match course.what {
            report::RAW_ALONE => raw::run(store, script, raw::ALONE, 1, time).await?,
            report::RAW_TOGETHER => {
                let lanes = raw::TOGETHER.start..raw::TOGETHER.start + (clients / TOGETHER) as u16;
                raw::run(store, script, lanes, TOGETHER, time).await?
            }
            report::BARE => bare::run(store, script, clients, time).await?,
            report::HTTP => http::run(&runtime, script, clients, time).await?,
            _ => {
                let before = store.bytes().await?;
                let measured = load::run(&runtime, script, clients, time).await?;
                let grown = store.bytes().await?.saturating_sub(before);
                report.bytes_per_case = grown.checked_div(measured.cases).unwrap_or_default();
                report.memory = machine::memory();
                measured
            }
        };
        close(runtime).await;
        Ok(measured)
    }
}

async fn close(runtime: Runtime) {
    runtime.shutdown().await;
    runtime.store().close().await;
}
