//! What was made of a report by itself: listed on the report's page, and each as a file.
//!
//! `GET /reports/{report}/made/{due}/{kind}`. Whoever may see the report now may see what was made of it.

use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use crate::report::{Period, Span};
use crate::runtime::{Ready, Setback};
use crate::store::MadeReport;
use crate::web::fail::Fail;
use crate::web::report::File;
use crate::web::session::Here;

/// On a page.
const SHOWN: usize = 12;

/// One that was made, or that could not be.
#[derive(Serialize)]
pub(super) struct Line {
    made: String,
    period: Option<String>,
    count: u32,
    /// Where its files are; none: it could not be made.
    href: Option<String>,
    problem: Option<String>,
}

/// The newest of them before then, and from where the list goes on.
pub(super) async fn lines(
    here: &Here,
    ready: &Ready,
    before: Option<&str>,
) -> Result<(Vec<Line>, Option<String>), Fail> {
    let before = before.map_or(Ok(Timestamp::MAX), str::parse).map_err(|_| Fail::NotFound)?;
    let name = (here.person.organisation.as_str(), ready.report.id.as_str());
    let most = u32::try_from(SHOWN + 1).unwrap_or(u32::MAX);
    let mut rows = here.app.runtime.store().made_reports(name, before, most).await?;
    let has_more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let next = rows.last().filter(|_| has_more).map(|row| row.due_at.to_string());
    Ok((rows.into_iter().map(|row| line(here, ready, row)).collect(), next))
}

fn line(here: &Here, ready: &Ready, row: MadeReport) -> Line {
    let speaker = &here.speaker;
    let period = row.days.map(|(first, last)| {
        let period = ready.report.period.unwrap_or(Period::Day);
        Span { period, first, last }.words(&speaker.language)
    });
    let why = |problem: &String| match Setback::read(problem) {
        Setback::TooManyRows => {
            let most = i64::try_from(crate::report::MAX_ROWS).unwrap_or(i64::MAX);
            speaker.t("web-report-too-many", &[("most", most.into())])
        }
        setback => setback.to_string(),
    };
    Line {
        made: speaker.when(row.made_at),
        period,
        count: row.count,
        href: row.problem.is_none().then(|| format!("/reports/{}/made/{}", row.report, row.due_at)),
        problem: row.problem.as_ref().map(why),
    }
}

pub(in crate::web) async fn file(
    here: Here,
    Path((id, due_at, kind)): Path<(String, String, String)>,
) -> Result<Response, Fail> {
    let file = File::parse(&kind).ok_or(Fail::NotFound)?;
    let table = here.made_report(&id, &due_at).await?;
    here.report_file(table, file).await
}
