//! The mapping memory over HTTP: what is decided is remembered and forgotten, a model is asked only about what is uncertain and only where it
//! may be, and somebody can say that what is remembered is enough.

use aos_broker::{Message, Topic};
use aos_testkit::{Client, TestApp};
use aos_testservers::{Act, ModelServer, Speaks};
use axum::http::{Method, header};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

const MEMORY: &str = "/api/v1/dcl/memory";

/// A table of accounts with one column whose name says nothing.
fn accounts(app: &TestApp, source: &str, strange: &str) -> PathBuf {
    let mut text = format!("account_id,name,industry,website,{strange}\n");
    for (row, word) in ["Zeta", "Omega", "Kappa", "Sigma", "Theta"].iter().cycle().take(10).enumerate() {
        text += &format!("A{row:03},Cedar Company {row},Software,https://{row}.example.com,{word}\n");
    }
    app.files.source(source, &[("account.csv", text.as_bytes())])
}

async fn with_model(wait: Duration, server: &ModelServer) -> TestApp {
    let app = TestApp::builder().reaches_loopback().decision_wait(wait).build().await;
    let choice =
        json!({ "provider": "open_ai", "base_url": server.url(), "model": "gpt-4.1-mini", "api_key": "sk-test-4711" });
    app.acme.put("/api/v1/models/settings", &choice).await.assert_status(200);
    app
}

async fn leave_production(app: &TestApp) {
    let scope = app.scope(&app.acme).await;
    app.store.tenant(&scope).set_production_mode(false).await.unwrap();
}

fn answer(entity: Option<&str>, field: Option<&str>) -> Act {
    Act::Give(json!({ "columns": [{ "column": 0, "entity": entity, "field": field }] }))
}

/// What a column of a source's table became.
async fn column(client: &Client, source: &str, name: &str) -> Value {
    let schemas = client.get("/api/v1/dcl/source_schemas").await.assert_status(200).json();
    let source = schemas["sources"].as_array().unwrap().iter().find(|one| one["source"] == source).unwrap().clone();
    let columns = source["tables"][0]["columns"].as_array().unwrap().clone();
    columns.into_iter().find(|column| column["name"] == name).unwrap()
}

async fn checks(client: &Client) -> Vec<Value> {
    client.get(&format!("{MEMORY}/checks")).await.assert_status(200).json()["items"].as_array().unwrap().clone()
}

async fn import(client: &Client, connection: &str, csv: &str) -> Value {
    let path = format!("/api/v1/connections/{connection}/mappings");
    let request = client.request(Method::PUT, &path).header(header::CONTENT_TYPE, "text/csv");
    client.send(request.body(csv.to_owned().into()).unwrap()).await.assert_status(200).json()
}

#[tokio::test]
async fn what_is_decided_is_remembered_found_and_forgotten_by_its_tenant_only() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &accounts(&app, "crm", "xq7")).await;
    app.acme.connect().await;
    let found = app.acme.get(&format!("{MEMORY}?source=crm&search=INDUSTRY")).await.assert_status(200).json();
    let industry = &found["items"][0];
    assert_eq!(
        (&industry["column"], &industry["entity"], &industry["field"], &industry["outcome"]),
        (&json!("industry"), &json!("account"), &json!("industry"), &json!("applied")),
        "{found}"
    );
    let all = app.acme.get(MEMORY).await.json();
    assert!(
        all["items"].as_array().unwrap().iter().any(|one| one["column"] == "xq7" && one["field"].is_null()),
        "{all}"
    );
    assert!(!all.to_string().contains("Zeta") && !all.to_string().contains("Cedar"), "no value is kept: {all}");
    let coverage = app.acme.get(&format!("{MEMORY}/sources/crm")).await.assert_status(200).json();
    assert_eq!((&coverage["fields"], &coverage["covered"]), (&json!(5), &json!(5)), "{coverage}");

    let id = industry["id"].as_str().unwrap();
    app.globex.delete(&format!("{MEMORY}/{id}")).await.assert_problem(404, "memory_not_found");
    app.acme.delete(&format!("{MEMORY}/{id}")).await.assert_status(204);
    app.acme.delete(&format!("{MEMORY}/{id}")).await.assert_problem(404, "memory_not_found");
    let coverage = app.acme.get(&format!("{MEMORY}/sources/crm")).await.json();
    assert_eq!((&coverage["covered"], &coverage["missing"]), (&json!(4), &json!(["account.industry"])), "{coverage}");
    let forgotten = app.acme.delete(&format!("{MEMORY}/sources/crm")).await.assert_status(200).json();
    assert_eq!(forgotten["forgotten"], 4);
    assert_eq!(app.acme.get(MEMORY).await.json()["items"], json!([]));
    let trail = app.acme.get("/api/v1/audit?limit=100").await.assert_status(200).json().to_string();
    assert!(trail.contains("memory.forget"));
}

