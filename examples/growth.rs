//! How the store bears very many cases: fills a database, times what the pages and the writer ask of it
//! with ten thousand cases and with all of them, and prints the two side by side.
//!
//! `cargo run --release --example growth -- --cases 1000000 [--database URL] [--folder DIR]`. A PostgreSQL
//! database must be there and empty; an SQLite file is made in the folder and stays there.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tramite::diagnostic::Diagnostics;
use tramite::engine::{Actor, CaseStatus, Command};
use tramite::expression::{Map, Value};
use tramite::library::{Files, Library};
use tramite::runtime::{Clock, Runtime};
use tramite::store::{
    CaseFilter, CaseId, Filling, Person, QueueFilter, Store, StuckFilter, StuckStep, Template,
};

const SMALL: u32 = 10_000;
const RUNS: u32 = 400;
/// Procedures: in the first, six of ten cases; in the last, one of a thousand.
const PROCEDURES: u32 = 11;

type Failed = Box<dyn Error + Send + Sync>;

struct Asked {
    cases: u32,
    database: Option<String>,
    folder: String,
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let asked = asked()?;
    let url = match &asked.database {
        Some(url) => url.clone(),
        None => format!("{}/growth-{}.db", asked.folder, std::process::id()),
    };
    let store = Store::open(&url).await?;
    let start: Timestamp = "2026-11-01T12:00:00Z".parse()?;
    let runtime = Runtime::start(store, Clock::manual(start)).await?;
    let mut found = Diagnostics::default();
    let files = Files::from([("growth.yaml".to_owned(), workspace())]);
    runtime.publish(&Library::read(&files, &mut found), "growth").await?;
    people(&runtime).await?;
    let templates = templates(&runtime).await?;
    runtime.clock().advance(SignedDuration::from_hours(24 * 30));
    let mut columns: Vec<Vec<(&'static str, Duration, Duration)>> = Vec::new();
    let mut first = 0;
    for end in [SMALL.min(asked.cases), asked.cases] {
        let began = Instant::now();
        let filling = Filling { templates: &templates, first, end, start: start.as_microsecond() };
        runtime.store().fill(&filling).await?;
        eprintln!("{} cases more in {:.0?}", end - first, began.elapsed());
        first = end;
        columns.push(measure(&runtime, &Filling { first: 0, ..filling }).await?);
    }
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}  ratio", "", "10 k p50", "p99", "all p50", "p99");
    for (small, large) in columns[0].iter().zip(&columns[1]) {
        let ratio = large.1.as_secs_f64() / small.1.as_secs_f64();
        println!(
            "{:<34} {:>9.2?} {:>9.2?} {:>9.2?} {:>9.2?} {ratio:>6.2}",
            small.0, small.1, small.2, large.1, large.2
        );
    }
    runtime.shutdown().await;
    runtime.store().close().await;
    Ok(())
}

fn asked() -> Result<Asked, Failed> {
    let folder = std::env::temp_dir().to_string_lossy().into_owned();
    let mut asked = Asked { cases: 100_000, database: None, folder };
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or("every flag has a value")?;
        match flag.as_str() {
            "--cases" => asked.cases = value.parse()?,
            "--database" => asked.database = Some(value),
            "--folder" => asked.folder = value,
            _ => return Err(format!("there is no {flag}").into()),
        }
    }
    Ok(asked)
}

