//! Questions over the samples as a person asks them: the built binary, and answers that were computed from the raw files without it.

use aos_agents::personas::{self, Persona};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Questions that have an answer and are answered exactly, of all that have one.
const COVERAGE_MIN: f64 = 0.85;
const AS_OF: [&str; 2] = ["--as-of", "2025-11-14"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A data directory into which all samples but the replay files are connected.
struct Desk(tempfile::TempDir);

impl Desk {
    fn with_samples() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for source in std::fs::read_dir(root().join("samples")).unwrap() {
            let source = source.unwrap();
            if !source.file_type().unwrap().is_dir() || source.file_name() == "replay" {
                continue;
            }
            let copy = desk.0.path().join("exports").join(source.file_name());
            std::fs::create_dir_all(&copy).unwrap();
            for table in std::fs::read_dir(source.path()).unwrap() {
                let table = table.unwrap();
                std::fs::copy(table.path(), copy.join(table.file_name())).unwrap();
            }
        }
        let connected = desk.command().args(["connect", "exports", "--json"]).output().unwrap();
        assert!(connected.status.success(), "{}", String::from_utf8_lossy(&connected.stderr));
        desk
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.current_dir(self.0.path()).arg("--data").arg(self.0.path().join("data"));
        command
    }

    fn ask(&self, question: &str) -> Output {
        self.command().args(["ask", question, "--json"]).args(AS_OF).output().unwrap()
    }

    fn ask_all(&self, questions: &[&str]) -> Vec<Value> {
        let mut asking = self.command();
        asking.args(["ask", "-"]).args(AS_OF).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut asking = asking.spawn().unwrap();
        let mut input = asking.stdin.take().unwrap();
        let lines = questions.join("\n");
        let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
        let output = asking.wait_with_output().unwrap();
        writing.join().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A cell as it is compared: numbers to the fourth digit, everything else as text.
fn cell(value: &Value) -> String {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    match (number, value.as_str()) {
        (Some(number), _) => format!("{number:.4}"),
        (None, Some(text)) => text.to_owned(),
        (None, None) => value.to_string(),
    }
}

fn bag(rows: &Value, columns: usize) -> Vec<Vec<String>> {
    let rows = rows.as_array().unwrap().iter();
    let mut rows: Vec<Vec<String>> =
        rows.map(|row| row.as_array().unwrap().iter().take(columns).map(cell).collect()).collect();
    rows.sort();
    rows
}

#[test]
fn questions_over_the_samples_are_answered_exactly_or_refused() {
    let desk = Desk::with_samples();
    let gold = std::fs::read_to_string(root().join("bench/questions/gold.json")).unwrap();
    let gold: Vec<Value> = serde_json::from_str(&gold).unwrap();
    let questions: Vec<&str> = gold.iter().map(|entry| entry["question"].as_str().unwrap()).collect();
    let answers = desk.ask_all(&questions);
    assert_eq!(answers.len(), gold.len());
    let (mut answerable, mut exact, mut wrong, mut refused) = (0, 0, Vec::new(), Vec::new());
    for (entry, answer) in gold.iter().zip(&answers) {
        let (rows, columns) = if entry["keys"].is_array() { (&entry["keys"], 1) } else { (&entry["rows"], usize::MAX) };
        answerable += usize::from(rows.is_array());
        let question = entry["question"].as_str().unwrap();
        if !answer["refusal"].is_null() {
            refused.extend(rows.is_array().then(|| format!("{question}: {}", answer["refusal"]["reason"])));
        } else if rows.is_array() && bag(rows, columns) == bag(&answer["rows"], columns) {
            exact += 1;
        } else {
            wrong.push(format!("{question}: {}", answer["answer"]));
        }
    }
    assert!(gold.len() >= 150 && gold.len() - answerable >= 75, "half of the questions have no answer");
    assert!(wrong.is_empty(), "answered wrongly: {wrong:#?}");
    let coverage = f64::from(exact) / f64::from(u32::try_from(answerable).unwrap());
    assert!(coverage >= COVERAGE_MIN, "{exact} of {answerable} are answered; not: {refused:#?}");
}

#[test]
fn every_question_that_a_persona_begins_with_is_answered_from_the_samples() {
    let desk = Desk::with_samples();
    let of_persona =
        |persona: &'static Persona| persona.info().questions.into_iter().map(|question| (persona.id.clone(), question));
    let starters: Vec<(String, String)> = personas::all().iter().flat_map(of_persona).collect();
    let questions: Vec<&str> = starters.iter().map(|(_, question)| question.as_str()).collect();
    let answers = desk.ask_all(&questions);
    assert_eq!(answers.len(), starters.len());
    for ((persona, question), answer) in starters.iter().zip(&answers) {
        assert!(answer["refusal"].is_null(), "{persona}: {question}: {}", answer["refusal"]["reason"]);
        let rows = answer["rows"].as_array().unwrap();
        let says_something =
            |row: &Value| row.as_array().unwrap().iter().any(|cell| !cell.is_null() && *cell != json!(0));
        assert!(rows.iter().any(says_something), "{persona}: {question}: {answer}");
    }
}

#[test]
fn an_answer_says_what_it_rests_on_and_a_refusal_what_is_missing() {
    let desk = Desk::with_samples();
    let output = desk.ask("How many open tickets are there by priority?");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    for member in
        ["answer", "rows", "plan", "sql", "receipt", "sources", "mapping_versions", "freshness", "weakest_confidence"]
    {
        assert!(!answer[member].is_null(), "{member} is missing in {answer}");
    }
    assert_eq!(answer["sources"], json!(["zendesk"]));
    assert_eq!(answer["plan"]["entity"], "ticket");
    let schema = std::fs::read_to_string(root().join("docs/schemas/plan.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&answer["plan"]), "{}", answer["plan"]);
    let output = desk.ask("How many customers churned last quarter?");
    assert_eq!(output.status.code(), Some(10));
    let refused: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(refused["refusal"]["reason"].as_str().unwrap().contains("churned"), "{refused}");
    assert_eq!(refused["refusal"]["missing"][0]["what"], "churned");
}

#[test]
fn amounts_of_several_currencies_are_kept_apart() {
    let desk = Desk::with_samples();
    let answers = desk.ask_all(&[
        "total amount of hubspot deals",
        "Top 5 hubspot deals by amount",
        "Top 5 hubspot deals by amount in EUR",
    ]);
    let currencies = answers[0]["rows"].as_array().unwrap().len();
    assert_eq!((currencies, answers[0]["columns"][0].as_str()), (5, Some("currency")));
    assert_eq!(answers[1]["refusal"]["code"], "mixed_units");
    assert_eq!(answers[2]["rows"].as_array().unwrap().len(), 5);
}

#[test]
fn the_only_tenant_needs_no_name_and_of_several_one_has_to_be_named() {
    let place = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.current_dir(place.path()).arg("--data").arg(place.path().join("data")).args(args).output().unwrap()
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let folder = place.path().join("crm");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("account.csv"), "account_id,name\nA1,Alder\nA2,Birch\n").unwrap();
    assert!(run(&["connect", "crm", "--tenant", "acme", "--json"]).status.success());
    let question = "How many accounts are there?";
    let asked = run(&["ask", question, "--json"]);
    assert!(asked.status.success(), "{}", said(&asked));
    let answer: Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(answer["rows"], json!([[2]]));
    let id = answer["receipt"]["tenant"].as_str().unwrap();
    assert!(run(&["ask", question, "--tenant", id]).status.success(), "a tenant may be named by its id");
    let slip = run(&["ask", question, "--tenant", "akme"]);
    assert!(!slip.status.success() && said(&slip).contains("akme"), "{}", said(&slip));
    assert!(run(&["connect", "crm", "--tenant", "globex", "--json"]).status.success());
    let open = run(&["ask", question]);
    assert!(!open.status.success() && said(&open).contains("acme, globex"), "{}", said(&open));
}
