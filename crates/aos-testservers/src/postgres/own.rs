//! A PostgreSQL server of one test's own, which keeps what it was told to keep: for tests that kill it.

use super::programs::{self, Programs};
use super::{PASSWORD, SUPERUSER};
use crate::Certificate;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Small, because several run beside one another; safe, because what was acknowledged is counted afterwards.
const SETTINGS: [&str; 9] = [
    "listen_addresses=",
    "fsync=on",
    "synchronous_commit=on",
    "max_connections=120",
    "shared_buffers=32MB",
    "unix_socket_permissions=0777",
    "password_encryption=scram-sha-256",
    "log_min_messages=error",
    "wal_init_zero=off",
];
const START_MAX: Duration = Duration::from_secs(30);

/// A server with a socket in a folder of its own. It ends with this value, or with the test's process.
pub struct OwnPostgres {
    programs: Programs,
    server: Mutex<Option<Child>>,
    /// Where it listens on 127.0.0.1, beside its socket.
    port: Option<u16>,
    settings: Vec<String>,
    // Last: removed after the server has ended.
    folder: TempDir,
}

impl OwnPostgres {
    /// Makes and starts a server; `None` when this machine has no PostgreSQL 15 or newer.
    pub fn start() -> Option<Self> {
        Self::start_with(None, &[], None)
    }

    /// Makes and starts a server that listens on 127.0.0.1 too, with some more settings, and speaks TLS when it has a certificate.
    pub fn listening(settings: &[&str], certificate: Option<&Certificate>) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its address").port();
        drop(free);
        Self::start_with(Some(port), settings, certificate)
    }

    fn start_with(port: Option<u16>, settings: &[&str], certificate: Option<&Certificate>) -> Option<Self> {
        let programs = programs::find()?;
        let folder = tempfile::Builder::new().prefix("aos-pg").tempdir().expect("a temporary folder");
        let mut settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        settings.extend(port.map(|port| format!("port={port}")));
        settings.extend(port.map(|_| "listen_addresses=127.0.0.1".to_owned()));
        let mut server = Self { programs, server: Mutex::default(), port, settings, folder };
        server.make();
        if let Some(certificate) = certificate {
            server.present(certificate);
        }
        server.start_again();
        server.sql("postgres", &format!("CREATE ROLE owner LOGIN CREATEROLE PASSWORD '{PASSWORD}'"));
        server.sql("postgres", "CREATE DATABASE autonomos OWNER owner");
        Some(server)
    }

    fn make(&self) {
        let password = self.folder.path().join("password");
        std::fs::write(&password, PASSWORD).expect("a file");
        std::fs::create_dir(self.data()).expect("a folder");
        if let Some(user) = &self.programs.user {
            run(Command::new("chown").arg("-R").arg(user).arg(self.folder.path()));
        }
        let mut initdb = self.programs.command("initdb");
        initdb.args(["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--username", SUPERUSER]);
        run(initdb.arg("--pgdata").arg(self.data()).arg("--pwfile").arg(&password));
    }

    /// Gives the server a certificate; it insists on owning its key.
    fn present(&mut self, certificate: &Certificate) {
        for (name, from) in [("server.crt", certificate.chain()), ("server.key", certificate.key())] {
            let to = self.data().join(name);
            std::fs::copy(from, &to).expect("a file");
            run(Command::new("chmod").arg("600").arg(&to));
            if let Some(user) = &self.programs.user {
                run(Command::new("chown").arg(user).arg(&to));
            }
        }
        self.settings.push("ssl=on".to_owned());
    }

    /// Ends the server as a power cut would: nothing is written out, and the next start has to recover.
    pub fn kill(&self) {
        let Some(mut server) = self.server().take() else { return };
        // SIGQUIT is the server's "immediate" mode. Its children end with it.
        run(Command::new("kill").args(["-QUIT", &server.id().to_string()]));
        server.wait().expect("a server of ours");
    }

    /// Ends the server in an orderly way.
    fn stop(&self) {
        let Some(mut server) = self.server().take() else { return };
        run(Command::new("kill").args(["-INT", &server.id().to_string()]));
        server.wait().expect("a server of ours");
    }

    /// Makes the server number its next transaction `to`, as if it had worked for years. Everything before is frozen, as a server that
    /// works for years does.
    pub fn age_to(&self, to: u32) {
        // Transactions compare within half of their numbers, so the way there has stations.
        for station in [1_500_000_000, 3_000_000_000, to] {
            self.sql("postgres", "ALTER DATABASE template0 ALLOW_CONNECTIONS TRUE");
            for database in self.sql("postgres", "SELECT datname FROM pg_database").lines() {
                self.sql(database, "VACUUM FREEZE");
            }
            self.stop();
            // Where the outcome of transactions is kept: two bits each, in files of 256 KiB.
            let outcomes = self.data().join("pg_xact").join(format!("{:04X}", station / (4 * 256 * 1024)));
            std::fs::write(&outcomes, vec![0; 256 * 1024]).expect("a file");
            if let Some(user) = &self.programs.user {
                run(Command::new("chown").arg(user).arg(&outcomes));
            }
            let mut reset = self.programs.command("pg_resetwal");
            run(reset.arg("--next-transaction-id").arg(station.to_string()).arg("--pgdata").arg(self.data()));
            self.start_again();
        }
    }

    /// Begins to start the server where it was. [`OwnPostgres::answers`] says when it is there.
    pub fn begin_start(&self) {
        // It ends with the thread that starts it, also when the test is killed.
        let mut command = self.programs.command_after(&["setpriv", "--pdeathsig", "QUIT", "--"], "postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        for setting in SETTINGS.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::options().create(true).append(true).open(self.log()).expect("a file");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        *self.server() = Some(command.spawn().expect("the server starts"));
    }

    /// Starts the server where it was and waits until it answers.
    pub fn start_again(&self) {
        self.begin_start();
        let begun = Instant::now();
        while !self.answers() {
            assert!(begun.elapsed() < START_MAX, "PostgreSQL does not answer; see {}", self.log().display());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn answers(&self) -> bool {
        self.try_sql("postgres", "SELECT 1").is_ok()
    }

    /// Returns the address of the database `autonomos` for a role whose password is the private server's one.
    pub fn url(&self, role: &str) -> String {
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{role}:{PASSWORD}@{host}/autonomos")
    }

    /// Returns where it listens on 127.0.0.1, when it was made so.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Runs SQL as superuser and returns what it prints: values without frame, a row per line.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.try_sql(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let output = self.psql(database, sql).output().map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Begins a command line that runs SQL as superuser.
    pub fn psql(&self, database: &str, sql: &str) -> Command {
        let mut command = Command::new(self.programs.bin.join("psql"));
        command
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args(["--username", SUPERUSER, "--dbname", database, "--command", sql])
            .arg("--host")
            .arg(self.folder.path())
            .env("PGPASSWORD", PASSWORD)
            .stdin(Stdio::null());
        if let Some(port) = self.port {
            command.args(["--port", &port.to_string()]);
        }
        command
    }

    /// Where the server writes down what happens to it.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn server(&self) -> MutexGuard<'_, Option<Child>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.kill();
    }
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
