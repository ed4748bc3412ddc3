//! What beginners write, and what they are told to write instead.

use tramite::library::Files;

use crate::world::read;

const FILE: &str = r#"organisation: water
name: Water Works
language: en
currency: { code: USD, symbol: $ }
roles: { desk: Desk, crew: Crew }
---
registers:
  jobs:
    key: code
    fields: { code: { label: Code }, price: { label: Price, type: money } }
    rows: [{ code: A, price: 3.50 }]
---
parameters:
  tariffs:
    values: { visit: { label: Visit, type: money } }
    periods: [{ from: 2025-01-01, visit: 25.5 }]
---
form: claim
title: Claim
fields:
  claim:
    label: Claim
    fields:
      kind: { label: Kind, type: choice, options: { leak: Leak, gas-smell: Smell of gas } }
      where: { label: Where }
      indoors: { label: Indoors, type: yes_no }
      job: { label: Job, type: record, register: jobs }
---
procedure: claims
title: Claims
subject: "{{ claim.where }}"
starts: { by: desk }
steps:
  1:
    role: desk
    activity: Listen.
    form: claim
    due: 2 working days
    decide: { Ours: 2, Not ours: { end: refused } }
  2:
    choose:
      - { when: claim.kind == 'leak', go: 3 }
      - { end: done }
  3: { wait: { until: 2 working days } }
  4: { role: crew, activity: Repair and test. }
"#;

/// Code and helps of the findings when `from` is replaced.
fn told(from: &str, to: &str) -> Vec<(&'static str, String)> {
    assert!(FILE.contains(from), "{from} stands in the file");
    let text = FILE.replacen(from, to, 1);
    let files = Files::from([("water.yaml".to_owned(), text)]);
    let (_, found) = read(&files);
    found
        .into_iter()
        .map(|finding| {
            let words = [finding.headline, finding.primary.text].into_iter().chain(finding.helps);
            (finding.code, words.collect::<Vec<_>>().join("; "))
        })
        .collect()
}

#[test]
fn one_slip_is_one_finding_that_says_what_to_write() {
    assert_eq!(told("Repair", "Repair"), [], "the file itself is clean");
    let repair = "activity: Repair and test.";
    let kind = "claim.kind == 'leak'";
    let cases = [
        // Commas, braces and colons in texts.
        (repair, "activity: Repair, test and clean.", "unknown_key", "\"Repair, test and clean.\""),
        ("price: 3.50", "price: 3,50", "unknown_field", "`price: 3.50`"),
        ("visit: 25.5", "visit: 25,5", "unknown_field", "`visit: 25.5`"),
        (
            "subject: \"{{ claim.where }}\"",
            "subject: {{ claim.where }}",
            "yaml_syntax",
            "\"{{ claim.where }}\"",
        ),
        (
            "subject: \"{{ claim.where }}\"",
            "subject: {{ claim.where }} · x",
            "yaml_syntax",
            "\"{{ claim.where }} · x\"",
        ),
        (
            "title: Claims",
            "title: Claims: all of them",
            "yaml_syntax",
            "`title: \"Claims: all of them\"`",
        ),
        // Conditions.
        (kind, "claim.kind == leak", "unknown_variable", "the text `'leak'`"),
        (kind, "claim.kind == gas-smell", "unknown_variable", "the text `'gas-smell'`"),
        (kind, "\"claim.kind in [leak]\"", "unknown_variable", "the text `'leak'`"),
        (kind, "kind == 'leak'", "unknown_variable", "did you mean `claim.kind`"),
        (kind, "claim.kind = 'leak'", "bad_expression", "write `==`"),
        (kind, "claim.kind == 'leak' && claim.indoors", "bad_expression", "write `and`"),
        (kind, "label('claim.kind') == 'Leak'", "unknown_function", "in documents and subjects"),
        (kind, "upper(claim.kind) == 'LEAK'", "unknown_function", "`value | upper`"),
        ("label: Where }", "label: Where, default: nothing }", "unknown_variable", "\"'nothing'\""),
        // Shapes.
        ("type: yes_no", "type: boolean", "unknown_type", "`yes_no`"),
        ("type: yes_no", "type: colour", "unknown_type", "`integer`, `number`, `money`"),
        (
            "decide: { Ours: 2, Not ours: { end: refused } }",
            "decide: [Ours, Not ours]",
            "wrong_shape",
            "decide: { Approved: 4",
        ),
        (
            "wait: { until: 2 working days }",
            "wait: { days: 10 }",
            "missing_key",
            "until: 2 working days",
        ),
        ("wait: { until: 2 working days }", "wait: 10 days", "wrong_shape", "{ until: 10 days }"),
        ("due: 2", "deadline: 2", "unknown_key", "did you mean `due`"),
        (repair, "activity: Repair., next: 4", "unknown_key", "did you mean `go`"),
        (
            "starts: { by: desk }",
            "starts: { by: desk, every: month on the 31st }",
            "bad_schedule",
            "month on the last day",
        ),
        ("language: en", "language: english", "bad_value", "write `en`"),
        ("code: USD", "code: usd", "bad_value", "write `USD`"),
        (
            "subject: \"{{ claim.where }}\"",
            "subject: claim.where",
            "missing_braces",
            "\"{{ claim.where }}\"",
        ),
        ("claim.where }}", "claim.where | label }}", "type_mismatch", "has no labels"),
    ];
    for (from, to, code, words) in cases {
        let told = told(from, to);
        let [(found, text)] = told.as_slice() else { panic!("{to}: {told:?}") };
        assert_eq!(*found, code, "{to}");
        assert!(text.contains(words), "{to}: {text}");
    }
}

#[test]
fn the_list_of_steps_instead_of_a_list_of_keys() {
    let steps = FILE.find("steps:\n").expect("the steps");
    let text = format!("{}steps: [{{ role: desk, activity: Listen. }}]\n", &FILE[..steps]);
    let (_, found) = read(&Files::from([("water.yaml".to_owned(), text)]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].helps.concat().contains("1: { role: desk"), "{found:?}");
}
