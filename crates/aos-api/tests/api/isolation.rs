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
}

fn case(operation: &str, ids: &Ids) -> Case {
    let Ids { connection, run, folder } = ids;
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
    let ids = Ids { connection, run, folder: shared.display().to_string() };
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
