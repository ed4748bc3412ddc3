//! P16: one case in a hundred is poison: its stored state is damaged, its open task is gone, its
//! procedure goes round in a circle, or ten million letters are typed into it. Each is refused with
//! an error of its own, its neighbours don't notice, and whatever can still be read can be
//! cancelled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::task::JoinSet;
use tramite::diagnostic::Diagnostics;
use tramite::engine::{CaseStatus, Command, Rejection};
use tramite::expression::{Map, Value};
use tramite::library::{Files, Library};
use tramite::runtime::{Ailment, Error, Refusal, Runtime};
use tramite::store::{self, CaseId};

use super::Plan;
use super::ground::{Ground, close, office};
use super::office::{ORGANISATION, PROCEDURE, actor, complete, request};

const ROUND: &str = include_str!("round.yaml");
const OFFICE: &str = include_str!("office.yaml");

/// Letters of a submission that nobody can have meant.
const HUGE: usize = 10_000_000;

/// One case in so many.
const ONE_IN: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Poison {
    Damaged,
    Bereft,
    Round,
    Huge,
}

const KINDS: [Poison; 4] = [Poison::Damaged, Poison::Bereft, Poison::Round, Poison::Huge];

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let ground = Ground::new(plan.on_postgres)?;
    let url = ground.database("poison");
    let runtime = office(&url).await?;
    runtime.publish(&with_round(), ORGANISATION).await?;
    let (clean, _) = measure(&runtime, plan, Arc::new(Vec::new()), "clean").await?;
    let mut poisoned = Vec::new();
    for place in 0..(plan.cases / ONE_IN).max(KINDS.len()) {
        let kind = KINDS[place % KINDS.len()];
        let procedure = if matches!(kind, Poison::Round) { "round" } else { PROCEDURE };
        let begun = runtime.start_case(&actor(0), ORGANISATION, procedure, None).await?;
        poisoned.push((kind, begun.case));
        let harm = match kind {
            Poison::Damaged => "UPDATE cases SET state = 'x', revision = revision + 1 WHERE id = ",
            Poison::Bereft => "DELETE FROM tasks WHERE case_id = ",
            Poison::Round | Poison::Huge => continue,
        };
        ground.damage(&url, &format!("{harm}{}", literal(begun.case, plan.on_postgres))).await?;
    }
    let poisoned = Arc::new(poisoned);
    let (beside, mut swallowed) = measure(&runtime, plan, Arc::clone(&poisoned), "beside").await?;
    for (kind, case) in poisoned.iter() {
        cancel(&runtime, *kind, *case).await?;
    }
    let found = runtime.doctor().await?;
    let is_harmed = |kind: &Poison| matches!(kind, Poison::Damaged | Poison::Bereft);
    for (kind, case) in poisoned.iter() {
        let is_found = found.iter().any(|ailment| ailment.case == Some(*case));
        ensure!(is_found == is_harmed(kind), "{kind:?} {case}: the doctor says {is_found}");
    }
    // A task that was taken away by hand is missed by the counters of open tasks as well.
    let is_counted = |ailment: &&Ailment| ailment.what.contains("are counted");
    let others = found
        .iter()
        .filter(|ailment| !poisoned.iter().any(|(_, case)| ailment.case == Some(*case)))
        .filter(|ailment| ailment.case.is_some() || !is_counted(ailment));
    ensure!(others.count() == 0, "a neighbour is not well: {found:?}");
    close(&runtime).await;
    let ratio = beside.as_secs_f64() / clean.as_secs_f64();
    Ok(format!(
        "{}: {} cases of {} clients, {} of them poison (state damaged, task gone, endless loop, 10 MB): each \
         refused with its own error ({}), all others done; p99 of the others {beside:.2?} against {clean:.2?} \
         without poison: {ratio:.2} ×",
        ground.word(),
        plan.cases,
        plan.clients,
        poisoned.len(),
        each(&mut swallowed),
    ))
}

/// How long it took to refuse, by what is wrong.
fn each(swallowed: &mut [(Poison, Duration)]) -> String {
    swallowed.sort_unstable_by_key(|(_, time)| *time);
    let middle = |kind: Poison| {
        let own: Vec<&Duration> =
            swallowed.iter().filter(|(other, _)| *other == kind).map(|(_, time)| time).collect();
        own.get(own.len() / 2).map_or(String::new(), |time| format!("{kind:?} in {time:.1?}"))
    };
    KINDS.map(middle).join(", ")
}

