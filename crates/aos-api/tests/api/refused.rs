//! Whoever is refused, and whoever sends what cannot be taken, is told why and written down, one entry a minute for each.

use aos_api::Rate;
use aos_testkit::{Client, TestApp};
use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

const CONNECTIONS: &str = "/api/v1/connections";
const REGISTER: &str = "/api/v1/auth/register";
const REFRESH: &str = "/api/v1/auth/refresh";

/// What the installation's trail says of those who were refused, after everything that waits was written.
pub async fn by_address(app: &TestApp) -> Vec<Value> {
    app.denials().write_down().await;
    let (pieces, mut written) = tokio::sync::mpsc::channel(100);
    let signer = aos_core::audit::Signer::of_seed(&[1; 32]);
    app.store.system().export_audit(&signer, pieces).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = written.recv().await {
        text.push_str(&piece);
    }
    let entries = text.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.filter(|entry| entry["action"] == "access.denied").collect()
}

/// What a tenant's trail says of its own people who were refused, newest first.
async fn of_tenant(app: &TestApp, owner: &Client) -> Vec<Value> {
    app.denials().write_down().await;
    let found = owner.get("/api/v1/audit?action=access.denied").await.assert_status(200).json();
    found["items"].as_array().unwrap().clone()
}

async fn send(
    client: &Client,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> aos_testkit::Reply {
    let mut request = client.request(method, path).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request.body(Body::from(body.to_vec())).unwrap()).await
}

#[tokio::test]
async fn who_is_refused_without_being_signed_in_is_in_the_installations_trail_with_the_reason() {
    let app = TestApp::builder()
        .settings(|settings| settings.rate.anonymous = Rate { per_minute: 60, burst: 10 })
        .counts_by_the_clock()
        .no_worker()
        .build()
        .await;
    let foreign = [("origin", "http://evil.test"), ("host", "aos.test"), ("cookie", "autonomos_refresh=aosr_0")];
    for _ in 0..2 {
        send(&app.anonymous(), Method::POST, REFRESH, &foreign, b"{}").await.assert_problem(403, "cross_site");
    }
    while send(&app.anonymous(), Method::POST, REFRESH, &[], b"{}").await.status != 429 {}
    app.with_token("forged").get(CONNECTIONS).await.assert_problem(429, "address_rate_limited");
    let entries = by_address(&app).await;
    assert_eq!((entries.len(), &entries[0]["principal"]), (1, &json!("nobody")), "{entries:?}");
    let reasons = &entries[0]["detail"]["reasons"];
    assert_eq!((&reasons["cross_site"], &reasons["address_rate_limited"]), (&json!(2), &json!(2)), "{reasons}");
    assert_eq!(entries[0]["detail"]["routes"][CONNECTIONS], 1);
    let closed = app.forgetful_process(|settings| settings.registration = false).await;
    let new = json!({ "name": "x", "email": "x@test.invalid", "password": aos_testkit::PASSWORD });
    closed.anonymous().post(REGISTER, &new).await.assert_problem(403, "registration_closed");
    closed.denials().write_down().await;
    let entries = by_address(&app).await;
    assert_eq!(entries[1]["detail"]["reasons"], json!({ "registration_closed": 1 }), "{entries:?}");
}

#[tokio::test]
async fn who_is_known_and_asks_for_too_much_is_in_the_tenants_trail_once_a_minute() {
    let app = TestApp::builder()
        .settings(|settings| settings.rate.writes = Rate { per_minute: 1, burst: 1 })
        .counts_by_the_clock()
        .build()
        .await;
    let member = app.colleague(&app.acme, aos_core::Role::Member).await;
    let enqueue = async |client: &Client| client.post("/api/v1/tasks", &json!({ "kind": "noop" })).await;
    enqueue(&app.acme).await.assert_status(201);
    for _ in 0..3 {
        enqueue(&member).await.assert_problem(429, "rate_limited");
    }
    enqueue(&app.acme).await.assert_problem(429, "rate_limited");
    let entries = of_tenant(&app, &app.acme).await;
    let times = |entry: &Value| entry["detail"]["times"].as_u64().unwrap();
    let mut counted: Vec<_> = entries.iter().map(times).collect();
    counted.sort_unstable();
    assert_eq!(counted, [1, 3], "one entry for each of the two: {entries:?}");
    assert_eq!(entries[0]["resource"], "requests");
    assert_eq!(entries[0]["detail"]["reasons"].as_object().unwrap().keys().collect::<Vec<_>>(), ["rate_limited"]);
    assert_ne!(entries[0]["principal"], entries[1]["principal"]);
    assert!(by_address(&app).await.is_empty(), "whoever is known is not counted as an address too");
    assert!(of_tenant(&app, &app.globex).await.is_empty());
}

