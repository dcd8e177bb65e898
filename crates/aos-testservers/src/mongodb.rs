//! A private server that speaks MongoDB's protocol, for one test.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const START_MAX: Duration = Duration::from_secs(60);

/// A server on 127.0.0.1, ended with this value.
pub struct MongoDb {
    server: Child,
    port: u16,
    _folder: TempDir,
}

/// How the server presents itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    ReplicaSet,
    SingleServer,
}

impl MongoDb {
    /// Starts a server; `None` when this machine has none. `AOS_TEST_MONGODB` names the program, a `secantusd-py`; without it the one that
    /// `scripts/fetch-connectors` installs below `repository` is taken.
    pub fn start(repository: &Path, deployment: Deployment) -> Option<Self> {
        #[allow(clippy::disallowed_methods)] // Tests are told by the environment what there is.
        let told = std::env::var_os("AOS_TEST_MONGODB").map(PathBuf::from);
        let program = told.unwrap_or_else(|| repository.join("third_party/mongodb/bin/secantusd-py"));
        if !program.exists() {
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        let folder = tempfile::tempdir().expect("a temporary folder");
        // It ends with the thread that starts it, also when the test is killed.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&program).args([
            "--host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
        ]);
        command.arg("--storage-path").arg(folder.path().join("data")).args([
            "--cache-size",
            "64M",
            "--log-level",
            "ERROR",
        ]);
        if deployment == Deployment::SingleServer {
            command.arg("--standalone");
        }
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().expect("the server starts");
        let server = Self { server, port, _folder: folder };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < START_MAX, "{} does not answer", program.display());
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for MongoDb {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
