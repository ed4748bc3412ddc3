//! The API as a program uses it: a case from its start to its end, the queue, and every way to say no.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::browser::{Browser, Page, app};
use crate::web::App;

const CASES: &str = "/api/v1/cases";

/// Vera's form: three hundred members, a condition, a rule, a computed total.
fn order() -> Value {
    json!({ "data": { "socio": "0077", "cantidad": 4, "urgente": true, "motivo": "Feria" } })
}

/// A new case; its address.
async fn start(browser: &mut Browser, procedure: &str, key: &str) -> String {
    let started = browser.send(CASES, Some(key), &json!({ "procedure": procedure })).await;
    assert_eq!(started.status, StatusCode::CREATED, "{}", started.html());
    started.location()
}

#[tokio::test]
async fn a_program_signs_in_works_and_leaves() {
    let app = App { demo: false, ..app().await };
    let mut program = Browser::new(&app);
    let name =
        |password: &str| json!({ "organisation": "tupiza", "login": "ana", "password": password });
    let wrong = program.send("/api/v1/sign-in", None, &name("Medidor")).await;
    wrong.problem(StatusCode::UNAUTHORIZED, "wrong-password");
    assert!(wrong.headers.contains_key("www-authenticate"));
    let right = program.send("/api/v1/sign-in", None, &name("medidor")).await;
    assert_eq!(right.status, StatusCode::OK);
    let cookie = right.headers[SET_COOKIE].to_str().expect("text");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let me = program.get("/api/v1/me").await;
    assert_eq!(me.json(), right.json());
    assert_eq!(me.headers["cache-control"], "no-store");
    let ana = json!({ "id": "ana", "organisation": "tupiza", "login": "ana",
                      "name": "Ana Choque Mamani", "roles": ["ape"] });
    assert_eq!(me.json(), ana);
    let out = program.send("/api/v1/sign-out", None, &json!({})).await;
    assert_eq!((out.status, out.bytes.len()), (StatusCode::NO_CONTENT, 0));
    program.get("/api/v1/me").await.problem(StatusCode::UNAUTHORIZED, "not-signed-in");
}

/// One brake for both doors, or the easier one would be used for guessing.
#[tokio::test]
async fn guessing_is_braked_at_both_doors_together() {
    let app = App { demo: false, ..app().await };
    let mut guesser = Browser::new(&app);
    let guess = json!({ "organisation": "tupiza", "login": " ana ", "password": "x" });
    for at in 0..5 {
        let page = if at % 2 == 0 {
            guesser.send("/api/v1/sign-in", None, &guess).await
        } else {
            let typed = [("organisation", "tupiza"), ("login", "ana"), ("password", "x")];
            guesser.post("/sign-in", &typed).await
        };
        assert!(page.status.is_client_error() && page.status != StatusCode::TOO_MANY_REQUESTS);
    }
    let braked = guesser.send("/api/v1/sign-in", None, &guess).await;
    braked.problem(StatusCode::TOO_MANY_REQUESTS, "wait");
    assert_eq!(braked.headers[RETRY_AFTER], "60");
}

#[tokio::test]
async fn a_case_goes_its_way() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let started = vera.send(CASES, Some("s1"), &json!({ "procedure": "pedido" })).await;
    assert_eq!(started.status, StatusCode::CREATED);
    let case = started.location();
    let body = started.json();
    assert_eq!(case, format!("{CASES}/{}", body["id"].as_str().expect("an id")));
    assert_eq!((&body["procedure"], &body["status"]), (&json!("pedido"), &json!("running")));
    assert_eq!(body["entries"], json!({ "first": 1, "last": 2 }));
    assert_eq!(body["tasks"][0]["step"], "1");
    let claimed = vera.send(&format!("{case}/tasks/1/claim"), Some("c1"), &json!({})).await;
    assert_eq!(claimed.json()["tasks"][0]["claimed_by"], "vera");
    let freed = vera.send(&format!("{case}/tasks/1/release"), Some("r1"), &Value::Null).await;
    freed.problem(StatusCode::BAD_REQUEST, "bad-json");
    let request = Request::post(format!("{case}/tasks/1/release"))
        .header(CONTENT_TYPE, "application/json")
        .header("idempotency-key", "r1");
    let freed = vera.ask(request, Body::empty()).await;
    assert_eq!(freed.json()["tasks"][0]["claimed_by"], Value::Null);
    let done = vera.send(&format!("{case}/tasks/1/complete"), Some("d1"), &order()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.html());
    let done = done.json();
    assert_eq!((&done["status"], &done["tasks"]), (&json!("ended"), &json!([])));
    assert_eq!(
        (&done["data"]["total"], &done["data"]["socio"]["ci"]),
        (&json!(50), &json!("0077"))
    );
    let mut shown = vera.get(&case).await.json();
    assert_eq!((&shown["subject"], &shown["revision"]), (&json!("Socio Núñez 77"), &json!(4)));
    // Shown and answered are one body, but for what each alone has.
    let members = shown.as_object_mut().expect("an object");
    members.retain(|name, _| name != "subject" && name != "revision");
    members.insert("entries".to_owned(), done["entries"].clone());
    assert_eq!(shown, done);
}

