//! The Tupiza manual, end to end: the steps, the branches, the papers, the numbers, the ten minutes.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use tramite::document::print::pdf;
use tramite::engine::{CaseStatus, Command, Entry, Rejection, replay};
use tramite::expression::{Map, Value};
use tramite::runtime::{Clock, Refusal};

use crate::world::{Plan, anybody, documents, drive, morning, runtime, steps};

#[tokio::test]
async fn registro_visits_sixteen_steps_in_order() {
    let runtime = runtime().await;
    let (journal, case) = drive(&runtime, "tupiza/registro", Plan::default()).await;
    let expected: Vec<String> = (1..=16).map(|step: u32| step.to_string()).collect();
    assert_eq!(steps(&journal), expected);
    assert_eq!(case.state.outcome.as_deref(), Some("completed"));
    assert_eq!(case.state.number, "EXP-2026-00001");
    for document in [
        "orden-de-requisitos-tecnicos",
        "detalle-de-materiales",
        "plano",
        "cotizacion-de-materiales",
        "orden-de-entrega-de-materiales",
        "orden-de-inspeccion-tecnica",
        "guia-de-registro-de-medidor",
        "orden-de-conexion",
        "contrato-de-suministro",
        "caratula-de-carpeta",
    ] {
        assert!(documents(&journal).contains(&document), "{document}");
    }
    assert_eq!(replay(&journal), *case.state, "the journal tells the whole state");
    assert_eq!(runtime.doctor().await.expect("a doctor"), []);
}

#[tokio::test]
async fn papers_that_do_not_comply_go_back_to_step_one() {
    let runtime = runtime().await;
    let plan = Plan { wishes: &["2=No cumple"], ..Plan::default() };
    let (journal, case) = drive(&runtime, "tupiza/registro", plan).await;
    assert_eq!(steps(&journal)[..5], ["1", "2", "1", "2", "3"]);
    assert_eq!(case.state.visits["1"], 2);
    assert_eq!(case.state.outcome.as_deref(), Some("completed"));
}

#[tokio::test]
async fn an_inspection_that_is_not_viable_ends_so() {
    let runtime = runtime().await;
    let plan = Plan { fixed: &[("inspeccion.viable", Value::Bool(false))], ..Plan::default() };
    let (journal, case) = drive(&runtime, "tupiza/registro", plan).await;
    assert_eq!(case.state.outcome.as_deref(), Some("no viable"));
    assert_eq!(steps(&journal).last(), Some(&"10"));
    assert!(!documents(&journal).contains(&"contrato-de-suministro"));
}

