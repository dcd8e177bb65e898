//! Every operation of the API, called by someone who is not signed in and by another tenant with this tenant's identifiers. What is called
//! and what must be answered is in `crates/aos-probe/cases.yaml`; an operation without a case there fails.

use aos_probe::{Answer, Call, Caller, CallerError, Doors, Options};
use aos_testkit::TestApp;
use axum::body::Body;
use axum::http::header;
use serde_json::json;

/// Carries the probe's calls to the application of a test.
struct InProcess<'a>(&'a TestApp);

impl Caller for InProcess<'_> {
    async fn call(&self, call: Call) -> Result<Answer, CallerError> {
        let client = call.token.map_or_else(|| self.0.anonymous(), |token| self.0.with_token(&token));
        let mut request = client.request(call.method.parse()?, &call.path);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let request = match call.body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let reply = client.send(request?).await;
        let retry_after_s = reply.header("retry-after").and_then(|seconds| seconds.parse().ok());
        Ok(Answer { status: reply.status.as_u16(), retry_after_s, body: reply.text() })
    }
}

#[tokio::test]
async fn no_operation_shows_or_changes_anything_of_another_tenant() {
    let app = TestApp::new().await;
    let folder = app.files.crm("exports", "Zebrafish");
    let broken = b"account_id,name\n,Zebrafish without a key\n";
    std::fs::write(folder.join("account_more.csv"), broken).unwrap();
    let options = Options { marker: "zebrafish".to_owned(), folder: Some(folder.display().to_string()) };
    let (mut report, pair) = aos_probe::probe(&InProcess(&app), &options).await.unwrap();
    let acme = app.scope(&app.with_token(&pair.acme.token)).await;
    let globex = app.scope(&app.with_token(&pair.globex.token)).await;
    let doors = Doors { store: &app.store, broker: &app.broker, lake: None, acme, globex };
    aos_probe::look_behind(&doors, &mut report).await;
    assert!(report.is_sound() && report.findings.len() > 100, "{report}");
    // The embedded database has no row security.
    let left_out: Vec<_> = report.not_covered().filter(|finding| finding.area != "row security").collect();
    assert!(left_out.is_empty(), "{report}");
}

#[tokio::test]
async fn what_keeps_a_tenant_apart_is_told_as_the_database_says_it() {
    let app = TestApp::new().await;
    app.anonymous().get("/api/v1/isolation").await.assert_problem(401, "unauthenticated");
    let told = app.acme.get("/api/v1/isolation").await.assert_status(200).json();
    match app.store.tenant(&app.scope(&app.acme).await).row_security().await.unwrap() {
        Some(held) => {
            assert_eq!(told["database"], "postgresql");
            let row_security = json!({ "tables": held.tables, "forced": held.tables, "passed_by": false });
            assert_eq!(told["row_security"], row_security, "every table of tenants is held: {told}");
        }
        None => assert_eq!((&told["database"], &told["row_security"]), (&json!("sqlite"), &json!(null)), "{told}"),
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
