//! The board: who sees it, what it says, and what can be done there.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::browser::{Browser, app};

#[tokio::test]
async fn who_may_cancel_sees_what_is_stuck_and_gives_it_back() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let mut rosmery = Browser::of(&app, "rosmery").await;
    let empty = ana.get("/board").await;
    empty.shows(&["Nada está detenido", "href=\"/board\" aria-current=\"page\""]);
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    let case = task.split("/tasks").next().expect("a case").to_owned();
    rosmery.post(&format!("{task}/claim"), &[]).await.location();
    app.runtime.clock().advance(SignedDuration::from_hours(24 * 8));
    let mut ana = Browser::of(&app, "ana").await;
    let page = ana.get("/board?procedure=registro&step=1").await;
    page.shows(&[
        "EXP-2026-00001",
        "Lo tiene Rosmery Tapia Farfán.",
        "Pendientes: 1",
        "Con atraso: 1",
        "Devolver a la bandeja",
        "href=\"/board?procedure=registro\"",
    ]);
    assert!(ana.get("/board?procedure=corte").await.html().contains("Nada está detenido"));
    let id = case.trim_start_matches("/cases/");
    let wanted = [("case", id), ("task", "1"), ("back", "/board?procedure=registro")];
    let mut fidel = Browser::of(&app, "fidel").await;
    assert_eq!(fidel.get("/board").await.status, StatusCode::NOT_FOUND);
    assert!(!fidel.get("/").await.html().contains("/board"), "no link either");
    let refused = fidel.post("/board", &wanted).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let mut vera = Browser::of(&app, "vera").await;
    assert_eq!(vera.post("/board", &wanted).await.status, StatusCode::NOT_FOUND);
    let back = ana.post("/board", &wanted).await.location();
    assert_eq!(back, "/board?procedure=registro");
    let after = ana.get(&back).await;
    after.shows(&["Nadie lo ha tomado."]);
    assert!(!after.html().contains("Devolver a la bandeja"));
    let again = ana.post("/board", &wanted).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    again.shows(&["Nadie tiene este paso", "href=\"/board\""]);
}

#[tokio::test]
async fn what_somebody_has_who_left_is_said_so() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let mut rosmery = Browser::of(&app, "rosmery").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    rosmery.post(&format!("{task}/claim"), &[]).await.location();
    assert!(ana.get("/board").await.html().contains("Nada está detenido"), "it is not late");
    let store = app.runtime.store();
    let mut people = store.people("tupiza").await.expect("read");
    people.retain(|person| person.login == "rosmery");
    people[0].is_active = false;
    store.save_person(&people[0]).await.expect("saved");
    ana.get("/board").await.shows(&["Rosmery Tapia Farfán, que ya no puede ingresar", "EXP-2026"]);
}
