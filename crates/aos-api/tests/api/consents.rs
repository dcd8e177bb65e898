//! Leave that owners of accounts give in their browser: from the connection to the vendor's page and back, and what is read with it.

use crate::credentials::account;
use aos_core::Role;
use aos_net::Url;
use aos_simulators::{Running, Vendor};
use aos_testkit::{Client, Reply, TestApp};
use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How each vendor's connection is told of its simulator.
fn connection(vendor: Vendor, url: &str) -> Value {
    let mut config =
        json!({ "auth": "authorization_code", "client_id": "simulator-client", "client_secret": "simulator-secret" });
    let more = match vendor {
        Vendor::Salesforce => json!({ "login_url": url, "objects": ["Account"] }),
        Vendor::Hubspot => json!({ "base_url": url, "app_url": url, "objects": ["companies"] }),
        Vendor::Dynamics => {
            json!({ "environment_url": url, "login_url": url, "tenant_id": "contoso", "tables": ["account"] })
        }
        Vendor::Pipedrive => json!({ "oauth_url": url, "base_url": url, "streams": ["organizations"] }),
        Vendor::Zendesk => json!({ "base_url": url, "streams": ["organizations"] }),
    };
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    let connector = if vendor == Vendor::Dynamics { "dynamics365" } else { vendor.name() };
    json!({ "name": vendor.name(), "connector": connector, "config": config })
}

async fn create(client: &Client, body: &Value) -> String {
    let created = client.post("/api/v1/connections", body).await.assert_status(201).json();
    format!("/api/v1/connections/{}", created["id"].as_str().unwrap())
}

/// A browser that was sent off: where to, and the mark it got.
struct Sent {
    address: String,
    mark: String,
}

