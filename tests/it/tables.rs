//! Decision tables and parameters at work: what a step looks up, what the journal keeps of it, and what
//! was in force on which day.

use jiff::SignedDuration;
use tramite::engine::{Entry, Rejection};
use tramite::expression::{Map, Value};
use tramite::library::Files;

use crate::office::{Office, complete, person, request, text};
use crate::world::read;

/// What stands beside the office's own parts, and its steps.
async fn office(beside: &str, steps: &str) -> Office {
    Office::of(&format!("{}---\n{beside}", text(steps))).await
}

const FEES: &str = r#"
table: fees
title: Fees
inputs: { amount: { label: Amount, type: money, min: 0, max: 1000 } }
outputs:
  fee: { label: Fee, type: money }
  who: { label: Who signs, type: choice, options: { clerk: Clerk, boss: The boss } }
rows:
  - { amount: "< 100", fee: 5, who: clerk }
  - { amount: "100..499.99", fee: "= amount * 0.03", who: clerk }
otherwise: { fee: 20.5, who: boss }
"#;

fn looked_up(records: &[tramite::engine::Record]) -> Vec<(&Map, &[u32], &Value)> {
    let told = records.iter().filter_map(|record| match &record.entry {
        Entry::TableLookedUp { inputs, rows, value, .. } => Some((inputs, rows.as_slice(), value)),
        _ => None,
    });
    told.collect()
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).expect("JSON")
}

