//! Diagrams that mean harm or were damaged: refused with a finding, soon, and never with a panic.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use tramite::bpmn::{self, MAX_BYTES};
use tramite::diagnostic::{Diagnostics, Sources, Style, render};

use crate::bpmn::samples;
use crate::world::root;

/// The codes of what is found, and how much was imported.
fn tried(text: &str) -> (Vec<&'static str>, usize) {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("x.bpmn", text);
    let imported = bpmn::import(file, text, &mut found);
    let found = found.into_sorted();
    for finding in found.iter().take(3) {
        render(finding, &sources, Style::Plain);
    }
    (found.iter().map(|finding| finding.code).collect(), imported.text.len())
}

fn diagram(inside: &str) -> String {
    let space = "http://www.omg.org/spec/BPMN/20100524/MODEL";
    format!("<definitions xmlns=\"{space}\"><process id=\"p\">{inside}</process></definitions>")
}

#[test]
fn document_types_and_entities_are_refused() {
    let bomb = "<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let outside = "<!DOCTYPE d SYSTEM \"file:///etc/passwd\">";
    let task = diagram("<task id=\"a\" name=\"A\"/>");
    for text in [
        format!("{bomb}{task}"),
        format!("<?xml version=\"1.0\"?>\n{outside}{task}"),
        diagram("<task id=\"a\" name=\"&b;\"/>"),
        diagram("<documentation>&b;</documentation>"),
        diagram("<task id=\"a\" name=\"&#0;\"/>"),
        diagram("<documentation>&#xFFFFFFFFFF;</documentation>"),
        task.replace("</process>", ""),
        format!("{task}{task}"),
        format!("{task} and more"),
        "no diagram".to_owned(),
        String::new(),
        "<a><b></a></b>".to_owned(),
        "<definitions/>".to_owned(),
        "<!DOCTYPE html><html></html>".to_owned(),
    ] {
        assert_eq!(tried(&text), (vec!["bpmn_refused"], 0), "{text}");
    }
    let (found, length) = tried(&diagram("<task id=\"a\" name=\"A &amp; &#233;&#x10FFFD;\"/>"));
    assert_eq!(found, ["bpmn_guessed"]);
    assert!(length > 0);
}

#[test]
fn nesting_and_numbers_without_end_are_refused_soon() {
    let before = Instant::now();
    let deep = "<subProcess>".repeat(MAX_BYTES / 12 - 100);
    assert_eq!(tried(&diagram(&deep)).0, ["bpmn_refused"]);
    let wide = "<task/>".repeat(MAX_BYTES / 7 - 100);
    assert_eq!(tried(&diagram(&wide)).0, ["bpmn_refused"]);
    let attributes: String = (0..500_000).map(|at| format!(" a{at}=\"\"")).collect();
    assert_eq!(tried(&diagram(&format!("<task{attributes}/>"))).0, ["bpmn_refused"]);
    let spaces: String = (0..500_000).map(|at| format!(" xmlns:a{at}=\"\"")).collect();
    assert_eq!(tried(&diagram(&format!("<task{spaces}/>"))).0, ["bpmn_refused"]);
    let tasks: String = (0..3_001).map(|at| format!("<task id=\"t{at}\"/>")).collect();
    assert!(tried(&diagram(&tasks)).0.contains(&"bpmn_refused"));
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
}