#[tokio::test]
async fn what_a_person_decided_of_one_source_is_evidence_for_the_next_one_and_is_named() {
    let app = TestApp::new().await;
    let strange = "account_id,name,website,xq7\nA1,Cedar Ltd,https://1.example.com,Zeta\nA2,Granite AG,https://2.example.com,Omega\n";
    let first = app.files.source("crm", &[("account.csv", strange.as_bytes())]);
    let crm = app.acme.create_connection("crm", &first).await;
    app.acme.connect().await;
    assert!(column(&app.acme, "crm", "xq7").await["field"].is_null(), "its name says nothing");
    let decided = "stream,entity,field,sources\naccount,account,account_id,account_id\naccount,account,name,name\n\
                   account,account,industry,xq7\n";
    import(&app.acme, &crm, decided).await;
    let rejected = app.acme.get(&format!("{MEMORY}?outcome=rejected")).await.json();
    assert_eq!(rejected["items"][0]["column"], "website", "it was left out: {rejected}");

    let second = app.files.source("second", &[("account.csv", strange.as_bytes())]);
    app.acme.create_connection("second", &second).await;
    app.acme.connect().await;
    let xq7 = column(&app.acme, "second", "xq7").await;
    assert_eq!((&xq7["entity"], &xq7["field"]), (&json!("account"), &json!("industry")), "{xq7}");
    assert!(xq7["evidence"].to_string().contains("decided before: "), "{xq7}");
    let second = app.acme.get(&format!("{MEMORY}?source=second&search=xq7")).await.json();
    assert_eq!(second["items"][0]["with_memory"], true, "{second}");
}

#[tokio::test]
async fn in_production_mode_no_model_is_asked_and_else_its_answer_is_evidence_that_is_counted() {
    let server = ModelServer::start(Speaks::OpenAi, [answer(Some("account"), Some("industry"))]);
    let app = with_model(Duration::ZERO, &server).await;
    let with_strange = "account_id,name,website,xq7\nA1,Cedar Ltd,https://1.example.com,Zeta\nA2,Granite AG,https://2.example.com,Omega\n";
    app.files.source("crm", &[("account.csv", with_strange.as_bytes())]);
    let crm = app.acme.create_connection("crm", &app.files.root().join("crm")).await;
    app.acme.connect().await;
    assert!(server.seen().is_empty(), "in production mode nobody is asked");
    assert!(checks(&app.acme).await.is_empty());
    app.acme.delete(&format!("{MEMORY}/sources/crm")).await.assert_status(200);
    app.acme.delete(&format!("/api/v1/connections/{crm}")).await.assert_status(204);

    leave_production(&app).await;
    let crm = app.acme.create_connection("crm", &app.files.root().join("crm")).await;
    app.acme.connect().await;
    assert_eq!(server.seen().len(), 1);
    let sent = server.seen()[0].body.to_string();
    assert!(sent.contains("xq7") && !sent.contains("Zeta") && !sent.contains("Cedar"), "no value leaves: {sent}");
    let xq7 = column(&app.acme, "crm", "xq7").await;
    assert_eq!(xq7["field"], "industry", "{xq7}");
    assert!(xq7["confidence"].as_f64().unwrap() < 0.85, "a model's word alone is not sure: {xq7}");
    assert!(xq7["evidence"].to_string().contains("the model open_ai/gpt-4.1-mini says account.industry"), "{xq7}");
    let check = checks(&app.acme).await[0].clone();
    let counted = ["calls", "asked", "answered", "taken"].map(|name| check[name].as_u64().unwrap());
    assert_eq!((counted, &check["tokens_in"]), ([1, 1, 1, 1], &json!(11)), "{check}");
    let usage = app.acme.get("/api/v1/models/usage").await.json();
    assert_eq!((&usage["items"][0]["feature"], &usage["items"][0]["calls"]), (&json!("mapping"), &json!(1)), "{usage}");

    // A person says that the model was wrong, and right otherwise.
    let decided = "stream,entity,field,sources\naccount,account,account_id,account_id\naccount,account,name,name\n\
                   account,account,website,website\n";
    import(&app.acme, &crm, decided).await;
    let accuracy = app.acme.get(&format!("{MEMORY}/accuracy")).await.assert_status(200).json();
    assert_eq!((&accuracy["with_model"]["corrected"], &accuracy["with_model"]["precision"]), (&json!(1), &json!(0.0)));
    assert_eq!(
        (&accuracy["without_model"]["confirmed"], &accuracy["without_model"]["precision"]),
        (&json!(3), &json!(1.0))
    );
    assert_eq!((&accuracy["calls"], &accuracy["tokens"]), (&json!(1), &json!(18)), "{accuracy}");
    assert_eq!(app.globex.get(&format!("{MEMORY}/accuracy")).await.json()["calls"], 0);
}

