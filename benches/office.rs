//! What the work of an office costs: one step, one check of everything, one printed page.
//!
//! `cargo bench`; the figures stand in the README with the machine that they were taken on.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tramite::bench::reference;
use tramite::diagnostic::{Diagnostics, Sources};
use tramite::document::print::pdf;
use tramite::drive::Driver;
use tramite::engine::{Actor, Command, Facts, State, decide, needs, replay};
use tramite::expression::{Map, Value};
use tramite::library::{Files, Library, collect};
use tramite::procedure::Executable;
use tramite::runtime::{Clock, Handled, Runtime};
use tramite::store::Store;

/// As in the binary: what is measured is what runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn files() -> Files {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut unread) = (Diagnostics::default(), Sources::default());
    let folders = [root.join("workflows"), root.join("forms")];
    collect(&folders, &mut found, &mut unread).expect("the shipped files")
}

fn library() -> Library {
    Library::read(&files(), &mut Diagnostics::default())
}

fn anybody(role: &str, _: &BTreeSet<String>) -> Actor {
    Actor { id: role.to_owned(), name: role.to_owned(), roles: BTreeSet::from([role.to_owned()]) }
}

/// A case of the new-connection procedure, worked up to before `step`; and the runtime that holds it.
fn worked(library: &Library, executable: &Executable, steps: usize) -> (Runtime, Handled) {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("tokio");
    let made = tokio.block_on(async {
        let store = Store::memory().await.expect("a database");
        let clock = Clock::manual("2026-11-23T13:00:00Z".parse().expect("an instant"));
        let runtime = Runtime::start(store, clock).await.expect("a runtime");
        runtime.publish(library, "tupiza").await.expect("published");
        let mut driver = Driver {
            runtime: &runtime,
            executable,
            seed: 1,
            wishes: Vec::new(),
            fixed: vec![("medidor.origen".to_owned(), Value::text("prestado"))],
            actor: &anybody,
        };
        let starter = anybody("ape", &BTreeSet::new());
        let name = executable.procedure.id.as_str();
        let starter = match executable.procedure.starts.by.first() {
            Some(role) => anybody(role, &BTreeSet::new()),
            None => starter,
        };
        let mut handled =
            runtime.start_case(&starter, "tupiza", name, None).await.expect("started");
        for _ in 0..steps {
            match driver.step(&handled).await.expect("a step") {
                Some(next) => handled = next,
                None => break,
            }
        }
        (runtime, handled)
    });
    // The runtime's writer lives on this executor for as long as the benchmark runs.
    std::mem::forget(tokio);
    made
}

fn deciding(criterion: &mut Criterion) {
    let library = library();
    let executable = library.executable("tupiza/registro").expect("registro");
    let mut group = criterion.benchmark_group("decide and apply one step");
    // 2 chooses and saves; 8 assigns a number and issues an order; 9 fills in a form.
    for step in ["2", "8", "9"] {
        let place = executable.place(step).expect("a step");
        let (runtime, handled) = worked(&library, &executable, place);
        let state: State = (*handled.state).clone();
        let (task, open) = state.tasks.iter().next().expect("an open task");
        assert_eq!(open.step, step);
        let mut driver = Driver {
            runtime: &runtime,
            executable: &executable,
            seed: 1,
            wishes: Vec::new(),
            fixed: Vec::new(),
            actor: &anybody,
        };
        let tokio =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("tokio");
        let turn = tokio.block_on(driver.turn(&state, place)).expect("sample data");
        let command =
            Command::CompleteTask { task: *task, submission: turn.submission, choice: turn.choice };
        let actor = anybody(&open.role, &BTreeSet::new());
        let facts = facts(&executable, &state, &command);
        group.bench_function(format!("step {step}"), |bencher| {
            let decide = |state| decide(&executable, state, &actor, &command, &facts);
            let copy = || black_box(&state).clone();
            bencher.iter_batched(
                copy,
                |state| decide(state).expect("accepted"),
                BatchSize::SmallInput,
            );
        });
    }
    let (_, handled) = worked(&library, &executable, 16);
    let journal = handled.records.clone();
    group.bench_function("replay the last command", |bencher| {
        bencher.iter(|| replay(black_box(&journal)));
    });
    group.finish();
}

/// A case of the reference procedure: its state when it has begun, and what people then ask.
struct Played {
    begun: State,
    commands: Vec<(Actor, Command)>,
}

fn played(executable: &Executable, facts: &Facts, seed: u64) -> Played {
    let clerk = reference::actor("clerk", 1);
    let start = Command::StartCase { version: 1 };
    let begun = decide(executable, State::default(), &clerk, &start, facts).expect("started").state;
    let (mut state, mut commands) = (begun.clone(), Vec::new());
    while let Some((role, command)) = reference::next(executable, &state, seed) {
        let actor = reference::actor(&role, 1);
        state = decide(executable, state, &actor, &command, facts).expect("accepted").state;
        commands.push((actor, command));
    }
    Played { begun, commands }
}

