//! P8: many people on several servers want the same task at the same moment. One gets it, and it is
//! completed once; whoever gave it back and forgot about it can't complete it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use anyhow::{bail, ensure};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tramite::engine::{Command, Entry, Rejection};
use tramite::runtime::{Handled, Refusal, Runtime};
use tramite::store::CaseId;

use super::Plan;
use super::audit::well;
use super::chance::Chance;
use super::ground::{Ground, close, engine, office};
use super::office::{ORGANISATION, PROCEDURE, actor, complete};

/// Tasks that are raced for between two times that everybody waits for everybody.
const HEAT: usize = 50;

struct Race {
    runtimes: Vec<Runtime>,
    cases: Vec<CaseId>,
    /// Who completed each.
    winners: Vec<AtomicU32>,
    refused: AtomicUsize,
    line: Barrier,
}

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let ground = Ground::new(plan.on_postgres)?;
    let url = ground.database("claims");
    let mut runtimes = vec![office(&url).await?];
    // One server is what SQLite is made for.
    for _ in 1..if plan.on_postgres { 3 } else { 1 } {
        runtimes.push(engine(&url).await?);
    }
    let cases = begin(&runtimes, plan.cases).await?;
    let (begun, late) = cases.split_at(cases.len() - cases.len() / 10);
    let race = Arc::new(Race {
        runtimes,
        cases: begun.to_vec(),
        winners: begun.iter().map(|_| AtomicU32::new(0)).collect(),
        refused: AtomicUsize::new(0),
        line: Barrier::new(plan.clients),
    });
    let mut clients = JoinSet::new();
    for client in 0..plan.clients {
        clients.spawn(run_for(Arc::clone(&race), client, Chance::new(plan.seed, client)));
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    check(&race).await?;
    let mut chance = Chance::new(plan.seed, plan.clients);
    for case in late {
        paused(&race.runtimes, *case, &mut chance).await?;
    }
    well(&race.runtimes[0]).await?;
    for runtime in &race.runtimes {
        close(runtime).await;
    }
    Ok(format!(
        "{}: {} tasks, {} clients on {} server(s): each had one holder and was completed once, {} others \
         were refused; {} late completions of paused holders, all refused",
        ground.word(),
        race.cases.len(),
        plan.clients,
        race.runtimes.len(),
        race.refused.load(Ordering::SeqCst),
        late.len() * 2,
    ))
}

async fn begin(runtimes: &[Runtime], cases: usize) -> anyhow::Result<Vec<CaseId>> {
    let mut begun = Vec::with_capacity(cases);
    while begun.len() < cases {
        let some = (begun.len()..cases.min(begun.len() + 200)).map(|case| {
            let runtime = runtimes[case % runtimes.len()].clone();
            async move { runtime.start_case(&actor(0), ORGANISATION, PROCEDURE, None).await }
        });
        let mut some: JoinSet<_> = some.collect();
        while let Some(done) = some.join_next().await {
            begun.push(done??.case);
        }
    }
    Ok(begun)
}

/// One client's part: claims every task as soon as it can, and completes those that it got.
async fn run_for(race: Arc<Race>, client: usize, mut chance: Chance) -> anyhow::Result<()> {
    for heat in (0..race.cases.len()).step_by(HEAT) {
        race.line.wait().await;
        let heat = heat..race.cases.len().min(heat + HEAT);
        let first = chance.below(heat.len());
        for place in 0..heat.len() {
            // Not all from the same end: else the first would have the first task every time.
            let place = heat.start + (first + place / 8 * 8) % heat.len();
            let case = race.cases[place];
            let runtime = chance.of(&race.runtimes).clone();
            match ask(&runtime, client, case, Command::ClaimTask { task: 1 }).await? {
                Ok(claimed) if claimed.records.is_empty() => continue,
                Ok(_) => {}
                Err(Rejection::ClaimedByAnother { .. } | Rejection::TaskNotOpen) => {
                    race.refused.fetch_add(1, Ordering::SeqCst);
                    // Without the right to it: the engine has to refuse this, too.
                    let stolen = ask(&runtime, client, case, complete(1, "stolen")).await?;
                    ensure!(stolen.is_err(), "case {case}: completed by somebody without a claim");
                    continue;
                }
                Err(other) => bail!("case {case}: claiming was refused with {other:?}"),
            }
            let before = race.winners[place].fetch_add(1 + client as u32, Ordering::SeqCst);
            ensure!(before == 0, "case {case}: {} and {client} hold task 1", before - 1);
            let runtime = chance.of(&race.runtimes).clone();
            let done = ask(&runtime, client, case, complete(1, &client.to_string())).await?;
            ensure!(done.is_ok(), "case {case}: its holder could not complete: {done:?}");
        }
    }
    Ok(())
}

