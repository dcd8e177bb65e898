//! Input that cannot be taken: each gets a clear problem with the next step, and nothing is lost or half-written.

use aos_testkit::TestApp;
use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use std::path::Path;

fn connection(name: &str, path: &Path) -> Value {
    json!({ "name": name, "config": { "path": path } })
}

#[tokio::test]
async fn a_source_outside_the_allowed_folders_is_refused() {
    let app = TestApp::new().await;
    std::os::unix::fs::symlink("/etc", app.files.root().join("link")).unwrap();
    let upwards = app.files.root().join("..").join("data").join("store.db");
    for path in [Path::new("/etc/passwd"), Path::new("/nowhere/at/all"), &upwards, &app.files.root().join("link")] {
        let problem =
            app.acme.post("/api/v1/connections", &connection("x", path)).await.assert_problem(422, "path_not_allowed");
        let shown = problem.to_string();
        let root = app.files.root().display().to_string();
        assert!(!shown.contains(&root) || path.starts_with(&root), "tells where the folders are: {shown}");
    }
    let list = app.acme.get("/api/v1/connections").await.json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn a_source_that_is_not_there_is_refused() {
    let app = TestApp::new().await;
    let gone = app.files.root().join("gone");
    app.acme.post("/api/v1/connections", &connection("x", &gone)).await.assert_problem(422, "source_not_found");
}

#[tokio::test]
async fn names_are_checked_and_unique() {
    let app = TestApp::new().await;
    let path = app.files.crm("crm", "Acme");
    for name in ["", " x", "a/b", "a\nb", &"x".repeat(101)] {
        app.acme.post("/api/v1/connections", &connection(name, &path)).await.assert_problem(422, "invalid_name");
    }
    app.acme.create_connection("crm", &path).await;
    app.acme.post("/api/v1/connections", &connection("crm", &path)).await.assert_problem(409, "name_taken");
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_refused_before_anything_runs() {
    let app = TestApp::new().await;
    app.acme.post("/api/v1/dcl/connect", &json!({ "agents": ["nobody"] })).await.assert_problem(422, "unknown_agent");
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named_and_the_others_land() {
    let app = TestApp::new().await;
    let binary: Vec<u8> = (0..4000u32).map(|byte| (byte * 7 % 256) as u8).collect();
    let good = b"account_id,name\nA1,One\nA2,Two\n";
    let folder = app.files.source("mixed", &[("account.csv", good), ("empty.csv", b""), ("binary.csv", &binary)]);
    let id = app.acme.create_connection("mixed", &folder).await;
    let check = app.acme.post(&format!("/api/v1/connections/{id}/check"), &json!({})).await.assert_status(200).json();
    let told = check.to_string();
    assert!(told.contains("empty.csv") && told.contains("binary.csv"), "{told}");
    app.acme.connect().await;
    let ledger = app.acme.get("/api/v1/ledger").await.assert_status(200).json();
    assert_eq!(ledger["totals"]["balanced"], true, "{ledger}");
    assert_eq!(app.acme.get("/dcl/views/account").await.json()["total"], 2);
}

#[tokio::test]
async fn records_that_cannot_land_are_kept_with_their_evidence() {
    let app = TestApp::new().await;
    let rows = b"opportunity_id,name,amount,stage,close_date\nO1,One,10.50,Won,2026-01-05\n,No key,20,Won,2026-01-06\nO3,Three,30,Won,2026-01-07\nO4,Four,40,Won,2026-01-08\n";
    let folder = app.files.source("crm", &[("opportunity.csv", rows)]);
    let id = app.acme.create_connection("crm", &folder).await;
    app.acme.connect().await;
    let ledger = app.acme.get("/api/v1/ledger").await.json();
    let totals = &ledger["totals"];
    assert_eq!(
        (&totals["read"], &totals["rejected"], &totals["balanced"]),
        (&json!(4), &json!(1), &json!(true)),
        "{ledger}"
    );
    let path = format!("/api/v1/rejections?connection_id={id}&code=missing_key");
    let rejections = app.acme.get(&path).await.assert_status(200).json();
    assert_eq!(rejections["items"].as_array().unwrap().len(), 1, "{rejections}");
    assert!(rejections["items"][0]["raw"].as_str().unwrap().contains("No key"), "{rejections}");
}

#[tokio::test]
async fn sql_that_writes_or_leaves_the_tenant_is_refused() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let statements = [
        "DELETE FROM account",
        "DROP TABLE account",
        "CREATE TABLE x AS SELECT 1",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY account TO '/tmp/out.csv'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "SET memory_limit='100GB'",
        "SELECT 1; SELECT 2",
        "SELECT getenv('HOME')",
        "SELECT * FROM duckdb_settings()",
    ];
    for sql in statements {
        let reply = app.acme.post("/dcl/query", &json!({ "sql": sql })).await;
        let problem = reply.assert_problem(400, "query_refused");
        assert!(!problem.to_string().contains("dcl.duckdb"), "{problem}");
    }
    app.acme
        .post("/dcl/query", &json!({ "sql": "SELECT nothing FROM account" }))
        .await
        .assert_problem(400, "query_failed");
    app.acme.post("/dcl/query", &json!({ "sql": "" })).await.assert_problem(400, "query_refused");
    let long = format!("SELECT '{}'", "x".repeat(70_000));
    app.acme.post("/dcl/query", &json!({ "sql": long })).await.assert_problem(400, "query_refused");
    assert_eq!(app.acme.get("/dcl/views/account").await.json()["total"], 12);
}

#[tokio::test]
async fn what_is_not_in_the_ontology_is_said_with_what_is() {
    let app = TestApp::new().await;
    let problem = app.acme.get("/dcl/views/nothing").await.assert_problem(404, "unknown_entity");
    assert!(problem["next_step"].as_str().unwrap().contains("account"), "{problem}");
    app.acme.get("/dcl/views/account?filter=nothing:eq:1").await.assert_problem(400, "unknown_field");
    app.acme.get("/dcl/views/account?sort=nothing").await.assert_problem(400, "unknown_field");
    app.acme.get("/dcl/views/account?filter=name:like:1").await.assert_problem(400, "bad_filter");
    app.acme.get("/dcl/views/opportunity?filter=amount:gt:much").await.assert_problem(400, "bad_filter");
    app.acme.get("/dcl/views/account?cursor=nonsense").await.assert_problem(400, "bad_cursor");
    app.acme.get("/dcl/views/nothing/crm/1").await.assert_problem(404, "unknown_entity");
    app.acme.get("/dcl/views/account/crm/1").await.assert_problem(404, "record_not_found");
    app.acme.get("/dcl/lineage/nothing/name").await.assert_problem(404, "unknown_entity");
    app.acme.get("/dcl/lineage/account/nothing").await.assert_problem(404, "field_not_found");
    app.acme.get("/dcl/preview?node=nothing").await.assert_problem(404, "node_not_found");
    app.acme.get("/dcl/preview").await.assert_problem(400, "invalid_query");
}

#[tokio::test]
async fn a_connect_of_what_is_not_there_is_refused_before_it_starts() {
    let app = TestApp::new().await;
    app.acme.post("/dcl/connect", &json!({ "sources": ["nothing"] })).await.assert_problem(404, "connection_not_found");
    app.acme.post("/dcl/connect", &json!({ "sorces": [] })).await.assert_problem(422, "invalid_body");
    let nobody = "/dcl/connect/00000000-0000-7000-8000-000000000000";
    app.acme.get(nobody).await.assert_problem(404, "connect_run_not_found");
}

#[tokio::test]
async fn two_connects_at_once_do_not_meet() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let (path, body) = ("/dcl/connect", json!({}));
    let (first, second) = tokio::join!(app.acme.post(path, &body), app.acme.post(path, &body));
    let (accepted, refused) = if first.status == 202 { (first, second) } else { (second, first) };
    accepted.assert_status(202);
    refused.assert_problem(409, "connect_running");
}

#[tokio::test]
async fn json_that_does_not_mean_one_thing_is_refused_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let send = |body: Vec<u8>| {
        let request = app.acme.request(Method::POST, "/api/v1/tasks").header("content-type", "application/json");
        let (client, request) = (app.acme.clone(), request.body(Body::from(body)).unwrap());
        async move { client.send(request).await }
    };
    send(br#"{"kind": "noop", "kind": "reset"}"#.to_vec()).await.assert_problem(400, "duplicate_key");
    send(br#"{"kind": "noop", "payload": {"a": 1, "a": 2}}"#.to_vec()).await.assert_problem(400, "duplicate_key");
    send([br#"{"kind": "noop", "payload": "#.as_slice(), "[".repeat(100).as_bytes()].concat())
        .await
        .assert_problem(400, "body_too_deep");
    send(b"{\"kind\": \"noop\xff\"}".to_vec()).await.assert_problem(400, "body_not_utf8");
    send(b"{\"kind\":".to_vec()).await.assert_problem(400, "invalid_json");
    assert_eq!(app.acme.get("/api/v1/tasks").await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_address_and_headers_that_are_too_long_are_problems() {
    let app = TestApp::new().await;
    let long = "x".repeat(9000);
    app.acme.get(&format!("/api/v1/connections?cursor={long}")).await.assert_problem(414, "address_too_long");
    let mut request = app.acme.request(Method::GET, "/api/v1/connections");
    for name in ["x-a", "x-b", "x-c", "x-d"] {
        request = request.header(name, &long);
    }
    app.acme.send(request.body(Body::empty()).unwrap()).await.assert_problem(431, "headers_too_large");
}

#[tokio::test]
async fn columns_with_names_that_json_readers_keep_for_themselves_are_columns_like_others() {
    let app = TestApp::new().await;
    let (raw, number) = ("$serde_json::private::RawValue", "$serde_json::private::Number");
    // What a reader that falls for it would read anew, again and again.
    let mut nested = "1".to_owned();
    for _ in 0..12 {
        nested = json!({ raw: nested }).to_string();
    }
    let csv = format!("account_id,name,{raw},{number}\nA1,One,[[[,12\nA2,Two,\"{{}}\",x\n");
    let records = json!([
        { "ticket_id": "T1", "subject": "first", raw: nested, "inner": { raw: nested, number: "1e999" } },
        { "ticket_id": "T2", "subject": "second", raw: { raw: [nested] } },
    ]);
    let lines = json!({ "opportunity_id": "O1", "name": "Deal", raw: "[".repeat(5000) }).to_string();
    let folder = app.files.source(
        "odd",
        &[
            ("account.csv", csv.as_bytes()),
            ("ticket.json", records.to_string().as_bytes()),
            ("opportunity.ndjson", lines.as_bytes()),
        ],
    );
    let id = app.acme.create_connection("odd", &folder).await;
    app.acme.connect().await;
    for (entity, rows) in [("account", 2), ("ticket", 2), ("opportunity", 1)] {
        let page = app.acme.get(&format!("/dcl/views/{entity}")).await.assert_status(200).json();
        assert_eq!(page["items"].as_array().unwrap().len(), rows, "{entity}: {page}");
    }
    let ledger = app.acme.get(&format!("{}/{id}/runs", "/api/v1/connections")).await.assert_status(200).json();
    let run = &ledger["items"][0];
    assert_eq!((&run["outcome"], &run["landed"], &run["rejected"]), (&json!("success"), &json!(5), &json!(0)), "{run}");
    // Whoever looks at where a record comes from sees what stood there, under the name it had.
    for (entity, record) in [("account", "A1"), ("ticket", "T1"), ("ticket", "T2"), ("opportunity", "O1")] {
        let detail = app.acme.get(&format!("/dcl/views/{entity}/odd/{record}")).await.assert_status(200).text();
        assert!(detail.contains(raw), "{entity} {record} has lost its column: {detail}");
    }
    app.acme.get("/api/v1/dcl/source_schemas").await.assert_status(200);
    app.acme.get("/dcl/preview?node=src_odd_ticket").await.assert_status(200);
}
