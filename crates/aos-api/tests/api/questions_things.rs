//! Questions about things that stand in several systems: each counts once where that is known, and records count where it is not.

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const NAMES: [&str; 10] = [
    "Alderbrook Foods",
    "Birchwood Logistics",
    "Cinderhall Optics",
    "Dunmere Textiles",
    "Elmsworth Dairy",
    "Foxglove Media",
    "Greystone Mining",
    "Hollowmere Paper",
    "Inkwell Publishing",
    "Juniper Forge",
];
/// Accounts of the first system; the second has each third of them.
const ACCOUNTS: usize = 30;
const TWICE: usize = 10;

/// Companies of a CRM, a third of them also in the books, which are newer and know another revenue; sales in both.
fn files() -> [(&'static str, Vec<(&'static str, String)>); 2] {
    let mut crm = "account_id,name,website,phone,industry,annual_revenue,updated_at\n".to_owned();
    let mut books = crm.clone();
    let mut crm_deals = "opportunity_id,account_id,name,stage,amount\n".to_owned();
    let mut books_deals = crm_deals.clone();
    for at in 0..ACCOUNTS {
        let (name, site) =
            (format!("{} {}", NAMES[at % 10], ["Holding", "Works", "Group"][at / 10]), format!("firm{at}.example"));
        let phone = format!("+49 89 {}", 5_550_000 + at * 37);
        let _written = writeln!(crm, "A{at},{name},https://{site},{phone},Energy,100,2024-01-01T00:00:00Z");
        let _written = writeln!(crm_deals, "O{at},A{at},Deal {at},Won,10");
        if at % 3 == 0 {
            let _written =
                writeln!(books, "B{at},{},{site},{phone},Energy,250,2025-01-01T00:00:00Z", name.to_uppercase());
            let _written = writeln!(books_deals, "P{at},B{at},Renewal {at},Won,5");
        }
    }
    [
        ("crm", vec![("account.csv", crm), ("opportunity.csv", crm_deals)]),
        ("books", vec![("account.csv", books), ("opportunity.csv", books_deals)]),
    ]
}

async fn with_both() -> TestApp {
    let app = TestApp::new().await;
    for (name, tables) in files() {
        let tables: Vec<(&str, &[u8])> = tables.iter().map(|(table, text)| (*table, text.as_bytes())).collect();
        app.acme.create_connection(name, &app.files.source(name, &tables)).await;
    }
    app.acme.connect().await;
    app
}

