//! Who sees what: strangers, neighbours, other roles, other sites.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{Request, StatusCode};

use super::browser::{Browser, app};
use crate::web::App;

#[tokio::test]
async fn a_stranger_is_asked_who_they_are_and_comes_back() {
    let app = App { demo: false, ..app().await };
    let mut somebody = Browser::new(&app);
    let asked = somebody.get("/cases?status=running").await;
    assert_eq!(asked.location(), "/sign-in?next=/cases%3Fstatus%3Drunning");
    let door = somebody.get(&asked.location()).await;
    door.shows(&["name=\"password\"", "value=\"/cases?status=running\""]);
    let mut typed = vec![
        ("organisation", "tupiza"),
        ("login", "ana"),
        ("password", "Medidor"),
        ("next", "/cases?status=running"),
    ];
    let wrong = somebody.post("/sign-in", &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows(&["role=\"alert\"", "value=\"ana\""]);
    typed[2] = ("password", "medidor");
    let right = somebody.post("/sign-in", &typed).await;
    assert_eq!(right.location(), "/cases?status=running");
    let cookie = right.headers[SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(somebody.get("/cases").await.status, StatusCode::OK);
    assert_eq!(somebody.post("/sign-out", &[]).await.location(), "/sign-in");
    assert_eq!(somebody.get("/cases").await.location(), "/sign-in?next=/cases");
}

#[tokio::test]
async fn a_session_that_ends_while_somebody_types_loses_nothing() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    let app = App { demo: false, ..app };
    let mut later = Browser::new(&app);
    later.speaks("es");
    let typed = [
        ("cliente.nombre", "Julia \"<b>\""),
        ("cliente.telefono", "72911223"),
        (":key", "k1"),
        (":do", "complete"),
    ];
    let door = later.post(&task, &typed).await;
    assert_eq!(door.status, StatusCode::UNAUTHORIZED);
    let kept = ["name=\":resume cliente.telefono\" value=\"72911223\"", "Julia &quot;&lt;b&gt;"];
    door.shows(&[&kept[..], &["Su sesión terminó", &format!("value=\"{task}\"")]].concat());
    assert!(!door.html().contains(":resume :"), "buttons are pressed anew");
    let mut back = vec![
        ("organisation", "tupiza"),
        ("login", "ana"),
        ("password", "Medidor"),
        ("next", &task),
        (":resume cliente.nombre", "Julia \"<b>\""),
        (":resume cliente.telefono", "72911223"),
        (":resume :do", "complete"),
    ];
    let wrong = later.post("/sign-in", &back).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows(&kept);
    back[2].1 = "medidor";
    let right = later.post("/sign-in", &back).await;
    assert_eq!(right.status, StatusCode::OK);
    right.shows(&["Julia &quot;&lt;b&gt;", "value=\"72911223\"", "id=\"work\"", ":key"]);
    right.shows(&[&format!("action=\"{task}\"")]);
    assert_eq!(later.get(&task).await.status, StatusCode::OK, "signed in, and nothing was done");
    // Only tasks are gone back to like this, and only one's own.
    back[3].1 = "/cases";
    assert_eq!(Browser::new(&app).post("/sign-in", &back).await.location(), "/cases");
    let nowhere = format!("{task}1");
    back[3].1 = &nowhere;
    assert_eq!(Browser::new(&app).post("/sign-in", &back).await.location(), nowhere);
    assert_eq!(
        Browser::new(&app).post("/cases/x/tasks/1", &[]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn health_tells_that_nothing_can_be_written() {
    let app = app().await;
    let store = app.runtime.store();
    let mut ana = Browser::of(&app, "ana").await;
    for table in ["entries", "sessions"] {
        store
            .damage(&format!(
                "CREATE TRIGGER full_{table} BEFORE INSERT ON {table}
                  BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            ))
            .await;
    }
    let mut watcher = Browser::new(&app);
    assert_eq!(watcher.get("/health").await.status, StatusCode::OK, "nobody has tried yet");
    let refused = ana.post("/cases", &[("procedure", "registro")]).await.status;
    assert_eq!(refused, StatusCode::INTERNAL_SERVER_ERROR);
    for _ in 0..2 {
        assert_eq!(watcher.get("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    for table in ["entries", "sessions"] {
        store.damage(&format!("DROP TRIGGER full_{table}")).await;
    }
    assert_eq!(watcher.get("/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn health_tells_whether_the_writer_lives() {
    let app = app().await;
    let mut watcher = Browser::new(&app);
    assert_eq!(watcher.get("/health").await.status, StatusCode::OK);
    app.runtime.shutdown().await;
    assert!(watcher.get("/health").await.status.is_server_error());
    assert_eq!(watcher.get("/sign-in").await.status, StatusCode::OK, "reading goes on");
}

#[tokio::test]
async fn one_click_is_for_demos_only() {
    let demo = app().await;
    Browser::new(&demo).get("/sign-in").await.shows(&["Ana Choque Mamani", "Fidel Tito Colque"]);
    let office = App { demo: false, ..demo };
    let mut somebody = Browser::new(&office);
    assert!(!somebody.get("/sign-in").await.html().contains("Ana Choque"));
    let page = somebody.post("/sign-in", &[("person", "ana")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nobody_learns_of_what_is_not_theirs() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    let case = task.split("/tasks").next().expect("a case").to_owned();
    let mut fidel = Browser::of(&app, "fidel").await;
    assert_eq!(fidel.get(&case).await.status, StatusCode::OK);
    assert_eq!(fidel.get(&task).await.status, StatusCode::NOT_FOUND);
    assert_eq!(fidel.post(&task, &[]).await.status, StatusCode::NOT_FOUND);
    let refused = fidel.post("/cases", &[("procedure", "registro")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows(&["Asistente de Plataforma"]);
    let mut vera = Browser::of(&app, "vera").await;
    for path in [case.clone(), task.clone(), format!("{case}/documents/1"), "/cases/x".to_owned()] {
        let page = vera.get(&path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        page.shows(&["<a class=\"button\" href=\"/\">"]);
    }
    assert!(!vera.get("/cases").await.html().contains("EXP-"));
}

#[tokio::test]
async fn other_sites_and_large_bodies_stay_outside() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let form = "application/x-www-form-urlencoded";
    let elsewhere =
        Request::post("/cases").header(CONTENT_TYPE, form).header("sec-fetch-site", "cross-site");
    let page = ana.ask(elsewhere, Body::from("procedure=registro")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.shows(&["<h1>"]);
    assert!(!ana.get("/cases").await.html().contains("EXP-"), "nothing was started");
    let page = ana.post("/cases", &[("procedure", &"x".repeat(1 << 20))]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    page.shows(&["<h1>"]);
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let app = app().await;
    let mut somebody = Browser::new(&app);
    let health = somebody.get("/health").await;
    assert_eq!((health.status, health.bytes.as_slice()), (StatusCode::OK, b"ok".as_slice()));
    let door = somebody.get("/sign-in").await;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(door.headers[name], value);
    }
    let policy = door.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!door.html().contains(" style=") && !door.html().contains("<style"));
    let style = somebody.get(&door.link("/assets/", "tramite.css")).await;
    assert_eq!(style.headers["cache-control"], "public, max-age=31536000, immutable");
    let old = somebody.get("/assets/000000000000/tramite.css").await;
    assert_eq!(
        (old.status, &old.headers["cache-control"]),
        (StatusCode::OK, &"no-cache".parse().expect("header"))
    );
}
