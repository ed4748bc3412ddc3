//! Closed cases go into a file and then out of the database, whatever happens in between.

use jiff::civil::date;

use super::*;
use crate::runtime::archive::Shelving;
use crate::runtime::{ArchiveError, End, read_archive};

on_both!(
    what_is_due_goes_and_all_else_stays,
    killed_before_and_within_the_deletion,
    a_changed_file_is_found,
    nothing_goes_that_is_not_due_or_not_as_in_the_file,
    the_doctor_finds_damage_of_tombstones,
    anchors_of_archived_cases_fit_their_tombstones,
    a_journal_that_was_changed_stays,
);

const DAY: i64 = 24;

/// An office whose second version keeps closed cases for two years.
async fn office(on: Kind) -> Runtime {
    let runtime = made(on).await;
    let kept = WORKSPACE.replace("cancels: {", "retention: 2 years\ncancels: {");
    runtime.publish(&library(&kept), "prueba").await.expect("published");
    runtime
}

async fn cancelled(runtime: &Runtime, ci: &str) -> CaseId {
    let case = runtime.begun().await;
    runtime.done(&rosa(), &case, register(1, "Ana", ci)).await;
    let reason = "probando".to_owned();
    runtime.done(&luis(), &case, Command::CancelCase { reason }).await;
    runtime.clock().advance(SignedDuration::from_secs(1));
    case
}

async fn ended(runtime: &Runtime, ci: &str) -> CaseId {
    let case = runtime.begun().await;
    runtime.done(&rosa(), &case, register(1, "Ana", ci)).await;
    runtime.done(&luis(), &case, choose(2, "Aprobar")).await;
    runtime.clock().advance(SignedDuration::from_secs(1));
    case
}

async fn file(runtime: &Runtime) -> (Vec<u8>, End) {
    let mut file = Vec::new();
    let (end, kept) = runtime.archive_into(&mut file, None, "prueba").await.expect("written");
    assert_eq!(kept.named, [""; 0]);
    (file, end)
}

async fn is_here(runtime: &Runtime, case: &CaseId) -> bool {
    let row = runtime.store().case(case).await.expect("read");
    let journal = runtime.store().journal(case).await.expect("read");
    assert_eq!(row.is_some(), !journal.is_empty(), "a case goes as a whole");
    row.is_some()
}

fn later(runtime: &Runtime, days: i64) {
    runtime.clock().advance(SignedDuration::from_hours(DAY * days));
}

