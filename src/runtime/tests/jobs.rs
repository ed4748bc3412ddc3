//! Jobs: mail over a real SMTP server, calls to a real HTTP server that fails in every way, and outside
//! workers; on both databases.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State as Of;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::*;
use crate::engine::{JobStatus, Request};
use crate::store::JobFilter;
use smtpd::Smtpd;

#[path = "../../../tests/it/smtpd.rs"]
pub(super) mod smtpd;

on_both!(
    a_call_fills_its_variable_and_the_case_goes_on,
    what_fails_for_now_is_tried_again_and_then_is_stuck,
    what_is_refused_leads_on_where_the_procedure_says_so,
    an_answer_that_does_not_fit_is_an_incident,
    an_incident_is_retried_or_done_by_hand,
    what_only_the_case_refuses_asks_no_handler,
    mail_is_sent_with_what_was_issued,
    a_worker_fetches_with_a_lease_and_answers,
    a_dead_servers_job_is_done_by_another_under_the_same_key,
    jobs_go_with_their_case_and_their_branch,
);

const MACHINES: &str = r#"
organisation: prueba
name: Cooperativa de Prueba
language: es-BO
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { ape: Asistente, jefe: Jefe, sensores: Sensores }
series: { orden: { title: Orden, pattern: "ORD-{year}-{number:04}" } }
---
form: cliente
title: Cliente
fields:
  cliente:
    label: Cliente
    fields: { nombre: { label: Nombre }, correo: { label: Correo } }
---
document: orden
title: Orden de trabajo
series: orden
template: |
  Señor(a): *{{ cliente.nombre }}*
---
procedure: cuenta
title: Cuenta
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registra., form: cliente, issues: orden }
  2:
    call:
      service: facturacion
      post: "/cuentas/{{ cliente.nombre }}"
      body: { cliente: { nombre: cliente.nombre }, notas: [cliente.correo, "'x'"] }
      timeout: 1 seconds
      tries: 3
    into: { cuenta: { numero: text, saldo: money, nota: optional text } }
    on_error: { E-42: { end: sin cuenta } }
    set: { total: cuenta.saldo * 2 }
  3: { role: jefe, activity: Revisa. }
---
procedure: parte
title: Parte
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registra., form: cliente }
  2:
    call: { service: facturacion, get: /partes }
    into: { parte: { entre: number } }
    on_error: { E-42: 4, any: { end: mal } }
  3: { set: { cuota: 100 / parte.entre }, end: bien }
  4: { set: { cuota: 100 / (visits(1) - 1) }, end: peor }
---
procedure: aviso
title: Aviso
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registra., form: cliente, issues: orden }
  2:
    send:
      to: "{{ cliente.correo }}"
      subject: "Orden de {{ cliente.nombre }}"
      body: |
        Estimado(a) {{ cliente.nombre }}:
        adjuntamos su orden.
      attach: orden
      tries: 2
    on_error: { "550": { end: sin correo } }
---
procedure: medicion
title: Medición
starts: { by: ape }
cancels: { by: jefe }
steps:
  1: { role: ape, activity: Registra., form: cliente }
  2:
    parallel:
      presión:
        3:
          job: medir-presion
          workers: sensores
          with: { quien: cliente.nombre }
          into: { presion: number }
          on_error: { roto: 5, any: { end: sin medida } }
        5: { role: ape, activity: Mira el medidor. }
      papel: { 4: { role: jefe, activity: Archiva., decide: { Listo: {}, Nada: { end: nada } } } }
    join: { first: 1, rest: cancel }
  6: { role: jefe, activity: Revisa. }
"#;

/// What the other system does next: each answer once, the last one for ever.
struct Other {
    answers: Vec<(u16, String)>,
    asked: std::sync::Mutex<Vec<Asked>>,
    count: AtomicU32,
}

#[derive(Debug, Clone)]
struct Asked {
    path: String,
    key: String,
    secret: String,
    body: serde_json::Value,
}

/// A status of this makes the other system never answer.
const HANGS: u16 = 0;
/// And of these, lead elsewhere and answer without end.
const ELSEWHERE: u16 = 1;
const ENDLESS: u16 = 2;

