//! `GET /cases`: every case of the organisation, newest first, by number, subject, procedure and status.

use axum::extract::Query;
use axum::response::Html;
use serde::{Deserialize, Serialize};

use crate::engine::CaseStatus;
use crate::procedure::{COMPLETED, Executable};
use crate::store::{CaseFilter, CasePlace, CaseRow};
use crate::web::fail::Fail;
use crate::web::house::procedure_title;
use crate::web::session::Here;
use crate::web::{routes, view};
use crate::wording::role_title;

/// Cases on a page.
const PAGE: u32 = 25;
/// Open steps of a case that are told in its line; its own page tells more.
const MOST_STANDS: usize = 3;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    search: String,
    #[serde(default)]
    procedure: String,
    #[serde(default)]
    status: String,
    before: Option<String>,
}

#[derive(Serialize)]
struct CasesPage {
    search: String,
    procedure: String,
    status: String,
    is_filtered: bool,
    procedures: Vec<Procedure>,
    statuses: [&'static str; 3],
    cases: Vec<Line>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Procedure {
    id: String,
    title: String,
}

#[derive(Serialize)]
struct Line {
    href: String,
    number: String,
    subject: String,
    procedure: String,
    status: &'static str,
    outcome: Option<String>,
    /// Where it stands: step and role of open tasks, what is late before the rest.
    stands: Vec<Stand>,
    /// Open tasks that are not told.
    more: usize,
    started: String,
}

#[derive(Serialize)]
struct Stand {
    step: String,
    role: String,
    is_late: bool,
}

pub(in crate::web) async fn show(
    here: Here,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fail> {
    let search = asked.search.trim();
    let filter = CaseFilter {
        organisation: &here.person.organisation,
        procedure: Some(asked.procedure.as_str()).filter(|id| !id.is_empty()),
        status: status(&asked.status),
        search,
        before: asked.before.as_deref().and_then(place),
        limit: PAGE,
    };
    let found = here.app.runtime.store().cases_page(&filter).await?;
    let (cases, next) = (found.rows, found.next.as_ref().map(written));
    let newest = here.app.procedures(&here.person.organisation).await?;
    let procedures: Vec<Procedure> = newest.iter().map(|(_, one)| procedure(one)).collect();
    let page = CasesPage {
        is_filtered: !search.is_empty() || filter.procedure.is_some() || filter.status.is_some(),
        search: search.to_owned(),
        cases: cases.iter().map(|case| line(&here, &procedures, case)).collect(),
        procedure: asked.procedure,
        status: asked.status,
        procedures,
        statuses: ["running", "ended", "cancelled"],
        next,
    };
    view::page(&here, "cases.html", page)
}

fn procedure(executable: &std::sync::Arc<Executable>) -> Procedure {
    Procedure { id: executable.procedure.id.value.clone(), title: procedure_title(executable) }
}

fn line(here: &Here, procedures: &[Procedure], case: &CaseRow) -> Line {
    let title = procedures.iter().find(|procedure| procedure.id == case.procedure);
    let stand = |task: &crate::engine::Task| Stand {
        step: here.speaker.step(&task.step),
        role: role_title(&here.organisation, &task.role),
        is_late: task.due_at.is_some_and(|due| due < here.speaker.now),
    };
    let mut stands: Vec<Stand> = case.state.tasks.values().map(stand).collect();
    stands.sort_by_key(|stand| !stand.is_late);
    let more = stands.len().saturating_sub(MOST_STANDS);
    stands.truncate(MOST_STANDS);
    Line {
        href: routes::case(&case.id),
        number: case.number.clone(),
        subject: case.subject.clone(),
        procedure: title.map_or_else(|| case.procedure.clone(), |known| known.title.clone()),
        status: case.status.name(),
        outcome: case.outcome.as_deref().map(|outcome| outcome_words(here, outcome)),
        stands,
        more,
        started: here.speaker.when(case.started_at),
    }
}

/// How a case ended: the owner's own word, or the plain one.
pub(in crate::web) fn outcome_words(here: &Here, outcome: &str) -> String {
    match outcome {
        COMPLETED => here.speaker.t("outcome-completed", &[]),
        own => own.to_owned(),
    }
}

fn status(text: &str) -> Option<CaseStatus> {
    [CaseStatus::Running, CaseStatus::Ended, CaseStatus::Cancelled]
        .into_iter()
        .find(|status| status.name() == text)
}

fn written((at, id): &CasePlace) -> String {
    format!("{at}.{id}")
}

fn place(text: &str) -> Option<CasePlace> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}
