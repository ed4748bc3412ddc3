//! A real SMTP server on this machine for tests: Debian's python3-aiosmtpd, gone with the process that
//! started it.
//!
//! Where it is missing, whoever asks is told so on standard error, past the capture of the test run; with
//! `TRAMITE_REQUIRE_SMTP` set (as in `.ci/run`) that is a failure.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Smtpd {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Smtpd {
    /// None where there is no such program.
    pub fn start() -> Option<Self> {
        let why = match Self::try_start() {
            Ok(server) => return Some(server),
            Err(why) => why,
        };
        let is_required = std::env::var_os("TRAMITE_REQUIRE_SMTP").is_some();
        assert!(!is_required, "an SMTP server is required: {why}");
        let words = "*** NOT TESTED: mail over SMTP";
        // Not `eprintln!`, which a test run keeps to itself.
        writeln!(io::stderr(), "\n{words}: {why} ***\n").expect("standard error");
        None
    }

    fn try_start() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let free = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = free.local_addr().map_err(|error| error.to_string())?.port();
        drop(free);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/smtpd.py");
        let mut why = String::new();
        // Debian's own has the package, whichever comes first in the path.
        for python in ["/usr/bin/python3", "python3"] {
            let mut command = Command::new(python);
            command.arg(&script).arg(port.to_string()).arg(folder.path());
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            let mut server = match command.spawn() {
                Ok(server) => server,
                Err(error) => {
                    why = format!("{python}: {error}");
                    continue;
                }
            };
            let mut line = String::new();
            let told = server.stdout.take().map(BufReader::new);
            if let Some(mut told) = told
                && told.read_line(&mut line).is_ok()
                && line.trim() == "ready"
            {
                return Ok(Self { folder, port, server });
            }
            drop(server.kill());
            drop(server.wait());
            why = format!("{python} has no aiosmtpd");
        }
        Err(why)
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The mails that it has taken, in their order.
    pub fn mails(&self) -> Vec<String> {
        let mut mails = Vec::new();
        while let Ok(mail) = fs::read(self.folder.path().join(format!("{}.eml", mails.len() + 1))) {
            mails.push(String::from_utf8_lossy(&mail).replace("\r\n", "\n"));
        }
        mails
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}
