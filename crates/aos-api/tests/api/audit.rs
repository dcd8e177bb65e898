//! The audit trail over HTTP: searched, exported, and checked without the server.

use aos_api::Denials;
use aos_core::Role;
use aos_core::audit::{Verified, Verifier, verify};
use aos_testkit::{Client, TestApp};
use axum::http::Method;
use serde_json::{Value, json};
use std::borrow::Cow;

const AUDIT: &str = "/api/v1/audit";

async fn export(client: &Client) -> Vec<String> {
    let reply = client.get(&format!("{AUDIT}/export")).await.assert_status(200);
    assert_eq!(reply.header("content-type"), Some("application/x-ndjson"));
    reply.text().lines().map(str::to_owned).collect()
}

fn check(lines: &[String], key: &Verifier) -> Verified {
    verify(lines.iter().map(|line| Ok(Cow::Borrowed(line.as_str()))), Some(key), None).unwrap()
}

#[tokio::test]
async fn an_export_is_checked_with_nothing_but_the_public_key() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let key = app.anonymous().get(&format!("{AUDIT}/key")).await.assert_status(200).json();
    let key: Verifier = key["public_key"].as_str().unwrap().parse().unwrap();
    let lines = export(&app.acme).await;
    let verified = check(&lines, &key);
    let listed = app.acme.get(&format!("{AUDIT}?limit=1000")).await.json();
    assert_eq!(verified.head.seq, listed["items"].as_array().unwrap().len() as u64);
    assert_eq!(listed["items"][0]["seq"], json!(verified.head.seq), "newest first");
    let text = lines.join("\n");
    for action in ["connection.create", "task.enqueue", "page.commit", "mapping.save", "run.finish", "connect.finish"] {
        assert!(text.contains(&format!("\"{action}\"")), "{action}");
    }
    let foreign = export(&app.globex).await;
    assert!(!foreign.join("\n").contains("crm"));
}

#[tokio::test]
async fn every_operation_that_changes_something_is_in_the_trail() {
    let app = TestApp::builder().no_worker().build().await;
    let crm = app.files.crm("crm", "Acme");
    let extension = json!({ "fields": { "account": { "tier": { "type": "string" } } } });
    let nightly = json!({ "name": "nightly", "cron": "0 3 * * *", "task": { "kind": "noop" } });
    let task = app.acme.post("/api/v1/tasks", &json!({ "kind": "noop" })).await.assert_status(201).json();
    let task = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let acts: [(Method, &str, Value, &str); 10] = [
        (Method::POST, "/api/v1/connections", json!({ "name": "crm", "config": { "path": crm } }), "connection.create"),
        (Method::PUT, "/api/v1/dcl/ontology_extension", extension, "ontology.extend"),
        (Method::PUT, "/api/v1/tasks/settings", json!({ "max_running": 2 }), "task_settings.put"),
        (Method::POST, "/api/v1/tasks/schedules", nightly, "schedule.create"),
        (Method::DELETE, &task, json!(null), "task.cancel"),
        (Method::POST, "/api/v1/aoa/run", json!({}), "task.enqueue"),
        (
            Method::PUT,
            "/api/v1/notifications/slack",
            json!({ "webhook_url": "https://hooks.slack.com/x" }),
            "slack_webhook.put",
        ),
        (Method::POST, "/api/v1/callbacks/secret", json!({}), "callback_secret.rotate"),
        (Method::PUT, "/api/v1/flags/DEV_DEBUG", json!({ "value": true }), "flag.set"),
        (Method::DELETE, "/api/v1/flags/DEV_DEBUG", json!(null), "flag.reset"),
    ];
    for (method, path, body, action) in acts {
        let request = app.acme.request(method, path).header("content-type", "application/json");
        let reply = app.acme.send(request.body(body.to_string().into()).unwrap()).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text());
        let trace = reply.header("x-trace-id").unwrap();
        let found = app.acme.get(&format!("{AUDIT}?trace_id={trace}")).await.assert_status(200).json();
        let actions: Vec<_> =
            found["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert!(actions.contains(&action), "{path} wrote {actions:?}");
        assert!(found["items"][0]["principal"].as_str().unwrap().starts_with("user:"));
    }
}

#[tokio::test]
async fn the_trail_is_for_those_who_may_see_it_and_says_who_was_refused() {
    let app = TestApp::new().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.get(AUDIT).await.assert_problem(403, "forbidden");
    viewer.delete("/api/v1/flags/DEV_DEBUG").await.assert_problem(403, "forbidden");
    let denied = app.acme.get(&format!("{AUDIT}?action=access.denied")).await.assert_status(200).json();
    let about: Vec<_> = denied["items"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect();
    assert_eq!(about, ["/api/v1/flags/{name}", "/api/v1/audit"]);
    assert_eq!(denied["items"][0]["detail"], json!({ "method": "DELETE" }));
}

#[tokio::test]
async fn who_is_nobody_is_written_into_the_installations_trail_once_a_minute() {
    let app = TestApp::new().await;
    for _ in 0..3 {
        app.with_token("forged").get(AUDIT).await.assert_status(401);
    }
    app.anonymous().get("/api/v1/flags").await.assert_status(401);
    let denials: &Denials = app.denials();
    denials.write_down().await;
    denials.write_down().await;
    let (pieces, mut written) = tokio::sync::mpsc::channel(10);
    let signer = aos_core::audit::Signer::of_seed(&[1; 32]);
    app.store.system().export_audit(&signer, pieces).await.unwrap();
    let text = written.recv().await.unwrap();
    let entries: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let entries: Vec<_> = entries.iter().filter(|entry| entry["action"] == "access.denied").collect();
    assert_eq!(entries.len(), 1, "{text}");
    assert_eq!((&entries[0]["resource"], &entries[0]["principal"]), (&json!("address:unknown"), &json!("nobody")));
    assert_eq!(entries[0]["detail"]["times"], 4);
    assert_eq!(entries[0]["detail"]["routes"], json!({ "/api/v1/audit": 3, "/api/v1/flags": 1 }));
}
