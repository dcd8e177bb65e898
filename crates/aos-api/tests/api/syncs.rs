//! Connections one by one: looked at, read on demand, paused, changed, and how they do.

use aos_testkit::{Client, Reply, TestApp};
use axum::http::{Method, header};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Syncs a connection, waits for the end, and returns its task.
async fn sync(client: &Client, id: &str, body: &Value) -> Value {
    let task = client.post(&format!("/api/v1/connections/{id}/sync"), body).await.assert_status(202).json();
    ended(client, &task["id"]).await
}

/// Waits for the end of a task and returns it.
async fn ended(client: &Client, id: &Value) -> Value {
    let path = format!("/api/v1/tasks/{}", id.as_str().unwrap());
    let begun = Instant::now();
    loop {
        let task = client.get(&path).await.assert_status(200).json();
        if !task["finished_at"].is_null() {
            return task;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "the task does not end: {task}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn patch(client: &Client, path: &str, body: &Value) -> Reply {
    let request = client.request(Method::PATCH, path).header(header::CONTENT_TYPE, "application/json");
    client.send(request.body(body.to_string().into()).unwrap()).await
}

#[tokio::test]
async fn a_sync_reads_one_connection_and_says_what_it_did() {
    let app = TestApp::new().await;
    let crm = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.create_connection("other", &app.files.crm("other", "Other")).await;
    let task = sync(&app.acme, &crm, &json!({ "streams": ["account"] })).await;
    assert_eq!((&task["state"], &task["result"]["outcome"]), (&json!("success"), &json!("success")), "{task}");
    assert_eq!(task["result"]["streams"][0]["landed"], 12);
    assert_eq!(app.acme.get("/dcl/views/account").await.json()["total"], 12);
    assert_eq!(app.acme.get("/dcl/views/opportunity").await.json()["total"], 0, "it was not asked for");

    let runs = app.acme.get(&format!("/api/v1/connections/{crm}/runs")).await.assert_status(200).json();
    assert_eq!((&runs["items"][0]["mode"], &runs["items"][0]["balanced"]), (&json!("incremental"), &json!(true)));
    assert_eq!(runs["items"][0]["streams"][0]["outcome"], "success");
}

#[tokio::test]
async fn a_row_that_is_in_a_whole_file_no_more_is_gone() {
    let app = TestApp::new().await;
    let file = |rows: &[&str]| format!("account_id,name\n{}\n", rows.join("\n")).into_bytes();
    let folder = app.files.source("crm", &[("account.csv", &file(&["A1,One", "A2,Two", "A3,Three"]))]);
    let body = json!({ "name": "crm", "config": { "path": folder, "deletes": "sweep" } });
    let id =
        app.acme.post("/api/v1/connections", &body).await.assert_status(201).json()["id"].as_str().unwrap().to_owned();
    sync(&app.acme, &id, &json!({})).await;
    app.files.source("crm", &[("account.csv", &file(&["A1,One", "A3,Three"]))]);
    let task = sync(&app.acme, &id, &json!({})).await;
    assert_eq!(task["result"]["streams"][0]["deleted"], 1, "{task}");
    let view = app.acme.get("/dcl/views/account").await.json();
    assert_eq!(view["total"], 2, "{view}");
    let connection = app.acme.get(&format!("/api/v1/connections/{id}")).await.json();
    assert_eq!(connection["streams"][0]["deletes"], "sweep");
    assert!(connection["streams"][0]["deletes_known_at"].is_string(), "{connection}");
}

#[tokio::test]
async fn neither_a_pause_nor_a_sync_needs_a_body() {
    let app = TestApp::builder().no_worker().build().await;
    let crm = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let path = format!("/api/v1/connections/{crm}");
    let bare = async |action: &str| {
        let request = app.acme.request(Method::POST, &format!("{path}/{action}"));
        app.acme.send(request.body(axum::body::Body::empty()).unwrap()).await
    };
    bare("pause").await.assert_status(200);
    let refused = bare("sync").await;
    assert_eq!(refused.json()["detail"], "the connection is paused", "{}", refused.json());
    refused.assert_problem(409, "connection_paused");
    bare("resume").await.assert_status(200);
    bare("sync").await.assert_status(202);
}

#[tokio::test]
async fn a_paused_connection_is_read_by_nobody_until_it_is_resumed() {
    let app = TestApp::new().await;
    let crm = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let path = format!("/api/v1/connections/{crm}");
    let paused = app.acme.post(&format!("{path}/pause"), &json!({ "reason": "migration" })).await.assert_status(200);
    assert_eq!((&paused.json()["status"], &paused.json()["paused"]["reason"]), (&json!("paused"), &json!("migration")));
    app.acme.post(&format!("{path}/sync"), &json!({})).await.assert_problem(409, "connection_paused");
    app.acme.connect().await;
    assert_eq!(app.acme.get(&path).await.json()["last_run"], Value::Null);
    assert_eq!(app.acme.get(&format!("{path}/health")).await.json()["verdict"], "paused");
    app.acme.post(&format!("{path}/resume"), &json!({})).await.assert_status(200);
    app.acme.connect().await;
    assert_eq!(app.acme.get(&path).await.json()["status"], "ready");
    let events = app.acme.get(&format!("{path}/events")).await.assert_status(200).json();
    let kinds: Vec<_> =
        events["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["resumed", "paused"]);
}

#[tokio::test]
async fn health_tells_what_was_measured_and_null_where_nothing_was() {
    let app = TestApp::new().await;
    let empty = app.acme.get("/api/v1/aam/metrics").await.assert_status(200).json();
    for member in ["success_rate", "latency", "records_read_24h", "requests_24h", "mapping_confidence"] {
        assert_eq!(empty[member], Value::Null, "{member} of {empty}");
    }
    let folder = app.files.crm("crm", "Acme");
    let crm = app.acme.create_connection("crm", &folder).await;
    let path = format!("/api/v1/connections/{crm}");
    let health = app.acme.get(&format!("{path}/health")).await.assert_status(200).json();
    assert_eq!(
        (&health["verdict"], &health["latency"], &health["success_rate"]),
        (&json!("unknown"), &Value::Null, &Value::Null)
    );

    app.acme.post(&format!("{path}/check"), &json!({})).await.assert_status(200);
    sync(&app.acme, &crm, &json!({})).await;
    let health = app.acme.get(&format!("{path}/health")).await.json();
    assert_eq!(
        (&health["verdict"], &health["reachable"], &health["success_rate"]),
        (&json!("healthy"), &json!(true), &json!(1.0))
    );
    assert_eq!(health["latency"]["measured"], 1);
    assert!(health["fresh_as_of"].is_string() && health["deletes_known_as_of"].is_null(), "{health}");

    std::fs::remove_dir_all(&folder).unwrap();
    let check = app.acme.post(&format!("{path}/check"), &json!({})).await.assert_status(200).json();
    assert_eq!((&check["ok"], &check["code"]), (&json!(false), &json!("not_found")), "{check}");
    let metrics = app.acme.get("/api/v1/aam/metrics").await.json();
    assert_eq!((&metrics["connections"], &metrics["records_read_24h"]), (&json!(1), &json!(24)), "{metrics}");
    assert!(metrics["mapping_confidence"].as_f64().unwrap() > 0.5);
    assert_eq!(app.globex.get("/api/v1/aam/metrics").await.json()["connections"], 0);
}

#[tokio::test]
async fn settings_are_checked_against_the_connectors_declaration() {
    let app = TestApp::new().await;
    let connectors = app.acme.get("/api/v1/connectors").await.assert_status(200).json();
    let names: Vec<_> =
        connectors["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"file"), "{names:?}");
    let create = async |body: Value| app.acme.post("/api/v1/connections", &body).await;
    create(json!({ "name": "x", "connector": "fax", "config": {} })).await.assert_problem(422, "unknown_connector");
    let config = json!({ "path": app.files.crm("crm", "Acme"), "pth": "x" });
    let problem = create(json!({ "name": "x", "config": config })).await.assert_problem(422, "invalid_settings");
    assert!(problem["detail"].as_str().unwrap().contains("pth"), "{problem}");
    create(json!({ "name": "x", "config": {} })).await.assert_problem(422, "invalid_settings");
    assert_eq!(app.acme.get("/api/v1/connections").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_connection_can_be_changed_and_keeps_what_was_read() {
    let app = TestApp::new().await;
    let crm = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.create_connection("erp", &app.files.crm("erp", "Acme")).await;
    sync(&app.acme, &crm, &json!({})).await;
    let path = format!("/api/v1/connections/{crm}");
    patch(&app.acme, &path, &json!({ "name": "erp" })).await.assert_problem(409, "name_taken");
    patch(&app.acme, &path, &json!({ "stale_after_s": 5 })).await.assert_problem(422, "invalid_staleness");
    patch(&app.acme, &path, &json!({ "config": { "path": "/etc" } })).await.assert_problem(422, "path_not_allowed");
    let changed =
        patch(&app.acme, &path, &json!({ "name": "sales", "stale_after_s": 3600 })).await.assert_status(200).json();
    assert_eq!((&changed["name"], &changed["stale_after_s"]), (&json!("sales"), &json!(3600)));
    let task = sync(&app.acme, &crm, &json!({})).await;
    assert_eq!(task["result"]["outcome"], "no_change", "{task}");
}

#[tokio::test]
async fn discovery_lists_streams_with_their_fields_and_reads_no_record() {
    let app = TestApp::new().await;
    let crm = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let found =
        app.acme.post(&format!("/api/v1/connections/{crm}/discover"), &json!({})).await.assert_status(200).json();
    let account = &found["streams"][0];
    assert_eq!((&account["name"], &account["deletes"]), (&json!("account"), &json!("unknown")), "{found}");
    assert!(account["fields"].as_array().unwrap().iter().any(|field| field["name"] == "industry"), "{account}");
    assert_eq!(found["forecast"]["requests"], Value::Null);
    assert!(found["forecast"]["columns"].as_str().unwrap().contains("whole records"), "{found}");
    assert_eq!(account["columns_alone"], false);
    assert_eq!(app.acme.get("/dcl/views/account").await.json()["total"], 0);
}

#[tokio::test]
async fn mappings_go_out_and_come_back_as_what_a_person_decided() {
    let app = TestApp::new().await;
    let crm = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let path = format!("/api/v1/connections/{crm}/mappings");
    sync(&app.acme, &crm, &json!({})).await;
    let csv = app.acme.get(&format!("{path}?format=csv")).await.assert_status(200).text();
    assert!(csv.contains("account,account,name,name"), "{csv}");
    let put = async |kind: &str, body: String| {
        let request = app.acme.request(Method::PUT, &path).header(header::CONTENT_TYPE, kind);
        app.acme.send(request.body(body.into()).unwrap()).await
    };
    // What a person changed: the name is taken from another column.
    let changed = csv.replace("account,account,name,name", "account,account,name,website");
    let imported = put("text/csv", changed).await.assert_status(200).json();
    let account = imported["items"].as_array().unwrap().iter().find(|one| one["stream"] == "account").unwrap();
    assert_eq!(account["changed"], true, "{imported}");
    // What is held is mapped anew from the lake; the source is not asked.
    let remap = ended(&app.acme, &account["task_id"]).await;
    assert_eq!((&remap["kind"], &remap["state"]), (&json!("remap"), &json!("success")), "{remap}");
    let task = sync(&app.acme, &crm, &json!({})).await;
    assert_eq!(task["result"]["outcome"], "no_change", "{task}");
    let record = app.acme.get("/api/v1/dcl/views/account/crm/A003").await.assert_status(200).json();
    assert_eq!(record["cells"]["name"]["value"], "https://3.example.com", "{record}");
    // The decision outlives a change of the source that makes the matcher look again.
    let wider = b"account_id,name,industry,website,new_column\nA001,One,Software,https://other.example.com,x\n";
    app.files.source("crm", &[("account.csv", wider)]);
    sync(&app.acme, &crm, &json!({})).await;
    let record = app.acme.get("/api/v1/dcl/views/account/crm/A001").await.assert_status(200).json();
    assert_eq!(record["cells"]["name"]["value"], "https://other.example.com", "{record}");

    let yaml = app.acme.get(&path).await.assert_status(200).text();
    let same = put("application/yaml", yaml).await.assert_status(200).json();
    assert!(
        same["items"].as_array().unwrap().iter().all(|one| one["changed"] == false || one["stream"] != "account"),
        "{same}"
    );
    put("application/yaml", "streams: [{stream: nowhere, entities: {account: {name: x}}}]".into())
        .await
        .assert_problem(422, "invalid_mapping");
    put("text/csv", "stream,entity,field,sources\naccount,account,nonsense,name\n".into())
        .await
        .assert_problem(422, "invalid_mapping");
    put("application/pdf", String::new()).await.assert_problem(422, "unknown_format");
}

#[tokio::test]
async fn files_can_be_replayed_and_nothing_is_doubled() {
    let app = TestApp::new().await;
    let crm = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let sources = app.acme.get("/api/v1/filesource/sources").await.assert_status(200).json();
    assert_eq!(sources["items"][0]["id"], json!(crm));
    let before = app.acme.get("/dcl/views/account").await.json();
    let task = app.acme.post("/api/v1/filesource/replay", &json!({ "source": "crm" })).await.assert_status(202).json();
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let begun = Instant::now();
    let result = loop {
        let task = app.acme.get(&path).await.json();
        if !task["finished_at"].is_null() {
            break task["result"].clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{task}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((&result["ledger"]["read"], &result["ledger"]["duplicate"]), (&json!(24), &json!(24)), "{result}");
    assert_eq!(before, app.acme.get("/dcl/views/account").await.json());
    app.acme
        .post("/api/v1/filesource/replay", &json!({ "source": "nowhere" }))
        .await
        .assert_problem(404, "connection_not_found");
}

/// Waits until the connection shows what is waited for.
async fn until(client: &Client, path: &str, status: &str) -> Value {
    let begun = Instant::now();
    loop {
        let shown = client.get(path).await.assert_status(200).json();
        if shown["status"] == status {
            return shown;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "not {status}: {shown}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_costs_more_than_it_may_waits_in_sight_until_somebody_confirms_it() {
    let app = TestApp::builder().system_clock().reaches_loopback().build().await;
    let running = crate::credentials::account(aos_simulators::Vendor::Salesforce).await;
    let config = json!({ "login_url": running.url(), "auth": "client_credentials", "client_id": "simulator-client", "client_secret": "simulator-secret",
                         "objects": ["Account", "Contact", "Opportunity", "Case"] });
    let body = json!({ "name": "crm", "connector": "salesforce", "config": config });
    let crm = app.acme.post("/api/v1/connections", &body).await.assert_status(201).json();
    let path = format!("/api/v1/connections/{}", crm["id"].as_str().unwrap());
    app.acme.post(&format!("{path}/confirm"), &json!({})).await.assert_problem(404, "held_read_not_found");
    let patched = patch(&app.acme, &path, &json!({ "requests_max": 1 })).await.assert_status(200).json();
    assert_eq!(patched["requests_max"], 1);

    let task = app.acme.post(&format!("{path}/sync"), &json!({})).await.assert_status(202).json();
    let shown = until(&app.acme, &path, "awaits_confirmation").await;
    let held = &shown["held_read"];
    assert!(held["spent"].as_u64().unwrap() > 1 && held["requests_max"] == 1, "{held}");
    assert!(held["message"].as_str().unwrap().contains("/confirm"), "{held}");
    let health = app.acme.get(&format!("{path}/health")).await.json();
    assert_eq!(health["alerts"][0]["kind"], "awaits_confirmation", "{health}");
    let task_path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let begun = Instant::now();
    while app.acme.get(&task_path).await.json()["state"] != "queued" {
        assert!(begun.elapsed() < Duration::from_secs(120), "its task waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let confirmed = app.acme.post(&format!("{path}/confirm"), &json!({})).await.assert_status(200).json();
    assert!(confirmed["held_read"]["confirmed_by"].is_string(), "{confirmed}");
    let task = ended(&app.acme, &task["id"]).await;
    assert_eq!(task["state"], "success", "{task}");
    let shown = until(&app.acme, &path, "ready").await;
    assert_eq!((&shown["held_read"], shown["streams"].as_array().unwrap().len()), (&Value::Null, 4), "{shown}");
    assert!(shown["streams"].as_array().unwrap().iter().all(|stream| !stream["completed_at"].is_null()), "{shown}");
    let audited = app.acme.get("/api/v1/audit?action=connection.confirm").await.assert_status(200).json();
    assert_eq!(audited["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_read_that_costs_too_much_waits_once_however_often_its_time_comes() {
    let app = TestApp::builder().reaches_loopback().build().await;
    let running = crate::credentials::account(aos_simulators::Vendor::Salesforce).await;
    let config = json!({ "login_url": running.url(), "auth": "client_credentials", "client_id": "simulator-client",
                         "client_secret": "simulator-secret", "objects": ["Account", "Contact", "Opportunity", "Case"] });
    let body = json!({ "name": "crm", "connector": "salesforce", "config": config });
    let crm = app.acme.post("/api/v1/connections", &body).await.assert_status(201).json();
    let path = format!("/api/v1/connections/{}", crm["id"].as_str().unwrap());
    patch(&app.acme, &path, &json!({ "requests_max": 1 })).await.assert_status(200);
    let task = json!({ "kind": "sync", "payload": { "connection": "crm" } });
    let schedule = json!({ "name": "often", "cron": "* * * * *", "task": task });
    let schedule = app.acme.post("/api/v1/tasks/schedules", &schedule).await.assert_status(201).json();
    let schedule_path = format!("/api/v1/tasks/schedules/{}", schedule["id"].as_str().unwrap());
    app.clock.advance(chrono::Duration::minutes(1));
    let shown = until(&app.acme, &path, "awaits_confirmation").await;
    let (run, held_at) = (shown["held_read"]["run_id"].clone(), shown["held_read"]["held_at"].clone());
    for _ in 0..3 {
        let before = app.acme.get(&schedule_path).await.json()["last_at"].clone();
        app.clock.advance(chrono::Duration::minutes(1));
        let begun = Instant::now();
        let schedule = loop {
            let schedule = app.acme.get(&schedule_path).await.assert_status(200).json();
            if schedule["last_at"] != before {
                break schedule;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{schedule}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(schedule["last_error"].as_str().is_some_and(|error| error.contains("sync:")), "{schedule}");
    }
    let tasks = app.acme.get("/api/v1/tasks?kind=sync").await.assert_status(200).json();
    assert_eq!(tasks["items"].as_array().unwrap().len(), 1, "{tasks}");
    let runs = app.acme.get(&format!("{path}/runs")).await.assert_status(200).json();
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "{runs}");
    let shown = app.acme.get(&path).await.json();
    assert_eq!((&shown["held_read"]["run_id"], &shown["held_read"]["held_at"]), (&run, &held_at), "{shown}");

    // A higher limit is enough: the task that waits goes on, and the times after it are read again.
    patch(&app.acme, &path, &json!({ "requests_max": 1000 })).await.assert_status(200);
    let task = ended(&app.acme, &tasks["items"][0]["id"]).await;
    assert_eq!(task["state"], "success", "{task}");
    let shown = until(&app.acme, &path, "ready").await;
    assert_eq!(shown["held_read"], Value::Null, "{shown}");
    app.clock.advance(chrono::Duration::minutes(1));
    let begun = Instant::now();
    while !app.acme.get(&schedule_path).await.json()["last_error"].is_null() {
        assert!(begun.elapsed() < Duration::from_secs(120), "its next time is left out");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
