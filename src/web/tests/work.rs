//! A clerk works: starts a case, errs, corrects, decides, prints.

use axum::http::StatusCode;

use super::browser::{Browser, app};

const CLIENT: [(&str, &str); 9] = [
    ("cliente.ci", "4411223"),
    ("cliente.expedido", "PT"),
    ("cliente.nombre", "Julia <b>Calle</b> & \"Co\""),
    ("cliente.telefono", "72911223"),
    ("cliente.direccion", "Calle 1"),
    ("cliente.zona", "Central"),
    ("servicio.tipo", "nueva_instalacion"),
    ("servicio.categoria", "comercial"),
    ("servicio.direccion", "Calle 1"),
];

/// What was sent, with one field otherwise.
fn but<'a>(fields: &[(&'a str, &'a str)], name: &str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(own, old)| (*own, if *own == name { text } else { *old })).collect()
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once_and_nothing_is_lost() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    ana.get(&task).await.shows(&["Entregar al APE", "Requisitos", "name=\"cliente.ci\""]);
    let mut typed = but(&CLIENT, "cliente.ci", " abc ");
    typed.retain(|(name, _)| *name != "cliente.zona");
    let wrong = ana.post(&task, &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows(&[
        "Hay 2 datos por corregir",
        "href=\"#f-cliente.ci\"",
        "href=\"#f-cliente.zona\"",
        "value=\" abc \"",
        "aria-invalid=\"true\"",
        "Julia &lt;b&gt;Calle&lt;/b&gt; &amp; &quot;Co&quot;",
        "value=\"comercial\" id=\"f-servicio.categoria.1\" checked",
    ]);
    let review = ana.post(&task, &[CLIENT.as_slice(), &[(":do", "review")]].concat()).await;
    assert_eq!(review.status, StatusCode::OK);
    review.shows(&["Todo está en orden"]);
    let done = ana.post(&task, &CLIENT).await.location();
    let page = ana.get(&done).await;
    page.shows(&["Paso 1 completado", "Seguir con el paso 2", "Recibió: Requisitos", "4411223"]);
}

#[tokio::test]
async fn a_customer_whom_a_register_knows_is_not_typed_again() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    let fresh = ana.get(&task).await;
    fresh.shows(&["name=\":looked cliente\" value=\"\"", "data-live=\"change\""]);
    let mut typed = vec![
        ("cliente.ci", " 7120856-1B"),
        ("cliente.telefono", "72911223"),
        ("cliente.zona", " "),
        ("cliente.expedido", ""),
        ("servicio.direccion", "Calle 1"),
        (":do", "review"),
    ];
    let filled = ana.post(&task, &typed).await;
    filled.shows(&[
        "name=\":looked cliente\" value=\"7120856-1B\"",
        "value=\"María Elena Tolaba Vargas\"",
        "value=\"maria.tolaba@example.com\"",
        "value=\"Plaza Independencia N° 12\"",
        "name=\"cliente.zona\" value=\"Central\"",
        "<option value=\"TJ\" selected>",
        "value=\"72911223\"",
    ]);
    assert!(!filled.html().contains("71862093"), "what was typed stays");
    // Looked up already: what the person empties stays empty.
    typed[2].1 = "";
    typed.extend([
        (":looked cliente", "7120856-1B"),
        ("cliente.nombre", "María Elena Tolaba Vargas"),
        ("cliente.correo", ""),
    ]);
    let emptied = ana.post(&task, &typed).await;
    emptied.shows(&["name=\"cliente.zona\" value=\"\"", "href=\"#f-cliente.zona\""]);
    assert!(!emptied.html().contains("maria.tolaba"));
    // Another key: the neighbour's name goes, and even a press on the wrong button doesn't let it pass.
    typed[0].1 = "3669104";
    typed[5].1 = "complete";
    let other = ana.post(&task, &typed).await;
    assert_eq!(other.status, StatusCode::OK);
    other.shows(&["value=\"Eusebio Mamani Cruz\"", "value=\"72911223\""]);
    assert!(!other.html().contains("Tolaba"));
    typed[0].1 = "99999";
    let unknown = ana.post(&task, &typed).await;
    unknown.shows(&["name=\"cliente.nombre\" value=\"\"", "value=\"72911223\""]);
}