/// The largest flows that are read: one that only splits, one that leads everywhere.
#[test]
fn large_flows_are_read_in_time() {
    let before = Instant::now();
    let flow = |at: usize, from: &str, to: &str| {
        format!("<sequenceFlow id=\"f{at}\" sourceRef=\"{from}\" targetRef=\"{to}\"/>")
    };
    let mut chain = String::from("<startEvent id=\"g0\"/>");
    for at in 1..1_400 {
        chain += &format!("<parallelGateway id=\"g{at}\"/><task id=\"t{at}\"/>");
        chain += &flow(2 * at, &format!("g{}", at - 1), &format!("g{at}"));
        chain += &flow(2 * at + 1, &format!("g{at}"), &format!("t{at}"));
    }
    tried(&diagram(&chain));
    let mut mesh: String = (0..100).map(|at| format!("<task id=\"t{at}\"/>")).collect();
    for at in 0..10_000 {
        mesh += &flow(at, &format!("t{}", at / 100), &format!("t{}", at % 100));
    }
    tried(&diagram(&mesh));
    assert!(before.elapsed() < Duration::from_secs(60), "{:?}", before.elapsed());
}

#[test]
fn letters_are_understood_or_refused() {
    let text = diagram("<task id=\"a\" name=\"Atención\"/>");
    let sixteen = |little: bool| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let bytes = units.flat_map(move |unit: u16| match little {
            true => unit.to_le_bytes(),
            false => unit.to_be_bytes(),
        });
        bytes.collect::<Vec<u8>>()
    };
    for bytes in [sixteen(true), sixteen(false), text.clone().into_bytes()] {
        assert_eq!(bpmn::decode(&bytes).as_deref(), Ok(text.as_str()));
    }
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(bpmn::decode(&marked).as_deref(), Ok(text.as_str()));
    let latin: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
    assert!(bpmn::decode(&latin).is_err());
    assert!(bpmn::decode(&sixteen(true)[2..]).is_err());
    assert!(bpmn::decode(&sixteen(true)[..31]).is_err());
}

#[test]
fn ids_that_are_there_twice_and_arrows_into_nothing_are_named() {
    let twice = diagram("<task id=\"a\"/><subProcess id=\"b\"><task id=\"a\"/></subProcess>");
    assert_eq!(tried(&twice), (vec!["bpmn_broken"], 0));
    let lost = diagram("<task id=\"a\"/><sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"?\"/>");
    let (found, length) = tried(&lost);
    assert!(found.contains(&"bpmn_dangling") && length > 0, "{found:?}");
    // Links and merges in a circle, with no task on the way.
    let circle = "<startEvent id=\"s\"/><exclusiveGateway id=\"a\"/><exclusiveGateway id=\"b\"/>\
                  <task id=\"t\"/><sequenceFlow id=\"1\" sourceRef=\"s\" targetRef=\"a\"/>\
                  <sequenceFlow id=\"2\" sourceRef=\"a\" targetRef=\"b\"/>\
                  <sequenceFlow id=\"3\" sourceRef=\"b\" targetRef=\"a\"/>";
    assert!(tried(&diagram(circle)).1 > 0);
    let itself = "<task id=\"t\"/><sequenceFlow id=\"1\" sourceRef=\"t\" targetRef=\"t\"/>";
    assert!(tried(&diagram(itself)).1 > 0);
}

/// A generator that gives the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % most.max(1)
    }
}

