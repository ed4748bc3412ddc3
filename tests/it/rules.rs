//! Small procedures that each show one thing that the engine does or refuses.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tramite::engine::{CaseStatus, Command, Entry, Rejection};
use tramite::expression::{Map, Value};
use tramite::runtime::{Key, Refusal};

use crate::office::{Office, complete, person, request, step};
#[tokio::test]
async fn four_eyes_keep_one_person_from_both_steps() {
    let office = Office::with(
        "  1: { role: clerk, activity: Propose }\n  2: { role: clerk, activity: Approve, not_by: [1] }\n",
    )
    .await;
    let (ana, eva) = (person("ana", "clerk"), person("eva", "clerk"));
    let case = office.begin().await;
    let case = office.complete(&case, &ana, Map::new(), None).await;
    let claim = Command::ClaimTask { task: 2 };
    let expected = Rejection::FourEyes { step: "1".to_owned() };
    assert_eq!(office.refused(&case, &ana, claim).await, expected);
    let again = complete(&case, Map::new(), None);
    assert_eq!(office.refused(&case, &ana, again).await, expected);
    let case = office.complete(&case, &eva, Map::new(), None).await;
    assert_eq!(case.state.status, CaseStatus::Ended);
}

#[tokio::test]
async fn a_claimed_task_is_one_persons_until_given_back() {
    let office = Office::with("  1: { role: clerk, activity: Work }\n").await;
    let (ana, eva, boss) = (person("ana", "clerk"), person("eva", "clerk"), person("max", "boss"));
    let case = office.begin().await;
    let claim = Command::ClaimTask { task: 1 };
    let expected = Rejection::NotYourRole { role: "clerk".to_owned() };
    assert_eq!(office.refused(&case, &boss, claim.clone()).await, expected);
    office.ask(&case, &ana, claim.clone()).await.expect("claimed");
    let expected = Rejection::ClaimedByAnother { by: "ana".to_owned() };
    assert_eq!(office.refused(&case, &eva, claim.clone()).await, expected);
    assert_eq!(office.refused(&case, &eva, complete(&case, Map::new(), None)).await, expected);
    // A doubled click is no error and no second entry.
    let again = office.ask(&case, &ana, claim.clone()).await.expect("still hers");
    assert!(again.records.is_empty());
    office.ask(&case, &ana, Command::ReleaseTask { task: 1 }).await.expect("given back");
    assert_eq!(
        office.refused(&case, &ana, Command::ReleaseTask { task: 1 }).await,
        Rejection::NotClaimed
    );
    office.ask(&case, &eva, claim).await.expect("now hers");
    let done = office.complete(&case, &eva, Map::new(), None).await;
    assert_eq!(done.state.outcome.as_deref(), Some("completed"));
    let late = office.refused(&case, &eva, complete(&case, Map::new(), None)).await;
    assert_eq!(late, Rejection::CaseNotRunning);
}

#[tokio::test]
async fn a_case_is_cancelled_with_a_reason_by_whom_the_procedure_names() {
    let office = Office::with("  1: { role: clerk, activity: Work }\n").await;
    let case = office.begin().await;
    let cancel = |reason: &str| Command::CancelCase { reason: reason.to_owned() };
    let expected = Rejection::NotYourRole { role: "boss".to_owned() };
    assert_eq!(office.refused(&case, &person("ana", "clerk"), cancel("no")).await, expected);
    let boss = person("max", "boss");
    assert_eq!(office.refused(&case, &boss, cancel("  ")).await, Rejection::ReasonRequired);
    let done = office.ask(&case, &boss, cancel("The guest left")).await.expect("cancelled");
    assert_eq!(done.state.status, CaseStatus::Cancelled);
    assert!(done.state.tasks.is_empty());
    assert_eq!(office.runtime.doctor().await.expect("a doctor"), []);
}

