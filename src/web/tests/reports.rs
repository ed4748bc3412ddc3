//! Reports: the shipped «Control diario de Órdenes» as a page, an Excel file, a PDF and JSON, and who may
//! see it.

use std::io::Cursor;

use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use jiff::SignedDuration;
use serde_json::json;

use super::browser::{Browser, app};
use crate::web::App;

const REPORT: &str = "/reports/control-diario-de-ordenes";
const API: &str = "/api/v1/reports/control-diario-de-ordenes";

/// A technician hands in orders, and the office receives them.
async fn returned(app: &App, orders: &[(&str, &str, &str)]) {
    let mut fidel = Browser::of(app, "fidel").await;
    let mut ana = Browser::of(app, "ana").await;
    let task = fidel.post("/cases", &[("procedure", "formularios")]).await.location();
    let case = task.split("/tasks").next().expect("a case").to_owned();
    let rows: Vec<_> = orders
        .iter()
        .map(|(kind, number, technician)| {
            json!({ "tipo": kind, "numero": number, "abonado": "001245",
                    "ejecutada": "2026-11-20", "tecnico": technician, "resultado": "ejecutada" })
        })
        .collect();
    let case = case.trim_start_matches("/cases/");
    let complete = |task: u32| format!("/api/v1/cases/{case}/tasks/{task}/complete");
    let key = |step: &str| format!("{case}-{step}");
    let done =
        fidel.send(&complete(1), Some(&key("1")), &json!({ "data": { "ordenes": rows } })).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html());
    let checked = json!({ "data": { "revision": { "correctas": true } } });
    let done = ana.send(&complete(2), Some(&key("2")), &checked).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html());
    let noted = json!({ "data": { "control": { "fecha": "2026-11-23", "responsable": "Ana" } } });
    let done = ana.send(&complete(3), Some(&key("4")), &noted).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html());
}

/// A day with two returns, and one with a third.
async fn office() -> App {
    let app = app().await;
    let evil = "=HYPERLINK(\"http://evil.example\")";
    returned(&app, &[("corte", "OCS-2026-00007", evil), ("conexion", "OC-2026-00012", "+59172")])
        .await;
    app.runtime.clock().advance(SignedDuration::from_mins(90));
    returned(&app, &[("requisitos", "ORT-2026-00003", "@Fidel")]).await;
    app.runtime.clock().advance(SignedDuration::from_hours(24));
    returned(&app, &[("retiro", "OSR-2026-00001", "Fidel")]).await;
    app
}

fn sheet(bytes: Vec<u8>) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("an Excel file");
    let name = book.sheet_names().first().expect("a sheet").clone();
    assert_eq!(name, "Control diario de Órdenes");
    let formulas = book.worksheet_formula(&name).expect("formulas");
    assert!(formulas.is_empty(), "nobody's text is a formula: {formulas:?}");
    book.worksheet_range(&name).expect("cells").rows().map(<[Data]>::to_vec).collect()
}

#[tokio::test]
async fn the_daily_control_leaves_as_an_excel_file() {
    let app = office().await;
    let mut ana = Browser::of(&app, "ana").await;
    let file = ana.get(&format!("{REPORT}/xlsx?day=2026-11-23")).await;
    assert_eq!(file.status, StatusCode::OK);
    let name = file.headers["content-disposition"].to_str().expect("text");
    assert!(
        name.starts_with("attachment; filename=\"Control_diario_de_ordenes_2026-11-23.xlsx\""),
        "{name}"
    );
    let again = ana.get(&format!("{REPORT}/xlsx?day=2026-11-23")).await;
    assert_eq!(again.bytes, file.bytes, "the same table makes the same bytes");
    let rows = sheet(file.bytes);
    assert_eq!(rows[0][0], Data::String("Control diario de Órdenes".to_owned()));
    let period = rows[1][0].to_string();
    assert!(period.ends_with("Electricidad Tupiza R.L. · 23 de noviembre de 2026"), "{period}");
    let heads: Vec<String> = rows[3].iter().map(ToString::to_string).collect();
    assert_eq!(heads[..5], ["N°", "Orden", "Número de orden", "Abonado", "Fecha de la visita"]);
    assert_eq!(rows.len(), 4 + 3, "of this day alone");
    let column =
        |at: usize| -> Vec<String> { rows[4..].iter().map(|row| row[at].to_string()).collect() };
    assert_eq!(column(0), ["1", "2", "3"]);
    assert!(matches!(rows[4][0], Data::Float(_)), "a number that can be added: {:?}", rows[4][0]);
    assert_eq!(column(1), ["Conexión", "Corte", "Requisitos técnicos"]);
    assert_eq!(column(2), ["OC-2026-00012", "OCS-2026-00007", "ORT-2026-00003"]);
    let Data::DateTime(visited) = &rows[4][4] else { panic!("a date: {:?}", rows[4][4]) };
    let (year, month, day, ..) = visited.to_ymd_hms_milli();
    assert_eq!((year, month, day), (2026, 11, 20));
    let technicians = ["+59172", "=HYPERLINK(\"http://evil.example\")", "@Fidel"];
    assert_eq!(column(5), technicians);
    assert!(rows[4..].iter().all(|row| matches!(row[5], Data::String(_))), "texts stay texts");
    assert_eq!(column(7), ["ODECO", "ODECO", "Archivo"]);
    assert_eq!(column(10), ["EXP-2026-00001", "EXP-2026-00001", "EXP-2026-00002"]);
}

