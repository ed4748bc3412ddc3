//! The schemas against the decoders, the shipped files, and their own copies in the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Number, Value, json};

use super::{KINDS, find, reference};
use crate::diagnostic::{Diagnostics, Sources, codes};
use crate::library::{Files, Library};
use crate::yaml::{Kind, Node, ScalarStyle, asked, parse};

const HOW: &str = "mend the types in src/schema/ (a field for each key, with a doc comment for the \
    editor), then write their copies: `cargo run -- schema --write schemas` and \
    `cargo run -- schema --reference > docs/reference.md`";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the repository that end like this, with their texts.
fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    fn collect(path: &Path, ending: &str, into: &mut Vec<(PathBuf, String)>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(path)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                collect(&path, ending, into);
            } else if path.to_string_lossy().ends_with(ending) {
                into.push((path.clone(), fs::read_to_string(&path).expect("a text")));
            }
        }
    }
    let mut list = Vec::new();
    collect(&root().join(folder), ending, &mut list);
    list
}

/// The fenced parts of a page that are YAML: what stands before each and behind its fence.
fn fences(page: &str) -> Vec<(String, String, String)> {
    let mut parts = Vec::new();
    let mut before = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            before.push_str(line);
            before.push('\n');
            continue;
        };
        let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if kind.starts_with("yaml") {
            let text = inside.join("\n");
            parts.push((std::mem::take(&mut before), kind.to_owned(), text));
        }
    }
    parts
}

/// YAML as JSON, as YAML 1.2 and the language server take it.
fn to_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Sequence(items) => Value::Array(items.iter().map(to_json).collect()),
        Kind::Mapping(entries) => {
            let entries = entries.iter();
            let entries = entries
                .map(|(key, value)| (key.text().unwrap_or_default().to_owned(), to_json(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Kind::Scalar { text, style: ScalarStyle::Plain } => match text.as_str() {
            "" | "~" | "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => Value::from(whole),
                (_, Ok(number)) if number.is_finite() && !text.contains(['i', 'n']) => {
                    Number::from_f64(number).map_or(Value::Null, Value::Number)
                }
                _ => Value::String(text.clone()),
            },
        },
        Kind::Scalar { text, .. } => Value::String(text.clone()),
    }
}

/// The YAML documents of a text; of a template its head.
fn documents(path: &str, text: &str) -> Vec<Value> {
    let text = match text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) {
        Some((head, _)) if path.ends_with(".j2") => head,
        _ => text,
    };
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add(path, text);
    let nodes = parse(file, text, &mut found);
    nodes.iter().filter(|node| !node.is_null()).map(to_json).collect()
}

fn first_key(document: &Value) -> Option<&str> {
    // The order of the file is kept.
    document.as_object()?.keys().next().map(String::as_str)
}

/// What the schema of its kind says against a document; `is_part`: required keys may be missing.
fn against(document: &Value, is_part: bool) -> Vec<String> {
    let first = first_key(document).unwrap_or_default();
    let (name, document) = if is_part { whole(first, document) } else { (first, document.clone()) };
    let Some(kind) = find(name) else { return vec![format!("no kind of file begins with {name}")] };
    let mut schema = kind.schema();
    if is_part {
        loosen(&mut schema);
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors = validator.iter_errors(&document);
    errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A part of a file, as the pages show them, with what stands around it.
fn whole<'d>(first: &'d str, document: &Value) -> (&'d str, Value) {
    let steps = |step: &Value| json!({ "steps": { "1": step } });
    match first {
        _ if first.starts_with(|letter: char| letter.is_ascii_digit()) => {
            ("procedure", json!({ "steps": document }))
        }
        "steps" | "starts" => ("procedure", document.clone()),
        "choose" => ("procedure", steps(document)),
        "papers" | "series" | "calendar" | "units" | "messages" | "signals" => {
            ("organisation", document.clone())
        }
        "template" => ("document", document.clone()),
        "columns" => ("report", document.clone()),
        _ if find(first).is_none() => ("form", json!({ "fields": document })),
        _ => (first, document.clone()),
    }
}

fn loosen(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.remove("required");
            map.values_mut().for_each(loosen);
        }
        Value::Array(list) => list.iter_mut().for_each(loosen),
        _ => {}
    }
}

