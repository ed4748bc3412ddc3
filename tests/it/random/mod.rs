//! Random procedures: what is made sound, the checker calls sound, and every case of it comes to its end;
//! and whatever the checker calls sound never gets stuck, however it was made.
//!
//! `TRAMITE_PROCEDURES=10000` tries more than the usual ones (`.ci/run` does), `TRAMITE_SEED=7` tries
//! one again.
//! A failure tells its seed and the procedure.

mod maker;
mod play;
mod real;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use maker::{Care, Dice, Maker, spoil};
use tramite::check::proof::{Limits, Proof};
use tramite::diagnostic::{Diagnostics, Severity};
use tramite::engine::Record;
use tramite::library::{Files, Library};
use tramite::store::Store;

use crate::office::text;
use crate::promises::cluster;
use real::Desk;

/// Procedures of each test, unless more are wanted.
const USUAL: u64 = 300;

/// Procedures of which a case is worked on each database.
const WORKED: u64 = 60;

/// Procedures that are read and checked together.
const BATCH: u64 = 50;

/// How many markings a proof may look at: one procedure in twenty has more, and those take longer than all the
/// others together. With a seed given, as many as always.
const LIMITS: Limits = Limits { markings: 500, ..Limits::USUAL };

/// Every so many, all markings are compared with what cases do.
const COMPARED: u64 = 20;

/// What the steps name besides the office's own: a table, and a procedure that they begin.
const BESIDES_THEM: &str = "---
table: sizes
title: Sizes
inputs: { amount: { label: Amount, type: money, min: 1, max: 1000 } }
outputs: { size: { label: Size, type: choice, options: [small, large] } }
rows:
  - { amount: \"< 300\", size: small }
  - { amount: \">= 300\", size: large }
---
procedure: other
title: Other
inputs: { much: money }
outputs: { ok: answer.ok }
cancels: { by: boss }
steps:
  1: { role: clerk, activity: Answer, form: answer }
";

/// Faults that keep no case from its end: what runs by itself may end it before anybody has begun.
const BESIDES: [&str; 2] = ["never_reached", "written_at_once"];

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// The seeds to try, in batches.
fn batches(usual: u64) -> Vec<Vec<u64>> {
    let seeds: Vec<u64> = match number("TRAMITE_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("TRAMITE_PROCEDURES").map_or(usual, |all| all / 2)).collect(),
    };
    seeds.chunks(usize::try_from(BATCH).expect("small")).map(<[u64]>::to_vec).collect()
}

/// The office with these procedures, a file for each.
fn office(all: &[(u64, String)]) -> Files {
    let whole = text("");
    let (office, head) = whole.rsplit_once("---\n").expect("the procedure is the last part");
    let office = format!("{office}{BESIDES_THEM}");
    let mut files = Files::from([("workflows/office/office.yaml".to_owned(), office)]);
    for (seed, steps) in all {
        let head = head.replace("procedure: flow", &format!("procedure: flow-{seed}"));
        files.insert(format!("workflows/office/{seed}.yaml"), format!("{head}{steps}"));
    }
    files
}

/// What the checker says of each file, but of what is not used.
fn checked(files: &Files) -> (Library, BTreeMap<String, Vec<(Severity, String)>>) {
    let mut found = Diagnostics::default();
    let library = Library::read(files, &mut found);
    let limits = if number("TRAMITE_SEED").is_some() { Limits::default() } else { LIMITS };
    tramite::check::check_within(&library, limits, &mut found);
    let mut told: BTreeMap<String, Vec<(Severity, String)>> = BTreeMap::new();
    for finding in found.into_sorted() {
        if !finding.code.starts_with("unused_") {
            let path = library.sources.get(finding.primary.span.file).path.clone();
            let notes = finding.notes.join("; ");
            let text = format!("{}: {} ({notes})", finding.code, finding.headline);
            told.entry(path).or_default().push((finding.severity, text));
        }
    }
    (library, told)
}

/// A random procedure with what the checker says of it.
struct Tried<'a> {
    seed: u64,
    steps: &'a str,
    library: &'a Library,
    told: &'a [(Severity, String)],
}

impl Tried<'_> {
    fn fail(&self, what: &str) -> ! {
        let told: Vec<&str> = self.told.iter().map(|(_, text)| text.as_str()).collect();
        panic!("TRAMITE_SEED={}: {what}\nthe checker says {told:?} of\n{}", self.seed, self.steps);
    }

    fn says(&self, code: &str) -> bool {
        self.told.iter().any(|(_, text)| text.starts_with(code))
    }

    /// The end is in reach from everywhere, the checker says.
    fn is_sound(&self) -> bool {
        !self.says("not_proved")
            && self.told.iter().all(|(severity, text)| {
                *severity != Severity::Error || BESIDES.iter().any(|code| text.starts_with(code))
            })
    }

    /// Works cases; whether they came to their end.
    fn play(&self, times: u64) -> usize {
        let executable = self.library.executable(&format!("office/flow-{}", self.seed));
        let executable = executable.expect("the procedure");
        let all = self.seed.is_multiple_of(COMPARED).then(|| {
            let limits = Limits { markings: 150, is_reduced: false, ..Limits::USUAL };
            Proof::of(&executable, limits)
        });
        let all = all.filter(Proof::is_complete);
        if all.as_ref().is_some_and(|all| !all.is_sound()) {
            let why = all.iter().flat_map(|all| &all.regions).map(|region| {
                let stuck = region.stuck();
                let keys = stuck.iter().map(|at| region.nodes[*at].marking.key.as_str());
                format!("{:?} piles up, {:?} stuck", region.growing, keys.collect::<Vec<_>>())
            });
            let why = why.collect::<String>();
            self.fail(&format!("sound when taken apart, and not when walked over at once: {why}"));
        }
        let keys: BTreeSet<&str> = all.iter().flat_map(Proof::keys).collect();
        let seen = |key: &str| keys.contains(key);
        let seen = all.as_ref().map(|_| &seen as &dyn Fn(&str) -> bool);
        let mut ended = 0;
        for round in 0..times {
            let mut dice = Dice::new(self.seed ^ (round << 32));
            match play::play(&executable, &mut dice, seen) {
                Ok(is_over) => ended += usize::from(is_over),
                Err(what) => self.fail(&format!("round {round}: {what}")),
            }
        }
        ended
    }
}

