//! `GET /reports`: the reports that the reader may see.

use axum::response::Html;
use serde::Serialize;

use crate::web::fail::Fail;
use crate::web::session::Here;
use crate::web::view;

#[derive(Serialize)]
struct ReportsPage {
    reports: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    href: String,
    title: String,
    says: Option<String>,
    period: Option<String>,
}

pub(in crate::web) async fn show(here: Here) -> Result<Html<String>, Fail> {
    if !here.has_reports {
        return Err(Fail::NotFound);
    }
    let reports = here.reports().await?;
    let line = |ready: &std::sync::Arc<crate::runtime::Ready>| Line {
        href: format!("/reports/{}", ready.report.id.value),
        title: ready.report.title.clone(),
        says: ready.report.says.clone(),
        period: ready
            .report
            .period
            .map(|period| here.speaker.t(&format!("web-report-each-{}", period.name()), &[])),
    };
    let page = ReportsPage { reports: reports.iter().map(line).collect() };
    view::page(&here, "reports.html", page)
}