#[tokio::test]
async fn a_model_that_makes_things_up_or_fails_stops_no_mapping() {
    let server = ModelServer::start(Speaks::OpenAi, [answer(Some("account"), Some("no_such_field"))]);
    let app = with_model(Duration::ZERO, &server).await;
    leave_production(&app).await;
    app.acme.create_connection("crm", &accounts(&app, "crm", "xq7")).await;
    app.acme.connect().await;
    assert!(column(&app.acme, "crm", "xq7").await["field"].is_null());
    assert_eq!(checks(&app.acme).await[0]["answered"], 0);
    app.acme.delete(&format!("{MEMORY}/sources/crm")).await.assert_status(200);
    server.now([Act::Refuse(401, vec![], json!({ "error": { "message": "no" } }).to_string())]);
    app.acme.create_connection("erp", &accounts(&app, "erp", "zz9")).await;
    let run = app.acme.connect().await;
    assert_eq!(run["status"], "finished", "{run}");
    let failed = checks(&app.acme).await[0].clone();
    assert!(failed["note"].as_str().unwrap().contains("the model gave no answer"), "{failed}");
    assert_eq!(column(&app.acme, "erp", "name").await["field"], "name");
}

#[tokio::test]
async fn where_most_is_known_it_is_told_and_somebody_chooses_whether_the_model_is_asked() {
    let server = ModelServer::start(Speaks::OpenAi, [answer(None, None)]);
    let app = with_model(Duration::from_secs(20), &server).await;
    leave_production(&app).await;
    app.acme.create_connection("crm", &accounts(&app, "crm", "xq7")).await;
    app.acme.connect().await;
    assert_eq!(server.seen().len(), 1, "nothing was known yet, so nobody was waited for");

    let scope = app.scope(&app.acme).await;
    let mut events = app.broker.tenant(&scope).subscribe(None).await;
    for (source, strange, choice, calls) in [("erp", "zz9", "proceed", 2), ("old", "yy8", "skip", 2)] {
        app.acme.create_connection(source, &accounts(&app, source, strange)).await;
        let choose = async {
            let told = loop {
                if let Message::Event(event) = events.next().await
                    && event.topic == Topic::RagCoverageCheck
                {
                    break serde_json::from_str::<Value>(event.payload.get()).unwrap();
                }
            };
            assert_eq!((&told["source"], &told["coverage_pct"]), (&json!(source), &json!(80.0)), "{told}");
            assert_eq!((&told["matched_count"], &told["total_count"]), (&json!(4), &json!(5)));
            assert_eq!((&told["recommendation"], &told["estimated_calls"]), (&json!("skip"), &json!(1)));
            assert_eq!(told["missing_fields"], json!([format!("account.{strange}")]));
            assert!(told["estimated_cost_savings"].as_f64().unwrap() > 0.0, "{told}");
            let pending = app.acme.get(&format!("{MEMORY}/checks?pending=true")).await.json();
            assert_eq!(pending["items"][0]["id"], told["check_id"], "{pending}");
            let path = format!("{MEMORY}/checks/{}", told["check_id"].as_str().unwrap());
            app.globex.post(&path, &json!({ "choice": choice })).await.assert_problem(404, "mapping_check_not_found");
            app.acme.post(&path, &json!({ "choice": "perhaps" })).await.assert_problem(422, "invalid_body");
            app.acme.post(&path, &json!({ "choice": choice })).await.assert_status(204);
            app.acme.post(&path, &json!({ "choice": choice })).await.assert_problem(409, "choice_too_late");
        };
        tokio::join!(app.acme.connect(), choose);
        assert_eq!(server.seen().len(), calls, "{choice}");
        let check = checks(&app.acme).await[0].clone();
        assert_eq!((&check["choice"], check["chosen_by"].is_string()), (&json!(choice), true), "{check}");
        assert_eq!(check["calls_saved"], u64::from(choice == "skip"), "{check}");
    }
    let counters = app.acme.get("/api/v1/models/usage").await.json()["counters"].clone();
    assert_eq!((&counters["calls"], &counters["calls_saved"]), (&json!(2), &json!(1)), "{counters}");
}

#[tokio::test]
async fn who_says_nothing_in_time_gets_what_is_recommended() {
    let server = ModelServer::start(Speaks::OpenAi, [answer(None, None)]);
    let app = with_model(Duration::from_millis(600), &server).await;
    leave_production(&app).await;
    app.acme.create_connection("crm", &accounts(&app, "crm", "xq7")).await;
    app.acme.connect().await;
    app.acme.create_connection("erp", &accounts(&app, "erp", "zz9")).await;
    app.acme.connect().await;
    assert_eq!(server.seen().len(), 1, "four of five columns are known, which is enough");
    let check = checks(&app.acme).await[0].clone();
    assert_eq!((&check["choice"], &check["chosen_by"]), (&json!("skip"), &Value::Null), "{check}");
    // Whoever is known altogether is not even waited for.
    app.acme.create_connection("again", &accounts(&app, "again", "zz9")).await;
    app.acme.connect().await;
    let check = checks(&app.acme).await[0].clone();
    assert_eq!((&check["uncertain"], &check["decide_until"]), (&json!(0), &Value::Null), "{check}");
    assert_eq!(server.seen().len(), 1);
}
