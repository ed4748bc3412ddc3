//! Procedures as BPMN diagrams and back, diagrams of other tools, and files that mean harm.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tramite::bpmn::{self, Imported, Titles};
use tramite::diagnostic::{Diagnostic, Diagnostics, Sources};
use tramite::procedure::{Graph, Node as Vertex, NodeIndex};
use tramite::yaml::plain::{self, Plain};
use tramite::yaml::{Kind, Node, parse};

use crate::world::root;

/// The procedures of a file, each as a diagram.
pub fn exported(text: &str) -> Vec<String> {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("x.yaml", text);
    let documents = parse(file, text, &mut found);
    let procedures = documents.iter().filter(|node| is_procedure(node));
    let mut diagrams = Vec::new();
    for node in procedures {
        let diagram = bpmn::export(node, &sources, &Titles::default(), &mut found);
        diagrams.extend(diagram);
    }
    let found = found.into_sorted();
    assert!(found.is_empty(), "{found:#?}\n{text}");
    diagrams
}

fn is_procedure(node: &Node) -> bool {
    let Kind::Mapping(entries) = &node.kind else { return false };
    entries.first().is_some_and(|(key, _)| key.text() == Some("procedure"))
}

fn imported(diagram: &str) -> (Imported, Vec<Diagnostic>) {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("x.bpmn", diagram);
    let imported = bpmn::import(file, diagram, &mut found);
    (imported, found.into_sorted())
}

/// What a file's procedure says, step by step, and where its ways lead.
fn told(text: &str) -> (Vec<String>, BTreeSet<String>) {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("x.yaml", text);
    let documents = parse(file, text, &mut found);
    let node = documents.iter().find(|node| is_procedure(node)).expect("a procedure");
    let procedure = tramite::procedure::decode(node, &sources, &mut found).expect("it decodes");
    let graph = Graph::of(&procedure);
    let name = |at: NodeIndex| match &graph.flows[at] {
        Vertex::Start => "start".to_owned(),
        Vertex::Step(at) => procedure.steps[*at].id.value.clone(),
        Vertex::Join(at) => format!("join {}", *procedure.steps[*at].id),
        Vertex::Beside(at) => format!("beside {}", *procedure.steps[*at].id),
        Vertex::End(outcome) => format!("end {outcome}"),
    };
    let ways = graph.flows.edge_indices().filter_map(|edge| {
        let (from, to) = graph.flows.edge_endpoints(edge)?;
        Some(format!("{} -{:?}-> {}", name(from), graph.flows[edge], name(to)))
    });
    let without_ways = |value: &Plain| {
        let Plain::Table(steps) = value else { panic!("steps") };
        let mut lines = Vec::new();
        steps_of(steps, &mut lines);
        lines
    };
    let Plain::Table(table) = Plain::of(node) else { panic!("a table") };
    let steps = table.iter().find(|(key, _)| key == "steps").expect("steps");
    let mut lines = without_ways(&steps.1);
    let mut head: Vec<String> = table
        .iter()
        .filter(|(key, _)| key != "steps")
        .map(|(key, value)| format!("{key}: {}", bare(value)))
        .collect();
    head.sort();
    lines.splice(0..0, head);
    (lines, ways.collect())
}

