//! A database to try things out on: invented people and cases, as an organisation's `demo.yaml` says.
//!
//! Cases are worked through the runtime like anybody's, so that a demo shows nothing that can't happen.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use crate::drive::{Driver, Wish};
use crate::engine::{Actor, Rejection};
use crate::expression::{Map, Value};
use crate::library::Library;
use crate::runtime::{Refusal, Runtime};
use crate::store::Person;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    demo: Demo,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    #[serde(default)]
    people: Vec<Somebody>,
    #[serde(default)]
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Somebody {
    login: String,
    name: String,
    roles: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    procedure: String,
    #[serde(default)]
    seed: u64,
    /// How many steps are done already; all of them when not said.
    steps: Option<usize>,
    #[serde(default)]
    decide: Vec<String>,
    #[serde(default)]
    set: Map,
}

/// What was made.
#[derive(Debug, Default, Clone, Copy)]
pub struct Made {
    pub people: usize,
    pub cases: usize,
}

/// A demo never touches a database that somebody works on: only a file that it made itself, told by its
/// name, is begun anew.
/// The lock is held for as long as the file is open: a second demo on the same file is refused.
pub fn fresh_file(url: &str) -> anyhow::Result<(String, File)> {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = if path == "tramite.db" { "tramite-demo.db" } else { path };
    let is_demo = Path::new(path)
        .file_stem()
        .and_then(|stem| stem.to_str())
        .is_some_and(|stem| stem.ends_with("demo"));
    let lock_path = format!("{path}.lock");
    let lock = File::create(&lock_path).with_context(|| format!("making {lock_path}"))?;
    if lock.try_lock().is_err() {
        anyhow::bail!("another demo is running on {path}; stop it, or name another --database");
    }
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{path}{suffix}");
        if !Path::new(&file).exists() {
            continue;
        }
        if !is_demo {
            anyhow::bail!(
                "{file} exists, and a demo begins on a fresh file; name one that ends in `demo.db`, or none"
            );
        }
        std::fs::remove_file(&file).with_context(|| format!("beginning {file} anew"))?;
    }
    Ok((path.to_owned(), lock))
}

/// Makes the people and cases of every organisation that has a `demo.yaml`.
pub async fn fill(runtime: &Runtime, library: &Library) -> anyhow::Result<Made> {
    let mut made = Made::default();
    for group in library.groups.values() {
        let (Some(organisation), Some(text)) = (&group.organisation, &group.demo) else { continue };
        let organisation = organisation.id.as_str();
        let file: Written = serde_yaml::from_str(text)
            .with_context(|| format!("reading the demo of {organisation}"))?;
        let people: Vec<Person> =
            file.demo.people.into_iter().map(|somebody| person(organisation, somebody)).collect();
        for person in &people {
            runtime.store().save_person(person).await?;
        }
        made.people += people.len();
        for case in &file.demo.cases {
            work(runtime, library, organisation, &people, case)
                .await
                .with_context(|| format!("a demo case of {organisation}/{}", case.procedure))?;
            made.cases += 1;
        }
    }
    Ok(made)
}

fn person(organisation: &str, somebody: Somebody) -> Person {
    Person {
        id: format!("{organisation}:{}", somebody.login),
        organisation: organisation.to_owned(),
        login: somebody.login,
        name: somebody.name,
        password_hash: None,
        language: None,
        mail: None,
        roles: somebody.roles,
        is_active: true,
    }
}

async fn work(
    runtime: &Runtime,
    library: &Library,
    organisation: &str,
    people: &[Person],
    case: &Case,
) -> anyhow::Result<()> {
    let executable = library
        .executable(&format!("{organisation}/{}", case.procedure))
        .context("there is no such procedure")?;
    let wishes = case
        .decide
        .iter()
        .map(|text| text.parse::<Wish>().map_err(anyhow::Error::msg))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let seed = case.seed;
    // Different cases of one role are worked by different people, as in an office.
    let actor = |role: &str, excluded: &BTreeSet<String>| -> Actor {
        let able: Vec<&Person> = people
            .iter()
            .filter(|person| person.roles.contains(role) && !excluded.contains(&person.id))
            .collect();
        let at = usize::try_from(seed).unwrap_or(0) % able.len().max(1);
        able.get(at).map_or_else(
            || Actor { id: role.to_owned(), name: role.to_owned(), roles: BTreeSet::new() },
            |person| person.actor(),
        )
    };
    let mut fixed = Vec::new();
    flatten(&case.set, "", &mut fixed);
    let mut driver =
        Driver { runtime, executable: &executable, seed, wishes, fixed, actor: &actor };
    let mut handled = driver.begin().await?;
    for _ in 0..case.steps.unwrap_or(usize::MAX).min(500) {
        match driver.step(&handled).await {
            Ok(Some(next)) => handled = next,
            Ok(None) => break,
            // The demo can't wait for ten minutes; the case does.
            Err(crate::drive::Error::Refused(Refusal::Rejected(Rejection::NotOpenYet {
                ..
            }))) => {
                break;
            }
            Err(crate::drive::Error::Refused(Refusal::Rejected(rejection))) => {
                anyhow::bail!("{}", serde_json::to_string(&rejection)?)
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// `cliente.ci: …` is written either way, dotted or nested.
fn flatten(map: &Map, before: &str, into: &mut Vec<(String, Value)>) {
    for (name, value) in map {
        let path = format!("{before}{name}");
        match value {
            Value::Map(inner) => flatten(inner, &format!("{path}."), into),
            value => into.push((path, value.clone())),
        }
    }
}
