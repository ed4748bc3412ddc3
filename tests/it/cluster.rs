//! A private PostgreSQL cluster for tests and torture, made from the binaries on the machine, on a
//! free port, gone with the process that made it. It is ours alone, so that it can be killed.
//!
//! Where there is no PostgreSQL, whoever asks is told so on standard error, past the capture of the
//! test run; with `TRAMITE_REQUIRE_POSTGRES` set (as in `.ci/run`) that is a failure. With
//! `TRAMITE_TEST_ISOLATION=serializable` every transaction of its databases is that.

use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// PostgreSQL refuses to run as root; this is Debian's `nobody`, who owns nothing.
const NOBODY: u32 = 65_534;

/// Ends the server when our end of the pipe is closed, which happens however we end.
const KEEPER: &str = r#"
"$0" -D "$1" -k "$1" -p "$2" -h 127.0.0.1 -c max_connections=200 -c shared_buffers=128MB >>"$1/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
"#;

pub struct Cluster {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    port: u16,
    keeper: Child,
    is_root: bool,
    databases: AtomicU32,
}

/// The cluster of this process; none where there is no PostgreSQL.
pub fn shared() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(|| required(Cluster::start())).as_ref()
}

/// Says loudly what is missing, or fails where it must not be missing.
pub fn required<T>(made: Result<T, String>) -> Option<T> {
    match made {
        Ok(made) => Some(made),
        Err(why) => {
            let is_required = std::env::var_os("TRAMITE_REQUIRE_POSTGRES").is_some();
            assert!(!is_required, "PostgreSQL is required: {why}");
            let words = "*** NOT TESTED: everything with PostgreSQL";
            // Not `eprintln!`, which a test run keeps to itself.
            writeln!(io::stderr(), "\n{words}: {why} ***\n").expect("standard error");
            None
        }
    }
}

impl Cluster {
    pub fn start() -> Result<Self, String> {
        let binaries = binaries().ok_or("no `initdb` in the PATH or /usr/lib/postgresql")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let is_root = fs::metadata(folder.path()).map_err(|error| error.to_string())?.uid() == 0;
        if is_root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).map_err(|error| error.to_string())?;
        }
        let data = folder.path().join("data");
        let mut initdb = Command::new(binaries.join("initdb"));
        initdb.args(["-U", "tramite", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D"]);
        initdb.arg(&data).current_dir("/");
        if is_root {
            initdb.uid(NOBODY).gid(NOBODY);
        }
        let made = initdb.output().map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let port = free_port().map_err(|error| error.to_string())?;
        let keeper = keeper(&binaries, &data, port, is_root).map_err(|error| error.to_string())?;
        let databases = AtomicU32::new(0);
        let cluster = Self { folder, binaries, port, keeper, is_root, databases };
        cluster.wait()?;
        Ok(cluster)
    }

    /// The address of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("office{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.sql("postgres", &format!("CREATE DATABASE {name}")).expect("a database is made");
        // What passes with every transaction serializable passes with whatever a site has set.
        if let Ok(level) = std::env::var("TRAMITE_TEST_ISOLATION") {
            let set =
                format!("ALTER DATABASE {name} SET default_transaction_isolation = '{level}'");
            self.sql("postgres", &set).expect("an isolation level");
        }
        self.url(&name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://tramite@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a statement with PostgreSQL's own client.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = self.tool("psql");
        psql.args(["-X", "-A", "-t", "-q", "-d"]).arg(self.url(database)).args(["-c", sql]);
        let done = psql.output().map_err(|error| error.to_string())?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned());
        }
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }

    /// One of PostgreSQL's own programs.
    pub fn tool(&self, name: &str) -> Command {
        Command::new(self.binaries.join(name))
    }

    /// All its processes are gone at once, as when the power fails.
    pub fn kill(&self) {
        let file = self.data().join("postmaster.pid");
        let pid = fs::read_to_string(&file).expect("the server runs");
        let pid = pid.lines().next().expect("a process").to_owned();
        // Stopped first: it would else start others while its own are killed.
        let script = "kill -STOP $0; kill -9 $(ps -o pid= --ppid $0) $0";
        let killed = Command::new("sh").args(["-c", script, &pid]).stderr(Stdio::null()).status();
        killed.expect("sh");
    }

    /// Starts the server again after [`kill`](Self::kill).
    pub fn revive(&mut self) {
        for _ in 0..100 {
            self.end();
            let before = self.log().len();
            self.keeper = keeper(&self.binaries, &self.data(), self.port, self.is_root)
                .expect("the server starts");
            for _ in 0..600 {
                if self.sql("postgres", "SELECT 1").is_ok() {
                    return;
                }
                // The old server's last process holds the folder for a moment: then it has ended.
                let said = self.log().split_off(before);
                if said.contains("pre-existing shared memory") || said.contains("lock file") {
                    break;
                }
                sleep(Duration::from_millis(20));
            }
        }
        panic!("the server does not come back: {}", self.log());
    }

    /// The keeper ends its server, and buries it.
    fn end(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.data().join("log")).unwrap_or_default()
    }

    fn wait(&self) -> Result<(), String> {
        for _ in 0..300 {
            if self.sql("postgres", "SELECT 1").is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(50));
        }
        Err(format!("the server does not answer: {}", self.log()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end();
    }
}

fn keeper(binaries: &Path, data: &Path, port: u16, is_root: bool) -> io::Result<Child> {
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER]).arg(binaries.join("postgres")).arg(data).arg(port.to_string());
    keeper.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    if is_root {
        keeper.uid(NOBODY).gid(NOBODY);
    }
    keeper.spawn()
}

fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Debian keeps the server's own out of the PATH; the newest comes first.
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    folders.splice(0..0, versions.into_iter().rev().map(|(_, folder)| folder));
    folders.into_iter().find(|folder| folder.join("initdb").exists())
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
