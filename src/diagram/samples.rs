//! Procedures to draw in tests: the real ones, hard ones and random ones.
//!
//! Read here and not by `library`, which is on this module's own floor.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use crate::diagnostic::{Diagnostics, Sources};
use crate::document;
use crate::organisation;
use crate::procedure::{self, Executable};
use crate::yaml::{Kind, parse};

/// The real procedures.
pub fn tupiza() -> Vec<Executable> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> = ["workflows/tupiza", "forms/tupiza"]
        .iter()
        .flat_map(|folder| fs::read_dir(here.join(folder)).expect("a folder"))
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    let texts = paths.iter().map(|path| fs::read_to_string(path).expect("a text"));
    read(&texts.collect::<Vec<_>>())
}

/// The procedures among these files, with the organisation and the documents among them.
pub fn read(texts: &[String]) -> Vec<Executable> {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let (mut organisations, mut documents, mut procedures) = (Vec::new(), Vec::new(), Vec::new());
    for text in texts {
        let file = sources.add("sample", text.as_str());
        if text.starts_with("---\ndocument:") {
            documents.extend(document::decode_file(file, text, &mut found));
            continue;
        }
        for node in parse(file, text, &mut found) {
            let Kind::Mapping(entries) = &node.kind else { continue };
            match entries.first().and_then(|(key, _)| key.text()) {
                Some("organisation") => {
                    organisations.extend(organisation::decode(&node, &sources, &mut found));
                }
                Some("procedure") => {
                    procedures.extend(procedure::decode(&node, &sources, &mut found));
                }
                _ => {}
            }
        }
    }
    let organisation = Arc::new(organisations.pop().expect("an organisation"));
    let make = |procedure| {
        let (none, layouts) = (Arc::default(), Arc::default());
        Executable::new(procedure, &organisation, &none, &[], &documents, &layouts)
    };
    procedures.iter().map(make).collect()
}

/// A procedure of these steps, in an organisation of this language with four roles, `a` external.
pub fn procedure(language: &str, steps: &str) -> Executable {
    let head = format!(
        "organisation: prueba
name: Prueba
language: {language}
currency: {{ code: BOB, symbol: Bs, decimals: 2 }}
roles:
  a: {{ title: Front desk, external: true, attended_by: b }}
  b: {{ title: Back office, short: BO }}
  c: Technicians of the northern region
  d: Cash
---
procedure: p
title: \"A <trial> & more\"
subject: x
starts: {{ by: b }}
steps:"
    );
    read(&[format!("{head}\n{steps}")]).pop().expect("the procedure is readable")
}

pub const FAN: &str = "
  1: { role: b, activity: Sort., decide: { Complaint: { go: 2 }, Request: { go: 3 },
      Invoice of a supplier with a very long name indeed: { go: 4 }, Junk: { end: away },
      Unclear: { go: 1 } } }
  2: { role: b, activity: Answer the complaint., go: 5 }
  3: { role: b, activity: Answer the request., go: 5 }
  4: { role: d, activity: Pay., go: 6 }
  5: { role: b, activity: File., decide: { Again: { go: 1 }, Wrong: { go: 2 }, Done: { go: 6 },
      Pay: { go: 4 } } }
  6: { role: c, activity: Close., decide: { All again: { go: 1 }, To cash: { go: 4 },
      Fine: { end: done }, Not fine: { end: failed } } }
";

pub const LONG: &str = "
  1: { role: a, activity: One., decide: { on: { go: 2 }, far: { go: 12 }, further: { go: 14 } } }
  2: { role: b, activity: Two. }
  3: { role: c, activity: Three., decide: { back: { go: 1 }, on: { go: 4 }, out: { end: no } } }
  4: { role: b, activity: Four. }
  5: { activity: Reckon., set: { x: 1 } }
  6: { role: b, activity: Six., decide: { back: { go: 2 }, on: { go: 7 }, skip: { go: 9 } } }
  7: { role: d, activity: Seven. }
  8: { role: d, activity: Eight. }
  9: { role: b, activity: Nine., decide: { on: { go: 10 }, far: { go: 13 } } }
  10: { role: a, activity: Ten. }
  11: { role: b, activity: Eleven., decide: { back: { go: 4 }, on: { go: 12 } } }
  12: { role: c, activity: Twelve. }
  13: { role: d, activity: Thirteen. }
  14: { role: b, activity: Fourteen., decide: { first: { go: 1 }, fine: { end: ok } } }
";

/// A faulty one: 2 cannot be reached, 3 leads nowhere, 4 to itself.
pub const FAULTY: &str = "
  1: { role: a, activity: One., go: 3 }
  2: { role: b, activity: Two., go: 1 }
  3: { role: c, activity: Three., decide: { on: { go: 4 }, nowhere: { go: 77 } } }
  4: { role: c, activity: Four., go: 4 }
";

/// Blocks of branches, one in another, with loops and ends in them.
pub const BLOCKS: &str = "
  1: { role: b, activity: Register the request of a new customer. }
  2:
    parallel:
      inspection:
        3: { role: c, activity: Visit the site. }
        4:
          role: c
          activity: Judge.
          decide: { Good: {}, Again: { go: 3 }, No: { end: refused } }
      payment:
        5:
          choose_any:
            in cash: { when: visits('1') > 1, 6: { role: d, activity: Take the money. } }
            by bank: { when: visits('1') > 2, 7: { role: d, activity: Look for the transfer. } }
        8: { role: b, activity: Note the payment. }
      papers:
        9: { role: a, activity: Bring the papers. }
        10: { set: { x: 1 } }
    join: { first: 2, rest: cancel }
  11: { role: b, activity: Close., decide: { Fine: {}, All again: { go: 2 } } }
  12:
    parallel:
      one: { 13: { role: a, activity: Sign. } }
      two: { 14: { role: b, activity: Sign. } }
";

pub fn examples() -> Vec<Executable> {
    let mut examples = tupiza();
    examples.extend([FAN, LONG, FAULTY, BLOCKS].map(|steps| procedure("en", steps)));
    examples
}

/// Steps as YAML: the role, and where each way leads.
pub fn steps() -> impl Strategy<Value = String> {
    let step = (0..5usize, prop::collection::vec(0..30usize, 0..5));
    prop::collection::vec(step, 1..24).prop_map(|steps| {
        let count = steps.len();
        let mut yaml = String::new();
        for (at, (role, ways)) in steps.iter().enumerate() {
            yaml += &format!("  {}: {{ activity: Step number {at}", at + 1);
            if let Some(role) = ["a", "b", "c", "d"].get(*role) {
                yaml += &format!(", role: {role}");
            }
            let target = |way: usize| match way {
                0..3 => format!("end: outcome {way}"),
                way => format!("go: {}", way % count + 1),
            };
            match ways.as_slice() {
                [] => {}
                [way] => yaml += &format!(", {}", target(*way)),
                ways => {
                    let ways = ways.iter().enumerate();
                    let ways = ways.map(|(at, way)| format!("Way {at}: {{ {} }}", target(*way)));
                    yaml += &format!(", decide: {{ {} }}", ways.collect::<Vec<_>>().join(", "));
                }
            }
            yaml += " }\n";
        }
        yaml
    })
}
