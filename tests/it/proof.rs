//! What the checker proves: its pages' examples, and procedures whose faults only a walk over all
//! markings can find, each with the way that it tells.

use std::time::Instant;

use tramite::check::proof::{Limits, Proof};
use tramite::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use tramite::library::{Files, Library};

use crate::world::{executable, read, shipped};

/// A workspace with the roles that the pages speak of.
fn workspace(steps: &str) -> Files {
    let head = "organisation: office\nname: Office\nlanguage: en\nroles:\n  ape: Desk\n  tecnico: \
                Fitter\n  cajas: Cash\n---\nprocedure: flow\ntitle: Flow\nsubject: Flow\nstarts: { by: ape \
                }\n";
    Files::from([("office.yaml".to_owned(), format!("{head}{steps}"))])
}

/// What is found, but what is not used.
fn found(steps: &str) -> Vec<Diagnostic> {
    let (_, found) = read(&workspace(steps));
    found.into_iter().filter(|finding| !finding.code.starts_with("unused_")).collect()
}

fn codes_of(steps: &str) -> Vec<&'static str> {
    found(steps).iter().map(|finding| finding.code).collect()
}

fn library(steps: &str) -> Library {
    Library::read(&workspace(steps), &mut Diagnostics::default())
}

#[test]
fn the_pages_show_what_is_found_and_what_is_not() {
    let of_proof = [
        "waits_for_ever",
        "never_reached",
        "unbounded_fork",
        "left_unfinished",
        "not_proved",
        "circular_order",
    ];
    for name in of_proof {
        let page = codes::find(name).expect("a code").page;
        let mut examples = page.split("```yaml\n").skip(1);
        let mut next = || {
            let example = examples.next().expect("an example");
            example.split("```").next().expect("its end")
        };
        assert_eq!(codes_of(next()), [name], "the bad example of {name}");
        assert_eq!(codes_of(next()), Vec::<&str>::new(), "the good example of {name}");
    }
}

/// The notes of the only finding.
fn note(steps: &str, code: &str) -> String {
    let found = found(steps);
    assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), [code]);
    found[0].notes.join("; ")
}

#[test]
fn two_critical_sections_in_different_order_are_told_with_the_way_there() {
    let steps = "steps:
  1: { role: ape, activity: Begin }
  2:
    parallel:
      pole:
        3: { mutex: crane, parallel: { one: { 4: { role: ape, activity: A }, 5: { role: ape, \
                 activity: B, mutex: truck } } } }
      line:
        6: { mutex: truck, parallel: { two: { 7: { role: ape, activity: C }, 8: { role: ape, \
                 activity: D, mutex: crane } } } }
";
    let text = note(steps, "waits_for_ever");
    assert!(text.starts_with("for example on the way 1 → 7 → 4; step 5 waits as well"), "{text}");
    assert_eq!(codes_of(&steps.replace("mutex: crane, parallel", "parallel")), Vec::<&str>::new());
}

#[test]
fn a_fault_deep_inside_is_told_with_the_whole_way() {
    let steps = "steps:
  1: { role: ape, activity: Begin, decide: { Later: 1, Now: 2 } }
  2:
    parallel:
      a: { 3: { role: ape, activity: A } }
      b:
        4: { role: ape, activity: B }
        5:
          parallel:
            c:
              6: { role: ape, activity: Copy, spawn: 2 }
              7: { role: ape, activity: Sign, decide: { Yes: 8, No: join } }
              8: { role: ape, activity: File, join: { tokens: 2 } }
            d: { 9: { role: ape, activity: D } }
  10: { role: ape, activity: Close }
";
    let text = note(steps, "waits_for_ever");
    assert!(text.contains("1 (Now) → 4 → 6 → 7 (Yes) → 7 (No)"), "{text}");
}

#[test]
fn an_open_list_a_queue_and_rounds_are_walked_over() {
    let steps = "steps:
  1:
    each: { open: ape, as: copy }
    steps: { 2: { role: ape, activity: Copy } }
  3:
    repeat: { until: visits('4') > 3 }
    steps:
      4: { role: ape, activity: Try }
      5: { role: ape, activity: Look, decide: { Again: 4, Fine: {} } }
  6:
    parallel:
      left: { 7: { role: ape, activity: L } }
      right: { 8: { role: ape, activity: R, spawn: 2 }, 9: { role: ape, activity: S } }
    join: queue
";
    let codes = codes_of(steps);
    assert_eq!(codes, Vec::<&str>::new());
}