#[tokio::test]
async fn a_journal_is_read_page_by_page() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let case = start(&mut ana, "registro", "s").await;
    ana.send(&format!("{case}/tasks/1/claim"), Some("c"), &json!({})).await;
    ana.send(&format!("{case}/tasks/1/release"), Some("r"), &json!({})).await;
    let all = ana.get(&format!("{case}/journal")).await.json();
    assert_eq!(all["next"], Value::Null);
    let all = all["entries"].as_array().expect("a list").clone();
    let kinds: Vec<_> = all.iter().map(|line| line["entry"].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["case_started", "task_offered", "task_claimed", "task_released"]);
    assert_eq!((&all[2]["seq"], &all[2]["actor"]), (&json!(3), &json!("ana")));
    let (mut read, mut after) = (Vec::new(), json!(0));
    while !after.is_null() {
        let page = ana.get(&format!("{case}/journal?limit=3&after={after}")).await.json();
        read.extend(page["entries"].as_array().expect("a list").clone());
        after = page["next"].clone();
    }
    assert_eq!(read, all);
}

#[tokio::test]
async fn the_queue_is_read_page_by_page() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    for at in 0..7 {
        start(&mut vera, "pedido", &format!("s{at}")).await;
    }
    let all = vera.get("/api/v1/tasks").await.json();
    assert_eq!((all["tasks"].as_array().map(Vec::len), &all["next"]), (Some(7), &Value::Null));
    let mut path = "/api/v1/tasks?limit=3".to_owned();
    let (mut read, mut pages) = (Vec::new(), 0);
    loop {
        let page = vera.get(&path).await.json();
        read.extend(page["tasks"].as_array().expect("a list").clone());
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/tasks?limit=3&after={next}");
    }
    assert_eq!((Value::from(read), pages), (all["tasks"].clone(), 3));
    let first = &all["tasks"][0];
    let (case, task) = (first["case"].as_str().expect("an id"), &first["task"]);
    vera.send(&format!("{CASES}/{case}/tasks/{task}/claim"), Some("c"), &json!({})).await;
    let mine = vera.get("/api/v1/tasks?mine=true").await.json();
    assert_eq!(mine["tasks"].as_array().map(Vec::len), Some(1));
    assert_eq!(mine["tasks"][0]["claimed_by_name"], "Vera Vecina");
    let number = first["number"].as_str().expect("a number");
    let found = vera.get(&format!("/api/v1/tasks?search={number}")).await.json();
    assert_eq!(found["tasks"].as_array().map(Vec::len), Some(1));
    for wrong in ["limit=0", "limit=201", "limit=x", "after=1.2.3", "mine=perhaps", "role=ape"] {
        let page = vera.get(&format!("/api/v1/tasks?{wrong}")).await;
        page.problem(StatusCode::BAD_REQUEST, "bad-query");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_submission_is_said_in_the_persons_language() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let case = start(&mut vera, "pedido", "s").await;
    let complete = format!("{case}/tasks/1/complete");
    let data = json!({ "data": { "socio": "nadie", "cantidad": "cuatro", "otra": 1 } });
    let said = async |vera: &mut Browser| {
        let page = vera.send(&complete, Some("k"), &data).await;
        page.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid-submission")["errors"].clone()
    };
    let spanish = said(&mut vera).await;
    let fields: Vec<_> = spanish.as_array().expect("a list").iter().map(|e| &e["field"]).collect();
    assert_eq!(fields, ["socio", "cantidad", "otra"]);
    vera.speaks("en");
    let english = said(&mut vera).await;
    assert_ne!(spanish[1]["message"], english[1]["message"]);
    // A refused command leaves no trace: its key may be used again.
    let done = vera.send(&complete, Some("k"), &order()).await;
    assert_eq!(done.status, StatusCode::OK);
}