/// Damages a text in a few places: letters, pieces taken out, doubled or moved, ids exchanged.
fn damage(text: &str, others: &[&str], chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        let end = (at + 1 + chance.below(60)).min(bytes.len());
        match chance.below(7) {
            0 => bytes[at] = b"<>&\"'/= \0\xffaZ"[chance.below(12)],
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                let to = chance.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => bytes.truncate(at + 1),
            4 => {
                let piece = others[chance.below(others.len())].as_bytes();
                bytes.splice(at..at, piece.iter().copied());
            }
            // What is between two quotes, put between two others: an arrow leads elsewhere.
            5 | 6 => {
                let quotes: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'"').collect();
                let pick = |chance: &mut Chance| {
                    let place = chance.below(quotes.len() / 2) * 2;
                    Some((*quotes.get(place)? + 1, *quotes.get(place + 1)?))
                };
                if let (Some(from), Some(to)) = (pick(chance), pick(chance))
                    && from.0 <= from.1
                    && to.0 <= to.1
                {
                    let piece = bytes[from.0..from.1].to_vec();
                    bytes.splice(to.0..to.1, piece);
                }
            }
            _ => {}
        }
        if bytes.is_empty() {
            bytes.push(b'<');
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Ten thousand; as many as `TRAMITE_DAMAGED` says. A failure prints its number, and the number is
/// the seed.
#[test]
fn damaged_diagrams_are_no_danger() {
    let asked = std::env::var("TRAMITE_DAMAGED").ok().and_then(|count| count.parse().ok());
    let mut texts: Vec<String> = samples().into_iter().map(|(_, text)| text).collect();
    let shipped = root().join("workflows/tupiza/8.2-reconexion.yaml");
    texts.extend(crate::bpmn::exported(&fs::read_to_string(shipped).expect("a text")));
    let others = [
        "<parallelGateway id=\"q\"/>",
        "<!DOCTYPE a>",
        "<subProcess>",
        "</process>",
        "<![CDATA[",
        "&amp;",
        "<!--",
        "<endEvent id=\"z\"><terminateEventDefinition/></endEvent>",
    ];
    let (mut read, mut refused) = (0, 0);
    for seed in 0..asked.unwrap_or(10_000) {
        let mut chance = Chance(seed);
        let text = &texts[chance.below(texts.len())];
        let damaged = damage(text, &others, &mut chance);
        let outcome = std::panic::catch_unwind(|| tried(&damaged));
        let (found, length) = outcome.unwrap_or_else(|_| panic!("seed {seed}\n{damaged}"));
        assert!(length > 0 || !found.is_empty(), "seed {seed}: nothing, and nothing said");
        *if length > 0 { &mut read } else { &mut refused } += 1;
    }
    assert!(read > refused / 20 && refused > 0, "{read} read, {refused} refused");
}

/// The command line on a file of 100 MB, with room for far less: refused by its size, at once.
#[cfg(unix)]
#[test]
fn files_without_end_are_refused_with_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let space = "http://www.omg.org/spec/BPMN/20100524/MODEL";
    let head = format!("<definitions xmlns=\"{space}\"><process id=\"p\">");
    let pieces = ["<subProcess>", "<task/>"];
    for (name, megabytes, at) in
        [("deep", 100, 0), ("flat", 100, 1), ("deep-15", 15, 0), ("flat-15", 15, 1)]
    {
        let path = folder.path().join(format!("{name}.bpmn"));
        let piece = pieces[at].repeat((1 << 20) / pieces[at].len());
        let mut file = fs::File::create(&path).expect("a file");
        file.write_all(head.as_bytes()).expect("written");
        for _ in 0..megabytes {
            file.write_all(piece.as_bytes()).expect("written");
        }
        drop(file);
        let before = Instant::now();
        let output = Command::new("sh")
            .args(["-c", "ulimit -v 400000; exec \"$0\" import bpmn \"$1\""])
            .arg(env!("CARGO_BIN_EXE_tramite"))
            .arg(&path)
            .output()
            .expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {told}");
        assert!(told.contains("bpmn_refused") && output.stdout.is_empty(), "{name}: {told}");
        assert!(told.len() < 4_000, "{name}: {} letters of findings", told.len());
        assert!(before.elapsed() < Duration::from_secs(20), "{name}: {:?}", before.elapsed());
    }
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (diagram, written) = (folder.path().join("a.bpmn"), folder.path().join("a.yaml"));
    fs::write(&diagram, self::diagram("<task id=\"a\" name=\"A\"/>")).expect("written");
    fs::write(&written, "mine").expect("written");
    let import = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tramite"));
        command.args(["import", "bpmn"]).arg(&diagram).arg("-o").arg(&written);
        command.output().expect("it runs")
    };
    let output = import();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("is not written over"), "{told}");
    assert_eq!(fs::read_to_string(&written).expect("a text"), "mine");
    // Nor the other way round; and who wants it says so.
    let export = |force: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tramite"));
        let file = root().join("workflows/tupiza/8.1-registro.yaml");
        command.args(["export", "bpmn"]).arg(file).arg("-o").arg(&written).args(force);
        command.output().expect("it runs")
    };
    let told = export(&[]);
    assert_eq!(told.status.code(), Some(2));
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.contains("is not written over; --force"), "{told}");
    assert_eq!(fs::read_to_string(&written).expect("a text"), "mine");
    assert_eq!(export(&["--force"]).status.code(), Some(0));
    assert!(fs::read_to_string(&written).expect("a text").contains("<bpmn:definitions"));
    fs::remove_file(&written).expect("removed");
    assert_eq!(import().status.code(), Some(0));
    assert!(fs::read_to_string(&written).expect("a text").contains("activity: A"));
}

