//! The command line as a person or a script sees it: stdout is data, stderr is talk, codes are 0, 1, 2.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;
use tramite::diagnostic::Diagnostics;
use tramite::engine::{Actor, Command as Ask};
use tramite::library::{Files, Library};
use tramite::runtime::{Clock, Runtime};
use tramite::store::Store;

use crate::world::{anybody, morning, root, shipped};

fn tramite(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tramite"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// The last line of `play --json`.
fn summary(arguments: &[&str]) -> Value {
    let output = tramite(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let last = text.lines().last().expect("a line");
    serde_json::from_str(last).expect("JSON")
}

fn steps(summary: &Value) -> Vec<String> {
    let steps = summary["steps"].as_array().expect("steps");
    steps.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

#[test]
fn check_is_clean_on_the_shipped_files() {
    let output = tramite(&["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains("5 procedure(s) checked"));
    // One file alone is checked with its neighbours.
    let output = tramite(&["check", "workflows/tupiza/8.1-registro.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn check_tells_a_fault_with_its_place_and_its_fix() {
    let output = tramite(&["check", "tests/broken/unknown_role-of-a-step.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("error[unknown_role]"), "{text}");
    assert!(text.contains("help: "), "{text}");
    assert!(text.contains("^^^"), "{text}");
    let output = tramite(&["check", "--json", "tests/broken/unknown_role-of-a-step.yaml"]);
    let finding: Value = serde_json::from_str(stdout(&output).trim()).expect("one object");
    assert_eq!(finding["code"], "unknown_role");
    assert_eq!(finding["severity"], "error");
}

#[test]
fn explain_prints_a_page_for_every_code() {
    let list = stdout(&tramite(&["explain"]));
    assert!(list.lines().count() > 40);
    for code in list.lines() {
        let page = tramite(&["explain", code]);
        assert_eq!(page.status.code(), Some(0));
        let text = stdout(&page);
        assert!(text.starts_with(&format!("# {code}")), "{code}");
        assert!(text.lines().count() > 8, "{code} has a page");
    }
    let unknown = tramite(&["explain", "unknown_rol"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `unknown_role`"));
}

#[test]
fn play_tells_the_journal_and_a_summary() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    let whole = summary(&["play", "tupiza/registro", "--auto", "--json", "--documents", path]);
    let expected: Vec<String> = (1..=16).map(|step: u32| step.to_string()).collect();
    assert_eq!(steps(&whole), expected);
    assert_eq!(whole["outcome"], "completed");
    for document in whole["documents"].as_array().expect("documents") {
        let file = document["file"].as_str().expect("a file");
        assert!(std::fs::read(file).expect("written").starts_with(b"%PDF-"));
    }
    let back = summary(&["play", "tupiza/registro", "--auto", "--json", "--decide", "2=No cumple"]);
    assert_eq!(steps(&back)[..5], ["1", "2", "1", "2", "3"]);
    let ended =
        summary(&["play", "tupiza/registro", "--auto", "--json", "--decide", "10=no viable"]);
    assert_eq!(ended["outcome"], "no viable");
}

#[test]
fn play_refuses_what_it_does_not_know() {
    for arguments in [
        &["play", "tupiza/nada", "--auto"][..],
        &["play", "tupiza/registro", "--auto", "--decide", "2=Quizás"],
        &["play", "tupiza/registro", "--auto", "--decide", "nonsense"],
        &["play"],
        &["journal", "1", "--database", "does-not-exist.db"],
        &["doctor", "--database", "does-not-exist.db"],
        &["check", "does-not-exist"],
        &["check", "workflows/tupiza/does-not-exist.yaml"],
        &["check", "migrations"],
        &["people", "save", "tupiza", "ana", "--active", "--inactive"],
    ] {
        let output = tramite(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn diagrams_are_drawn_the_same_every_time() {
    for name in ["registro", "reconexion", "corte", "retiro", "formularios"] {
        let name = format!("tupiza/{name}");
        let first = tramite(&["diagram", &name]);
        assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
        assert!(stdout(&first).starts_with("<svg"), "{name}");
        assert_eq!(stdout(&first), stdout(&tramite(&["diagram", &name])));
    }
}

/// A procedure whose second step leads on by the data, and whose letter somebody else must have.
const SHOP: &str = r#"
organisation: shop
name: Shop
language: en
roles: { clerk: Clerk, boss: Boss }
papers: { card: Identity card }
---
form: request
title: Request
fields: { is_large: { label: Large, type: yes_no } }
---
procedure: order
title: Order
starts: { by: clerk }
steps:
  1: { role: clerk, activity: Take the order., form: request }
  2: { choose: [ { when: is_large, go: 3 }, { end: small } ] }
  3: { role: boss, activity: Look at it., decide: { Good: { end: good }, Again: { go: 1 } } }
"#;

fn shop(steps: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("workflows")).expect("made");
    std::fs::write(folder.path().join("workflows/shop.yaml"), steps).expect("written");
    folder
}

#[test]
fn a_wish_for_a_way_that_the_data_takes_is_used_once() {
    let folder = shop(SHOP);
    let path = folder.path().to_str().expect("UTF-8");
    let play = ["play", "shop/order", "-C", path, "--auto", "--json"];
    let with = |more: &[&'static str]| tramite(&[&play[..], more].concat());
    let small = summary(&[&play[..], &["--decide", "2=small"]].concat());
    assert_eq!(small["outcome"], "small");
    let again = summary(
        &[&play[..], &["--decide", "3=Again", "--decide", "2=3", "--decide", "2=small"]].concat(),
    );
    assert_eq!(steps(&again), ["1", "2", "3", "1", "2"]);
    // What never came is told.
    let left = with(&["--decide", "2=small", "--decide", "3=Good"]);
    assert_eq!(left.status.code(), Some(1));
    assert!(stderr(&left).contains("3=Good"), "{}", stderr(&left));
    // The summary reads from the case to its papers.
    let text = stdout(&left);
    let last = text.lines().last().expect("a line");
    let keys = ["\"case\"", "\"outcome\"", "\"steps\"", "\"documents\""];
    let places: Vec<_> = keys.iter().map(|key| last.find(key).expect("a key")).collect();
    assert!(places.is_sorted(), "{last}");
}

const WORKSHOP: &str = r#"
organisation: shop
name: The shop
language: en
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { clerk: Clerk }
messages:
  paid: { title: Paid, by: [clerk], fields: { amount: { label: Amount, type: integer } } }
---
form: order
title: Order
fields:
  kind: { label: Kind, type: choice, options: { a: Small, b: Large } }
  lines:
    label: Lines
    rows: { name: { label: Name } }
---
procedure: order
title: Order
starts: { by: clerk }
steps:
  1: { role: clerk, activity: Take the order., form: order }
  2: { procedure: pack, with: { what: kind } }
  3:
    wait_any:
      Paid: { 4: { wait: { message: paid, key: "{{ kind }}", into: payment } } }
      Silence: { 5: { wait: { until: 2 days } } }
  6: { choose: [ { when: payment is defined, end: paid }, { end: silent } ] }
---
procedure: pack
title: Pack
inputs: { what: text }
cancels: { by: clerk }
steps:
  1: { role: clerk, activity: Pack it. }
"#;

#[test]
fn what_a_case_waits_for_comes_while_it_is_played() {
    let folder = shop(WORKSHOP);
    let path = folder.path().to_str().expect("UTF-8");
    let play = ["play", "shop/order", "-C", path, "--auto"];
    let told = stdout(&tramite(&play));
    assert!(told.contains("⚙ case of pack") && told.contains("← paid"), "{told}");
    assert!(told.contains("= paid"), "{told}");
    let silent = tramite(&[&play[..], &["--decide", "3=Silence"]].concat());
    assert_eq!(silent.status.code(), Some(0), "{}", stderr(&silent));
    assert!(stdout(&silent).contains("= silent"), "{}", stdout(&silent));
    // What only others begin says who does.
    let pack = tramite(&["play", "shop/pack", "-C", path, "--auto"]);
    assert!(stderr(&pack).contains("play one of these: order"), "{}", stderr(&pack));
}

#[test]
fn set_says_what_it_can_not_set() {
    let folder = shop(WORKSHOP);
    let path = folder.path().to_str().expect("UTF-8");
    let play = ["play", "shop/order", "-C", path, "--auto", "--json"];
    let set = |value: &'static str| tramite(&[&play[..], &["--set", value]].concat());
    let fine = set("lines=[{name: One}, {name: Two}]");
    assert!(stdout(&fine).contains(r#"{"name":"Two"}"#), "{}", stderr(&fine));
    assert!(stdout(&set("kind=Large")).contains(r#""kind":"b""#));
    for (wrong, says) in [
        ("lines.name=One", "--set 'lines=[{…}, {…}]'"),
        ("lines=One", "takes its rows as"),
        ("kind=Huge", "it has a, b"),
        ("size=1", "no form has a field `size`"),
    ] {
        let output = set(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(stderr(&output).contains(says), "{wrong}: {}", stderr(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let [office, copy] = ["o.db", "copy.db"].map(|name| folder.path().join(name));
    let [office, copy] = [&office, &copy].map(|path| path.to_str().expect("UTF-8"));
    let saved = tramite(&[
        "people",
        "save",
        "tupiza",
        "ana",
        "--name",
        "Ana",
        "--role",
        "ape",
        "--database",
        office,
    ]);
    assert!(std::path::Path::new(office).exists(), "{}", stderr(&saved));
    let backup = tramite(&["backup", copy, "--database", office]);
    assert_eq!(backup.status.code(), Some(0), "{}", stderr(&backup));
    for path in [office, copy] {
        let mode = std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[test]
fn a_refusal_of_the_engine_is_told_in_words() {
    let folder = shop(SHOP);
    let path = folder.path().to_str().expect("UTF-8");
    let output =
        tramite(&["play", "shop/order", "-C", path, "--auto", "--set", "is_large=perhaps"]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("1  Clerk — Take the order."), "{told}");
    assert!(told.contains("\n  Large: "), "{told}");
}

#[test]
fn saving_a_person_does_not_let_them_in_again() {
    let folder = shop(SHOP);
    let path = folder.path().to_str().expect("UTF-8");
    let database = folder.path().join("shop.db");
    let database = database.to_str().expect("UTF-8");
    let save = |more: &[&str]| {
        let save = ["people", "save", "shop", "ana", "-C", path, "--database", database];
        let output = tramite(&[&save[..], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        !stdout(&output).contains("(inactive)")
    };
    assert!(save(&["--name", "Ana", "--role", "clerk"]), "new people may sign in");
    assert!(!save(&["--inactive"]));
    assert!(!save(&["--name", "Ana Choque"]), "no word, no change");
    assert!(save(&["--active"]));
    assert!(save(&[]));
}

/// A database with a case in it, and its id.
fn with_a_case(database: &str) -> String {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("tokio");
    tokio.block_on(async {
        let store = Store::open(database).await.expect("opens");
        let runtime = Runtime::start(store, Clock::manual(morning())).await.expect("starts");
        runtime.publish(shipped(), "tupiza").await.expect("published");
        let actor = anybody("ape", &BTreeSet::new());
        let started = runtime.start_case(&actor, "tupiza", "registro", None).await.expect("starts");
        runtime.shutdown().await;
        runtime.store().close().await;
        started.case.to_string()
    })
}

/// Changes one letter of a text in the file itself, wherever it stands.
fn scribble(database: &str, from: &str, to: &str) {
    let mut bytes = std::fs::read(database).expect("a file");
    let places: Vec<usize> = (0..bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from.as_bytes()))
        .collect();
    assert!(!places.is_empty(), "{from} stands in the file");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    std::fs::write(database, bytes).expect("written");
}

#[test]
fn verify_finds_what_was_scribbled_and_what_was_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (database, ends, other) = (path("office.db"), path("ends.jsonl"), path("other.db"));
    let case = with_a_case(&database);
    let sound = tramite(&["verify", "--database", &database, "--export", &ends]);
    assert_eq!(sound.status.code(), Some(0), "{}", stderr(&sound));
    assert_eq!(stdout(&sound), "");
    let again = tramite(&["verify", "--database", &database, "--anchors", &ends]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    let twice = tramite(&["verify", "--database", &database, "--export", &ends]);
    assert_eq!(twice.status.code(), Some(2), "an export is not written over");

    scribble(&database, "apeapecase_started", "apeApecase_started");
    for arguments in [&["verify"][..], &["verify", &case], &["doctor"]] {
        let output = tramite(&[arguments, &["--database", &database]].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", stderr(&output));
    }
    let output = tramite(&["verify", "--json", "--database", &database]);
    let finding: Value = serde_json::from_str(stdout(&output).trim()).expect("one object");
    assert_eq!((&finding["case"], &finding["seq"]), (&Value::from(case), &Value::from(1)));

    // Another office's database is sound, and not the one that was exported.
    with_a_case(&other);
    assert_eq!(tramite(&["verify", "--database", &other]).status.code(), Some(0));
    let output = tramite(&["verify", "--database", &other, "--anchors", &ends]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
}

#[test]
fn a_backup_is_whole_and_replaces_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (database, copy, ends) = (path("office.db"), path("copy.db"), path("ends.jsonl"));
    with_a_case(&database);
    assert!(tramite(&["verify", "--database", &database, "--export", &ends]).status.success());
    let made = tramite(&["backup", &copy, "--database", &database]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let names = std::fs::read_dir(folder.path()).expect("a folder");
    let names = names.map(|entry| entry.expect("a file").file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("partial")).collect();
    assert!(left.is_empty(), "{left:?}");
    let sound = tramite(&["verify", "--database", &copy, "--anchors", &ends]);
    assert_eq!(sound.status.code(), Some(0), "{}", stdout(&sound));

    let before = std::fs::read(&copy).expect("a file");
    let again = tramite(&["backup", &copy, "--database", &database]);
    assert_eq!(again.status.code(), Some(2), "{}", stderr(&again));
    assert_eq!(std::fs::read(&copy).expect("a file"), before);

    scribble(&database, "apeapecase_started", "apeApecase_started");
    let harmed = tramite(&["backup", &path("harmed.db"), "--database", &database]);
    assert_eq!(harmed.status.code(), Some(1), "a true copy of a harmed database");
}

#[test]
fn a_backup_is_restored_where_nothing_is_and_only_when_it_is_sound() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (database, copy, again) = (path("office.db"), path("copy.db"), path("again.db"));
    with_a_case(&database);
    assert!(tramite(&["backup", &copy, "--database", &database]).status.success());
    let before = std::fs::read(&copy).expect("a file");
    let restored = tramite(&["restore", &copy, "--database", &again]);
    assert_eq!(restored.status.code(), Some(0), "{}", stderr(&restored));
    assert_eq!(std::fs::read(&copy).expect("a file"), before, "the backup stays as it is");
    let well = tramite(&["doctor", "--database", &again]);
    assert_eq!(well.status.code(), Some(0), "{}", stderr(&well));
    let twice = tramite(&["restore", &copy, "--database", &again]);
    assert_eq!(twice.status.code(), Some(2));
    assert!(stderr(&twice).contains("not written over"), "{}", stderr(&twice));
    std::fs::write(path("third.db-wal"), "left").expect("written");
    let beside = tramite(&["restore", &copy, "--database", &path("third.db")]);
    assert_eq!(beside.status.code(), Some(2), "a log that was left behind");
    scribble(&copy, "apeapecase_started", "apeApecase_started");
    let harmed = tramite(&["restore", &copy, "--database", &path("fourth.db")]);
    assert_eq!(harmed.status.code(), Some(1), "{}", stderr(&harmed));
    assert!(!folder.path().join("fourth.db").exists());
    let server = tramite(&["restore", &copy, "--database", "postgres://localhost/office"]);
    assert_eq!(server.status.code(), Some(2));
    assert!(stderr(&server).contains("pg_restore"), "{}", stderr(&server));
}

#[test]
fn reading_commands_refuse_what_is_no_database_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (empty, text) = (path("empty.db"), path("text.db"));
    std::fs::write(&empty, "").expect("written");
    std::fs::write(&text, "This is a letter, and no database at all.".repeat(100))
        .expect("written");
    for file in [&empty, &text] {
        let before = std::fs::read(file).expect("a file");
        for arguments in [
            &["doctor"][..],
            &["verify"],
            &["journal", "EXP-2026-00001"],
            &["people", "list", "tupiza"],
            &["backup", &path("copy.db")],
        ] {
            let refused = tramite(&[arguments, &["--database", file]].concat());
            assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {}", stderr(&refused));
            let said = stderr(&refused);
            assert!(said.contains("is not a database of tramite"), "{arguments:?}: {said}");
        }
        assert_eq!(std::fs::read(file).expect("a file"), before, "nothing is written into it");
    }
}

const KEPT: &str = "\
organisation: taller
name: Taller
language: es-BO
roles: { mesa: Mesa }
---
procedure: reparar
title: Reparar
starts: { by: mesa }
retention: 1 year
steps:
  1: { role: mesa, activity: Recibir., decide: { Listo: { end: reparado } } }
";

/// A database with so many cases that were cancelled long ago, a day after each other, and one that is
/// open.
fn with_old_cases(database: &str, old: u32) {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("tokio");
    tokio.block_on(async {
        let store = Store::open(database).await.expect("opens");
        let start = "2015-03-02T15:00:00Z".parse().expect("an instant");
        let runtime = Runtime::start(store, Clock::manual(start)).await.expect("starts");
        let files = Files::from([("taller.yaml".to_owned(), KEPT.to_owned())]);
        let library = Library::read(&files, &mut Diagnostics::default());
        runtime.publish(&library, "taller").await.expect("published");
        let roles = BTreeSet::from(["mesa".to_owned()]);
        let mesa = Actor { id: "1".to_owned(), name: "Eva".to_owned(), roles };
        for round in 0..=old {
            let begun = runtime.start_case(&mesa, "taller", "reparar", None).await.expect("starts");
            if round < old {
                let cancel = Ask::CancelCase { reason: "probando".to_owned() };
                runtime.handle(&mesa, &begun.case, cancel, None).await.expect("cancelled");
            }
            runtime.clock().advance(jiff::SignedDuration::from_hours(24));
        }
        runtime.shutdown().await;
        runtime.store().close().await;
    });
}

#[test]
fn old_cases_go_into_a_file_and_out_of_the_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (database, file, ends) = (path("office.db"), path("old.jsonl"), path("ends.jsonl"));
    let (early, copy) = (path("early.jsonl"), path("copy.db"));
    with_old_cases(&database, 3);
    let run = |code: i32, arguments: &[&str]| {
        let output = tramite(&[arguments, &["--database", &database]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        (stdout(&output), stderr(&output))
    };
    run(0, &["verify", "--export", &ends]);
    run(2, &["archive"]);
    let (told, _) = run(0, &["archive", "--dry-run"]);
    assert!(told.starts_with("taller/reparar  3 case(s)  ended 2015-03-02T"), "{told}");
    let (_, told) = run(0, &["archive", "--to", &early, "--before", "2015-03-02"]);
    assert!(told.contains("nothing is archived"), "{told}");
    run(0, &["archive", "--to", &early, "--before", "2015-03-03"]);
    run(0, &["backup", &copy]);
    run(0, &["archive", "--to", &file]);
    let names = std::fs::read_dir(folder.path()).expect("a folder");
    let partial = |name: &std::fs::DirEntry| name.path().to_string_lossy().contains("partial");
    assert!(!names.flatten().any(|name| partial(&name)), "nothing half written stays");

    run(0, &["doctor"]);
    run(0, &["verify", "--anchors", &ends]);
    let (_, told) = run(2, &["journal", "2015-00002"]);
    assert!(told.contains("was archived at") && told.contains("old.jsonl"), "{told}");
    let (_, told) = run(2, &["verify", "2015-00001"]);
    assert!(told.contains("early.jsonl"), "{told}");
    run(0, &["journal", "2015-00004"]);

    // The file by itself, and beside anchors.
    let alone = tramite(&["verify", "--archive", &file, "--anchors", &ends]);
    assert_eq!(alone.status.code(), Some(0), "{}", stderr(&alone));
    assert!(stderr(&alone).contains("2 case(s), archived at"), "{}", stderr(&alone));

    // Again over the same file: there is nothing left to do. In a copy from before, there is.
    let (_, told) = run(0, &["archive", "--to", &file]);
    assert!(told.contains("0 case(s) deleted from the database, 2 before"), "{told}");
    let output = tramite(&["archive", "--to", &file, "--database", &copy]);
    assert!(stderr(&output).contains("2 case(s) deleted"), "{}", stderr(&output));
    assert_eq!(tramite(&["doctor", "--database", &copy]).status.code(), Some(0));

    // A letter is changed: the file is no archive any more, and nothing is deleted by it.
    scribble(&file, "probando", "robando!");
    let output = tramite(&["verify", "--archive", &file]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("line 1"), "{}", stdout(&output));
    run(2, &["archive", "--to", &file]);
}

#[test]
fn an_archive_that_is_killed_is_finished_by_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (database, file, ends) = (path("office.db"), path("old.jsonl"), path("ends.jsonl"));
    with_old_cases(&database, 500);
    let run = |arguments: &[&str]| {
        let output = tramite(&[arguments, &["--database", &database]].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        stderr(&output)
    };
    run(&["verify", "--export", &ends]);
    // Killed while it opens, writes, reads and deletes; how far each one gets is chance.
    let mut killed = 0;
    for milliseconds in (20..=600).step_by(40) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tramite"))
            .args(["archive", "--to", &file, "--database", &database])
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        child.kill().expect("killed, or ended");
        killed += u32::from(child.wait().expect("ended").code().is_none());
        if milliseconds % 100 == 60 {
            run(&["verify", "--anchors", &ends]);
        }
    }
    assert!(killed > 0, "each was done before its end came");
    let told = run(&["archive", "--to", &file]);
    assert!(told.contains("0 stay there"), "{told}");
    run(&["doctor"]);
    run(&["verify", "--anchors", &ends]);
    let alone = tramite(&["verify", "--archive", &file, "--anchors", &ends]);
    assert!(stderr(&alone).contains("500 case(s), archived at"), "{}", stderr(&alone));
    assert!(run(&["archive", "--dry-run"]).starts_with("0 case(s)"));
}
