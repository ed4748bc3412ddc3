//! Every page in every language: all templates render, and no sentence is missing.

use super::browser::{Browser, Page, app};
use crate::language::CHOICES;

/// A key that has no sentence stands on the page as itself.
fn is_said_in_full(page: &Page, path: &str) {
    let html = page.html();
    assert!(page.status.is_success(), "{path}: {}", page.status);
    for prefix in ["web-", "rejection-", "problem-", "outcome-", "{$"] {
        let found = html.find(&format!(">{prefix}")).or_else(|| html.find(&format!("\"{prefix}")));
        if let Some(at) = found {
            let text: String = html[at..].chars().take(60).collect();
            panic!("{path} says {text:?}");
        }
    }
}

#[tokio::test]
async fn every_page_speaks_every_language() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let register = ana.post("/cases", &[("procedure", "registro")]).await.location();
    let cut = ana.post("/cases", &[("procedure", "corte")]).await.location();
    ana.post(
        &cut,
        &[("corte.abonado", "001245"), ("corte.desde", "2026-11-23"), ("corte.motivo", "Viaje")],
    )
    .await
    .location();
    let case = cut.split("/tasks").next().expect("a case").to_owned();
    let second = format!("{case}/tasks/2");
    ana.post(&second, &[]).await.location();
    let third = format!("{case}/tasks/3");
    for (language, _) in CHOICES {
        ana.speaks(language);
        let mut paths = vec!["/", "/?search=nadie", "/cases", "/cases?search=nadie", "/sign-in"];
        paths.extend(["/reports", "/reports/control-diario-de-ordenes?day=2026-11-22"]);
        let done = format!("{case}?done=1");
        paths.extend([register.as_str(), third.as_str(), case.as_str(), done.as_str()]);
        for path in paths {
            let page = ana.get(path).await;
            is_said_in_full(&page, path);
            let direction = if language == "fa" { "dir=\"rtl\"" } else { "dir=\"ltr\"" };
            page.shows(&[direction]);
        }
        let page = ana.post(&register, &[(":do", "review")]).await;
        is_said_in_full(&page, "a review");
    }
    ana.speaks("fa");
    ana.get("/").await.shows(&["۲ آذر ۱۴۰۵", "کارتابل من"]);
}

#[tokio::test]
async fn the_reader_chooses_the_language() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let back = ana.post("/language", &[("language", "fa"), ("back", "/cases?status=ended")]).await;
    assert_eq!(back.location(), "/cases?status=ended");
    ana.get("/cases").await.shows(&["lang=\"fa\" dir=\"rtl\"", "پرونده‌ها"]);
    let away = ana.post("/language", &[("language", "es"), ("back", "//evil.example")]).await;
    assert_eq!(away.location(), "/");
    ana.get("/").await.shows(&["lang=\"es-BO\""]);
    assert_eq!(ana.post("/language", &[("language", "xx")]).await.status, 404);
}

#[tokio::test]
async fn an_empty_queue_says_what_to_do() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    ana.get("/").await.shows(&["Todo al día", "Iniciar un trámite", "value=\"registro\""]);
    ana.get("/cases").await.shows(&["No hay trámites"]);
}

#[tokio::test]
async fn lists_go_on_from_where_they_stopped() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    for _ in 0..40 {
        ana.post("/cases", &[("procedure", "corte")]).await.location();
    }
    let first = ana.get("/").await;
    let second = ana.get(&first.link("/?after=", "")).await;
    let count = |page: &Page| page.html().matches("EXP-2026-").count();
    // Each card says its number to the eye and, on its button, to the ear.
    assert_eq!((count(&first), count(&second)), (60, 20));
    let newest = ana.get("/cases?procedure=corte&status=running").await;
    newest.shows(&["EXP-2026-00040", "EXP-2026-00016"]);
    let older = ana.get(&newest.link("/cases?before=", "").replace("&amp;", "&")).await;
    older.shows(&["EXP-2026-00015", "EXP-2026-00001"]);
    assert!(!older.html().contains("EXP-2026-00016"));
}
