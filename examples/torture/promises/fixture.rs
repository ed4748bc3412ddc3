//! Makes the database of this release that later releases are tested with:
//! `tests/fixtures/README.md`.

use anyhow::ensure;
use tramite::engine::Command;
use tramite::runtime::{Clock, Runtime};
use tramite::store::Store;

use super::audit::well;
use super::ground::close;
use super::office::{ORGANISATION, PROCEDURE, actor, complete, library, person};

/// Cases at every place: begun, claimed, gone on, sent back, ended, cancelled.
pub async fn make(path: &str) -> anyhow::Result<String> {
    ensure!(!std::path::Path::new(path).exists(), "{path} is there already");
    let clock = Clock::manual("2026-11-23T09:00:00Z".parse()?);
    let runtime = Runtime::start(Store::open(path).await?, clock.clone()).await?;
    runtime.publish(&library(), ORGANISATION).await?;
    for client in 0..2 {
        runtime.store().save_person(&person(client, None)).await?;
    }
    let back = Command::CompleteTask {
        task: 2,
        submission: tramite::expression::Map::new(),
        choice: Some("Return".to_owned()),
    };
    let cancel = Command::CancelCase { reason: "withdrawn".to_owned() };
    let ways: [&[Command]; 6] = [
        &[],
        &[Command::ClaimTask { task: 1 }],
        &[complete(1, "A-1")],
        &[complete(1, "A-2"), back],
        &[complete(1, "A-3"), complete(2, "")],
        &[complete(1, "A-4"), cancel],
    ];
    for way in ways {
        clock.advance(jiff::SignedDuration::from_mins(10));
        let case = runtime.start_case(&actor(0), ORGANISATION, PROCEDURE, None).await?.case;
        for command in way {
            clock.advance(jiff::SignedDuration::from_mins(1));
            runtime.handle(&actor(0), &case, command.clone(), None).await?;
        }
    }
    well(&runtime).await?;
    close(&runtime).await;
    Ok(format!("{path}: {} cases", ways.len()))
}
