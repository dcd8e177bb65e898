//! `autonomos pii scan` as a person or a pipeline uses it: a file in, places out, and never the value itself.

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};

const FOUND: i32 = 11;

fn scan(name: &str, content: &[u8], args: &[&str]) -> Output {
    let desk = tempfile::tempdir().unwrap();
    std::fs::write(desk.path().join(name), content).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    command.arg("--data").arg(desk.path().join("data")).args(["pii", "scan", name]).args(args);
    command.current_dir(desk.path()).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_text_is_scanned_with_places_in_characters_and_in_bytes() {
    let text = "Grüße, Jane Miller <jane@example.org>";
    let output = scan("mail.txt", text.as_bytes(), &["--json"]);
    assert!(output.status.success());
    let report = json(&output);
    assert_eq!((&report["format"], &report["counts"]), (&json!("text"), &json!({ "email": 1, "person_name": 1 })));
    let email = &report["findings"][1];
    assert_eq!((&email["type"], &email["start"], &email["end"]), (&json!("email"), &json!(20), &json!(36)));
    assert_eq!(email["bytes"], json!({ "start": 22, "end": 38 }));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("jane@"), "no value is printed");
}

#[test]
fn tables_and_records_are_scanned_with_their_names_as_context() {
    let table = "id,ssn,note\n1,536904399,hello\n2,,write to jane@example.org\n";
    let output = scan("people.csv", table.as_bytes(), &["--json", "--redact"]);
    let report = json(&output);
    let places: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|found| (&found["row"], &found["column"])).collect();
    assert_eq!(places, [(&json!(1), &json!("ssn")), (&json!(2), &json!("note"))]);
    assert_eq!(report["redacted"], "id,ssn,note\n1,<NATIONAL_ID>,hello\n2,,write to <EMAIL>\n");
    let lines = scan("people.ndjson", b"{\"a\":1}\n{\"ssn\":536904399}\n", &["--redact"]);
    assert_eq!(String::from_utf8_lossy(&lines.stdout), "{\"a\":1}\n{\"ssn\":\"<NATIONAL_ID>\"}\n");
}

#[test]
fn a_pipeline_stops_where_something_is_found_if_it_asks_for_that() {
    let clean = scan("a.txt", b"nothing here", &["--check"]);
    assert!(clean.status.success() && String::from_utf8_lossy(&clean.stdout).contains("No personal data"));
    assert_eq!(scan("a.txt", b"jane@example.org", &["--check"]).status.code(), Some(FOUND));
    assert!(scan("a.txt", b"jane@example.org", &[]).status.success());
    assert!(scan("a.txt", b"jane@example.org", &["--check", "--types", "iban"]).status.success());
}

/// Runs a scan with a model for names that knows `Xulquarn` and nobody else.
fn scan_with_names(model: &std::path::Path, text: &str) -> Output {
    let desk = tempfile::tempdir().unwrap();
    std::fs::write(desk.path().join("a.txt"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    command.arg("--data").arg(desk.path().join("data")).args(["pii", "scan", "a.txt", "--json", "--redact"]);
    command.env("AUTONOMOS_PII__NAMES_MODEL", model).current_dir(desk.path()).output().unwrap()
}

#[test]
fn a_model_on_this_machine_finds_names_that_no_list_knows_and_a_broken_one_ends_the_scan() {
    let place = tempfile::tempdir().unwrap();
    let model = place.path().join("tiny-names");
    let (bert, weights) = aos_testservers::Bert::finds(&["O", "B-PER"], &[("Xulquarn", 1)], 32);
    bert.write(&model, weights);
    let report = json(&scan_with_names(&model, "said Xulquarn, jane@example.org"));
    assert_eq!(
        (&report["names_model"], &report["redacted"]),
        (&json!("tiny-names"), &json!("said <PERSON_NAME>, <EMAIL>"))
    );
    assert_eq!(report["findings"][0]["because"], json!(["model"]));
    // A word that has no weights: a tokenizer of another model.
    let words = std::fs::read_to_string(model.join("vocab.txt")).unwrap();
    std::fs::write(model.join("vocab.txt"), words + "poison\n").unwrap();
    let broken = scan_with_names(&model, "poison, jane@example.org");
    assert_eq!((broken.status.code(), broken.stdout.is_empty()), (Some(1), true));
    let said = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(said.contains("tiny-names") && !said.contains("jane@"), "{said}");
    let missing = scan_with_names(&place.path().join("none"), "hello");
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(missing.status.code() == Some(1) && said.contains("pii.names_model"), "{said}");
}

#[test]
fn standard_input_is_read_and_redacted_as_it_comes() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    command.args(["pii", "scan", "-", "--redact"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all("an jane@example.org\n".as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "an <EMAIL>\n");
}

#[test]
fn what_cannot_be_searched_prints_nothing_of_it() {
    for (name, content) in [
        ("a.txt", &b"jane@example.org \xff"[..]),
        ("a.json", b"{\"mail\": \"jane@example.org\""),
        ("a.ndjson", b"{}\njane@example.org\n"),
    ] {
        let output = scan(name, content, &["--redact"]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(output.stdout.is_empty() && !String::from_utf8_lossy(&output.stderr).contains("jane@"), "{name}");
    }
    assert_eq!(scan("a.txt", b"a", &["--types", "shoe_size"]).status.code(), Some(2));
}
