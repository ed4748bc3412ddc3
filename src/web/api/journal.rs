//! `GET /api/v1/cases/{case}/journal`: what happened to a case, line by line, in order.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::caller::{Asked, Caller, limit};
use super::problem::Problem;
use crate::engine::Record;
use crate::web::fail::Fail;

const USUAL: u32 = 100;
const MOST: u32 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Page {
    /// The last line that is known already.
    #[serde(default)]
    after: u32,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Journal {
    entries: Vec<Value>,
    /// `after` of the next page; nothing when this is the last.
    next: Option<u32>,
}

pub(in crate::web) async fn show(
    Caller(here): Caller,
    Path(id): Path<String>,
    Asked(page): Asked<Page>,
) -> Result<Response, Problem> {
    let limit = limit(page.limit, USUAL, MOST)? as usize;
    let case = here.case(&id).await?;
    let all = here.app.runtime.store().journal(&case.id).await?;
    let mut wanted = all.iter().filter(|record| record.seq > page.after);
    let records: Vec<&Record> = wanted.by_ref().take(limit).collect();
    let next = records.last().filter(|_| wanted.next().is_some()).map(|record| record.seq);
    let entries = records.into_iter().map(line).collect::<Result<_, Problem>>()?;
    Ok(Json(Journal { entries, next }).into_response())
}

/// A line as it is stored, without what a document prints from: that is large, it is printed on the
/// document, and its form is our own affair.
fn line(record: &Record) -> Result<Value, Problem> {
    let mut line = serde_json::to_value(record).map_err(|error| Fail::broken(&error))?;
    if let Value::Object(members) = &mut line {
        members.remove("frozen");
    }
    Ok(line)
}