fn with_round() -> Library {
    let files = [("workflows/office.yaml".to_owned(), format!("{OFFICE}---\n{ROUND}"))];
    Library::read(&Files::from(files), &mut Diagnostics::default())
}

fn literal(case: CaseId, on_postgres: bool) -> String {
    if on_postgres {
        format!("'{case}'")
    } else {
        format!("x'{}'", case.to_string().replace('-', ""))
    }
}

/// Works clean cases, and between them gives the poisoned ones their orders; the time within which
/// 99 of a hundred clean orders were done, and that of each poisoned one.
async fn measure(
    runtime: &Runtime,
    plan: Plan,
    poisoned: Arc<Vec<(Poison, CaseId)>>,
    name: &'static str,
) -> anyhow::Result<(Duration, Vec<(Poison, Duration)>)> {
    let mut clients = JoinSet::new();
    for client in 0..plan.clients {
        let (runtime, poisoned) = (runtime.clone(), Arc::clone(&poisoned));
        clients.spawn(async move {
            let (mut times, mut swallowed) = (Vec::new(), Vec::new());
            for round in (client..plan.cases).step_by(plan.clients) {
                if round % ONE_IN == 0 || plan.cases < ONE_IN * KINDS.len() {
                    // Each is tried as often as its neighbours are.
                    let own = poisoned.iter().skip(round / ONE_IN % poisoned.len().max(1)).take(1);
                    for (kind, case) in own {
                        let began = Instant::now();
                        swallow(&runtime, *kind, *case).await?;
                        swallowed.push((*kind, began.elapsed()));
                    }
                }
                times.extend(work(&runtime, client, &format!("{name}-{round}")).await?);
            }
            anyhow::Ok((times, swallowed))
        });
    }
    let (mut times, mut swallowed) = (Vec::new(), Vec::new());
    while let Some(done) = clients.join_next().await {
        let own = done??;
        times.extend(own.0);
        swallowed.extend(own.1);
    }
    times.sort_unstable();
    let slow = times.get((times.len().max(1) - 1) * 99 / 100).context("no order was given")?;
    Ok((*slow, swallowed))
}

async fn work(runtime: &Runtime, client: usize, card: &str) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(2);
    let actor = actor(client);
    let case = runtime.start_case(&actor, ORGANISATION, PROCEDURE, None).await?.case;
    for task in 1..=2 {
        let began = Instant::now();
        let done = runtime.handle(&actor, &case, complete(task, card), None).await;
        done.with_context(|| format!("{case} is no poison, and its task {task} was refused"))?;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// The order is refused, in the way that fits what is wrong.
async fn swallow(runtime: &Runtime, kind: Poison, case: CaseId) -> anyhow::Result<()> {
    let command = match kind {
        Poison::Damaged | Poison::Bereft => request("poison"),
        Poison::Huge => request(&"x".repeat(HUGE)),
        Poison::Round => {
            let submission = Map::from([("amount".to_owned(), Value::text("100"))]);
            Command::CompleteTask { task: 1, submission, choice: None }
        }
    };
    let answer = runtime.handle(&actor(0), &case, command, None).await;
    let fits = match (kind, &answer) {
        (Poison::Damaged, Err(refusal)) => is_damage(refusal),
        (Poison::Bereft, Err(Refusal::Failed(Error::Store(_)))) => true,
        (Poison::Round, Err(Refusal::Rejected(Rejection::NoWayOn { .. }))) => true,
        (Poison::Huge, Err(Refusal::Rejected(Rejection::InvalidSubmission { .. }))) => true,
        _ => false,
    };
    ensure!(fits, "{kind:?} {case} was answered with {answer:?}");
    Ok(())
}

fn is_damage(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Failed(Error::Store(store::Error::Damaged { .. })))
}

async fn cancel(runtime: &Runtime, kind: Poison, case: CaseId) -> anyhow::Result<()> {
    let command = Command::CancelCase { reason: "poison".to_owned() };
    let answer = runtime.handle(&actor(0), &case, command, None).await;
    let fits = match (kind, &answer) {
        (Poison::Damaged, Err(refusal)) => is_damage(refusal),
        (Poison::Bereft, Err(Refusal::Failed(Error::Store(_)))) => true,
        (Poison::Round | Poison::Huge, Ok(done)) => done.state.status == CaseStatus::Cancelled,
        _ => false,
    };
    ensure!(fits, "{kind:?} {case}: cancelling was answered with {answer:?}");
    Ok(())
}
