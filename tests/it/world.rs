//! A small world for tests: the shipped files, a database in memory, a clock that moves when told.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use jiff::Timestamp;
use tramite::diagnostic::{Diagnostic, Diagnostics, Sources};
use tramite::drive::{Driver, Wish};
use tramite::engine::{Actor, Entry, Record};
use tramite::expression::Value;
use tramite::library::{Files, Library, collect};
use tramite::procedure::Executable;
use tramite::runtime::{Clock, Handled, Runtime};
use tramite::store::Store;

/// The folder of the crate.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Everything below a folder of the crate, read and checked.
pub fn checked(paths: &[PathBuf]) -> (Library, Vec<Diagnostic>) {
    let (mut before, mut unread) = (Diagnostics::default(), Sources::default());
    let files = collect(paths, &mut before, &mut unread).expect("the files are there");
    let (library, mut found) = read(&files);
    let mut all = before.into_sorted();
    all.append(&mut found);
    (library, all)
}

/// Texts, read and checked.
pub fn read(files: &Files) -> (Library, Vec<Diagnostic>) {
    let mut found = Diagnostics::default();
    let library = Library::read(files, &mut found);
    tramite::check::check(&library, &mut found);
    (library, found.into_sorted())
}

/// The shipped files, read once for all tests.
pub fn shipped() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let (library, found) = checked(&[root().join("workflows"), root().join("forms")]);
        assert_eq!(found, [], "the shipped files are clean");
        library
    })
}

/// A Monday morning in Tupiza.
pub fn morning() -> Timestamp {
    "2026-11-23T13:00:00Z".parse().expect("an instant")
}

/// A runtime with the shipped files published.
pub async fn runtime() -> Runtime {
    let store = Store::memory().await.expect("a database");
    let runtime = Runtime::start(store, Clock::manual(morning())).await.expect("a runtime");
    runtime.publish(shipped(), "tupiza").await.expect("published");
    runtime
}

pub fn executable(name: &str) -> Executable {
    shipped().executable(name).expect("a shipped procedure")
}

/// Whoever holds a role; a second person when the first is excluded.
pub fn anybody(role: &str, excluded: &BTreeSet<String>) -> Actor {
    let first = role.to_owned();
    let id = if excluded.contains(&first) { format!("{role}-2") } else { first };
    Actor { name: id.clone(), id, roles: BTreeSet::from([role.to_owned()]) }
}

/// How a case is driven.
#[derive(Default)]
pub struct Plan<'a> {
    pub seed: u64,
    pub wishes: &'a [&'a str],
    pub fixed: &'a [(&'a str, Value)],
    /// No more steps than this; all when none.
    pub steps: Option<usize>,
}

/// Works a case with sample data. The journal, and the case at the end.
pub async fn drive(runtime: &Runtime, name: &str, plan: Plan<'_>) -> (Vec<Record>, Handled) {
    let executable = executable(name);
    let (organisation, procedure) = name.split_once('/').expect("organisation/procedure");
    let wishes: Vec<Wish> =
        plan.wishes.iter().map(|wish| wish.parse().expect("STEP=LABEL")).collect();
    let mut driver = Driver {
        runtime,
        executable: &executable,
        seed: plan.seed,
        wishes,
        fixed: plan.fixed.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect(),
        actor: &anybody,
    };
    let starter = executable.procedure.starts.by[0].value.clone();
    let starter = anybody(&starter, &BTreeSet::new());
    let mut handled =
        runtime.start_case(&starter, organisation, procedure, None).await.expect("started");
    let mut journal = handled.records.clone();
    for _ in 0..plan.steps.unwrap_or(100) {
        let Some(next) = driver.step(&handled).await.expect("a step that goes on") else { break };
        journal.extend(next.records.clone());
        handled = next;
    }
    (journal, handled)
}

/// The steps that were completed, in order.
pub fn steps(journal: &[Record]) -> Vec<&str> {
    journal
        .iter()
        .filter_map(|record| match &record.entry {
            Entry::TaskCompleted { step, .. } | Entry::StepPassed { step } => Some(step.as_str()),
            _ => None,
        })
        .collect()
}

/// The documents that were issued, in order.
pub fn documents(journal: &[Record]) -> Vec<&str> {
    journal
        .iter()
        .filter_map(|record| match &record.entry {
            Entry::DocumentIssued { document, .. } => Some(document.as_str()),
            _ => None,
        })
        .collect()
}