/// The technician who leaves the boxes empty must say why: the customer is told in these words.
#[tokio::test]
async fn an_inspection_that_is_not_viable_needs_its_reasons() {
    let runtime = runtime().await;
    let (_, case) =
        drive(&runtime, "tupiza/registro", Plan { steps: Some(8), ..Plan::default() }).await;
    let (task, open) = case.state.tasks.iter().next().expect("step 9 waits");
    assert_eq!(open.step, "9");
    let mut submission = Map::new();
    Value::put(&mut submission, "inspeccion.fecha", Value::text("2026-11-23"));
    let command = Command::CompleteTask { task: *task, submission, choice: None };
    let tecnico = anybody("tecnico", &BTreeSet::new());
    let refused = runtime.handle(&tecnico, &case.case, command, None).await;
    let Err(Refusal::Rejected(Rejection::InvalidSubmission { errors })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[tokio::test]
async fn a_bought_meter_is_not_lent() {
    let runtime = runtime().await;
    for (origin, is_lent) in [("comprado", false), ("prestado", true), ("giz", true)] {
        let fixed = [("medidor.origen", Value::text(origin))];
        let plan = Plan { fixed: &fixed, ..Plan::default() };
        let (journal, _) = drive(&runtime, "tupiza/registro", plan).await;
        let lent = documents(&journal).contains(&"formulario-de-registro-de-medidor");
        assert_eq!(lent, is_lent, "{origin}");
    }
}

#[tokio::test]
async fn reconexion_goes_with_and_without_a_folder() {
    let runtime = runtime().await;
    let with = Plan { wishes: &["1=Sí tiene carpeta"], ..Plan::default() };
    let (journal, case) = drive(&runtime, "tupiza/reconexion", with).await;
    assert_eq!(steps(&journal), ["1", "5", "6", "7", "8", "9", "10", "11"]);
    assert!(!documents(&journal).contains(&"orden-de-requisitos-tecnicos"));
    assert_eq!(case.state.outcome.as_deref(), Some("completed"));
    let without = Plan { wishes: &["1=No tiene carpeta"], ..Plan::default() };
    let (journal, _) = drive(&runtime, "tupiza/reconexion", without).await;
    assert_eq!(steps(&journal), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
    assert!(documents(&journal).contains(&"orden-de-requisitos-tecnicos"));
}

#[tokio::test]
async fn reconexion_keeps_the_ten_minutes_after_the_inspection_order() {
    let runtime = runtime().await;
    let plan = Plan { wishes: &["1=Sí tiene carpeta"], steps: Some(2), ..Plan::default() };
    let (_, case) = drive(&runtime, "tupiza/reconexion", plan).await;
    let (task, open) = case.state.tasks.iter().next().expect("step 6 waits");
    assert_eq!(open.step, "6");
    let opens_at = morning() + SignedDuration::from_mins(10);
    assert_eq!(open.opens_at, Some(opens_at));
    let early = Command::CompleteTask { task: *task, submission: Map::new(), choice: None };
    let ape = anybody("ape", &BTreeSet::new());
    let refused = runtime.handle(&ape, &case.case, early.clone(), None).await;
    let Err(Refusal::Rejected(rejection)) = refused else { panic!("{refused:?}") };
    assert_eq!(rejection, Rejection::NotOpenYet { opens_at });
    let Clock::Manual(_) = runtime.clock() else { panic!("a manual clock") };
    runtime.clock().advance(SignedDuration::from_mins(10));
    // Open now; what is still missing is the form.
    let refused = runtime.handle(&ape, &case.case, early, None).await;
    assert!(
        matches!(refused, Err(Refusal::Rejected(Rejection::InvalidSubmission { .. }))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_shorter_procedures_run_to_their_end() {
    let runtime = runtime().await;
    for (name, expected) in [
        ("tupiza/corte", vec!["1", "2", "3", "4"]),
        ("tupiza/retiro", vec!["1", "2"]),
        ("tupiza/formularios", vec!["1", "2", "4", "5", "6", "7"]),
    ] {
        let (journal, case) = drive(&runtime, name, Plan::default()).await;
        assert_eq!(steps(&journal), expected, "{name}");
        assert_eq!(case.state.status, CaseStatus::Ended);
    }
}

#[tokio::test]
async fn quotations_add_up_with_the_prices_of_the_register() {
    let runtime = runtime().await;
    let (_, case) = drive(&runtime, "tupiza/registro", Plan { seed: 7, ..Plan::default() }).await;
    let rows = Value::at(&case.state.data, "cotizacion.filas").and_then(Value::as_list);
    let rows = rows.expect("rows");
    let mut total = rust_decimal::Decimal::ZERO;
    for row in rows.iter().filter_map(Value::as_map) {
        let number = |name: &str| Value::at(row, name).and_then(Value::as_number).expect(name);
        assert_eq!(number("precio"), number("material.precio"));
        assert_eq!(number("parcial"), (number("cantidad") * number("precio")).round_dp(2));
        total += number("parcial");
    }
    let sum = Value::at(&case.state.data, "cotizacion.total").and_then(Value::as_number);
    assert_eq!(sum, Some(total));
    assert_eq!(Value::at(&case.state.data, "pago.monto").and_then(Value::as_number), Some(total));
}

#[tokio::test]
async fn numbers_have_no_gaps_and_a_rejected_command_takes_none() {
    let runtime = runtime().await;
    let mut numbers = Vec::new();
    for seed in 1..=4 {
        let plan = Plan { seed, steps: Some(3), ..Plan::default() };
        let (journal, case) = drive(&runtime, "tupiza/registro", plan).await;
        numbers.extend(journal.iter().filter_map(|record| match &record.entry {
            Entry::DocumentIssued { counter, .. } => Some(*counter),
            _ => None,
        }));
        let (task, open) = case.state.tasks.iter().next().expect("step 4 waits");
        assert_eq!(open.step, "4");
        let bad = Command::CompleteTask { task: *task, submission: Map::new(), choice: None };
        let tecnico = anybody("tecnico", &BTreeSet::new());
        assert!(runtime.handle(&tecnico, &case.case, bad, None).await.is_err());
    }
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn every_document_prints_the_same_bytes_again() {
    let runtime = runtime().await;
    for name in ["registro", "reconexion", "corte", "retiro", "formularios"] {
        let (journal, case) = drive(&runtime, &format!("tupiza/{name}"), Plan::default()).await;
        for (at, document) in documents(&journal).into_iter().enumerate() {
            let no = u32::try_from(at + 1).expect("few documents");
            let sheet = runtime.sheet(&case.case, no).await.expect("read").expect("issued");
            let first = pdf(&sheet).unwrap_or_else(|error| panic!("{document}: {error}"));
            assert!(first.starts_with(b"%PDF-"), "{document}");
            let again = runtime.sheet(&case.case, no).await.expect("read").expect("issued");
            assert!(pdf(&again).is_ok_and(|second| second == first), "{document} prints the same");
        }
    }
}

#[tokio::test]
async fn every_document_can_be_previewed_as_a_draft() {
    let runtime = runtime().await;
    let executable = crate::world::executable("tupiza/registro");
    for place in 0..executable.procedure.steps.len() {
        let plan = Plan {
            steps: Some(place),
            fixed: &[("medidor.origen", Value::Text("prestado".to_owned()))],
            ..Plan::default()
        };
        let (_, case) = drive(&runtime, "tupiza/registro", plan).await;
        let (task, open) = case.state.tasks.iter().next().expect("a task");
        let step = executable.step(&open.step).expect("a step");
        for issue in step.all_issues() {
            let actor = anybody(&open.role, &BTreeSet::new());
            let sheet = runtime.draft(&actor, &case.case, *task, &issue.name).await;
            let sheet = sheet.expect("read").expect("a draft");
            assert!(sheet.is_draft);
            pdf(&sheet).unwrap_or_else(|error| panic!("{}: {error}", *issue.name));
        }
    }
}

#[tokio::test]
async fn a_customer_with_a_hostile_name_prints_as_such() {
    let runtime = runtime().await;
    let fixed = [("cliente.nombre", Value::text(r##"#import "x" $*_ \ [ ] { } <a> @b ~ `c`"##))];
    let plan = Plan { fixed: &fixed, ..Plan::default() };
    let (journal, case) = drive(&runtime, "tupiza/registro", plan).await;
    for no in 1..=documents(&journal).len() {
        let no = u32::try_from(no).expect("few documents");
        let sheet = runtime.sheet(&case.case, no).await.expect("read").expect("issued");
        pdf(&sheet).unwrap_or_else(|error| panic!("document {no}: {error}"));
    }
}
