//! `GET /`: my queue. First what I hold, then what is free in my roles by when it is due, then the
//! procedures that I may start.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Query;
use axum::response::Html;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::procedure::Executable;
use crate::store::{QueueFilter, QueueRow};
use crate::web::body::new_key;
use crate::web::cursor::{place, written};
use crate::web::fail::Fail;
use crate::web::house::procedure_title;
use crate::web::session::Here;
use crate::web::speaker::Term;
use crate::web::waits::reminded;
use crate::web::{routes, view};
use crate::wording::role_title;

/// Tasks on a page.
const PAGE: u32 = 30;
/// Own tasks that are shown; nobody should hold so many.
const MOST_OWN: u32 = 100;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    search: String,
    after: Option<String>,
}

#[derive(Serialize)]
struct QueuePage {
    today: String,
    search: String,
    is_first: bool,
    mine: Vec<Card>,
    free: Vec<Card>,
    /// The place of the next page.
    next: Option<String>,
    starts: Vec<Start>,
}

/// One task of a list.
#[derive(Serialize)]
struct Card {
    href: String,
    number: String,
    subject: String,
    procedure: String,
    step: String,
    /// The branch that the step stands in, where several are open at once.
    branch: Option<String>,
    activity: String,
    /// Only told to people with several roles.
    role: Option<String>,
    due: Option<Term>,
    opens: Option<String>,
    offered: String,
    holder: Option<String>,
    /// Reminders.
    notes: Vec<String>,
    is_mine: bool,
    key: String,
}

/// A procedure that may be started.
#[derive(Serialize)]
struct Start {
    procedure: String,
    section: Option<String>,
    title: String,
    key: String,
}

pub(in crate::web) async fn show(
    here: Here,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fail> {
    let search = asked.search.trim();
    let after = asked.after.as_deref().and_then(place);
    let filter = |mine_only, after, limit| QueueFilter {
        organisation: &here.person.organisation,
        roles: &here.person.roles,
        person: &here.person.id,
        mine_only,
        search,
        after,
        limit,
    };
    let store = here.app.runtime.store();
    let is_first = after.is_none();
    let mine =
        if is_first { store.queue(&filter(true, None, MOST_OWN)).await? } else { Vec::new() };
    let found = store.queue_page(&filter(false, after, PAGE)).await?;
    let (mut free, next) = (found.rows, found.next.as_ref().map(written));
    free.retain(|row| row.claimed_by.as_ref() != Some(&here.person.id));
    let known = executables(&here, mine.iter().chain(&free)).await?;
    let cards = |rows: Vec<QueueRow>| -> Vec<Card> {
        rows.into_iter().map(|row| card(&here, &known, row)).collect()
    };
    let page = QueuePage {
        today: here.speaker.language.long_date(here.speaker.today()),
        search: search.to_owned(),
        is_first,
        mine: cards(mine),
        free: cards(free),
        next,
        starts: starts(&here).await?,
    };
    view::page(&here, "queue.html", page)
}

type Known = BTreeMap<(String, u32), Arc<Executable>>;

/// What the rows' cases run on, for the titles of their procedures.
async fn executables(here: &Here, rows: impl Iterator<Item = &QueueRow>) -> Result<Known, Fail> {
    let mut known = Known::new();
    for row in rows {
        let key = (row.procedure.clone(), row.version);
        if known.contains_key(&key) {
            continue;
        }
        let organisation = &here.person.organisation;
        let found = here.app.runtime.executable(organisation, &row.procedure, row.version).await?;
        known.extend(found.map(|executable| (key, executable)));
    }
    Ok(known)
}

fn card(here: &Here, known: &Known, row: QueueRow) -> Card {
    let speaker = &here.speaker;
    let executable = known.get(&(row.procedure.clone(), row.version));
    let is_mine = row.claimed_by.as_ref() == Some(&here.person.id);
    let is_shut = |at: &Timestamp| *at > speaker.now;
    Card {
        href: routes::task(&row.case, row.task),
        branch: executable.and_then(|executable| executable.branch(&row.step)),
        procedure: executable.map_or(row.procedure, |executable| procedure_title(executable)),
        number: row.number,
        subject: row.subject,
        step: speaker.step(&row.step),
        activity: row.activity,
        role: (here.person.roles.len() > 1).then(|| short_role(here, &row.role)),
        due: row.due_at.map(|at| speaker.due(at)),
        opens: row.opens_at.filter(is_shut).map(|at| speaker.when(at)),
        offered: speaker.when(row.offered_at),
        holder: row.claimed_by_name.or(row.claimed_by).filter(|_| !is_mine),
        notes: reminded(here, row.reminders),
        is_mine,
        key: new_key(),
    }
}

/// A role by its abbreviation where it has one: a card has little room.
fn short_role(here: &Here, id: &str) -> String {
    let short = here.organisation.role(id).and_then(|role| role.short.clone());
    short.unwrap_or_else(|| role_title(&here.organisation, id))
}

async fn starts(here: &Here) -> Result<Vec<Start>, Fail> {
    let newest = here.app.procedures(&here.person.organisation).await?;
    let may = |executable: &Executable| {
        executable.procedure.starts.by.iter().any(|role| here.actor.has(role))
    };
    let start = |executable: &Executable| Start {
        procedure: executable.procedure.id.value.clone(),
        section: executable.procedure.section.clone(),
        title: executable.procedure.title.clone(),
        key: new_key(),
    };
    Ok(newest.iter().map(|(_, one)| one.as_ref()).filter(|one| may(one)).map(start).collect())
}
