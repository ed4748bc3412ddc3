//! What stands around every page: limits, protection, compression, the session.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::{App, fail, session};

/// The largest form that is read, in bytes.
const LARGEST_FORM: usize = 2 << 20;
/// A page that takes longer than this is given up; a long contract is laid out in two or three.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Nothing from elsewhere, nothing inline: what a customer's name might smuggle in finds no door.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The pages with everything around them, the outermost last.
pub(super) fn around(routes: Router<App>, app: App) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let worth_it = DefaultPredicate::new().and(NotForContentType::new("application/pdf"));
    routes
        .layer(session::layer(&app))
        .layer(CsrfLayer::new())
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST_WAIT))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(app.clone(), fail::pages))
        .layer(CompressionLayer::new().compress_when(worth_it))
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        // Revalidated, not forbidden: the back button must bring a half-filled form back.
        .layer(header(CACHE_CONTROL, "private, no-cache"))
        .with_state(app)
}

#[allow(clippy::needless_pass_by_value)] // the layer hands it over
fn caught(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!("a page panicked: {words}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
