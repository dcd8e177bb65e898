//! What a running server tells about itself: log lines that can be read by machines and hold no secret and no personal data, traces that reach from
//! the request to the statement, numbers without tenants, and the end of a tenant over HTTP.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(180);
const PASSWORD: &str = "four unrelated plain marker-pass words";
const EMAIL: &str = "zoe.marker-mail@private.example";
const PERSON: &str = "Zoe Marker-Person";
const WEBHOOK: &str = "https://hooks.slack.com/services/T000/B000/marker-webhook-secret";

/// A server in a process of its own, whose log is kept.
struct Server {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    fn start(data: &std::path::Path, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL", "AUTONOMOS_MASTER_KEY"] {
            command.env_remove(name);
        }
        command.arg("--data").arg(data).args(["serve", "--port", "0"]).envs(settings.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (told, kept) = (child.stderr.take().unwrap(), log.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(told).lines().map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let address = first
            .trim()
            .strip_prefix("listening on http://")
            .unwrap_or_else(|| panic!("{first}{}", log.lock().unwrap()));
        Self { child, address: address.to_owned(), log }
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Stops it as an operator does, so that everything is told to its end.
    fn stop(&mut self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Calls a server; `head` are further header lines.
fn call(address: &str, method: &str, path: &str, head: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{head}\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{method} {path}: {answer}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Answer { status, body: body.to_owned() }
}

/// A collector of traces that keeps every span it is sent.
struct Collector {
    address: String,
    spans: Arc<Mutex<Vec<Value>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let spans: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = spans.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = kept.clone();
                std::thread::spawn(move || take(stream, &kept));
            }
        });
        Self { address, spans }
    }

    fn spans(&self) -> Vec<Value> {
        self.spans.lock().unwrap().clone()
    }
}

