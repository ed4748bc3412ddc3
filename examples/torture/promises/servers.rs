//! P2 and P8: three servers on one PostgreSQL database. Servers are killed every few seconds, now
//! and then the database, too; clients go on with whoever answers. Then all are asked to end, one
//! after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::task::JoinSet;

use super::Plan;
use super::audit::audit;
use super::chance::Chance;
use super::cluster::Cluster;
use super::crash::stopped;
use super::desk::Desk;
use super::ledger::{Ledger, list};
use super::office::Office;
use super::server::{Server, free_port, url};

const SERVERS: usize = 3;

/// Every so many kills it is the database.
const DATABASE: usize = 4;

/// What has been killed, and when.
#[derive(Default)]
struct Kills {
    servers: Vec<Instant>,
    database: Vec<Instant>,
}

impl Kills {
    fn count(&self) -> usize {
        self.servers.len() + self.database.len()
    }
}

struct Site {
    office: Office,
    cluster: Cluster,
    ports: Vec<u16>,
    servers: Vec<Option<Server>>,
    ledger: Arc<Ledger>,
    clients: JoinSet<anyhow::Result<()>>,
    /// How many cases have been begun.
    begun: Arc<AtomicUsize>,
    closing: Arc<AtomicBool>,
}

pub async fn run(plan: Plan) -> anyhow::Result<String> {
    let mut site = Site::open(plan).await?;
    let began = Instant::now();
    let mut kills = Kills::default();
    let mut chance = Chance::new(plan.seed, 0);
    while site.begun.load(Ordering::SeqCst) < plan.cases || kills.count() < plan.rounds {
        site.torture(&mut chance, &mut kills).await?;
    }
    let hard = site.ledger.failures();
    let (drained, soft) = site.roll().await?;
    site.closing.store(true, Ordering::SeqCst);
    while !stopped(&mut site.clients).await? {}
    let (steps, seconds) = (site.ledger.count(), began.elapsed().as_secs_f64());
    for server in site.servers.drain(..).flatten() {
        server.kill()?;
    }
    audit(&site.office.database, &site.ledger).await?;
    let worst = |kills: &[Instant]| {
        let gaps = kills.iter().filter_map(|at| site.ledger.resumed(*at));
        gaps.max().unwrap_or_default()
    };
    Ok(format!(
        "{} cases, {steps} acknowledged steps by {} clients on {SERVERS} servers in {seconds:.0} s; {} \
         servers and {} databases killed: 0 lost, 0 doubled, numbers without a gap; the next \
         acknowledgement came {:.2?} after a server's kill and {:.2?} after the database's at worst, \
         longest silence {:.2?}; answers that were none: {}; rolling restart: ended after {drained:.2?} \
         at worst, answers that were none: {}",
        site.ledger.cases().len(),
        plan.clients,
        kills.servers.len(),
        kills.database.len(),
        worst(&kills.servers),
        worst(&kills.database),
        site.ledger.silence(),
        list(&hard),
        list(&soft),
    ))
}

impl Site {
    async fn open(plan: Plan) -> anyhow::Result<Self> {
        let cluster = Cluster::start().map_err(anyhow::Error::msg)?;
        let office = Office::open(Some(cluster.database()), false, plan.clients).await?;
        let (mut ports, mut servers) = (Vec::new(), Vec::new());
        for _ in 0..SERVERS {
            let port = free_port()?;
            let mut server = Server::start(&office, port)?;
            server.ready().await?;
            ports.push(port);
            servers.push(Some(server));
        }
        let urls = Arc::new(ports.iter().map(|port| url(*port)).collect());
        let (ledger, begun) = (Arc::new(Ledger::default()), Arc::new(AtomicUsize::new(0)));
        let closing = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for number in 0..plan.clients {
            let desk = Desk::new(number, plan.seed, &urls, &ledger)?;
            clients.spawn(work(desk, Arc::clone(&begun), Arc::clone(&closing)));
        }
        Ok(Self { office, cluster, ports, servers, ledger, clients, begun, closing })
    }

    /// Kills a server or the database, and brings it back.
    async fn torture(&mut self, chance: &mut Chance, kills: &mut Kills) -> anyhow::Result<()> {
        // Some work in between, and a moment that nobody chose.
        self.worked(50 + chance.below(100)).await?;
        tokio::time::sleep(Duration::from_millis(chance.below(2_000) as u64)).await;
        if kills.count() % DATABASE == DATABASE - 1 {
            kills.database.push(Instant::now());
            tokio::task::block_in_place(|| {
                self.cluster.kill();
                std::thread::sleep(Duration::from_millis(chance.below(1_000) as u64));
                self.cluster.revive();
            });
            return Ok(());
        }
        let place = chance.below(SERVERS);
        self.servers[place].take().context("a server")?.kill()?;
        kills.servers.push(Instant::now());
        tokio::time::sleep(Duration::from_millis(chance.below(1_000) as u64)).await;
        self.servers[place] = Some(self.start(place).await?);
        Ok(())
    }

    /// Waits for so many more acknowledgements.
    async fn worked(&mut self, more: usize) -> anyhow::Result<()> {
        let enough = self.ledger.count() + more;
        while self.ledger.count() < enough {
            ensure!(!stopped(&mut self.clients).await?, "the clients stopped by themselves");
        }
        Ok(())
    }

    async fn start(&self, place: usize) -> anyhow::Result<Server> {
        let mut server = Server::start(&self.office, self.ports[place])?;
        server.ready().await?;
        Ok(server)
    }

    /// Asks each server in turn to end while the others work: how long the slowest took, and the
    /// answers that were none.
    async fn roll(&mut self) -> anyhow::Result<(Duration, BTreeMap<String, u64>)> {
        let mut slowest = Duration::ZERO;
        for place in 0..SERVERS {
            self.worked(200).await?;
            let server = self.servers[place].take().context("a server")?;
            slowest = slowest.max(server.terminate().await?);
            self.servers[place] = Some(self.start(place).await?);
        }
        let failures = self.ledger.failures();
        ensure!(slowest <= Duration::from_secs(15), "a server took {slowest:?} to end");
        Ok((slowest, failures))
    }
}

async fn work(
    mut desk: Desk,
    begun: Arc<AtomicUsize>,
    closing: Arc<AtomicBool>,
) -> anyhow::Result<()> {
    desk.sign_in().await?;
    while !closing.load(Ordering::SeqCst) {
        desk.work(begun.fetch_add(1, Ordering::SeqCst)).await?;
    }
    Ok(())
}
