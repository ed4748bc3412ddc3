//! People and the roles that they hold. They belong to an organisation, not to a case.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteRow;

use super::columns::{get, json, to_json};
use super::{Error, Store};
use crate::engine::Actor;

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub organisation: String,
    /// Unique in the organisation.
    pub login: String,
    /// As it is printed on documents.
    pub name: String,
    /// None: signing in with a password is not possible.
    pub password_hash: Option<String>,
    /// Of the screens; the organisation's when none is chosen.
    pub language: Option<String>,
    pub roles: BTreeSet<String>,
    pub is_active: bool,
}

impl Person {
    /// The person as the engine sees them.
    pub fn actor(&self) -> Actor {
        Actor { id: self.id.clone(), name: self.name.clone(), roles: self.roles.clone() }
    }
}

/// One statement, so that a person is never seen with half of their roles.
macro_rules! people {
    ($which:literal) => {
        concat!(
            "SELECT p.*, ",
            "(SELECT json_group_array(role) FROM person_roles WHERE person = p.id) AS roles ",
            "FROM people AS p WHERE ",
            $which
        )
    };
}

const BY_ID: &str = people!("p.id = $1");
const BY_LOGIN: &str = people!("p.organisation = $1 AND p.login = $2");
// Far more than any organisation of these has.
const OF_ORGANISATION: &str = people!("p.organisation = $1 ORDER BY p.name, p.id LIMIT 10000");

const ORGANISATIONS: &str =
    "SELECT DISTINCT organisation FROM people ORDER BY organisation LIMIT 1000";

const SAVE: &str = "\
INSERT INTO people (id, organisation, login, name, password_hash, language, is_active)
VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE
   SET organisation = $2, login = $3, name = $4, password_hash = $5, language = $6, is_active = $7";

const FORGET_ROLES: &str = "DELETE FROM person_roles WHERE person = $1";

const SAVE_ROLES: &str = "\
INSERT INTO person_roles (person, role) SELECT $1, value FROM json_each($2)";

impl Store {
    pub async fn person(&self, id: &str) -> Result<Option<Person>, Error> {
        let query = sqlx::query(BY_ID).bind(id);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(from_row).transpose()
    }

    pub async fn person_by_login(
        &self,
        organisation: &str,
        login: &str,
    ) -> Result<Option<Person>, Error> {
        let query = sqlx::query(BY_LOGIN).bind(organisation).bind(login);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Everybody of an organisation, by name.
    pub async fn people(&self, organisation: &str) -> Result<Vec<Person>, Error> {
        let query = sqlx::query(OF_ORGANISATION).bind(organisation);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(from_row).collect()
    }

    /// The organisations that have people.
    pub async fn organisations(&self) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(ORGANISATIONS).fetch_all(&mut *self.reader().await?).await?)
    }

    /// Adds a person, or replaces the one with this id.
    pub async fn save_person(&self, person: &Person) -> Result<(), Error> {
        let mut writing = self.begin().await?;
        let saved = sqlx::query(SAVE)
            .bind(&person.id)
            .bind(&person.organisation)
            .bind(&person.login)
            .bind(&person.name)
            .bind(&person.password_hash)
            .bind(&person.language)
            .bind(person.is_active)
            .execute(writing.on())
            .await;
        if let Err(error) = saved {
            // The id is replaced, so only `people_one_login` can have been broken.
            let is_taken =
                error.as_database_error().is_some_and(|error| error.is_unique_violation());
            let taken = Error::LoginTaken { login: person.login.clone() };
            return Err(if is_taken { taken } else { error.into() });
        }
        sqlx::query(FORGET_ROLES).bind(&person.id).execute(writing.on()).await?;
        let roles = to_json(&person.roles)?;
        sqlx::query(SAVE_ROLES).bind(&person.id).bind(roles).execute(writing.on()).await?;
        self.commit(writing).await
    }
}

fn from_row(row: &SqliteRow) -> Result<Person, Error> {
    Ok(Person {
        id: get(row, "id")?,
        organisation: get(row, "organisation")?,
        login: get(row, "login")?,
        name: get(row, "name")?,
        password_hash: get(row, "password_hash")?,
        language: get(row, "language")?,
        roles: json(row, "roles")?,
        is_active: get(row, "is_active")?,
    })
}
