//! Every operation of the API, called by someone who is not signed in and by another tenant with this tenant's identifiers. An operation
//! without a case here fails.

use aos_testkit::{Client, Reply, TestApp};
use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

/// In every value, name and path of acme's that another tenant could come across.
const MARKER: &str = "zebrafish";

/// What another tenant is answered.
enum Case {
    /// Anyone may call it, and it tells nothing of a tenant.
    Public,
    /// It needs a ticket, not a token; `live` tries it with another tenant's.
    Ticket,
    /// It names a thing of acme's, which is not there for others.
    Missing { path: String, body: Option<Value>, code: &'static str },
    /// It answers about whoever asks. `shown`: acme itself sees the marker, so that this could fail.
    Own { path: String, body: Option<Value>, status: u16, shown: bool },
}

struct Ids {
    connection: String,
    run: String,
    folder: String,
    task: String,
    schedule: String,
    endpoint: String,
}

fn case(operation: &str, ids: &Ids) -> Case {
    let Ids { connection, run, folder, .. } = ids;
    let own = |path: &str, shown| Case::Own { path: path.to_owned(), body: None, status: 200, shown };
    let missing = |path: String, code| Case::Missing { path, body: None, code };
    match operation {
        "post_auth_register" | "post_auth_login" | "get_health" | "get_health_ready" => Case::Public,
        "get_dcl_ws" => Case::Ticket,
        "get_auth_me" => own("/auth/me", true),
        "post_auth_ws_ticket" => own("/auth/ws-ticket", false),
        // Signing out of one's own session; the callers sign in anew for each operation.
        "post_auth_logout" => Case::Own { path: "/auth/logout".into(), body: None, status: 204, shown: false },
        "get_connections" => own("/connections", true),
        // The same name is free for another tenant.
        "post_connections" => {
            let body = json!({ "name": "shared", "config": { "path": folder } });
            Case::Own { path: "/connections".into(), body: Some(body), status: 201, shown: false }
        }
        "get_connections_id" | "delete_connections_id" => {
            missing(format!("/connections/{connection}"), "connection_not_found")
        }
        "post_connections_id_check" => missing(format!("/connections/{connection}/check"), "connection_not_found"),
        "get_connections_id_runs" => missing(format!("/connections/{connection}/runs"), "connection_not_found"),
        "post_dcl_connect" => {
            let body = json!({ "sources": [connection] });
            Case::Missing { path: "/dcl/connect".into(), body: Some(body), code: "connection_not_found" }
        }
        "get_dcl_connect_run_id" => missing(format!("/dcl/connect/{run}"), "connect_run_not_found"),
        "get_dcl_state" => own("/dcl/state?joins=true", true),
        "get_dcl_ontology_schema" => own("/dcl/ontology_schema", true),
        "get_dcl_source_schemas" => own("/dcl/source_schemas", true),
        "get_dcl_preview" => missing("/dcl/preview?node=src_zebrafishcrm_account".into(), "node_not_found"),
        "get_dcl_views_entity" => own("/dcl/views/account", true),
        "get_dcl_views_entity_source_record_id" => {
            missing("/dcl/views/account/zebrafishcrm/A001".into(), "record_not_found")
        }
        "post_dcl_query" => {
            let body = json!({ "sql": "SELECT * FROM account" });
            Case::Own { path: "/dcl/query".into(), body: Some(body), status: 200, shown: true }
        }
        "get_dcl_lineage" => own("/dcl/lineage?search=zebra", true),
        "get_dcl_lineage_entity_field" => own("/dcl/lineage/account/name", true),
        "get_dcl_ontology_extension" => own("/dcl/ontology_extension", false),
        // Each tenant extends its own ontology; `an_extension_is_the_tenants_own` looks at what the other sees.
        "put_dcl_ontology_extension" => {
            let body = json!({ "fields": { "account": { "tier": { "type": "string" } } } });
            Case::Own { path: "/dcl/ontology_extension".into(), body: Some(body), status: 200, shown: false }
        }
        "get_dcl_agents" => own("/dcl/agents", false),
        "get_ledger" => own(&format!("/ledger?connection_id={connection}"), true),
        "get_rejections" => own(&format!("/rejections?connection_id={connection}"), true),
        other => orchestration_case(other, ids),
    }
}

fn orchestration_case(operation: &str, ids: &Ids) -> Case {
    let Ids { connection, task, schedule, endpoint, .. } = ids;
    let own = |path: &str, shown| Case::Own { path: path.to_owned(), body: None, status: 200, shown };
    let does = |path: &str, body, status| Case::Own { path: path.to_owned(), body: Some(body), status, shown: false };
    let missing = |path: String, body, code| Case::Missing { path, body, code };
    let nightly = json!({ "name": "shared", "cron": "0 3 * * *", "task": { "kind": "noop" } });
    match operation {
        // `a_tenant_lists_only_its_own_tasks` looks at what the lists hold.
        "get_tasks" => own("/tasks", false),
        "post_tasks" => does("/tasks", json!({ "kind": "noop" }), 201),
        "get_tasks_id" | "delete_tasks_id" => missing(format!("/tasks/{task}"), None, "task_not_found"),
        "get_tasks_id_logs" => missing(format!("/tasks/{task}/logs"), None, "task_not_found"),
        "post_tasks_id_replay" => missing(format!("/tasks/{task}/replay"), None, "task_not_found"),
        "post_tasks_replay" => does("/tasks/replay", json!({ "ids": [task] }), 202),
        "get_tasks_stats" => own("/tasks/stats", false),
        "put_tasks_settings" => does("/tasks/settings", json!({ "max_running": null }), 200),
        "get_tasks_schedules" => own("/tasks/schedules", true),
        "post_tasks_schedules" => does("/tasks/schedules", nightly, 201),
        "get_tasks_schedules_id" | "delete_tasks_schedules_id" => {
            missing(format!("/tasks/schedules/{schedule}"), None, "schedule_not_found")
        }
        "put_tasks_schedules_id" => {
            let other = json!({ "name": "other", "cron": "0 3 * * *", "task": { "kind": "noop" } });
            missing(format!("/tasks/schedules/{schedule}"), Some(other), "schedule_not_found")
        }
        "post_aoa_run" => missing("/aoa/run".into(), Some(json!({ "sources": [connection] })), "connection_not_found"),
        "post_aoa_reset" => does("/aoa/reset", json!({}), 202),
        "post_aoa_prod_mode" => does("/aoa/prod-mode", json!({ "enabled": true }), 202),
        "post_aoa_discover" => does("/aoa/discover", json!({ "nlp_query": "zebra" }), 503),
        "get_aoa_state" => own("/aoa/state", true),
        "get_aoa_status" => own("/aoa/status", false),
        "get_notifications_slack" => own("/notifications/slack", false),
        "put_notifications_slack" => {
            does("/notifications/slack", json!({ "webhook_url": "https://hooks.slack.com/services/x" }), 200)
        }
        "delete_notifications_slack" => {
            Case::Own { path: "/notifications/slack".into(), body: None, status: 204, shown: false }
        }
        // The webhook that was set above is gone again, and acme's is not used for it.
        "post_notifications_slack_test" => does("/notifications/slack/test", json!({}), 409),
        "get_callbacks" => own("/callbacks", true),
        "post_callbacks_secret" => does("/callbacks/secret", json!({}), 201),
        "post_callbacks_id_enable" => {
            missing(format!("/callbacks/{endpoint}/enable"), None, "callback_endpoint_not_found")
        }
        "post_callbacks_id_replay" => {
            missing(format!("/callbacks/{endpoint}/replay"), None, "callback_endpoint_not_found")
        }
        other => panic!("{other} has no case: say here what another tenant is answered"),
    }
}

#[tokio::test]
async fn an_extension_is_the_tenants_own() {
    let app = TestApp::new().await;
    let path = "/api/v1/dcl/ontology_extension";
    let extension = json!({ "fields": { "account": { "tier": { "type": "string", "aliases": ["customer tier"] } } } });
    app.acme.put(path, &extension).await.assert_status(200);
    assert_eq!(app.acme.get(path).await.json()["extension"], extension);
    assert!(app.acme.get("/api/v1/dcl/ontology_schema").await.json().to_string().contains("\"tier\""));
    assert!(!app.globex.get("/api/v1/dcl/ontology_schema").await.json().to_string().contains("\"tier\""));
    let redefined = json!({ "fields": { "account": { "name": { "type": "integer" } } } });
    app.acme.put(path, &redefined).await.assert_problem(422, "ontology_unsound");
    assert_eq!(app.acme.get(path).await.json()["extension"], extension, "what was refused changes nothing");
}

#[tokio::test]
async fn a_tenant_lists_only_its_own_tasks() {
    let app = TestApp::builder().no_worker().build().await;
    let task = crate::waiting::enqueue(&app.acme, json!({ "kind": "noop" })).await;
    assert_eq!(app.acme.get("/api/v1/tasks").await.json()["items"][0]["id"], json!(task));
    assert_eq!(app.globex.get("/api/v1/tasks").await.assert_status(200).json()["items"], json!([]));
    let stats = app.globex.get("/api/v1/tasks/stats").await.assert_status(200).json();
    assert_eq!((&stats["waiting"], &stats["oldest_waiting_seconds"]), (&json!(0), &json!(null)));
    let replayed = app.globex.post("/api/v1/tasks/replay", &json!({ "ids": [task] })).await.assert_status(202);
    assert_eq!(replayed.json()["ids"], json!([]));
    app.acme.delete(&format!("/api/v1/tasks/{task}")).await.assert_status(200);
    let replayed = app.globex.post("/api/v1/tasks/replay", &json!({ "ids": [task] })).await.assert_status(202);
    assert_eq!(replayed.json()["ids"], json!([]));
    assert_eq!(app.acme.get(&format!("/api/v1/tasks/{task}")).await.json()["state"], "canceled");
}

#[tokio::test]
async fn no_operation_shows_or_changes_anything_of_another_tenant() {
    let app = TestApp::new().await;
    let acme = app.register(MARKER).await;
    let folder = app.files.crm("zebrafishcrm", "Zebrafish");
    let broken = b"account_id,name\n,Zebrafish without a key\n";
    std::fs::write(folder.join("account_more.csv"), broken).unwrap();
    let connection = acme.create_connection("zebrafishcrm", &folder).await;
    let run = acme.connect().await["run_id"].as_str().unwrap().to_owned();
    let shared = app.files.source("shared", &[("account.csv", b"account_id,name\nS1,Shared\n")]);
    acme.create_connection("shared", &shared).await;
    let task = json!({ "kind": "noop", "payload": {}, "callback_url": "https://zebrafish.example.com/hook" });
    let task = crate::waiting::enqueue(&acme, task).await;
    let nightly = json!({ "name": "zebrafish nightly", "cron": "0 3 * * *", "task": { "kind": "noop" } });
    let schedule = acme.post("/api/v1/tasks/schedules", &nightly).await.assert_status(201).json();
    let schedule = schedule["id"].as_str().unwrap().to_owned();
    let webhook = json!({ "webhook_url": "https://hooks.slack.com/services/zebrafish", "on": [] });
    acme.put("/api/v1/notifications/slack", &webhook).await.assert_status(200);
    let scope = app.scope(&acme).await;
    let endpoint = app.store.tenant(&scope).ensure_callback_endpoint("https://zebrafish.example.com/hook").await;
    let endpoint = endpoint.unwrap().id.to_string();
    let ids = Ids { connection, run, folder: shared.display().to_string(), task, schedule, endpoint };
    let before = acme.get("/api/v1/dcl/views/account").await.assert_status(200).json();
    assert!(before["total"].as_u64().unwrap() >= 12, "{before}");

    let api = serde_json::to_value(aos_api::openapi()).unwrap();
    for (pattern, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            let method: Method = method.to_uppercase().parse().unwrap();
            check(&app, &acme, name, &method, pattern, case(name, &ids)).await;
        }
    }
    let after = acme.get("/api/v1/dcl/views/account").await.assert_status(200).json();
    assert_eq!(before, after);
    acme.get(&format!("/api/v1/connections/{}", ids.connection)).await.assert_status(200);
}