#[test]
fn what_is_made_sound_is_called_sound_and_comes_to_its_end() {
    let (mut tried_all, mut given_up) = (0, 0);
    for seeds in batches(USUAL) {
        let all: Vec<(u64, String)> =
            seeds.iter().map(|seed| (*seed, Maker::steps(*seed, Care::Sound))).collect();
        let (library, told) = checked(&office(&all));
        for (seed, steps) in &all {
            let told = told.get(&format!("workflows/office/{seed}.yaml"));
            let told = told.map_or(&[][..], Vec::as_slice);
            let tried = Tried { seed: *seed, steps, library: &library, told };
            if !tried.is_sound() && !tried.says("not_proved") {
                tried.fail("made sound, and refused");
            }
            let ended = tried.play(2);
            if ended < 2 {
                tried.fail("a case does not come to its end");
            }
            tried_all += 1;
            given_up += u64::from(tried.says("not_proved"));
        }
    }
    println!("{given_up} of {tried_all} not proved");
    if number("TRAMITE_SEED").is_none() {
        assert!(given_up * 10 < tried_all, "{given_up} of {tried_all} were not proved");
    }
}

#[test]
fn what_is_called_sound_never_gets_stuck() {
    let (mut tried_all, mut sound, mut refused) = (0, 0, BTreeMap::<String, u32>::new());
    for seeds in batches(USUAL) {
        let all: Vec<(u64, String)> = seeds
            .iter()
            .map(|seed| {
                let care = if seed.is_multiple_of(2) { Care::None } else { Care::Sound };
                let steps = Maker::steps(seed ^ 0xBAD, care);
                (*seed, spoil(&mut Dice::new(*seed), &steps))
            })
            .collect();
        let (library, told) = checked(&office(&all));
        for (seed, steps) in &all {
            let told = told.get(&format!("workflows/office/{seed}.yaml"));
            let told = told.map_or(&[][..], Vec::as_slice);
            let tried = Tried { seed: *seed, steps, library: &library, told };
            tried_all += 1;
            if tried.is_sound() {
                sound += 1;
                tried.play(2);
            }
            for (_, text) in told {
                let code = text.split(':').next().unwrap_or_default().to_owned();
                *refused.entry(code).or_default() += 1;
            }
        }
    }
    println!("{sound} sound, {refused:?}");
    if number("TRAMITE_SEED").is_none() {
        assert!(sound * 4 > tried_all, "only {sound} of what was spoilt is sound");
        assert!(refused.contains_key("waits_for_ever"), "nothing was spoilt enough: {refused:?}");
    }
}

