//! Every URL of the product.

use axum::Router;
use axum::routing::{get, post};

use super::{App, api, assets, fail, pages};

/// What can be asked for, and who answers.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(pages::queue::show))
        .route("/sign-in", get(pages::sign_in::show).post(pages::sign_in::submit))
        .route("/sign-out", post(pages::sign_out::submit))
        .route("/language", post(pages::language::submit))
        .route("/board", get(pages::board::show).post(pages::board::release))
        .route("/board/refused", post(pages::refused::submit))
        .route("/cases", get(pages::cases::show).post(pages::start::submit))
        .route("/cases/{case}", get(pages::case::show))
        .route("/cases/{case}/cancel", post(pages::cancel::submit))
        .route("/cases/{case}/jobs/{job}", get(pages::job::show).post(pages::job::submit))
        .route("/cases/{case}/jobs/{job}/retry", post(pages::job::retry))
        .route("/cases/{case}/blocks/{block}", post(pages::items::submit))
        .route("/cases/{case}/documents/{no}", get(pages::document::show))
        .route("/cases/{case}/tasks/{task}", get(pages::task::show).post(pages::task::submit))
        .route("/cases/{case}/tasks/{task}/claim", post(pages::claim::claim))
        .route("/cases/{case}/tasks/{task}/release", post(pages::claim::release))
        .route("/cases/{case}/tasks/{task}/drafts/{document}", get(pages::document::draft))
        .route("/ledgers", get(pages::ledgers::show))
        .route("/ledgers/{ledger}", get(pages::ledgers::one))
        .route("/ledgers/{ledger}/item", get(pages::movements::show))
        .route("/reports", get(pages::reports::show))
        .route("/reports/{report}", get(pages::report::show))
        .route("/reports/{report}/{kind}", get(pages::report::file))
        .route("/reports/{report}/made/{due}/{kind}", get(pages::made::file))
        .route("/api/v1/sign-in", post(api::sign_in::submit))
        .route("/api/v1/sign-out", post(api::sign_out::submit))
        .route("/api/v1/me", get(api::me::show))
        .route("/api/v1/tasks", get(api::tasks::list))
        .route("/api/v1/cases", post(api::cases::start))
        .route("/api/v1/cases/{case}", get(api::cases::show))
        .route("/api/v1/cases/{case}/journal", get(api::journal::show))
        .route("/api/v1/cases/{case}/cancel", post(api::cases::cancel))
        .route("/api/v1/cases/{case}/blocks/{block}/items", post(api::items::add))
        .route("/api/v1/cases/{case}/blocks/{block}/close", post(api::items::close))
        .route("/api/v1/cases/{case}/tasks/{task}/claim", post(api::task::claim))
        .route("/api/v1/cases/{case}/tasks/{task}/release", post(api::task::release))
        .route("/api/v1/cases/{case}/tasks/{task}/complete", post(api::task::complete))
        .route("/api/v1/jobs/fetch", post(api::jobs::fetch))
        .route("/api/v1/cases/{case}/jobs/{job}/complete", post(api::jobs::complete))
        .route("/api/v1/cases/{case}/jobs/{job}/fail", post(api::jobs::fail))
        .route("/api/v1/cases/{case}/jobs/{job}/extend", post(api::jobs::extend))
        .route("/api/v1/cases/{case}/jobs/{job}/retry", post(api::jobs::retry))
        .route("/api/v1/messages", post(api::messages::send))
        .route("/api/v1/messages/{id}", get(api::messages::show))
        .route("/api/v1/signals", post(api::messages::give))
        .route("/api/v1/ledgers", get(api::ledgers::list))
        .route("/api/v1/ledgers/{ledger}", get(api::ledgers::show))
        .route("/api/v1/ledgers/{ledger}/movements", get(api::ledgers::movements))
        .route("/api/v1/reports", get(api::reports::list))
        .route("/api/v1/reports/{report}", get(api::reports::show))
        .route("/api/v1/reports/{report}/{kind}", get(api::reports::file))
        .route("/api/v1/reports/{report}/made", get(api::made::list))
        .route("/api/v1/reports/{report}/made/{due}", get(api::made::show))
        .route("/api/v1/reports/{report}/made/{due}/{kind}", get(api::made::file))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .route("/favicon.ico", get(assets::favicon))
        .route("/health", get(pages::health::show))
        .fallback(fail::not_found)
}

/// The address of a case's page.
pub(super) fn case(case: &crate::store::CaseId) -> String {
    format!("/cases/{case}")
}

/// The address of a case in the API.
pub(super) fn api_case(case: &crate::store::CaseId) -> String {
    format!("/api/v1/cases/{case}")
}

/// The address of the page of a stuck job.
pub(super) fn job(case: &crate::store::CaseId, job: u32) -> String {
    format!("/cases/{case}/jobs/{job}")
}

/// The address of a block to which items are added.
pub(super) fn block(case: &crate::store::CaseId, block: u32) -> String {
    format!("/cases/{case}/blocks/{block}")
}

/// The address of a task's page.
pub(super) fn task(case: &crate::store::CaseId, task: u32) -> String {
    format!("/cases/{case}/tasks/{task}")
}

/// Case and number of the task at an address.
pub(super) fn task_of(path: &str) -> Option<(&str, u32)> {
    let (case, task) = path.strip_prefix("/cases/")?.split_once("/tasks/")?;
    Some((case, task.parse().ok()?))
}

/// The address of an issued document.
pub(super) fn document(case: &crate::store::CaseId, no: u32) -> String {
    format!("/cases/{case}/documents/{no}")
}
