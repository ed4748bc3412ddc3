//! A `tramite serve` of our own in another process, which can be killed without a goodbye.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use super::office::Office;

/// Set: the program is `tramite` itself, whatever its name is. See [`tramite`].
pub const AS_TRAMITE: &str = "TRAMITE_TORTURE_AS_TRAMITE";

/// How long one waits for a server before it counts as broken; far longer than promised.
const LONGEST: Duration = Duration::from_secs(60);

/// `tramite` as it was built with this program. An example is not built together with the binary,
/// so it plays that part itself.
pub fn tramite() -> anyhow::Result<Command> {
    if let Some(path) = option_env!("CARGO_BIN_EXE_tramite") {
        return Ok(Command::new(path));
    }
    let mut command = Command::new(std::env::current_exe()?);
    command.env(AS_TRAMITE, "1");
    Ok(command)
}

pub struct Server {
    child: Child,
    started: Instant,
    port: u16,
}

/// A port that was free a moment ago: the server is to come back where its clients look for it.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

impl Server {
    pub fn start(office: &Office, port: u16) -> anyhow::Result<Self> {
        let log = office.folder.path().join(format!("{port}.log"));
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = tramite()?;
        command.arg("serve").arg("--listen").arg(format!("127.0.0.1:{port}"));
        command.arg("--database").arg(&office.database).arg("-C").arg(office.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let started = Instant::now();
        Ok(Self { child: command.spawn()?, started, port })
    }

    /// Waits until `/health` answers 200; how long that took since the start.
    pub async fn ready(&mut self) -> anyhow::Result<Duration> {
        let http = reqwest::Client::builder().timeout(LONGEST).pool_max_idle_per_host(0).build()?;
        let health = format!("{}/health", url(self.port));
        loop {
            let answer = http.get(&health).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(self.started.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended by itself: {status}");
            }
            ensure!(self.started.elapsed() < LONGEST, "the server is not ready in a minute");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// No goodbye: the process is gone at once.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().context("killing the server")?;
        self.child.wait().context("waiting for the server's end")?;
        Ok(())
    }

    /// Asks politely; how long it took to end.
    pub async fn terminate(mut self) -> anyhow::Result<Duration> {
        let asked = Instant::now();
        let kill = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        ensure!(kill.success(), "the server is gone already");
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "asked to end, the server ended with {status}");
                return Ok(asked.elapsed());
            }
            ensure!(asked.elapsed() < LONGEST, "asked to end, the server did not");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also when a promise is broken: no server stays behind. It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
