//! `GET /api/v1/tasks`: the queue of the person's roles, what is due first first.

use axum::Json;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::caller::{Asked, Caller, limit};
use super::problem::Problem;
use crate::engine::TaskStatus;
use crate::store::{CaseId, QueueFilter, QueueRow};
use crate::web::cursor::{place, written};

const USUAL: u32 = 30;
const MOST: u32 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Wanted {
    /// Only what the person has claimed.
    #[serde(default)]
    mine: bool,
    #[serde(default)]
    search: String,
    limit: Option<u32>,
    after: Option<String>,
}

#[derive(Serialize)]
struct Queue {
    tasks: Vec<Row>,
    /// `after` of the next page; nothing when this is the last.
    next: Option<String>,
}

#[derive(Serialize)]
struct Row {
    case: CaseId,
    task: u32,
    number: String,
    subject: String,
    procedure: String,
    version: u32,
    step: String,
    role: String,
    activity: String,
    status: TaskStatus,
    claimed_by: Option<String>,
    claimed_by_name: Option<String>,
    offered_at: Timestamp,
    opens_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
}

pub(in crate::web) async fn list(
    Caller(here): Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit, USUAL, MOST)?;
    let after = match wanted.after.as_deref().map(place) {
        Some(None) => {
            return Err(Problem::bad_request("bad-query", "`after` is not the `next` of a page"));
        }
        after => after.flatten(),
    };
    let filter = QueueFilter {
        organisation: &here.person.organisation,
        roles: &here.person.roles,
        person: &here.person.id,
        mine_only: wanted.mine,
        search: wanted.search.trim(),
        after,
        limit: limit + 1,
    };
    let mut rows = here.app.runtime.store().queue(&filter).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| has_more).map(|row| written(&row.place()));
    Ok(Json(Queue { tasks: rows.into_iter().map(row).collect(), next }).into_response())
}

fn row(row: QueueRow) -> Row {
    Row {
        case: row.case,
        task: row.task,
        number: row.number,
        subject: row.subject,
        procedure: row.procedure,
        version: row.version,
        step: row.step,
        role: row.role,
        activity: row.activity,
        status: row.status,
        claimed_by: row.claimed_by,
        claimed_by_name: row.claimed_by_name,
        offered_at: row.offered_at,
        opens_at: row.opens_at,
        due_at: row.due_at,
    }
}