#[tokio::test]
async fn the_engines_no_is_a_conflict_with_its_code() {
    let app = app().await;
    let (mut ana, mut rosmery) =
        (Browser::of(&app, "ana").await, Browser::of(&app, "rosmery").await);
    let case = start(&mut ana, "registro", "s").await;
    rosmery.send(&format!("{case}/tasks/1/claim"), Some("c"), &json!({})).await;
    let late = ana.send(&format!("{case}/tasks/1/claim"), Some("c"), &json!({})).await;
    let said = late.problem(StatusCode::CONFLICT, "claimed-by-another");
    let words = said["detail"].as_str().expect("words");
    assert!(words.starts_with("Este paso lo tiene Rosmery Tapia Farfán."), "{words}");
    rosmery.send(&format!("{case}/tasks/1/release"), Some("r"), &json!({})).await;
    let free = ana.send(&format!("{case}/tasks/1/release"), Some("r"), &json!({})).await;
    free.problem(StatusCode::CONFLICT, "not-claimed");
    let why = ana.send(&format!("{case}/cancel"), Some("x"), &json!({ "reason": " " })).await;
    why.problem(StatusCode::CONFLICT, "reason-required");
    let gone = ana.send(&format!("{case}/cancel"), Some("x"), &json!({ "reason": "Viaje" })).await;
    assert_eq!((gone.status, &gone.json()["status"]), (StatusCode::OK, &json!("cancelled")));
    let over = rosmery.send(&format!("{case}/tasks/1/complete"), Some("d"), &json!({})).await;
    over.problem(StatusCode::CONFLICT, "case-not-running");
}

#[tokio::test]
async fn what_cannot_be_read_is_said_to_whoever_writes_the_program() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let post =
        |kind: &str| Request::post(CASES).header(CONTENT_TYPE, kind).header("idempotency-key", "k");
    let started = r#"{"procedure":"registro"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let page = ana.ask(post(kind), Body::from(started)).await;
        page.problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json");
    }
    let untyped = Request::post(CASES).header("idempotency-key", "k");
    let page = ana.ask(untyped, Body::from(started)).await;
    page.problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json");
    let deep = format!("{{\"procedure\":{}", "[".repeat(100_000));
    for wrong in
        ["", "{", "[]", "null", r#"{"procedure":1}"#, r#"{"procedure":"x","more":1}"#, &deep]
    {
        let page = ana.ask(post("application/json"), Body::from(wrong.to_owned())).await;
        page.problem(StatusCode::BAD_REQUEST, "bad-json");
    }
    let large = format!("{{\"procedure\":\"{}\"}}", "x".repeat(3 << 20));
    let page = ana.ask(post("application/json"), Body::from(large)).await;
    page.problem(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let case = start(&mut ana, "registro", "s").await;
    let many = json!({ "data": { "x": vec![0; 20_001] } });
    let page = ana.send(&format!("{case}/tasks/1/complete"), Some("k"), &many).await;
    page.problem(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    ana.get("/api/v1/nothing").await.problem(StatusCode::NOT_FOUND, "not-found");
    ana.get("/api").await.problem(StatusCode::NOT_FOUND, "not-found");
    let page = ana.get("/api/v1/sign-in").await;
    page.problem(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
    assert_eq!(page.headers[ALLOW], "POST");
}

#[tokio::test]
async fn commands_from_other_sites_and_without_a_key_do_nothing() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let elsewhere = Request::post(CASES)
        .header(CONTENT_TYPE, "application/json")
        .header("idempotency-key", "k")
        .header("sec-fetch-site", "cross-site");
    let page = ana.ask(elsewhere, Body::from(r#"{"procedure":"registro"}"#)).await;
    page.problem(StatusCode::FORBIDDEN, "forbidden");
    let case = "/api/v1/cases/00000000-0000-0000-0000-000000000000";
    let paths = ["", "/cancel", "/tasks/1/claim", "/tasks/1/release", "/tasks/1/complete"];
    for path in paths {
        let path = if path.is_empty() { CASES.to_owned() } else { format!("{case}{path}") };
        for key in [None, Some(""), Some("two words"), Some(&*"x".repeat(201))] {
            let page: Page = ana.send(&path, key, &json!({})).await;
            page.problem(StatusCode::BAD_REQUEST, "key-required");
        }
    }
    let queue = ana.get("/api/v1/tasks").await.json();
    assert_eq!(queue["tasks"], json!([]), "nothing was started");
}

#[tokio::test]
async fn a_failure_of_the_machine_is_told_without_its_reasons() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    app.runtime.shutdown().await;
    let page = ana.send(CASES, Some("k"), &json!({ "procedure": "registro" })).await;
    page.problem(StatusCode::INTERNAL_SERVER_ERROR, "broken");
}