async fn unify(client: &Client) {
    let body = json!({ "entities": ["account"] });
    let task = client.post("/api/v1/dcl/unify/run", &body).await.assert_status(202).json();
    let (path, begun) = (format!("/api/v1/tasks/{}", task["id"].as_str().unwrap()), Instant::now());
    loop {
        let task = client.get(&path).await.assert_status(200).json();
        if !task["finished_at"].is_null() {
            assert_eq!(task["state"], "success", "{task}");
            assert_eq!(task["result"]["entities"]["account"]["golden_records"], TWICE, "{task}");
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "it does not end: {task}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ask_of(client: &Client, question: &str, of: &str) -> Value {
    let body = if of.is_empty() { json!({ "query": question }) } else { json!({ "query": question, "of": of }) };
    let answer = client.post("/nlp/v1/query", &body).await.assert_status(200).json();
    assert_eq!(answer["outcome"], "answered", "{answer}");
    answer
}

async fn ask(client: &Client, question: &str) -> Value {
    ask_of(client, question, "").await
}

async fn is_genuine(client: &Client, receipt: &Value) -> bool {
    let verdict = client.post("/api/v1/receipts/verify", receipt).await.assert_status(200).json();
    verdict["genuine"] == true
}

fn has_note(answer: &Value, word: &str) -> bool {
    answer["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains(word))
}

#[tokio::test]
async fn a_company_in_two_systems_counts_once_when_that_is_known_and_the_answer_says_so() {
    let app = with_both().await;
    let before = ask(&app.acme, "How many accounts are there?").await;
    assert_eq!((&before["rows"], &before["plan"]["of"]), (&json!([[40]]), &json!("records")), "{before}");
    assert!(has_note(&before, "never"), "{before}");
    unify(&app.acme).await;
    let things = ask(&app.acme, "How many accounts are there?").await;
    assert_eq!((&things["rows"], &things["plan"]["of"]), (&json!([[30]]), &json!("golden")), "{things}");
    assert_eq!(things["answer"], "Number of accounts: 30, unified from 40 records of 2 systems.");
    let counted = &things["counted"];
    assert_eq!((&counted["things"], &counted["records"]), (&json!(30), &json!(40)), "{counted}");
    assert_eq!(counted["systems"], json!(["books", "crm"]));
    let weakest = counted["weakest_match"].as_f64().unwrap();
    assert!((0.5..1.0).contains(&weakest), "{counted}");
    assert!(things["weakest_confidence"].as_f64().unwrap() <= weakest, "the weakest match counts as well: {things}");
    for (question, of) in [("How many accounts are there?", "records"), ("How many account records are there?", "")] {
        let records = ask_of(&app.acme, question, of).await;
        assert_eq!((&records["rows"], records["counted"].is_null()), (&json!([[40]]), true), "{records}");
    }
    let sources = ask(&app.acme, "How many accounts are there by source?").await;
    assert_eq!(sources["rows"], json!([["books", 10], ["crm", 30]]), "{sources}");
    assert!(has_note(&sources, "several sources"), "{sources}");
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    assert_eq!(ask(&viewer, "How many accounts are there?").await["rows"], json!([[30]]), "masks change no number");
    let others = app.globex.post("/nlp/v1/query", &json!({ "query": "How many accounts are there?" })).await.json();
    assert_eq!(others["outcome"], "refused", "{others}");
}

#[tokio::test]
async fn of_values_that_disagree_the_surviving_one_is_added_up_once() {
    let app = with_both().await;
    unify(&app.acme).await;
    let total = ask(&app.acme, "What is the total annual revenue of accounts?").await;
    // Twenty companies with 100, and ten that the newer books know with 250.
    assert_eq!(total["rows"], json!([[4500]]), "{total}");
    let records = ask_of(&app.acme, "What is the total annual revenue of accounts?", "records").await;
    assert_eq!(records["rows"], json!([[5500]]), "{records}");
}

#[tokio::test]
async fn sales_of_one_company_in_two_systems_come_together_and_none_counts_twice() {
    let app = with_both().await;
    let apart = ask(&app.acme, "Number of opportunities by account").await;
    assert_eq!(apart["rows"].as_array().unwrap().len(), 40);
    unify(&app.acme).await;
    let together = ask(&app.acme, "Number of opportunities by account").await;
    let rows = together["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 30, "{together}");
    let count = |row: &Value| row.as_array().unwrap().last().unwrap().as_u64().unwrap();
    assert_eq!(rows.iter().map(count).sum::<u64>(), 40, "every sale once");
    assert_eq!(rows.iter().filter(|row| count(row) == 2).count(), TWICE);
    assert_eq!(together["counted"]["things"], Value::Null, "sales are no things themselves");
}

#[tokio::test]
async fn a_company_that_came_after_the_comparison_makes_records_count_until_they_are_compared_again() {
    let app = with_both().await;
    unify(&app.acme).await;
    let more = "account_id,name,website\nN1,Nightfall Robotics,nightfall.example\n";
    app.acme.create_connection("late", &app.files.source("late", &[("account.csv", more.as_bytes())])).await;
    app.acme.connect().await;
    let stale = ask(&app.acme, "How many accounts are there?").await;
    assert_eq!((&stale["rows"], &stale["plan"]["of"]), (&json!([[41]]), &json!("records")), "{stale}");
    assert!(has_note(&stale, "have changed after"), "{stale}");
    unify(&app.acme).await;
    assert_eq!(ask(&app.acme, "How many accounts are there?").await["rows"], json!([[31]]));
}

#[tokio::test]
async fn a_receipt_covers_what_was_counted_and_says_when_it_was_unified_anew() {
    let app = with_both().await;
    unify(&app.acme).await;
    let answer = ask(&app.acme, "How many accounts are there?").await;
    let receipt = answer["receipt"].clone();
    assert_eq!(receipt["counted"]["records"], 40, "{receipt}");
    assert!(is_genuine(&app.acme, &receipt).await);
    let mut forged = receipt.clone();
    forged["counted"]["records"] = json!(31);
    assert!(!is_genuine(&app.acme, &forged).await);
    let path = format!("/api/v1/receipts/{}/rerun", answer["id"].as_str().unwrap());
    assert_eq!(app.acme.post(&path, &json!({})).await.json()["same"], true);
    let apart = json!({
        "entity": "account", "verdict": "different", "reason": "two companies",
        "left": { "source": "crm", "record_id": "A0" }, "right": { "source": "books", "record_id": "B0" },
    });
    let ruled = app.acme.post("/api/v1/dcl/unify/rulings", &apart).await.assert_status(201).json();
    let path_of_task = format!("/api/v1/tasks/{}", ruled["task_id"].as_str().unwrap());
    let begun = Instant::now();
    while app.acme.get(&path_of_task).await.json()["finished_at"].is_null() {
        assert!(begun.elapsed() < Duration::from_secs(120));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let again = app.acme.post(&path, &json!({})).await.assert_status(200).json();
    assert_eq!(again["same"], false, "{again}");
    assert!(again["why"].to_string().contains("unified again"), "{again}");
    assert_eq!(ask(&app.acme, "How many accounts are there?").await["rows"], json!([[31]]));
}

#[tokio::test]
async fn tickets_lead_to_accounts_by_whoever_asked_and_each_counts_once() {
    let app = TestApp::new().await;
    let accounts = "account_id,name,industry\nA1,Alder,Energy\nA2,Birch,Retail\n";
    let contacts = "contact_id,account_id,first_name,last_name,email\nC1,A1,Ada,Lund,ada@x.example\nC2,A1,Bo,Lund,bo@x.example\nC3,A2,Cy,Lund,cy@x.example\n";
    let tickets = "ticket_id,requester_id,status,priority\nT1,C1,open,high\nT2,C1,open,low\nT3,C2,open,low\nT4,C3,open,low\nT5,,open,low\n";
    let folder = app.files.source(
        "desk",
        &[
            ("account.csv", accounts.as_bytes()),
            ("contact.csv", contacts.as_bytes()),
            ("ticket.csv", tickets.as_bytes()),
        ],
    );
    app.acme.create_connection("desk", &folder).await;
    app.acme.connect().await;
    let answer = ask(&app.acme, "How many tickets are there by account industry?").await;
    assert_eq!(answer["rows"], json!([["Energy", 3], ["Retail", 1], [null, 1]]), "{answer}");
    assert_eq!(answer["plan"]["group_by"], json!([{ "field": "requester_id.account_id.industry" }]));
    let filtered = ask(&app.acme, "How many tickets of accounts in the Energy industry are there?").await;
    assert_eq!(filtered["rows"], json!([[3]]), "{filtered}");
}
