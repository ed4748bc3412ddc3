//! P7: a command that is repeated with its key, even many times at once, takes effect once, and every
//! answer is the first one byte by byte.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::browser::{Browser, app};
use crate::store::CaseId;
use crate::web::App;

/// What the same key with another body is answered with.
const OTHER_BODY: StatusCode = StatusCode::CONFLICT; // becomes UNPROCESSABLE_ENTITY with strict keys

const REPLAYS: usize = 32;

/// Sends a command many times at once. All answers that are not "in flight" are the first one's bytes;
/// a repeat afterwards gets them, too.
async fn replay(
    browser: &Browser,
    path: &str,
    key: &str,
    body: &Value,
    status: StatusCode,
) -> Value {
    let asked: Vec<_> = (0..REPLAYS)
        .map(|_| {
            let (mut browser, path, key) = (browser.clone(), path.to_owned(), key.to_owned());
            let body = body.clone();
            tokio::spawn(async move { browser.send(&path, Some(&key), &body).await })
        })
        .collect();
    let mut bodies = Vec::new();
    for asked in asked {
        let page = asked.await.expect("no panic");
        if page.status == StatusCode::CONFLICT {
            page.problem(StatusCode::CONFLICT, "in-flight");
        } else {
            assert_eq!(page.status, status, "{}", page.html());
            bodies.push(page.bytes);
        }
    }
    let last = browser.clone().send(path, Some(key), body).await;
    assert_eq!(last.status, status);
    let value = last.json();
    bodies.push(last.bytes);
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{path}");
    value
}

/// How many lines of a kind a case's journal has.
async fn count(app: &App, case: &Value, kind: &str) -> usize {
    let id: CaseId = case["id"].as_str().expect("an id").parse().expect("an id");
    let journal = app.runtime.store().journal(&id).await.expect("reads");
    journal.iter().filter(|record| record.entry.kind() == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_replays_take_effect_once_and_get_the_same_bytes() {
    let app = app().await;
    let vera = Browser::of(&app, "vera").await;
    let cases = "/api/v1/cases";
    let case =
        replay(&vera, cases, "s", &json!({ "procedure": "pedido" }), StatusCode::CREATED).await;
    let queue = vera.clone().get("/api/v1/tasks").await.json();
    assert_eq!(queue["tasks"].as_array().map(Vec::len), Some(1), "one case was started");
    let task = format!("{cases}/{}/tasks/1", case["id"].as_str().expect("an id"));
    for (at, command) in ["claim", "release", "claim"].into_iter().enumerate() {
        let path = format!("{task}/{command}");
        replay(&vera, &path, &format!("{command}{at}"), &json!({}), StatusCode::OK).await;
    }
    assert_eq!(count(&app, &case, "task_claimed").await, 2);
    let data = json!({ "data": { "socio": "0077", "cantidad": "1.250,5", "urgente": "no" } });
    let complete = format!("{task}/complete");
    let refused = vera.clone().send(&complete, Some("d"), &data).await;
    refused.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid-submission");
    let data = json!({ "data": { "socio": "0077", "cantidad": "12", "urgente": "no" } });
    let done = replay(&vera, &complete, "d", &data, StatusCode::OK).await;
    assert_eq!(count(&app, &case, "task_completed").await, 1);
    // Everything that happened since changes nothing about an old answer.
    let first = replay(&vera, &format!("{task}/claim"), "claim0", &json!({}), StatusCode::OK).await;
    assert_eq!((&first["status"], &done["status"]), (&json!("running"), &json!("ended")));
    assert_eq!(app.runtime.doctor().await.expect("reads"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_case_is_cancelled_once() {
    let app = app().await;
    let ana = Browser::of(&app, "ana").await;
    let started = json!({ "procedure": "registro" });
    let case = ana.clone().send("/api/v1/cases", Some("s"), &started).await;
    let cancel = format!("{}/cancel", case.location());
    replay(&ana, &cancel, "x", &json!({ "reason": "Viaje" }), StatusCode::OK).await;
    assert_eq!(count(&app, &case.json(), "case_cancelled").await, 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let case = vera.send("/api/v1/cases", Some("s"), &json!({ "procedure": "pedido" })).await;
    let complete = format!("{}/tasks/1/complete", case.location());
    let data = |count: u32| json!({ "data": { "socio": "0077", "cantidad": count } });
    let first = vera.send(&complete, Some("k"), &data(4)).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(vera.send(&complete, Some("k"), &data(5)).await.status, OTHER_BODY);
    let again = vera.send(&complete, Some("k"), &data(4)).await;
    assert_eq!((again.status, again.bytes), (first.status, first.bytes));
    assert_eq!(vera.get(&case.location()).await.json()["data"]["cantidad"], 4);
}

/// A key belongs to the person who sends it.
#[tokio::test]
async fn two_people_may_use_the_same_key() {
    let app = app().await;
    let started = json!({ "procedure": "registro" });
    let mut places = Vec::new();
    for person in ["ana", "rosmery"] {
        let mut browser = Browser::of(&app, person).await;
        places.push(browser.send("/api/v1/cases", Some("1"), &started).await.location());
    }
    assert_ne!(places[0], places[1]);
}
