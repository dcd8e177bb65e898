//! What stands before every handler: who is it, how much do they ask for, did they ask for it before, what is written down. In this order.

use aos_api::{PasswordCost, Rate};
use aos_core::Role;
use aos_store::Page;
use aos_testkit::{Client, PASSWORD, Reply, TestApp};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CONNECTIONS: &str = "/api/v1/connections";
const SETTINGS: &str = "/api/v1/tasks/settings";

async fn send(client: &Client, method: Method, path: &str, key: Option<&str>, body: &Value) -> Reply {
    let request = client.request(method, path).header("content-type", "application/json");
    let request = match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    };
    client.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Reply {
    send(client, Method::POST, path, Some(key), body).await
}

fn few(per_minute: u32, burst: u32) -> Rate {
    Rate { per_minute, burst }
}

fn connection(app: &TestApp, name: &str) -> Value {
    json!({ "name": name, "config": { "path": app.files.crm(name, "Acme") } })
}

/// What the trail holds, oldest first.
async fn actions(app: &TestApp, of: &Client) -> Vec<String> {
    let scope = app.scope(of).await;
    let trail = app.store.tenant(&scope).list_audit(Page::first(1000)).await.unwrap().items;
    trail.into_iter().rev().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn the_layers_stand_in_their_order() {
    // On a clock that stands still, or the bucket would fill while a busy machine answers.
    let app =
        TestApp::builder().settings(|settings| settings.rate.writes = few(60, 3)).counts_by_the_clock().build().await;
    let (limited, kept, trail) = ("ratelimit", "idempotent-replayed", "access.denied");

    // Nobody known: no rate of a tenant is touched, no key is kept, no tenant's trail is written. But it is traced.
    let stranger = post(&app.with_token("forged"), CONNECTIONS, "k", &connection(&app, "a")).await;
    assert!(stranger.header("x-trace-id").is_some() && stranger.header("traceparent").is_some());
    assert_eq!((stranger.status.as_u16(), stranger.header(limited)), (401, None));

    // Known: counted before the key is looked at, so that the bucket gets emptier with every try ...
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let before = actions(&app, &app.acme).await.len();
    let refused = post(&viewer, CONNECTIONS, "k", &connection(&app, "a")).await;
    assert_eq!(refused.header(limited), Some("\"writes\";r=2;t=1"));
    refused.assert_problem(403, "forbidden");
    assert_eq!(actions(&app, &app.acme).await[before..], [trail], "the innermost layer writes down who was refused");
    let made = post(&app.acme, CONNECTIONS, "k", &connection(&app, "a")).await.assert_status(201);
    assert_eq!((made.header(limited), made.header(kept)), (Some("\"writes\";r=1;t=2"), None));
    let trail_before = actions(&app, &app.acme).await;
    let again = post(&app.acme, CONNECTIONS, "k", &connection(&app, "a")).await.assert_status(201);
    assert_eq!((again.header(limited), again.header(kept)), (Some("\"writes\";r=0;t=3"), Some("true")));
    // ... and a replayed answer comes from before the audit trail.
    assert_eq!(actions(&app, &app.acme).await, trail_before);

    // The bucket is empty: not even a known key is looked up.
    let too_many = post(&app.acme, CONNECTIONS, "k", &connection(&app, "a")).await;
    assert_eq!((too_many.header("retry-after"), too_many.header(kept)), (Some("1"), None));
    too_many.assert_problem(429, "rate_limited");
    app.with_token("forged").post(CONNECTIONS, &json!({})).await.assert_status(401);
}

#[tokio::test]
async fn a_bucket_fills_evenly_and_reads_writes_and_tenants_have_their_own() {
    let app = TestApp::builder()
        .settings(|settings| (settings.rate.reads, settings.rate.writes) = (few(60, 2), few(30, 1)))
        .counts_by_the_clock()
        .build()
        .await;
    let reply = app.acme.get(CONNECTIONS).await.assert_status(200);
    assert_eq!(reply.header("ratelimit-policy"), Some("\"reads\";q=60;w=60;burst=2"));
    app.acme.get(CONNECTIONS).await.assert_status(200);
    app.acme.get(CONNECTIONS).await.assert_problem(429, "rate_limited");
    app.globex.get(CONNECTIONS).await.assert_status(200);
    app.acme.put(SETTINGS, &json!({ "max_running": null })).await.assert_status(200);
    let reply = app.acme.put(SETTINGS, &json!({ "max_running": null })).await;
    assert_eq!(reply.header("retry-after"), Some("2"));
    reply.assert_problem(429, "rate_limited");
    app.clock.advance(chrono::Duration::seconds(1));
    app.acme.get(CONNECTIONS).await.assert_status(200);
    app.acme.get(CONNECTIONS).await.assert_problem(429, "rate_limited");
}

#[tokio::test]
async fn an_address_that_is_nobody_too_often_waits_whatever_it_claims_to_be() {
    let app = TestApp::builder()
        .settings(|settings| {
            settings.rate.anonymous = few(60, 5);
            settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        })
        .counts_by_the_clock()
        .build()
        .await;
    let from = async |peer: &str, claims: &str, token: Option<&str>| {
        let peer: SocketAddr = format!("{peer}:4711").parse().unwrap();
        let client = match token {
            Some(token) => app.with_token(token),
            None => app.anonymous(),
        };
        let request = client.request(Method::GET, CONNECTIONS).header("x-forwarded-for", claims);
        client.send(request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap()).await
    };
    for number in 0..5 {
        from("203.0.113.7", &format!("198.51.100.{number}"), None).await.assert_status(401);
    }
    let waits = from("203.0.113.7", "198.51.100.99", None).await;
    assert_eq!(waits.header("retry-after"), Some("1"));
    waits.assert_problem(429, "address_rate_limited");
    from("203.0.113.8", "203.0.113.7", None).await.assert_status(401);
    // Behind a listed proxy it is who the proxy says, and no longer who the caller says.
    from("10.1.1.1", "198.51.100.1, 203.0.113.7", None).await.assert_problem(429, "address_rate_limited");
    from("10.1.1.1", "203.0.113.9", Some(app.acme.token())).await.assert_status(200);
    app.clock.advance(chrono::Duration::seconds(2));
    from("203.0.113.7", "", None).await.assert_status(401);
}

#[tokio::test]
async fn a_request_with_a_key_is_carried_out_once_and_answered_alike() {
    let app = TestApp::builder().no_worker().build().await;
    let body = connection(&app, "crm");
    let first = post(&app.acme, CONNECTIONS, "k-1", &body).await.assert_status(201);
    let again = post(&app.acme, CONNECTIONS, "k-1", &body).await.assert_status(201);
    assert_eq!((first.body.clone(), first.header("content-type")), (again.body.clone(), again.header("content-type")));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_ne!(first.header("x-trace-id"), again.header("x-trace-id"));
    post(&app.acme, CONNECTIONS, "k-1", &connection(&app, "other")).await.assert_problem(422, "idempotency_key_reused");
    // Without a key it is a new request, which the name stands in the way of.
    app.acme.post(CONNECTIONS, &body).await.assert_problem(409, "name_taken");
    // Deleting and replacing are remembered as well.
    let address = format!("{CONNECTIONS}/{}", first.json()["id"].as_str().unwrap());
    send(&app.acme, Method::DELETE, &address, Some("k-2"), &json!(null)).await.assert_status(204);
    let again = send(&app.acme, Method::DELETE, &address, Some("k-2"), &json!(null)).await.assert_status(204);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    app.acme.delete(&address).await.assert_problem(404, "connection_not_found");
    // Another principal, another tenant and another route have keys of their own.
    let colleague = app.colleague(&app.acme, Role::Member).await;
    post(&colleague, CONNECTIONS, "k-1", &body).await.assert_status(201);
    post(&app.globex, CONNECTIONS, "k-1", &body).await.assert_status(201);
    post(&app.acme, "/api/v1/tasks", "k-1", &json!({ "kind": "noop" })).await.assert_status(201);
    // After a day it is forgotten.
    app.clock.advance(chrono::Duration::hours(25));
    let token = app.anonymous().signed_in("acme@test.invalid", aos_testkit::PASSWORD).await;
    post(&token, CONNECTIONS, "k-1", &connection(&app, "later")).await.assert_status(201);
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_and_its_key_is_free_again() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let before = actions(&app, &app.acme).await;
    post(&app.acme, CONNECTIONS, "k", &connection(&app, "crm")).await.assert_problem(409, "name_taken");
    post(&app.acme, CONNECTIONS, "k", &json!({ "name": 7 })).await.assert_problem(422, "invalid_body");
    assert_eq!(actions(&app, &app.acme).await, before);
    post(&app.acme, CONNECTIONS, "k", &connection(&app, "free")).await.assert_status(201);
    for key in ["", &"x".repeat(201)] {
        post(&app.acme, CONNECTIONS, key, &json!({})).await.assert_problem(400, "invalid_idempotency_key");
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_also_under_a_key() {
    let app = TestApp::new().await;
    let path = "/api/v1/callbacks/secret";
    let shown = post(&app.acme, path, "k", &json!({})).await.assert_status(201);
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    post(&app.acme, path, "k", &json!({})).await.assert_problem(409, "idempotent_answer_not_kept");
}

#[tokio::test]
async fn of_many_at_once_with_one_key_one_is_carried_out_and_none_twice() {
    let app = TestApp::builder().system_clock().no_worker().build().await;
    let second = app.second_process().await.client(&app.acme);
    let mut sent = tokio::task::JoinSet::new();
    for number in 0..20 {
        let client = if number % 2 == 0 { app.acme.clone() } else { second.clone() };
        sent.spawn(async move {
            loop {
                let reply = post(&client, "/api/v1/tasks", "k", &json!({ "kind": "noop" })).await;
                if reply.status.as_u16() != 409 {
                    return reply.assert_status(201).json()["id"].as_str().unwrap().to_owned();
                }
                assert!(reply.header("retry-after").is_some());
                reply.assert_problem(409, "idempotency_key_in_flight");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    let ids: std::collections::BTreeSet<String> = sent.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 1);
    let tasks = app.acme.get("/api/v1/tasks").await.json();
    assert_eq!(tasks["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_task_under_a_key_is_begun_as_any_other() {
    let app = TestApp::new().await;
    let task = post(&app.acme, "/api/v1/tasks", "k", &json!({ "kind": "noop" })).await.assert_status(201).json();
    let done = crate::waiting::ended(&app.acme, task["id"].as_str().unwrap()).await;
    assert_eq!(done["state"], "success");
}

#[tokio::test]
async fn the_callers_trace_is_carried_on_in_the_answer_and_in_the_trail() {
    let app = TestApp::new().await;
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = app.acme.request(Method::PUT, SETTINGS).header("traceparent", parent);
    let request = request.header("content-type", "application/json").body(Body::from("{\"max_running\":3}")).unwrap();
    let reply = app.acme.send(request).await.assert_status(200);
    assert_eq!(reply.header("x-trace-id"), Some("0af7651916cd43dd8448eb211c80319c"));
    let own = reply.header("traceparent").unwrap();
    assert!(own.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && own != parent, "{own}");
    let path = "/api/v1/audit?trace_id=0af7651916cd43dd8448eb211c80319c";
    let found = app.acme.get(path).await.assert_status(200).json();
    assert_eq!(
        (found["items"].as_array().unwrap().len(), &found["items"][0]["action"]),
        (1, &json!("task_settings.put"))
    );
}

#[tokio::test]
async fn a_password_that_is_changed_under_a_key_holds_nobody_up() {
    // Slow enough to be told from a write of the database.
    let slow = PasswordCost { memory_kib: 64 * 1024, passes: 8, lanes: 1 };
    let app = TestApp::builder().settings(|settings| settings.password_cost = slow).no_worker().build().await;
    let change = json!({ "current_password": PASSWORD, "new_password": "quite another set of words" });
    let changed = AtomicBool::new(false);
    let changing = async {
        post(&app.acme, "/api/v1/auth/password", "k", &change).await.assert_status(204);
        changed.store(true, Ordering::Relaxed);
    };
    let writing = async {
        let mut meanwhile = 0;
        while !changed.load(Ordering::Relaxed) {
            app.globex.put(SETTINGS, &json!({ "max_running": 3 })).await.assert_status(200);
            meanwhile += 1;
        }
        meanwhile
    };
    let ((), meanwhile) = tokio::join!(changing, writing);
    assert!(meanwhile > 5, "others wrote {meanwhile} times while the password was hashed");
    app.anonymous().signed_in("acme@test.invalid", "quite another set of words").await;
}

#[tokio::test]
async fn a_wrong_password_counts_although_its_request_is_undone() {
    let app = TestApp::builder().settings(|settings| settings.throttle.attempts_per_account_max = 3).build().await;
    let wrong = json!({ "current_password": "not the right words", "new_password": "quite another set of words" });
    for key in ["a", "b", "c"] {
        post(&app.acme, "/api/v1/auth/password", key, &wrong).await.assert_problem(422, "wrong_password");
    }
    // Only the store knows of it there.
    let anew = app.forgetful_process(|_| {}).await.client(&app.acme);
    post(&anew, "/api/v1/auth/password", "d", &wrong).await.assert_problem(429, "too_many_attempts");
}
