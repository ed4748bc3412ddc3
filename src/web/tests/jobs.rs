//! Machines on the pages and over the API: a worker's day, and a machine that somebody must look after.

use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

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
roles: { ape: Asistente, jefe: Jefatura, sensores: Sensores }
---
form: cliente
title: Cliente
fields: { cliente: { label: Cliente, fields: { nombre: { label: Nombre } } } }
---
procedure: medicion
title: Medición
subject: "{{ cliente.nombre }}"
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registrar al cliente., form: cliente }
  2:
    activity: Medir la presión.
    job: medir-presion
    workers: sensores
    with: { nombre: cliente.nombre }
    into: { medida: { presion: number, fecha: date } }
    on_error: { sin-medidor: { end: sin medidor } }
  3: { role: jefe, activity: Revisar. }
---
procedure: consulta
title: Consulta
subject: "{{ cliente.nombre }}"
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registrar al cliente., form: cliente }
  2:
    activity: Consultar el saldo.
    call: { service: facturacion, get: "/saldos/{{ cliente.nombre }}" }
    into: { saldo: { label: Saldo, type: money } }
  3: { role: jefe, activity: Revisar. }
"#;

async fn office() -> App {
    let app = app().await;
    let files = Files::from([("lugar.yaml".to_owned(), OFFICE.to_owned())]);
    let mut found = Diagnostics::default();
    let library = Library::read(&files, &mut found);
    assert!(!found.has_errors(), "{found:?}");
    app.runtime.publish(&library, "lugar").await.expect("published");
    for (login, role) in [("rita", "ape"), ("jefa", "jefe"), ("robot", "sensores")] {
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

/// A registered case; its address in the API.
async fn registered(rita: &mut Browser, procedure: &str, key: &str) -> String {
    let begun = rita.send("/api/v1/cases", Some(key), &json!({ "procedure": procedure })).await;
    let case = begun.location();
    let data = json!({ "data": { "cliente": { "nombre": "Ana Ñahui" } } });
    let key = format!("{key}-1");
    let done = rita.send(&format!("{case}/tasks/1/complete"), Some(&key), &data).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html());
    case
}

async fn fetched(robot: &mut Browser, more: Value) -> Vec<Value> {
    let mut wanted = json!({ "topics": ["medir-presion"] });
    for (name, value) in more.as_object().into_iter().flatten() {
        wanted[name] = value.clone();
    }
    let page = robot.send("/api/v1/jobs/fetch", None, &wanted).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html());
    page.json()["jobs"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_worker_fetches_extends_answers_and_is_told_when_it_is_late() {
    let app = office().await;
    let mut rita = Browser::of(&app, "rita").await;
    let mut robot = Browser::of(&app, "robot").await;
    let case = registered(&mut rita, "medicion", "a").await;
    assert_eq!(fetched(&mut rita, json!({})).await, [json!(null); 0], "it is not her role");
    let jobs = fetched(&mut robot, json!({ "limit": 5, "lease_seconds": 30 })).await;
    let [job] = &jobs[..] else { panic!("one job: {jobs:?}") };
    assert_eq!(job["input"], json!({ "nombre": "Ana Ñahui" }));
    assert_eq!((&job["topic"], &job["step"]), (&json!("medir-presion"), &json!("2")));
    assert_eq!((&job["attempt"], &job["job"]), (&json!(1), &json!(1)));
    let at = format!("{case}/jobs/1");
    assert_eq!(job["case"], case.rsplit('/').next().expect("an id"));
    assert_eq!(fetched(&mut robot, json!({})).await, [json!(null); 0], "it is leased");

    let lease = job["lease"].clone();
    let more = json!({ "lease": lease, "lease_seconds": 100 });
    assert_eq!(robot.send(&format!("{at}/extend"), None, &more).await.status, StatusCode::OK);
    app.runtime.clock().advance(SignedDuration::from_secs(100));
    let again = fetched(&mut robot, json!({})).await;
    let lost = robot.send(&format!("{at}/extend"), None, &more).await;
    lost.problem(StatusCode::CONFLICT, "lease-lost");
    let answer = |lease: &Value, presion: Value| json!({ "lease": lease, "answer": { "presion": presion, "fecha": "2026-11-23", "x": 1 } });
    let late = robot.send(&format!("{at}/complete"), Some("l"), &answer(&lease, json!(4.2))).await;
    late.problem(StatusCode::CONFLICT, "lease-lost");

    let lease = again[0]["lease"].clone();
    let page = rita.send(&format!("{at}/complete"), Some("r"), &answer(&lease, json!(1))).await;
    page.problem(StatusCode::NOT_FOUND, "not-found");
    let wrong = answer(&lease, json!("mucho"));
    let wrong = robot.send(&format!("{at}/complete"), Some("w"), &wrong).await;
    let said = wrong.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid-submission");
    assert_eq!(said["errors"][0]["field"], "medida.presion");
    let right = answer(&lease, json!(4.2));
    let done = robot.send(&format!("{at}/complete"), Some("d"), &right).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html());
    assert_eq!(done.json()["data"]["medida"], json!({ "presion": 4.2, "fecha": "2026-11-23" }));
    let same = robot.send(&format!("{at}/complete"), Some("d"), &right).await;
    assert_eq!(same.bytes, done.bytes, "repeated, not done again");
    let over = robot.send(&format!("{at}/complete"), Some("e"), &right).await;
    over.problem(StatusCode::CONFLICT, "job-not-open");
}

#[tokio::test]
async fn a_worker_says_what_went_wrong() {
    let app = office().await;
    let mut rita = Browser::of(&app, "rita").await;
    let mut robot = Browser::of(&app, "robot").await;
    let mut jefa = Browser::of(&app, "jefa").await;
    let case = registered(&mut rita, "medicion", "a").await;
    let at = format!("{case}/jobs/1");
    let job = fetched(&mut robot, json!({})).await.remove(0);
    let fail = |job: &Value, more: Value| {
        let mut body = json!({ "lease": job["lease"], "reason": "No responde." });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    };
    let body = fail(&job, json!({ "retry_in_seconds": 90 }));
    let failed = robot.send(&format!("{at}/fail"), Some("1"), &body).await;
    assert_eq!(failed.status, StatusCode::OK, "{}", failed.html());
    assert_eq!(failed.json()["jobs"][0]["status"], "waiting");
    assert_eq!(failed.json()["jobs"][0]["reason"], "No responde.");
    let same = robot.send(&format!("{at}/fail"), Some("1"), &body).await;
    assert_eq!(same.bytes, failed.bytes, "repeated, not done again");
    let other = fail(&job, json!({ "retry": false }));
    let other = robot.send(&format!("{at}/fail"), Some("1"), &other).await;
    other.problem(StatusCode::UNPROCESSABLE_ENTITY, "key-reused");
    let new = robot.send(&format!("{at}/fail"), Some("1b"), &body).await;
    new.problem(StatusCode::CONFLICT, "lease-lost");
    let long = fail(&job, json!({ "code": "x".repeat(61) }));
    let long = robot.send(&format!("{at}/fail"), Some("1c"), &long).await;
    long.problem(StatusCode::BAD_REQUEST, "bad-query");
    assert_eq!(fetched(&mut robot, json!({})).await, [json!(null); 0]);
    app.runtime.clock().advance(SignedDuration::from_secs(90));
    let job = fetched(&mut robot, json!({})).await.remove(0);
    assert_eq!(job["attempt"], 2);
    let body = fail(&job, json!({ "retry": false }));
    let stuck = robot.send(&format!("{at}/fail"), Some("2"), &body).await;
    assert_eq!(stuck.json()["jobs"][0]["status"], "incident");
    let no = robot.send(&format!("{at}/retry"), Some("3"), &json!({})).await;
    no.problem(StatusCode::CONFLICT, "not-your-role");
    let again = jefa.send(&format!("{at}/retry"), Some("3"), &json!({})).await;
    assert_eq!(again.json()["jobs"][0]["status"], "waiting");
    let job = fetched(&mut robot, json!({})).await.remove(0);
    let body = fail(&job, json!({ "code": "sin-medidor" }));
    let ended = robot.send(&format!("{at}/fail"), Some("4"), &body).await;
    assert_eq!(ended.json()["outcome"], "sin medidor");
    for wrong in [json!({ "topics": [] }), json!({ "topics": ["x"], "limit": 51 })] {
        let page = robot.send("/api/v1/jobs/fetch", None, &wrong).await;
        page.problem(StatusCode::BAD_REQUEST, "bad-query");
    }
}

#[tokio::test]
async fn a_stuck_machine_is_on_the_board_and_somebody_helps_it() {
    let app = office().await;
    let mut rita = Browser::of(&app, "rita").await;
    let mut jefa = Browser::of(&app, "jefa").await;
    let api = registered(&mut rita, "consulta", "a").await;
    let case = api.replace("/api/v1", "");
    rita.get(&case).await.shows(&["Una máquina está trabajando", "Consulta al servicio"]);
    app.runtime.do_jobs().await.expect("done");
    let page = rita.get(&case).await;
    page.shows(&["Una máquina no puede seguir", "no service `facturacion`", "Necesita a alguien"]);
    assert!(!page.html().contains("Intentar otra vez"), "she is not in charge");
    let job = format!("{case}/jobs/1");
    assert_eq!(rita.get(&job).await.status, StatusCode::NOT_FOUND);
    assert_eq!(rita.post(&format!("{job}/retry"), &[]).await.status, StatusCode::CONFLICT);

    jefa.get(&case).await.shows(&["Intentar otra vez", "Hacerlo a mano"]);
    jefa.get("/board").await.shows(&["Máquinas que no pueden seguir", "Ana Ñahui", "facturacion"]);
    assert_eq!(jefa.post(&format!("{job}/retry"), &[]).await.location(), case);
    assert_eq!(jefa.get(&job).await.status, StatusCode::NOT_FOUND, "it is at work again");
    app.runtime.do_jobs().await.expect("done");
    jefa.get(&job).await.shows(&["Hacerlo a mano", "name=\"saldo\"", "Saldo"]);
    let wrong = jefa.post(&job, &[("saldo", "mucho")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows(&["value=\"mucho\"", "href=\"#f-saldo\""]);
    assert_eq!(jefa.post(&job, &[("saldo", "12,50")]).await.location(), case);
    let page = jefa.get(&case).await;
    page.shows(&["La máquina cumplió el paso 2", "12,50", "Revisar."]);
    assert!(jefa.get("/board").await.html().contains("Nada está detenido"));
}