async fn check(app: &TestApp, acme: &Client, name: &str, method: &Method, pattern: &str, case: Case) {
    let (path, body, expected, shown) = match case {
        Case::Public => return,
        Case::Ticket => {
            app.globex.get(pattern).await.assert_problem(401, "invalid_ticket");
            return;
        }
        Case::Missing { path, body, code } => (path, body, Err(code), false),
        Case::Own { path, body, status, shown } => (path, body, Ok(status), shown),
    };
    let mut prefixes = vec!["/api/v1"];
    if path.starts_with("/dcl/") {
        prefixes.push("");
    }
    for prefix in prefixes {
        let path = format!("{prefix}{path}");
        call(&app.anonymous(), method, &path, &body).await.assert_problem(401, "unauthenticated");
        let globex = app.anonymous().signed_in("globex@test.invalid", aos_testkit::PASSWORD).await;
        // One job of a tenant runs at a time.
        crate::waiting::until(&globex, "/api/v1/aoa/status", |status| status["active"].is_null()).await;
        let reply = call(&globex, method, &path, &body).await;
        assert!(!reply.text().to_lowercase().contains(MARKER) || expected.is_err(), "{name} shows: {}", reply.text());
        match expected {
            Ok(status) => drop(reply.assert_status(status)),
            Err(code) => drop(reply.assert_problem(404, code)),
        }
        if shown {
            let seen = call(acme, method, &path, &body).await.assert_status(200).text();
            assert!(seen.to_lowercase().contains(MARKER), "{name} shows acme nothing, so this proves nothing: {seen}");
        }
    }
}

async fn call(client: &Client, method: &Method, path: &str, body: &Option<Value>) -> Reply {
    let request = client.request(method.clone(), path);
    let request = match body {
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    client.send(request.unwrap()).await
}
