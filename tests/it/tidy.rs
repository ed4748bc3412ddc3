//! The order of the house, tested: floors, sizes, what every file begins with, what the pure floors may
//! not use, and that every code of a finding has its page.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tramite::diagnostic::codes;

use crate::world::root;

/// A module uses only lower floors; modules on one floor do not see each other.
const FLOORS: &[(&str, u8)] = &[
    ("diagnostic", 0),
    ("language", 0),
    ("yaml", 1),
    ("calendar", 2),
    ("expression", 2),
    ("field", 3),
    ("organisation", 4),
    ("decision", 5),
    ("document", 5),
    ("form", 5),
    ("parameter", 5),
    ("register", 5),
    ("procedure", 6),
    ("report", 6),
    ("diagram", 7),
    ("engine", 7),
    ("library", 7),
    ("bpmn", 8),
    ("check", 8),
    ("schema", 8),
    ("store", 8),
    ("wording", 8),
    ("runtime", 9),
    ("drive", 10),
    ("web", 10),
    ("bench", 11),
    ("demo", 11),
    ("cli", 12),
];

/// Floors that know no clock, no chance, no async, no SQL.
const PURE: u8 = 8;
const NOT_PURE: [&str; 2] = ["store", "cli"];

fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                into.push((path, text));
            }
        }
    }
    let mut list = Vec::new();
    collect(&root().join("src"), &mut list);
    list
}

/// `src/engine/decide/mod.rs` belongs to `engine`.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).expect("below src");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_use_only_lower_floors() {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        if matches!(own.as_str(), "lib" | "main") {
            continue;
        }
        let floor = *floors.get(own.as_str()).unwrap_or_else(|| panic!("{own} has no floor"));
        for (at, line) in text.lines().enumerate() {
            let mut rest = line;
            while let Some(found) = rest.find("crate::") {
                rest = &rest[found + 7..];
                // A group of names is written one module a line by rustfmt.
                let name: String = rest
                    .chars()
                    .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                    .collect();
                let Some(other) = floors.get(name.as_str()) else { continue };
                if name != own && *other >= floor {
                    wrong.push(format!("{}:{} {own} uses {name}", path.display(), at + 1));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn files_say_what_they_are_and_stay_small() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") {
            wrong.push(format!("{} does not open with //!", path.display()));
        }
        let lines = text.lines().count();
        let is_mod = path.file_name().is_some_and(|name| name == "mod.rs");
        let most = if is_mod { 300 } else { 600 };
        if lines > most {
            wrong.push(format!("{} has {lines} lines, more than {most}", path.display()));
        }
        for (at, line) in text.lines().enumerate() {
            if line.chars().count() > 100 && !line.contains("\"") && !line.contains("//") {
                wrong.push(format!("{}:{} is too long", path.display(), at + 1));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_pure_floors_are_pure() {
    const FORBIDDEN: [&str; 8] = [
        "Timestamp::now",
        "Zoned::now",
        "SystemTime",
        "Instant::now",
        "async fn",
        "tokio::",
        "sqlx",
        "HashSet<",
    ];
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        let is_pure = floors.get(own.as_str()).is_some_and(|floor| *floor <= PURE)
            && !NOT_PURE.contains(&own.as_str());
        for word in FORBIDDEN.iter().filter(|_| is_pure) {
            if text.contains(word) {
                wrong.push(format!("{} uses {word}", path.display()));
            }
        }
        if own != "store" && text.contains("sqlx::") {
            wrong.push(format!("{} names sqlx outside the store", path.display()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_code_has_a_page_that_shows_bad_and_good() {
    let mut wrong = Vec::new();
    for code in codes::ALL {
        let starts = code.page.starts_with(&format!("# {}\n", code.name));
        let examples = code.page.matches("```").count() / 2;
        if !starts || examples < 2 {
            wrong.push(format!("{}: title {starts}, {examples} examples", code.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A code that is written in a rule is in the list, and the other way round.
#[test]
fn codes_in_the_source_are_listed() {
    let all: String = sources().into_iter().map(|(_, text)| text).collect();
    let unused: Vec<&str> = codes::ALL
        .iter()
        .map(|code| code.name)
        .filter(|name| !all.contains(&format!("\"{name}\"")))
        .collect();
    assert_eq!(unused, Vec::<&str>::new());
}
