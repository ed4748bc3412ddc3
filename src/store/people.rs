//! People and the roles that they hold. They belong to an organisation, not to a case.

use std::collections::BTreeSet;

use super::again::Again;
use super::columns::{get, json};
use super::sql::{Kind, Row, Rows, Text, query};
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
    /// Where reminders are sent; none: nowhere.
    pub mail: Option<String>,
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
        Text {
            sqlite: concat!(
                "SELECT p.*, ",
                "(SELECT json_group_array(role) FROM person_roles WHERE person = p.id) AS roles ",
                "FROM people AS p WHERE ",
                $which
            ),
            postgres: concat!(
                "SELECT p.*, (SELECT coalesce(json_agg(role), '[]')::text FROM person_roles ",
                "WHERE person = p.id) AS roles FROM people AS p WHERE ",
                $which
            ),
        }
    };
}

const BY_ID: Text = people!("p.id = $1");
const BY_LOGIN: Text = people!("p.organisation = $1 AND p.login = $2");
// Far more than any organisation of these has.
const OF_ORGANISATION: Text = people!("p.organisation = $1 ORDER BY p.name, p.id LIMIT 10000");

const ORGANISATIONS: &str =
    "SELECT DISTINCT organisation FROM people ORDER BY organisation LIMIT 1000";

const SAVE: &str = "\
INSERT INTO people (id, organisation, login, name, password_hash, language, is_active, mail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (id) DO UPDATE
   SET organisation = $2, login = $3, name = $4, password_hash = $5, language = $6, is_active = $7,
       mail = $8";

const FORGET_ROLES: &str = "DELETE FROM person_roles WHERE person = $1";

const SAVE_ROLES: &str = "\
INSERT INTO person_roles (person, role) SELECT person, role FROM {rows}";

const ROLES: &[(&str, Kind)] = &[("person", Kind::Text), ("role", Kind::Text)];

impl Store {
    pub async fn person(&self, id: &str) -> Result<Option<Person>, Error> {
        let query = query(BY_ID).bind(id);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        row.as_ref().map(from_row).transpose()
    }

    pub async fn person_by_login(
        &self,
        organisation: &str,
        login: &str,
    ) -> Result<Option<Person>, Error> {
        let query = query(BY_LOGIN).bind(organisation).bind(login);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Everybody of an organisation, by name.
    pub async fn people(&self, organisation: &str) -> Result<Vec<Person>, Error> {
        let query = query(OF_ORGANISATION).bind(organisation);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(from_row).collect()
    }

    /// The organisations that have people.
    pub async fn organisations(&self) -> Result<Vec<String>, Error> {
        let rows = query(ORGANISATIONS).fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(|row| get(row, "organisation")).collect()
    }

    /// Adds a person, or replaces the one with this id.
    pub async fn save_person(&self, person: &Person) -> Result<(), Error> {
        let mut again = Again::default();
        loop {
            let saved = self.try_save_person(person).await;
            if !again.is_worth_it(&saved).await {
                return saved;
            }
        }
    }

    async fn try_save_person(&self, person: &Person) -> Result<(), Error> {
        let mut writing = self.begin().await?;
        let saved = query(SAVE)
            .bind(&person.id)
            .bind(&person.organisation)
            .bind(&person.login)
            .bind(&person.name)
            .bind(person.password_hash.as_deref())
            .bind(person.language.as_deref())
            .bind(person.is_active)
            .bind(person.mail.as_deref())
            .execute(&mut writing.on())
            .await;
        if let Err(error) = saved {
            let taken = Error::LoginTaken { login: person.login.clone() };
            return Err(if error.breaks("people_one_login") { taken } else { error });
        }
        query(FORGET_ROLES).bind(&person.id).execute(&mut writing.on()).await?;
        let mut roles = Rows::of(ROLES);
        for role in &person.roles {
            roles.push([(&person.id).into(), role.into()]);
        }
        roles.execute(SAVE_ROLES, &mut writing.on()).await?;
        self.commit(writing).await
    }
}

fn from_row(row: &Row) -> Result<Person, Error> {
    Ok(Person {
        id: get(row, "id")?,
        organisation: get(row, "organisation")?,
        login: get(row, "login")?,
        name: get(row, "name")?,
        password_hash: get(row, "password_hash")?,
        language: get(row, "language")?,
        mail: get(row, "mail")?,
        roles: json(row, "roles")?,
        is_active: get(row, "is_active")?,
    })
}
