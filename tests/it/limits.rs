//! Hostile files are refused at once, with a finding that says what to do.

use tempfile::tempdir;
use tramite::diagnostic::{Diagnostics, Sources};
use tramite::library::{Files, collect};

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
