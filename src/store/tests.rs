//! The tables that belong to no case, and the plans of the long lists.

use std::collections::BTreeSet;

use super::*;

impl Store {
    /// Harm done by hand, past every constraint that SQLite can be told to forget.
    pub(crate) async fn damage(&self, sql: &str) {
        let mut writer = self.writer.acquire().await.expect("a connection");
        for sql in ["PRAGMA foreign_keys = off", sql, "PRAGMA foreign_keys = on"] {
            let done = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *writer).await;
            done.expect(sql);
        }
    }

    /// Makes the chain of a case anew over whatever its journal says now, as somebody might who
    /// knows how.
    pub(crate) async fn forge(&self, case: &CaseId) {
        let mut writer = self.writer.acquire().await.expect("a connection");
        let lines = super::journal::stored(&mut writer, case).await.expect("read");
        let mut previous = super::chain::START.to_owned();
        for line in &lines {
            previous = line.link().hash(case, &previous);
            let query = sqlx::query("UPDATE entries SET hash = $3 WHERE case_id = $1 AND seq = $2");
            let query = query.bind(case.to_string()).bind(line.seq).bind(&previous);
            query.execute(&mut *writer).await.expect("written");
        }
        let query = sqlx::query("UPDATE cases SET head = $2, entries = $3 WHERE id = $1");
        let query = query.bind(case.to_string()).bind(previous).bind(lines.len() as i64);
        query.execute(&mut *writer).await.expect("written");
    }

    async fn plan(&self, sql: &'static str) -> String {
        use sqlx::Row;
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = sqlx::query(sql).fetch_all(&self.readers).await.expect("a plan");
        let lines: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        lines.join("\n")
    }
}

fn person(id: &str, login: &str) -> Person {
    Person {
        id: id.to_owned(),
        organisation: "tupiza".to_owned(),
        login: login.to_owned(),
        name: format!("Persona {id}"),
        password_hash: Some("$argon2$".to_owned()),
        language: None,
        roles: BTreeSet::from(["ape".to_owned(), "jefe".to_owned()]),
        is_active: true,
    }
}

#[tokio::test]
async fn people_are_saved_found_and_replaced() {
    let store = Store::memory().await.expect("a store");
    let mut rosa = person("1", "rosa");
    store.save_person(&rosa).await.expect("saved");
    store.save_person(&person("2", "luis")).await.expect("saved");
    assert_eq!(store.person("1").await.expect("read"), Some(rosa.clone()));
    assert_eq!(store.person_by_login("tupiza", "rosa").await.expect("read"), Some(rosa.clone()));
    assert_eq!(store.person_by_login("otra", "rosa").await.expect("read"), None);
    rosa.roles.remove("jefe");
    rosa.is_active = false;
    store.save_person(&rosa).await.expect("replaced");
    assert_eq!(store.people("tupiza").await.expect("read"), [rosa, person("2", "luis")]);
    assert_eq!(store.organisations().await.expect("read"), ["tupiza"]);
    let taken = store.save_person(&person("3", "luis")).await;
    assert!(matches!(taken, Err(Error::LoginTaken { .. })), "{taken:?}");
    assert_eq!(store.person("3").await.expect("read"), None);
}

#[tokio::test]
async fn sessions_end() {
    let store = Store::memory().await.expect("a store");
    store.session_save("a", "first", i64::MAX).await.expect("saved");
    store.session_save("a", "second", i64::MAX).await.expect("saved");
    store.session_save("b", "ended", 1).await.expect("saved");
    assert_eq!(store.session_load("a").await.expect("read").as_deref(), Some("second"));
    assert_eq!(store.session_load("b").await.expect("read"), None);
    assert_eq!(store.session_sweep().await.expect("swept"), 1);
    store.session_delete("a").await.expect("deleted");
    assert_eq!(store.session_load("a").await.expect("read"), None);
}

#[tokio::test]
async fn long_lists_use_their_index() {
    let store = Store::memory().await.expect("a store");
    let plan = store.plan(super::tasks::QUEUE).await;
    assert!(plan.contains("tasks_open_by_role"), "{plan}");
    let plan = store.plan(super::tasks::MINE).await;
    assert!(plan.contains("tasks_open_by_person") && !plan.contains("TEMP B-TREE"), "{plan}");
    let plan = store.plan(super::cases::NEWEST_FIRST).await;
    assert!(plan.contains("cases_by_start") && !plan.contains("TEMP B-TREE"), "{plan}");
    for sql in [super::cases::UPDATE, super::tasks::UPDATE, super::documents::SIGN] {
        let plan = store.plan(sql).await;
        assert!(plan.contains("SEARCH") && plan.contains("SCAN jsonb_each"), "{plan}");
    }
    let plan = store.plan(super::cases::BY_NUMBER).await;
    assert!(plan.contains("cases_by_number"), "{plan}");
}

#[test]
fn ids_read_as_they_are_written() {
    let text = "0193569e-5a3c-7c6a-8f0e-2b6d7a0c1d2e";
    let id: CaseId = text.parse().expect("an id");
    assert_eq!(id.to_string(), text);
    assert_eq!(serde_json::to_string(&id).expect("writes"), format!("\"{text}\""));
    assert_eq!(serde_json::from_value::<CaseId>(text.into()).expect("reads"), id);
}

#[tokio::test]
async fn a_connection_that_lost_its_transaction_is_opened_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("prueba.db");
    let store = Store::open(path.to_str().expect("a path")).await.expect("opens");
    let mut writing = store.begin().await.expect("begins");
    // What SQLite does by itself when the disk is full.
    sqlx::query("ROLLBACK").execute(writing.on()).await.expect("taken back");
    drop(writing);
    for _ in 0..2 {
        store.begin().await.expect("begins again").roll_back().await.expect("taken back");
    }
    store.save_person(&person("1", "rosa")).await.expect("saved");
}