#[tokio::test]
async fn automatic_steps_reckon_and_choose_by_themselves() {
    let office = Office::with(
        r#"
  1: { role: guest, activity: Ask, form: request, hands_in: card }
  2:
    set: { fee: amount * 0.1, until: today + days(30) }
    choose: [{ when: amount > 500, go: 4 }, { go: 3 }]
  3:
    role: clerk
    activity: Small
    receives: card
    saves: { people: person }
    issues: letter
    end: small
  4:
    role: boss
    activity: Large
    decide: { Yes: { end: granted, issues: letter }, No: { end: refused } }
"#,
    )
    .await;
    let clerk = person("ana", "clerk");
    let small = office.begin().await;
    let small = office.complete(&small, &clerk, request("7", "120.50"), None).await;
    assert_eq!(step(&small), "3");
    assert_eq!(small.state.data["fee"], Value::number(rust_decimal::Decimal::new(1205, 2)));
    assert_eq!(small.state.data["until"], Value::text("2026-12-23"));
    let small = office.complete(&small, &clerk, Map::new(), None).await;
    assert_eq!(small.state.outcome.as_deref(), Some("small"));
    let saved = office.runtime.store().record("office", "people", "7").await.expect("reads");
    assert_eq!(saved.expect("saved")["name"], Value::text("Rosa Quispe"));

    let large = office.begin().await;
    let large = office.complete(&large, &clerk, request("8", "501"), None).await;
    assert_eq!(step(&large), "4");
    let boss = person("max", "boss");
    let without = office.refused(&large, &boss, complete(&large, Map::new(), None)).await;
    assert!(matches!(without, Rejection::ChoiceRequired { .. }));
    let unknown = office.refused(&large, &boss, complete(&large, Map::new(), Some("Maybe"))).await;
    assert!(matches!(unknown, Rejection::UnknownChoice { .. }));
    let large = office.complete(&large, &boss, Map::new(), Some("Yes")).await;
    assert_eq!(large.state.outcome.as_deref(), Some("granted"));
    let numbers: Vec<&str> =
        [&small, &large].iter().map(|case| case.state.documents[0].number.as_str()).collect();
    assert_eq!(numbers, ["L-2026-001", "L-2026-002"]);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_submission_is_told_at_once() {
    let office = Office::with("  1: { role: clerk, activity: Ask, form: request }\n").await;
    let case = office.begin().await;
    let mut bad = request("", "1.234,567");
    Value::put(&mut bad, "person.colour", Value::text("red"));
    let rejection =
        office.refused(&case, &person("ana", "clerk"), complete(&case, bad, None)).await;
    let Rejection::InvalidSubmission { errors } = rejection else { panic!("{rejection:?}") };
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["person.id", "person.colour", "amount"]);
}

#[tokio::test]
async fn terms_are_counted_in_the_offices_calendar() {
    let office = Office::with(
        "  1: { role: clerk, activity: Work, due: 2 working days }\n\
         \x20 2: { role: clerk, activity: Wait, opens: 10 minutes after 1, due: \"17:00\" }\n",
    )
    .await;
    let instant = |text: &str| -> Timestamp { text.parse().expect("an instant") };
    let ana = person("ana", "clerk");
    let case = office.begin().await;
    assert_eq!(case.state.tasks[&1].due_at, Some(instant("2026-11-25T18:00:00Z")));
    let case = office.complete(&case, &ana, Map::new(), None).await;
    let opens_at = instant("2026-11-23T09:10:00Z");
    assert_eq!(case.state.tasks[&2].opens_at, Some(opens_at));
    assert_eq!(case.state.tasks[&2].due_at, Some(instant("2026-11-23T17:00:00Z")));
    let early = office.refused(&case, &ana, complete(&case, Map::new(), None)).await;
    assert_eq!(early, Rejection::NotOpenYet { opens_at });
    office.runtime.clock().advance(SignedDuration::from_mins(10));
    office.complete(&case, &ana, Map::new(), None).await;
}

