//! Feature flags over HTTP, and what they do.

use aos_core::Role;
use aos_core::graph::AAM_PARENT;
use aos_core::mapping::StreamMapping;
use aos_core::shape::StreamShape;
use aos_store::NewConnection;
use aos_testkit::{Client, TestApp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const FLAGS: &str = "/api/v1/flags";

async fn flag(client: &Client, name: &str) -> Value {
    let flags = client.get(FLAGS).await.assert_status(200).json();
    flags["items"].as_array().unwrap().iter().find(|flag| flag["name"] == name).unwrap().clone()
}

#[tokio::test]
async fn a_flag_is_set_seen_and_forgotten_and_is_the_tenants_own() {
    let app = TestApp::new().await;
    let name = "USE_AAM_AS_SOURCE";
    assert_eq!(flag(&app.acme, name).await["source"], "default");
    let set = app.acme.put(&format!("{FLAGS}/{name}"), &json!({ "value": true })).await.assert_status(200).json();
    assert_eq!((&set["value"], &set["source"]), (&json!(true), &json!("stored")));
    assert!(set["changed_by"].as_str().unwrap().starts_with("user:"));
    assert_eq!(flag(&app.globex, name).await["value"], false);
    app.acme.delete(&format!("{FLAGS}/{name}")).await.assert_status(204);
    assert_eq!(
        (&flag(&app.acme, name).await["value"], &flag(&app.acme, name).await["changed_at"]),
        (&json!(false), &json!(null))
    );
    app.acme.put(&format!("{FLAGS}/NONE"), &json!({ "value": true })).await.assert_problem(404, "flag_not_found");
    app.acme.put(&format!("{FLAGS}/{name}"), &json!({ "value": "yes" })).await.assert_problem(422, "invalid_body");
    let member = app.colleague(&app.acme, Role::Member).await;
    member.put(&format!("{FLAGS}/{name}"), &json!({ "value": true })).await.assert_problem(403, "forbidden");
}

#[tokio::test]
async fn what_the_operator_has_said_holds_and_cannot_be_changed() {
    let app = TestApp::builder().flag(aos_core::flag::Flag::FeatureUseFilesource, false).build().await;
    let shown = flag(&app.acme, "FEATURE_USE_FILESOURCE").await;
    assert_eq!((&shown["value"], &shown["source"]), (&json!(false), &json!("environment")));
    let path = format!("{FLAGS}/FEATURE_USE_FILESOURCE");
    app.acme.put(&path, &json!({ "value": true })).await.assert_problem(409, "flag_set_by_operator");
    let body = json!({ "name": "crm", "config": { "path": app.files.crm("crm", "Acme") } });
    app.acme.post("/api/v1/connections", &body).await.assert_problem(409, "filesource_off");
}

#[tokio::test]
async fn every_process_obeys_a_changed_flag_within_a_second() {
    let app = TestApp::builder().system_clock().build().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let second = app.second_process().await.client(&app.acme);
    let run = async |client: &Client| client.post("/api/v1/aoa/run", &json!({ "sources": ["crm"] })).await;
    run(&second).await.assert_status(202);
    crate::waiting::until(&app.acme, "/api/v1/aoa/status", |status| status["active"].is_null()).await;
    let off = json!({ "value": false });
    app.acme.put(&format!("{FLAGS}/FEATURE_USE_FILESOURCE"), &off).await.assert_status(200);
    let changed = Instant::now();
    loop {
        let asked = changed.elapsed();
        if run(&second).await.status.as_u16() == 409 {
            break;
        }
        assert!(asked < Duration::from_secs(1), "the second process does not obey what was asked after {asked:?}");
        crate::waiting::until(&app.acme, "/api/v1/aoa/status", |status| status["active"].is_null()).await;
    }
    run(&second).await.assert_problem(409, "filesource_off");
}

#[tokio::test]
async fn the_picture_switches_between_files_and_live_connections() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let scope = app.scope(&app.acme).await;
    let store = app.store.tenant(&scope);
    let live = NewConnection {
        name: "our crm".into(),
        system: "salesforce".into(),
        connector: "salesforce".into(),
        config: json!({ "path": "/nowhere" }),
    };
    let live = store.create_connection(live).await.unwrap();
    let shape = StreamShape::of_names("Account", ["Id"]);
    store.save_stream_shape(live.id, &shape, &shape.fingerprint()).await.unwrap();
    let mapping = StreamMapping { version: 0, stream: "Account".into(), entities: vec![] };
    store.save_mapping(live.id, &mapping, &json!({})).await.unwrap();
    let parents = async || -> Vec<String> {
        let state = app.acme.get("/api/v1/dcl/state").await.assert_status(200).json();
        let parents = state["nodes"].as_array().unwrap().iter().filter(|node| node["type"] == "source_parent");
        parents.map(|node| node["id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(parents().await.contains(&"sys_crm".to_owned()));
    let path = format!("{FLAGS}/USE_AAM_AS_SOURCE");
    app.acme.put(&path, &json!({ "value": true })).await.assert_status(200);
    assert_eq!(parents().await, [AAM_PARENT]);
    let state = app.acme.get("/api/v1/dcl/state").await.json().to_string();
    assert!(state.contains("\"Salesforce - Account\"") && state.contains("\"from AAM\""), "{state}");
    app.acme.delete(&path).await.assert_status(204);
    assert!(parents().await.contains(&"sys_crm".to_owned()));
}

#[tokio::test]
async fn answers_say_what_they_cost_to_whoever_wants_to_know() {
    let app = TestApp::new().await;
    let timing = async |client: &Client| client.get(FLAGS).await.header("server-timing").map(str::to_owned);
    assert_eq!(timing(&app.acme).await, None);
    app.acme.put(&format!("{FLAGS}/DEV_DEBUG"), &json!({ "value": true })).await.assert_status(200);
    assert!(timing(&app.acme).await.is_some_and(|text| text.starts_with("app;dur=")));
    assert_eq!(timing(&app.globex).await, None);
}
