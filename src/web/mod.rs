//! The screens and the API: HTTP in, HTML, PDF or JSON out.
//!
//! A handler has four moves: authorise (the [`Here`] extractor), parse into typed input, ask (one read
//! or `runtime.handle`), answer. No SQL here, no decision about a case, no clock of its own: the time is
//! the runtime's. Forms work without scripts; the one script only spares a reload.
//!
//! `routes` has every URL. `pages` has one file per page, its template of the same stem in `templates`;
//! `api` has one file per resource, for programs; both ask the same doors who may see what.
//! `form` turns the fields of a step into inputs and what was typed back into a submission. `speaker`
//! says dates, amounts and sentences in the reader's language. `fail` is every way a page can say no.
//!
//! [`Here`]: session::Here

mod api;
mod assets;
mod body;
mod brake;
mod cursor;
mod desk;
mod door;
mod fail;
mod form;
mod house;
mod journal;
mod layers;
mod pages;
pub mod password;
mod recent;
mod rejection;
mod report;
mod routes;
mod session;
mod speaker;
mod step;
mod value;
mod view;
mod waits;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::runtime::Runtime;

/// Hashes that are reckoned at a time: each takes 19 MiB and a core.
const HASHING: usize = 2;
/// Documents that are laid out at a time; each keeps a core busy.
const PRINTING: usize = 2;
/// How long answers that have begun may take once the server is to stop; a browser that sends nothing more
/// must not keep it from stopping.
const DRAIN: Duration = Duration::from_secs(10);
/// How often sessions that have run out are swept away.
const SWEEP: Duration = Duration::from_secs(3_600);

/// What every page needs; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub runtime: Runtime,
    /// Anybody may sign in as anybody, with one click: for trying out, with invented people only.
    pub demo: bool,
    /// The browser reaches us over HTTPS, by a proxy: cookies are then sent over nothing else.
    pub is_secure: bool,
    pub(crate) hashing: Arc<Semaphore>,
    pub(crate) printing: Arc<Semaphore>,
    pub(crate) watching: Arc<Semaphore>,
    pub(crate) brake: brake::Brake,
    pub(crate) recall: session::Recall,
}

impl App {
    pub fn new(runtime: Runtime) -> Self {
        Self {
            runtime,
            demo: false,
            is_secure: false,
            hashing: Arc::new(Semaphore::new(HASHING)),
            printing: Arc::new(Semaphore::new(PRINTING)),
            watching: Arc::new(Semaphore::new(1)),
            brake: brake::Brake::default(),
            recall: session::Recall::default(),
        }
    }
}

/// The whole site, ready to be served or to be asked by a test.
pub fn router(app: App) -> Router {
    layers::around(routes::routes(), app)
}

/// Where the page of a task is, for mails to people.
pub fn address_of(case: &crate::store::CaseId, task: u32) -> String {
    routes::task(case, task)
}

/// Serves until `shutdown` resolves; answers that have begun are finished.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let sweeping = tokio::spawn(session::sweep(app.runtime.clone(), SWEEP));
    let (tell, told) = tokio::sync::oneshot::channel();
    let stopping = async move {
        shutdown.await;
        // Nobody listens when serving has failed by itself.
        let _ = tell.send(());
    };
    let patience = async move {
        if told.await.is_ok() {
            tokio::time::sleep(DRAIN).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let served = tokio::select! {
        served = axum::serve(listener, router(app)).with_graceful_shutdown(stopping) => served,
        () = patience => Ok(()),
    };
    sweeping.abort();
    served
}
