//! The tables that belong to no case, and the plans of the long lists.

mod upgrade;

use std::collections::BTreeSet;

use super::sql::{Query, Rows, query};
use super::*;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// An empty store; none where there is no PostgreSQL, which was said loudly then.
    pub(crate) async fn store(self) -> Option<Store> {
        match self {
            Self::Sqlite => Some(Store::memory().await.expect("a store")),
            Self::Postgres => {
                let url = super::cluster::shared()?.database();
                Some(Store::open(&url).await.expect("a store"))
            }
        }
    }
}

/// Makes two tests of each function over a [`Kind`].
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::store::tests::Kind::Sqlite).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                // Without PostgreSQL nothing is tried, which was said loudly.
                if $crate::store::cluster::shared().is_some() {
                    super::$name($crate::store::tests::Kind::Postgres).await;
                }
            })+
        }
    };
}
pub(crate) use on_both;

impl Store {
    /// Harm done by hand, past every constraint that SQLite can be told to forget.
    pub(crate) async fn damage(&self, sql: &str) {
        let mut writer = self.writer().await.expect("a connection");
        let on = &mut writer.on();
        let run = |sql: String| sql::Query::made(sql, Vec::new());
        if on.dialect() == sql::Dialect::Postgres {
            run(sql.to_owned()).execute(on).await.expect(sql);
            return;
        }
        // SQLite keeps ids as bytes.
        let id = regex::Regex::new(
            "'([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})'",
        );
        let sql = id.expect("a pattern").replace_all(sql, "x'$1$2$3$4$5'").into_owned();
        for sql in ["PRAGMA foreign_keys = off", &sql, "PRAGMA foreign_keys = on"] {
            run(sql.to_owned()).execute(on).await.expect(sql);
        }
    }

    /// Makes the chain of a case anew over whatever its journal says now, as somebody might who
    /// knows how.
    pub(crate) async fn forge(&self, case: &CaseId) {
        let mut writer = self.writer().await.expect("a connection");
        let on = &mut writer.on();
        let lines = super::journal::stored(on, case).await.expect("read");
        let mut previous = super::chain::START;
        for line in &lines {
            previous = line.link().hash(case, &previous);
            let query = query("UPDATE entries SET hash = $3 WHERE case_id = $1 AND seq = $2");
            let query = query.bind(case).bind(line.seq).bind(previous);
            query.execute(on).await.expect("written");
        }
        let query = query("UPDATE cases SET head = $2, entries = $3 WHERE id = $1");
        let query = query.bind(case).bind(previous).bind(lines.len() as i64);
        query.execute(on).await.expect("written");
    }

    /// How SQLite would find the rows of a statement.
    async fn plan(&self, query: Query<'_>) -> String {
        let mut reader = self.reader().await.expect("a connection");
        let rows = query.explained().fetch_all(&mut reader.on()).await.expect("a plan");
        let lines: Vec<String> =
            rows.iter().map(|row| columns::get(row, "detail").expect("text")).collect();
        lines.join("\n")
    }
}

on_both!(people_are_saved_found_and_replaced, sessions_end);

fn person(id: &str, login: &str) -> Person {
    Person {
        id: id.to_owned(),
        organisation: "tupiza".to_owned(),
        login: login.to_owned(),
        name: format!("Persona {id}"),
        password_hash: Some("$argon2$".to_owned()),
        language: None,
        mail: None,
        roles: BTreeSet::from(["ape".to_owned(), "jefe".to_owned()]),
        is_active: true,
    }
}

async fn people_are_saved_found_and_replaced(on: Kind) {
    let Some(store) = on.store().await else { return };
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

async fn sessions_end(on: Kind) {
    let Some(store) = on.store().await else { return };
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
    let roles = BTreeSet::from(["ape".to_owned(), "jefe".to_owned()]);
    let mut filter = QueueFilter {
        organisation: "tupiza",
        roles: &roles,
        person: "1",
        mine_only: false,
        search: "",
        after: None,
        limit: 50,
    };
    let plan = store.plan(queue::page(&filter, &[], 50, sql::Dialect::Sqlite)).await;
    assert_eq!(plan.matches("USING COVERING INDEX tasks_open_by_role").count(), 2, "{plan}");
    filter.mine_only = true;
    let plan = store.plan(queue::page(&filter, &[], 50, sql::Dialect::Sqlite)).await;
    assert!(plan.contains("tasks_open_by_person"), "{plan}");
    let mut filter = CaseFilter {
        organisation: "tupiza",
        procedure: None,
        status: None,
        search: "",
        before: None,
        limit: 25,
    };
    let plan = store.plan(lists::newest(&filter, 25)).await;
    assert_eq!(plan.matches("COVERING INDEX cases_by_status").count(), 3, "{plan}");
    filter.procedure = Some("registro");
    filter.status = Some(crate::engine::CaseStatus::Ended);
    let plan = store.plan(lists::newest(&filter, 25)).await;
    assert_eq!(plan.matches("COVERING INDEX cases_by_procedure").count(), 1, "{plan}");
    let step = StuckStep {
        procedure: "registro".to_owned(),
        step: "1".to_owned(),
        role: "ape".to_owned(),
        is_orphan: false,
    };
    let filter = StuckFilter {
        organisation: "tupiza",
        steps: &[step.clone(), step],
        now: jiff::Timestamp::MAX,
        after: None,
        limit: 30,
    };
    let plan = store.plan(stuck::at_steps(&filter, sql::Dialect::Sqlite)).await;
    assert_eq!(plan.matches("USING COVERING INDEX tasks_open_by_step").count(), 2, "{plan}");
    let plan = store.plan(query(cases::BY_NUMBER)).await;
    assert!(plan.contains("cases_by_number"), "{plan}");
    let plan = store.plan(query(archive::CLOSED)).await;
    assert!(plan.contains("cases_by_end") && !plan.contains("TEMP B-TREE"), "{plan}");
    for text in archive::DELETIONS {
        let plan = store.plan(Rows::of(archive::IDS).padded(text, 3)).await;
        let table = text.split(' ').nth(2).expect("a table");
        assert!(plan.contains(&format!("SEARCH {table}")), "{text}: {plan}");
    }
    for (columns, text) in [
        (cases::CHANGED, cases::UPDATE),
        (cases::CLOSED, cases::CLOSE),
        (tasks::CHANGED, tasks::UPDATE),
        (documents::SIGNED, documents::SIGN),
    ] {
        let plan = store.plan(Rows::of(columns).padded(text, 3)).await;
        assert!(plan.contains("SEARCH") && !plan.contains("SCAN cases"), "{plan}");
        assert!(!plan.contains("SCAN tasks") && !plan.contains("SCAN documents"), "{plan}");
    }
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
    query("ROLLBACK").execute(&mut writing.on()).await.expect("taken back");
    drop(writing);
    for _ in 0..2 {
        store.begin().await.expect("begins again").roll_back().await.expect("taken back");
    }
    store.save_person(&person("1", "rosa")).await.expect("saved");
}