#[tokio::test]
async fn a_known_customer_needs_only_the_key_even_without_a_review() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    let service = CLIENT.iter().filter(|(name, _)| name.starts_with("servicio.")).copied();
    let typed: Vec<_> = service.chain([("cliente.ci", "5487213")]).collect();
    let filled = ana.post(&task, &typed).await;
    assert_eq!(filled.status, StatusCode::UNPROCESSABLE_ENTITY);
    filled.shows(&["value=\"Juana Quispe Flores\"", "Todo está en orden"]);
}

#[tokio::test]
async fn a_case_goes_its_way_and_prints() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    let case = task.split("/tasks").next().expect("a case").to_owned();
    ana.post(&task, &CLIENT).await.location();
    let verify = format!("{case}/tasks/2");
    ana.get(&verify).await.shows(&[
        "value=\"Sí cumple\"",
        "Sigue el paso 3.",
        "value=\"72911223\"",
    ]);
    let checked = [
        ("verificacion.carnet", "true"),
        ("cliente.telefono", "6942318"),
        ("cliente.direccion", "Calle 1"),
        ("cliente.zona", "Central"),
        (":choice", "Sí cumple"),
    ];
    ana.post(&verify, &checked).await.location();
    let print = format!("{case}/tasks/3");
    let draft = ana.get(&print).await.link(&case, "/drafts/orden-de-requisitos-tecnicos");
    assert!(ana.get(&draft).await.bytes.starts_with(b"%PDF"));
    let done = ana.post(&print, &[(":do", "complete")]).await.location();
    let page = ana.get(&done).await;
    page.shows(&["Se emitió un documento", "ORT-2026-00001", "Técnico de Energía Eléctrica"]);
    assert!(!page.html().contains("Seguir con el paso 4"), "that is the technician's");
    let pdf = ana.get(&page.link(&case, "/documents/1")).await;
    assert!(pdf.bytes.starts_with(b"%PDF"));
    let name = pdf.headers["content-disposition"].to_str().expect("text");
    assert!(
        name.starts_with("inline; filename=\"Orden_de_Requisitos_Tecnicos_ORT-2026-00001.pdf\"")
    );
    page.shows(&["6942318", "Guardó en Socios y usuarios: Julia"]);
    let mut fidel = Browser::of(&app, "fidel").await;
    fidel.get("/").await.shows(&["Vence en 2 días", "EXP-2026-00001", "Llenar la Orden"]);
}