/// Two hundred steps: in each of eight blocks eight branches of three steps.
fn large() -> String {
    let mut steps = String::from("steps:\n");
    let mut number = 0;
    for _ in 0..8 {
        number += 1;
        steps.push_str(&format!("  {number}:\n    parallel:\n"));
        for branch in 0..8 {
            steps.push_str(&format!("      b{branch}:\n"));
            for at in 0..3 {
                number += 1;
                let way = match at {
                    1 => format!(
                        ", decide: {{ Again: {}, On: {{}}, Stop: {{ end: no }} }}",
                        number - 1
                    ),
                    _ => String::new(),
                };
                steps.push_str(&format!("        {number}: {{ role: ape, activity: x{way} }}\n"));
            }
        }
    }
    steps
}

#[test]
fn two_hundred_steps_with_eight_branches_each_are_proved() {
    let steps = large();
    assert_eq!(codes_of(&steps), Vec::<&str>::new());
    let executable = library(&steps).executable("office/flow").expect("the procedure");
    let began = Instant::now();
    let proof = Proof::of(&executable, Limits::default());
    println!("{} markings in {:?}", proof.markings(), began.elapsed());
    assert!(proof.is_sound());
    assert!(proof.markings() < 2_000, "{} markings", proof.markings());
}

/// Branches that all want what the others keep.
fn entangled(branches: usize) -> String {
    let mut steps = "steps:\n  1:\n    parallel:\n".to_owned();
    for branch in 0..branches {
        steps.push_str(&format!("      b{branch}:\n"));
        for at in 0..3 {
            let (number, name) = (2 + 3 * branch + at, (branch + at) % 7);
            steps.push_str(&format!(
                "        {number}: {{ role: ape, activity: x, mutex: m{name} }}\n"
            ));
        }
    }
    steps
}

/// What can be reached from one marking is as much as what was looked at: a limit counts it as well.
#[test]
fn what_is_kept_is_bounded_by_what_it_weighs() {
    let bytes = 4 << 20;
    let limits = Limits { bytes, ..Limits::default() };
    for branches in [20, 100] {
        let steps = entangled(branches);
        let executable = library(&steps).executable("office/flow").expect("the procedure");
        let proof = Proof::of(&executable, limits);
        assert!(!proof.is_complete());
        let tokens = proof.regions.iter().flat_map(|region| &region.nodes);
        let tokens: usize = tokens.map(|node| node.marking.state.tokens().count()).sum();
        // A marking can't go beyond by more than itself.
        assert!(tokens * 400 < bytes + 100_000, "{tokens} tokens with {branches} branches");
        assert!(tokens * 800 > bytes, "given up early: {tokens} tokens with {branches} branches");
    }
}

/// Large markings take longer than small ones.
#[test]
fn what_is_looked_at_is_bounded_by_what_stands_in_it() {
    let limits = Limits { work: 400_000, ..Limits::default() };
    let markings = [20, 100].map(|branches| {
        let steps = entangled(branches);
        let executable = library(&steps).executable("office/flow").expect("the procedure");
        let proof = Proof::of(&executable, limits);
        assert!(!proof.is_complete());
        // Given up is not wrong: what was not tried to the end leads somewhere.
        assert!(proof.regions.iter().all(|region| region.stuck().is_empty()));
        proof.markings()
    });
    assert!(markings[1] * 3 < markings[0], "{markings:?}");
}

/// Taking a procedure apart must not change what is found.
#[test]
fn the_shipped_procedures_are_proved_either_way() {
    let limits = Limits { is_reduced: false, ..Limits::default() };
    for name in shipped().names() {
        let executable = executable(&name);
        assert!(Proof::of(&executable, Limits::default()).is_sound(), "{name}");
        assert!(Proof::of(&executable, limits).is_sound(), "{name}, all at once");
    }
}

#[test]
fn what_is_not_proved_is_a_warning() {
    assert_eq!(codes::severity("not_proved"), Severity::Warning);
}

/// Who claims a branch of `wait_any` has the others withdrawn, and has not completed it yet.
#[test]
fn a_branch_is_decided_for_before_its_work_is_done() {
    let steps = "steps:\n  1:\n    parallel:\n      a:\n        2:\n          wait_any:\n            \
                 x: { 3: { role: ape, activity: A } }\n            \
                 y: { 4: { role: cajas, activity: B, mutex: m } }\n      b:\n        \
                 5: { role: tecnico, activity: C, mutex: m }\n        \
                 6: { role: tecnico, activity: D, enabled_while: 3 }\n  7: { role: ape, activity: E }\n";
    assert_eq!(codes_of(steps), Vec::<&str>::new());
}
