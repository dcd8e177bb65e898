//! Something to try with: one call leads from an empty tenant to unified records, another one removes all of it.

use crate::waiting::{ended, until};
use aos_connectors::Simulated;
use aos_connectors::file::Samples;
use aos_core::Role;
use aos_simulators::{Options, Simulator, Vendor};
use aos_testkit::{Client, TestApp, TestAppBuilder};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

const SAMPLES: &str = "/api/v1/samples";

fn with_samples(names: &[&str]) -> TestAppBuilder {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples"));
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    TestApp::builder().samples(Samples::new(folder, names, |_, _| Ok(())))
}

async fn read(client: &Client, body: &Value) -> Value {
    let accepted = client.post(SAMPLES, body).await.assert_status(202).json();
    let task = ended(client, accepted["run_id"].as_str().unwrap()).await;
    assert_eq!(task["state"], "success", "{task}");
    accepted
}

async fn accounts(client: &Client) -> u64 {
    client.get("/api/v1/dcl/views/account").await.assert_status(200).json()["total"].as_u64().unwrap()
}

#[tokio::test]
async fn one_call_leads_from_an_empty_tenant_to_unified_records_and_another_removes_them() {
    let app = with_samples(&["hubspot", "salesforce", "zendesk"]).build().await;
    let before = app.acme.get(SAMPLES).await.assert_status(200).json();
    assert_eq!((&before["offered"], before["samples"].as_array().unwrap().len()), (&json!(true), 3), "{before}");
    assert_eq!(
        (&before["samples"][1]["name"], &before["samples"][1]["connection_id"]),
        (&json!("salesforce"), &json!(null))
    );
    let first = read(&app.acme, &json!({})).await;
    assert_eq!(first["connections"].as_array().unwrap().len(), 3, "{first}");
    let filled = accounts(&app.acme).await;
    assert!(filled > 100, "{filled} accounts");
    let ledger = app.acme.get("/api/v1/ledger").await.json();
    assert_eq!(ledger["totals"]["balanced"], true, "{ledger}");

    let again = read(&app.acme, &json!({})).await;
    assert_eq!(
        (&again["connections"], accounts(&app.acme).await),
        (&first["connections"], filled),
        "nothing is doubled"
    );
    assert_eq!(accounts(&app.globex).await, 0, "they are the one tenant's");
    let connection =
        app.acme.get(&format!("/api/v1/connections/{}", first["connections"][0].as_str().unwrap())).await.json();
    assert_eq!(connection["config"], json!({ "sample": "hubspot" }), "no path of the server is told");

    app.acme.delete(SAMPLES).await.assert_status(204);
    assert_eq!(app.acme.get("/api/v1/connections").await.json()["items"], json!([]));
    assert_eq!(accounts(&app.acme).await, 0);
    let nodes = app.acme.get("/api/v1/dcl/state").await.json()["nodes"].clone();
    assert!(nodes.as_array().unwrap().iter().all(|node| node["type"] != "source"), "{nodes}");
    app.acme.delete(SAMPLES).await.assert_status(204);
}

#[tokio::test]
async fn samples_stand_beside_what_is_ones_own_and_go_without_it() {
    let app = with_samples(&["salesforce", "zendesk"]).build().await;
    let own = app.acme.create_connection("salesforce", &app.files.crm("salesforce", "Acme")).await;
    let added = read(&app.acme, &json!({ "samples": ["salesforce"] })).await;
    let sample =
        app.acme.get(&format!("/api/v1/connections/{}", added["connections"][0].as_str().unwrap())).await.json();
    assert_eq!(sample["name"], "salesforce-sample", "{sample}");
    app.acme.delete(SAMPLES).await.assert_status(204);
    let left = app.acme.get("/api/v1/connections").await.json();
    assert_eq!((left["items"].as_array().unwrap().len(), &left["items"][0]["id"]), (1, &json!(own)), "{left}");
}

#[tokio::test]
async fn nobody_names_a_folder_of_the_server_by_a_sample() {
    let app = with_samples(&["zendesk"]).build().await;
    for name in ["../zendesk", "replay", "/etc", ""] {
        app.acme.post(SAMPLES, &json!({ "samples": [name] })).await.assert_problem(404, "sample_not_found");
    }
    let by_hand = json!({ "name": "mine", "config": { "sample": "zendesk", "path": "/etc" } });
    app.acme.post("/api/v1/connections", &by_hand).await.assert_problem(422, "invalid_settings");
    assert_eq!(app.acme.get("/api/v1/connections").await.json()["items"], json!([]));
}

#[tokio::test]
async fn samples_are_refused_to_who_may_not_add_sources_and_while_a_job_runs_and_where_there_are_none() {
    let app = with_samples(&["zendesk"]).no_worker().build().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.get(SAMPLES).await.assert_status(200);
    viewer.post(SAMPLES, &json!({})).await.assert_problem(403, "forbidden");
    viewer.delete(SAMPLES).await.assert_problem(403, "forbidden");
    app.acme.post("/api/v1/aoa/reset", &json!({})).await.assert_status(202);
    app.acme.post(SAMPLES, &json!({})).await.assert_problem(409, "connect_running");
    assert_eq!(app.acme.get("/api/v1/connections").await.json()["items"], json!([]), "what is refused leaves nothing");
    let without = TestApp::new().await;
    without.acme.post(SAMPLES, &json!({})).await.assert_problem(404, "samples_off");
    let told = without.acme.get(SAMPLES).await.assert_status(200).json();
    assert_eq!(told, json!({ "offered": false, "samples": [], "simulated": [] }));
}

#[tokio::test]
async fn a_simulated_service_is_read_at_its_port_and_no_other_port_of_the_machine_is_open() {
    let options = Options { size: 60, ..Options::default() };
    let running = Simulator::start(Vendor::Hubspot, &options).await.unwrap();
    let other = Simulator::start(Vendor::Hubspot, &options).await.unwrap();
    let settings = |url: &str| -> Map<String, Value> {
        json!({ "base_url": url, "access_token": "simulator-token" }).as_object().unwrap().clone()
    };
    let offered = Simulated { connector: "hubspot", settings: settings(running.url()) };
    let address = running.url().strip_prefix("http://").unwrap().parse().unwrap();
    let app = TestApp::builder().system_clock().simulated(offered, address).build().await;
    let told = app.acme.get(SAMPLES).await.json();
    assert_eq!((&told["offered"], &told["simulated"][0]["title"]), (&json!(false), &json!("HubSpot")), "{told}");
    read(&app.acme, &json!({ "simulated": ["hubspot"] })).await;
    let found = until(&app.acme, "/api/v1/dcl/views/contact", |page| page["total"].as_u64() > Some(0)).await;
    assert!(found["total"].as_u64() >= Some(60), "{found}");
    app.acme.post(SAMPLES, &json!({ "simulated": ["salesforce"] })).await.assert_problem(404, "sample_not_found");

    let beside = json!({ "name": "beside", "connector": "hubspot", "config": settings(other.url()) });
    let beside = app.acme.post("/api/v1/connections", &beside).await.assert_status(201).json();
    let check =
        app.acme.post(&format!("/api/v1/connections/{}/check", beside["id"].as_str().unwrap()), &json!({})).await;
    let check = check.json();
    assert!(check["ok"] != true && check.to_string().contains("allow_private"), "{check}");
    assert!(other.requests().is_empty(), "it was never called");

    app.acme.delete(SAMPLES).await.assert_status(204);
    let left = app.acme.get("/api/v1/connections").await.json();
    assert_eq!((left["items"].as_array().unwrap().len(), &left["items"][0]["name"]), (1, &json!("beside")), "{left}");
}
