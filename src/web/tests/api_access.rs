//! P27 for the API: every route, asked by a stranger, by a neighbour and by a colleague without the
//! role. A route without a row here fails.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::browser::{Browser, Page, app};
use crate::web::App;

/// What somebody is answered who…
struct Row {
    method: &'static str,
    /// As in `routes`, with `{case}` and `{task}`.
    path: &'static str,
    body: &'static str,
    /// … has not signed in.
    stranger: u16,
    /// … belongs to another organisation, and asks about a case of ours.
    neighbour: u16,
    /// … belongs to ours, without the role.
    colleague: (u16, Option<&'static str>),
}

const fn row(
    (method, path): (&'static str, &'static str),
    body: &'static str,
    neighbour: u16,
    colleague: (u16, Option<&'static str>),
) -> Row {
    Row { method, path, body, stranger: 401, neighbour, colleague }
}

const TASK: (u16, Option<&str>) = (404, Some("not-found"));

/// Who may do what is the same as on the pages: colleagues see a case, its tasks only with the role, and
/// what the engine refuses is a conflict.
const ROWS: &[Row] = &[
    // For whoever isn't signed in yet: the password decides.
    row(("POST", "/api/v1/sign-in"), SIGN_IN, 401, (401, Some("wrong-password"))),
    row(("POST", "/api/v1/sign-out"), "{}", 204, (204, None)),
    row(("GET", "/api/v1/me"), "", 200, (200, None)),
    row(("GET", "/api/v1/tasks"), "", 200, (200, None)),
    row(("POST", "/api/v1/cases"), START, 404, (409, Some("not-your-role"))),
    row(("GET", "/api/v1/cases/{case}"), "", 404, (200, None)),
    row(("GET", "/api/v1/cases/{case}/journal"), "", 404, (200, None)),
    row(("POST", "/api/v1/cases/{case}/cancel"), CANCEL, 404, (409, Some("not-your-role"))),
    row(("POST", "/api/v1/cases/{case}/blocks/{block}/items"), "{}", 404, BLOCK),
    row(("POST", "/api/v1/cases/{case}/blocks/{block}/close"), "{}", 404, BLOCK),
    row(("POST", "/api/v1/jobs/fetch"), FETCH, 200, (200, None)),
    row(("POST", "/api/v1/cases/{case}/jobs/{job}/complete"), LEASED, 404, JOB),
    row(("POST", "/api/v1/cases/{case}/jobs/{job}/fail"), FAILED, 404, JOB),
    row(("POST", "/api/v1/cases/{case}/jobs/{job}/extend"), LEASED, 404, LEASE),
    row(("POST", "/api/v1/cases/{case}/jobs/{job}/retry"), "{}", 404, CHIEF),
    row(("POST", "/api/v1/messages"), MESSAGE, 404, TASK),
    row(("GET", "/api/v1/messages/{id}"), "", 404, TASK),
    row(("POST", "/api/v1/signals"), SIGNAL, 404, TASK),
    row(("GET", "/api/v1/ledgers"), "", 200, (200, None)),
    row(("GET", "/api/v1/ledgers/{ledger}"), "", 404, TASK),
    row(("GET", "/api/v1/ledgers/{ledger}/movements"), "", 404, TASK),
    row(("GET", "/api/v1/reports"), "", 200, (200, None)),
    row(("GET", "/api/v1/reports/{report}"), "", 404, TASK),
    row(("GET", "/api/v1/reports/{report}/{kind}"), "", 404, TASK),
    row(("GET", "/api/v1/reports/{report}/made"), "", 404, TASK),
    row(("GET", "/api/v1/reports/{report}/made/{due}"), "", 404, TASK),
    row(("GET", "/api/v1/reports/{report}/made/{due}/{kind}"), "", 404, TASK),
    row(("POST", "/api/v1/cases/{case}/tasks/{task}/claim"), "{}", 404, TASK),
    row(("POST", "/api/v1/cases/{case}/tasks/{task}/release"), "{}", 404, TASK),
    row(("POST", "/api/v1/cases/{case}/tasks/{task}/complete"), "{}", 404, TASK),
];

const BLOCK: (u16, Option<&str>) = (409, Some("block-not-open"));

const LEASE: (u16, Option<&str>) = (409, Some("lease-lost"));
const CHIEF: (u16, Option<&str>) = (409, Some("not-your-role"));
const JOB: (u16, Option<&str>) = (409, Some("job-not-open"));

const FETCH: &str = r#"{"topics":["medir"]}"#;
const LEASED: &str = r#"{"lease":"018f0000-0000-7000-8000-000000000000"}"#;
const FAILED: &str = r#"{"lease":"018f0000-0000-7000-8000-000000000000","reason":"Roto"}"#;
const MESSAGE: &str = r#"{"id":"1","message":"nothing"}"#;
const SIGNAL: &str = r#"{"id":"1","signal":"nothing"}"#;
const SIGN_IN: &str = r#"{"organisation":"tupiza","login":"ana","password":"guessed"}"#;
const START: &str = r#"{"procedure":"registro"}"#;
const CANCEL: &str = r#"{"reason":"Viaje"}"#;

/// The API's addresses as `routes` has them.
fn routes() -> BTreeSet<&'static str> {
    let source = include_str!("../routes.rs");
    source.split('"').filter(|text| text.starts_with("/api/")).collect()
}

async fn ask(browser: &mut Browser, row: &Row, case: &str) -> Page {
    let path = row.path.replace("/api/v1/cases/{case}", case).replace("{task}", "1");
    let path = path.replace("{block}", "1").replace("{job}", "1").replace("{kind}", "xlsx");
    let path = path.replace("{report}", "nothing").replace("{id}", "nothing");
    let path = path.replace("{due}", "2026-11-23T21:00:00Z").replace("{ledger}", "nothing");
    if row.method == "GET" {
        return browser.get(&path).await;
    }
    let body: Value = serde_json::from_str(row.body).expect("JSON");
    browser.send(&path, Some("k"), &body).await
}

/// Ana's case, at its first step.
async fn case(app: &App) -> String {
    let mut ana = Browser::of(app, "ana").await;
    let started = json!({ "procedure": "registro" });
    ana.send("/api/v1/cases", Some("s"), &started).await.location()
}

/// The reference names every route, and every no of the engine.
#[test]
fn the_reference_is_complete() {
    let reference = include_str!("../../../docs/api.md");
    for row in ROWS {
        let route = format!("| `{} {}` |", row.method, row.path.replace("{case}", "{id}"));
        assert!(reference.contains(&route), "{route}");
    }
    // A new case can't exist already: that one is the engine's own affair.
    let source = include_str!("../../engine/rejection.rs");
    let codes = source.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
    for code in codes.filter(|code| *code != "case-exists") {
        assert!(reference.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn every_route_has_its_row() {
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.path).collect();
    assert_eq!(routes(), rows);
}

#[tokio::test]
async fn who_may_not_is_told_so_and_changes_nothing() {
    let app = app().await;
    let case = case(&app).await;
    let before = Browser::of(&app, "ana").await.get(&case).await.bytes;
    for row in ROWS {
        let name = format!("{} {}", row.method, row.path);
        let stranger = ask(&mut Browser::new(&app), row, &case).await;
        assert_eq!(stranger.status.as_u16(), row.stranger, "{name}, a stranger");
        let neighbour = ask(&mut Browser::of(&app, "vera").await, row, &case).await;
        assert_eq!(neighbour.status.as_u16(), row.neighbour, "{name}, a neighbour");
        let colleague = ask(&mut Browser::of(&app, "fidel").await, row, &case).await;
        let (status, code) = row.colleague;
        assert_eq!(colleague.status.as_u16(), status, "{name}, a colleague");
        for page in [stranger, neighbour, colleague] {
            assert_eq!(page.headers["cache-control"], "no-store", "{name}");
            if let Some(code) = code.filter(|_| page.status.as_u16() == status) {
                page.problem(page.status, code);
            }
        }
    }
    assert_eq!(Browser::of(&app, "ana").await.get(&case).await.bytes, before);
}

/// A case of the neighbours' and one that isn't there are told apart by nothing.
#[tokio::test]
async fn a_case_of_others_looks_like_none() {
    let app = app().await;
    let (case, mut vera) = (case(&app).await, Browser::of(&app, "vera").await);
    let none = "/api/v1/cases/018f0000-0000-7000-8000-000000000000";
    for row in ROWS.iter().filter(|row| row.path.contains("{case}")) {
        let (theirs, nobodys) = (ask(&mut vera, row, &case).await, ask(&mut vera, row, none).await);
        assert_eq!(theirs.status, StatusCode::NOT_FOUND);
        assert_eq!(theirs.bytes, nobodys.bytes, "{}", row.path);
    }
    let queue = vera.get("/api/v1/tasks").await.json();
    assert_eq!(queue["tasks"], json!([]), "and the queue shows nothing of others");
}

/// An account that is closed, and a role that is taken away, while somebody is signed in.
#[tokio::test]
async fn what_this_process_changes_about_people_takes_effect_at_once() {
    let app = app().await;
    let case = case(&app).await;
    let mut ana = Browser::of(&app, "ana").await;
    let claim = format!("{case}/tasks/1/claim");
    assert_eq!(ana.send(&claim, Some("c"), &json!({})).await.status, StatusCode::OK);
    let person = app.runtime.store().person("ana").await.expect("reads").expect("is there");
    let other = crate::store::Person { roles: ["tecnico".to_owned()].into(), ..person.clone() };
    app.save_person(&other).await.expect("saved");
    assert_eq!(ana.get("/api/v1/me").await.json()["roles"], json!(["tecnico"]));
    assert_eq!(ana.send(&claim, Some("c2"), &json!({})).await.status, StatusCode::NOT_FOUND);
    app.save_person(&crate::store::Person { is_active: false, ..person }).await.expect("saved");
    ana.get("/api/v1/me").await.problem(StatusCode::UNAUTHORIZED, "not-signed-in");
    assert_eq!(ana.get("/").await.location(), "/sign-in");
}