#[tokio::test]
async fn the_same_key_does_a_thing_once() {
    let office = Office::with("  1: { role: clerk, activity: Work }\n").await;
    let ana = person("ana", "clerk");
    let begin = || office.runtime.start_case(&ana, "office", "flow", Some(Key::form("key-1")));
    let first = begin().await.expect("begun");
    let second = begin().await.expect("told again");
    assert_eq!(first.case, second.case);
    let command = complete(&first, Map::new(), None);
    let once =
        office.runtime.handle(&ana, &first.case, command.clone(), Some(Key::form("key-2"))).await;
    let twice = office.runtime.handle(&ana, &first.case, command, Some(Key::form("key-2"))).await;
    assert_eq!(once.expect("done").records, twice.expect("told again").records);
    // The same key with other contents is another command, and is not told to be done.
    let other = Command::CancelCase { reason: "No".to_owned() };
    let other = office
        .runtime
        .handle(&person("max", "boss"), &first.case, other, Some(Key::form("key-2")))
        .await;
    assert!(matches!(other, Err(Refusal::Rejected(Rejection::CaseNotRunning))), "{other:?}");
    let journal = office.runtime.store().journal(&first.case).await.expect("reads");
    let completed =
        journal.iter().filter(|record| matches!(record.entry, Entry::TaskCompleted { .. })).count();
    assert_eq!(completed, 1);
}

/// Every rejection has a sentence of its own in every language of the screens.
#[test]
fn rejections_are_said_in_every_language() {
    let executable = crate::world::executable("tupiza/registro");
    let text = || "x".to_owned();
    let all = [
        Rejection::NotYourRole { role: "ape".to_owned() },
        Rejection::CaseExists,
        Rejection::CaseNotRunning,
        Rejection::TaskNotOpen,
        Rejection::ClaimedByAnother { by: text() },
        Rejection::NotClaimed,
        Rejection::NotOpenYet { opens_at: Timestamp::UNIX_EPOCH },
        Rejection::FourEyes { step: text() },
        Rejection::ChoiceRequired { choices: vec![text()] },
        Rejection::UnknownChoice { choice: text(), choices: vec![text()] },
        Rejection::InvalidSubmission { errors: Vec::new() },
        Rejection::NotInHand { name: "contrato-de-suministro".to_owned() },
        Rejection::NotEnough { name: text(), account: text(), there: text(), wanted: text() },
        Rejection::BadAmount { name: text(), amount: text(), decimals: 2 },
        Rejection::StillOpen { open: Vec::new() },
        Rejection::ReasonRequired,
        Rejection::TooMuchOpen { step: text(), most: 2_000 },
        Rejection::NoWayOn { step: text(), reason: text() },
    ];
    for code in ["es", "en", "fa"] {
        let language = tramite::language::Language::parse(code);
        let mut said = BTreeSet::new();
        for rejection in &all {
            let when = |at: Timestamp| at.to_string();
            let words = tramite::wording::rejection(&language, &executable, rejection, None, &when);
            assert!(words.contains(' '), "{code}: {} is said as `{words}`", rejection.code());
            assert!(said.insert(words), "{code}: {} has words of its own", rejection.code());
        }
    }
}

/// Columns that the case doesn't know stay as they are, also of a row whose key has come up only in the
/// same command.
#[tokio::test]
async fn a_row_whose_key_is_reckoned_keeps_its_other_columns() {
    let steps = "  1: { role: clerk, activity: Ask, form: request, set: { person.id: \"'k1'\" }, \
                 saves: { people: person } }\n  \
                 2: { role: boss, activity: Look }\n";
    let columns = "fields: { id: { label: Id }, name: { label: Name } }\n---\nform: request";
    let wider = "fields: { id: { label: Id }, name: { label: Name }, phone: { label: Phone } }\n    \
                 rows: [{ id: k1, name: Ana, phone: '555' }]\n---\nform: request";
    let text = crate::office::text(steps);
    assert!(text.contains(columns), "the office has changed");
    let office = Office::of(&text.replace(columns, wider)).await;
    let case = office.begin().await;
    office.complete(&case, &person("ana", "clerk"), request("k2", "5"), None).await;
    let store = office.runtime.store();
    let rows = store.records("office", "people", "", 10).await.expect("rows");
    let row = rows.iter().find(|(key, _)| key.as_str() == "k1").map(|(_, row)| row).expect("k1");
    let saved = (row["name"].to_string(), row["phone"].to_string());
    assert_eq!(saved, ("Rosa Quispe".to_owned(), "555".to_owned()));
}
