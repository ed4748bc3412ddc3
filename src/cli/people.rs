//! `tramite people`: who may sign in, and with which roles.

use std::collections::BTreeSet;
use std::io::BufRead;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;

use super::Outcome;
use super::config::Database;
use super::workspace::Workspace;
use crate::store::{Person, Store};
use crate::web::password;

/// Shorter passwords are refused: NIST SP 800-63B asks for eight.
const SHORTEST_PASSWORD: usize = 8;

#[derive(Debug, Args)]
pub struct People {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the people of an organisation
    List {
        organisation: String,
        /// One JSON object a person
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Add a person, or change one: name, roles, password
    Save(Save),
}

#[derive(Debug, Args)]
struct Save {
    organisation: String,
    /// The name to sign in with
    login: String,
    /// The full name, as it is printed on documents
    #[arg(long)]
    name: Option<String>,
    /// Where reminders are sent; empty: nowhere any more
    #[arg(long)]
    mail: Option<String>,
    /// A role; repeat it for several. Replaces the roles held before
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password: bool,
    /// May sign in again; new people may from the beginning
    #[arg(long, conflicts_with = "inactive")]
    active: bool,
    /// May not sign in any more
    #[arg(long)]
    inactive: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    workspace: Workspace,
}

impl People {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::List { organisation, json, database } => super::block_on(async {
                let store = Store::open_existing(database.existing()?).await?;
                let people = store.people(&organisation).await?;
                let others = store.organisations().await?;
                store.close().await;
                people.iter().for_each(|person| tell(person, json));
                if people.is_empty() && !others.is_empty() {
                    anyhow::bail!(
                        "nobody is known at `{organisation}`; there are people of {}",
                        others.join(", ")
                    );
                }
                if people.is_empty() {
                    eprintln!("nobody is known yet: `tramite people save` makes people known");
                }
                Ok(Outcome::Fine)
            }),
            Command::Save(save) => super::block_on(save.run()),
        }
    }
}

impl Save {
    async fn run(self) -> anyhow::Result<Outcome> {
        self.check_roles()?;
        if self.login != self.login.to_lowercase() {
            anyhow::bail!("write the login in lower case: `{}`", self.login.to_lowercase());
        }
        for (what, text) in [("LOGIN", Some(&self.login)), ("--name", self.name.as_ref())] {
            let Some(text) = text else { continue };
            let is_fine = !text.is_empty()
                && text.trim() == text
                && text.chars().count() <= 100
                && !text.chars().any(char::is_control);
            if !is_fine {
                anyhow::bail!("{what} must be 1 to 100 letters on one line, no spaces around them");
            }
        }
        let store = Store::open(self.database.url()).await?;
        let known = store.person_by_login(&self.organisation, &self.login).await?;
        let is_new = known.is_none();
        let mut person = match known {
            Some(person) => person,
            None => Person {
                id: uuid::Uuid::now_v7().to_string(),
                organisation: self.organisation.clone(),
                login: self.login.clone(),
                name: self.name.clone().context("a new person needs --name")?,
                password_hash: None,
                language: None,
                mail: None,
                roles: BTreeSet::new(),
                is_active: true,
            },
        };
        if let Some(name) = self.name {
            person.name = name;
        }
        if let Some(mail) = self.mail {
            person.mail = address(&mail)?;
        }
        if !self.roles.is_empty() {
            person.roles = self.roles.into_iter().collect();
        }
        // Without a word, somebody who was shut out stays so.
        person.is_active = (person.is_active || self.active) && !self.inactive;
        if self.password {
            person.password_hash = Some(read_password()?);
        } else if is_new {
            eprintln!("{} can't sign in before a password is set with --password", person.login);
        }
        store.save_person(&person).await?;
        store.close().await;
        tell(&person, false);
        Ok(Outcome::Fine)
    }

    /// A role that is misspelt would leave the person with an empty queue and no reason.
    fn check_roles(&self) -> anyhow::Result<()> {
        let checked = self.workspace.read()?;
        let group = checked.library.group(&self.organisation);
        let Some(organisation) = group.and_then(|group| group.organisation.as_ref()) else {
            anyhow::bail!("there is no organisation `{}` in the workspace", self.organisation);
        };
        for role in &self.roles {
            if organisation.role(role).is_none() {
                let known: Vec<&str> =
                    organisation.roles.iter().map(|role| role.id.as_str()).collect();
                anyhow::bail!("there is no role `{role}`; there are {}", known.join(", "));
            }
        }
        Ok(())
    }
}

/// An address; none when it is empty.
fn address(mail: &str) -> anyhow::Result<Option<String>> {
    if mail.is_empty() {
        return Ok(None);
    }
    let fine = mail.parse::<lettre::Address>();
    fine.with_context(|| format!("`{mail}` is no mail address such as ana@tupiza.example"))?;
    Ok(Some(mail.to_owned()))
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("reading the password")?;
    let typed = line.trim_end_matches(['\r', '\n']);
    if typed.chars().count() < SHORTEST_PASSWORD {
        anyhow::bail!("a password has at least {SHORTEST_PASSWORD} characters");
    }
    password::hash(typed).map_err(|error| anyhow::anyhow!("hashing the password: {error}"))
}

fn tell(person: &Person, json: bool) {
    let roles: Vec<&str> = person.roles.iter().map(String::as_str).collect();
    if json {
        out!(
            "{}",
            json!({
                "login": person.login, "name": person.name, "roles": roles, "mail": person.mail,
                "is_active": person.is_active, "has_password": person.password_hash.is_some(),
            })
        );
    } else {
        let inactive = if person.is_active { "" } else { "  (inactive)" };
        out!("{:<16}  {:<32}  {}{inactive}", person.login, person.name, roles.join(", "));
    }
}
