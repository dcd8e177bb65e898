//! `autonomos mcp`: what is printed for clients, and a conversation over standard input and output.

use assert_cmd::cargo::CommandCargoExt;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

fn autonomos(data: &TempDir) -> Command {
    let mut command = Command::cargo_bin("autonomos").unwrap();
    for name in ["DATABASE_URL", "SUPABASE_DATABASE_URL", "REDIS_URL"] {
        command.env_remove(name);
    }
    command.env("AUTONOMOS_DATA", data.path().join("data"));
    command
}

/// A program that a client has started.
struct Served {
    child: Child,
    asked: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Served {
    fn start(data: &TempDir) -> Self {
        let mut command = autonomos(data);
        let command = command.args(["mcp", "serve"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (asked, told) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, asked, told }
    }

    fn tell(&mut self, message: &Value) {
        writeln!(self.asked, "{message}").unwrap();
        self.asked.flush().unwrap();
    }

    fn ask(&mut self, message: &Value) -> Value {
        self.tell(message);
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_agent_on_this_machine_asks_over_standard_input_and_output() {
    let data = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/hubspot");
    assert!(autonomos(&data).arg("connect").arg(sample).stdout(Stdio::null()).status().unwrap().success());
    let mut served = Served::start(&data);
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let hello = served.ask(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello }));
    assert_eq!(hello["result"]["serverInfo"]["name"], "autonomos", "{hello}");
    served.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let call = json!({ "name": "sql", "arguments": { "sql": "SELECT count(*) AS n FROM opportunity" } });
    let answer = served.ask(&json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call }));
    assert_eq!(answer["result"]["structuredContent"]["rows"], json!([[340]]), "{answer}");
    let refused = json!({ "name": "sql", "arguments": { "sql": "COPY opportunity TO '/tmp/x'" } });
    let refused = served.ask(&json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": refused }));
    assert_eq!(refused["result"]["isError"], true, "{refused}");
}

#[test]
fn what_is_printed_for_a_client_starts_this_program_on_this_data() {
    let data = tempfile::tempdir().unwrap();
    let printed = |arguments: &[&str]| -> Value {
        let output = autonomos(&data).arg("mcp").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let claude = printed(&["--client", "claude"]);
    let server = &claude["mcpServers"]["autonomos"];
    assert!(Path::new(server["command"].as_str().unwrap()).is_file(), "{claude}");
    assert!(server["args"].as_array().unwrap().contains(&json!(data.path().join("data"))), "{claude}");
    let vscode = printed(&["--client", "vscode", "--url", "https://a.example/"]);
    assert_eq!(
        vscode["servers"]["autonomos"],
        json!({ "type": "http", "url": "https://a.example/mcp" }),
        "asks its person"
    );
    let keyed = printed(&["--client", "cursor", "--url", "https://a.example", "--auth", "key"]);
    let header = &keyed["mcpServers"]["autonomos"]["headers"]["Authorization"];
    assert!(header.as_str().unwrap().starts_with("Bearer "), "{keyed}");
}