/// Eleven procedures of five steps; the fourth is the role's of the same number.
fn workspace() -> String {
    let mut text =
        "organisation: growth\nname: Growth\nlanguage: es-BO\ntime_zone: America/La_Paz\n\
        currency: { code: BOB, symbol: Bs }\nroles: { jefe: Jefe"
            .to_owned();
    for role in 1..=PROCEDURES {
        let _ = write!(text, ", r{role}: Cargo {role}");
    }
    text.push_str(
        " }\n---\nform: cliente\ntitle: Cliente\nfields:\n  nombre: { label: Nombre }\n  \
         ci: { label: CI }\n",
    );
    for place in 1..=PROCEDURES {
        let due = if place % 2 == 1 { ", due: 2 days" } else { "" };
        let _ = write!(
            text,
            "---\nprocedure: p{place}\ntitle: Procedimiento {place}\n\
             subject: \"{{{{ nombre }}}} · {{{{ ci }}}}\"\nstarts: {{ by: r1 }}\n\
             cancels: {{ by: jefe }}\nsteps:\n  1: {{ role: r1, activity: Registra, form: cliente }}\n  \
             2: {{ role: r1, activity: Revisa los papeles }}\n  \
             3: {{ role: r1, activity: Manda a la oficina }}\n  \
             4: {{ role: r{place}, activity: Atiende el pedido{due} }}\n  \
             5: {{ role: r1, activity: Archiva }}\n"
        );
    }
    text
}

async fn people(runtime: &Runtime) -> Result<(), Failed> {
    for number in 0..40 {
        let roles = (1..PROCEDURES).map(|role| format!("r{role}")).collect();
        let id = format!("clerk-{number}");
        runtime
            .store()
            .save_person(&Person {
                organisation: "growth".into(),
                login: id.clone(),
                name: id.clone(),
                id,
                password_hash: None,
                language: None,
                mail: None,
                roles,
                is_active: number != 7,
            })
            .await?;
    }
    Ok(())
}

fn actor(id: &str) -> Actor {
    let roles = (1..=PROCEDURES).map(|role| format!("r{role}")).chain(["jefe".to_owned()]);
    Actor { id: id.to_owned(), name: id.to_owned(), roles: roles.collect() }
}

async fn templates(runtime: &Runtime) -> Result<Vec<Template>, Failed> {
    let ana = actor("ana");
    let mut templates = Vec::new();
    for place in 1..=PROCEDURES + 2 {
        let (procedure, share) = match place {
            1 => (1, 600),
            2..=9 => (place, 44),
            10 => (10, 45),
            11 => (11, 1),
            _ => (1, 1),
        };
        let case = runtime.start_case(&ana, "growth", &format!("p{procedure}"), None).await?.case;
        let last = if place == PROCEDURES + 2 { 5 } else { 3 };
        for task in 1..=last {
            let submission = match task {
                1 => Map::from([
                    ("nombre".to_owned(), Value::text("Maria Quispe")),
                    ("ci".to_owned(), Value::text("4999999")),
                ]),
                _ => Map::new(),
            };
            let command = Command::CompleteTask { task, submission, choice: None };
            runtime.handle(&ana, &case, command, None).await?;
        }
        if place == PROCEDURES + 1 {
            let reason = "Desistió".to_owned();
            runtime.handle(&ana, &case, Command::CancelCase { reason }, None).await?;
        }
        templates.push(Template { case, share });
    }
    Ok(templates)
}

/// What is asked, with the number of the run to vary it by.
struct Meter<'a> {
    runtime: &'a Runtime,
    filling: &'a Filling<'a>,
    chance: u64,
    done: Vec<(&'static str, Duration, Duration)>,
}

