//! An office to be tortured: its files in a folder, its people in the database.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tramite::diagnostic::Diagnostics;
use tramite::engine::{Actor, Command};
use tramite::expression::{Map, Value};
use tramite::library::{Files, Library};
use tramite::store::{Person, Store};
use tramite::web::password;

pub const ORGANISATION: &str = "torture";
pub const PROCEDURE: &str = "permit";
pub const PASSWORD: &str = "medidor-7-azul";

const TEXT: &str = include_str!("office.yaml");

/// What a server is started with.
pub struct Office {
    pub folder: tempfile::TempDir,
    pub database: String,
}

impl Office {
    /// An office over `database`, or over a file of its own; with the shipped organisation beside
    /// it if a start is to take as long as it does in earnest.
    pub async fn open(
        database: Option<String>,
        with_shipped: bool,
        clients: usize,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let workflows = folder.path().join("workflows");
        std::fs::create_dir(&workflows)?;
        std::fs::write(workflows.join("torture.yaml"), TEXT)?;
        if with_shipped {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            symlink(root.join("workflows/tupiza"), workflows.join("tupiza"))?;
            symlink(root.join("forms"), folder.path().join("forms"))?;
        }
        let database = database.unwrap_or_else(|| text(folder.path().join("office.db")));
        let store = Store::open(&database).await?;
        let hash = password::hash(PASSWORD).map_err(|error| anyhow::anyhow!("{error}"))?;
        for client in 0..clients {
            store.save_person(&person(client, Some(&hash))).await?;
        }
        store.close().await;
        Ok(Self { folder, database })
    }
}

/// A path as an address of a database.
pub fn text(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}

pub fn library() -> Library {
    let files = Files::from([("workflows/torture.yaml".to_owned(), TEXT.to_owned())]);
    Library::read(&files, &mut Diagnostics::default())
}

pub fn login(client: usize) -> String {
    format!("client{client}")
}

pub fn person(client: usize, hash: Option<&str>) -> Person {
    Person {
        id: format!("person-{client}"),
        organisation: ORGANISATION.to_owned(),
        login: login(client),
        name: format!("Client {client}"),
        password_hash: hash.map(ToOwned::to_owned),
        language: None,
        mail: None,
        roles: roles(),
        is_active: true,
    }
}

pub fn actor(client: usize) -> Actor {
    Actor { id: format!("person-{client}"), name: format!("Client {client}"), roles: roles() }
}

fn roles() -> BTreeSet<String> {
    ["clerk", "chief"].map(ToOwned::to_owned).into()
}

/// What completes a task of the office: the first with a request, the second with a decision.
pub fn complete(task: u32, card: &str) -> Command {
    if task == 1 { request(card) } else { decide(task, "Approve") }
}

pub fn request(card: &str) -> Command {
    let owner = [("name", "María Muñoz"), ("card", card)];
    let owner = owner.map(|(name, text)| (name.to_owned(), Value::text(text)));
    let submission = Map::from([("owner".to_owned(), Value::Map(owner.into()))]);
    Command::CompleteTask { task: 1, submission, choice: None }
}

fn decide(task: u32, choice: &str) -> Command {
    Command::CompleteTask { task, submission: Map::new(), choice: Some(choice.to_owned()) }
}
