//! A client at a desk: works whole cases over HTTP, the way a browser does, and insists under the
//! same key until each step is acknowledged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tramite::store::CaseId;

use super::chance::Chance;
use super::ledger::{Ledger, Told};
use super::office::{ORGANISATION, PASSWORD, PROCEDURE, login};

/// How long one insists on one step before work counts as not resumed.
const LONGEST: Duration = Duration::from_secs(90);
const BETWEEN: Duration = Duration::from_millis(20);

pub struct Desk {
    http: Client,
    /// Of the servers, among which each request chooses.
    urls: Arc<Vec<String>>,
    number: usize,
    chance: Chance,
    ledger: Arc<Ledger>,
}

impl Desk {
    pub fn new(
        number: usize,
        seed: u64,
        urls: &Arc<Vec<String>>,
        ledger: &Arc<Ledger>,
    ) -> anyhow::Result<Self> {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .timeout(Duration::from_secs(40))
            .build()?;
        let chance = Chance::new(seed, number + 1);
        Ok(Self { http, urls: Arc::clone(urls), number, chance, ledger: Arc::clone(ledger) })
    }

    pub async fn sign_in(&mut self) -> anyhow::Result<()> {
        let login = login(self.number);
        let form = [("organisation", ORGANISATION), ("login", &login), ("password", PASSWORD)];
        self.insist("/sign-in", &form).await.context("signing in")?;
        Ok(())
    }

    /// One case from its start to its end; each of its steps is done once, however often it was
    /// sent.
    pub async fn work(&mut self, round: usize) -> anyhow::Result<()> {
        let name = format!("{}-{round}", self.number);
        let form = [("procedure", PROCEDURE), (":key", &format!("s-{name}"))];
        let place = self.insist("/cases", &form).await.context("starting a case")?;
        let case = place.split('/').nth(2).context("/cases/ID/…")?.to_owned();
        let id: CaseId = case.parse()?;
        self.ledger.told(id, Told::Started);
        for task in 1..=2 {
            let (claim, complete) = (format!("k{task}-{name}"), format!("c{task}-{name}"));
            let path = format!("/cases/{case}/tasks/{task}");
            let claimed = self.insist(&format!("{path}/claim"), &[(":key", &claim)]).await;
            claimed.with_context(|| format!("claiming task {task} of {case}"))?;
            self.ledger.told(id, Told::Claimed(task));
            let request = [("owner.name", "María Muñoz"), ("owner.card", name.as_str())];
            let decision = [(":choice", "Approve")];
            let mut form: Vec<(&str, &str)> =
                if task == 1 { request.into() } else { decision.into() };
            form.push((":key", &complete));
            let completed = self.insist(&path, &form).await;
            completed.with_context(|| format!("completing task {task} of {case}"))?;
            self.ledger.told(id, Told::Completed(task));
        }
        Ok(())
    }

    /// Sends until it is acknowledged with an address to go on at. A machine that fails is asked
    /// again; a no to what must be done is a broken promise.
    async fn insist(&mut self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<String> {
        let began = Instant::now();
        loop {
            let url = format!("{}{path}", self.chance.of(&self.urls));
            let failure = match self.http.post(url).form(form).send().await {
                Ok(answer) if answer.status() == StatusCode::SEE_OTHER => {
                    let place = answer.headers()["location"].to_str()?.to_owned();
                    ensure!(!place.starts_with("/sign-in"), "the session is lost");
                    return Ok(place);
                }
                Ok(answer) if answer.status().is_server_error() => {
                    answer.status().as_u16().to_string()
                }
                Ok(answer) => {
                    let (status, page) = (answer.status(), answer.text().await?);
                    let words = page.split_once("role=\"alert\"").map_or("", |(_, alert)| alert);
                    let words: String = words.chars().take(600).collect();
                    bail!("{path} answered {status}: {words}");
                }
                Err(error) if error.is_connect() => "refused".to_owned(),
                Err(error) if error.is_timeout() => "timed out".to_owned(),
                Err(_) => "cut off".to_owned(),
            };
            self.ledger.failed(&failure);
            ensure!(began.elapsed() < LONGEST, "{path} is not done after {LONGEST:?}: {failure}");
            tokio::time::sleep(BETWEEN).await;
        }
    }
}
