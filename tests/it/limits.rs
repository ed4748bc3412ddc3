//! Hostile files are refused at once, with a finding that says what to do.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tempfile::tempdir;
use tramite::diagnostic::{Diagnostics, Sources};
use tramite::engine::{Actor, Command, Facts, MAX_OPEN, Rejection, State, decide};
use tramite::expression::Map;
use tramite::library::{Files, Library, collect};

use crate::office;
use crate::world::read;

/// The codes that a text of one file gives.
fn codes(text: String) -> Vec<&'static str> {
    let (_, found) = read(&Files::from([("workflows/x/x.yaml".to_owned(), text)]));
    found.iter().map(|finding| finding.code).collect()
}

#[test]
fn nesting_ten_thousand_deep_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let text = format!("procedure: {}1{}", open.repeat(10_000), close.repeat(10_000));
        assert_eq!(codes(text), ["yaml_too_deep"]);
    }
    let indented: String =
        (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>();
    // Fourteen megabytes of indentation would be too large as a file; a shorter one is too deep.
    let indented: String = indented.chars().take(3_000_000).collect();
    assert_eq!(codes(indented), ["yaml_too_deep"]);
    let dashes = format!("{}1", "- ".repeat(10_000));
    assert_eq!(codes(dashes), ["yaml_too_deep"]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        let list = vec![format!("*a{before}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    assert_eq!(codes(text), ["yaml_too_many_values"]);
}

#[test]
fn an_alias_to_itself_is_refused() {
    assert_eq!(codes("procedure: &a [*a]\n".to_owned()), ["yaml_syntax"]);
}

#[test]
fn fifty_megabytes_and_other_alphabets_are_refused() {
    let folder = tempdir().expect("a folder");
    let large = folder.path().join("large.yaml");
    std::fs::File::create(&large).and_then(|file| file.set_len(50 << 20)).expect("a large file");
    std::fs::write(folder.path().join("latin1.yaml"), b"procedure: caf\xe9\n").expect("a file");
    let (mut found, mut sources) = (Diagnostics::default(), Sources::default());
    let files =
        collect(&[folder.path().to_owned()], &mut found, &mut sources).expect("a folder is there");
    assert!(files.is_empty());
    let mut codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["file_too_large", "unreadable_file"]);
}

#[test]
fn hostile_expressions_and_templates_are_refused() {
    let workspace = |when: &str, body: &str| {
        format!(
            "organisation: x\nname: X\nroles: {{ a: A }}\nseries: {{ s: {{ pattern: \"{{year}}-{{number}}\" }} }}\n\
             ---\ndocument: d\ntitle: D\nseries: s\ntemplate: '{body}'\n\
             ---\nprocedure: p\ntitle: P\nstarts: {{ by: a }}\nsteps:\n  1: {{ role: a, activity: A, issues: {{ d: {{ when: '{when}' }} }} }}\n"
        )
    };
    let deep = format!("{}1{} == 1", "(".repeat(900), ")".repeat(900));
    assert_eq!(codes(workspace(&deep, "x")), ["bad_expression"]);
    assert_eq!(codes(workspace(&"not ".repeat(5_000), "x")), ["bad_expression"]);
    let nots = format!("{{{{ {}1 }}}}", "not ".repeat(20_000));
    assert_eq!(codes(workspace("1 == 1", &nots)), ["broken_template"]);
    let endless = "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x{% endfor %}{% endfor %}{% endfor %}";
    assert_eq!(codes(workspace("1 == 1", endless)), ["broken_template"]);
}

#[test]
fn a_chain_of_operators_and_a_term_of_ages_are_refused() {
    let workspace = |computed: &str, due: &str| {
        format!(
            "organisation: x\nname: X\nroles: {{ a: A }}\n\
             ---\nform: f\ntitle: F\nfields: {{ n: {{ label: N, type: number, computed: '{computed}' }} }}\n\
             ---\nprocedure: p\ntitle: P\nstarts: {{ by: a }}\nsteps:\n  1: {{ role: a, activity: A, form: f, due: {due} }}\n"
        )
    };
    let sum = vec!["1"; 500].join("+");
    assert_eq!(codes(workspace(&sum, "2 days")), ["bad_expression"]);
    assert_eq!(codes(workspace(&format!("{}1", "-".repeat(1_900)), "2 days")), ["bad_expression"]);
    assert_eq!(codes(workspace("1", "2000000 weeks")), ["bad_term"]);
    assert_eq!(codes(workspace("1", "2 weeks")), Vec::<&str>::new());
}

/// What opens when the first step of a case is done, behind which a thousand branches have so many each.
fn opened(times: u32) -> Result<State, Rejection> {
    let steps = format!(
        "  1: {{ role: clerk, activity: x }}\n  2:\n    each: {{ times: 1000 }}\n    steps:\n      3:\n\
         \u{20}       each: {{ times: {times} }}\n        steps:\n          4: {{ role: clerk, \
         activity: x }}\n"
    );
    let files = Files::from([("office.yaml".to_owned(), office::text(&steps))]);
    let library = Library::read(&files, &mut Diagnostics::default());
    let executable = library.executable("office/flow").expect("the procedure");
    let facts = Facts { now: office::MORNING.parse().expect("an instant"), ..Facts::default() };
    let clerk = Actor {
        id: "ana".to_owned(),
        name: "Ana".to_owned(),
        roles: BTreeSet::from(["clerk".to_owned()]),
    };
    let ask = |state, command| decide(&executable, state, &clerk, &command, &facts);
    let begun = ask(State::default(), Command::StartCase { version: 1 }).expect("begun");
    let task = *begun.state.tasks.keys().next().expect("an open task");
    let complete = Command::CompleteTask { task, submission: Map::new(), choice: None };
    ask(begun.state, complete).map(|decision| decision.state)
}

/// A million branches, of which each block alone may have its own.
#[test]
fn more_than_can_be_open_is_refused_soon() {
    assert_eq!(opened(2).map(|state| state.tasks.len()), Ok(MAX_OPEN as usize));
    for times in [3, 30, 1_000] {
        let began = Instant::now();
        let refused = opened(times).expect_err("too many");
        assert!(matches!(&refused, Rejection::TooMuchOpen { most: MAX_OPEN, .. }), "{refused:?}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
    let refused = opened(1_001).expect_err("too many");
    assert_eq!(refused, Rejection::TooMuchOpen { step: "3".to_owned(), most: 1_000 });
}