async fn answer(Of(other): Of<Arc<Other>>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let text = |name: &str| {
        headers.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
    };
    other.asked.lock().expect("whole").push(Asked {
        path: uri.path().to_owned(),
        key: text("idempotency-key"),
        secret: text("authorization"),
        body: serde_json::from_str(&body).unwrap_or_default(),
    });
    let at = other.count.fetch_add(1, Ordering::SeqCst) as usize;
    let (status, text) = other.answers[at.min(other.answers.len() - 1)].clone();
    match status {
        HANGS => std::future::pending().await,
        ELSEWHERE => Redirect::temporary(&text).into_response(),
        ENDLESS => (StatusCode::OK, Body::from("x".repeat(3 << 20))).into_response(),
        status => (StatusCode::from_u16(status).expect("a status"), text).into_response(),
    }
}

impl Other {
    /// A server on this machine, and its address.
    async fn serve(answers: &[(u16, &str)]) -> (Arc<Self>, String) {
        let answers = answers.iter().map(|(status, text)| (*status, (*text).to_owned()));
        let (asked, count) = (std::sync::Mutex::default(), AtomicU32::new(0));
        let other = Arc::new(Self { answers: answers.collect(), asked, count });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/api/", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&other));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (other, url)
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("whole").clone()
    }
}

const FINE: (u16, &str) = (200, r#"{"numero":7,"saldo":12.5,"more":{"deep":[1]}}"#);

async fn office(on: Kind) -> Runtime {
    let runtime = runtime(on.store().await.expect("a store")).await;
    runtime.publish(&library(MACHINES), "prueba").await.expect("published");
    runtime
}

fn reach(url: &str) -> Reach {
    let headers = BTreeMap::from([("Authorization".to_owned(), "Bearer s3cret".to_owned())]);
    Reach::default().service("facturacion", url, &headers).expect("a service")
}

impl Runtime {
    /// A case of the procedure, registered: the machine is next.
    async fn registered(&self, procedure: &str, name: &str, mail: &str) -> CaseId {
        let case = self.start_case(&rosa(), "prueba", procedure, None).await.expect("starts").case;
        let group = [("nombre", name), ("correo", mail)];
        let group = group.map(|(field, value)| (field.to_owned(), Value::text(value)));
        let submission = Map::from([("cliente".to_owned(), Value::Map(group.into()))]);
        let command = Command::CompleteTask { task: 1, submission, choice: None };
        self.done(&rosa(), &case, command).await;
        case
    }

    async fn kinds(&self, case: &CaseId) -> Vec<&'static str> {
        let journal = self.store().journal(case).await.expect("read");
        journal
            .iter()
            .map(|record| record.entry.kind())
            .skip_while(|kind| *kind != "job_created")
            .collect()
    }

    async fn later(&self, hours: i64) {
        self.clock().advance(SignedDuration::from_hours(hours));
        self.do_jobs().await.expect("done");
    }
}

