//! What is proposed is looked into by a task, with the server killed in the middle of it, wherever that is: another one goes on where it stopped,
//! and every step was done once.

use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(180);
const ROWS: usize = 500;

fn autonomos(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL", "AOS_FAULT"] {
        command.env_remove(name);
    }
    command.arg("--data").arg(folder.join("data")).args(args);
    command.env("AUTONOMOS_SOURCES__ALLOWED_ROOTS", folder).env("AUTONOMOS_WORKER__LEASE_MS", "1000");
    command
}

fn json_of(folder: &Path, args: &[&str]) -> Value {
    let output = autonomos(folder, &[args, &["--json"]].concat()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

struct Server(Child);

impl Server {
    /// Starts a server with its worker, to die at a point.
    fn start(folder: &Path, fault: Option<&str>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let mut command = autonomos(folder, &["serve", "--port", &port]);
        if let Some(fault) = fault {
            command.env("AOS_FAULT", fault);
        }
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().unwrap())
    }

    fn died(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Ends it as an operator would, so that what it keeps is free.
    fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn propose(folder: &Path, name: &str) -> String {
    let exports = folder.join(name);
    std::fs::create_dir_all(&exports).unwrap();
    let rows: String = (0..ROWS).map(|row| format!("A{row:04},Company {row}\n")).collect();
    std::fs::write(exports.join("account.csv"), format!("account_id,name\n{rows}")).unwrap();
    let intent = json!({ "source_type": "filesource", "name": name, "config": { "path": exports } });
    let file = folder.join("intent.json");
    std::fs::write(&file, intent.to_string()).unwrap();
    let proposed = json_of(folder, &["intent", "propose", file.to_str().unwrap()]);
    proposed[0]["id"].as_str().unwrap().to_owned()
}

/// Lets a server that dies at a point look into a proposal, then another one that does not. Returns whether the first one died.
fn killed_at(folder: &Path, point: &str, name: &str) -> bool {
    let id = propose(folder, name);
    let mut doomed = Server::start(folder, Some(point));
    let begun = Instant::now();
    // One that never comes to the point has looked into it long before this.
    while !doomed.died() && begun.elapsed() < Duration::from_secs(15) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let died = doomed.died();
    drop(doomed);
    let begun = Instant::now();
    let shown = loop {
        let server = Server::start(folder, None);
        std::thread::sleep(Duration::from_secs(3));
        server.stop();
        let shown = json_of(folder, &["intent", "show", &id]);
        if shown["state"] == "sampled" {
            break shown;
        }
        assert!(begun.elapsed() < PATIENCE, "{point}: {shown:#}");
    };
    let steps: Vec<&str> =
        shown["transitions"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(steps, ["checked", "discovered", "sampled"], "{point}: each step once");
    let connections = json_of(folder, &["connection", "list"]);
    let made: Vec<&Value> =
        connections.as_array().unwrap().iter().filter(|connection| connection["name"] == name).collect();
    assert_eq!(made.len(), 1, "{point}: one connection, however often it was begun");
    assert_eq!((&made[0]["status"], &made[0]["last_run"]), (&json!("safe_mode"), &Value::Null), "{point}");
    died
}

#[test]
fn killed_at_any_step_onboarding_goes_on_where_it_stopped_and_does_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    for (number, point) in [
        "onboarding.connected:1",
        "onboarding.step:1",
        "onboarding.stepped:1",
        "onboarding.step:2",
        "onboarding.stepped:3",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(killed_at(folder.path(), point, &format!("crm {number}")), "{point} was never reached");
    }
}