async fn what_is_due_goes_and_all_else_stays(on: Kind) {
    let runtime = made(on).await;
    let for_ever = ended(&runtime, "1").await;
    let kept = WORKSPACE.replace("cancels: {", "retention: 2 years\ncancels: {");
    runtime.publish(&library(&kept), "prueba").await.expect("published");
    let rosa = rosa();
    let key = Some(Key::form("start"));
    let begun = runtime.start_case(&rosa, "prueba", "registro", key).await.expect("starts").case;
    runtime.done(&rosa, &begun, register(1, "Eva", "2")).await;
    runtime.done(&luis(), &begun, choose(2, "Aprobar")).await;
    runtime.clock().advance(SignedDuration::from_secs(1));
    let due = [begun, cancelled(&runtime, "3").await];
    let open = runtime.begun().await;
    later(&runtime, 366);
    let young = ended(&runtime, "4").await;
    assert!(runtime.due(None).await.expect("read").due.is_empty());
    later(&runtime, 365);
    let ends = runtime.anchors().await.expect("read");

    let plan = runtime.due(None).await.expect("read");
    let counted: Vec<_> = plan.due.iter().map(|((_, name), due)| (name.as_str(), due)).collect();
    assert_eq!((counted[0].0, counted[0].1.cases, counted.len()), ("registro", 2, 1));
    assert!(counted[0].1.oldest < counted[0].1.newest);
    assert_eq!(plan.unreadable, [""; 0]);
    let none = runtime.due(Some(date(2026, 11, 23))).await.expect("read");
    assert!(none.due.is_empty(), "they ended on that day, not before it");
    assert_eq!(runtime.due(Some(date(2026, 11, 24))).await.expect("read"), plan);

    let (file, end) = file(&runtime).await;
    assert_eq!(end.cases, 2);
    assert_eq!(read_archive(&file[..], &ends).expect("whole"), (end.clone(), Vec::new()));
    assert!(is_here(&runtime, &due[0]).await, "writing deletes nothing");
    let done = runtime.shelve(&file[..], &end, "/a/b.jsonl").await.expect("deleted");
    assert_eq!((done.deleted, done.gone, done.kept.cases), (2, 0, 0));
    for case in &due {
        assert!(!is_here(&runtime, case).await);
        assert!(runtime.store().documents(case).await.expect("read").is_empty());
        let left = runtime.store().find_archived(&case.to_string()).await.expect("read");
        let left = left.expect("a tombstone");
        assert_eq!((left.file.as_str(), left.proof), ("/a/b.jsonl", end.proof));
        let found = runtime.store().find_archived(&left.number).await.expect("read");
        assert_eq!(found, Some(left.clone()));
        assert_eq!(runtime.store().find_case(None, &left.number).await.expect("read"), None);
    }
    for case in [for_ever, open, young] {
        assert!(is_here(&runtime, &case).await);
    }
    let filter = CaseFilter {
        organisation: "prueba",
        procedure: None,
        status: None,
        search: "eva",
        before: None,
        limit: 10,
    };
    assert!(runtime.store().cases(&filter).await.expect("read").is_empty());
    assert_eq!(runtime.ailments().await, [""; 0]);
    assert_eq!(runtime.verify(None, &ends).await.expect("verified"), []);
    numbers_go_on(&runtime, &due[0]).await;
}

/// Behind those of the archived cases; and the key of one is free again.
async fn numbers_go_on(runtime: &Runtime, archived: &CaseId) {
    let rosa = rosa();
    let key = Some(Key::form("start"));
    let again = runtime.start_case(&rosa, "prueba", "registro", key).await.expect("starts");
    assert_eq!(again.state.number, "2028-00001");
    let refused = runtime.handle(&rosa, archived, Command::ClaimTask { task: 1 }, None).await;
    assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
    runtime.done(&rosa, &again.case, register(1, "Ana", "9")).await;
    assert_eq!(runtime.row(&again.case).await.state.data["abonado"].to_string(), "020005");
    runtime.store().damage("UPDATE series SET last = 20001 WHERE series = 'abonado'").await;
    let third = runtime.begun().await;
    let twice = runtime.handle(&rosa, &third, register(1, "Ana", "8"), None).await;
    assert!(matches!(twice, Err(Refusal::Failed(_))), "that number is an archived case's");
}