/// Thousands of faults are not thousands of pages.
#[test]
fn faults_without_number_are_told_in_part() {
    let twice = "<task id=\"a\"/>".repeat(50_000);
    let (found, length) = tried(&diagram(&twice));
    assert!(found.len() < 100 && length == 0, "{} findings", found.len());
    let strange = "<strange/>".repeat(50_000);
    let (found, length) = tried(&diagram(&strange));
    assert!(found.len() < 4_000 && length == 0, "{} findings", found.len());
}

/// What no other command would read is not made.
#[test]
fn names_and_texts_beyond_a_file_are_refused() {
    let name = "a".repeat(5 << 20);
    let named = diagram(&format!("<task id=\"a\" name=\"{name}\"/>"));
    let (found, length) = tried(&named);
    assert!(found.contains(&"bpmn_refused") && length == 0, "{found:?}, {length}");
    let text = "word ".repeat(1 << 20);
    let told =
        diagram(&format!("<documentation>{text}</documentation><task id=\"a\" name=\"A\"/>"));
    let (found, length) = tried(&told);
    assert!(found.contains(&"bpmn_refused") && length == 0, "{found:?}, {length}");
}

/// Thousands of ways out of one gateway, all called the same, in and out.
#[test]
fn a_gateway_with_thousands_of_ways_is_read_and_drawn_soon() {
    let ways = 2_900;
    for kind in ["exclusiveGateway", "parallelGateway", "inclusiveGateway"] {
        let mut inside = format!(
            "<startEvent id=\"s\"/><userTask id=\"a\" name=\"A\"/><{kind} id=\"g\"/><sequenceFlow \
             id=\"1\" sourceRef=\"s\" targetRef=\"a\"/><sequenceFlow id=\"2\" sourceRef=\"a\" \
             targetRef=\"g\"/>"
        );
        for way in 0..ways {
            inside.push_str(&format!(
                "<userTask id=\"w{way}\" name=\"W{way}\"/><sequenceFlow id=\"w_{way}\" \
                 sourceRef=\"g\" targetRef=\"w{way}\" name=\"L\"/>"
            ));
        }
        let text = diagram(&inside);
        let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
        let file = sources.add("x.bpmn", text.as_str());
        let began = Instant::now();
        let imported = bpmn::import(file, &text, &mut found);
        let read = began.elapsed();
        assert!(imported.text.contains(&format!("L ({ways})")), "{kind}");
        let file = sources.add("x.yaml", imported.text.as_str());
        let nodes = tramite::yaml::parse(file, &imported.text, &mut found);
        let began = Instant::now();
        let drawn = bpmn::export(&nodes[0], &sources, &bpmn::Titles::default(), &mut found);
        let drawing = began.elapsed();
        assert!(drawn.expect("a diagram").len() > ways * 100, "{kind}");
        println!("{kind}: read in {read:?}, drawn in {drawing:?}");
        assert!(read < Duration::from_secs(30), "{kind}: read in {read:?}");
        assert!(drawing < Duration::from_secs(30), "{kind}: drawn in {drawing:?}");
    }
}