#[tokio::test]
async fn a_report_is_a_page_a_pdf_and_json_too() {
    let app = office().await;
    let mut ana = Browser::of(&app, "ana").await;
    ana.get("/").await.shows(&["href=\"/reports\""]);
    ana.get("/reports").await.shows(&["Control diario de Órdenes", "De cada día"]);
    let today = ana.get(REPORT).await;
    today.shows(&["24 de noviembre de 2026", "OSR-2026-00001", "Una fila"]);
    let before = ana.get(&today.link(&format!("{REPORT}?day="), "2026-11-23")).await;
    before.shows(&["3 filas", "Conexión", "20/11/2026", "Requisitos técnicos", "&quot;http"]);
    before.shows(&[&format!("{REPORT}/xlsx?day=2026-11-23"), "?day=2026-11-24"]);
    ana.get(&format!("{REPORT}?day=2020-01-01")).await.shows(&["No hay nada en este período"]);
    for path in ["", "/pdf", "/xlsx"] {
        let wrong = ana.get(&format!("{REPORT}{path}?day=ayer")).await;
        assert_eq!(wrong.status, StatusCode::NOT_FOUND, "{path}");
    }
    let pdf = ana.get(&format!("{REPORT}/pdf?day=2026-11-23")).await;
    assert!(pdf.bytes.starts_with(b"%PDF"));
    let all = ana.get("/api/v1/reports").await.json();
    let line = json!({ "id": "control-diario-de-ordenes", "title": "Control diario de Órdenes",
                       "period": "day" });
    assert!(all["reports"].as_array().expect("a list").contains(&line), "{all}");
    let told = ana.get(&format!("{API}?day=2026-11-23")).await.json();
    assert_eq!(
        told["span"],
        json!({ "period": "day", "first": "2026-11-23", "last": "2026-11-23" })
    );
    assert_eq!(
        told["columns"][2],
        json!({ "label": "Número de orden", "style": "text", "is_total": false })
    );
    let rows = &told["sections"][0]["rows"];
    assert_eq!(rows.as_array().map(Vec::len), Some(3));
    assert_eq!((&rows[0][0], &rows[0][4]), (&json!(1), &json!("2026-11-20")));
    let file = ana.get(&format!("{API}/xlsx?day=2026-11-23")).await;
    assert_eq!(sheet(file.bytes).len(), 7);
    let wrong = ana.get(&format!("{API}?day=ayer")).await;
    wrong.problem(StatusCode::BAD_REQUEST, "bad-query");
    ana.get(&format!("{API}/docx")).await.problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn who_may_not_see_a_report_does_not_learn_of_it() {
    let app = office().await;
    for person in ["fidel", "vera"] {
        let mut browser = Browser::of(&app, person).await;
        assert!(!browser.get("/").await.html().contains("/reports"), "no link for {person}");
        for path in ["/reports", REPORT, &format!("{REPORT}/xlsx"), &format!("{REPORT}/pdf")] {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{person} {path}");
        }
        let none = browser.get("/api/v1/reports").await.json();
        assert_eq!(none, json!({ "reports": [] }));
        browser.get(API).await.problem(StatusCode::NOT_FOUND, "not-found");
    }
}
