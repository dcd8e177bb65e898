//! Personas over HTTP: whose question it is, what each looks at first, and which one somebody is.

use aos_core::Role;
use aos_testkit::TestApp;
use serde_json::{Value, json};

fn tile<'s>(summary: &'s Value, key: &str) -> &'s Value {
    summary["tiles"].as_array().unwrap().iter().find(|tile| tile["key"] == key).unwrap_or_else(|| panic!("{summary}"))
}

#[tokio::test]
async fn a_question_is_somebodys_by_whole_words_or_nobodys() {
    let app = TestApp::new().await;
    for path in ["/api/v1/nlp/persona/classify", "/nlp/v1/persona/classify"] {
        let asked = json!({ "query": "What is the win rate of our deals?" });
        let said = app.acme.post(path, &asked).await.assert_status(200).json();
        assert_eq!((&said["persona"], &said["confidence"]), (&json!("cro"), &json!(1.0)), "{said}");
        let said = app.acme.post(path, &json!({ "query": "The capital of France?" })).await.assert_status(200).json();
        assert_eq!((&said["persona"], &said["confidence"]), (&json!(null), &json!(null)), "{said}");
        app.acme.post(path, &json!({ "query": "" })).await.assert_problem(422, "invalid_query");
        app.anonymous().post(path, &asked).await.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn tiles_are_counted_from_the_data_and_say_what_to_connect_where_there_is_none() {
    let app = TestApp::new().await;
    let path = "/api/v1/nlp/persona/summary?persona=cro";
    let before = app.acme.get(path).await.assert_status(200).json();
    let empty = tile(&before, "pipeline_value");
    assert_eq!((&empty["status"], &empty["values"]), (&json!("not_connected"), &json!([])), "{empty}");
    assert!(empty["note"].as_str().unwrap().contains("opportunity.amount"), "{empty}");

    let mut deals = String::from("opportunity_id,account_id,name,amount,currency,stage,close_date,probability\n");
    for row in 1..=12 {
        let (stage, currency) = if row <= 9 { ("Closed Won", "USD") } else { ("Negotiation", "EUR") };
        deals += &format!("O{row:03},A{row:03},Acme Deal {row},{row}00.50,{currency},{stage},2019-03-{row:02},50\n");
    }
    deals += "O013,A013,Acme Deal 13,70,USD,Negotiation,2019-03-13,50\nO014,A014,Acme Deal 14,5,USD,Closed Lost,2019-03-14,0\n";
    app.acme.create_connection("crm", &app.files.source("crm", &[("opportunity.csv", deals.as_bytes())])).await;
    app.acme.connect().await;
    let after = app.acme.get(path).await.assert_status(200).json();
    let pipeline = tile(&after, "pipeline_value");
    let sums = json!([{ "value": 3301.5, "currency": "EUR" }, { "value": 70, "currency": "USD" }]);
    assert_eq!(pipeline["values"], sums, "each currency for itself: {pipeline}");
    assert_eq!((&pipeline["money"], &pipeline["fact"]), (&json!(true), &json!(null)), "{pipeline}");
    assert_eq!(tile(&after, "win_rate")["money"], false, "{after}");
    assert_eq!(tile(&after, "stalled_deals")["fact"], "findings.stalled_deal", "{after}");
    assert_eq!(tile(&after, "win_rate")["values"][0]["value"], 90.0, "{after}");
    let stalled = tile(&after, "stalled_deals");
    assert_eq!(stalled["status"], "empty", "no pilot has looked: {after}");
    assert_eq!(stalled["note"], "the RevOps Pilot has not looked yet; run it under Agents", "{stalled}");
    assert_eq!(after["table"]["rows"][0][0], "Acme Deal 12", "{after}");
    // What is said to be counted is counted by that statement.
    let again = app.acme.post("/dcl/query", &json!({ "sql": pipeline["sql"] })).await.assert_status(200).json();
    assert_eq!(again["rows"][0][0], 3301.5);
    for persona in ["cto", "coo", "cfo", "data_engineer", "revops", "finops"] {
        app.acme.get(&format!("/nlp/v1/persona/summary?persona={persona}")).await.assert_status(200);
    }
    let foreign = app.globex.get(path).await.assert_status(200).json();
    assert_eq!(tile(&foreign, "pipeline_value")["status"], "not_connected");
    let functions = app.acme.get("/api/v1/aoa/functions").await.assert_status(200).json();
    assert_eq!(functions["items"].as_array().unwrap().len(), 10);
    assert_eq!(functions["items"][0]["counters"][0], json!({ "name": "connections", "value": 1 }));
}

#[tokio::test]
async fn each_member_is_who_they_say_they_are() {
    let app = TestApp::new().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let place = "/api/v1/nlp/persona";
    assert_eq!(viewer.get(place).await.assert_status(200).json()["persona"], json!(null));
    viewer.get(&format!("{place}/summary")).await.assert_problem(400, "no_persona");
    viewer.put(place, &json!({ "persona": "finops" })).await.assert_status(200);
    assert_eq!(viewer.get(&format!("{place}/summary")).await.assert_status(200).json()["persona"], "finops");
    assert_eq!(app.acme.get(place).await.assert_status(200).json()["persona"], json!(null));
    viewer.put(place, &json!({ "persona": "king" })).await.assert_problem(422, "unknown_persona");
    let listed = app.acme.get("/api/v1/nlp/personas").await.assert_status(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 7);
}
