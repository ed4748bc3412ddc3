//! Proving who one is, by a password or in a demo by a click, with the brake against guessing. Called by
//! the sign-in page and by the API's, so that neither is the easier way to guess.

use std::sync::Arc;

use jiff::SignedDuration;

use super::fail::Fail;
use super::{App, password};
use crate::store::Person;

/// Longer passwords are no better, only slower.
const LONGEST_PASSWORD: usize = 1_000;

/// What somebody brings.
#[derive(Clone, Copy)]
pub(super) enum Proof<'a> {
    Password(&'a str),
    /// The id of a person; opens in a demo only.
    Click(&'a str),
}

/// How it went.
pub(super) enum Tried {
    Right(Box<Person>),
    Wrong,
    /// After too many wrong ones nothing is tried before this has passed.
    Wait(SignedDuration),
}

/// Tries to open the door under a name.
pub(super) async fn knock(
    app: &App,
    organisation: &str,
    login: &str,
    proof: Proof<'_>,
) -> Result<Tried, Fail> {
    let login = login.trim();
    let now = app.runtime.clock().now();
    if let Err(wait) = app.brake.begin(organisation, login, now) {
        return Ok(Tried::Wait(wait));
    }
    let person = match proof {
        Proof::Click(id) if app.demo => app.runtime.store().person(id).await.map_err(Fail::from),
        Proof::Click(_) => Ok(None),
        Proof::Password(typed) => by_password(app, organisation, login, typed).await,
    };
    let person = match person {
        Ok(person) => person,
        Err(fail) => {
            app.brake.take_back(organisation, login);
            return Err(fail);
        }
    };
    match person.filter(|person| person.is_active) {
        Some(person) => {
            app.brake.right(organisation, login);
            Ok(Tried::Right(Box::new(person)))
        }
        None => Ok(Tried::Wrong),
    }
}

async fn by_password(
    app: &App,
    organisation: &str,
    login: &str,
    typed: &str,
) -> Result<Option<Person>, Fail> {
    // Who would wait longer than anybody stays is told at once.
    let _place = app.at_the_door.try_acquire().map_err(|_| Fail::Busy)?;
    let person = app.runtime.store().person_by_login(organisation, login).await?;
    let typed: String = typed.chars().take(LONGEST_PASSWORD).collect();
    let stored = person.as_ref().and_then(|person| person.password_hash.clone());
    // An unknown name costs as much as a known one.
    let permit = Arc::clone(&app.hashing).acquire_owned().await.map_err(|_| Fail::Busy)?;
    let checking = tokio::task::spawn_blocking(move || {
        // Hashing goes on when the reader has left, and so does its place among the few.
        let _permit = permit;
        password::is_right(&typed, stored.as_deref())
    });
    let is_right = checking.await.map_err(|error| Fail::broken(&error))?;
    Ok(person.filter(|_| is_right))
}
