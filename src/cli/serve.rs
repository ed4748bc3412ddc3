//! `tramite serve`: the web application.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap::builder::FalseyValueParser;
use tokio::net::TcpListener;

use super::config::Database;
use super::workspace::Workspace;
use super::{Outcome, anchors, machines};
use crate::demo;
use crate::library::Library;
use crate::runtime::{Clock, Link, Runtime};
use crate::store::Store;
use crate::web::{self, App};

#[derive(Debug, Args)]
pub struct Serve {
    /// Start on a fresh database with invented people and cases; anybody may sign in as anybody
    #[arg(long)]
    demo: bool,
    /// Where to listen
    #[arg(long, env = "TRAMITE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// People come over HTTPS, by a proxy in front: cookies are sent over nothing else. Signing in over
    /// plain HTTP no longer works then
    #[arg(long, env = "TRAMITE_SECURE", value_parser = FalseyValueParser::new())]
    secure: bool,
    /// Write down once a day how all journals end, into this folder: one file a day, for `verify
    /// --anchors`. Best a folder that whoever administers the database can't change
    #[arg(long, env = "TRAMITE_ANCHORS", value_name = "DIR")]
    anchors: Option<PathBuf>,
    /// The mail server and the services that steps send and call by, in a file of YAML
    #[arg(long, env = "TRAMITE_MACHINES", value_name = "FILE")]
    machines: Option<PathBuf>,
    /// Where people reach it, for the links in mails: `https://tramite.example`
    #[arg(long, env = "TRAMITE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    workspace: Workspace,
}

impl Serve {
    pub fn run(self) -> anyhow::Result<Outcome> {
        tracing_subscriber::fmt()
            .with_env_filter(
                tracing_subscriber::EnvFilter::try_from_env("TRAMITE_LOG")
                    .unwrap_or_else(|_| "warn,tramite=info".into()),
            )
            .with_writer(std::io::stderr)
            // Colours are for people at a terminal, not for a log file.
            .with_ansi(std::io::stderr().is_terminal())
            .init();
        eprintln!("checking the procedures …");
        let Some(library) = self.workspace.sound()? else { return Ok(Outcome::Findings) };
        super::block_on(self.serve(library))
    }

    async fn serve(self, library: Library) -> anyhow::Result<Outcome> {
        if let Some(folder) = &self.anchors {
            anyhow::ensure!(folder.is_dir(), "there is no folder {}", folder.display());
        }
        let mut reach = machines::read(self.machines.as_deref())?;
        if let Some(url) = &self.public_url {
            reach = reach.found_at(link(url)?);
        }
        for lack in machines::missing(&library, &reach) {
            tracing::warn!("{lack}, which --machines does not name");
        }
        // Before any work: a port that is taken must not cost a minute, nor a demo database.
        let listener = TcpListener::bind(self.listen).await.with_context(|| {
            format!("listening on {}; is another server running there?", self.listen)
        })?;
        let at = listener.local_addr()?;
        let url = self.database.url().to_owned();
        // Held until the server ends.
        let (url, _lock) = if self.demo {
            // Emptied first, and that is not done to a database that somebody may need.
            anyhow::ensure!(self.database.file().is_some(), "--demo keeps its data in a file");
            let (path, lock) = demo::fresh_file(&url)?;
            (path, Some(lock))
        } else {
            (url, None)
        };
        let runtime = Runtime::start(Store::open(&url).await?, Clock::System).await?;
        for group in library.groups.values() {
            let Some(organisation) = &group.organisation else { continue };
            for version in runtime.publish(&library, &organisation.id).await? {
                tracing::info!(
                    organisation = version.organisation,
                    procedure = version.procedure,
                    version = version.version,
                    "published"
                );
            }
        }
        if self.demo {
            eprintln!("making people and cases for the demo …");
            let made = demo::fill(&runtime, &library).await?;
            eprintln!("{} people, {} cases, in {url}", made.people, made.cases);
        }
        out!("http://{at}/");
        eprintln!("tramite is open at http://{at}/ — stop it with Ctrl-C");
        runtime.keep_time().await;
        runtime.connect(reach);
        runtime.work_jobs().await;
        let daily =
            self.anchors.map(|folder| tokio::spawn(anchors::keep_daily(folder, runtime.clone())));
        let app = App { demo: self.demo, is_secure: self.secure, ..App::new(runtime.clone()) };
        web::serve(listener, app, stopped()).await?;
        if let Some(daily) = daily {
            // What it has begun has no name yet, and is begun again tomorrow or by another server.
            daily.abort();
        }
        runtime.shutdown().await;
        runtime.store().close().await;
        Ok(Outcome::Fine)
    }
}

/// Where a task is found below the address at which people reach the server.
fn link(url: &str) -> anyhow::Result<Link> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    anyhow::ensure!(is_web, "--public-url begins with https:// or http://, not `{url}`");
    let base = url.trim_end_matches('/').to_owned();
    Ok(Box::new(move |case, task| format!("{base}{}", web::address_of(case, task))))
}

/// Ctrl-C, or the service manager's polite request.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
    eprintln!("finishing what has begun …");
}