#[tokio::test]
async fn input_that_nobody_sends_by_accident_is_written_down() {
    let app = TestApp::builder().no_worker().build().await;
    let tasks = "/api/v1/tasks";
    let post = async |headers: &[(&str, &str)], body: &[u8]| send(&app.acme, Method::POST, tasks, headers, body).await;
    post(&[], br#"{"kind": "noop", "kind": "reset"}"#).await.assert_problem(400, "duplicate_key");
    post(&[], "[".repeat(100).as_bytes()).await.assert_problem(400, "body_too_deep");
    post(&[], b"{\"kind\": \"\xff\"}").await.assert_problem(400, "body_not_utf8");
    post(&[], &vec![b' '; 2 << 20]).await.assert_problem(413, "body_too_large");
    post(&[("idempotency-key", "k")], br#"{"kind": "noop"}"#).await.assert_status(201);
    post(&[("idempotency-key", "k")], br#"{"kind": "reset"}"#).await.assert_problem(422, "idempotency_key_reused");
    // What anyone may get wrong is between them and their client.
    post(&[], br#"{"kind": 7}"#).await.assert_problem(422, "invalid_body");
    let entries = of_tenant(&app, &app.acme).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(
        entries[0]["detail"]["reasons"],
        json!({ "body_not_utf8": 1, "body_too_deep": 1, "body_too_large": 1, "duplicate_key": 1, "idempotency_key_reused": 1 })
    );
}

#[tokio::test]
async fn what_is_said_twice_in_the_head_is_refused_and_written_down() {
    let app = TestApp::new().await;
    let token = format!("Bearer {}", app.acme.token());
    for twice in [[("authorization", token.as_str()); 2], [("host", "a"), ("host", "b")], [("origin", "http://a"); 2]] {
        let reply = send(&app.anonymous(), Method::GET, CONNECTIONS, &twice, b"").await;
        reply.assert_problem(400, "ambiguous_header");
    }
    let entries = by_address(&app).await;
    assert_eq!(entries[0]["detail"]["reasons"], json!({ "ambiguous_header": 3 }));
}

#[tokio::test]
async fn a_key_that_would_not_be_obeyed_is_refused_and_nothing_is_made() {
    let app = TestApp::new().await;
    let new = json!({ "name": "x", "email": "x@test.invalid", "password": aos_testkit::PASSWORD }).to_string();
    let keyed = [("idempotency-key", "k")];
    for path in [REGISTER, REFRESH, "/api/v1/auth/login", "/api/v1/auth/invitations/accept"] {
        let reply = send(&app.anonymous(), Method::POST, path, &keyed, new.as_bytes()).await;
        reply.assert_problem(400, "idempotency_key_not_taken");
    }
    send(&app.anonymous(), Method::POST, REGISTER, &[], new.as_bytes()).await.assert_status(201);
    // Reading is the same however often it is done.
    send(&app.anonymous(), Method::GET, "/api/v1/auth/providers", &keyed, b"").await.assert_status(200);
}

#[tokio::test]
async fn a_list_is_taken_for_no_object_wherever_one_is_meant() {
    let app = TestApp::builder().no_worker().build().await;
    let refused = async |method: Method, path: &str, body: Value| {
        let reply = send(&app.acme, method, path, &[], body.to_string().as_bytes()).await;
        let problem = reply.assert_problem(422, "invalid_body");
        assert!(problem["detail"].as_str().unwrap().contains("expected an object"), "{problem}");
    };
    refused(Method::POST, "/api/v1/tasks", json!(["noop"])).await;
    refused(Method::POST, "/api/v1/tasks", json!({ "kind": "noop", "on_success_next_task": ["noop"] })).await;
    refused(Method::POST, "/api/v1/invitations", json!(["someone@test.invalid", "admin"])).await;
    refused(Method::PUT, "/api/v1/flags/DEV_DEBUG", json!([true])).await;
    refused(Method::PUT, "/api/v1/tasks/settings", json!([1])).await;
    let nightly = json!({ "name": "n", "cron": "0 3 * * *", "task": ["noop"] });
    refused(Method::POST, "/api/v1/tasks/schedules", nightly).await;
    refused(Method::POST, "/api/v1/aoa/prod-mode", json!([true])).await;
    let sign_in = json!(["acme@test.invalid", aos_testkit::PASSWORD]);
    app.anonymous().post("/api/v1/auth/login", &sign_in).await.assert_problem(422, "invalid_body");
    assert_eq!(app.acme.get("/api/v1/tasks").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_job_that_keeps_others_out_is_not_put_off_for_long() {
    let app = TestApp::builder().no_worker().build().await;
    let ask = async |body: Value| app.acme.post("/api/v1/tasks", &body).await;
    ask(json!({ "kind": "reset", "delay_seconds": 31_536_000 })).await.assert_problem(422, "invalid_task");
    ask(json!({ "kind": "reset", "run_at": "2027-02-01T00:00:00Z" })).await.assert_problem(422, "invalid_task");
    let chained = json!({ "kind": "noop", "on_success_next_task": { "kind": "connect", "delay_seconds": 86_400 } });
    ask(chained).await.assert_problem(422, "invalid_task");
    ask(json!({ "kind": "noop", "delay_seconds": 31_536_000 })).await.assert_status(201);
    app.acme.post("/api/v1/aoa/run", &json!({})).await.assert_status(202);
}

#[tokio::test]
async fn who_asks_for_addresses_that_are_taken_learns_of_a_few_only() {
    let app = TestApp::new().await;
    let mut answers = Vec::new();
    for number in 0..12 {
        // Every second one is taken.
        let email = if number % 2 == 0 { "acme@test.invalid".to_owned() } else { format!("new-{number}@test.invalid") };
        let new = json!({ "name": "x", "email": email, "password": aos_testkit::PASSWORD });
        answers.push(app.anonymous().post(REGISTER, &new).await.status.as_u16());
    }
    let told = answers.iter().filter(|status| **status == 409).count();
    assert!((1..=4).contains(&told), "{answers:?}");
    assert_eq!(answers.last(), Some(&429), "{answers:?}");
}
