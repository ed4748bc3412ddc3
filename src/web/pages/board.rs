//! `GET /board`: what is stuck, why, and what can be done about it, for those who may cancel cases.
//! `POST /board`: gives back a task that a colleague has claimed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::Query;
use axum::response::{Html, Redirect};
use serde::{Deserialize, Serialize};

use super::refused;
use crate::engine::Command;
use crate::language::Arg;
use crate::procedure::Executable;
use crate::store::{IncidentRow, OpenCount, StuckFilter, StuckRow, StuckStep};
use crate::web::body::{Pairs, Sent, new_key};
use crate::web::cursor::{place, written};
use crate::web::fail::Fail;
use crate::web::house::{may_cancel, procedure_title};
use crate::web::rejection;
use crate::web::session::{Here, local};
use crate::web::speaker::Term;
use crate::web::{routes, view};
use crate::wording::role_title;

/// Tasks on a page.
const PAGE: u32 = 30;
/// More stuck tasks of a step are not counted.
const MOST: u32 = 100;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    procedure: String,
    #[serde(default)]
    step: String,
    after: Option<String>,
}

#[derive(Serialize)]
struct BoardPage {
    procedures: Vec<Watched>,
    is_filtered: bool,
    is_first: bool,
    /// The address of this page without its place, for going on.
    address: String,
    incidents: Vec<Incident>,
    refused: Vec<refused::Line>,
    stuck: Vec<Stuck>,
    next: Option<String>,
}

/// How many tasks of a procedure are open and stuck.
#[derive(Serialize)]
struct Watched {
    title: String,
    href: String,
    is_chosen: bool,
    open: String,
    stuck: Option<String>,
    steps: Vec<WatchedStep>,
}

#[derive(Serialize)]
struct WatchedStep {
    step: String,
    role: String,
    href: String,
    is_chosen: bool,
    open: String,
    stuck: Option<String>,
}

/// A task that is stuck.
#[derive(Serialize)]
struct Stuck {
    href: String,
    case: String,
    task: u32,
    number: String,
    subject: String,
    procedure: String,
    step: String,
    role: String,
    late: Option<Term>,
    /// Why it is stuck, in sentences.
    reasons: Vec<String>,
    holder: Option<String>,
    key: String,
}

/// A job that can't go on by itself.
#[derive(Serialize)]
struct Incident {
    href: String,
    job: String,
    number: String,
    subject: String,
    procedure: String,
    step: String,
    reason: String,
    since: String,
    key: String,
}

/// A procedure that the person may cancel cases of, and its open tasks.
struct Charge {
    executable: Arc<Executable>,
    counts: Vec<OpenCount>,
}

pub(in crate::web) async fn show(
    here: Here,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fail> {
    let charges = charges(&here).await?;
    let store = here.app.runtime.store();
    let held = store.held_roles(&here.person.organisation).await?;
    let steps: Vec<StuckStep> = charges
        .iter()
        .flat_map(|charge| &charge.counts)
        .filter(|count| asked.procedure.is_empty() || count.procedure == asked.procedure)
        .filter(|count| asked.step.is_empty() || count.step == asked.step)
        .map(|count| StuckStep {
            procedure: count.procedure.clone(),
            step: count.step.clone(),
            role: count.role.clone(),
            is_orphan: !held.contains(&count.role),
        })
        .collect();
    let after = asked.after.as_deref().and_then(place);
    let filter = StuckFilter {
        organisation: &here.person.organisation,
        steps: &steps,
        now: here.speaker.now,
        after,
        limit: PAGE + 1,
    };
    let mut rows = store.stuck(&filter).await?;
    let has_more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| has_more).map(|row| written(&row.place()));
    let titles: BTreeMap<String, String> = charges.iter().map(title).collect();
    let stuck = rows.into_iter().map(|row| stuck(&here, &held, &titles, row)).collect();
    let incidents = match after {
        None => incidents(&here, &titles, &asked).await?,
        Some(_) => Vec::new(),
    };
    let executables: Vec<_> = charges.iter().map(|charge| Arc::clone(&charge.executable)).collect();
    let refused = match after {
        None if asked.step.is_empty() => {
            refused::lines(&here, &executables, &asked.procedure).await?
        }
        _ => Vec::new(),
    };
    let page = BoardPage {
        incidents,
        refused,
        procedures: watched(&here, &charges, &asked).await?,
        is_filtered: !asked.procedure.is_empty(),
        is_first: after.is_none(),
        address: address(&asked.procedure, &asked.step),
        stuck,
        next,
    };
    view::page(&here, "board.html", page)
}

/// Gives back what a colleague has; the engine says whether the person may.
pub(in crate::web) async fn release(here: Here, pairs: Pairs) -> Result<Redirect, Fail> {
    let sent = Sent::new(pairs);
    let case = here.case(sent.text("case")).await?;
    let executable = here.app.executable_of(&case).await?;
    let task = sent.text("task").parse().map_err(|_| Fail::NotFound)?;
    let command = Command::ReleaseTask { task };
    match here.app.runtime.handle(&here.actor, &case.id, command, sent.key()).await {
        Ok(_) => Ok(Redirect::to(local(sent.text("back")))),
        Err(refusal) => {
            Err(rejection::refused(&here, &executable, refusal, BOARD.to_owned()).await)
        }
    }
}

const BOARD: &str = "/board";

/// The procedures whose cases the person may cancel. Who is in charge of nothing does not learn that there is
/// a board.
pub(super) async fn in_charge(here: &Here) -> Result<Vec<Arc<Executable>>, Fail> {
    if !here.is_in_charge {
        return Err(Fail::NotFound);
    }
    let newest = here.app.procedures(&here.person.organisation).await?;
    let mine = newest.into_iter().map(|(_, executable)| executable);
    Ok(mine.filter(|executable| may_cancel(executable, &here.actor)).collect())
}