async fn start(client: &Client, path: &str) -> Sent {
    let request = client.request(Method::POST, &format!("{path}/consent")).header(header::HOST, "autonomos.example");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let body = json!({ "return_to": "/connections?tab=all" }).to_string();
    let reply = client.send(request.body(Body::from(body)).unwrap()).await.assert_status(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let mark = cookie.split(';').next().unwrap().to_owned();
    Sent { address: reply.json()["authorization_url"].as_str().unwrap().to_owned(), mark }
}

/// Does what a browser does at the vendor's page, and returns the path it is sent back to.
async fn agree(address: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let url = Url::parse(address).unwrap();
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", url.port().unwrap())).await.unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).expect("a redirect");
    let back = Url::parse(location).unwrap();
    assert_eq!((back.host_str(), back.path()), (Some("autonomos.example"), "/api/v1/oauth/callback"), "{back}");
    format!("{}?{}", back.path(), back.query().unwrap())
}

/// Comes back as a browser, which is signed in to nothing, and returns where it is sent on.
async fn come_back(app: &TestApp, path: &str, mark: Option<&str>) -> String {
    let anonymous = app.anonymous();
    let mut request = anonymous.request(Method::GET, path);
    if let Some(mark) = mark {
        request = request.header(header::COOKIE, mark);
    }
    let reply = anonymous.send(request.body(Body::empty()).unwrap()).await.assert_status(303);
    reply.header("location").unwrap().to_owned()
}

async fn synced(client: &Client, path: &str) -> Value {
    let task: Reply = client.post(&format!("{path}/sync"), &json!({})).await.assert_status(202);
    let path = format!("/api/v1/tasks/{}", task.json()["id"].as_str().unwrap());
    let begun = Instant::now();
    loop {
        let task = client.get(&path).await.assert_status(200).json();
        if !task["finished_at"].is_null() {
            return task;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "the sync does not end: {task}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn check(client: &Client, path: &str) -> Value {
    client.post(&format!("{path}/check"), &json!({})).await.assert_status(200).json()
}

async fn app() -> TestApp {
    TestApp::builder().system_clock().reaches_loopback().build().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_owner_gives_leave_for_is_read_at_every_vendor() {
    let app = app().await;
    for vendor in Vendor::ALL {
        let running = account(vendor).await;
        let path = create(&app.acme, &connection(vendor, running.url())).await;
        assert_eq!(check(&app.acme, &path).await["code"], "unauthorized", "{vendor:?} has no grant yet");

        let sent = start(&app.acme, &path).await;
        let back = agree(&sent.address).await;
        assert_eq!(come_back(&app, &back, Some(&sent.mark)).await, "/connections?tab=all&consent=given", "{vendor:?}");

        let shown = app.acme.get(&path).await.json();
        assert_eq!(shown["grant"]["state"], "active", "{shown}");
        assert!(!shown.to_string().contains("simulator-refresh") && !shown.to_string().contains("access-"), "{shown}");
        let said = check(&app.acme, &path).await;
        assert_eq!(said["ok"], true, "{vendor:?}: {said}");
        let task = synced(&app.acme, &path).await;
        assert_eq!(task["state"], "success", "{vendor:?}: {task}");
        assert!(task["result"]["ledger"]["read"].as_u64().unwrap() > 0, "{vendor:?}: {task}");
    }
    let audited = app.acme.get("/api/v1/audit?limit=1000").await.assert_status(200).text();
    assert!(audited.contains("consent.begin") && audited.contains("grant.give"));
    assert!(!audited.contains("simulator-refresh") && !audited.contains("simulator-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_good_once_in_the_browser_that_began_it_and_for_some_minutes() {
    let app = TestApp::builder().reaches_loopback().build().await;
    let running = account(Vendor::Salesforce).await;
    let path = create(&app.acme, &connection(Vendor::Salesforce, running.url())).await;
    let refused = "/connections?consent=unknown_consent";

    let sent = start(&app.acme, &path).await;
    let back = agree(&sent.address).await;
    assert_eq!(come_back(&app, &back, None).await, refused, "another browser has no mark");
    let forged = back.replace("state=aosc_", "state=aosc_0");
    assert_eq!(come_back(&app, &forged, Some(&sent.mark)).await, refused);
    assert!(come_back(&app, &back, Some(&sent.mark)).await.ends_with("consent=given"));
    assert_eq!(come_back(&app, &back, Some(&sent.mark)).await, refused, "it is good once");

    let (sent, other) = (start(&app.acme, &path).await, start(&app.acme, &path).await);
    let back = agree(&sent.address).await;
    assert_eq!(come_back(&app, &back, Some(&other.mark)).await, refused, "it was begun in another browser");

    let sent = start(&app.acme, &path).await;
    let back = agree(&sent.address).await;
    app.clock.advance(chrono::Duration::minutes(16));
    assert_eq!(come_back(&app, &back, Some(&sent.mark)).await, refused, "it took too long");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_connections_begins_no_consent_and_an_owner_may_refuse() {
    let app = TestApp::builder().reaches_loopback().build().await;
    let running = account(Vendor::Salesforce).await;
    let path = create(&app.acme, &connection(Vendor::Salesforce, running.url())).await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.post(&format!("{path}/consent"), &json!({})).await.assert_problem(403, "forbidden");

    let sent = start(&app.acme, &path).await;
    let state =
        Url::parse(&sent.address).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let refused = format!("/api/v1/oauth/callback?error=access_denied&state={state}");
    assert!(come_back(&app, &refused, Some(&sent.mark)).await.ends_with("consent=consent_refused"));
    assert!(app.acme.get(&path).await.json()["grant"].is_null());

    let files = app.acme.create_connection("files", &app.files.crm("files", "Acme")).await;
    let request = app.acme.request(Method::POST, &format!("/api/v1/connections/{files}/consent"));
    let asked = app.acme.send(request.header(header::HOST, "autonomos.example").body(Body::empty()).unwrap()).await;
    asked.assert_problem(422, "invalid_settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_taken_back_says_so_and_stays_until_somebody_removes_it() {
    let app = app().await;
    let running: Running = account(Vendor::Salesforce).await;
    let path = create(&app.acme, &connection(Vendor::Salesforce, running.url())).await;
    let sent = start(&app.acme, &path).await;
    come_back(&app, &agree(&sent.address).await, Some(&sent.mark)).await;
    running.revoke_grant();
    assert_eq!(check(&app.acme, &path).await["code"], "unauthorized");
    let shown = app.acme.get(&path).await.json();
    assert_eq!(shown["grant"]["state"], "revoked", "{shown}");
    assert!(!shown["grant"]["message"].as_str().unwrap().is_empty());

    app.acme.delete(&format!("{path}/grant")).await.assert_status(204);
    assert!(app.acme.get(&path).await.json()["grant"].is_null());
    app.acme.delete(&format!("{path}/grant")).await.assert_problem(404, "grant_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_connection_reads_with_the_grant_of_the_first() {
    let app = app().await;
    let running = account(Vendor::Salesforce).await;
    let path = create(&app.acme, &connection(Vendor::Salesforce, running.url())).await;
    let sent = start(&app.acme, &path).await;
    come_back(&app, &agree(&sent.address).await, Some(&sent.mark)).await;
    let granted = running.tokens_granted();

    let body = json!({ "name": "second", "connector": "salesforce", "config": { "objects": ["Contact"] }, "credential_locator": "consent:salesforce" });
    let second = create(&app.acme, &body).await;
    assert_eq!(check(&app.acme, &second).await["ok"], true);
    assert_eq!(running.tokens_granted(), granted, "it has no token of its own");
    let lost =
        json!({ "name": "third", "connector": "salesforce", "config": {}, "credential_locator": "consent:nobody" });
    let lost = create(&app.acme, &lost).await;
    assert_eq!(check(&app.acme, &lost).await["code"], "credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_need_a_new_token_at_once_ask_the_vendor_once() {
    let app = app().await;
    let running = account(Vendor::Salesforce).await;
    let path = create(&app.acme, &connection(Vendor::Salesforce, running.url())).await;
    let sent = start(&app.acme, &path).await;
    come_back(&app, &agree(&sent.address).await, Some(&sent.mark)).await;
    let process = app.second_process().await;
    let other = process.client(&app.acme);
    for _ in 0..3 {
        let before = running.tokens_granted();
        running.expire_tokens();
        let (first, second) = tokio::join!(check(&app.acme, &path), check(&other, &path));
        assert_eq!((&first["ok"], &second["ok"]), (&json!(true), &json!(true)), "{first} {second}");
        assert_eq!(running.tokens_granted(), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_forgotten_is_given_back_at_the_vendor() {
    let app = app().await;
    for vendor in Vendor::ALL {
        let running = account(vendor).await;
        let path = create(&app.acme, &connection(vendor, running.url())).await;
        let sent = start(&app.acme, &path).await;
        come_back(&app, &agree(&sent.address).await, Some(&sent.mark)).await;
        assert!(!running.is_grant_revoked());
        app.acme.delete(&format!("{path}/grant")).await.assert_status(204);
        // Microsoft has no way for one application's grant.
        let is_told = vendor != Vendor::Dynamics;
        assert_eq!(running.is_grant_revoked(), is_told, "{vendor:?}");
        let events = app.acme.get(&format!("{path}/events")).await.json();
        let (kind, said) = (&events["items"][0]["kind"], events["items"][0]["message"].to_string());
        assert_eq!(kind, if is_told { "grant_given_back" } else { "grant_forgotten" }, "{vendor:?}: {events}");
        assert!(said.contains(if is_told { "was told" } else { "has no way to be told" }), "{said}");
        assert!(!events.to_string().contains("simulator-refresh"), "{events}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_removed_gives_its_grant_back() {
    let app = app().await;
    let running = account(Vendor::Salesforce).await;
    let path = create(&app.acme, &connection(Vendor::Salesforce, running.url())).await;
    let sent = start(&app.acme, &path).await;
    come_back(&app, &agree(&sent.address).await, Some(&sent.mark)).await;
    app.acme.delete(&path).await.assert_status(204);
    assert!(running.is_grant_revoked(), "it goes with its connection");
}
