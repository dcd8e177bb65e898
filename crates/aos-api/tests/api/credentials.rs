//! What lets connections in at their sources: secrets given over the API, and places that they are kept in.

use aos_dcl::{SecretPlaces, Vault, VaultSettings};
use aos_net::NetConfig;
use aos_simulators::{Options, Running, Simulator, Vendor};
use aos_testkit::{Client, Reply, TestApp};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) async fn account(vendor: Vendor) -> Running {
    Simulator::start(vendor, &Options { size: 60, limit_factor: 1_000, ..Options::default() }).await.unwrap()
}

async fn app() -> TestApp {
    TestApp::builder().system_clock().reaches_loopback().build().await
}

async fn patch(client: &Client, path: &str, body: &Value) -> Reply {
    let request = client.request(Method::PATCH, path).header(header::CONTENT_TYPE, "application/json");
    client.send(request.body(body.to_string().into()).unwrap()).await
}

async fn create(client: &Client, body: &Value) -> String {
    let created = client.post("/api/v1/connections", body).await.assert_status(201).json();
    format!("/api/v1/connections/{}", created["id"].as_str().unwrap())
}

async fn check(client: &Client, path: &str) -> Value {
    client.post(&format!("{path}/check"), &json!({})).await.assert_status(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_given_over_the_api_works_and_never_comes_back_out() {
    let (app, vendor) = (app().await, account(Vendor::Pipedrive).await);
    let config = json!({ "auth": "api_token", "base_url": vendor.url(), "api_token": "simulator-token" });
    let path = create(&app.acme, &json!({ "name": "crm", "connector": "pipedrive", "config": config })).await;
    assert_eq!(check(&app.acme, &path).await["ok"], true);

    let shown = app.acme.get(&path).await.assert_status(200).json();
    let me = app.acme.get("/api/v1/auth/me").await.json();
    let token = &shown["config"]["api_token"];
    assert_eq!((&token["set"], &token["changed_at"].is_string()), (&json!(true), &true), "{shown}");
    let user = me["user"]["id"].as_str().or(me["id"].as_str()).unwrap();
    assert_eq!(token["changed_by"], format!("user:{user}"));
    for place in
        ["/api/v1/connections", "/api/v1/aam/connectors", "/api/v1/audit?limit=1000", &path, &format!("{path}/events")]
    {
        let said = app.acme.get(place).await.assert_status(200).text();
        assert!(!said.contains("simulator-token"), "{place} tells the secret");
    }
    assert!(!app.globex.get("/api/v1/connections").await.text().contains("api_token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_exchanged_kept_and_forgotten_with_its_connection() {
    let (app, vendor) = (app().await, account(Vendor::Pipedrive).await);
    let config = json!({ "auth": "api_token", "base_url": vendor.url(), "api_token": "wrong" });
    let path = create(&app.acme, &json!({ "name": "crm", "connector": "pipedrive", "config": config })).await;
    assert_eq!(check(&app.acme, &path).await["code"], "unauthorized");

    let exchanged = json!({ "auth": "api_token", "base_url": vendor.url(), "api_token": "simulator-token" });
    patch(&app.acme, &path, &json!({ "config": exchanged })).await.assert_status(200);
    assert_eq!(check(&app.acme, &path).await["ok"], true);

    // Settings as they are shown, with another member changed: the secret stays.
    let mut shown = app.acme.get(&path).await.json()["config"].clone();
    shown["streams"] = json!(["deals"]);
    patch(&app.acme, &path, &json!({ "config": shown })).await.assert_status(200);
    assert_eq!(check(&app.acme, &path).await["ok"], true);

    let scope = app.scope(&app.acme).await;
    let kept = async || {
        let secrets = app.store.tenant(&scope).list_secrets().await.unwrap();
        secrets.iter().filter(|secret| secret.purpose == "connection").count()
    };
    assert_eq!(kept().await, 1);
    let without = json!({ "auth": "api_token", "base_url": vendor.url() });
    patch(&app.acme, &path, &json!({ "config": without })).await.assert_status(200);
    assert_eq!(kept().await, 0, "a setting that is left out takes its secret along");
    assert_eq!(check(&app.acme, &path).await["code"], "credentials");
    patch(&app.acme, &path, &json!({ "config": exchanged })).await.assert_status(200);
    assert_eq!(kept().await, 1);
    app.acme.delete(&path).await.assert_status(204);
    assert_eq!(kept().await, 0);
}

#[tokio::test]
async fn a_slip_in_a_locator_is_told_and_not_kept_as_a_secret() {
    let app = TestApp::new().await;
    let with = |secret: Value| json!({ "name": "crm", "connector": "pipedrive", "config": { "base_url": "https://crm.example.com", "api_token": secret } });
    for slip in ["valut:crm#token", "env:", "vault:crm", "vault:../globex#token", "kept:", "sp:reader", "consent:"] {
        let problem =
            app.acme.post("/api/v1/connections", &with(json!(slip))).await.assert_problem(422, "invalid_credentials");
        assert!(!problem["next_step"].as_str().unwrap().is_empty());
    }
    let meant = with(json!({ "secret": "valut:crm#token" }));
    let created = app.acme.post("/api/v1/connections", &meant).await.assert_status(201).json();
    assert_eq!(created["config"]["api_token"]["set"], true);
    let shown_elsewhere = with(json!({ "set": true }));
    app.acme.post("/api/v1/connections", &shown_elsewhere).await.assert_problem(422, "invalid_settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_is_there_for_connections_when_the_operator_lists_it() {
    let vendor = account(Vendor::Pipedrive).await;
    let places = SecretPlaces::with_env([("CRM_TOKEN".to_owned(), "simulator-token".to_owned())]);
    let app = TestApp::builder().system_clock().reaches_loopback().secrets(places).build().await;
    let with = |name: &str, locator: &str| json!({ "name": name, "connector": "pipedrive", "config": { "base_url": vendor.url(), "api_token": locator } });
    let listed = create(&app.acme, &with("listed", "env:CRM_TOKEN")).await;
    assert_eq!(check(&app.acme, &listed).await["ok"], true);
    let unlisted = create(&app.acme, &with("unlisted", "env:PATH")).await;
    let said = check(&app.acme, &unlisted).await;
    assert_eq!(said["code"], "credentials");
    assert!(said.to_string().contains("sources.allowed_env"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_principal_signs_in_for_every_connection_that_names_it() {
    let (app, vendor) = (app().await, account(Vendor::Salesforce).await);
    let body = json!({
        "name": "crm", "connector": "salesforce", "credential_locator": "sp:reader",
        "config": { "login_url": vendor.url(), "objects": ["Account"] },
    });
    let path = create(&app.acme, &body).await;
    let said = check(&app.acme, &path).await;
    assert_eq!(said["code"], "credentials", "{said}");
    let principal = json!({ "client_id": "simulator-client", "client_secret": "simulator-secret" });
    let put = app.acme.put("/api/v1/service-principals/reader", &principal).await.assert_status(200);
    assert!(!put.text().contains("simulator-secret"));
    assert_eq!(check(&app.acme, &path).await["ok"], true);
    let listed = app.acme.get("/api/v1/service-principals").await.assert_status(200);
    assert!(listed.text().contains("reader") && !listed.text().contains("simulator-secret"));
    assert_eq!(app.globex.get("/api/v1/service-principals").await.json()["items"], json!([]));
    app.acme.delete("/api/v1/service-principals/reader").await.assert_status(204);
    assert_eq!(check(&app.acme, &path).await["code"], "credentials");
}

/// A key-value store of version 2 as HashiCorp Vault documents it: what it was asked, and what it answers.
#[derive(Clone, Default)]
struct KeyValue {
    asked: Arc<Mutex<Vec<String>>>,
    sealed: Arc<Mutex<bool>>,
    /// How often the token was renewed, and how many seconds it lives; none for one without an end.
    renewed: Arc<Mutex<u32>>,
    ttl: Arc<Mutex<Option<u64>>>,
}

async fn look_up(State(vault): State<KeyValue>, headers: HeaderMap) -> (StatusCode, String) {
    if headers.get("x-vault-token").is_none_or(|token| token != "s.reader") {
        return (StatusCode::FORBIDDEN, json!({ "errors": ["permission denied"] }).to_string());
    }
    let ttl = *vault.ttl.lock().unwrap();
    let data = json!({
        "accessor": "a1", "creation_ttl": ttl.unwrap_or(0), "display_name": "token", "id": "s.reader", "orphan": true, "policies": ["default", "reader"],
        "expire_time": ttl.map(|_| "2026-01-02T03:04:05Z"), "renewable": ttl.is_some(), "ttl": ttl.unwrap_or(0), "type": "service",
    });
    (StatusCode::OK, json!({ "request_id": "b1", "lease_id": "", "renewable": false, "lease_duration": 0, "data": data, "auth": null }).to_string())
}

async fn renew(State(vault): State<KeyValue>) -> String {
    *vault.renewed.lock().unwrap() += 1;
    let ttl = vault.ttl.lock().unwrap().unwrap_or_default();
    let auth = json!({ "client_token": "s.reader", "policies": ["default", "reader"], "lease_duration": ttl, "renewable": true });
    json!({ "request_id": "b1", "lease_id": "", "renewable": false, "lease_duration": 0, "data": null, "auth": auth })
        .to_string()
}

async fn read(State(vault): State<KeyValue>, Path(path): Path<String>, headers: HeaderMap) -> (StatusCode, String) {
    vault.asked.lock().unwrap().push(path.clone());
    let answer = |status: u16, body: Value| (StatusCode::from_u16(status).unwrap(), body.to_string());
    if *vault.sealed.lock().unwrap() {
        return answer(503, json!({ "errors": ["Vault is sealed"] }));
    }
    if headers.get("x-vault-token").is_none_or(|token| token != "s.reader") {
        return answer(403, json!({ "errors": ["permission denied"] }));
    }
    let metadata = |deleted: &str| json!({ "created_time": "2026-01-02T03:04:05Z", "custom_metadata": null, "deletion_time": deleted, "destroyed": false, "version": 3 });
    let (status, data) = match path.rsplit('/').next() {
        Some("crm") => {
            (200, json!({ "data": { "api_token": "simulator-token", "port": 5432 }, "metadata": metadata("") }))
        }
        Some("deleted") => (404, json!({ "data": null, "metadata": metadata("2026-02-02T03:04:05Z") })),
        _ => return answer(404, json!({ "errors": [] })),
    };
    let body = json!({ "request_id": "b1", "lease_id": "", "renewable": false, "lease_duration": 0, "data": data, "wrap_info": null, "warnings": null, "auth": null });
    answer(status, body)
}

async fn vault(token: &str) -> (KeyValue, SecretPlaces) {
    let kept = KeyValue::default();
    let router = Router::new()
        .route("/v1/secret/data/{*path}", get(read))
        .route("/v1/auth/token/lookup-self", get(look_up))
        .route("/v1/auth/token/renew-self", post(renew))
        .with_state(kept.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let net = NetConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..NetConfig::default() };
    let settings = VaultSettings {
        address,
        token: token.to_owned(),
        namespace: String::new(),
        mount: "secret".to_owned(),
        prefix: "autonomos/{tenant}".to_owned(),
        timeout: Duration::from_secs(5),
    };
    let client = aos_net::Client::new(net, aos_core::Clock::System).unwrap();
    (kept, SecretPlaces::default().with_vault(Some(Vault::new(client, settings))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_a_vault_is_read_below_the_tenants_own_prefix_and_nowhere_else() {
    let vendor = account(Vendor::Pipedrive).await;
    let (kept, places) = vault("s.reader").await;
    let app = TestApp::builder().system_clock().reaches_loopback().secrets(places).build().await;
    let with = |name: &str, locator: &str| json!({ "name": name, "connector": "pipedrive", "config": { "base_url": vendor.url(), "api_token": locator } });
    let path = create(&app.acme, &with("crm", "vault:crm#api_token")).await;
    let said = check(&app.acme, &path).await;
    assert_eq!(said["ok"], true, "{said}");
    let tenant = app.scope(&app.acme).await.tenant_id();
    assert_eq!(*kept.asked.lock().unwrap(), [format!("autonomos/{tenant}/crm")]);
    assert_eq!(app.acme.get(&path).await.json()["config"]["api_token"], "vault:crm#api_token");

    // The whole secret, by the names of its fields.
    let config = json!({ "base_url": vendor.url() });
    let body =
        json!({ "name": "whole", "connector": "pipedrive", "config": config, "credential_locator": "vault:crm" });
    let whole = create(&app.acme, &body).await;
    assert_eq!(check(&app.acme, &whole).await["ok"], true);

    for (name, locator, said) in [
        ("missing", "vault:nothing#token", "no secret"),
        ("deleted", "vault:deleted#token", "was deleted"),
        ("field", "vault:crm#password", "no field password"),
    ] {
        let path = create(&app.acme, &with(name, locator)).await;
        let answer = check(&app.acme, &path).await;
        assert_eq!(answer["code"], "credentials", "{answer}");
        assert!(answer.to_string().contains(said), "{answer}");
    }
    *kept.sealed.lock().unwrap() = true;
    assert_eq!(check(&app.acme, &path).await["code"], "transient", "a sealed vault is no reason to change anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_does_not_let_us_in_is_told_without_its_token() {
    let (_, places) = vault("s.stranger").await;
    let app = TestApp::builder().system_clock().reaches_loopback().secrets(places).build().await;
    let config = json!({ "base_url": "https://crm.example.com", "api_token": "vault:crm#api_token" });
    let path = create(&app.acme, &json!({ "name": "crm", "connector": "pipedrive", "config": config })).await;
    let said = check(&app.acme, &path).await;
    assert_eq!(said["code"], "credentials");
    assert!(said.to_string().contains("policy") && !said.to_string().contains("s.stranger"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_vault_is_renewed_before_it_ends_and_one_without_an_end_is_left_alone() {
    let (kept, places) = vault("s.reader").await;
    *kept.ttl.lock().unwrap() = Some(2);
    let stop = tokio_util::sync::CancellationToken::new();
    let keeping = tokio::spawn({
        let (places, stop) = (places.clone(), stop.clone());
        async move { places.keep_vault_token(stop).await }
    });
    let begun = std::time::Instant::now();
    while *kept.renewed.lock().unwrap() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is not renewed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(1_900),
        "it is renewed when half of its life is over, and not before"
    );
    stop.cancel();
    keeping.await.unwrap();

    let (kept, places) = vault("s.reader").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let _ = tokio::time::timeout(Duration::from_millis(500), places.keep_vault_token(stop)).await;
    assert_eq!(*kept.renewed.lock().unwrap(), 0, "a token without an end needs nothing");
}
