//! The command line as a person uses it: the built binary, a folder of exports, a data directory of its own.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A folder with exports and a data directory.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.arg("--data").arg(self.path("data"));
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).current_dir(self.0.path()).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("ended by itself")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn assert_follows(schema: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas").join(schema);
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

const ACCOUNTS: &str = "Id,Name,Industry,AnnualRevenue,NumberOfEmployees,CreatedDate\n\
                        001A000001LtzzzIAB,Acme Corp,Software,1200000.50,250,2024-01-02T10:00:00Z\n\
                        001A000001LtzzyIAB,Globex,Energy,0,12,2024-02-03T11:30:00Z\n";
const OPPORTUNITIES: &str = "Id,AccountId,Name,Amount,CloseDate,StageName,Probability\n\
                             006A000002AbcdeIAC,001A000001LtzzzIAB,Acme renewal,12345.67,2025-03-01,Negotiation,60\n\
                             006A000002AbcdfIAC,001A000001LtzzyIAB,Globex pilot,0,2025-04-15,Prospecting,10\n";

fn with_crm() -> Desk {
    let desk = Desk::new();
    desk.write("exports/crm/Account.csv", ACCOUNTS);
    desk.write("exports/crm/Opportunity.csv", OPPORTUNITIES);
    desk
}

#[test]
fn connect_reads_maps_and_unifies_a_folder_of_exports() {
    let desk = with_crm();
    let report = desk.json(&["connect", "exports", "--json"]);
    assert_follows("connect.schema.json", &report);
    assert_eq!(report["sources"], serde_json::json!(["crm"]));
    assert_eq!(report["entities"]["account"]["records"], 2);
    assert_eq!(report["entities"]["opportunity"]["records"], 2);
    assert_eq!(report["ledger"]["read"], 4);
    assert_eq!(report["ledger"]["balanced"], true);
    let account = report["tables"].as_array().unwrap().iter().find(|table| table["table"] == "Account").unwrap();
    let revenue =
        account["columns"].as_array().unwrap().iter().find(|column| column["column"] == "AnnualRevenue").unwrap();
    assert_eq!(revenue["field"], "annual_revenue");
    assert!(!revenue["evidence"].as_array().unwrap().is_empty());
}

#[test]
fn connecting_again_changes_nothing() {
    let desk = with_crm();
    let first = desk.json(&["connect", "exports", "--json"]);
    let second = desk.json(&["connect", "exports", "--json"]);
    assert_eq!(first["entities"], second["entities"]);
    assert_eq!(second["ledger"]["outcome"], "no_change");
}

#[test]
fn the_text_answer_shows_mappings_rows_and_the_ledger() {
    let output = with_crm().run(&["connect", "exports"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "crm.Account → account",
        "annual_revenue",
        "opportunity: 2 records",
        "Acme renewal",
        "read 4 = landed 4",
        "balanced",
    ] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
}

#[test]
fn query_answers_exactly_and_refuses_everything_but_a_select() {
    let desk = with_crm();
    desk.json(&["connect", "exports", "--json"]);
    let answer = desk.json(&[
        "query",
        "SELECT o.name, o.amount, a.name FROM opportunity o JOIN account a USING (account_id) ORDER BY 1",
        "--json",
    ]);
    assert_eq!(
        answer["rows"],
        serde_json::json!([["Acme renewal", 12345.67, "Acme Corp"], ["Globex pilot", 0, "Globex"]])
    );
    for sql in [
        "DELETE FROM account",
        "COPY account TO 'x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "ATTACH 'x.db'",
        "SELECT 1; SELECT 2",
    ] {
        let output = desk.run(&["query", sql]);
        assert_eq!(code(&output), 1, "{sql}");
        assert!(!stderr(&output).is_empty());
    }
    assert!(!desk.path("x.csv").exists());
}

#[test]
fn match_needs_no_rows_and_keeps_nothing() {
    let desk = Desk::new();
    let table = desk.write("deals.csv", "deal_id,deal_name,amount,close_date,deal_stage\n");
    let answer = desk.json(&["match", table.to_str().unwrap(), "--json"]);
    assert_follows("match.schema.json", &answer);
    let decision = |column: &str| {
        let columns = answer["columns"].as_array().unwrap();
        columns.iter().find(|found| found["column"] == column).unwrap()["decision"]["field"].clone()
    };
    assert_eq!(
        (decision("deal_name"), decision("deal_stage"), decision("amount")),
        ("name".into(), "stage".into(), "amount".into())
    );
    assert!(!desk.path("data").exists());
}

#[test]
fn match_takes_an_ontology_file_or_another_table() {
    let desk = Desk::new();
    let table = desk.write("people.csv", "first,last,mail\nAnn,Lee,ann@acme.io\n");
    let fields = "person_id: { type: string }\n      first_name: { type: string }\n      last_name: { type: string }\n      email: { type: string }\n";
    let ontology = desk.write(
        "own.yaml",
        format!("version: 1\nentities:\n  person:\n    key: person_id\n    fields:\n      {fields}"),
    );
    let answer = desk.json(&["match", table.to_str().unwrap(), "--to", ontology.to_str().unwrap(), "--json"]);
    assert!(
        answer["columns"].as_array().unwrap().iter().any(|column| column["decision"]["field"] == "email"),
        "{answer:#}"
    );
    let other = desk.write("contacts.csv", "firstname,lastname,email\nBo,Ray,bo@globex.io\n");
    let answer = desk.json(&["match", table.to_str().unwrap(), "--to", other.to_str().unwrap(), "--json"]);
    assert_follows("match.schema.json", &answer);
    let broken = desk.write("broken.yaml", "version: 1\nentities:\n  a: { key: b, fields: {} }\n");
    let output = desk.run(&["match", table.to_str().unwrap(), "--to", broken.to_str().unwrap()]);
    assert!(stderr(&output).contains("a.key: names `b`"), "{}", stderr(&output));
}

#[test]
fn sources_that_cannot_be_read_are_told_with_the_next_step() {
    let desk = Desk::new();
    desk.write("nothing/readme.md", "no data here");
    for (path, expected) in [("gone", "was not found"), ("nothing", "holds no file that can be read")] {
        let output = desk.run(&["connect", path]);
        assert_eq!(code(&output), 3, "{}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    desk.write("mixed/crm/Account.csv", ACCOUNTS);
    desk.write("mixed/crm/Binary.csv", [0u8, 159, 146, 150, 0, 0, 1, 2, 255]);
    desk.write("mixed/crm/Empty.csv", "");
    let output = desk.run(&["connect", "mixed", "--json"]);
    assert_eq!(code(&output), 6, "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["entities"]["account"]["records"], 2);
    let problems = report["tables"].as_array().unwrap().iter().filter(|table| table.get("problem").is_some()).count();
    assert_eq!(problems, 2, "{report:#}");
}

/// A running server, ended with its test.
struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(desk: &Desk, command: &str) -> Server {
    start_with(desk, &[command, "--port", "0"])
}

fn start_with(desk: &Desk, args: &[&str]) -> Server {
    let mut child = desk.command().args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address =
        lines.map(Result::unwrap).find_map(|line| Some(line.split_once("listening on http://")?.1.to_owned()));
    Server(child, address.expect("the server says where it listens"))
}

fn get(address: &str, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    answer
}

fn post(address: &str, path: &str, token: &str, body: &str) -> Value {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n");
    write!(stream, "{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(&body[body.find('{').unwrap()..=body.rfind('}').unwrap()]).unwrap()
}

#[test]
fn tasks_are_listed_shown_canceled_and_run_again() {
    let desk = Desk::new();
    let server = start_with(&desk, &["serve", "--no-worker", "--port", "0"]);
    let person = r#"{"name":"acme","email":"ann@acme.test","password":"four unrelated plain words"}"#;
    let session = post(&server.1, "/api/v1/auth/register", "", person);
    let token = session["access_token"].as_str().unwrap();
    let task = post(&server.1, "/api/v1/tasks", token, r#"{"kind":"noop","payload":{"sleep_ms":1}}"#);
    let id = task["id"].as_str().unwrap();
    drop(server);
    let listed = desk.json(&["tasks", "list", "--tenant", "acme", "--state", "queued", "--json"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &task["id"]));
    let shown = desk.run(&["tasks", "show", id, "--tenant", "acme"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("sleep_ms"), "{}", stderr(&shown));
    let canceled = desk.run(&["tasks", "cancel", id, "--tenant", "acme"]);
    assert_eq!(code(&canceled), 0, "{}", stderr(&canceled));
    assert_eq!(desk.json(&["tasks", "show", id, "--tenant", "acme", "--json"])["state"], "canceled");
    assert_eq!(desk.json(&["tasks", "replay", "--all", "--tenant", "acme", "--json"]), serde_json::json!([]));
    assert_eq!(desk.json(&["tasks", "replay", id, "--tenant", "acme", "--json"]), serde_json::json!([id]));
    assert_eq!(desk.json(&["tasks", "logs", id, "--tenant", "acme", "--json"]), serde_json::json!([]));
    for (args, hint) in [
        (&["tasks", "replay", id, "--tenant", "acme"][..], "only a failed or canceled task"),
        (&["tasks", "show", "7", "--tenant", "acme"], "tasks list"),
        (&["tasks", "list", "--tenant", "nobody"], "tenant list"),
        (&["tasks", "list", "--tenant", "acme", "--state", "asleep"], "in_progress"),
        (&["tasks", "list", "--tenant", "acme", "--since", "yesterday"], "2026-11-21T08:00:00Z"),
    ] {
        let refused = desk.run(args);
        assert_eq!(code(&refused), 1, "{args:?}");
        assert!(stderr(&refused).contains(hint), "{args:?}: {}", stderr(&refused));
    }
    assert_eq!(code(&desk.run(&["tasks", "replay", "--tenant", "acme"])), 2, "nothing is run again unasked");
}

#[test]
fn a_simulated_service_answers_on_loopback() {
    let desk = Desk::new();
    let server = start_with(&desk, &["simulate", "aod", "--port", "0", "--token", "key"]);
    assert!(server.1.starts_with("127.0.0.1:"), "opens nothing but loopback");
    let question = r#"{"request_id":"r1","tenant_id":"t1","nlp_query":"cloud cost","min_confidence":0.5}"#;
    assert_eq!(post(&server.1, "/api/discover", "key", question)["success"], true);
    assert_eq!(post(&server.1, "/api/discover", "other", question)["success"], false);
    assert_eq!(code(&desk.run(&["simulate", "aod", "--failure-share", "2"])), 2);
}

#[test]
fn a_simulated_vendor_answers_on_loopback_and_refuses_dials_it_does_not_know() {
    let desk = Desk::new();
    for vendor in ["salesforce", "hubspot", "dynamics", "pipedrive", "zendesk"] {
        let server = start_with(
            &desk,
            &["simulate", vendor, "--port", "0", "--size", "20", "--control", "--chaos", "slow_answers=0.5"],
        );
        assert!(server.1.starts_with("127.0.0.1:"), "opens nothing but loopback");
        assert!(get(&server.1, "/_simulator/streams").starts_with("HTTP/1.1 200"), "{vendor}");
    }
    assert_eq!(code(&desk.run(&["simulate", "salesforce", "--chaos", "rain=0.5"])), 2);
    assert_eq!(code(&desk.run(&["simulate", "salesforce", "--chaos", "outages=2"])), 2);
}

#[test]
fn a_data_directory_or_port_in_use_is_told_with_the_next_step() {
    let desk = with_crm();
    let server = start(&desk, "serve");
    assert!(get(&server.1, "/health").starts_with("HTTP/1.1 200"));
    let output = desk.run(&["connect", "exports"]);
    assert_eq!(code(&output), 4, "{}", stderr(&output));
    assert!(stderr(&output).contains("--data"), "{}", stderr(&output));
    let port = server.1.rsplit(':').next().unwrap();
    let other = Desk::new();
    let output = other.run(&["serve", "--port", port]);
    assert_eq!(code(&output), 5, "{}", stderr(&output));
    assert!(stderr(&output).contains("--port"), "{}", stderr(&output));
}

#[test]
fn the_demo_starts_on_the_samples_and_starts_again() {
    let desk = Desk::new();
    for _ in 0..2 {
        let server = start(&desk, "demo");
        assert!(server.1.starts_with("127.0.0.1:"), "opens nothing but loopback");
        assert!(get(&server.1, "/api/v1/health").contains("demo@autonomos.local"));
    }
}

/// Counts what the store holds, without the program's help.
fn records(desk: &Desk) -> u64 {
    let answer = desk.json(&["query", "SELECT count(*) FROM opportunity", "--json"]);
    answer["rows"][0][0].as_u64().unwrap()
}

#[test]
fn killed_in_the_middle_it_loses_nothing_and_counts_nothing_twice() {
    const ROWS: u64 = 120_000;
    let desk = Desk::new();
    let mut csv = String::from("opportunity_id,name,stage,amount,close_date\n");
    for row in 0..ROWS {
        csv.push_str(&format!("O-{row:07},Deal {row},Won,{row}.25,2025-01-{:02}\n", row % 28 + 1));
    }
    desk.write("exports/crm/opportunities.csv", csv);
    for wait_ms in [150, 400, 900] {
        let mut child = desk
            .command()
            .args(["connect"])
            .arg(desk.path("exports"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait_ms));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let report = desk.json(&["connect", "exports", "--json"]);
    assert_eq!(report["ledger"]["balanced"], true, "{}", report["ledger"]);
    assert_eq!(report["entities"]["opportunity"]["records"], ROWS);
    assert_eq!(records(&desk), ROWS);
}