/// Takes request after request on one connection.
fn take(stream: TcpStream, kept: &Mutex<Vec<Value>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut length, mut line) = (0, String::new());
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        assert!(first.starts_with("POST /v1/traces "), "{first}");
        loop {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if let Some(given) = line.to_lowercase().strip_prefix("content-length:") {
                length = given.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let sent: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(sent["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"], "autonomos");
        let spans = sent["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
        kept.lock().unwrap().extend(spans);
        write!(&stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}").unwrap();
    }
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What was told to callers and must be told to nobody else.
#[derive(Default)]
struct Told(Vec<String>);

impl Told {
    fn keep(&mut self, value: &Value) -> String {
        let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
        self.0.push(text.clone());
        text
    }
}

#[test]
fn logs_and_traces_show_where_things_went_and_never_what_was_secret_or_personal() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports/crm");
    std::fs::create_dir_all(&exports).unwrap();
    let rows = format!("account_id,name,email\nA-1,{PERSON},{EMAIL}\n,{PERSON} without a key,{EMAIL}\n");
    std::fs::write(exports.join("Account.csv"), rows).unwrap();
    let collector = Collector::start();
    let endpoint = format!("http://{}", collector.address);
    let roots = folder.path().join("exports").display().to_string();
    let mut server = Server::start(
        &folder.path().join("data"),
        &[
            ("AUTONOMOS_LOG__FORMAT", "json"),
            // Everything that any crate would tell.
            ("AUTONOMOS_LOG__FILTER", "debug"),
            ("AUTONOMOS_TELEMETRY__OTLP_ENDPOINT", &endpoint),
            ("AUTONOMOS_TELEMETRY__METRICS_ADDRESS", "127.0.0.1:0"),
            ("AUTONOMOS_SOURCES__ALLOWED_ROOTS", &roots),
        ],
    );
    let at = server.address.clone();
    let mut told = Told::default();
    let person = json!({ "name": "acme", "email": EMAIL, "password": PASSWORD }).to_string();
    let registered = call(&at, "POST", "/api/v1/auth/register", "", &person);
    assert_eq!(registered.status, 201, "{}", registered.body);
    told.keep(&registered.json()["access_token"]);
    let wrong = json!({ "email": EMAIL, "password": "marker-wrong-password" }).to_string();
    assert_eq!(call(&at, "POST", "/api/v1/auth/login", "", &wrong).status, 401);
    let login = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let token = told.keep(&call(&at, "POST", "/api/v1/auth/login", "", &login).json()["access_token"]);
    let auth = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(
        call(
            &at,
            "GET",
            "/api/v1/tasks?cursor=marker-query-string",
            "Authorization: Bearer marker-forged-token\r\n",
            ""
        )
        .status,
        401
    );
    let me = call(&at, "GET", "/api/v1/auth/me", &auth, "").json();
    let tenant = me["tenant"]["id"].as_str().unwrap().to_owned();
    let webhook = json!({ "webhook_url": WEBHOOK, "on": ["success"] }).to_string();
    assert_eq!(call(&at, "PUT", "/api/v1/notifications/slack", &auth, &webhook).status, 200);
    let connection = json!({ "name": "crm", "config": { "path": exports.display().to_string() } }).to_string();
    let created = call(&at, "POST", "/api/v1/connections", &auth, &connection);
    assert_eq!(created.status, 201, "{}", created.body);

    // A request that is part of a caller's trace, and begins a task.
    let caller = format!("{auth}traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n");
    let run = call(&at, "POST", "/api/v1/dcl/connect", &caller, "{}");
    assert_eq!(run.status, 202, "{}", run.body);
    let task = run.json()["task_id"].as_str().unwrap().to_owned();
    wait_for("the connect", || {
        let task = call(&at, "GET", &format!("/api/v1/tasks/{task}"), &auth, "").json();
        assert_ne!(task["state"], "failed", "{task}");
        (task["state"] == "success").then_some(())
    });
    let sql = json!({ "sql": format!("SELECT name FROM account WHERE name = '{PERSON}'") }).to_string();
    let answer = call(&at, "POST", "/api/v1/dcl/query", &auth, &sql);
    assert_eq!(answer.json()["rows"], json!([[PERSON]]), "{}", answer.body);
    let broken = json!({ "sql": format!("SELECT nothing FROM account WHERE name = '{PERSON}'") }).to_string();
    assert_eq!(call(&at, "POST", "/api/v1/dcl/query", &auth, &broken).status, 400);

    let version = call(&at, "GET", "/version", "", "").json();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(version["schema"].as_i64().unwrap() >= 9 && version["ontology"].as_i64().unwrap() >= 1, "{version}");
    let ready = wait_for("the worker", || {
        let ready = call(&at, "GET", "/health/ready", "", "").json();
        (ready["parts"]["worker"]["status"] == "ok").then_some(ready)
    });
    assert_eq!((&ready["status"], &ready["parts"]["database"]["status"]), (&json!("ok"), &json!("ok")));
    check_metrics(&server.log(), &tenant);

    // The message to Slack cannot get out of here, and says so without its address.
    wait_for("the refused message", || server.log().contains("(slack) failed").then_some(()));
    check_trace(&collector);
    delete(&at, &auth, &tenant, folder.path());
    server.stop();

    let log = server.log();
    let spans = serde_json::to_string(&collector.spans()).unwrap();
    told.0.push(std::fs::read_to_string(folder.path().join("data/master.key")).unwrap().trim().to_owned());
    let marked = ["marker-", PASSWORD, EMAIL, PERSON, "Marker-Person"].map(str::to_owned);
    for secret in told.0.iter().chain(&marked) {
        let shown = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(shown.is_none(), "`{secret}` is in the log: {}", shown.unwrap_or_default());
        assert!(!spans.contains(secret.as_str()), "`{secret}` is in a trace");
    }
    check_lines(&log, &tenant);
}

/// Every line is one JSON object, and those of requests and tasks say whose and which they are.
fn check_lines(log: &str, tenant: &str) {
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    assert!(
        lines.iter().all(|line| line["at"].is_string() && line["level"].is_string() && line["message"].is_string())
    );
    let of_request = lines.iter().find(|line| line["route"] == "/api/v1/dcl/connect" && line["status"] == 202).unwrap();
    assert_eq!(
        (&of_request["tenant"], &of_request["trace_id"]),
        (&json!(tenant), &json!("0af7651916cd43dd8448eb211c80319c"))
    );
    let of_task =
        lines.iter().find(|line| line["span"] == "task" && line["kind"] == "slack" && line["trace_id"].is_string());
    assert!(of_task.is_none_or(|line| line["tenant"] == tenant), "{of_task:?}");
}

/// The caller's trace goes through the request, the task it began, the source it read, down to statements.
fn check_trace(collector: &Collector) {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let named = |name: &str| -> Option<Value> {
        let spans = collector.spans();
        spans.into_iter().find(|span| span["traceId"] == TRACE && span["name"] == name)
    };
    let request = wait_for("the request's span", || named("POST /api/v1/dcl/connect"));
    assert_eq!((&request["parentSpanId"], &request["kind"]), (&json!("b7ad6b7169203331"), &json!(2)));
    let task = wait_for("the task's span", || named("task connect"));
    assert_eq!(task["kind"], 5);
    let sync = wait_for("the source's span", || named("sync"));
    let read = wait_for("the reader's span", || named("read"));
    let by_id: BTreeMap<String, Value> =
        collector.spans().into_iter().map(|span| (span["spanId"].as_str().unwrap().to_owned(), span)).collect();
    let ancestors = |span: &Value| {
        let mut names = Vec::new();
        let mut parent = span["parentSpanId"].as_str().map(str::to_owned);
        while let Some(span) = parent.and_then(|id| by_id.get(&id)) {
            names.push(span["name"].as_str().unwrap().to_owned());
            parent = span["parentSpanId"].as_str().map(str::to_owned);
        }
        names
    };
    assert_eq!(ancestors(&sync), ["task connect"]);
    assert_eq!(ancestors(&read), ["sync", "task connect"]);
    let statement = by_id.values().find(|span| span["name"] == "sql" && ancestors(span).contains(&"sync".to_owned()));
    let statement = statement.expect("a statement below the source");
    assert_eq!(statement["traceId"], TRACE);
    assert_eq!(statement["attributes"][0]["key"], "db.query.text");
    let (begun, ended) = (&statement["startTimeUnixNano"], &statement["endTimeUnixNano"]);
    assert!(begun.as_str().unwrap() <= ended.as_str().unwrap());
}

fn check_metrics(log: &str, tenant: &str) {
    let told = log.split("metrics are at http://").nth(1).expect("the log says where");
    let address = told.split("/metrics").next().unwrap();
    let metrics = call(address, "GET", "/metrics", "", "").body;
    for expected in [
        r#"autonomos_task_attempts_total{kind="connect",outcome="success"} 1"#,
        r#"autonomos_ingest_records_total{outcome="landed"} 1"#,
        r#"autonomos_ingest_records_total{outcome="rejected"} 1"#,
        r#"autonomos_tasks{state="running"}"#,
        "autonomos_broker_up 1",
        "autonomos_database_up 1",
        "autonomos_worker_up 1",
        "autonomos_circuits_open",
        r#"autonomos_database_connections{role="writer","#,
        "# TYPE autonomos_http_request_duration_seconds histogram",
    ] {
        assert!(metrics.contains(expected), "{expected} is not in\n{metrics}");
    }
    let login = r#"method="POST",route="/api/v1/auth/login",status="401""#;
    assert!(
        metrics
            .lines()
            .any(|line| line.starts_with("autonomos_http_request_duration_seconds_bucket") && line.contains(login)),
        "{metrics}"
    );
    assert!(!metrics.contains(tenant) && !metrics.contains("marker"), "no tenant and nothing of one is a label");
    assert_eq!(call(address, "GET", "/health/ready", "", "").status, 200);
}

/// Deletes the tenant over HTTP, and asks for the certificate without being signed in.
fn delete(at: &str, auth: &str, tenant: &str, folder: &std::path::Path) {
    let refused = call(at, "DELETE", "/api/v1/tenant", auth, r#"{"confirm":"acme!"}"#);
    assert_eq!((refused.status, refused.json()["code"].clone()), (422, json!("not_confirmed")));
    let begun = call(at, "DELETE", "/api/v1/tenant", auth, r#"{"confirm":"acme"}"#);
    assert_eq!(begun.status, 202, "{}", begun.body);
    let status = begun.json()["status_url"].as_str().unwrap().to_owned();
    let done = wait_for("the certificate", || {
        let status = call(at, "GET", &status, "", "").json();
        status["certificate"].is_object().then_some(status)
    });
    assert_eq!(done["certificate"]["tenant"], tenant);
    assert!(done["certificate"]["stores"].as_array().unwrap().iter().all(|store| store["left"] == 0));
    assert!(!folder.join("data/lake").join(tenant).exists());
    assert!(!folder.join("data/cache").join(tenant).exists());
    let login = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    // Who asked for the certificate for a long time may have to wait.
    let status = wait_for("an answer to the sign-in", || {
        let status = call(at, "POST", "/api/v1/auth/login", "", &login).status;
        (status != 429).then_some(status)
    });
    assert_eq!(status, 401, "nobody signs in to it");
}
