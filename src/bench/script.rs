//! The script of a measurement: whole cases of the reference procedure, recorded once in memory. For
//! each step what a client asks, as a command and as JSON, and the rows that the runtime wrote for it.

use serde_json::json;
use uuid::Uuid;

use super::reference;
use crate::engine::{Actor, Command};
use crate::runtime::{Clock, Key, Runtime};
use crate::store::{Step, Store};

pub(super) const ORGANISATION: &str = "reference";
pub(super) const PROCEDURE: &str = "connection";

/// The role that begins cases.
const STARTER: &str = "clerk";

pub(super) const ROLES: [&str; 4] = ["clerk", "engineer", "cashier", "manager"];

/// Desks that the cases were recorded at.
const DESKS: usize = 64;

pub(super) struct Script {
    pub(super) cases: Vec<Vec<Turn>>,
    /// What each turn wrote.
    pub(super) written: Vec<Vec<Step>>,
}

/// What is asked at one step.
pub(super) struct Turn {
    pub(super) role: String,
    /// None: the case begins.
    pub(super) command: Option<(u32, Command)>,
    /// The same for the API.
    pub(super) body: String,
}

pub(super) async fn record(cases: usize) -> anyhow::Result<Script> {
    let runtime = Runtime::start(Store::memory().await?, Clock::System).await?;
    let library = reference::library();
    runtime.publish(&library, ORGANISATION).await?;
    let mut script = Script { cases: Vec::new(), written: Vec::new() };
    for seed in 0..cases {
        let (turns, written) = work(&runtime, seed).await?;
        script.cases.push(turns);
        script.written.push(written);
    }
    runtime.shutdown().await;
    runtime.store().close().await;
    Ok(script)
}

async fn work(runtime: &Runtime, seed: usize) -> anyhow::Result<(Vec<Turn>, Vec<Step>)> {
    let executable = runtime.executable(ORGANISATION, PROCEDURE, 1).await?;
    let executable = executable.ok_or_else(|| anyhow::anyhow!("{PROCEDURE} is not there"))?;
    let actor = |role: &str| reference::actor(role, seed % DESKS);
    let (starter, own) = (actor(STARTER), key());
    let own = Some(Key::api(&own));
    let mut handled = runtime.start_case(&starter, ORGANISATION, PROCEDURE, own).await?;
    let body = json!({ "procedure": PROCEDURE }).to_string();
    let mut turns = vec![Turn { role: STARTER.to_owned(), command: None, body }];
    let mut written = vec![runtime.store().written(&handled.case, &handled.records).await?];
    while let Some((role, command)) = reference::next(&executable, &handled.state, seed as u64) {
        let Command::CompleteTask { task, submission, choice } = &command else { break };
        let (task, body) = (*task, json!({ "data": submission, "choice": choice }).to_string());
        let (actor, own) = (actor(&role), key());
        let own = Some(Key::api(&own));
        handled = runtime.handle(&actor, &handled.case, command.clone(), own).await?;
        turns.push(Turn { role, command: Some((task, command)), body });
        written.push(runtime.store().written(&handled.case, &handled.records).await?);
    }
    Ok((turns, written))
}

/// The person of a role at a desk.
pub(super) fn actors(desk: usize) -> Vec<Actor> {
    ROLES.iter().map(|role| reference::actor(role, desk)).collect()
}

/// A name for a command, as programs make them: chance comes first.
pub(super) fn key() -> String {
    Uuid::from_u128(Uuid::now_v7().as_u128().rotate_left(64)).to_string()
}