impl Meter<'_> {
    async fn time<T, F>(&mut self, what: &'static str, run: F) -> Result<Vec<T>, Failed>
    where
        F: AsyncFn(u32) -> Result<T, Failed>,
    {
        let mut times = Vec::new();
        let mut results = Vec::new();
        for _ in 0..RUNS {
            self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = ((self.chance >> 33) % u64::from(self.filling.end)) as u32;
            let began = Instant::now();
            results.push(run(number).await?);
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        self.done.push((what, at(50), at(99)));
        Ok(results)
    }

    fn store(&self) -> &Store {
        self.runtime.store()
    }
}

fn name(number: u32) -> String {
    format!("EXP-2026-{number:07}")
}

async fn measure(
    runtime: &Runtime,
    filling: &Filling<'_>,
) -> Result<Vec<(&'static str, Duration, Duration)>, Failed> {
    let mut meter = Meter { runtime, filling, chance: u64::from(filling.end), done: Vec::new() };
    queues(&mut meter).await?;
    searches(&mut meter).await?;
    lists(&mut meter).await?;
    board(&mut meter).await?;
    work(&mut meter).await?;
    Ok(meter.done)
}

async fn queues(meter: &mut Meter<'_>) -> Result<(), Failed> {
    let store = meter.store().clone();
    for (what, count) in [("queue, 1 role", 1), ("queue, 3 roles", 3), ("queue, 8 roles", 8)] {
        let roles: BTreeSet<String> = (1..=count).map(|role| format!("r{role}")).collect();
        let filter = queue(&roles);
        meter.time(what, async |_| Ok(store.queue_page(&filter).await?)).await?;
    }
    let roles: BTreeSet<String> = (1..=3).map(|role| format!("r{role}")).collect();
    let (start, end) = (meter.filling.start, meter.filling.end);
    let middle = async |number: u32| {
        let due = start + i64::from(end / 2 + number % 1_000) * 1_000_000 + 86_400_000_000 * 15;
        let after = Some((due, CaseId(Default::default()), 0));
        let page = store.queue_page(&QueueFilter { after, ..queue(&roles) }).await?;
        Ok(page.rows.len())
    };
    meter.time("queue, in the middle", middle).await?;
    let person = QueueFilter { person: "clerk-3", mine_only: true, ..queue(&roles) };
    let mine = meter.time("queue, mine", async |_| Ok(store.queue_page(&person).await?)).await?;
    eprintln!("  mine: {}", mine[0].rows.len());
    for (what, word) in [
        ("queue, a number", ""),
        ("queue, a common word", "maria"),
        ("queue, a name", "quispe"),
        ("queue, two common words", "maria 2026"),
        ("queue, a word of nobody", "zzz"),
    ] {
        let run = async |number: u32| {
            let word = if word.is_empty() { name(number) } else { word.to_owned() };
            Ok(store.queue_page(&QueueFilter { search: &word, ..queue(&roles) }).await?.rows.len())
        };
        let found = meter.time(what, run).await?;
        eprintln!("  {what}: {}", found.iter().sum::<usize>() as f64 / f64::from(RUNS));
    }
    Ok(())
}

fn queue(roles: &BTreeSet<String>) -> QueueFilter<'_> {
    QueueFilter {
        organisation: "growth",
        roles,
        person: "clerk-3",
        mine_only: false,
        search: "",
        after: None,
        limit: 30,
    }
}

fn cases(search: &str) -> CaseFilter<'_> {
    CaseFilter {
        organisation: "growth",
        procedure: None,
        status: None,
        search,
        before: None,
        limit: 25,
    }
}

async fn searches(meter: &mut Meter<'_>) -> Result<(), Failed> {
    let store = meter.store().clone();
    for (what, word) in [
        ("search, a number", ""),
        ("search, a common word", "maria"),
        ("search, a name", "quispe"),
        ("search, common and a name", "maria quispe"),
        ("search, a beginning", "mar"),
        ("search, a common beginning", "20"),
        ("search, common, then nobody", "maria zzz"),
    ] {
        let run = async |number: u32| {
            let word = if word.is_empty() { format!("{number:07}") } else { word.to_owned() };
            Ok(store.cases_page(&cases(&word)).await?.rows.len())
        };
        let found = meter.time(what, run).await?;
        eprintln!("  {what}: {}", found.iter().sum::<usize>() as f64 / f64::from(RUNS));
    }
    Ok(())
}

