//! A request under an `Idempotency-Key`, with the server killed at every point of it: whoever sends it again finds it carried out once.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(180);
/// More commits than a start and one request have.
const COMMITS_MAX: u32 = 40;

struct Server {
    child: Child,
    address: SocketAddr,
}

struct Answer {
    status: u16,
    replayed: bool,
    body: Value,
}

impl Server {
    /// Starts the server, to die at a point. None when it does not live to answer.
    fn start(folder: &Path, fault: Option<&str>) -> Option<Self> {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL", "AOS_FAULT"] {
            command.env_remove(name);
        }
        command.args(["serve", "--no-worker", "--port", &address.port().to_string()]);
        command.env("AUTONOMOS_DATA", folder.join("data")).env("AUTONOMOS_SOURCES__ALLOWED_ROOTS", folder);
        if let Some(fault) = fault {
            command.env("AOS_FAULT", fault);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Self { child, address };
        let begun = Instant::now();
        while server.send("GET", "/health/live", None, None, &Value::Null).is_none() {
            if server.child.try_wait().unwrap().is_some() {
                return None;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not begin");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(server)
    }

    /// Sends a request; None when there was no answer.
    fn send(&self, method: &str, path: &str, token: Option<&str>, key: Option<&str>, body: &Value) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (name, value) in [
            ("Authorization", token.map(|token| format!("Bearer {token}"))),
            ("Idempotency-Key", key.map(str::to_owned)),
        ] {
            if let Some(value) = value {
                head += &format!("{name}: {value}\r\n");
            }
        }
        head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(head.as_bytes()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some(Answer {
            status: head.get(9..12)?.parse().ok()?,
            replayed: head.to_ascii_lowercase().contains("idempotent-replayed: true"),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        })
    }

    /// Waits for the end that was planned for it. False when it lives, which it then does no more.
    fn died(&mut self) -> bool {
        std::thread::sleep(Duration::from_millis(50));
        let died = self.child.try_wait().unwrap().is_some();
        self.child.kill().ok();
        self.child.wait().unwrap();
        died
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// An installation with a tenant, and the token of its owner.
fn installation(folder: &Path) -> String {
    let sources = folder.join("crm");
    std::fs::create_dir_all(&sources).unwrap();
    std::fs::write(sources.join("account.csv"), "account_id,name\nA1,Acme\n").unwrap();
    let server = Server::start(folder, None).expect("a start");
    let owner = json!({ "name": "acme", "email": "ann@acme.test", "password": "four unrelated plain words" });
    let session = server.send("POST", "/api/v1/auth/register", None, None, &owner).unwrap();
    session.body["access_token"].as_str().unwrap_or_else(|| panic!("{}", session.body)).to_owned()
}

/// Sends the request to a server that dies at a point, then again until it is answered. Returns whether it died.
fn killed_at(folder: &Path, token: &str, point: &str, name: &str) -> bool {
    let body = json!({ "name": name, "config": { "path": folder.join("crm") } });
    let send = |server: &Server| server.send("POST", "/api/v1/connections", Some(token), Some(name), &body);
    let Some(mut doomed) = Server::start(folder, Some(point)) else { return true };
    let first = send(&doomed);
    let died = doomed.died();
    let server = Server::start(folder, None).expect("a start");
    let begun = Instant::now();
    let answer = loop {
        let answer = send(&server).expect("an answer");
        if answer.status != 409 {
            break answer;
        }
        assert_eq!(answer.body["code"], "idempotency_key_in_flight", "{point}: {}", answer.body);
        assert!(begun.elapsed() < Duration::from_secs(60), "{point}: the key is not given back");
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(answer.status, 201, "{point}: {}", answer.body);
    if let Some(first) = first {
        assert!(answer.replayed && first.body == answer.body, "{point}: the first answer was another one");
    }
    let list = server.send("GET", "/api/v1/connections?limit=100", Some(token), None, &Value::Null).unwrap().body;
    let made: Vec<_> = list["items"].as_array().unwrap().iter().filter(|item| item["name"] == name).collect();
    assert_eq!(made.len(), 1, "{point}: {list}");
    assert_eq!(made[0]["id"], answer.body["id"], "{point}: the answer is about something else");
    let path = format!("/api/v1/audit?action=connection.create&resource={}", answer.body["id"].as_str().unwrap());
    let trail = server.send("GET", &path, Some(token), None, &Value::Null).unwrap().body;
    assert_eq!(trail["items"].as_array().unwrap().len(), 1, "{point}: {trail}");
    died
}

#[test]
fn killed_at_any_point_a_request_under_a_key_takes_effect_once() {
    let folder = tempfile::tempdir().unwrap();
    let token = installation(folder.path());
    for point in ["store.part.kept:1", "request.done:1", "request.answered:1"] {
        assert!(killed_at(folder.path(), &token, point, point), "{point} was never reached");
    }
    // Every commit from the start on, until the request is behind the last one.
    let mut deaths = 0;
    for side in ["before", "after"] {
        for number in 1..COMMITS_MAX {
            let point = format!("store.commit.{side}:{number}");
            if !killed_at(folder.path(), &token, &point, &point) {
                break;
            }
            deaths += 1;
        }
    }
    assert!(deaths >= 4, "the request alone commits its claim and itself: {deaths}");
    let data = folder.path().join("data");
    let export = Command::new(env!("CARGO_BIN_EXE_autonomos"))
        .env("AUTONOMOS_DATA", &data)
        .args(["audit", "export", "--tenant", "acme", "--out"])
        .arg(folder.path().join("audit.ndjson"))
        .status();
    assert!(export.unwrap().success());
    let verified = Command::new(env!("CARGO_BIN_EXE_autonomos"))
        .args(["audit", "verify"])
        .arg(folder.path().join("audit.ndjson"))
        .output();
    let verified = verified.unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
