//! What HTTP and the database cost without tramite between them: a handler that reads the JSON of a
//! step and has its recorded rows written, as many steps in a transaction as wait for one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::clients::{self, Measured, Sheet};
use super::script::{self, Script};
use super::wire::Wire;
use super::{TOGETHER, raw};
use crate::expression::Map;
use crate::store::{self, Store};

/// A step to be written for the case at a place, and whoever waits for the answer.
type Job = (usize, oneshot::Sender<String>);

type Lanes = Arc<[mpsc::Sender<Job>]>;

pub(super) async fn run(
    store: &Store,
    script: &Arc<Script>,
    count: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    // As many side by side as the runtime has lanes.
    let (mut lanes, mut writing) = (Vec::new(), JoinSet::new());
    for lane in raw::TOGETHER.take(store.lanes()) {
        let (sender, jobs) = mpsc::channel(1_024);
        lanes.push(sender);
        writing.spawn(write(store.clone(), Arc::clone(script), lane, jobs));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let to = listener.local_addr()?;
    let router = Router::new().route("/steps/{place}", post(step)).with_state(Lanes::from(lanes));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let stopped = async {
            // A sender that is gone stops it just as well.
            let _ = stopped.await;
        };
        axum::serve(listener, router).with_graceful_shutdown(stopped).await
    });
    let client = |sheet| {
        let script = Arc::clone(script);
        async move { client(Wire::open(to).await?, &script, count, sheet).await }
    };
    let measured = clients::work(count, time, client).await;
    drop(stop);
    serving.await??;
    while let Some(done) = writing.join_next().await {
        done??;
    }
    measured
}

/// As the API takes it.
#[derive(Deserialize)]
struct Filled {
    #[serde(default)]
    #[allow(dead_code)] // read as the API reads it, and not looked at
    data: Map,
}

async fn step(
    State(lanes): State<Lanes>,
    Path(place): Path<usize>,
    Json(_): Json<Filled>,
) -> Result<impl IntoResponse, StatusCode> {
    let (reply, answer) = oneshot::channel();
    lanes[place % lanes.len()]
        .send((place, reply))
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let state = answer.await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(([(CONTENT_TYPE, "application/json")], state))
}

/// Writes what waits, together, until nobody can ask any more.
async fn write(
    store: Store,
    script: Arc<Script>,
    lane: u16,
    mut jobs: mpsc::Receiver<Job>,
) -> Result<(), store::Error> {
    let mut raw = store.raw(&script.written, lane).await?;
    let (mut places, mut replies) = (Vec::new(), Vec::new());
    while let Some((place, reply)) = jobs.recv().await {
        places.push(place);
        replies.push(reply);
        while places.len() < TOGETHER
            && let Ok((place, reply)) = jobs.try_recv()
        {
            places.push(place);
            replies.push(reply);
        }
        raw.together(&places).await?;
        for (place, reply) in places.drain(..).zip(replies.drain(..)) {
            // A client that has gone away misses nothing.
            let _ = reply.send(raw.state(place).to_owned());
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn client(
    mut wire: Wire,
    script: &Script,
    count: usize,
    mut sheet: Sheet,
) -> anyhow::Result<Sheet> {
    let path = format!("/steps/{}", sheet.number);
    for turns in script.cases.iter().cycle().skip(sheet.number).step_by(count) {
        if sheet.is_over() {
            break;
        }
        for turn in turns {
            let key = script::key();
            let began = Instant::now();
            wire.post(&path, Some(&key), &turn.body).await?;
            sheet.note(began);
        }
        sheet.case_is_done();
    }
    Ok(sheet)
}
