//! Somebody at a browser without scripts: keeps cookies, follows nothing by itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use tower::ServiceExt;

use crate::diagnostic::Diagnostics;
use crate::library::{Files, Library};
use crate::runtime::{Clock, Runtime};
use crate::store::{Person, Store};
use crate::web::{App, password, router};

/// A second organisation, to look over the fence; its register is too large for a list.
const NEIGHBOUR: &str = "
organisation: vecina
name: Cooperativa Vecina
language: es-BO
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { ape: Asistente }
messages:
  pago: { title: Pago recibido, by: ape, fields: { monto: { label: Monto, type: money } } }
  ajeno: { keep: 1 day }
signals: { cierre: { by: ape } }
---
form: pedido
title: Pedido
fields:
  socio: { label: Socio, type: record, register: socios }
  cantidad: { label: Cantidad, type: integer, min: 1 }
  urgente: { label: Urgente, type: yes_no }
  motivo: { label: Motivo, when: urgente }
  total: { label: Total, type: money, computed: cantidad * 12.5 }
rules:
  - { must: cantidad < 100, says: Son demasiados. }
---
procedure: pedido
title: Pedido
starts: { by: ape }
subject: \"{{ socio.nombre }}\"
steps: { 1: { role: ape, activity: Pide., form: pedido } }
---
procedure: espera
title: Espera
starts: { by: ape }
steps:
  1:
    wait: { message: pago, key: '77', into: pago }
    on: [{ signal: cierre, end: cerrado }, { message: ajeno, end: ajeno }]
  2: { role: ape, activity: Agradece., on: { after: 1 day, remind: true } }
---
procedure: grua
title: Grúa
starts: { by: ape }
steps:
  1: { role: ape, activity: Levanta., mutex: { name: grúa, of: organisation } }
---
procedure: doble
title: Doble
starts: { by: ape }
steps:
  1:
    parallel:
      carta: { 2: { role: ape, activity: Escribe. } }
      llamada: { 3: { role: ape, activity: Llama. } }
    join: { first: 1, rest: ignore }
  4: { role: ape, activity: Cierra. }
---
procedure: muchas
title: Muchas
starts: { by: ape }
steps:
  1: { role: ape, activity: Empieza. }
  2:
    each: { times: 150 }
    steps:
      3: { role: ape, activity: Visita. }
---
registers:
  socios:
    title: Socios
    key: ci
    fields: { ci: { label: CI }, nombre: { label: Nombre } }
    shows: \"{{ nombre }} · {{ ci }}\"
    rows:
";

/// The ledger of the neighbours, and the procedures that move in it.
const LEDGER: &str = "
  materiales:
    title: Materiales
    key: codigo
    fields: { codigo: { label: Código }, nombre: { label: Nombre } }
    shows: \"{{ nombre }}\"
    rows: [{ codigo: CB-10, nombre: Cable }, { codigo: MD 1/2, nombre: Medidor }]
    ledger:
      unit: piezas
      seen_by: [ape]
      accounts:
        proveedor: Proveedor
        deposito: { title: Depósito, never_negative: true }
        camino: { title: En camino, in_transit: true }
---
form: material
title: Material
fields:
  material: { label: Material, type: record, register: materiales }
  cantidad: { label: Cantidad, type: integer }
---
procedure: compra
title: Compra
starts: { by: ape }
steps:
  1:
    role: ape
    activity: Compra.
    form: material
    moves: { ledger: materiales, item: material, amount: cantidad, from: proveedor, to: deposito }
---
procedure: entrega
title: Entrega
starts: { by: ape }
cancels: { by: ape }
steps:
  1:
    role: ape
    activity: Entrega.
    form: material
    moves: { ledger: materiales, item: material, amount: cantidad, from: deposito, to: camino }
  2:
    role: ape
    activity: Vuelve.
    moves: { ledger: materiales, item: material, amount: cantidad, from: camino, to: deposito }
";

/// The neighbours, with three hundred members.
fn neighbour() -> String {
    let row = |at: usize| format!("      - {{ ci: \"{at:04}\", nombre: Socio Núñez {at} }}\n");
    format!("{NEIGHBOUR}{}", (0..300).map(row).collect::<String>()) + LEDGER
}

