//! Ledgers over a real database: what is drawn, by whom, and what is never lost.

use rust_decimal::Decimal;

use super::*;
use crate::engine::replay;

on_both!(
    what_is_moved_stands_in_the_accounts,
    stock_is_never_negative,
    a_case_ends_only_when_nothing_is_on_its_way,
    many_draw_on_one_stock_and_nothing_is_lost,
    the_doctor_adds_up_every_movement,
    movements_outlive_their_archived_cases,
);

const LEDGER: &str = r#"
organisation: prueba
name: Cooperativa de Prueba
language: es-BO
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { ape: Asistente, jefe: Jefe }
---
registers:
  materiales:
    title: Materiales
    key: codigo
    fields: { codigo: { label: Código }, nombre: { label: Nombre } }
    shows: "{{ nombre }}"
    rows: [{ codigo: CB, nombre: Cable }, { codigo: MD, nombre: Medidor }]
    ledger:
      unit: piezas
      decimals: 2
      accounts:
        proveedor: Proveedor
        deposito: { title: Depósito, never_negative: true }
        tecnico: { title: En manos del técnico, in_transit: true }
        instalado: Instalado
---
form: lista
title: Lista
fields:
  filas:
    label: Filas
    max_rows: 200
    rows:
      material: { label: Material, type: record, register: materiales }
      cantidad: { label: Cantidad, type: number, decimals: 3, optional: true }
---
form: sobrante
title: Sobrante
fields:
  material: { label: Material, type: record, register: materiales, optional: true }
  sobra: { label: Sobra, type: number, decimals: 2, optional: true }
---
procedure: compra
title: Compra
starts: { by: ape }
cancels: { by: jefe }
retention: 2 years
steps:
  1:
    role: ape
    activity: Recibir.
    form: lista
    moves:
      ledger: materiales
      each: filas
      item: material
      amount: cantidad
      from: proveedor
      to: deposito
---
procedure: obra
title: Obra
starts: { by: ape }
cancels: { by: jefe }
steps:
  1:
    role: ape
    activity: Entregar.
    form: lista
    moves:
      - ledger: materiales
        each: filas
        item: material
        amount: cantidad
        from: deposito
        to: tecnico
  2:
    role: ape
    activity: Instalar.
    form: sobrante
    moves:
      - ledger: materiales
        item: material
        amount: sobra | default(0)
        from: tecnico
        to: deposito
      - ledger: materiales
        each: filas
        item: material
        amount: cantidad - (sobra | default(0))
        from: tecnico
        to: instalado
        when: cantidad > 0
"#;

async fn office(on: Kind) -> Runtime {
    let start: Timestamp = "2026-11-23T15:00:00Z".parse().expect("an instant");
    let store = on.store().await.expect("a store");
    let runtime = Runtime::start(store, Clock::manual(start)).await.expect("starts");
    runtime.publish(&library(LEDGER), "prueba").await.expect("published");
    runtime
}

fn list(rows: &[(&str, &str)]) -> Command {
    let row = |(item, amount): &(&str, &str)| {
        let row = [("material", Value::text(*item)), ("cantidad", Value::text(*amount))];
        Value::Map(row.map(|(name, value)| (name.to_owned(), value)).into())
    };
    let rows = Value::List(rows.iter().map(row).collect());
    let submission = Map::from([("filas".to_owned(), rows)]);
    Command::CompleteTask { task: 1, submission, choice: None }
}

fn rest(item: &str, amount: &str) -> Command {
    let fields = [("material", item), ("sobra", amount)];
    let fields = fields.map(|(name, value)| (name.to_owned(), Value::text(value)));
    Command::CompleteTask { task: 2, submission: fields.into(), choice: None }
}

async fn begun(runtime: &Runtime, procedure: &str) -> CaseId {
    runtime.start_case(&rosa(), "prueba", procedure, None).await.expect("begun").case
}

async fn bought(runtime: &Runtime, rows: &[(&str, &str)]) -> CaseId {
    let case = begun(runtime, "compra").await;
    runtime.handle(&rosa(), &case, list(rows), None).await.expect("bought");
    case
}

