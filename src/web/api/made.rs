//! `/api/v1/reports/{report}/made`: what was made of a report by itself; and each of them as rows, as PDF
//! and as an Excel file.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::caller::{Asked, Caller};
use super::problem::Problem;
use crate::report::MAX_PRINTED;
use crate::runtime::Setback;
use crate::web::fail::Fail;
use crate::web::report::File;

/// In one answer.
const MOST: u32 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Of {
    before: Option<String>,
}

#[derive(Serialize)]
struct Line {
    /// The time of its schedule, by which it is asked for.
    due_at: Timestamp,
    made_at: Timestamp,
    keep_until: Timestamp,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    count: u32,
    /// It could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

pub(in crate::web) async fn list(
    Caller(here): Caller,
    Path(id): Path<String>,
    Asked(of): Asked<Of>,
) -> Result<Response, Problem> {
    let ready = here.report(&id).await?;
    let wrong = || Problem::bad_request("bad-query", "`before` must be a `due_at` of the list");
    let before = of.before.as_deref().map_or(Ok(Timestamp::MAX), str::parse);
    let before = before.map_err(|_| wrong())?;
    let name = (here.person.organisation.as_str(), ready.report.id.as_str());
    let rows = here.app.runtime.store().made_reports(name, before, MOST).await?;
    let lines: Vec<Line> = rows
        .into_iter()
        .map(|row| Line {
            due_at: row.due_at,
            made_at: row.made_at,
            keep_until: row.keep_until,
            title: row.title,
            first: row.days.map(|(first, _)| first.to_string()),
            last: row.days.map(|(_, last)| last.to_string()),
            count: row.count,
            problem: row.problem.map(|problem| Setback::read(&problem).to_string()),
        })
        .collect();
    Ok(Json(serde_json::json!({ "made": lines })).into_response())
}

pub(in crate::web) async fn show(
    Caller(here): Caller,
    Path((id, due_at)): Path<(String, String)>,
) -> Result<Response, Problem> {
    Ok(Json(here.made_report(&id, &due_at).await?).into_response())
}

/// `pdf` or `xlsx`.
pub(in crate::web) async fn file(
    Caller(here): Caller,
    Path((id, due_at, kind)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let file = File::parse(&kind).ok_or(Fail::NotFound)?;
    let table = here.made_report(&id, &due_at).await?;
    if file == File::Pdf && table.count() > MAX_PRINTED {
        let detail = format!("more than {MAX_PRINTED} rows are not printed; ask for xlsx");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too-many-rows", detail));
    }
    Ok(here.report_file(table, file).await?)
}
