//! Messages and signals over the API, and what the pages say of a case that waits.

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use super::browser::{Browser, app};

const MESSAGES: &str = "/api/v1/messages";

#[tokio::test]
async fn a_message_lets_a_case_go_on_once() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let case = vera.post("/cases", &[("procedure", "espera")]).await.location();
    let case = case.split('?').next().expect("an address").to_owned();
    vera.get(&case).await.shows(&["Espera el mensaje Pago recibido de 77", "la señal cierre"]);
    let body = json!({ "id": "b-1", "message": "pago", "key": "77", "contents": { "monto": "5" } });
    let sent = vera.send(MESSAGES, None, &body).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED);
    assert_eq!(sent.json()["status"], "delivered");
    let again = vera.send(MESSAGES, None, &body).await;
    assert_eq!((again.status, &again.json()), (StatusCode::OK, &sent.json()));
    assert_eq!(vera.get(&format!("{MESSAGES}/b-1")).await.json(), sent.json());
    let mut other = body.clone();
    other["key"] = json!("78");
    vera.send(MESSAGES, None, &other).await.problem(StatusCode::CONFLICT, "id-reused");
    // What the message brought stands with the data, though no form asks for it.
    vera.get(&case).await.shows(&[
        "Llegó el mensaje Pago recibido",
        "Agradece.",
        "Otros datos",
        "5,00",
    ]);
    app.runtime.clock().advance(SignedDuration::from_hours(25));
    app.runtime.fire_timers().await.expect("fires");
    vera.get("/").await.shows(&["Recordado"]);
    vera.get(&case).await.shows(&["Recordado", "Recordatorio del paso 2"]);
}

#[tokio::test]
async fn who_may_not_send_is_told_that_there_is_nothing() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let send = |name: &str, contents| json!({ "id": "b-2", "message": name, "contents": contents });
    let mut ask = async |body: serde_json::Value| vera.send(MESSAGES, None, &body).await;
    assert_eq!(ask(send("ajeno", json!({}))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(send("nada", json!({}))).await.status, StatusCode::NOT_FOUND);
    let wrong = ask(send("pago", json!({ "monto": "mucho" }))).await;
    wrong.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid-message");
    let kept = ask(send("pago", json!({ "monto": "5" }))).await;
    assert_eq!(kept.json()["status"], "kept");
    let mut ana = Browser::of(&app, "ana").await;
    assert_eq!(ana.get(&format!("{MESSAGES}/b-2")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_signal_ends_what_listens_for_it() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let case = vera.post("/cases", &[("procedure", "espera")]).await.location();
    let given = json!({ "id": "c-1", "signal": "cierre" });
    let given = vera.send("/api/v1/signals", None, &given).await;
    assert_eq!(given.status, StatusCode::ACCEPTED);
    vera.get(&case).await.shows(&["Se retiró el paso 1: cierre", "cerrado"]);
}

#[tokio::test]
async fn a_case_in_line_says_what_it_waits_for_and_who_has_it() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let first = vera.post("/cases", &[("procedure", "grua")]).await.location();
    let first = first.split('?').next().expect("an address").to_owned();
    let second = vera.post("/cases", &[("procedure", "grua")]).await.location();
    let second = second.split('?').next().expect("an address").to_owned();
    vera.get(&first).await.shows(&["Levanta.", "grúa queda para este trámite"]);
    let has = format!("href=\"{first}\"");
    vera.get(&second).await.shows(&["Espera su turno para grúa", "Lo tiene el trámite", &has]);
    let api = vera.get(&format!("/api/v1{second}")).await.json();
    assert_eq!(api["locks"][0]["status"], "wanted");
    vera.post(&format!("{first}/tasks/1"), &[]).await;
    vera.get(&second).await.shows(&["grúa queda para este trámite", "Levanta."]);
}