async fn rejected(runtime: &Runtime, actor: &Actor, case: &CaseId, command: Command) -> Rejection {
    match runtime.handle(actor, case, command, None).await {
        Err(Refusal::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

/// `deposito=10 tecnico=0`, without what is nothing.
async fn stands(runtime: &Runtime, item: &str) -> String {
    let rows = runtime.store().balances_of("prueba", "materiales", [item].into()).await;
    let rows = rows.expect("read").into_iter().filter(|row| !row.amount.is_zero());
    rows.map(|row| format!("{}={}", row.account, row.amount)).collect::<Vec<_>>().join(" ")
}

async fn what_is_moved_stands_in_the_accounts(on: Kind) {
    let runtime = office(on).await;
    bought(&runtime, &[("CB", "10,5"), ("MD", "3"), ("CB", "2")]).await;
    assert_eq!(stands(&runtime, "CB").await, "deposito=12.5 proveedor=-12.5");
    let case = begun(&runtime, "obra").await;
    // A row without an amount moves nothing.
    let handled = runtime.handle(&rosa(), &case, list(&[("CB", "4"), ("MD", "")]), None).await;
    let handled = handled.expect("handed out");
    assert_eq!(handled.state.moved["materiales"]["CB"]["tecnico"], Value::from(4));
    assert!(!handled.state.moved["materiales"].contains_key("MD"));
    assert_eq!(stands(&runtime, "CB").await, "deposito=8.5 proveedor=-12.5 tecnico=4");
    let handled =
        runtime.handle(&rosa(), &case, rest("CB", "1,25"), None).await.expect("installed");
    assert_eq!(handled.state.status, CaseStatus::Ended);
    assert_eq!(stands(&runtime, "CB").await, "deposito=9.75 instalado=2.75 proveedor=-12.5");
    let journal = runtime.store().journal(&case).await.expect("read");
    assert_eq!(replay(&journal), *handled.state);
    let key = ("prueba", "materiales", "CB");
    let newest = runtime.store().movements(key, None, 3).await.expect("read");
    let told: Vec<String> = newest
        .iter()
        .map(|row| format!("{}>{} {}", row.movement.from, row.movement.to, row.movement.amount))
        .collect();
    let expected = ["tecnico>instalado 2.75", "tecnico>deposito 1.25", "deposito>tecnico 4"];
    assert_eq!(told, expected);
    assert!(newest.iter().all(|row| row.number == "2026-00002" && !row.is_archived));
    let last = &newest[2].movement;
    let before = Some((last.moved_at, last.case, last.seq));
    let older = runtime.store().movements(key, before, 10).await.expect("read");
    assert_eq!(older.len(), 2);
    let page = runtime.store().balances("prueba", "materiales", "", 1).await.expect("read");
    assert!(page.iter().all(|row| row.item == "CB" && row.row.is_some()), "{page:?}");
    let page = runtime.store().balances("prueba", "materiales", "CB", 1).await.expect("read");
    assert!(!page.is_empty() && page.iter().all(|row| row.item == "MD"));
    assert_eq!(runtime.doctor().await.expect("a doctor"), []);
    runtime.shutdown().await;
}

async fn stock_is_never_negative(on: Kind) {
    let runtime = office(on).await;
    bought(&runtime, &[("CB", "5")]).await;
    let case = begun(&runtime, "obra").await;
    let not_enough = |name: &str, there: &str, wanted: &str| Rejection::NotEnough {
        name: name.to_owned(),
        account: "Depósito".to_owned(),
        there: there.to_owned(),
        wanted: wanted.to_owned(),
    };
    let refused = rejected(&runtime, &rosa(), &case, list(&[("CB", "5,01")])).await;
    assert_eq!(refused, not_enough("Cable", "5", "5.01"));
    // Two rows of one list see each other.
    let refused = rejected(&runtime, &rosa(), &case, list(&[("CB", "3"), ("CB", "3")])).await;
    assert_eq!(refused, not_enough("Cable", "2", "3"));
    let refused = rejected(&runtime, &rosa(), &case, list(&[("MD", "1")])).await;
    assert_eq!(refused, not_enough("Medidor", "0", "1"));
    let refused = rejected(&runtime, &rosa(), &case, list(&[("CB", "-1")])).await;
    assert!(matches!(refused, Rejection::BadAmount { .. }), "{refused:?}");
    let refused = rejected(&runtime, &rosa(), &case, list(&[("CB", "0,125")])).await;
    assert!(matches!(refused, Rejection::BadAmount { decimals: 2, .. }), "{refused:?}");
    assert_eq!(stands(&runtime, "CB").await, "deposito=5 proveedor=-5", "no trace");
    runtime
        .handle(&rosa(), &case, list(&[("CB", "2"), ("CB", "3")]), None)
        .await
        .expect("all of it");
    assert_eq!(stands(&runtime, "CB").await, "proveedor=-5 tecnico=5");
    runtime.shutdown().await;
}

async fn a_case_ends_only_when_nothing_is_on_its_way(on: Kind) {
    let runtime = office(on).await;
    bought(&runtime, &[("CB", "9"), ("MD", "9")]).await;
    let case = begun(&runtime, "obra").await;
    let other = begun(&runtime, "obra").await;
    for case in [&case, &other] {
        let rows = [("CB", "2"), ("MD", "1")];
        runtime.handle(&rosa(), case, list(&rows), None).await.expect("handed out");
    }
    let reason = "Error".to_owned();
    let refused = rejected(&runtime, &luis(), &case, Command::CancelCase { reason }).await;
    let Rejection::StillOpen { open } = refused else { panic!("{refused:?}") };
    let told: Vec<_> = open.iter().map(|open| (open.item.as_str(), open.amount.as_str())).collect();
    assert_eq!(told, [("CB", "2"), ("MD", "1")]);
    assert_eq!(open[0].account, "En manos del técnico");
    // Less comes back of both than went out, and three more of the cable than this case has.
    let refused = rejected(&runtime, &rosa(), &case, rest("CB", "3")).await;
    assert!(matches!(&refused, Rejection::NotEnough { there, .. } if there == "2"), "{refused:?}");
    let refused = rejected(&runtime, &rosa(), &case, rest("CB", "0,5")).await;
    let Rejection::StillOpen { open } = refused else { panic!("{refused:?}") };
    assert_eq!((open.len(), open[0].item.as_str(), open[0].amount.as_str()), (1, "MD", "0.5"));
    let handled = runtime.handle(&rosa(), &case, rest("", ""), None).await.expect("all installed");
    assert_eq!(handled.state.status, CaseStatus::Ended);
    assert_eq!(stands(&runtime, "CB").await, "deposito=5 instalado=2 proveedor=-9 tecnico=2");
    assert_eq!(runtime.doctor().await.expect("a doctor"), []);
    runtime.shutdown().await;
}

async fn many_draw_on_one_stock_and_nothing_is_lost(on: Kind) {
    let runtime = office(on).await;
    let (stock, wanting) = (set("LEDGER_STOCK", 20), set("LEDGER_CASES", 60));
    bought(&runtime, &[("CB", &stock.to_string()), ("MD", "1000")]).await;
    let start: Timestamp = "2026-11-23T16:00:00Z".parse().expect("an instant");
    let second =
        Runtime::start(runtime.store().clone(), Clock::manual(start)).await.expect("starts");
    let mut drawing = tokio::task::JoinSet::new();
    for number in 0..wanting {
        let case = begun(&runtime, "obra").await;
        let server = if number % 2 == 0 { runtime.clone() } else { second.clone() };
        drawing.spawn(async move {
            // In both orders, so that the locks would meet if they weren't put in one.
            let mut rows = [("CB", "1"), ("MD", "2")];
            if number % 3 == 0 {
                rows.reverse();
            }
            loop {
                match server.handle(&rosa(), &case, list(&rows), None).await {
                    Ok(_) => return true,
                    Err(Refusal::Busy) => tokio::task::yield_now().await,
                    Err(Refusal::Rejected(Rejection::NotEnough { .. })) => return false,
                    Err(other) => panic!("{other:?}"),
                }
            }
        });
    }
    let done = drawing.join_all().await.into_iter().filter(|is_done| *is_done).count();
    assert_eq!(done, stock as usize);
    assert_eq!(stands(&runtime, "CB").await, format!("proveedor=-{stock} tecnico={stock}"));
    let meters = Decimal::from(stock * 2);
    let left = Decimal::from(1000) - meters;
    let expected = format!("deposito={left} proveedor=-1000 tecnico={meters}");
    assert_eq!(stands(&runtime, "MD").await, expected);
    assert_eq!(runtime.doctor().await.expect("a doctor"), []);
    second.shutdown().await;
    runtime.shutdown().await;
}

async fn the_doctor_adds_up_every_movement(on: Kind) {
    for (harm, says) in [
        ("UPDATE balances SET amount = amount + 1 WHERE account = 'deposito'", "the balance is"),
        ("DELETE FROM balances WHERE account = 'deposito'", "the balance is 0, and 5 was moved"),
        ("DELETE FROM movements", "movements are not stored as the journal"),
        ("UPDATE movements SET amount = amount + 1", "movements are not stored as the journal"),
        ("UPDATE movements SET organisation = 'otra'", "belongs to another organisation"),
    ] {
        let runtime = office(on).await;
        bought(&runtime, &[("CB", "5")]).await;
        assert_eq!(runtime.doctor().await.expect("a doctor"), []);
        runtime.store().damage(harm).await;
        let found = runtime.doctor().await.expect("a doctor");
        assert!(found.iter().any(|ailment| ailment.what.contains(says)), "{harm}: {found:?}");
        runtime.shutdown().await;
    }
}

async fn movements_outlive_their_archived_cases(on: Kind) {
    let runtime = office(on).await;
    bought(&runtime, &[("CB", "5")]).await;
    runtime.clock().advance(SignedDuration::from_hours(24 * 800));
    let mut file = Vec::new();
    let (end, _) = runtime.archive_into(&mut file, None, "prueba").await.expect("written");
    let done = runtime.shelve(&file[..], &end, "/a/b.jsonl").await.expect("deleted");
    assert_eq!(done.deleted, 1);
    assert_eq!(stands(&runtime, "CB").await, "deposito=5 proveedor=-5");
    let rows = runtime.store().movements(("prueba", "materiales", "CB"), None, 10).await;
    let rows = rows.expect("read");
    assert_eq!((rows.len(), rows[0].is_archived), (1, true));
    assert_eq!(rows[0].number, "2026-00001");
    assert_eq!(runtime.doctor().await.expect("a doctor"), []);
    runtime.shutdown().await;
}