async fn killed_before_and_within_the_deletion(on: Kind) {
    let runtime = office(on).await;
    for ci in ["1", "2", "3", "4", "5"] {
        cancelled(&runtime, ci).await;
    }
    later(&runtime, 731);
    let ends = runtime.anchors().await.expect("read");
    let (file, end) = file(&runtime).await;
    // Killed here, the file goes on later; what is due by then may be more, and is not touched.
    let new = cancelled(&runtime, "6").await;
    let mut shelving = Shelving::new(&runtime, &file[..], &end, "/a").by(2);
    assert!(shelving.step().await.expect("deleted"));
    drop(shelving);
    assert_eq!(runtime.anchors().await.expect("read").len(), 4);
    assert_eq!(runtime.ailments().await, [""; 0], "half way is a sound place to stand");
    assert_eq!(runtime.verify(None, &ends).await.expect("verified"), []);
    let done = runtime.shelve(&file[..], &end, "/a").await.expect("deleted");
    assert_eq!((done.deleted, done.gone, done.kept.cases), (3, 2, 0));
    let done = runtime.shelve(&file[..], &end, "/a").await.expect("read");
    assert_eq!((done.deleted, done.gone, done.kept.cases), (0, 5, 0));
    assert!(is_here(&runtime, &new).await);
    assert_eq!(runtime.ailments().await, [""; 0]);

    // A commit that fails, before or after it took effect, leaves a case in one of the two places.
    later(&runtime, 731);
    let (file, end) = super::archive::file(&runtime).await;
    runtime.store().faults.set(50);
    for _ in 0..20 {
        let _ = runtime.shelve(&file[..], &end, "/b").await;
    }
    runtime.store().faults.set(0);
    let done = runtime.shelve(&file[..], &end, "/b").await.expect("read");
    assert_eq!((done.deleted + done.gone, done.kept.cases), (1, 0));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_changed_file_is_found(on: Kind) {
    let runtime = office(on).await;
    for ci in ["1", "2"] {
        ended(&runtime, ci).await;
    }
    later(&runtime, 731);
    let (file, end) = file(&runtime).await;
    assert!(read_archive(&file[..], &[]).is_ok());
    for at in (0..file.len()).step_by(97).chain(file.len() - 80..file.len()) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        let found = read_archive(&changed[..], &[]);
        assert!(matches!(found, Err(ArchiveError::Flawed(_))), "byte {at}: {found:?}");
        let found = read_archive(&file[..at], &[]);
        assert!(matches!(found, Err(ArchiveError::Flawed(_))), "cut at {at}: {found:?}");
    }
    let lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 3);
    for order in [&[1, 0, 2][..], &[0, 2], &[0, 0, 1, 2], &[0, 1, 2, 2], &[0, 1], &[2], &[]] {
        let changed: Vec<u8> = order.iter().flat_map(|at| lines[*at]).copied().collect();
        let found = read_archive(&changed[..], &[]);
        assert!(matches!(found, Err(ArchiveError::Flawed(_))), "{order:?}: {found:?}");
    }
    // Deleting looks at each line again: what follows a bad one stays.
    let mut changed = file.clone();
    changed[lines[0].len() + 100] ^= 1;
    let mut shelving = Shelving::new(&runtime, &changed[..], &end, "/a").by(1);
    assert!(shelving.step().await.expect("the first is sound"));
    assert!(matches!(shelving.step().await, Err(ArchiveError::Flawed(_))));
    assert_eq!(runtime.anchors().await.expect("read").len(), 1);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn nothing_goes_that_is_not_due_or_not_as_in_the_file(on: Kind) {
    let runtime = office(on).await;
    let cases = [ended(&runtime, "1").await, ended(&runtime, "2").await];
    let open = runtime.begun().await;
    later(&runtime, 731);
    let (file, end) = file(&runtime).await;
    later(&runtime, -5);
    let done = runtime.shelve(&file[..], &end, "/a").await.expect("read");
    assert_eq!((done.deleted, done.kept.cases), (0, 2), "{done:?}");
    later(&runtime, 5);

    let other = office(on).await;
    later(&other, 732);
    let done = other.shelve(&file[..], &end, "/a").await.expect("read");
    assert_eq!((done.deleted, done.kept.cases), (0, 2), "{done:?}");
    assert!(done.kept.named[0].contains("is not of this database"), "{done:?}");

    // The version that the case runs on keeps its cases for ever, whatever a file says.
    runtime.store().damage("UPDATE cases SET version = 1").await;
    let done = runtime.shelve(&file[..], &end, "/a").await.expect("read");
    assert_eq!((done.deleted, done.kept.cases), (0, 2), "{done:?}");
    runtime.store().damage("UPDATE cases SET version = 2").await;

    let damage = "UPDATE entries SET body = replace(body, 'Ana', 'Eva')";
    runtime.store().damage(&format!("{damage} WHERE case_id = '{}'", cases[0])).await;
    runtime.store().forge(&cases[0]).await;
    let done = runtime.shelve(&file[..], &end, "/a").await.expect("deleted");
    assert_eq!((done.deleted, done.kept.cases), (1, 1), "{done:?}");
    assert!(is_here(&runtime, &cases[0]).await && is_here(&runtime, &open).await);
    assert!(!is_here(&runtime, &cases[1]).await);
}