#[test]
fn shipped_files_fit_their_schemas() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let shipped = [
        ("workflows", ".yaml"),
        ("forms", ".yaml"),
        ("forms", ".typ.j2"),
        ("tests/broken/clean", ".yaml"),
    ];
    for (folder, ending) in shipped {
        for (path, text) in files(folder, ending) {
            let path = path.to_string_lossy().into_owned();
            // What several documents share has no head.
            if ending == ".typ.j2" && !text.starts_with("---\n") {
                continue;
            }
            for document in documents(&path, &text) {
                count += 1;
                wrong.extend(
                    against(&document, false).into_iter().map(|error| format!("{path}{error}")),
                );
            }
        }
    }
    assert!(count > 40, "only {count} parts");
    assert!(wrong.is_empty(), "{}\n{HOW}", wrong.join("\n"));
}

/// The good example of every page, and the procedure of every pattern.
#[test]
fn good_examples_fit_their_schemas() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for code in codes::ALL {
        for (before, _, text) in fences(code.page) {
            if !before.contains("Right") {
                continue;
            }
            for document in documents(code.name, &text) {
                count += 1;
                let found = against(&document, true).into_iter();
                wrong.extend(found.map(|error| format!("{}.md {error}", code.name)));
            }
        }
    }
    for (path, text) in files("tests/spec", ".md") {
        for (_, kind, text) in fences(&text) {
            for document in documents("chapter", &text).iter().filter(|_| kind == "yaml") {
                count += 1;
                let found = against(document, true).into_iter();
                wrong.extend(found.map(|error| format!("{}{error}", path.display())));
            }
        }
    }
    assert!(count > 80, "only {count} examples");
    assert!(wrong.is_empty(), "{}\n{HOW}", wrong.join("\n"));
}

/// The keys of every type of the schemas, by the title that its decoder calls the table by.
fn said() -> BTreeMap<String, BTreeSet<String>> {
    fn note(schema: &Value, into: &mut BTreeMap<String, BTreeSet<String>>) {
        let Some(title) = schema.get("title").and_then(Value::as_str) else { return };
        let keys = schema.get("properties").and_then(Value::as_object);
        into.insert(
            title.to_owned(),
            keys.into_iter().flatten().map(|(key, _)| key.clone()).collect(),
        );
    }
    let mut said = BTreeMap::new();
    for kind in KINDS {
        let schema = kind.schema();
        note(&schema, &mut said);
        let parts = schema.get("definitions").and_then(Value::as_object);
        parts.into_iter().flatten().for_each(|(_, part)| note(part, &mut said));
    }
    // Read by serde, which refuses what it doesn't know.
    said.remove("a demo");
    said
}

/// Every file that there is, right or wrong, is read; what the decoders asked for is what there is to
/// say, and the schemas say that and nothing else.
#[test]
fn schemas_and_decoders_know_the_same_keys() {
    let mut texts: Vec<(String, String)> = Vec::new();
    for (folder, ending) in [
        ("workflows", ".yaml"),
        ("forms", ".yaml"),
        ("forms", ".typ.j2"),
        ("tests/broken", ".yaml"),
    ] {
        let files = files(folder, ending).into_iter();
        texts.extend(files.map(|(path, text)| (path.to_string_lossy().into_owned(), text)));
    }
    for (path, page) in files("docs", "language.md").into_iter().chain(files("tests/spec", ".md")) {
        for (at, (_, _, text)) in fences(&page).into_iter().enumerate() {
            let head = "procedure: chapter\ntitle: A chapter\nstarts: { by: clerk }\n";
            let is_steps = text.starts_with("steps:");
            let text = if is_steps { format!("{head}{text}") } else { text };
            texts.push((format!("{}-{at}.yaml", path.display()), text));
        }
    }
    for (path, text) in texts {
        Library::read(&Files::from([(path, text)]), &mut Diagnostics::default());
    }
    let said = said();
    let mut wrong = Vec::new();
    for (what, keys) in asked::so_far() {
        let Some(said) = said.get(what) else {
            wrong.push(format!("no type of the schemas has `title = \"{what}\"`"));
            continue;
        };
        let missing = keys.iter().filter(|key| !said.contains(**key));
        wrong.extend(missing.map(|key| format!("{what}: the schema doesn't know `{key}`")));
        let more = said.iter().filter(|key| !keys.contains(key.as_str()));
        wrong.extend(more.map(|key| format!("{what}: no decoder asks for `{key}`")));
    }
    let asked = asked::so_far();
    let unasked = said.keys().filter(|title| !asked.contains_key(title.as_str()));
    wrong.extend(unasked.map(|title| format!("no decoder opens `{title}`")));
    assert!(wrong.is_empty(), "{}\n{HOW}", wrong.join("\n"));
}

