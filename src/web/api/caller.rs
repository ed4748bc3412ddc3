//! Who asks, and what stands in the address: the extractors of pages with their errors as problems.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::web::App;
use crate::web::session::Here;

/// The signed-in person. A program isn't sent to a page to sign in: it is told 401.
pub(in crate::web) struct Caller(pub(super) Here);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(Here::from_request_parts(parts, app).await?))
    }
}

/// What stands behind the question mark. A name that isn't known is an error: a filter that was misspelt
/// must not be taken for none.
pub(in crate::web) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, app).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(refused) => Err(Problem::bad_request("bad-query", refused.body_text())),
        }
    }
}

/// How many rows are wanted: `usual` when nothing was said.
pub(super) fn limit(asked: Option<u32>, usual: u32, most: u32) -> Result<u32, Problem> {
    match asked.unwrap_or(usual) {
        limit if (1..=most).contains(&limit) => Ok(limit),
        _ => Err(Problem::bad_request("bad-query", format!("`limit` must be from 1 to {most}"))),
    }
}
