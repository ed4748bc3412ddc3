//! P23: random commands with a seed, under a clock that is moved by hand: SQLite and PostgreSQL
//! write the same journal, and so does an engine that is dropped in the middle of its work and
//! opened again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use jiff::SignedDuration;
use tramite::bench::reference;
use tramite::diagnostic::{Diagnostics, Sources};
use tramite::drive::Driver;
use tramite::engine::{Actor, Command, Record, State, replay};
use tramite::expression::Map;
use tramite::library::{Library, collect};
use tramite::procedure::Executable;
use tramite::runtime::{Clock, Handled, Key, Refusal, Runtime};
use tramite::store::{CaseId, Store};

use super::Plan;
use super::audit::well;
use super::chance::Chance;
use super::ground::{Ground, close};

/// Cases that are worked at a time, and commands that are asked of them in one go.
const CASES: usize = 3;
const COMMANDS: usize = 90;

/// One run: on this database, with or without crashes.
struct Desk {
    url: String,
    runtime: Runtime,
    clock: Clock,
    executable: Executable,
    /// Says what is asked; the same everywhere.
    wishes: Chance,
    /// Says when the engine is dropped.
    crashes: Option<Chance>,
    crashed: usize,
}

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let shipped = shipped()?;
    let (mut lines, mut crashed, mut databases) = (0, 0, BTreeSet::new());
    for round in 0..plan.rounds {
        let seed = plan.seed.wrapping_add(round as u64);
        for (library, name) in
            [(&reference::library(), reference::NAME), (shipped, "tupiza/registro")]
        {
            let file = Ground::new(false)?;
            let mut grounds = vec![(&file, "calm", None), (&file, "crashing", Some(1))];
            let server = plan.on_postgres.then(|| Ground::new(true)).transpose()?;
            grounds.extend(server.as_ref().map(|ground| (ground, "server", Some(2))));
            let mut first: Option<Vec<Vec<Record>>> = None;
            for (ground, database, stream) in grounds {
                let crashes = stream.map(|stream| Chance::new(seed, stream));
                let url = ground.database(database);
                let desk = Desk::open(url, library, name, seed, crashes).await?;
                let (journals, times) =
                    desk.work().await.with_context(|| format!("{name}, seed {seed}"))?;
                crashed += times;
                databases.insert(ground.word());
                lines += journals.iter().map(Vec::len).sum::<usize>();
                match &first {
                    None => first = Some(journals),
                    Some(first) => {
                        same(first, &journals)
                            .with_context(|| format!("{name}, seed {seed}, {database}"))?;
                    }
                }
            }
        }
    }
    let databases: Vec<&str> = databases.into_iter().collect();
    Ok(format!(
        "{} seeds × 2 procedures on {}: {lines} lines of journal, {crashed} engines dropped in their work; \
         the same journals, each replays to its state",
        plan.rounds,
        databases.join(" and "),
    ))
}

fn same(first: &[Vec<Record>], other: &[Vec<Record>]) -> anyhow::Result<()> {
    ensure!(first.len() == other.len(), "{} cases and {}", first.len(), other.len());
    for (first, other) in first.iter().zip(other) {
        for (first, other) in first.iter().zip(other) {
            ensure!(first == other, "the journals differ: {first:?} and {other:?}");
        }
        ensure!(first.len() == other.len(), "{} lines and {}", first.len(), other.len());
    }
    Ok(())
}

/// The shipped files, read once.
fn shipped() -> anyhow::Result<&'static Library> {
    static LIBRARY: std::sync::OnceLock<Library> = std::sync::OnceLock::new();
    if let Some(library) = LIBRARY.get() {
        return Ok(library);
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut unread) = (Diagnostics::default(), Sources::default());
    let files = collect(&[root.join("workflows"), root.join("forms")], &mut found, &mut unread)?;
    Ok(LIBRARY.get_or_init(|| Library::read(&files, &mut found)))
}

fn anybody(role: &str, excluded: &BTreeSet<String>) -> Actor {
    let id = if excluded.contains(role) { format!("{role}-2") } else { role.to_owned() };
    Actor { name: id.clone(), id, roles: BTreeSet::from([role.to_owned()]) }
}

impl Desk {
    async fn open(
        url: String,
        library: &Library,
        name: &str,
        seed: u64,
        crashes: Option<Chance>,
    ) -> anyhow::Result<Self> {
        let executable = library.executable(name).context("a procedure")?;
        let clock = Clock::manual("2026-11-23T13:00:00Z".parse()?);
        let runtime = Runtime::start(Store::open(&url).await?, clock.clone()).await?;
        runtime.publish(library, &executable.organisation.id).await?;
        let wishes = Chance::new(seed, 0);
        Ok(Self { url, runtime, clock, executable, wishes, crashes, crashed: 0 })
    }

