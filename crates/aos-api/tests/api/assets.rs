//! What the discovery service found: kept by its newest answer, and proposed from there.

use crate::waiting::{ended, until};
use aos_simulators::aod;
use aos_testkit::{Client, TestApp};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};

const ASSETS: &str = "/api/v1/aam/assets";

async fn service(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Each tenant has an estate of its own, drawn from an id that is new with every test: one so large has systems of every product.
fn large_estate() -> Router {
    aod::router(aod::Options { systems: 600, ..aod::Options::default() })
}

async fn ask(client: &Client, question: &str) -> Value {
    let body = json!({ "nlp_query": question, "max_results": 50, "min_confidence": 0.4 });
    let task = client.post("/api/v1/aoa/discover", &body).await.assert_status(202).json();
    ended(client, task["id"].as_str().unwrap()).await
}

async fn assets(client: &Client) -> Value {
    client.get(ASSETS).await.assert_status(200).json()
}

#[tokio::test]
async fn what_was_found_stays_until_the_next_answer_and_is_one_tenants() {
    let url = service(large_estate()).await;
    let app = TestApp::builder().reaches_loopback().aod(&url, None).build().await;
    let nothing = json!({ "configured": true, "asked": null, "answered": null, "items": [] });
    assert_eq!(assets(&app.acme).await, nothing);
    let task = ask(&app.acme, "Which crm holds our sales pipeline?").await;
    let found = assets(&app.acme).await;
    assert_eq!((&found["answered"]["task_id"], &found["asked"]["state"]), (&task["id"], &json!("success")), "{found}");
    assert_eq!(found["answered"]["provenance"]["endpoint"], url);
    let items = found["items"].as_array().unwrap();
    let system = items.iter().find(|item| item["connector"] == "salesforce").unwrap();
    assert_eq!((&system["entity_type"], &system["source_type"]), (&json!("data_source"), &json!("salesforce")));
    assert!(
        items.iter().filter(|item| item["entity_type"] == "table").all(|item| item["source_type"].is_null()),
        "{found}"
    );
    assert_eq!(assets(&app.globex).await, nothing);
    let none = ask(&app.acme, "zebrafish").await;
    let found = assets(&app.acme).await;
    assert_eq!((&found["answered"]["task_id"], &found["items"]), (&none["id"], &json!([])), "{found}");
}

/// A service that knows one system, and breaks off at one question.
async fn moody(axum::Json(asked): axum::Json<Value>) -> Result<axum::Json<Value>, StatusCode> {
    if asked["nlp_query"] == "break off" {
        return Err(StatusCode::BAD_REQUEST);
    }
    let found = json!({
        "id": "one", "name": "CRM of sales (Salesforce)", "entity_type": "data_source", "discovery_type": "data_source_discovery",
        "source": "one", "confidence": 0.9,
    });
    let answer = json!({ "success": true, "request_id": asked["request_id"], "discovery": { "entities": [found] } });
    Ok(axum::Json(answer))
}

#[tokio::test]
async fn a_question_that_failed_leaves_the_answer_before_it_in_place() {
    let url = service(Router::new().route("/api/discover", post(moody))).await;
    let app = TestApp::builder().reaches_loopback().aod(&url, None).build().await;
    let first = ask(&app.acme, "cloud cost").await;
    assert_eq!(first["state"], "success", "{first}");
    let failed = ask(&app.acme, "break off").await;
    assert_eq!(failed["state"], "failed", "{failed}");
    let told = assets(&app.acme).await;
    assert_eq!((&told["asked"]["task_id"], &told["asked"]["state"]), (&failed["id"], &json!("failed")), "{told}");
    assert_eq!(told["asked"]["error"], failed["error"]);
    assert_eq!((&told["answered"]["task_id"], &told["items"][0]["id"]), (&first["id"], &json!("one")), "{told}");
    // It names no product, and a word of its name says what it is.
    assert_eq!(told["items"][0]["source_type"], "salesforce");
}

#[tokio::test]
async fn an_asset_that_is_proposed_is_shown_with_its_proposal() {
    let url = service(large_estate()).await;
    let app = TestApp::builder().reaches_loopback().aod(&url, None).build().await;
    let task = ask(&app.acme, "Which warehouse knows of churn?").await;
    assert_eq!(task["state"], "success", "{task}");
    let found = assets(&app.acme).await;
    let items = found["items"].as_array().unwrap();
    let Some(unread) = items.iter().find(|item| item["source_type"] == "snowflake") else { panic!("{found}") };
    assert_eq!((&unread["connector"], &unread["intent"]), (&json!(null), &json!(null)), "{unread}");
    let intent = json!({
        "source_type": unread["source_type"], "name": unread["name"],
        "evidence": {
            "status": "discovered", "source": format!("aod/{}", unread["id"].as_str().unwrap()), "ts": found["answered"]["answered_at"],
        },
        "owner": { "user": unread["attributes"]["owner"], "confidence": unread["confidence"], "why": "the discovery service says so" },
    });
    let intent = app.acme.post("/api/v1/aam/intents", &intent).await.assert_status(202).json();
    let is_it = |item: &Value| item["id"] == unread["id"] && item["intent"]["state"] == "rejected";
    let told = until(&app.acme, ASSETS, |told| told["items"].as_array().unwrap().iter().any(is_it)).await;
    let item = told["items"].as_array().unwrap().iter().find(|item| is_it(item)).unwrap().clone();
    assert_eq!(item["intent"]["id"], intent["id"], "{item}");
    let funnel = app.acme.get("/api/v1/aam/metrics/funnel").await.json();
    assert_eq!((&funnel["proposed"], &funnel["unsupported_type"]), (&json!(1), &json!(1)), "{funnel}");
}

#[tokio::test]
async fn without_a_service_that_is_told_and_nothing_is_found() {
    let app = TestApp::new().await;
    assert_eq!(assets(&app.acme).await["configured"], false);
}
