//! Questions over HTTP: answered with a receipt that holds, refused with what is missing, judged; and SQL that stays in its room.

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use serde_json::{Value, json};

async fn with_crm() -> TestApp {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    app
}

async fn ask(client: &Client, question: &str) -> Value {
    client.post("/nlp/v1/query", &json!({ "query": question })).await.assert_status(200).json()
}

#[tokio::test]
async fn a_question_is_answered_with_everything_it_rests_on() {
    let app = with_crm().await;
    let answer = ask(&app.acme, "How many Software accounts are there?").await;
    assert_eq!(answer["outcome"], "answered", "{answer}");
    assert_eq!(answer["rows"], json!([[12]]));
    assert_eq!(answer["sources"], json!(["crm"]));
    assert_eq!(answer["mapping_versions"][0]["version"], 1);
    assert!(answer["answer"].as_str().unwrap().contains("12"), "{answer}");
    assert!(answer["weakest_confidence"].as_f64().unwrap() > 0.5, "{answer}");
    let again = app.acme.post("/api/v1/nlp/query", &json!({ "query": "Number of opportunities by stage" })).await;
    assert_eq!(again.assert_status(200).json()["rows"], json!([["Closed Won", 12]]));
}

#[tokio::test]
async fn what_is_not_understood_is_refused_and_nothing_is_guessed() {
    let app = with_crm().await;
    for (question, code) in [
        ("How many accounts churned?", "not_understood"),
        ("What is our total revenue?", "not_understood"),
        ("How many tickets are there?", "no_data"),
        ("What is the total probability of opportunities?", "not_possible"),
    ] {
        let refused = ask(&app.acme, question).await;
        assert_eq!((&refused["outcome"], &refused["refusal"]["code"]), (&json!("refused"), &json!(code)), "{refused}");
        assert!(!refused["refusal"]["reason"].as_str().unwrap().is_empty(), "{refused}");
    }
    app.acme.post("/nlp/v1/query", &json!({ "query": "" })).await.assert_problem(422, "invalid_query");
}

