//! What is remembered of sessions and people: a busy client costs no reads, leaving is leaving, and a
//! session that nothing has changed is not written.

use std::time::Instant;

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use serde_json::json;

use super::browser::{Browser, Page, app};
use crate::store::Person;
use crate::web::App;
use crate::web::recent::KEPT;
use crate::web::session::Recall;

/// Saved behind the server's back, as by `tramite people save` beside it.
async fn close_account(app: &App) {
    let store = app.runtime.store();
    let person = store.person("ana").await.expect("reads").expect("is there");
    store.save_person(&Person { is_active: false, ..person }).await.expect("saved");
}

#[tokio::test]
async fn another_process_is_believed_within_two_seconds() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let begun = Instant::now();
    assert_eq!(ana.get("/api/v1/me").await.status, StatusCode::OK);
    close_account(&app).await;
    let still = ana.get("/api/v1/me").await.status;
    // Unless this machine has slept meanwhile, the second request has read nothing about her.
    assert!(still == StatusCode::OK || begun.elapsed() >= KEPT);
    app.recall.let_pass(KEPT);
    ana.get("/api/v1/me").await.problem(StatusCode::UNAUTHORIZED, "not-signed-in");
}

/// A session ended by another process is one that is no longer in the store.
#[tokio::test]
async fn a_session_is_remembered_no_longer_than_a_person() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    assert_eq!(ana.get("/api/v1/me").await.status, StatusCode::OK);
    // Another server over the same database remembers for itself.
    let other = App { recall: Recall::default(), ..app.clone() };
    ana.clone().on(&other).send("/api/v1/sign-out", None, &json!({})).await;
    app.recall.let_pass(KEPT);
    ana.get("/api/v1/me").await.problem(StatusCode::UNAUTHORIZED, "not-signed-in");
}

#[tokio::test]
async fn who_signs_out_is_out_at_once_on_every_page() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let mut thief = ana.clone();
    assert_eq!(thief.get("/api/v1/me").await.status, StatusCode::OK);
    ana.send("/api/v1/sign-out", None, &json!({})).await;
    assert_eq!(thief.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(thief.get("/").await.location(), "/sign-in");
}

fn hour() -> i64 {
    jiff::Timestamp::now().as_second() / 3_600
}

/// The layer sends the cookie again whenever it has written the session.
fn is_unwritten(page: &Page) -> bool {
    !page.headers.contains_key(SET_COOKIE)
}

#[tokio::test]
async fn an_unchanged_session_is_not_written() {
    let begun = hour();
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    // Once an hour it is written that she was here; signing in is the first time.
    for path in ["/", "/api/v1/me", "/api/v1/tasks"] {
        let page = ana.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(is_unwritten(&page) || hour() != begun, "{path}");
    }
    let command = json!({ "procedure": "registro" });
    let started = ana.send("/api/v1/cases", Some("k"), &command).await;
    assert_eq!(started.status, StatusCode::CREATED);
    assert!(is_unwritten(&started) || hour() != begun);
}
