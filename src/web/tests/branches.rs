//! A case that stands at several steps at once: each is shown with the name of its branch.

use super::browser::{Browser, app};

#[tokio::test]
async fn every_open_branch_is_shown_by_its_name() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let task = vera.post("/cases", &[("procedure", "doble")]).await.location();
    vera.get(&task).await.shows(&["Rama: carta", "Escribe."]);
    vera.get("/").await.shows(&["Rama: carta", "Rama: llamada"]);
    let case = task.split("/tasks/").next().expect("the case").to_owned();
    vera.get(&case).await.shows(&["Empiezan a la vez: carta, llamada", "Abrir el paso 3"]);
    let done = vera.post(&task, &[]).await.location();
    // Her next step, and the one that she has besides.
    let page = vera.get(&done).await;
    page.shows(&["Seguir con el paso 4", "Terminó la rama", "Se unieron las ramas del paso 1"]);
    page.shows(&["Rama: llamada"]);
    vera.speaks("fa");
    vera.get(&case).await.shows(&["شاخه‌های گام"]);
}

/// A case with many open steps must not fill the pages of everybody.
#[tokio::test]
async fn of_many_open_steps_some_are_told_and_the_others_counted() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let task = vera.post("/cases", &[("procedure", "muchas")]).await.location();
    let done = vera.post(&task, &[]).await.location();
    let told = |page: &str, what: &str| page.matches(what).count();
    let page = vera.get(&done).await;
    assert_eq!(told(&page.html(), "class=\"card now\""), 100);
    // Those that come next, the open ones, and the lines of what was done: all in one moment here.
    page.shows(&["y 140 más", "Hay 50 pasos abiertos más", "y 54 más", "/?search="]);
    let list = vera.get("/cases").await;
    assert_eq!(told(&list.html(), "class=\"step-dot\""), 3);
    list.shows(&["y 147 más"]);
}