#[tokio::test]
async fn what_a_source_does_not_say_is_not_answered_with_nothing() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let accounts = "account_id,name\nL1,Ada Works\nL2,Babbage Mills\n";
    let ledger = app.files.source("ledger", &[("account.csv", accounts.as_bytes())]);
    app.acme.create_connection("ledger", &ledger).await;
    app.acme.connect().await;
    assert_eq!(ask(&app.acme, "How many ledger accounts are there?").await["rows"], json!([[2]]));
    for question in ["How many ledger accounts have no industry?", "How many ledger opportunities are there?"] {
        let refused = ask(&app.acme, question).await;
        assert_eq!(
            (&refused["outcome"], &refused["refusal"]["code"]),
            (&json!("refused"), &json!("no_data")),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_receipt_is_genuine_until_anything_in_it_is_changed() {
    let app = with_crm().await;
    let answer = ask(&app.acme, "total amount of opportunities").await;
    let receipt = answer["receipt"].clone();
    let verdict = app.acme.post("/api/v1/receipts/verify", &receipt).await.assert_status(200).json();
    assert_eq!(verdict["genuine"], true, "{receipt}");
    for (member, forged) in [
        ("question", json!("total amount of accounts")),
        ("sql", json!("SELECT 1")),
        ("rows_sha256", json!("00")),
        ("row_count", json!(7)),
        ("asked_at", json!("2020-01-01T00:00:00Z")),
    ] {
        let mut changed = receipt.clone();
        changed[member] = forged;
        let verdict = app.acme.post("/api/v1/receipts/verify", &changed).await.assert_status(200).json();
        assert_eq!(verdict["genuine"], false, "{member}");
    }
    let stranger = app.globex.post("/api/v1/receipts/verify", &receipt).await.assert_status(200).json();
    assert_eq!(stranger["genuine"], false, "it is no receipt of another tenant");
}

#[tokio::test]
async fn a_receipt_that_is_run_again_says_whether_the_answer_is_the_same_and_why_not() {
    let app = with_crm().await;
    let answer = ask(&app.acme, "How many accounts are there?").await;
    let path = format!("/api/v1/receipts/{}/rerun", answer["id"].as_str().unwrap());
    let same = app.acme.post(&path, &json!({})).await.assert_status(200).json();
    assert_eq!((&same["same"], &same["why"]), (&json!(true), &json!([])), "{same}");
    app.acme.create_connection("second", &app.files.crm("second", "More")).await;
    app.acme.connect().await;
    let changed = app.acme.post(&path, &json!({})).await.assert_status(200).json();
    assert_eq!(changed["same"], false, "{changed}");
    assert!(changed["why"].to_string().contains("second.account came along"), "{changed}");
    app.globex.post(&path, &json!({})).await.assert_problem(404, "receipt_not_found");
}

#[tokio::test]
async fn questions_are_remembered_and_judged() {
    let app = with_crm().await;
    let asked = ask(&app.acme, "How many accounts are there?").await;
    ask(&app.acme, "How many accounts churned?").await;
    let listed = app.acme.get("/api/v1/questions").await.assert_status(200).json();
    let outcomes: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|item| &item["outcome"]).collect();
    assert_eq!(outcomes, ["refused", "answered"]);
    let path = format!("/api/v1/questions/{}/feedback", asked["id"].as_str().unwrap());
    let judged = app.acme.put(&path, &json!({ "rating": "down", "notes": "too few" })).await.assert_status(200).json();
    assert_eq!((&judged["rating"], &judged["notes"]), (&json!("down"), &json!("too few")));
    app.globex.put(&path, &json!({ "rating": "up" })).await.assert_problem(404, "question_not_found");
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let seen = viewer.get("/api/v1/questions").await.assert_status(200).json();
    assert_eq!(seen["items"][1]["question"], "[masked:free_text]", "words of others may say anything of anyone");
    assert_eq!(seen["items"][1]["answer"], "[masked:free_text]");
}

#[tokio::test]
async fn an_answer_says_whose_question_it_was_taken_for_and_why() {
    let app = with_crm().await;
    let body = json!({ "query": "How many deals of the pipeline are there?", "persona": "auto" });
    let refused = app.acme.post("/nlp/v1/query", &body).await.assert_status(200).json();
    assert_eq!(refused["response"], refused["refusal"]["reason"], "{refused}");
    let routing = &refused["routing"];
    assert_eq!(
        (&routing["persona_input"], &refused["resolved_persona"]),
        (&json!("auto"), &routing["classified_persona"])
    );
    assert_eq!(routing["classified_persona"], "cro", "{routing}");
    assert!(routing["matched_keywords"].to_string().contains("pipeline"), "{routing}");
    assert!(routing["classification_confidence"].as_f64().unwrap() > 0.0, "{routing}");
    assert_eq!(routing["tags"], json!(["kb:persona:cro", "kb:global"]));
    let said = json!({ "query": "How many accounts are there?", "persona": "cfo" });
    let answer = app.acme.post("/nlp/v1/query", &said).await.assert_status(200).json();
    assert_eq!((&answer["response"], &answer["resolved_persona"]), (&answer["answer"], &json!("cfo")), "{answer}");
    assert!(answer["trace_id"].is_string(), "{answer}");
    let stranger = json!({ "query": "How many accounts are there?", "tenant_id": "somebody-else" });
    app.acme.post("/nlp/v1/query", &stranger).await.assert_status(403);
}

#[tokio::test]
async fn what_is_asked_for_and_missing_comes_before_people_once_and_counts() {
    let app = with_crm().await;
    let body = json!({ "query": "How many accounts churned?", "report_gap": true });
    let first = app.acme.post("/nlp/v1/query", &body).await.assert_status(200).json();
    assert_eq!((&first["gap"]["opened"], &first["gap"]["asked"]), (&json!(true), &json!(1)), "{first}");
    let refused = ask(&app.acme, "How many of the accounts churned last year?").await;
    assert!(refused["gap"].is_null(), "nobody asked for that: {refused}");
    let path = format!("/api/v1/questions/{}/gap", refused["id"].as_str().unwrap());
    let again = app.acme.post(&path, &json!({})).await.assert_status(200).json();
    assert_eq!(
        (&again["opened"], &again["asked"], &again["what"]),
        (&json!(false), &json!(2), &json!("churned")),
        "{again}"
    );
    assert_eq!(again["review_id"], first["gap"]["review_id"]);
    let waiting = app.acme.get("/api/v1/reviews?kind=question_gap").await.assert_status(200).json();
    assert_eq!(waiting["items"].as_array().unwrap().len(), 1, "{waiting}");
    assert_eq!(waiting["items"][0]["payload"]["asked"], 2, "{waiting}");
    app.globex.post(&path, &json!({})).await.assert_problem(404, "question_not_found");
    let answered = ask(&app.acme, "How many accounts are there?").await;
    let path = format!("/api/v1/questions/{}/gap", answered["id"].as_str().unwrap());
    app.acme.post(&path, &json!({})).await.assert_problem(404, "question_not_found");
    let vague = ask(&app.acme, "How many accounts were closed in 2024?").await;
    assert_eq!(vague["outcome"], "refused", "{vague}");
}

#[tokio::test]
async fn nothing_is_counted_by_what_somebody_sees_only_masked() {
    let app = TestApp::new().await;
    let people =
        "contact_id,first_name,last_name,email\nC1,Ada,Lovelace,ada@x.example\nC2,Alan,Turing,alan@x.example\n";
    let folder = app.files.source("people", &[("contact.csv", people.as_bytes())]);
    app.acme.create_connection("people", &folder).await;
    app.acme.connect().await;
    let question = "How many contacts are there by last name?";
    assert_eq!(ask(&app.acme, question).await["rows"].as_array().map(Vec::len), Some(2));
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    assert_eq!(ask(&viewer, question).await["refusal"]["code"], "not_allowed");
    assert_eq!(ask(&viewer, "How many contacts are there?").await["rows"], json!([[2]]));
}

#[tokio::test]
async fn sql_that_goes_against_a_rule_is_refused_by_its_kind_and_written_down() {
    let app = with_crm().await;
    let counted = app.acme.post("/api/v1/sql", &json!({ "sql": "SELECT count(*) FROM account" })).await;
    assert_eq!(counted.assert_status(200).json()["rows"], json!([[12]]));
    for (sql, code) in [
        ("SELECT 1; DROP VIEW account", "sql_not_one_select"),
        ("SELECT 1 /* ; */ ; -- \n DELETE FROM account", "sql_not_one_select"),
        ("COPY account TO '/tmp/stolen.csv'", "sql_not_one_select"),
        ("ATTACH '/tmp/other.duckdb' AS other", "sql_not_one_select"),
        ("PRAGMA database_list", "sql_not_one_select"),
        ("SET memory_limit = '10GB'", "sql_not_one_select"),
        ("INSTALL httpfs", "sql_not_one_select"),
        ("SELECT * FROM read_csv('/etc/passwd')", "sql_function_refused"),
        ("SELECT * FROM '/etc/passwd'", "sql_unknown_view"),
        ("SELECT * FROM internal.meta", "sql_unknown_view"),
    ] {
        app.acme.post("/api/v1/sql", &json!({ "sql": sql })).await.assert_problem(400, code);
    }
    app.denials().write_down().await;
    let trail = app.acme.get("/api/v1/audit?action=access.denied").await.assert_status(200).json();
    let reasons = &trail["items"][0]["detail"]["reasons"];
    assert_eq!(reasons["sql_not_one_select"], 7, "{trail}");
    assert_eq!(reasons["sql_unknown_view"], 2, "{trail}");
}