#[tokio::test]
async fn rows_come_and_go_without_scripts() {
    let app = app().await;
    let mut fidel = Browser::of(&app, "fidel").await;
    let task = fidel.post("/cases", &[("procedure", "formularios")]).await.location();
    fidel.get(&task).await.shows(&["name=\"ordenes.0.numero\"", "value=\"add ordenes\""]);
    let typed = [
        ("ordenes.0.numero", "OC-2026-00012"),
        ("ordenes.0.tipo", "corte"),
        ("ordenes.1.numero", " 7"),
        ("ordenes.2.numero", ""),
        (":do", "add ordenes"),
    ];
    let more = fidel.post(&task, &typed).await;
    assert_eq!(more.status, StatusCode::OK);
    // The blank row gave way to the new one, which has its own defaults.
    more.shows(&[
        "value=\"OC-2026-00012\"",
        "value=\" 7\"",
        "name=\"ordenes.2.numero\" value=\"\"",
        "2026-11-23",
    ]);
    assert!(!more.html().contains("ordenes.3.numero") && !more.html().contains("por corregir"));
    let fewer = fidel.post(&task, &but(&typed, ":do", "remove ordenes 0")).await.html();
    assert!(
        fewer.contains("name=\"ordenes.0.numero\" value=\" 7\"")
            && !fewer.contains("value=\"OC-2026")
    );
    let wrong = fidel.post(&task, &but(&typed, ":do", "complete")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows(&["Órdenes de servicio, fila 2: Número de orden", "href=\"#f-ordenes.1.numero\""]);
}

#[tokio::test]
async fn a_rejection_keeps_what_was_typed_and_says_why() {
    let app = app().await;
    let mut ana = Browser::of(&app, "ana").await;
    let mut rosmery = Browser::of(&app, "rosmery").await;
    let task = ana.post("/cases", &[("procedure", "registro")]).await.location();
    rosmery.post(&format!("{task}/claim"), &[]).await.location();
    let refused = ana.post(&task, &CLIENT).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows(&["Este paso lo tiene Rosmery Tapia Farfán", "value=\"72911223\""]);
    let taken = ana.post(&format!("{task}/claim"), &[]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    taken.shows(&["Rosmery Tapia Farfán", "class=\"button\""]);
    rosmery.get("/").await.shows(&["En mis manos"]);
    rosmery.post(&format!("{task}/release"), &[]).await.location();
    let twice = [CLIENT.as_slice(), &[(":key", "k1")]].concat();
    let first = ana.post(&task, &twice).await.location();
    assert_eq!(ana.post(&task, &twice).await.location(), first, "the second click changes nothing");
    let late = rosmery.post(&task, &CLIENT).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows(&["Este paso ya fue completado", "value=\"72911223\""]);
    let case = task.split("/tasks").next().expect("a case").to_owned();
    assert_eq!(rosmery.get(&task).await.location(), case);
    let no_reason = ana.post(&format!("{case}/cancel"), &[("reason", " ")]).await;
    assert_eq!(no_reason.status, StatusCode::CONFLICT);
    ana.post(&format!("{case}/cancel"), &[("reason", "El cliente desistió")]).await.location();
    ana.get(&case).await.shows(&["Anulado", "El cliente desistió"]);
}

#[tokio::test]
async fn a_form_shows_what_is_asked_and_reckoned_as_things_stand() {
    let app = app().await;
    let mut vera = Browser::of(&app, "vera").await;
    let task = vera.post("/cases", &[("procedure", "pedido")]).await.location();
    let fresh = vera.get(&task).await;
    // Three hundred rows are typed into, not chosen from.
    fresh.shows(&["list=\"f-socio-list\"", "data-live=\"change\""]);
    assert!(!fresh.html().contains("name=\"motivo\"") && !fresh.html().contains("Núñez"));
    let mut typed =
        vec![("socio", "nunez 77"), ("cantidad", "4"), ("urgente", "true"), (":do", "peek")];
    let peek = vera.post(&task, &typed).await;
    peek.shows(&[
        "name=\"motivo\"",
        "Bs\u{a0}50,00",
        "<option value=\"0077\">Socio Núñez 77 · 0077",
    ]);
    assert!(!peek.html().contains("aria-invalid"), "looking is not judging");
    typed[0].1 = "0077";
    typed[1].1 = "400";
    typed.push(("motivo", "Feria"));
    let peek = vera.post(&task, &typed).await;
    peek.shows(&["class=\"found\"", "Socio Núñez 77 · 0077"]);
    typed[3].1 = "complete";
    let wrong = vera.post(&task, &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows(&["Son demasiados.", "value=\"400\"", "value=\"Feria\""]);
    typed[1].1 = "4";
    let done = vera.post(&task, &typed).await.location();
    vera.get(&done).await.shows(&[
        "El trámite terminó",
        "Socio Núñez 77",
        "Bs\u{a0}50,00",
        "Feria",
    ]);
}