async fn lists(meter: &mut Meter<'_>) -> Result<(), Failed> {
    let store = meter.store().clone();
    let (start, end) = (meter.filling.start, meter.filling.end);
    meter.time("cases", async |_| Ok(store.cases_page(&cases("")).await?)).await?;
    let middle = async |number: u32| {
        let at = start + i64::from(end / 2 + number % 1_000) * 1_000_000;
        let before = Some((at, CaseId(Default::default())));
        Ok(store.cases_page(&CaseFilter { before, ..cases("") }).await?)
    };
    meter.time("cases, in the middle", middle).await?;
    let rare = CaseFilter { procedure: Some("p11"), ..cases("") };
    meter.time("cases, rare procedure", async |_| Ok(store.cases_page(&rare).await?)).await?;
    let rare = CaseFilter { status: Some(CaseStatus::Cancelled), ..cases("") };
    meter.time("cases, rare status", async |_| Ok(store.cases_page(&rare).await?)).await?;
    let none = CaseFilter { procedure: Some("p11"), ..rare.clone() };
    meter.time("cases, none of both", async |_| Ok(store.cases_page(&none).await?)).await?;
    let find = async |number: u32| Ok(store.find_case(Some("growth"), &name(number)).await?);
    meter.time("find by number", find).await?;
    let filling = meter.filling.clone();
    let page = async |number: u32| {
        let id = Store::copy(&filling, number);
        let case = store.case(&id).await?.ok_or("there is such a case")?;
        let journal = store.journal(&id).await?;
        let documents = store.documents(&id).await?;
        Ok((case.entries, journal.len(), documents.len()))
    };
    let seen = meter.time("case page", page).await?;
    eprintln!("  a case: {:?}", seen[0]);
    meter.time("newest versions", async |_| Ok(store.latest_versions("growth").await?)).await?;
    Ok(())
}

async fn board(meter: &mut Meter<'_>) -> Result<(), Failed> {
    let store = meter.store().clone();
    let now = meter.runtime.clock().now();
    let counts =
        meter.time("board, open", async |_| Ok(store.open_counts("growth").await?)).await?;
    let held = store.held_roles("growth").await?;
    let steps: Vec<StuckStep> = counts[0]
        .iter()
        .map(|count| StuckStep {
            procedure: count.procedure.clone(),
            step: count.step.clone(),
            role: count.role.clone(),
            is_orphan: !held.contains(&count.role),
        })
        .collect();
    let filter = StuckFilter { organisation: "growth", steps: &steps, now, after: None, limit: 31 };
    let rows = meter.time("board, stuck", async |_| Ok(store.stuck(&filter).await?)).await?;
    let after = rows[0].last().map(|row| row.place());
    let next = StuckFilter { after, ..filter.clone() };
    meter.time("board, next page", async |_| Ok(store.stuck(&next).await?)).await?;
    let run = async |_| Ok(store.stuck_counts("growth", &counts[0], now).await?);
    let counted = meter.time("board, counts of stuck", run).await?;
    eprintln!(
        "  board: {} rows, {} steps, {:?}",
        rows[0].len(),
        steps.len(),
        counted[0].first_key_value()
    );
    Ok(())
}

/// Each case is worked on once a size, whatever was done with it before.
async fn work(meter: &mut Meter<'_>) -> Result<(), Failed> {
    let (runtime, filling) = (meter.runtime, meter.filling.clone());
    let ana = actor("ana");
    // Unclaimed copies of the first procedure, spread over all; others for each size.
    let last = if filling.end > SMALL { 4 } else { 3 };
    let numbers = (0..).map(|place| place * (filling.end / 1_000).max(10) + last);
    let ids: Vec<CaseId> = numbers
        .filter(|number| number % 1_000 < 600)
        .take(RUNS as usize)
        .map(|number| Store::copy(&filling, number))
        .collect();
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let next = || ids[turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % ids.len()];
    let claim = async |_| {
        runtime.handle(&ana, &next(), Command::ClaimTask { task: 4 }, None).await?;
        Ok(())
    };
    meter.time("claim", claim).await?;
    let complete = async |_| {
        let command = Command::CompleteTask { task: 4, submission: Map::new(), choice: None };
        runtime.handle(&ana, &next(), command, None).await?;
        Ok(())
    };
    meter.time("complete", complete).await?;
    Ok(())
}
