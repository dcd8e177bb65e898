//! A private PgBouncer before the private PostgreSQL: transactions of all clients take turns on one server session.

use crate::Database;
use crate::postgres::{PASSWORD, instead_of_root};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PORT: u16 = 6432;
const START_MAX: Duration = Duration::from_secs(20);

/// A running PgBouncer; stopped with this value, and by the system when the test dies.
pub struct PgBouncer {
    process: Child,
    dir: tempfile::TempDir,
    database: String,
}

impl PgBouncer {
    /// Starts one that pools transactions over a single session per role; `None` when this machine has no PgBouncer.
    pub fn start(database: &Database, roles: &[&str]) -> Option<Self> {
        let program =
            ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|path| Path::new(path).exists())?;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let at = dir.path().display();
        let settings = format!(
            "[databases]\n\
             * = host={socket} port=5432\n\
             [pgbouncer]\n\
             pool_mode = transaction\n\
             default_pool_size = 1\n\
             max_client_conn = 100\n\
             unix_socket_dir = {at}\n\
             unix_socket_mode = 0777\n\
             listen_port = {PORT}\n\
             auth_type = scram-sha-256\n\
             auth_file = {at}/users\n\
             logfile = {at}/log\n",
            socket = database.server().socket_dir().display(),
        );
        let users: String = roles.iter().map(|role| format!("\"{role}\" \"{PASSWORD}\"\n")).collect();
        std::fs::write(dir.path().join("settings.ini"), settings).expect("a file");
        std::fs::write(dir.path().join("users"), users).expect("a file");
        // The system ends it also when the test is killed.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if let Some((user, group)) = instead_of_root() {
            let given = Command::new("chown").args(["-R", &user]).arg(dir.path()).status();
            assert!(given.is_ok_and(|status| status.success()), "the folder cannot be given to {user}");
            command.args(["--reuid", &user, "--regid", &group, "--clear-groups"]);
        }
        command.args(["--", program, "--quiet"]).arg(dir.path().join("settings.ini"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("setpriv and pgbouncer");
        let bouncer = Self { process, dir, database: database.name().to_owned() };
        bouncer.wait();
        Some(bouncer)
    }

    /// Returns the address of the database for a role, by way of the pooler.
    pub fn url(&self, role: &str) -> String {
        let host = self.dir.path().display().to_string().replace('/', "%2F");
        format!("postgres://{role}:{PASSWORD}@{host}:{PORT}/{}", self.database)
    }

    fn wait(&self) {
        let (socket, begun) = (self.dir.path().join(format!(".s.PGSQL.{PORT}")), Instant::now());
        while !socket.exists() {
            let log = || std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < START_MAX, "pgbouncer does not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