async fn the_doctor_finds_damage_of_tombstones(on: Kind) {
    let damages = [
        ("UPDATE archived SET file = ''", "does not say into which file"),
        ("UPDATE archived SET entries = 0", "does not say into which file"),
        (
            "UPDATE archived SET case_id = (SELECT min(case_id) FROM tasks)
              WHERE case_id = (SELECT min(case_id) FROM archived)",
            "still rows of it",
        ),
        ("DELETE FROM archived", "a row of `assigned_numbers` belongs to nothing"),
        ("DELETE FROM assigned_numbers WHERE series = 'abonado' AND counter = 20002", "`abonado`"),
    ];
    for (damage, finding) in damages {
        let runtime = office(on).await;
        ended(&runtime, "1").await;
        ended(&runtime, "2").await;
        later(&runtime, 731);
        ended(&runtime, "3").await;
        let (file, end) = file(&runtime).await;
        runtime.shelve(&file[..], &end, "/a").await.expect("deleted");
        assert_eq!(runtime.ailments().await, [""; 0], "before {damage}");
        let damage = match on {
            // PostgreSQL has no smallest UUID before 18.
            Kind::Postgres => damage.replace("min(case_id)", "min(case_id::text)::uuid"),
            Kind::Sqlite => damage.to_owned(),
        };
        runtime.store().damage(&damage).await;
        let found = runtime.ailments().await;
        assert!(found.iter().any(|what| what.contains(finding)), "{damage}: {found:?}");
    }
}

async fn anchors_of_archived_cases_fit_their_tombstones(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.begun().await;
    let mut anchors = runtime.anchors().await.expect("read");
    let reason = "probando".to_owned();
    runtime.done(&luis(), &case, Command::CancelCase { reason }).await;
    anchors.extend(runtime.anchors().await.expect("read"));
    later(&runtime, 731);
    let (file, end) = file(&runtime).await;
    runtime.shelve(&file[..], &end, "/a").await.expect("deleted");
    assert_eq!(runtime.verify(None, &anchors).await.expect("verified"), []);
    assert_eq!(read_archive(&file[..], &anchors).expect("whole").1, []);
    // An anchor of another journal: the first line's, or the last one's.
    for (place, in_database) in [(0, 0), (1, 1)] {
        let mut wrong = anchors.clone();
        wrong[place].head = anchors[1 - place].head;
        let found = runtime.verify(None, &wrong).await.expect("verified");
        assert_eq!(found.len(), in_database, "{found:?}");
        let found = read_archive(&file[..], &wrong).expect("whole").1;
        assert_eq!(found.len(), 1, "the file tells of every line: {found:?}");
    }
    runtime.store().damage("DELETE FROM archived").await;
    assert_eq!(runtime.verify(None, &anchors).await.expect("verified").len(), 1);
}

async fn a_journal_that_was_changed_stays(on: Kind) {
    let runtime = office(on).await;
    let case = ended(&runtime, "1").await;
    ended(&runtime, "2").await;
    later(&runtime, 731);
    let damage = "UPDATE entries SET body = replace(body, 'Ana', 'Eva')";
    runtime.store().damage(&format!("{damage} WHERE case_id = '{case}'")).await;
    let mut file = Vec::new();
    let (end, kept) = runtime.archive_into(&mut file, None, "prueba").await.expect("written");
    assert_eq!((end.cases, kept.cases), (1, 1), "{kept:?}");
    assert!(kept.named[0].contains("2026-00001 stays: entry"), "{kept:?}");
    runtime.shelve(&file[..], &end, "/a").await.expect("deleted");
    assert!(is_here(&runtime, &case).await);
}
