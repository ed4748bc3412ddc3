//! `/api/v1/reports`: the reports that the caller may see, and each of a period: as rows, as PDF and as an
//! Excel file.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::caller::{Asked, Caller};
use super::problem::Problem;
use crate::report::{MAX_PRINTED, Table};
use crate::runtime::Unmade;
use crate::web::fail::Fail;
use crate::web::report::File;
use crate::web::session::Here;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Of {
    day: Option<String>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    title: String,
    /// None: the rows of a register, as they are now.
    period: Option<&'static str>,
}

pub(in crate::web) async fn list(Caller(here): Caller) -> Result<Response, Problem> {
    let lines: Vec<Line> = here
        .reports()
        .await?
        .iter()
        .map(|ready| Line {
            id: ready.report.id.value.clone(),
            title: ready.report.title.clone(),
            period: ready.report.period.map(crate::report::Period::name),
        })
        .collect();
    Ok(Json(serde_json::json!({ "reports": lines })).into_response())
}

pub(in crate::web) async fn show(
    Caller(here): Caller,
    Path(id): Path<String>,
    Asked(of): Asked<Of>,
) -> Result<Response, Problem> {
    Ok(Json(table(&here, &id, &of).await?).into_response())
}

/// `pdf` or `xlsx`.
pub(in crate::web) async fn file(
    Caller(here): Caller,
    Path((id, kind)): Path<(String, String)>,
    Asked(of): Asked<Of>,
) -> Result<Response, Problem> {
    let file = File::parse(&kind).ok_or(Fail::NotFound)?;
    let table = table(&here, &id, &of).await?;
    if file == File::Pdf && table.count() > MAX_PRINTED {
        let detail = format!("more than {MAX_PRINTED} rows are not printed; ask for xlsx");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too-many-rows", detail));
    }
    Ok(here.report_file(table, file).await?)
}

async fn table(here: &Here, id: &str, of: &Of) -> Result<Table, Problem> {
    let ready = here.report(id).await?;
    let wrong = || Problem::bad_request("bad-query", "`day` must be a day such as 2026-11-23");
    let day: Date = here.day(of.day.as_deref()).ok_or_else(wrong)?;
    here.table(&ready, day).await.map_err(|unmade| match unmade {
        Unmade::TooMany(many) => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too-many-rows", many.to_string())
        }
        Unmade::Failed(error) => Fail::from(error).into(),
    })
}