    /// The journals, and how often the engine was dropped.
    async fn work(mut self) -> anyhow::Result<(Vec<Vec<Record>>, usize)> {
        let mut cases: Vec<CaseId> = Vec::new();
        for number in 0..COMMANDS {
            let key = format!("command-{number}");
            if cases.len() < CASES && number % 10 == 0 {
                cases.push(self.start(&key).await?);
                continue;
            }
            let case = *self.wishes.of(&cases);
            let state = self.runtime.store().case(&case).await?.context("a case")?.state;
            if let Some((actor, command)) = self.wish(&state).await {
                self.ask(&actor, case, command, &key).await?;
            }
            let minutes = self.wishes.below(30) as i64;
            self.clock.advance(SignedDuration::from_mins(minutes));
        }
        let mut journals = Vec::new();
        for case in &cases {
            let journal = self.runtime.store().journal(case).await?;
            let row = self.runtime.store().case(case).await?.context("a case")?;
            ensure!(replay(&journal) == *row.state, "case {case} does not replay to its state");
            journals.push(journal);
        }
        well(&self.runtime).await?;
        close(&self.runtime).await;
        Ok((journals, self.crashed))
    }

    async fn start(&mut self, key: &str) -> anyhow::Result<CaseId> {
        let procedure = &self.executable.procedure;
        let (organisation, id) =
            (self.executable.organisation.id.clone(), procedure.id.value.clone());
        let starter = anybody(&procedure.starts.by[0].value, &BTreeSet::new());
        let started = self.runtime.start_case(&starter, &organisation, &id, Some(Key::form(key)));
        Ok(started.await?.case)
    }

    /// What somebody wants of a case: mostly what leads on, now and then something foolish.
    async fn wish(&mut self, state: &State) -> Option<(Actor, Command)> {
        let (what, who, seed) = (self.wishes.below(100), self.wishes.below(2), self.wishes.next());
        let (task, open) = state.tasks.first_key_value()?;
        let place = self.executable.place(&open.step)?;
        let step = &self.executable.procedure.steps[place];
        let mut driver = Driver {
            runtime: &self.runtime,
            executable: &self.executable,
            seed,
            wishes: Vec::new(),
            fixed: Vec::new(),
            actor: &anybody,
        };
        let actor = driver.actor_for(state, step, &open.role);
        let other = Actor { id: format!("{}-{who}", actor.id), ..actor.clone() };
        let task = *task;
        let complete = |submission, choice| Command::CompleteTask { task, submission, choice };
        Some(match what {
            0..12 => (other, Command::ClaimTask { task }),
            12..24 => (other, Command::ReleaseTask { task }),
            24..30 => (actor, complete(Map::new(), None)),
            30..33 => (anybody("nobody", &BTreeSet::new()), complete(Map::new(), None)),
            33..35 => {
                let cancels = self.executable.procedure.cancels.first();
                let role = cancels.map_or("nobody", |role| role.value.as_str());
                let reason = "it was foolish".to_owned();
                (anybody(role, &BTreeSet::new()), Command::CancelCase { reason })
            }
            _ if self.executable.organisation.id.value == "reference" => {
                let (_, command) = reference::next(&self.executable, state, seed)?;
                (actor, command)
            }
            _ => {
                let turn = driver.turn(state, place).await.ok()?;
                let back = step.choices().get(seed as usize % 7).map(|it| it.label.value.clone());
                (actor, complete(turn.submission, back.or(turn.choice)))
            }
        })
    }

    /// Asks until the engine answers; it may be dropped first, with the question under way.
    async fn ask(
        &mut self,
        actor: &Actor,
        case: CaseId,
        command: Command,
        key: &str,
    ) -> anyhow::Result<Option<Handled>> {
        if let Some(crashes) = &mut self.crashes
            && crashes.below(6) == 0
        {
            let (runtime, actor, command) = (self.runtime.clone(), actor.clone(), command.clone());
            let key = key.to_owned();
            let asked = tokio::spawn(async move {
                drop(runtime.handle(&actor, &case, command, Some(Key::form(&key))).await);
            });
            for _ in 0..crashes.below(4) {
                tokio::task::yield_now().await;
            }
            asked.abort();
            self.crashed += 1;
            // The old one is left to itself, as a server is that nobody sees any more.
            let store = Store::open(&self.url).await?;
            self.runtime = Runtime::start(store, self.clock.clone()).await?;
        }
        let key = Some(Key::form(key));
        for _ in 0..100 {
            match self.runtime.handle(actor, &case, command.clone(), key).await {
                Ok(handled) => return Ok(Some(handled)),
                Err(Refusal::Rejected(_)) => return Ok(None),
                Err(Refusal::Busy) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(refusal) => return Err(refusal.into()),
            }
        }
        bail!("the engine is busy for ever")
    }
}
