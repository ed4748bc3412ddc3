//! Ledgers as the warehouse keeper sees them: balances, movements, and what can't be done.

use axum::http::StatusCode;
use serde_json::json;

use super::browser::{Browser, app};

/// Begins a case and completes its first step; its address, and what came of it.
async fn moved(
    vera: &mut Browser,
    procedure: &str,
    item: &str,
    amount: i64,
) -> (String, StatusCode) {
    let key = format!("{procedure}-{amount}");
    let started = vera.send("/api/v1/cases", Some(&key), &json!({ "procedure": procedure })).await;
    let case = started.location();
    let body = json!({ "data": { "material": item, "cantidad": amount } });
    let key = format!("{key}-1");
    let done = vera.send(&format!("{case}/tasks/1/complete"), Some(&key), &body).await;
    (case, done.status)
}

#[tokio::test]
async fn a_keeper_sees_what_there_is_and_how_it_came() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let empty = vera.get("/ledgers/materiales").await;
    empty.shows(&["Aquí todavía no se ha movido nada"]);
    assert_eq!(moved(&mut vera, "compra", "CB-10", 1_200).await.1, StatusCode::OK);
    assert_eq!(moved(&mut vera, "compra", "MD 1/2", 3).await.1, StatusCode::OK);
    let (case, status) = moved(&mut vera, "entrega", "CB-10", 200).await;
    assert_eq!(status, StatusCode::OK);
    vera.get("/").await.shows(&["href=\"/ledgers\""]);
    vera.get("/ledgers").await.shows(&["Materiales", "En camino", "/ledgers/materiales"]);
    let page = vera.get("/ledgers/materiales").await;
    page.shows(&["Cable", "CB-10", "1.000", "-1.200", "Medidor", "en camino", "piezas"]);
    let found = vera.get("/ledgers/materiales?search=medid").await;
    assert!(found.html().contains("Medidor") && !found.html().contains("Cable"));
    let item = vera.get(&found.link("/ledgers/materiales/item?key=MD", "")).await;
    item.shows(&["Medidor", "Proveedor", "Depósito"]);
    let item = vera.get(&page.link("/ledgers/materiales/item?key=CB", "")).await;
    item.shows(&["Movimientos", "1.200", "200", "href=\"/cases/"]);
    let none = vera.get("/ledgers/materiales/item?key=nada").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let page = vera.get(&case.replace("/api/v1", "")).await;
    page.shows(&["Movió 200 de CB-10: de «Depósito» a «En camino»"]);
}

#[tokio::test]
async fn programs_read_balances_and_movements_page_by_page() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    for (item, amount) in [("CB-10", 5), ("CB-10", 6), ("MD 1/2", 3)] {
        moved(&mut vera, "compra", item, amount).await;
    }
    let ledgers = vera.get("/api/v1/ledgers").await.json();
    assert_eq!(ledgers["ledgers"][0]["id"], "materiales");
    assert_eq!(ledgers["ledgers"][0]["accounts"][1]["never_negative"], true);
    let at = "/api/v1/ledgers/materiales";
    let first = vera.get(&format!("{at}?limit=1")).await.json();
    let balances = json!({ "deposito": 11, "proveedor": -11 });
    assert_eq!(first["items"], json!([{ "item": "CB-10", "balances": balances }]));
    let next = first["next"].as_str().expect("another page");
    let second = vera.get(&format!("{at}?limit=1&after={next}")).await.json();
    assert_eq!(second["items"][0]["item"], "MD 1/2");
    let newest = vera.get(&format!("{at}/movements?item=CB-10&limit=1")).await.json();
    assert_eq!(newest["movements"][0]["amount"], 6);
    let next = newest["next"].as_str().expect("another page");
    let page = vera.get(&format!("{at}/movements?item=CB-10&limit=1&before={next}")).await.json();
    assert_eq!((&page["movements"][0]["amount"], &page["next"]), (&json!(5), &json!(null)));
    let none = vera.get(&format!("{at}/movements?item=nada")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let wrong = vera.get(&format!("{at}/movements?item=CB-10&before=x")).await;
    wrong.problem(StatusCode::BAD_REQUEST, "bad-query");
}

#[tokio::test]
async fn what_cannot_be_moved_is_said_in_words() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    moved(&mut vera, "compra", "CB-10", 5).await;
    let (case, status) = moved(&mut vera, "entrega", "CB-10", 6).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let wanted = json!({ "data": { "material": "CB-10", "cantidad": 7 } });
    let refused = vera.send(&format!("{case}/tasks/1/complete"), Some("7"), &wanted).await;
    let said = refused.problem(StatusCode::CONFLICT, "not-enough");
    assert_eq!(said["detail"], "No alcanza: en «Depósito» hay 5 de Cable, y se piden 7.");
    let (case, _) = moved(&mut vera, "entrega", "CB-10", 5).await;
    let cancel = json!({ "reason": "Error" });
    let refused = vera.send(&format!("{case}/cancel"), Some("c"), &cancel).await;
    let said = refused.problem(StatusCode::CONFLICT, "still-open");
    assert!(
        said["detail"].as_str().is_some_and(|said| said.contains("5 CB-10 (En camino)")),
        "{said}"
    );
}

#[tokio::test]
async fn the_neighbours_ledger_is_not_there() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    assert!(!ana.get("/").await.html().contains("/ledgers"), "Tupiza keeps none");
    for path in ["/ledgers", "/ledgers/materiales", "/ledgers/materiales/item?key=CB-10"] {
        assert_eq!(ana.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