/// What was known before a block that waits for nobody is known behind it, and nothing of its branches.
#[test]
fn behind_wait_false_is_known_what_was_known_before() {
    let steps = |read: &str| {
        format!(
            "  1: {{ role: clerk, activity: Ask, form: request }}\n  2:\n    parallel:\n      a:\n        \
             3: {{ role: boss, activity: x, set: {{ w: 1 }} }}\n      b:\n        4: {{ role: clerk, \
             activity: x }}\n    wait: false\n  5: {{ role: clerk, activity: x, choose: [{{ when: \"{read} > \
             5\", go: 6 }}, {{ go: 6 }}] }}\n  6: {{ role: boss, activity: x }}\n"
        )
    };
    let (_, told) = checked(&office(&[(1, steps("amount")), (2, steps("w"))]));
    let errors = |seed: u64| {
        let told = told.get(&format!("workflows/office/{seed}.yaml"));
        let told = told.into_iter().flatten().filter(|(severity, _)| *severity == Severity::Error);
        told.map(|(_, text)| text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(errors(1), Vec::<String>::new());
    assert!(errors(2)[0].starts_with("not_filled_in"), "{:?}", errors(2));
}

/// Some of them as people and machines work them, on a database; and on each the same lines are written.
#[tokio::test(flavor = "multi_thread")]
async fn random_cases_are_the_same_on_both_databases() {
    let all: Vec<(u64, String)> =
        (0..WORKED).map(|seed| (seed, Maker::steps(seed, Care::Sound))).collect();
    let (library, _) = checked(&office(&all));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("office.db").to_string_lossy().into_owned();
    let server = cluster::shared().map(cluster::Cluster::database);
    let mut first: Option<Vec<Vec<Record>>> = None;
    for url in std::iter::once(file).chain(server) {
        let desk = Desk::open(Store::open(&url).await.expect("a database"), &library).await;
        let mut journals = Vec::new();
        for (seed, steps) in &all {
            let executable = library.executable(&format!("office/flow-{seed}"));
            let journal = desk.work(&executable.expect("the procedure"), *seed).await;
            let told = |what| panic!("TRAMITE_SEED={seed}, {url}: {what}\n{steps}");
            journals.push(journal.unwrap_or_else(told));
        }
        assert_eq!(desk.close().await, Vec::<String>::new());
        let Some(first) = &first else {
            first = Some(journals);
            continue;
        };
        for ((seed, steps), (one, other)) in all.iter().zip(first.iter().zip(&journals)) {
            let differ = one.iter().zip(other).find(|(one, other)| one != other);
            assert_eq!(differ, None, "TRAMITE_SEED={seed}\n{steps}");
            assert_eq!(one.len(), other.len(), "TRAMITE_SEED={seed}\n{steps}");
        }
    }
}
