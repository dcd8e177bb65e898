//! The one server that test processes share: who starts it, who may count on it, and when it ends.

use super::programs::Programs;
use super::{PASSWORD, SUPERUSER};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Stops the server once nobody has used it for this long.
const IDLE_SECONDS: u32 = 20;
/// Speed over safety: what is in it is worth nothing after the test.
const SETTINGS: [&str; 13] = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    // A test that ends while a connection is being opened leaves it half open, and its database is not dropped before that is given up.
    "authentication_timeout=10s",
    "shared_buffers=64MB",
    "max_wal_size=512MB",
    "autovacuum=on",
    "log_min_messages=fatal",
    "unix_socket_permissions=0777",
    "max_locks_per_transaction=128",
    "password_encryption=scram-sha-256",
];

/// All tests together were seen to take a tenth of a gigabyte at a time; what else the machine does is not to want for memory.
const IN_MEMORY_FREE_MIN: u64 = 8 << 30;

pub(super) struct Cluster {
    programs: Programs,
    dir: PathBuf,
    // Shared lock: the watchdog leaves the server alone while any process holds it.
    _user: File,
}

impl Cluster {
    pub(super) fn join(programs: Programs) -> Self {
        let dir = directory(&programs);
        let user = lock_file(&dir, "users");
        user.lock_shared().expect("a lock");
        let cluster = Self { programs, dir, _user: user };
        let starting = lock_file(&cluster.dir, "starting");
        starting.lock().expect("a lock");
        if !cluster.answers() {
            cluster.start();
        }
        cluster
    }

    pub(super) fn socket_dir(&self) -> &Path {
        &self.dir
    }

    /// Does something once on this server, whichever process comes first; the others wait for it.
    pub(super) fn once(&self, name: &str, what: impl FnOnce()) {
        let lock = lock_file(&self.dir, name);
        lock.lock().expect("a lock");
        let done = self.dir.join("data").join(format!("{name}.done"));
        if !done.exists() {
            what();
            File::create(done).expect("a file");
        }
    }

    pub(super) fn psql(&self, role: &str, database: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(self.programs.bin.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args(["--username", role, "--dbname", database, "--command", sql])
            .arg("--host")
            .arg(&self.dir)
            .env("PGPASSWORD", PASSWORD)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn answers(&self) -> bool {
        self.dir.join("data/postmaster.pid").exists() && self.psql(SUPERUSER, "postgres", "SELECT 1").is_ok()
    }

    fn start(&self) {
        let data = self.dir.join("data");
        // What a machine that went down has left.
        let _ = std::fs::remove_dir_all(&data);
        let password = self.dir.join("password");
        std::fs::write(&password, PASSWORD).expect("a file");
        std::fs::create_dir(&data).expect("a folder");
        self.give_away(&data);
        self.give_away(&password);
        let mut initdb = self.programs.command("initdb");
        initdb.args(["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--username", SUPERUSER]);
        run(initdb.arg("--pgdata").arg(&data).arg("--pwfile").arg(&password));
        self.watch();
        let mut options = format!("-k {}", self.dir.display());
        for setting in SETTINGS {
            options += &format!(" -c {setting}");
        }
        let mut start = self.programs.command("pg_ctl");
        start.args(["start", "--wait", "--silent", "--pgdata"]).arg(&data).arg("--options").arg(options);
        run(start.arg("--log").arg(data.join("server.log")));
    }

    /// Starts the watchdog, in a session of its own, so that it survives whoever is killed.
    fn watch(&self) {
        let script = format!(
            r#"exec 9>>users.lock
               while :; do
                   flock --exclusive 9; flock --unlock 9
                   sleep {IDLE_SECONDS}
                   flock --exclusive --nonblock 9 && break
               done
               server=$(head -n 1 data/postmaster.pid 2>/dev/null)
               if [ -n "$server" ]; then
                   kill -INT "$server"
                   while kill -0 "$server" 2>/dev/null; do sleep 0.1; done
               fi
               rm -rf data"#
        );
        let watchdog = Command::new("setsid")
            .args(["--fork", "sh", "-c", &script])
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(watchdog.is_ok_and(|status| status.success()), "setsid(1) and sh are needed");
    }

    fn give_away(&self, path: &Path) {
        if let Some(user) = &self.programs.user {
            run(Command::new("chown").arg(user).arg(path));
        }
    }
}

/// Returns the directory of the shared server: short, because the name of a socket may have 107 bytes only.
fn directory(programs: &Programs) -> PathBuf {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (programs.name(), std::env::current_dir().ok().map(|dir| workspace_of(&dir))).hash(&mut hasher);
    let dir = base(&format!("aos-postgres-{:08x}", hasher.finish() as u32));
    std::fs::create_dir_all(&dir).expect("a temporary folder");
    if let Some(user) = &programs.user {
        run(Command::new("chown").arg(user).arg(&dir));
    }
    dir
}

/// Returns where the server lives: in memory where there is plenty, since a database is a thousand small files that a disk takes half a second for.
fn base(name: &str) -> PathBuf {
    let in_memory = Path::new("/dev/shm").join(name);
    let free = rustix::fs::statvfs("/dev/shm").map_or(0, |shm| shm.f_bavail * shm.f_frsize);
    // Who comes later joins who was first, whatever that one took.
    let memory = free >= IN_MEMORY_FREE_MIN || in_memory.join("data").exists();
    if memory { in_memory } else { std::env::temp_dir().join(name) }
}

/// Two copies of the repository do not share a server.
fn workspace_of(dir: &Path) -> PathBuf {
    dir.ancestors().find(|dir| dir.join("Cargo.lock").exists()).unwrap_or(dir).to_owned()
}

fn lock_file(dir: &Path, name: &str) -> File {
    let path = dir.join(format!("{name}.lock"));
    OpenOptions::new().create(true).append(true).open(path).expect("a file")
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
