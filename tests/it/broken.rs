//! Every file of `tests/broken` has one fault; the checker finds it, at its place, and nothing else.
//!
//! The first line of each file says what is expected: `# expect: code line:column`.

use std::collections::BTreeSet;
use std::fs;

use tramite::diagnostic::{Diagnostics, Sources, codes};

use crate::world::{checked, root};

#[test]
fn every_seeded_fault_is_found_where_it_is() {
    let mut failed = Vec::new();
    let mut codes_seen = BTreeSet::new();
    let mut count = 0;
    for entry in fs::read_dir(root().join("tests/broken")).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(&path).expect("a text");
        let expected = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# expect: "))
            .unwrap_or_else(|| panic!("{} begins with `# expect: …`", path.display()));
        let (library, found) = checked(std::slice::from_ref(&path));
        let told: Vec<String> = found
            .iter()
            .map(|finding| {
                let span = finding.primary.span;
                let (line, column) =
                    library.sources.get(span.file).line_column(span.start as usize);
                format!("{} {line}:{column}", finding.code)
            })
            .collect();
        codes_seen.insert(expected.split(' ').next().unwrap_or_default().to_owned());
        if told != [expected.trim()] {
            failed.push(format!("{}: expected {expected}, told {told:?}", path.display()));
        }
    }
    assert!(count >= 40, "only {count} broken files");
    assert_eq!(failed, Vec::<String>::new());
    // What needs a file that can't lie in a repository is tried in `limits`, what depends on the day of
    // the test in `calendars`, diagrams in `bpmn`.
    let elsewhere = ["unreadable_file", "file_too_large", "holidays_end"];
    let missing: Vec<&str> = codes::ALL
        .iter()
        .map(|code| code.name)
        .filter(|name| !name.starts_with("bpmn_"))
        .filter(|name| !codes_seen.contains(*name) && !elsewhere.contains(name))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "codes without a broken file");
}

#[test]
fn clean_examples_are_clean() {
    for name in ["minimal", "full", "guarded"] {
        let path = root().join(format!("tests/broken/clean/{name}.yaml"));
        let (_, found) = checked(&[path]);
        assert_eq!(found, [], "{name}");
    }
}

#[test]
fn faults_of_all_files_are_told_in_one_run() {
    let mut found = Diagnostics::default();
    let mut unread = Sources::default();
    let folders = [root().join("workflows"), root().join("forms")];
    let mut files = tramite::library::collect(&folders, &mut found, &mut unread).expect("files");
    let spoil = |files: &mut tramite::library::Files, name: &str, from: &str, to: &str| {
        let (_, text) = files.iter_mut().find(|(path, _)| path.ends_with(name)).expect(name);
        assert!(text.contains(from), "{name} has {from}");
        *text = text.replacen(from, to, 1);
    };
    spoil(&mut files, "8.1-registro.yaml", "role: tecnico", "role: tecnio");
    spoil(&mut files, "8.3-corte.yaml", "procedure: corte", "procedure: corte\ntitulo: Corte");
    spoil(&mut files, "8.4-retiro.yaml", "steps:", "steps: [");
    spoil(&mut files, "medidor.yaml", "type: choice", "type: chioce");
    let (_, found) = crate::world::read(&files);
    let codes: BTreeSet<&str> = found.iter().map(|finding| finding.code).collect();
    for code in ["unknown_role", "unknown_key", "yaml_syntax", "unknown_type"] {
        assert!(codes.contains(code), "{code} is among {codes:?}");
    }
    assert_eq!(found.len(), 4, "and nothing that merely follows: {codes:?}");
}
