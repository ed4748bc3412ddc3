//! The API: JSON in, JSON out, below `/api/v1`, for programs. `docs/api.md` is its reference.
//!
//! One file per resource; each handler has the four moves of a page, asks the same doors (`Here::case`,
//! `Here::desk`) who may see what, and gives the same commands to the runtime. No rule about cases
//! stands here. What differs from the pages is only how things are said:
//!
//! - `caller` and `body` read a request, `key` its `Idempotency-Key`;
//! - `answer` says what a command did, from nothing but what the runtime handed back, so that the answer
//!   to a repeated command is the first one byte by byte;
//! - `problem` says no, as RFC 9457 wants it said.
//!
//! Released bodies only ever gain members; a change of meaning would be `/api/v2`.

mod answer;
mod body;
mod caller;
pub(super) mod cases;
pub(super) mod items;
pub(super) mod jobs;
pub(super) mod journal;
mod key;
pub(super) mod ledgers;
pub(super) mod made;
pub(super) mod me;
pub(super) mod messages;
mod problem;
pub(super) mod reports;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod task;
pub(super) mod tasks;

use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;

/// Whether an address is the API's, known or not.
pub(super) fn is_below(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// An answer as it leaves, also one that no handler of ours has made: errors are problems, and nothing
/// stays in a cache on the way.
pub(super) fn finished(response: Response) -> Response {
    let mut response = problem::of_bare(response);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
