//! kill -9 in the middle of work: whatever was acknowledged is there, once, and every case is well.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tramite::engine::replay;
use tramite::store::{CaseId, Store};

use crate::world::root;

const PASSWORD: &str = "medidor-7-azul";

/// A server of our own binary on a port that the system chose.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(database: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tramite"));
        command.arg("serve").args(["--listen", "127.0.0.1:0"]).arg("--database").arg(database);
        command.current_dir(root()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let stdout = child.stdout.take().expect("piped");
        let mut lines = BufReader::new(stdout).lines();
        let url = lines.next().expect("a line").expect("text").trim_end_matches('/').to_owned();
        Self { child, url }
    }

    /// No goodbye: the process is gone at once, as when the power fails.
    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also when a test fails: no server stays behind. It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a client was told: a case was started, a task was claimed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Started(String),
    Claimed(String),
}

/// Starts cases and claims their first task until the server is gone.
async fn work(url: String, number: usize, told: Arc<Mutex<Vec<Told>>>, count: Arc<AtomicUsize>) {
    let client = Client::builder()
        .cookie_store(true)
        .redirect(Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client");
    let sign_in = [("organisation", "tupiza"), ("login", "ana"), ("password", PASSWORD)];
    let Ok(answer) = client.post(format!("{url}/sign-in")).form(&sign_in).send().await else {
        return;
    };
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "the password is right");
    for round in 0.. {
        let key = format!("{number}-{round}-{url}");
        let form = [("procedure", "registro"), ("key", key.as_str())];
        let Ok(answer) = client.post(format!("{url}/cases")).form(&form).send().await else {
            return;
        };
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "a case is started");
        let place = answer.headers()["location"].to_str().expect("an address").to_owned();
        let case = place.split('/').nth(2).expect("/cases/ID/…").to_owned();
        told.lock().expect("no panic").push(Told::Started(case.clone()));
        count.fetch_add(1, Ordering::SeqCst);
        let claim = format!("{url}/cases/{case}/tasks/1/claim");
        let form = [("key", format!("claim-{key}"))];
        let Ok(answer) = client.post(claim).form(&form).send().await else { return };
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "the task is claimed");
        told.lock().expect("no panic").push(Told::Claimed(case));
        count.fetch_add(1, Ordering::SeqCst);
    }
}

/// Somebody who may start cases.
fn save_ana(database: &Path) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tramite"))
        .args(["people", "save", "tupiza", "ana", "--name", "Ana Choque", "--role", "ape"])
        .args(["--password", "--database"])
        .arg(database)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("piped");
    writeln!(stdin, "{PASSWORD}").expect("typed");
    drop(stdin);
    assert!(child.wait().expect("ends").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_nine() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("office.db");
    save_ana(&database);
    let told: Arc<Mutex<Vec<Told>>> = Arc::default();
    for round in 0..4 {
        let server = Server::start(&database);
        let count = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..8)
            .map(|number| {
                let url = server.url.clone();
                tokio::spawn(work(url, number, Arc::clone(&told), Arc::clone(&count)))
            })
            .collect();
        // Not a moment of the clock but of the work: after some acknowledgements, others under way.
        let enough = 20 + round * 17;
        while count.load(Ordering::SeqCst) < enough {
            assert!(!clients.iter().all(tokio::task::JoinHandle::is_finished), "somebody works");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill();
        for client in clients {
            client.await.expect("no client saw a wrong answer");
        }
        let told = told.lock().expect("no panic").clone();
        check(&database, &told).await;
    }
}

/// Everything that was told stands in the journals, once; and neither the doctor nor the chain tells anything.
async fn check(database: &Path, told: &[Told]) {
    let different: BTreeSet<&Told> = told.iter().collect();
    assert_eq!(different.len(), told.len(), "no case was given to two people");
    let store = Store::open(database.to_str().expect("UTF-8")).await.expect("opens again");
    for told in told {
        let (case, kind) = match told {
            Told::Started(case) => (case, "case_started"),
            Told::Claimed(case) => (case, "task_claimed"),
        };
        let id: CaseId = case.parse().expect("an id");
        let journal = store.journal(&id).await.expect("reads");
        let times = journal.iter().filter(|record| record.entry.kind() == kind).count();
        assert_eq!(times, 1, "{told:?}");
        let row = store.case(&id).await.expect("reads").expect("the case is there");
        assert_eq!(replay(&journal), *row.state);
    }
    store.close().await;
    for command in ["doctor", "verify"] {
        let output = Command::new(env!("CARGO_BIN_EXE_tramite"))
            .args([command, "--database"])
            .arg(database)
            .output()
            .expect("it runs");
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{command}: {words}");
    }
}
