//! What comes by itself, on the pages and over the API: a case that a message begins, what is refused, and
//! reports that are made on their day.

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;

use super::browser::{Browser, app};
use crate::diagnostic::Diagnostics;
use crate::library::{Files, Library};
use crate::store::Person;
use crate::web::App;

const OFFICE: &str = r#"
organisation: lugar
name: Cooperativa Lugar
language: es-BO
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { ape: Asistente, jefe: Jefatura }
messages:
  queja:
    title: Queja
    by: ape
    fields: { abonado: { label: Abonado }, monto: { label: Monto, type: money } }
---
procedure: queja
title: Atención de quejas
subject: "{{ queja.abonado }}"
starts: { message: queja, into: queja }
cancels: { by: jefe }
steps:
  1: { set: { parte: 1 / (100 - queja.monto) } }
  2: { role: ape, activity: Atender. }
---
procedure: arqueo
title: Arqueo de caja
starts: { every: day at 17:00, as: jornada }
cancels: { by: jefe }
steps:
  1: { set: { parte: 1 / visits(2) } }
  2: { role: ape, activity: Contar. }
---
procedure: plazo
title: Plazo
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { wait: { until: 1 days } }
  2: { set: { parte: 1 / (visits(1) - 1) } }
  3: { role: ape, activity: Seguir. }
---
report: quejas
title: Quejas del día
seen_by: [jefe]
period: day
every: day at 17:00
rows: { steps: { queja: 2 } }
columns: { N°: row, Abonado: queja.abonado, Monto: { value: queja.monto, total: true } }
"#;

async fn office() -> App {
    let app = app().await;
    let files = Files::from([("lugar.yaml".to_owned(), OFFICE.to_owned())]);
    let mut found = Diagnostics::default();
    let library = Library::read(&files, &mut found);
    crate::check::check(&library, &mut found);
    assert!(!found.has_errors(), "{:?}", found.iter().collect::<Vec<_>>());
    app.runtime.publish(&library, "lugar").await.expect("published");
    for (login, role) in [("rita", "ape"), ("jefa", "jefe")] {
        let person = Person {
            id: login.to_owned(),
            organisation: "lugar".to_owned(),
            login: login.to_owned(),
            name: format!("Persona {login}"),
            password_hash: None,
            language: None,
            mail: None,
            roles: [role.to_owned()].into(),
            is_active: true,
        };
        app.runtime.store().save_person(&person).await.expect("saved");
    }
    app
}

/// What the API answers to a complaint.
async fn complains(rita: &mut Browser, id: &str, monto: &str) -> serde_json::Value {
    let contents = json!({ "abonado": "Ana Ñahui", "monto": monto });
    let body = json!({ "id": id, "message": "queja", "key": "77", "contents": contents });
    let sent = rita.send("/api/v1/messages", None, &body).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.html());
    sent.json()
}

#[tokio::test]
async fn a_message_begins_a_case_and_the_answer_names_it() {
    let app = office().await;
    let mut rita = Browser::of(&app, "rita").await;
    let told = complains(&mut rita, "q-1", "5").await;
    assert_eq!(told["status"], "delivered");
    let case = told["case"]["id"].as_str().expect("an id");
    let page = rita.get(&format!("/cases/{case}")).await;
    page.shows(&[told["case"]["number"].as_str().expect("a number"), "Ana Ñahui", "5,00"]);
    page.shows(&["Llegó el mensaje Queja", "Atender."]);
    let again = rita.get("/api/v1/messages/q-1").await.json();
    assert_eq!(again, told);
    assert!(!rita.get("/").await.html().contains("value=\"queja\""), "nobody begins it by hand");
}

