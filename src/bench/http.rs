//! Clients that ask the real web application over HTTP, on this machine and in this process: JSON
//! completions with session, access check and idempotency key.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::clients::{self, Measured, Sheet};
use super::script::{self, ORGANISATION, Script, Turn};
use super::wire::{Wire, location};
use crate::runtime::Runtime;
use crate::store::Person;
use crate::web::{self, App, password};

const PASSWORD: &str = "reference";

pub(super) async fn run(
    runtime: &Runtime,
    script: &Arc<Script>,
    count: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    hire(runtime, count).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let to = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(web::serve(listener, App::new(runtime.clone()), async {
        // A sender that is gone stops it just as well.
        let _ = stopped.await;
    }));
    // Everybody is there before the first begins: checking passwords takes the machine for itself.
    let mut desks = Vec::new();
    for number in 0..count {
        desks.push(std::sync::Mutex::new(Some(signed_in(to, number).await?)));
    }
    let client = |sheet: Sheet| {
        let desk = desks.get(sheet.number).and_then(|desk| desk.lock().ok()?.take());
        client(desk, Arc::clone(script), count, sheet)
    };
    let measured = clients::work(count, time, client).await;
    drop(stop);
    serving.await??;
    measured
}

/// People with all roles, one for each client.
async fn hire(runtime: &Runtime, count: usize) -> anyhow::Result<()> {
    let hash = password::hash(PASSWORD).map_err(|error| anyhow::anyhow!("{error}"))?;
    for number in 0..count {
        let person = Person {
            id: format!("reference:person-{number}"),
            organisation: ORGANISATION.to_owned(),
            login: login(number),
            name: format!("Person {number}"),
            password_hash: Some(hash.clone()),
            language: None,
            mail: None,
            roles: BTreeSet::from(script::ROLES.map(str::to_owned)),
            is_active: true,
        };
        runtime.store().save_person(&person).await?;
    }
    Ok(())
}

fn login(number: usize) -> String {
    format!("person-{number}")
}

async fn signed_in(to: SocketAddr, number: usize) -> anyhow::Result<Wire> {
    let mut wire = Wire::open(to).await?;
    let name = json!({
        "organisation": ORGANISATION,
        "login": login(number),
        "password": PASSWORD,
    });
    let answer = wire.post("/api/v1/sign-in", None, &name.to_string()).await?;
    wire.remember(&answer)?;
    Ok(wire)
}

async fn client(
    wire: Option<Wire>,
    script: Arc<Script>,
    count: usize,
    mut sheet: Sheet,
) -> anyhow::Result<Sheet> {
    let mut wire = wire.ok_or_else(|| anyhow::anyhow!("a client has no connection"))?;
    for turns in script.cases.iter().cycle().skip(sheet.number).step_by(count) {
        if sheet.is_over() {
            break;
        }
        let mut case = String::new();
        for turn in turns {
            let key = script::key();
            let began = Instant::now();
            ask(&mut wire, &mut case, turn, &key).await?;
            sheet.note(began);
        }
        sheet.case_is_done();
    }
    Ok(sheet)
}

async fn ask(wire: &mut Wire, case: &mut String, turn: &Turn, key: &str) -> anyhow::Result<()> {
    match &turn.command {
        None => *case = location(&wire.post("/api/v1/cases", Some(key), &turn.body).await?)?,
        Some((task, _)) => {
            let path = format!("{case}/tasks/{task}/complete");
            wire.post(&path, Some(key), &turn.body).await?;
        }
    }
    Ok(())
}