#[test]
fn the_copies_in_the_repository_are_current() {
    let mut wrong = Vec::new();
    for kind in KINDS {
        let path = root().join(format!("schemas/{}.json", kind.name));
        if fs::read_to_string(&path).ok() != Some(kind.text()) {
            wrong.push(path.display().to_string());
        }
    }
    let written = files("schemas", ".json").len();
    if written != KINDS.len() {
        wrong.push(format!("{written} schemas for {} kinds", KINDS.len()));
    }
    if fs::read_to_string(root().join("docs/reference.md")).ok() != Some(reference()) {
        wrong.push("docs/reference.md".to_owned());
    }
    assert!(wrong.is_empty(), "not current: {}\n{HOW}", wrong.join(", "));
}

/// Every key says what it is: an editor has nothing else to show.
#[test]
fn every_key_is_described() {
    let mut bare = Vec::new();
    for kind in KINDS {
        let schema = kind.schema();
        let parts = schema.get("definitions").and_then(Value::as_object);
        let parts = parts.into_iter().flatten().map(|(name, part)| (name.as_str(), part));
        for (name, part) in parts.chain([(kind.name, &schema)]) {
            let keys = part.get("properties").and_then(Value::as_object);
            let days = name == "Week";
            let keys = keys.into_iter().flatten().filter(|_| !days);
            bare.extend(
                keys.filter(|(_, key)| key.get("description").is_none())
                    .map(|(key, _)| format!("{name}.{key}")),
            );
        }
    }
    bare.retain(|key| key != "demo.demo");
    assert_eq!(bare, Vec::<String>::new());
}

/// The head line of a shipped file leads to the schema of its kind.
#[test]
fn shipped_files_name_their_schema() {
    let mut wrong = Vec::new();
    for (path, text) in files("workflows", ".yaml").into_iter().chain(files("forms", ".yaml")) {
        let line = text.lines().next().unwrap_or_default();
        let named = line.strip_prefix("# yaml-language-server: $schema=");
        let target = named.map(|named| path.parent().expect("a folder").join(named));
        let stem = target.as_ref().and_then(|target| target.file_stem());
        let documents = documents("file", &text);
        let kind = documents.first().and_then(first_key);
        let fits = stem.is_some_and(|stem| Some(stem.to_string_lossy().as_ref()) == kind);
        if !fits || !target.is_some_and(|target| target.exists()) {
            wrong.push(path.display().to_string());
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A slip of the pen is seen while it is written.
#[test]
fn mistakes_are_seen() {
    let text = "procedure: p\ntitle: P\nstarts: { by: a }\nsteps:\n  1: { role: a, activty: X }\n";
    let document = documents("p.yaml", text).remove(0);
    let found = against(&document, false);
    assert!(found.iter().any(|error| error.contains("activty")), "{found:?}");
    let text = "form: f\ntitle: F\nfields: { a: { label: A, type: dat } }\n";
    let found = against(&documents("f.yaml", text).remove(0), false);
    assert!(!found.is_empty());
}