/// An app with the procedures of Tupiza and its people; Ana has the password `medidor`.
pub(super) async fn app() -> App {
    let start: Timestamp = "2026-11-23T15:00:00Z".parse().expect("an instant");
    let store = Store::memory().await.expect("a store");
    let runtime = Runtime::start(store, Clock::manual(start)).await.expect("starts");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    for folder in ["workflows/tupiza", "forms/tupiza"] {
        for file in fs::read_dir(root.join(folder)).expect("the folder") {
            let name = file.expect("a file").file_name().into_string().expect("UTF-8");
            let path = format!("{folder}/{name}");
            let text = fs::read_to_string(root.join(&path)).expect("text");
            files.insert(path, text);
        }
    }
    files.insert("vecina.yaml".to_owned(), neighbour());
    let mut found = Diagnostics::default();
    let library = Library::read(&files, &mut found);
    assert!(!found.has_errors(), "{found:?}");
    for organisation in ["tupiza", "vecina"] {
        runtime.publish(&library, organisation).await.expect("published");
    }
    for (login, name, organisation, role) in [
        ("ana", "Ana Choque Mamani", "tupiza", "ape"),
        ("rosmery", "Rosmery Tapia Farfán", "tupiza", "ape"),
        ("fidel", "Fidel Tito Colque", "tupiza", "tecnico"),
        ("vera", "Vera Vecina", "vecina", "ape"),
    ] {
        let hash = (login == "ana").then(|| password::hash("medidor").expect("a hash"));
        let person = Person {
            id: login.to_owned(),
            organisation: organisation.to_owned(),
            login: login.to_owned(),
            name: name.to_owned(),
            password_hash: hash,
            language: None,
            mail: None,
            roles: [role.to_owned()].into(),
            is_active: true,
        };
        runtime.store().save_person(&person).await.expect("saved");
    }
    App { demo: true, ..App::new(runtime) }
}

#[derive(Clone)]
pub(super) struct Browser {
    app: Router,
    cookies: BTreeMap<String, String>,
}

/// What came back.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Browser {
    pub(super) fn new(app: &App) -> Self {
        Self { app: router(app.clone()), cookies: BTreeMap::new() }
    }

    /// Somebody who has signed in with one click.
    pub(super) async fn of(app: &App, person: &str) -> Self {
        let mut browser = Self::new(app);
        let page = browser.post("/sign-in", &[("person", person), ("next", "/")]).await;
        assert_eq!(page.location(), "/");
        browser
    }

    /// The same person, sent to another server.
    pub(super) fn on(self, app: &App) -> Self {
        Self { app: router(app.clone()), ..self }
    }

    pub(super) fn speaks(&mut self, language: &str) {
        self.cookies.insert("language".to_owned(), language.to_owned());
    }

    pub(super) async fn get(&mut self, path: &str) -> Page {
        self.ask(Request::get(path), Body::empty()).await
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let escape =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, text)| format!("{}={}", escape(name), escape(text)))
            .collect();
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request, Body::from(pairs.join("&"))).await
    }

    /// A program's command; with a key if it sends one.
    pub(super) async fn send(&mut self, path: &str, key: Option<&str>, body: &Value) -> Page {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        let request = key.into_iter().fold(request, |all, key| all.header("idempotency-key", key));
        self.ask(request, Body::from(body.to_string())).await
    }

    pub(super) async fn ask(&mut self, request: axum::http::request::Builder, body: Body) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(COOKIE, cookies.join("; ")).body(body).expect("a request");
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text").split(';').next().unwrap_or_default();
            let (name, value) = cookie.split_once('=').expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Page { status: parts.status, headers: parts.headers, bytes }
    }
}

impl Page {
    /// The page's source, with slashes as they are meant.
    pub(super) fn html(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("UTF-8").replace("&#x2f;", "/")
    }

    pub(super) fn location(&self) -> String {
        let location = self.headers.get(LOCATION);
        let location = location.unwrap_or_else(|| panic!("{}: {}", self.status, self.html()));
        location.to_str().expect("text").to_owned()
    }

    /// The texts must all stand on the page.
    pub(super) fn shows(&self, texts: &[&str]) {
        let html = self.html();
        for text in texts {
            assert!(html.contains(text), "no {text:?} on {} {html}", self.status);
        }
    }

    /// What a program reads.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("JSON: {}", self.html()))
    }

    /// A problem of this kind; what it says.
    pub(super) fn problem(&self, status: StatusCode, code: &str) -> Value {
        let said = self.json();
        assert_eq!((self.status, said["code"].as_str()), (status, Some(code)), "{said}");
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.headers[CACHE_CONTROL], "no-store");
        assert_eq!(said["status"], status.as_u16());
        assert_eq!(said["type"], "about:blank");
        assert_eq!(said["title"].as_str(), status.canonical_reason());
        assert!(said["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{said}");
        said
    }

    /// The first address on the page that begins and ends so.
    pub(super) fn link(&self, start: &str, end: &str) -> String {
        let html = self.html();
        let found = html.split('"').find(|text| text.starts_with(start) && text.ends_with(end));
        found.unwrap_or_else(|| panic!("no link {start}…{end} in {html}")).to_owned()
    }
}
