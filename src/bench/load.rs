//! Clients that hand their commands to the runtime, as pages do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clients::{self, Measured, Sheet};
use super::script::{self, ORGANISATION, PROCEDURE, Script, Turn};
use crate::engine::Actor;
use crate::runtime::{Key, Refusal, Runtime};
use crate::store::CaseId;

pub(super) async fn run(
    runtime: &Runtime,
    script: &Arc<Script>,
    count: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let client = |sheet| client(runtime.clone(), Arc::clone(script), count, sheet);
    clients::work(count, time, client).await
}

/// Works whole cases, one step after another.
async fn client(
    runtime: Runtime,
    script: Arc<Script>,
    count: usize,
    mut sheet: Sheet,
) -> anyhow::Result<Sheet> {
    let actors = script::actors(sheet.number);
    for turns in script.cases.iter().cycle().skip(sheet.number).step_by(count) {
        if sheet.is_over() {
            break;
        }
        let mut case = None;
        for turn in turns {
            let at = script::ROLES.iter().position(|role| *role == turn.role).unwrap_or_default();
            let key = script::key();
            let began = Instant::now();
            case = Some(ask(&runtime, &actors[at], case, turn, &key).await?);
            sheet.note(began);
        }
        sheet.case_is_done();
    }
    Ok(sheet)
}

async fn ask(
    runtime: &Runtime,
    actor: &Actor,
    case: Option<CaseId>,
    turn: &Turn,
    key: &str,
) -> Result<CaseId, Refusal> {
    let key = Some(Key::api(key));
    let handled = match (case, &turn.command) {
        (Some(case), Some((_, command))) => {
            runtime.handle(actor, &case, command.clone(), key).await?
        }
        _ => runtime.start_case(actor, ORGANISATION, PROCEDURE, key).await?,
    };
    Ok(handled.case)
}