/// Each step with its keys in order, but for its ways, which the graph tells.
fn steps_of(steps: &[(String, Plain)], lines: &mut Vec<String>) {
    for (number, step) in steps {
        let Some(table) = step.as_table() else {
            lines.push(format!("{number}: {}", bare(step)));
            continue;
        };
        let mut keys: Vec<String> = Vec::new();
        for (key, value) in table {
            match (key.as_str(), value) {
                (
                    "go" | "end" | "decide" | "choose" | "parallel" | "choose_any" | "wait_any",
                    _,
                ) => {}
                _ => keys.push(format!("{key}: {}", bare(value))),
            }
        }
        keys.sort();
        lines.push(format!("{number}: {}", keys.join("; ")));
        for key in ["decide", "choose"] {
            let Some(value) = plain::get(table, key) else { continue };
            let choices: Vec<&Plain> = match value {
                Plain::Table(lines) => lines.iter().map(|(_, value)| value).collect(),
                Plain::List(lines) => lines.iter().collect(),
                _ => Vec::new(),
            };
            for choice in choices.iter().filter_map(|choice| choice.as_table()) {
                let beside = choice.iter().filter(|(key, _)| !["go", "end"].contains(&&**key));
                let mut beside: Vec<String> =
                    beside.map(|(key, value)| format!("{key}: {}", bare(value))).collect();
                beside.sort();
                if beside.is_empty() {
                    continue;
                }
                lines.push(format!("{number} choice: {}", beside.join("; ")));
            }
        }
        for key in ["parallel", "choose_any", "wait_any"] {
            let Some(Plain::Table(branches)) = plain::get(table, key) else { continue };
            for (name, branch) in branches {
                lines.push(format!("{number} {key} {name}"));
                steps_of(branch.as_table().expect("steps"), lines);
            }
        }
    }
}

/// A value without its quotes.
fn bare(value: &Plain) -> String {
    match value {
        Plain::Null => "null".to_owned(),
        Plain::Text(text) => text.text.clone(),
        Plain::List(items) => format!("{:?}", items.iter().map(bare).collect::<Vec<_>>()),
        Plain::Table(table) => {
            let table = table.iter().map(|(key, value)| (key.as_str(), bare(value)));
            format!("{:?}", table.collect::<Vec<_>>())
        }
    }
}

/// Exports what was imported until nothing changes: at once.
fn assert_fixed(name: &str, text: &str) {
    for diagram in exported(text) {
        let (first, found) = imported(&diagram);
        assert!(found.is_empty(), "{name}: {found:#?}\n{diagram}");
        let (before, after) = (told(text), told(&first.text));
        assert_eq!(after.0, before.0, "{name}: the steps\n{}", first.text);
        assert_eq!(after.1, before.1, "{name}: the ways\n{}", first.text);
        let again = exported(&first.text);
        assert_eq!(again.first(), Some(&diagram), "{name}: export, import, export");
        let (second, _) = imported(&again[0]);
        assert_eq!(second.text, first.text, "{name}: import, export, import");
    }
}

#[test]
fn what_is_shipped_comes_back_as_it_was() {
    let shipped = shipped();
    shipped.iter().for_each(|(name, text)| assert_fixed(name, text));
    assert!(shipped.len() >= 5, "{} procedures", shipped.len());
}

/// Names and texts of the procedures in the repository.
fn shipped() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("workflows/tupiza")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a text");
        if text.lines().any(|line| line.starts_with("procedure:")) {
            all.push((path.to_string_lossy().into_owned(), text));
        }
    }
    all
}

/// Names and texts of all procedures that are exported here.
pub fn procedures() -> Vec<(String, String)> {
    let events = ("events".to_owned(), EVENTS.to_owned());
    shipped().into_iter().chain(patterns()).chain([events]).collect()
}

/// Everything that a step says of events.
const EVENTS: &str = r#"
procedure: flow
title: Flow
starts: { by: clerk }
steps:
  1:
    role: clerk
    activity: Answer the letter.
    on:
      - { after: 8 hours, every: 8 hours, remind: true }
      - { after: 2 working days, go: 3 }
      - { after: 1 day, escalate: boss }
      - { message: withdrawn, key: "{{ case.number }}", end: withdrawn }
  2: { wait: { until: 2 working days } }
  3: { wait: { message: paid, into: payment }, on: { after: 10 days, end: not paid } }
  4: { wait: { signal: storm }, set: { is_late: true } }
  5:
    each: { in: houses, as: house }
    steps:
      6: { role: clerk, activity: Visit. , on: { after: 1 day, end: nobody there } }
    on: { signal: storm, go: 7 }
  7:
    wait_any:
      answer: { 8: { wait: { message: answer } }, 9: { role: clerk, activity: File it. } }
      silence: { 10: { wait: { until: 3 days } } }
  11:
    wait_any:
      call: { 12: { role: clerk, activity: Take the call. } }
      time: { 13: { wait: { until: 3 days }, end: forgotten } }
  14:
    parallel:
      a: { 15: { role: clerk, activity: A. } }
      b: { 16: { role: boss, activity: B. } }
    on: { after: 10 days, end: granted by silence }
  17: { sends: { message: done, key: "{{ case.number }}" } }
  18: { signals: closed }
