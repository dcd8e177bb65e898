//! A private Redis (or Valkey) for one test: on a Unix socket, and if wanted on a free port of loopback, plain or with TLS; without a
//! file on disk. It can be asked, killed, started again and frozen.

use crate::certificates::Certificate;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// Set by `scripts/test` where there is no server to be had; it then lists these tests as skipped.
const WITHOUT: &str = "AOS_TEST_WITHOUT_REDIS";
const START_MAX: Duration = Duration::from_secs(10);

pub struct Redis {
    program: PathBuf,
    server: Mutex<Option<Child>>,
    /// The port beside the socket, and the certificate when it speaks TLS.
    port: Option<(u16, Option<Certificate>)>,
    // Last: removed after the server has ended.
    folder: TempDir,
}

impl Redis {
    /// Starts a server; `None` where tests are to run without one. Fails where there is none and nobody said so.
    pub fn start() -> Option<Self> {
        Self::start_with(None)
    }

    /// Starts a server that also listens on a port.
    pub fn start_on_port() -> Option<Self> {
        Self::start_with(Some((free_port(), None)))
    }

    /// Starts a server that also listens on a port, with TLS and this certificate.
    pub fn start_tls(certificate: Certificate) -> Option<Self> {
        Self::start_with(Some((free_port(), Some(certificate))))
    }

    fn start_with(port: Option<(u16, Option<Certificate>)>) -> Option<Self> {
        let program = find()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let redis = Self { program, server: Mutex::default(), port, folder };
        redis.start_again();
        Some(redis)
    }

    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port.as_ref().expect("started with a port").0
    }

    /// Kills the server as a crash would.
    pub fn kill(&self) {
        if let Some(mut server) = self.server().take() {
            server.kill().expect("a server of ours");
            server.wait().expect("a server of ours");
        }
    }

    /// Starts the server where it was; it has forgotten everything.
    pub fn start_again(&self) {
        self.kill();
        let mut command = Command::new(&self.program);
        command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--unixsocket"]).arg(self.socket());
        command.arg("--dir").arg(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        match &self.port {
            None => drop(command.args(["--port", "0"])),
            Some((port, None)) => drop(command.args(["--port", &port.to_string()])),
            Some((port, Some(certificate))) => {
                command.args(["--port", "0", "--tls-auth-clients", "no", "--tls-port", &port.to_string()]);
                command.arg("--tls-cert-file").arg(certificate.chain()).arg("--tls-key-file").arg(certificate.key());
                command.arg("--tls-ca-cert-file").arg(certificate.authority());
            }
        }
        *self.server() = Some(command.spawn().expect("the server starts"));
        let begun = Instant::now();
        while self.try_ask("PING").is_none_or(|answer| !answer.starts_with("+PONG")) {
            assert!(begun.elapsed() < START_MAX, "the server does not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops the server in the middle of whatever it does, with its connections open.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Asks the server something, in one line, and returns its answer as it comes.
    pub fn ask(&self, line: &str) -> String {
        self.try_ask(line).expect("a server that answers")
    }

    /// Asks like [`Redis::ask`]; `None` when the server does not take the connection.
    pub fn try_ask(&self, line: &str) -> Option<String> {
        let mut stream = UnixStream::connect(self.socket()).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        // The server closes the connection when it has answered.
        stream.write_all(format!("{line}\r\nQUIT\r\n").as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn signal(&self, signal: &str) {
        let process = self.server().as_ref().expect("a running server").id();
        let done = Command::new("kill").args([signal, &process.to_string()]).status().expect("the kill command");
        assert!(done.success());
    }

    fn server(&self) -> MutexGuard<'_, Option<Child>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Finds a server on the path.
#[allow(clippy::disallowed_methods)] // Tests have no configuration.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&path).flat_map(|folder| PROGRAMS.map(|program| folder.join(program)));
    let found = candidates.into_iter().find(|candidate| Path::is_file(candidate));
    if found.is_none() {
        let advice = "install redis-server (apt-get install redis-server) or Valkey";
        assert!(
            std::env::var_os(WITHOUT).is_some(),
            "no Redis to test with: {advice}, or set {WITHOUT}=1 to leave this out"
        );
        eprintln!("SKIPPED: no Redis to test with; {advice}");
    }
    found
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
