//! Every way a page can say no, and the page that says it.
//!
//! A handler answers with a [`Fail`]; [`pages`], around everything, turns it and any other bare error (a
//! body that is too large, a request from another site, a panic) into a page in the reader's language
//! that offers a way back. Below the API's addresses it becomes a problem in JSON instead. What only the operator can mend is logged here, once.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::session::{is_busy, language_of, organisation_if_only};
use super::{App, api, view};
use crate::runtime::Refusal;

/// When it is worth trying again: the queue of commands is done with in less.
pub(super) const RETRY_SECONDS: &str = "2";

/// Why there is no page.
#[derive(Debug, Clone)]
pub(super) enum Fail {
    /// It isn't there, or not for this person.
    NotFound,
    /// Nobody is signed in; the address to come back to.
    SignIn(String),
    /// The engine said no; in words, with a way back.
    Rejected { words: String, back: String },
    /// The queue of commands is full, or the database is held by somebody else.
    Busy,
    /// The organisation has people but no procedure yet.
    NothingPublished,
    /// The machine failed; logged already.
    Broken,
}

/// What the response carries to [`pages`].
#[derive(Clone)]
struct Said {
    words: String,
    back: String,
}

#[derive(Serialize)]
struct ErrorPage {
    status: u16,
    title: String,
    words: String,
    back: String,
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::SignIn(next) => {
                let next =
                    if next == "/" { String::new() } else { format!("?next={}", escaped(&next)) };
                Redirect::to(&format!("/sign-in{next}")).into_response()
            }
            Self::Rejected { words, back } => {
                let mut response = StatusCode::CONFLICT.into_response();
                response.extensions_mut().insert(Said { words, back });
                response
            }
            Self::Busy => {
                (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_SECONDS)]).into_response()
            }
            Self::NothingPublished => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl Fail {
    /// The machine failed: logged here, and the reader is only told that it did.
    pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut causes = String::new();
        let mut cause = error.source();
        while let Some(inner) = cause {
            causes.push_str(": ");
            causes.push_str(&inner.to_string());
            cause = inner.source();
        }
        tracing::error!("{error}{causes}");
        Self::Broken
    }
}

impl From<crate::store::Error> for Fail {
    fn from(error: crate::store::Error) -> Self {
        match error {
            error if error.is_passing() => Self::Busy,
            error => Self::broken(&error),
        }
    }
}

impl From<crate::runtime::Error> for Fail {
    fn from(error: crate::runtime::Error) -> Self {
        match error {
            crate::runtime::Error::Store(error) => error.into(),
            crate::runtime::Error::Busy => Self::Busy,
            error => Self::broken(&error),
        }
    }
}

impl From<tower_sessions::session::Error> for Fail {
    fn from(error: tower_sessions::session::Error) -> Self {
        if is_busy(&error) { Self::Busy } else { Self::broken(&error) }
    }
}

/// Refusals other than rejections; those need words, which only a page with a case has.
impl From<Refusal> for Fail {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => {
                Self::Rejected { words: rejection.code().to_owned(), back: "/".to_owned() }
            }
            Refusal::NotFound => Self::NotFound,
            // The last two only meet strict keys, which no page has.
            Refusal::Busy | Refusal::InFlight | Refusal::KeyReused => Self::Busy,
            Refusal::Failed(error) => error.into(),
        }
    }
}

pub(super) async fn not_found() -> Fail {
    Fail::NotFound
}

/// Makes pages of bare errors.
pub(super) async fn pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let is_read = request.method() == Method::GET;
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    if api::is_below(&path) {
        return api::finished(response);
    }
    let status = response.status();
    let has_body = response.headers().get(CONTENT_TYPE).is_some_and(is_page);
    if has_body || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let said = response.extensions().get::<Said>().cloned();
    // A way back: where the reader was, else the queue. Never the page that just failed by itself.
    let back = said.as_ref().map_or("/", |said| said.back.as_str());
    let back = if is_read && back == path { "/".to_owned() } else { back.to_owned() };
    let mut page = page(&app, &headers, status, said.map(|said| said.words), back).await;
    if let Some(seconds) = response.headers().get(RETRY_AFTER) {
        page.headers_mut().insert(RETRY_AFTER, seconds.clone());
    }
    page
}

fn is_page(kind: &axum::http::HeaderValue) -> bool {
    kind.to_str().is_ok_and(|kind| kind.starts_with("text/html"))
}

async fn page(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    words: Option<String>,
    back: String,
) -> Response {
    let organisation = organisation_if_only(app).await;
    let language = language_of(headers, None, organisation.as_deref());
    let kind = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "not-found",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::CONFLICT => "rejected",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => "busy",
        status if status.is_client_error() => "unreadable",
        _ => "broken",
    };
    let page = ErrorPage {
        status: status.as_u16(),
        title: language.text(&format!("web-error-{kind}"), &[]),
        words: words.unwrap_or_else(|| language.text(&format!("web-error-{kind}-words"), &[])),
        back,
    };
    match view::plain(&language, "error.html", &page) {
        Ok(html) => (status, html).into_response(),
        Err(_) => (status, page.title).into_response(),
    }
}

/// A path as the value of a query.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_at_a_busy_moment_is_told_to_come_again() {
        let refused = Fail::from(Refusal::Failed(crate::runtime::Error::Busy)).into_response();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[RETRY_AFTER], RETRY_SECONDS);
        let broken = Fail::from(crate::runtime::Error::Stopped).into_response();
        assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