/// Claimed once, by whom it was said, and completed once, by the same.
async fn check(race: &Race) -> anyhow::Result<()> {
    for (case, winner) in race.cases.iter().zip(&race.winners) {
        let winner = winner.load(Ordering::SeqCst);
        if winner == 0 {
            continue;
        }
        let winner = actor(winner as usize - 1).id;
        let journal = race.runtimes[0].store().journal(case).await?;
        let of = |is: fn(&Entry) -> bool| -> Vec<&str> {
            let own = journal.iter().filter(|record| is(&record.entry));
            own.map(|record| record.actor.as_str()).collect()
        };
        let claimed = of(|entry| matches!(entry, Entry::TaskClaimed { task: 1, .. }));
        let done = of(|entry| matches!(entry, Entry::TaskCompleted { task: 1, .. }));
        ensure!(claimed == [&winner] && done == [&winner], "case {case}: {claimed:?}, {done:?}");
    }
    Ok(())
}

/// Somebody claims a task, gives it back elsewhere and forgets about it; another claims it. The
/// first one's completion comes late: before the other's, at the same moment, or after it.
async fn paused(runtimes: &[Runtime], case: CaseId, chance: &mut Chance) -> anyhow::Result<()> {
    let mut on = || chance.of(runtimes).clone();
    let done = |what: &str, answer: Result<Handled, Rejection>| match answer {
        Ok(_) => Ok(()),
        Err(rejection) => Err(anyhow::anyhow!("case {case}: {what}: {rejection:?}")),
    };
    done("claims", ask(&on(), 1, case, Command::ClaimTask { task: 1 }).await?)?;
    done("releases", ask(&on(), 1, case, Command::ReleaseTask { task: 1 }).await?)?;
    done("claims after", ask(&on(), 2, case, Command::ClaimTask { task: 1 }).await?)?;
    let (early, holders) = (on(), on());
    let (early, holders) = tokio::join!(
        ask(&early, 1, case, complete(1, "late")),
        ask(&holders, 2, case, complete(1, "holder")),
    );
    done("completes", holders?)?;
    let late = ask(&on(), 1, case, complete(1, "late")).await?;
    for late in [early?, late] {
        let is_refused =
            matches!(late, Err(Rejection::ClaimedByAnother { .. } | Rejection::TaskNotOpen));
        ensure!(is_refused, "case {case}: a late completion was answered with {late:?}");
    }
    Ok(())
}

/// Asks again as long as too much is being asked.
async fn ask(
    runtime: &Runtime,
    client: usize,
    case: CaseId,
    command: Command,
) -> anyhow::Result<Result<Handled, Rejection>> {
    loop {
        match runtime.handle(&actor(client), &case, command.clone(), None).await {
            Ok(handled) => return Ok(Ok(handled)),
            Err(Refusal::Rejected(rejection)) => return Ok(Err(rejection)),
            Err(Refusal::Busy) => tokio::time::sleep(std::time::Duration::from_millis(2)).await,
            Err(refusal) => return Err(refusal.into()),
        }
    }
}