"#;

#[test]
fn what_is_waited_for_comes_back_as_it_was() {
    assert_fixed("events", EVENTS);
    let diagram = &exported(EVENTS)[0];
    for (element, count) in [
        ("intermediateCatchEvent", 5),
        ("eventBasedGateway", 1),
        ("boundaryEvent", 5),
        ("messageEventDefinition", 2),
        ("timerEventDefinition", 6),
        ("signalEventDefinition", 2),
        ("receiveTask", 1),
        ("sendTask", 2),
    ] {
        let found = diagram.matches(&format!("<bpmn:{element} ")).count();
        assert_eq!(found, count, "{element}\n{diagram}");
    }
}

#[test]
fn every_pattern_comes_back_as_it_was() {
    let patterns = patterns();
    patterns.iter().for_each(|(name, text)| assert_fixed(name, text));
    assert!(patterns.len() >= 16, "{} procedures", patterns.len());
}

fn patterns() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("tests/spec/patterns")).expect("the folder") {
        let path = entry.expect("an entry").path();
        for steps in chapter(&path) {
            let text = format!("procedure: flow\ntitle: Flow\nstarts: {{ by: clerk }}\n{steps}");
            all.push((path.to_string_lossy().into_owned(), text));
        }
    }
    all
}

/// The procedures of a chapter that are not wrong on purpose.
fn chapter(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a text");
    let mut all = Vec::new();
    let mut parts = text.split("\n```yaml\n").skip(1);
    for part in parts.by_ref() {
        let steps = part.split("\n```").next().unwrap_or_default();
        if steps.starts_with("steps:") {
            all.push(steps.to_owned());
        }
    }
    all
}

/// The diagrams in the style of other tools, with the paths of what is expected of them.
pub fn samples() -> Vec<(std::path::PathBuf, String)> {
    let folder = root().join("tests/spec/bpmn");
    let mut all: Vec<_> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "bpmn"))
        .map(|path| (path.clone(), fs::read_to_string(&path).expect("a text")))
        .collect();
    all.sort();
    assert!(all.len() >= 5, "only {} diagrams", all.len());
    all
}

/// Findings as `code line`, and what was lost.
fn lines(diagram: &str, found: &[Diagnostic]) -> String {
    let mut sources = Sources::default();
    let file = sources.add("x.bpmn", diagram);
    let line = |finding: &Diagnostic| {
        let (line, _) = sources.get(file).line_column(finding.primary.span.start as usize);
        format!("{} {line}: {}: {}\n", finding.code, finding.headline, finding.primary.text)
    };
    found.iter().map(line).collect()
}

#[test]
fn diagrams_of_other_tools_become_procedures() {
    let update = std::env::var("TRAMITE_UPDATE").is_ok();
    let mut wrong = Vec::new();
    for (path, diagram) in samples() {
        let (first, found) = imported(&diagram);
        for (ending, told) in [("yaml", first.text.clone()), ("txt", lines(&diagram, &found))] {
            let expected = path.with_extension(ending);
            if update {
                fs::write(&expected, &told).expect("written");
            }
            if fs::read_to_string(&expected).ok().as_ref() != Some(&told) {
                wrong.push(format!("{}: {ending} is now\n{told}", path.display()));
            }
        }
        // What came of it is a procedure that stays as it is from then on.
        let diagrams = exported(&first.text);
        let again: Vec<String> = diagrams.iter().map(|text| imported(text).0.text).collect();
        assert_eq!(again.join("---\n"), first.text, "{}", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
