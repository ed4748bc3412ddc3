//! `GET /api/v1/me`: the signed-in person. Also the answer to signing in.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::caller::Caller;
use crate::store::Person;

#[derive(Serialize)]
struct Me<'a> {
    id: &'a str,
    organisation: &'a str,
    login: &'a str,
    name: &'a str,
    roles: Vec<&'a str>,
}

pub(in crate::web) async fn show(Caller(here): Caller) -> Response {
    of(&here.person)
}

pub(super) fn of(person: &Person) -> Response {
    let me = Me {
        id: &person.id,
        organisation: &person.organisation,
        login: &person.login,
        name: &person.name,
        roles: person.roles.iter().map(String::as_str).collect(),
    };
    Json(me).into_response()
}
