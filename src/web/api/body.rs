//! A body of JSON as a typed value. The content type is demanded even where the body is empty: no form
//! of another site can send it, so that a cookie alone is never enough to change anything.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::web::App;

/// What was sent. An empty body is `{}`.
pub(in crate::web) struct Body<T>(pub(super) T);

/// Where the address says everything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Nothing {}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "send `Content-Type: application/json`",
            ));
        }
        let read = Bytes::from_request(request, app).await;
        let bytes = read.map_err(|refused| match refused.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large("the body has more than 2 MiB"),
            _ => Problem::bad_request("unreadable", "the body broke off"),
        })?;
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        match serde_json::from_slice(text) {
            Ok(read) => Ok(Self(read)),
            Err(error) => Err(Problem::bad_request("bad-json", error.to_string())),
        }
    }
}

pub(super) fn too_large(detail: &str) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_json() {
        let is = |kind: &'static str| {
            is_json(&HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().expect("header"))]))
        };
        assert!(is("application/json") && is("Application/JSON ; charset=utf-8"));
        assert!(!is("text/plain") && !is("application/x-www-form-urlencoded") && !is(""));
        assert!(!is("text/plain; application/json") && !is_json(&HeaderMap::new()));
    }
}