#[tokio::test]
async fn what_is_refused_by_itself_is_on_the_board() {
    let app = office().await;
    let mut rita = Browser::of(&app, "rita").await;
    let told = complains(&mut rita, "q-1", "100").await;
    assert_eq!((&told["status"], &told["problem"]), (&json!("kept"), &json!("refused: no-way-on")));
    let case = rita.post("/cases", &[("procedure", "plazo")]).await.location();
    let case = case.split('?').next().expect("an address").to_owned();
    app.runtime.clock().advance(SignedDuration::from_hours(30));
    app.runtime.fire_schedules().await.expect("looked");
    app.runtime.fire_timers().await.expect("looked");
    let mut jefa = Browser::of(&app, "jefa").await;
    let board = jefa.get("/board").await;
    board.shows(&["Lo que no salió por sí solo", "Mensaje «Queja» de 77", "Atención de quejas"]);
    board.shows(&["Debía empezar un trámite: ", "Arqueo de caja", "Venció un plazo: ", &case]);
    board.shows(&["paso 1", "próximo intento", "Intentar ahora", "Descartar"]);
    let only = jefa.get("/board?procedure=arqueo").await;
    only.shows(&["Arqueo de caja"]);
    assert!(!only.html().contains("Mensaje «Queja»"));

    // Who is in charge of something else, or of nothing.
    let what = r#"{"what":"message","sender":"rita","id":"q-1"}"#;
    let drop = [("what", what), ("do", "drop"), ("back", "/board")];
    assert_eq!(rita.post("/board/refused", &drop).await.status, StatusCode::NOT_FOUND);
    let mut ana = Browser::of(&app, "ana").await;
    assert_eq!(ana.post("/board/refused", &drop).await.location(), "/board");
    assert!(!ana.get("/board").await.html().contains("Queja"));
    let wrong = [("what", "everything"), ("back", "/board")];
    assert_eq!(jefa.post("/board/refused", &wrong).await.status, StatusCode::NOT_FOUND);

    let again = [("what", what), ("back", "/board?procedure=queja")];
    let back = jefa.post("/board/refused", &again).await.location();
    jefa.get(&back).await.shows(&["Mensaje «Queja» de 77"]);
    jefa.post("/board/refused", &drop).await.location();
    assert!(!jefa.get("/board").await.html().contains("Mensaje «Queja»"));
    let told = Browser::of(&app, "rita").await.get("/api/v1/messages/q-1").await.json();
    assert_eq!(told["status"], "dropped");
    let schedule = r#"{"what":"schedule","kind":"case","name":"arqueo"}"#;
    jefa.post("/board/refused", &[("what", schedule), ("do", "drop")]).await.location();
    assert!(!jefa.get("/board").await.html().contains("Arqueo de caja"));
    let mut english = jefa;
    english.speaks("en");
    english.get("/board").await.shows(&["What did not come by itself", "A term has ended: "]);
}

#[tokio::test]
async fn a_report_is_made_on_its_day_and_kept() {
    let app = office().await;
    let mut rita = Browser::of(&app, "rita").await;
    let mut jefa = Browser::of(&app, "jefa").await;
    jefa.get("/reports/quejas")
        .await
        .shows(&["Hechos por sí solos", "Todavía no se hizo ninguno."]);
    let case = complains(&mut rita, "q-1", "12.50").await["case"]["id"].clone();
    let case = case.as_str().expect("an id");
    let done = format!("/api/v1/cases/{case}/tasks/1/complete");
    let done = rita.send(&done, Some("k"), &json!({})).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html());
    app.runtime.clock().advance(SignedDuration::from_hours(7));
    app.runtime.fire_schedules().await.expect("looked");
    let page = jefa.get("/reports/quejas").await;
    page.shows(&["23 de noviembre de 2026", "Hecho: ", "Una fila", "Excel"]);
    let due = "2026-11-23T21:00:00Z";
    let file = page.link("/reports/quejas/made/", "/xlsx");
    assert_eq!(file, format!("/reports/quejas/made/{due}/xlsx"));
    let xlsx = jefa.get(&file).await;
    assert!(xlsx.bytes.starts_with(b"PK"));
    let pdf = jefa.get(&file.replace("/xlsx", "/pdf")).await;
    assert!(pdf.bytes.starts_with(b"%PDF"));
    let api = "/api/v1/reports/quejas/made";
    let made = jefa.get(api).await.json();
    assert_eq!(made["made"][0]["due_at"], json!(due));
    assert_eq!(made["made"][0]["count"], json!(1));
    assert_eq!(jefa.get(&format!("{api}?before={due}")).await.json(), json!({ "made": [] }));
    let table = jefa.get(&format!("{api}/{due}")).await.json();
    assert_eq!(table["sections"][0]["rows"][0][1], json!("Ana Ñahui"));
    assert_eq!(table["totals"][2], json!(12.5));
    assert_eq!(jefa.get(&format!("{api}/{due}/xlsx")).await.bytes, xlsx.bytes);
    jefa.get(&format!("{api}?before=ayer")).await.problem(StatusCode::BAD_REQUEST, "bad-query");
    for path in ["/reports/quejas/made/ayer/xlsx", "/reports/quejas/made/2026-11-22T21:00:00Z/pdf"]
    {
        assert_eq!(jefa.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for person in ["rita", "ana", "vera"] {
        let mut other = Browser::of(&app, person).await;
        assert_eq!(other.get(&file).await.status, StatusCode::NOT_FOUND, "{person}");
        other.get(&format!("{api}/{due}")).await.problem(StatusCode::NOT_FOUND, "not-found");
    }
}