#[tokio::test]
async fn a_step_looks_up_what_the_table_says_and_the_way_follows_it() {
    let steps = "  1: { role: clerk, activity: Ask, form: request, looks_up: { ruling: fees }, set: { total: amount + ruling.fee } }
  2:
    choose:
      - { when: ruling.who == 'boss', go: 4 }
      - { go: 3 }
  3: { role: clerk, activity: Sign, end: signed }
  4: { role: boss, activity: Sign }
";
    let office = office(FEES, steps).await;
    let ana = person("ana", "clerk");
    for (amount, result, row, total, role) in [
        ("99.99", r#"{"fee":5,"who":"clerk"}"#, Some(1), "104.99", "clerk"),
        ("100", r#"{"fee":3,"who":"clerk"}"#, Some(2), "103", "clerk"),
        ("333.33", r#"{"fee":10,"who":"clerk"}"#, Some(2), "343.33", "clerk"),
        ("500", r#"{"fee":20.5,"who":"boss"}"#, None, "520.5", "boss"),
    ] {
        let case = office.begin().await;
        let case = office.complete(&case, &ana, request("7", amount), None).await;
        let told = looked_up(&case.records);
        let [(inputs, rows, value)] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(json(value), result, "{amount}");
        assert_eq!(rows.first().copied(), row, "{amount}");
        assert_eq!(inputs.get("amount").map(ToString::to_string).as_deref(), Some(amount));
        let known = case.state.data.get("total").expect("set after the table was looked up");
        assert_eq!(known.to_string(), total, "{amount}");
        assert_eq!(case.state.tasks.values().next().expect("a task").role, role, "{amount}");
    }
    let all = office.runtime.doctor().await.expect("a doctor");
    assert!(all.is_empty(), "every journal replays to its state: {all:?}");
}

#[tokio::test]
async fn all_rows_that_hold_are_collected() {
    let table = |how: &str| {
        format!(
            r#"
table: extras
hits: collect
collect: {how}
inputs:
  amount: {{ label: Amount, type: money }}
  name: {{ label: Name }}
outputs: {{ extra: {{ label: Extra, type: money }} }}
rows:
  - {{ amount: ">= 100", extra: 1.5 }}
  - {{ amount: [50, "> 200"], extra: 2.25 }}
  - {{ name: "!= Rosa Quispe", extra: 100 }}
"#
        )
    };
    let steps = "  1: { role: clerk, activity: Ask, form: request, looks_up: { extras: { in: extras, with: { name: person.name } } } }\n";
    for (how, many, none) in [
        ("list", "[1.5,2.25]", "[]"),
        ("sum", "3.75", "0"),
        ("min", "1.5", "null"),
        ("max", "2.25", "null"),
        ("count", "2", "0"),
    ] {
        let office = office(&table(how), steps).await;
        for (amount, expected) in [("300", many), ("99", none)] {
            let case = office.begin().await;
            let case =
                office.complete(&case, &person("ana", "clerk"), request("7", amount), None).await;
            assert_eq!(json(&case.state.data["extras"]), expected, "{how} of {amount}");
        }
    }
}

/// What a table can't answer is said to the person, and nothing is half done.
#[tokio::test]
async fn a_value_that_the_rows_are_not_for_is_refused_in_words() {
    let steps = "  1: { role: clerk, activity: Ask, form: request, looks_up: { ruling: { in: fees, with: { amount: amount - 500 } } } }\n";
    let table = FEES.replace(
        "otherwise: { fee: 20.5, who: boss }",
        "  - { amount: '>= 500', fee: 1, who: boss }",
    );
    let office = office(&table, steps).await;
    let case = office.begin().await;
    let command = complete(&case, request("7", "499"), None);
    let refused = office.refused(&case, &person("ana", "clerk"), command).await;
    let Rejection::NoWayOn { step, reason } = refused else { panic!("{refused:?}") };
    assert_eq!((step.as_str(), reason.as_str()), ("1", "`amount` is less than 0"));
}

const RATES: &str = r#"
parameters:
  rates:
    title: Rates
    values:
      plain: { label: Plain, type: number, decimals: 3 }
      reduced: { label: Reduced, type: number, decimals: 3 }
    periods:
      - { from: 2026-01-01, plain: 0.80, reduced: 0.4 }
      - { from: 2026-11-24, plain: 0.925, says: Resolution 7 }
"#;

#[tokio::test]
async fn a_parameter_is_the_one_in_force_on_its_day() {
    let form = "
form: reading
title: Reading
fields: { read_on: { label: Read on, type: date }, until: { label: Until, type: date, optional: true } }
---";
    let steps = "  1: { role: clerk, activity: Read, form: reading, set: {
    now: parameter('rates.plain') * 100, then: \"parameter('rates.plain', read_on)\",
    kept: \"parameter('rates.reduced', read_on)\", open: \"parameter('rates.plain', until)\" } }\n";
    let office = office(&format!("{form}{RATES}"), steps).await;
    let ana = person("ana", "clerk");
    let read_on = |day: &str| Map::from([("read_on".to_owned(), Value::text(day))]);
    let case = office.begin().await;
    let today = office.complete(&case, &ana, read_on("2026-11-24"), None).await;
    let data = &today.state.data;
    assert_eq!(
        ["now", "then", "kept", "open"].map(|name| data[name].to_string()),
        ["80", "0.925", "0.4", ""],
    );
    // A day later the new period has begun; a reading of before has the rate of before.
    office.runtime.clock().advance(SignedDuration::from_hours(24));
    let case = office.begin().await;
    let later = office.complete(&case, &ana, read_on("2026-11-23"), None).await;
    let data = &later.state.data;
    assert_eq!(["now", "then"].map(|name| data[name].to_string()), ["92.5", "0.8"]);
    let case = office.begin().await;
    let command = complete(&case, read_on("2025-12-31"), None);
    let refused = office.refused(&case, &ana, command).await;
    let Rejection::NoWayOn { reason, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(reason, "`rates.plain` has no value for 2025-12-31");
}

/// Whoever runs on a version has the figures of that version.
#[tokio::test]
async fn a_case_keeps_the_figures_that_it_began_with() {
    let steps = "  1: { role: clerk, activity: Work, set: { rate: parameter('rates.plain') } }\n";
    let office = office(RATES, steps).await;
    let ana = person("ana", "clerk");
    let old = office.begin().await;
    let text = format!("{}---\n{}", text(steps), RATES.replace("0.80", "0.85"));
    let (library, _) = read(&Files::from([("office.yaml".to_owned(), text)]));
    let published = office.runtime.publish(&library, "office").await.expect("published");
    assert_eq!(published.len(), 1, "a changed figure makes a new version");
    let new = office.begin().await;
    for (case, rate) in [(old, "0.8"), (new, "0.85")] {
        let done = office.complete(&case, &ana, Map::new(), None).await;
        assert_eq!(done.state.data["rate"].to_string(), rate);
    }
}

/// What a look-up fills in may be read behind it like any other variable, and its fields are known.
#[test]
fn what_is_looked_up_is_known_behind_it_and_not_before() {
    let found = |steps: &str| {
        let text = format!("{}---\n{FEES}", text(steps));
        let (_, found) = read(&Files::from([("office.yaml".to_owned(), text)]));
        let codes = found.iter().map(|finding| finding.code);
        codes.filter(|code| !code.starts_with("unused")).collect::<Vec<_>>()
    };
    let looks = "form: request, looks_up: { ruling: fees }";
    let after = "2: { role: clerk, activity: B, set: { x: ruling.fee + 1 } }";
    assert_eq!(
        found(&format!("  1: {{ role: clerk, activity: A, {looks} }}\n  {after}\n")),
        [""; 0]
    );
    let wrong = after.replace("ruling.fee", "ruling.fees");
    let steps = format!("  1: {{ role: clerk, activity: A, {looks} }}\n  {wrong}\n");
    assert_eq!(found(&steps), ["unknown_field"]);
    let early = format!(
        "  1: {{ role: clerk, activity: A, set: {{ x: ruling.fee + 1 }} }}\n  2: {{ role: clerk, activity: B, {looks} }}\n"
    );
    assert_eq!(found(&early), ["not_filled_in"]);
    let text = format!(
        "  1: {{ role: clerk, activity: A, {looks} }}\n  2: {{ role: clerk, activity: B, set: {{ x: ruling.who + 1 }} }}\n"
    );
    assert_eq!(found(&text), ["type_mismatch"]);
}

#[tokio::test]
async fn documents_and_subjects_read_parameters() {
    let rates = "parameters:\n  rates:\n    title: Rates\n    values: { plain: { label: Plain, type: \
                 number, decimals: 2 } }\n    periods: [{ from: 2020-01-01, plain: 0.8 }]\n";
    let steps = "  1: { role: clerk, activity: Ask, form: request, issues: letter }\n  2: { role: \
                 clerk, activity: Go }\n";
    let whole = format!("{}---\n{rates}", text(steps));
    let said = "For {{ person.name }} {{ parameter('rates.plain') }}";
    let whole = whole.replace("For {{ person.name }}", said);
    let whole = whole.replace(
        "title: Flow\n",
        "title: Flow\nsubject: \"{{ parameter('rates.plain') }} {{ person.name }}\"\n",
    );
    let office = Office::of(&whole).await;
    let case = office.begin().await;
    let case = office.complete(&case, &person("ana", "clerk"), request("7", "50"), None).await;
    let row = office.runtime.store().case(&case.case).await.expect("read").expect("a case");
    assert_eq!(row.subject, "0.8 Rosa Quispe");
    let sheet = office.runtime.sheet(&case.case, 1).await.expect("read").expect("issued");
    let markup = tramite::document::print::markup(&sheet, 1).expect("prints");
    assert!(markup.ends_with(r"0\u{2e}8"), "{markup}");
    // A slip is found where it stands, before anything is issued.
    let wrong = whole.replace("parameter('rates.plain') }}\"", "parameter('rates.plane') }}\"");
    for wrong in [wrong, whole.replace(said, "{{ parameter('rates.plane') }}")] {
        let (_, found) = read(&Files::from([("office.yaml".to_owned(), wrong)]));
        let errors: Vec<_> = found.iter().filter(|it| !it.code.starts_with("unused_")).collect();
        let told = ["unknown_parameter", "broken_template"];
        assert!(errors.len() == 1 && told.contains(&errors[0].code), "{errors:?}");
    }
}