async fn charges(here: &Here) -> Result<Vec<Charge>, Fail> {
    let mine = in_charge(here).await?.into_iter();
    let all = here.app.runtime.store().open_counts(&here.person.organisation).await?;
    let charge = |executable: Arc<Executable>| {
        let id = &executable.procedure.id.value;
        let mut counts: Vec<OpenCount> =
            all.iter().filter(|count| count.procedure == *id).cloned().collect();
        counts.sort_by_key(|count| executable.place(&count.step));
        Charge { executable, counts }
    };
    Ok(mine.map(charge).collect())
}

fn title(charge: &Charge) -> (String, String) {
    (charge.executable.procedure.id.value.clone(), procedure_title(&charge.executable))
}

fn address(procedure: &str, step: &str) -> String {
    match (procedure, step) {
        ("", _) => BOARD.to_owned(),
        (procedure, "") => format!("{BOARD}?procedure={procedure}"),
        (procedure, step) => format!("{BOARD}?procedure={procedure}&step={step}"),
    }
}

async fn watched(here: &Here, charges: &[Charge], asked: &Asked) -> Result<Vec<Watched>, Fail> {
    let counts: Vec<OpenCount> =
        charges.iter().flat_map(|charge| charge.counts.iter().cloned()).collect();
    let store = here.app.runtime.store();
    let organisation = &here.person.organisation;
    let stuck = store.stuck_counts(organisation, &counts, here.speaker.now).await?;
    let counted = |count: &OpenCount| {
        let of = (count.procedure.clone(), count.step.clone(), count.role.clone());
        stuck.get(&of).copied().unwrap_or_default()
    };
    let one = |charge: &Charge| {
        let id = &charge.executable.procedure.id.value;
        let steps = charge.counts.iter().map(|count| WatchedStep {
            step: here.speaker.step(&count.step),
            role: role_title(&here.organisation, &count.role),
            href: address(id, &count.step),
            is_chosen: asked.procedure == *id && asked.step == count.step,
            open: number(here, count.open, false),
            stuck: at_most(here, counted(count).into(), counted(count) > MOST),
        });
        let all: i64 = charge.counts.iter().map(|count| i64::from(counted(count).min(MOST))).sum();
        let is_more = charge.counts.iter().any(|count| counted(count) > MOST);
        Watched {
            title: procedure_title(&charge.executable),
            href: address(id, ""),
            is_chosen: asked.procedure == *id,
            open: number(here, charge.counts.iter().map(|count| count.open).sum(), false),
            stuck: at_most(here, all, is_more),
            steps: steps.collect(),
        }
    };
    Ok(charges.iter().filter(|charge| !charge.counts.is_empty()).map(one).collect())
}

/// What machines can't do, of the procedures that the person looks after.
async fn incidents(
    here: &Here,
    titles: &BTreeMap<String, String>,
    asked: &Asked,
) -> Result<Vec<Incident>, Fail> {
    let (organisation, store) = (&here.person.organisation, here.app.runtime.store());
    let rows = store.incidents(organisation, &asked.procedure, PAGE).await?;
    let is_theirs = |row: &IncidentRow| {
        titles.contains_key(&row.procedure) && (asked.step.is_empty() || asked.step == row.step)
    };
    let incident = |row: IncidentRow| Incident {
        href: routes::case(&row.case),
        job: routes::job(&row.case, row.job),
        number: row.number,
        subject: row.subject,
        procedure: titles.get(&row.procedure).cloned().unwrap_or(row.procedure),
        step: here.speaker.step(&row.step),
        reason: row.reason,
        since: here.speaker.when(row.since),
        key: new_key(),
    };
    Ok(rows.into_iter().filter(is_theirs).map(incident).collect())
}

/// Nothing where there is none.
fn at_most(here: &Here, count: i64, is_more: bool) -> Option<String> {
    let shown = if is_more { count.min(count / i64::from(MOST) * i64::from(MOST)) } else { count };
    (count > 0).then(|| number(here, shown, is_more))
}

fn number(here: &Here, count: i64, is_more: bool) -> String {
    let key = if is_more { "web-board-more-than" } else { "web-count" };
    here.speaker.t(key, &[("count", count.into())])
}

fn stuck(
    here: &Here,
    held: &BTreeSet<String>,
    titles: &BTreeMap<String, String>,
    row: StuckRow,
) -> Stuck {
    let speaker = &here.speaker;
    let role = role_title(&here.organisation, &row.role);
    let holder = row.claimed_by_name.or(row.claimed_by);
    let late = row.due_at.filter(|due| *due < speaker.now).map(|due| speaker.due(due));
    let mut reasons = Vec::new();
    let mut say = |key: &str, args: &[(&str, Arg<'_>)]| reasons.push(speaker.t(key, args));
    if !held.contains(&row.role) {
        say("web-board-orphan", &[("role", Arg::from(&role))]);
    }
    match &holder {
        Some(name) if !row.is_holder_active => say("web-board-left", &[("name", name.into())]),
        Some(name) => say("web-board-held", &[("name", name.into())]),
        None => say("web-board-unclaimed", &[]),
    }
    let since = speaker.when(row.offered_at);
    let key = if row.due_at.is_none() { "web-board-waits" } else { "web-board-since" };
    say(key, &[("when", since.into())]);
    Stuck {
        href: routes::case(&row.case),
        case: row.case.to_string(),
        task: row.task,
        number: row.number,
        subject: row.subject,
        procedure: titles.get(&row.procedure).cloned().unwrap_or(row.procedure),
        step: speaker.step(&row.step),
        role,
        late,
        reasons,
        holder,
        key: new_key(),
    }
}
