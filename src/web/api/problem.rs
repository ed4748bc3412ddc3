//! No, as a program can read it: `application/problem+json` (RFC 9457).
//!
//! `code` is what a program looks at; it never changes. `detail` is for people: what the engine says is
//! in the person's language, what concerns whoever writes the program is English. The type is
//! `about:blank`, so the title is the status in words and adds nothing. What only the operator can mend
//! was logged where it became a [`Fail`].

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::engine::Rejection;
use crate::field::FieldError;
use crate::procedure::Executable;
use crate::runtime::Refusal;
use crate::web::fail::{Fail, RETRY_SECONDS};
use crate::web::rejection::said;
use crate::web::session::Here;
use crate::wording;

const PROBLEM: &str = "application/problem+json";

/// Why a request was not done.
#[derive(Debug)]
pub(in crate::web) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<Wrong>,
    /// Seconds before it is worth trying again.
    retry_after: Option<u64>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize)]
struct Wrong {
    /// Its path; empty for the form as a whole.
    field: String,
    message: String,
}

#[derive(Serialize)]
struct Written<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Wrong],
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    pub(super) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// A problem that is told by its status alone.
    fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::UNAUTHORIZED => ("not-signed-in", "nobody is signed in"),
            StatusCode::FORBIDDEN => ("forbidden", "this request comes from another site"),
            StatusCode::NOT_FOUND => ("not-found", "it isn't there, or not for this person"),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method-not-allowed", "see the header `Allow` for what this address takes")
            }
            StatusCode::REQUEST_TIMEOUT => {
                ("timeout", "it took too long; it may still be done: repeat it with the same key")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "the body is too large"),
            StatusCode::SERVICE_UNAVAILABLE => ("busy", "too much is being asked at once"),
            status if status.is_client_error() => ("unreadable", "this request can't be read"),
            _ => ("broken", "the server failed; its log says why"),
        };
        Self::new(status, code, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, written(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 wants it; no browser knows the scheme, so none shows its own window.
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"tramite\""));
        }
        response
    }
}

fn written(problem: &Problem) -> String {
    let written = Written {
        r#type: "about:blank",
        title: problem.status.canonical_reason().unwrap_or_default(),
        status: problem.status.as_u16(),
        detail: &problem.detail,
        code: problem.code,
        errors: &problem.errors,
    };
    serde_json::to_string(&written).expect("texts and a number are always JSON")
}

impl From<Fail> for Problem {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::NotFound => Self::of_status(StatusCode::NOT_FOUND),
            Fail::SignIn(_) => Self::of_status(StatusCode::UNAUTHORIZED),
            Fail::Rejected { words, .. } => Self::new(StatusCode::CONFLICT, "rejected", words),
            Fail::Busy => {
                let seconds = RETRY_SECONDS.parse().unwrap_or(2);
                Self::of_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(seconds)
            }
            Fail::NothingPublished => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "nothing-published",
                "the organisation has no procedure yet",
            ),
            Fail::Broken => Self::of_status(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

impl From<crate::store::Error> for Problem {
    fn from(error: crate::store::Error) -> Self {
        Fail::from(error).into()
    }
}

/// What a refused command is answered with. The one place where refusals become answers of the API.
pub(super) async fn refused(here: &Here, executable: &Executable, refusal: Refusal) -> Problem {
    let rejection = match refusal {
        Refusal::Rejected(rejection) => rejection,
        refusal => return Fail::from(refusal).into(),
    };
    let detail = match said(here, executable, &rejection).await {
        Ok(words) => words,
        Err(fail) => return fail.into(),
    };
    match &rejection {
        Rejection::InvalidSubmission { errors } => Problem {
            errors: errors.iter().map(|error| wrong(here, error)).collect(),
            ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.code(), detail)
        },
        rejection => Problem::new(StatusCode::CONFLICT, rejection.code(), detail),
    }
}

fn wrong(here: &Here, error: &FieldError) -> Wrong {
    let message = wording::problem(&here.speaker.language, &error.problem);
    Wrong { field: error.path.clone(), message }
}

/// An error that some layer made, or axum: the same, said as a problem. Its headers (`Allow`,
/// `Retry-After`, a cookie) stay.
pub(super) fn of_bare(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_problem = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM);
    if is_problem || !is_error {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    Response::from_parts(parts, Body::from(written(&Problem::of_status(status))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_at_a_busy_moment_is_told_to_come_again() {
        let busy = Problem::from(Fail::from(Refusal::Busy)).into_response();
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(busy.headers()[RETRY_AFTER], RETRY_SECONDS);
    }

    #[test]
    fn an_error_of_a_layer_becomes_a_problem_and_keeps_its_headers() {
        let bare = (StatusCode::METHOD_NOT_ALLOWED, [("allow", "GET")], "text").into_response();
        let said = of_bare(bare);
        assert_eq!(said.headers()["allow"], "GET");
        assert_eq!(said.headers()[CONTENT_TYPE], PROBLEM);
        assert!(!said.headers().contains_key(CONTENT_LENGTH));
        let fine = of_bare((StatusCode::OK, "text").into_response());
        assert_ne!(fine.headers()[CONTENT_TYPE], PROBLEM);
    }
}