/// The mean over whole cases, so that every step counts as often as it is done.
fn stepping(criterion: &mut Criterion) {
    let library = reference::library();
    let executable = library.executable(reference::NAME).expect("the procedure");
    let now = "2026-11-23T13:00:00Z".parse().expect("an instant");
    let facts = Facts { now, ..Facts::default() };
    // Twenty cases hold each way through the procedure as often as it is taken.
    let cases: Vec<Played> = (0..20).map(|seed| played(&executable, &facts, seed)).collect();
    let steps: usize = cases.iter().map(|case| case.commands.len()).sum();
    let name = "decide and apply one step of the reference procedure";
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|wanted| {
            let rounds = wanted.div_ceil(steps as u64);
            let mut spent = Duration::ZERO;
            for case in (0..rounds).flat_map(|_| &cases) {
                let mut state = case.begun.clone();
                let begun = Instant::now();
                for (actor, command) in &case.commands {
                    black_box(needs(&executable, &state, command));
                    let decision = decide(&executable, state, actor, command, &facts);
                    let decision = black_box(decision).expect("accepted");
                    state = decision.state;
                }
                spent += begun.elapsed();
                black_box(state);
            }
            spent.mul_f64(wanted as f64 / (rounds * steps as u64) as f64)
        });
    });
}

fn facts(executable: &Executable, state: &State, command: &Command) -> Facts {
    let needs = needs(executable, state, command);
    let mut records: BTreeMap<(String, String), Map> = BTreeMap::new();
    for (register, key) in needs.records {
        let known = executable.register(&register).expect("a register");
        let row = known.rows.iter().find(|row| known.key_of(row).as_ref() == Some(&key));
        records.insert((register, key), row.expect("a row").clone());
    }
    let now = "2026-11-23T13:00:00Z".parse().expect("an instant");
    Facts { now, records, ..Facts::default() }
}

fn checking(criterion: &mut Criterion) {
    let files = files();
    criterion.bench_function("read and check all five procedures", |bencher| {
        bencher.iter(|| {
            let mut found = Diagnostics::default();
            let library = Library::read(black_box(&files), &mut found);
            tramite::check::check(&library, &mut found);
            assert!(found.is_empty());
        });
    });
}

/// Two hundred steps: eight blocks after each other, each with eight branches of three steps.
fn large() -> Files {
    let mut text = String::from(
        "organisation: office\nname: Office\nlanguage: en\nroles: { clerk: Clerk }\n---\n\
         procedure: large\ntitle: Large\nsubject: Large\nstarts: { by: clerk }\nsteps:\n",
    );
    let mut number = 0;
    for _ in 0..8 {
        number += 1;
        text.push_str(&format!("  {number}:\n    parallel:\n"));
        for branch in 0..8 {
            text.push_str(&format!("      b{branch}:\n"));
            for way in ["", ", decide: { Again: BEFORE, On: {}, Stop: { end: stopped } }", ""] {
                number += 1;
                let way = way.replace("BEFORE", &(number - 1).to_string());
                text.push_str(&format!("        {number}: {{ role: clerk, activity: x{way} }}\n"));
            }
        }
    }
    Files::from([("office.yaml".to_owned(), text)])
}

fn proving(criterion: &mut Criterion) {
    let files = large();
    criterion.bench_function("check 200 steps with 8 branches at once", |bencher| {
        bencher.iter(|| {
            let mut found = Diagnostics::default();
            let library = Library::read(black_box(&files), &mut found);
            tramite::check::check(&library, &mut found);
            assert!(!found.has_errors());
        });
    });
}

fn printing(criterion: &mut Criterion) {
    let library = library();
    let mut group = criterion.benchmark_group("print");
    group.sample_size(20);
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("tokio");
    let mut done: BTreeSet<String> = BTreeSet::new();
    for name in ["registro", "corte", "retiro", "formularios"] {
        let executable = library.executable(&format!("tupiza/{name}")).expect(name);
        let (runtime, handled) = worked(&library, &executable, 100);
        let rows = tokio.block_on(runtime.store().documents(&handled.case)).expect("documents");
        for row in rows {
            if !done.insert(row.document.clone()) {
                continue;
            }
            let sheet = tokio.block_on(runtime.sheet(&handled.case, row.no)).expect("read");
            let sheet = sheet.expect("issued");
            group.bench_function(&row.document, |bencher| {
                bencher.iter(|| pdf(black_box(&sheet)).expect("prints"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, stepping, deciding, checking, proving, printing);
criterion_main!(benches);
