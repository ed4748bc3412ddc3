//! P5: a connection that breaks at any byte. Commands are sent over real sockets that are closed at a
//! random byte of the request or of the answer: each is fully applied or not at all, and repeating it
//! with its key takes effect once.
//!
//! `TRAMITE_CUTS` sets how many (300 unless told, 5,000 at most), `TRAMITE_SEED` where they fall.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tramite::engine::{Actor, replay};
use tramite::library::Files;
use tramite::runtime::{Clock, Runtime};
use tramite::store::{CaseId, Person, Store};
use tramite::web::{self, App, password};

use crate::world::read;

/// Completing the first step writes data, takes a number, and offers the next.
const PROCEDURE: &str = "
organisation: taller
name: Taller de medidores
language: es-BO
time_zone: America/La_Paz
currency: { code: BOB, symbol: Bs }
roles: { mesa: Mesa de entrada, tecnico: Técnico }
series: { ficha: { title: Ficha, pattern: \"F-{year}-{number:05}\" } }
---
form: entrada
title: Entrada
fields:
  medidor: { label: Medidor }
  lectura: { label: Lectura, type: integer }
  ficha: { label: Ficha, assigned: true }
---
procedure: reparar
title: Reparar un medidor
starts: { by: mesa }
steps:
  1: { role: mesa, activity: Recibir el medidor., form: entrada, assigns: { ficha: ficha } }
  2: { role: tecnico, activity: Reparar. }
";

const PASSWORD: &str = "medidor-7-azul";
/// Cuts that are under way at once.
const TOGETHER: usize = 8;
/// Nearly the length of an answer with its headers.
const ANSWER: usize = 900;

/// Where cuts fall: splitmix64, so that a seed gives the same cuts again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).expect("below a usize")
    }
}