async fn a_call_fills_its_variable_and_the_case_goes_on(on: Kind) {
    let runtime = office(on).await;
    let (other, url) = Other::serve(&[FINE]).await;
    runtime.connect(reach(&url));
    let case = runtime.registered("cuenta", "Ana ../ Ñahui", "ana@example.org").await;
    assert_eq!(runtime.row(&case).await.state.tasks.len(), 0, "it waits for the machine");
    assert_eq!(runtime.ailments().await, [""; 0]);
    assert_eq!(runtime.do_jobs().await.expect("done"), 1);
    let row = runtime.row(&case).await;
    let cuenta = row.state.data["cuenta"].as_map().expect("a group").clone();
    assert_eq!(cuenta["numero"], Value::text("7"));
    assert_eq!(cuenta["saldo"].to_string(), "12.5");
    assert_eq!(row.state.data["total"].to_string(), "25");
    assert!(!cuenta.contains_key("more") && row.state.jobs.is_empty());
    assert_eq!(row.state.tasks.values().map(|task| task.step.as_str()).collect::<Vec<_>>(), ["3"]);
    let [asked] = &other.asked()[..] else { panic!("asked once") };
    assert_eq!(asked.path, "/api/cuentas/Ana%20%2E%2E%2F%20%C3%91ahui");
    assert_eq!(asked.key, format!("{case}-1"));
    assert_eq!(asked.secret, "Bearer s3cret");
    let sent =
        json!({ "cliente": { "nombre": "Ana ../ Ñahui" }, "notas": ["ana@example.org", "x"] });
    assert_eq!(asked.body, sent);
    let journal = serde_json::to_string(&runtime.store().journal(&case).await.expect("read"));
    assert!(!journal.expect("JSON").contains("s3cret"), "secrets stay in the configuration");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_fails_for_now_is_tried_again_and_then_is_stuck(on: Kind) {
    let runtime = office(on).await;
    let (other, url) = Other::serve(&[(503, "{}"), (HANGS, ""), (500, "")]).await;
    runtime.connect(reach(&url));
    let case = runtime.registered("cuenta", "Ana", "a@b.c").await;
    assert_eq!(runtime.do_jobs().await.expect("done"), 1);
    let job = runtime.row(&case).await.state.jobs[&1].clone();
    assert_eq!((job.attempts, job.status), (1, JobStatus::Waiting));
    assert_eq!(job.reason.as_deref(), Some("facturacion answered 503"));
    let pause = runtime.clock().now().duration_until(job.due_at);
    assert!((5_000..7_500).contains(&pause.as_millis()), "{pause:?}");
    assert_eq!(runtime.do_jobs().await.expect("done"), 0, "not before its time");
    runtime.later(1).await;
    assert_eq!(
        runtime.row(&case).await.state.jobs[&1].reason.as_deref(),
        Some("facturacion did not answer in time")
    );
    runtime.later(1).await;
    let job = runtime.row(&case).await.state.jobs[&1].clone();
    assert_eq!((job.attempts, job.status), (3, JobStatus::Incident));
    runtime.later(24).await;
    assert_eq!(other.asked().len(), 3, "nobody is asked any more");
    let keys: BTreeSet<String> = other.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys.len(), 1, "the same key each time");
    let stuck = runtime.store().incidents("prueba", "", 10).await.expect("read");
    assert_eq!(stuck.len(), 1);
    assert_eq!((stuck[0].case, stuck[0].step.as_str()), (case, "2"));
    assert_eq!(stuck[0].reason, "facturacion answered 500");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_is_refused_leads_on_where_the_procedure_says_so(on: Kind) {
    let runtime = office(on).await;
    let no = r#"{"code":"E-42","detail":"No existe."}"#;
    let (_, url) = Other::serve(&[(422, no), (404, "<html>")]).await;
    runtime.connect(reach(&url));
    let handled = runtime.registered("cuenta", "Ana", "a@b.c").await;
    runtime.do_jobs().await.expect("done");
    assert_eq!(runtime.row(&handled).await.state.outcome.as_deref(), Some("sin cuenta"));
    assert_eq!(runtime.kinds(&handled).await, ["job_created", "error_handled", "case_ended"]);
    let stuck = runtime.registered("cuenta", "Eva", "e@b.c").await;
    runtime.do_jobs().await.expect("done");
    let job = runtime.row(&stuck).await.state.jobs[&1].clone();
    assert_eq!((job.attempts, job.status), (1, JobStatus::Incident), "a no stays a no");
    assert_eq!(job.reason.as_deref(), Some("facturacion answered 404"));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn an_answer_that_does_not_fit_is_an_incident(on: Kind) {
    let runtime = office(on).await;
    let (_, there) = Other::serve(&[FINE]).await;
    let answers = [
        (200, r#"{"numero":"7"}"#),
        (200, "<html>"),
        (200, r#"[1]"#),
        (200, ""),
        (ENDLESS, ""),
        (ELSEWHERE, there.as_str()),
    ];
    let (_, url) = Other::serve(&answers).await;
    runtime.connect(reach(&url));
    let mut reasons = Vec::new();
    for _ in answers {
        let case = runtime.registered("cuenta", "Ana", "a@b.c").await;
        runtime.do_jobs().await.expect("done");
        let job = runtime.row(&case).await.state.jobs[&1].clone();
        assert_eq!(job.status, JobStatus::Incident, "{:?}", job.reason);
        reasons.push(job.reason.unwrap_or_default());
    }
    assert!(reasons[0].contains("cuenta.saldo"), "{reasons:?}");
    assert!(reasons[1].ends_with("and not with JSON"), "{reasons:?}");
    assert!(reasons[4].ends_with("more than 1 MiB"), "{reasons:?}");
    assert_eq!(reasons[5], "facturacion answered 307", "nothing follows to another host");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn an_incident_is_retried_or_done_by_hand(on: Kind) {
    let runtime = office(on).await;
    // Nothing is configured yet.
    let case = runtime.registered("cuenta", "Ana", "a@b.c").await;
    runtime.do_jobs().await.expect("done");
    let reason = runtime.row(&case).await.state.jobs[&1].reason.clone().unwrap_or_default();
    assert!(reason.contains("no service `facturacion`"), "{reason}");
    let retry = Command::RetryJob { job: 1 };
    let no = runtime.handle(&rosa(), &case, retry.clone(), None).await;
    assert!(matches!(no, Err(Refusal::Rejected(Rejection::NotYourRole { .. }))), "{no:?}");
    let (_, url) = Other::serve(&[(404, ""), FINE]).await;
    runtime.connect(reach(&url));
    runtime.done(&luis(), &case, retry.clone()).await;
    runtime.do_jobs().await.expect("done");
    assert_eq!(runtime.row(&case).await.state.jobs[&1].status, JobStatus::Incident);
    // By hand, with a value that doesn't fit and with one that does.
    let answer = |saldo: &str| {
        let group = [("numero", "9"), ("saldo", saldo)];
        let group = group.map(|(name, value)| (name.to_owned(), Value::text(value)));
        Command::CompleteJob { job: 1, answer: Value::Map(group.into()) }
    };
    let no = runtime.handle(&luis(), &case, answer("mucho"), None).await;
    assert!(matches!(no, Err(Refusal::Rejected(Rejection::InvalidSubmission { .. }))), "{no:?}");
    runtime.done(&luis(), &case, answer("3,50")).await;
    assert_eq!(runtime.row(&case).await.state.data["total"].to_string(), "7");
    let late = runtime.handle(&luis(), &case, retry, None).await;
    assert!(matches!(late, Err(Refusal::Rejected(Rejection::JobNotOpen))), "{late:?}");
    assert_eq!(
        runtime.kinds(&case).await,
        [
            "job_created",
            "job_failed",
            "incident_raised",
            "incident_resolved",
            "job_failed",
            "incident_raised",
            "variables_set",
            "variables_set",
            "job_completed",
            "task_offered",
        ]
    );
    // While it is the machine's, nobody answers for it.
    let other = runtime.registered("cuenta", "Eva", "a@b.c").await;
    let no = runtime.handle(&luis(), &other, answer("1"), None).await;
    assert!(matches!(no, Err(Refusal::Rejected(Rejection::NotYourRole { .. }))), "{no:?}");
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_only_the_case_refuses_asks_no_handler(on: Kind) {
    let runtime = office(on).await;
    let answers = [
        (200, r#"{"entre":0}"#),
        (422, r#"{"code":"E-42"}"#),
        (200, "[]"),
        (200, r#"{"entre":4}"#),
    ];
    let (other, url) = Other::serve(&answers).await;
    runtime.connect(reach(&url));
    // The call succeeded: what can't be reckoned afterwards is not the other system's failure.
    let reckoned = runtime.registered("parte", "Ana", "a@b.c").await;
    runtime.do_jobs().await.expect("done");
    // The other system's no leads on to where there is no way on.
    let refused = runtime.registered("parte", "Ana", "a@b.c").await;
    runtime.do_jobs().await.expect("done");
    for (case, reason) in [(&reckoned, "division by zero"), (&refused, "answered 422: E-42; ")] {
        let job = runtime.row(case).await.state.jobs[&1].clone();
        assert_eq!(job.status, JobStatus::Incident, "{:?}", job.reason);
        assert!(job.reason.as_ref().is_some_and(|told| told.contains(reason)), "{:?}", job.reason);
        assert_eq!(runtime.kinds(case).await, ["job_created", "job_failed", "incident_raised"]);
    }
    runtime.later(1).await;
    assert_eq!(other.asked().len(), 2, "nobody is asked again and again");
    // An answer that does not fit is the other system's failure.
    let unfit = runtime.registered("parte", "Ana", "a@b.c").await;
    runtime.do_jobs().await.expect("done");
    assert_eq!(runtime.row(&unfit).await.outcome.as_deref(), Some("mal"));
    runtime.done(&luis(), &reckoned, Command::RetryJob { job: 1 }).await;
    runtime.do_jobs().await.expect("done");
    assert_eq!(runtime.row(&reckoned).await.outcome.as_deref(), Some("bien"));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn mail_is_sent_with_what_was_issued(on: Kind) {
    let Some(server) = Smtpd::start() else { return };
    let runtime = office(on).await;
    let from = "Cooperativa <oficina@tupiza.example>";
    // A server that offers no TLS gets nothing when TLS is demanded.
    let demanding = format!("{}?tls=required", server.url());
    runtime.connect(Reach::default().mail(&demanding, from).expect("fine"));
    let case = runtime.registered("aviso", "Ana Ñahui", "ana@example.org").await;
    runtime.do_jobs().await.expect("done");
    assert_eq!(server.mails().len(), 0);
    assert_eq!(runtime.row(&case).await.state.jobs[&1].attempts, 1);

    runtime.connect(Reach::default().mail(&server.url(), from).expect("fine"));
    runtime.later(1).await;
    assert_eq!(runtime.row(&case).await.status, CaseStatus::Ended);
    let [mail] = &server.mails()[..] else { panic!("one mail") };
    assert!(mail.contains("To: ana@example.org"), "{mail}");
    assert!(mail.contains(&format!("Message-ID: <{case}-1@tupiza.example>")), "{mail}");
    assert!(mail.contains("filename=\"ORD-2026-0001.pdf\""), "{mail}");
    assert!(mail.contains("Subject: Orden de Ana ="), "encoded: {mail}");

    let refused = runtime.registered("aviso", "Eva", "nobody@example.org").await;
    let wrong = runtime.registered("aviso", "Eva Bcc: x@y.z", "no address").await;
    let later = runtime.registered("aviso", "Eva", "later@example.org").await;
    let many = ["a"; 51].join(",");
    let many = runtime.registered("aviso", "Eva", &many).await;
    runtime.do_jobs().await.expect("done");
    assert_eq!(runtime.row(&refused).await.state.outcome.as_deref(), Some("sin correo"));
    let job = runtime.row(&wrong).await.state.jobs[&1].clone();
    assert_eq!(job.reason.as_deref(), Some("`no address` is no mail address"));
    let job = runtime.row(&many).await.state.jobs[&1].clone();
    assert_eq!(job.reason.as_deref(), Some("51 addresses are too many for a mail: 50 at most"));
    let job = runtime.row(&later).await.state.jobs[&1].clone();
    assert_eq!((job.attempts, job.status), (1, JobStatus::Waiting), "{:?}", job.reason);
    assert!(job.reason.is_some_and(|reason| reason.starts_with("the mail server answered 451")));
    assert_eq!(server.mails().len(), 1);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

impl Runtime {
    async fn fetch(&self, lease: &str, seconds: i64) -> Vec<(CaseId, u32)> {
        let now = self.clock().now();
        let filter = JobFilter {
            organisation: "prueba",
            roles: &BTreeSet::from(["sensores".to_owned()]),
            topics: &["medir-presion".to_owned()],
            now,
            until: now + SignedDuration::from_secs(seconds),
            lease,
            limit: 10,
        };
        self.store().fetch_jobs(&filter).await.expect("fetched")
    }
}

async fn a_worker_fetches_with_a_lease_and_answers(on: Kind) {
    let runtime = office(on).await;
    let case = runtime.registered("medicion", "Ana", "a@b.c").await;
    assert_eq!(runtime.do_jobs().await.expect("done"), 0, "it is no server's work");
    let state = runtime.row(&case).await.state;
    let Request::Work { input, .. } = &state.jobs[&1].request else { panic!("work") };
    assert_eq!(input["quien"], Value::text("Ana"));
    assert_eq!(runtime.fetch("one", 60).await, [(case, 1)]);
    assert_eq!(runtime.fetch("two", 60).await, []);
    let now = runtime.clock().now();
    let until = now + SignedDuration::from_secs(120);
    assert!(runtime.store().extend_job(&case, 1, "one", until).await.expect("asked"));
    assert!(!runtime.store().extend_job(&case, 1, "two", until).await.expect("asked"));
    runtime.clock().advance(SignedDuration::from_secs(119));
    assert_eq!(runtime.fetch("two", 60).await, []);
    runtime.clock().advance(SignedDuration::from_secs(1));
    assert_eq!(runtime.fetch("two", 60).await, [(case, 1)], "the lease has ended");
    let place = runtime.store().job_place(&case, 1).await.expect("read").expect("there");
    assert_eq!(place.lease.as_deref(), Some("two"));

    let answer = Command::CompleteJob { job: 1, answer: Value::from("4,2") };
    let no = runtime.handle(&rosa(), &case, answer.clone(), None).await;
    assert!(matches!(no, Err(Refusal::Rejected(Rejection::NotYourRole { .. }))), "{no:?}");
    runtime.done(&actor("r2", "sensores"), &case, answer.clone()).await;
    let again = runtime.handle(&actor("r2", "sensores"), &case, answer, None).await;
    assert!(matches!(again, Err(Refusal::Rejected(Rejection::JobNotOpen))), "{again:?}");
    let state = runtime.row(&case).await.state;
    assert_eq!(state.data["presion"].to_string(), "4.2");
    assert!(state.jobs.is_empty() && runtime.fetch("three", 60).await.is_empty());
    assert_eq!(runtime.ailments().await, [""; 0]);

    let fail = |code: Option<&str>, retry_at| Command::FailJob {
        job: 1,
        reason: "No responde.".to_owned(),
        code: code.map(ToOwned::to_owned),
        retry_at,
    };
    // A code that the procedure knows leads to a person's step; no code at all ends by `any`.
    let broken = runtime.registered("medicion", "Eva", "a@b.c").await;
    let robot = actor("r2", "sensores");
    runtime.done(&robot, &broken, fail(Some("roto"), Some(now))).await;
    let steps = runtime
        .row(&broken)
        .await
        .state
        .tasks
        .values()
        .map(|task| task.step.clone())
        .collect::<Vec<_>>();
    assert_eq!(steps, ["4", "5"]);
    let lost = runtime.registered("medicion", "Eva", "a@b.c").await;
    let soon = runtime.clock().now() + SignedDuration::from_secs(5);
    runtime.done(&robot, &lost, fail(None, Some(soon))).await;
    assert_eq!(runtime.row(&lost).await.state.jobs[&1].attempts, 1);
    assert_eq!(runtime.fetch("four", 60).await, []);
    runtime.done(&robot, &lost, fail(None, None)).await;
    assert_eq!(runtime.row(&lost).await.state.outcome.as_deref(), Some("sin medida"));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_dead_servers_job_is_done_by_another_under_the_same_key(on: Kind) {
    let runtime = office(on).await;
    let (other, url) = Other::serve(&[(HANGS, ""), FINE]).await;
    runtime.connect(reach(&url));
    let case = runtime.registered("cuenta", "Ana", "a@b.c").await;
    // This server asks, and dies before it has an answer.
    let dying = runtime.clone();
    let doomed = tokio::spawn(async move { dying.do_jobs().await });
    while other.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    doomed.abort();
    drop(doomed.await);
    let second = Runtime::start(runtime.store().clone(), runtime.clock().clone()).await;
    let second = second.expect("starts");
    second.connect(reach(&url));
    assert_eq!(second.do_jobs().await.expect("looked"), 0, "it is still leased");
    runtime.clock().advance(SignedDuration::from_secs(60));
    assert_eq!(second.do_jobs().await.expect("done"), 1);
    let asked = other.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].key, asked[1].key, "who keeps to the key does it once");
    assert_eq!(second.row(&case).await.state.data["cuenta"].as_map().map(Map::len), Some(3));
    assert_eq!(second.ailments().await, [""; 0]);
}

async fn jobs_go_with_their_case_and_their_branch(on: Kind) {
    let runtime = office(on).await;
    let cancelled = runtime.registered("medicion", "Ana", "a@b.c").await;
    let reason = "probando".to_owned();
    runtime.done(&luis(), &cancelled, Command::CancelCase { reason }).await;
    let joined = runtime.registered("medicion", "Ana", "a@b.c").await;
    runtime.done(&luis(), &joined, choose(2, "Listo")).await;
    let state = runtime.row(&joined).await.state;
    assert_eq!(state.tasks.values().map(|task| task.step.as_str()).collect::<Vec<_>>(), ["6"]);
    let ended = runtime.registered("medicion", "Ana", "a@b.c").await;
    runtime.done(&luis(), &ended, choose(2, "Nada")).await;
    for case in [cancelled, joined, ended] {
        assert!(runtime.row(&case).await.state.jobs.is_empty());
        assert!(runtime.kinds(&case).await.contains(&"job_withdrawn"));
    }
    assert_eq!(runtime.fetch("one", 60).await, []);
    assert_eq!(runtime.ailments().await, [""; 0]);
}