/// What all cuts share.
struct Shop {
    runtime: Runtime,
    actor: Actor,
    at: SocketAddr,
    cookie: String,
    seed: u64,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

async fn open(path: &str) -> Runtime {
    let store = Store::open(path).await.expect("a database");
    let runtime = Runtime::start(store, Clock::System).await.expect("a runtime");
    let (library, found) = read(&Files::from([("taller.yaml".into(), PROCEDURE.into())]));
    assert_eq!(found, []);
    runtime.publish(&library, "taller").await.expect("published");
    let eva = Person {
        id: "eva".into(),
        organisation: "taller".into(),
        login: "eva".into(),
        name: "Eva Rojas".into(),
        password_hash: Some(password::hash(PASSWORD).expect("a hash")),
        language: None,
        mail: None,
        roles: ["mesa".to_owned()].into(),
        is_active: true,
    };
    runtime.store().save_person(&eva).await.expect("saved");
    runtime
}

/// A request as it goes over the wire.
fn request(path: &str, headers: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: taller\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{headers}Connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Sends all of it and reads all of the answer: its status, its headers, its body.
async fn exchange(at: SocketAddr, request: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(at).await.expect("connects");
    stream.write_all(request).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answered");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("headers") + 4;
    let body = answer.split_off(end);
    let headers = String::from_utf8(answer).expect("text");
    let status = headers.split(' ').nth(1).expect("a status").parse().expect("a number");
    (status, headers, body)
}

/// The same until it is done: while the broken one is under way, the server may ask for patience.
async fn repeated(at: SocketAddr, request: &[u8]) -> (u16, Vec<u8>) {
    loop {
        let (status, _, body) = exchange(at, request).await;
        if status != 409 || !String::from_utf8_lossy(&body).contains("\"in-flight\"") {
            return (status, body);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Sends and reads as much as `bytes` of the exchange, and is gone.
async fn cut(at: SocketAddr, request: &[u8], bytes: usize) {
    let mut stream = TcpStream::connect(at).await.expect("connects");
    let sent = bytes.min(request.len());
    stream.write_all(&request[..sent]).await.expect("sent");
    let mut heard = vec![0; bytes - sent];
    let mut read = 0;
    while read < heard.len() {
        match stream.read(&mut heard[read..]).await {
            Ok(0) | Err(_) => break,
            Ok(more) => read += more,
        }
    }
}

impl Shop {
    /// One cut, and what became of it; whether the broken request was applied.
    async fn one(&self, number: u64) -> bool {
        let mut chance = Chance(self.seed.wrapping_add(number << 32));
        let started = self.runtime.start_case(&self.actor, "taller", "reparar", None).await;
        let case = started.expect("started").case;
        let lectura = chance.below(100_000);
        let data = json!({ "data": { "medidor": "M ñ 7", "lectura": lectura } });
        let path = format!("/api/v1/cases/{case}/tasks/1/complete");
        let headers = format!("Cookie: {}\r\nIdempotency-Key: cut-{number}\r\n", self.cookie);
        let request = request(&path, &headers, &data);
        // Evenly in the request, or evenly from its last byte to the end of the answer.
        let bytes = match chance.below(2) {
            0 => chance.below(request.len()),
            _ => request.len() + chance.below(ANSWER),
        };
        cut(self.at, &request, bytes).await;
        let now = self.done(&case, lectura).await;
        let (status, first) = repeated(self.at, &request).await;
        let words = String::from_utf8_lossy(&first).into_owned();
        assert_eq!(status, 200, "cut {number} of seed {}: {words}", self.seed);
        assert!(self.done(&case, lectura).await, "cut {number}, seed {}", self.seed);
        let (status, second) = repeated(self.at, &request).await;
        assert_eq!((status, second), (200, first), "cut {number}, seed {}", self.seed);
        now
    }

    /// Whether the step is done: then wholly, and once.
    async fn done(&self, case: &CaseId, lectura: usize) -> bool {
        let store = self.runtime.store();
        let row = store.case(case).await.expect("reads").expect("is there");
        // The journal may be a moment younger than the row, never older.
        let mut journal = store.journal(case).await.expect("reads");
        journal.truncate(row.entries as usize);
        assert_eq!(replay(&journal), *row.state, "seed {}", self.seed);
        let count = |kind| journal.iter().filter(|record| record.entry.kind() == kind).count();
        let kinds = ["task_completed", "variables_set", "number_assigned", "task_offered"];
        let steps: Vec<_> = row.state.tasks.values().map(|task| task.step.as_str()).collect();
        match kinds.map(count) {
            [0, 0, 0, 1] => {
                assert_eq!(steps, ["1"]);
                false
            }
            [1, 1, 1, 2] => {
                assert_eq!(steps, ["2"]);
                let data = serde_json::to_value(&row.state.data).expect("JSON");
                assert_eq!(data["lectura"], lectura);
                true
            }
            other => panic!("{case} is half done: {other:?}, seed {}", self.seed),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_does_all_or_nothing() {
    let cuts = number("TRAMITE_CUTS").unwrap_or(300).min(5_000);
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let seed = number("TRAMITE_SEED").unwrap_or_else(|| u64::from(clock.subsec_nanos()));
    eprintln!("TRAMITE_CUTS={cuts} TRAMITE_SEED={seed}");
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("taller.db");
    let runtime = open(database.to_str().expect("UTF-8")).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(web::serve(listener, App::new(runtime.clone()), async {
        let _ = stopped.await;
    }));
    let name = json!({ "organisation": "taller", "login": "eva", "password": PASSWORD });
    let (status, headers, _) = exchange(at, &request("/api/v1/sign-in", "", &name)).await;
    assert_eq!(status, 200);
    let cookie = headers.split("set-cookie: ").nth(1).and_then(|rest| rest.split(';').next());
    let cookie = cookie.expect("a cookie").to_owned();
    let roles = ["mesa".to_owned()].into();
    let actor = Actor { id: "eva".into(), name: "Eva Rojas".into(), roles };
    let shop = Arc::new(Shop { runtime: runtime.clone(), actor, at, cookie, seed });
    let workers: Vec<_> = (0..TOGETHER as u64)
        .map(|first| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut applied = 0;
                for number in (first..cuts).step_by(TOGETHER) {
                    applied += usize::from(shop.one(number).await);
                }
                applied
            })
        })
        .collect();
    let mut applied = 0;
    for worker in workers {
        applied += worker.await.expect("all or nothing");
    }
    eprintln!("{applied} of {cuts} were applied before they were repeated");
    assert!(cuts < 100 || (applied > 0 && applied < cuts as usize), "cuts fall everywhere");
    drop(stop);
    serving.await.expect("ends").expect("served");
    assert_eq!(runtime.doctor().await.expect("reads"), []);
    runtime.shutdown().await;
    runtime.store().close().await;
}
