//! Who is told about the end of tasks: callback endpoints and Slack, against receivers on this machine.

use crate::waiting::{ended, enqueue, until};
use aos_core::Role;
use aos_net::webhook::{self, Secret};
use aos_testkit::TestApp;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const SLACK: &str = "/api/v1/notifications/slack";
const CALLBACKS: &str = "/api/v1/callbacks";

/// What a receiver was sent, and what it answers.
#[derive(Clone)]
struct Receiver {
    url: String,
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    status: Arc<Mutex<StatusCode>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook/zebrafish-secret", listener.local_addr().unwrap());
        let receiver = Self { url, received: Arc::default(), status: Arc::new(Mutex::new(StatusCode::OK)) };
        let take = |State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes| async move {
            receiver.received.lock().unwrap().push((headers, body));
            (*receiver.status.lock().unwrap(), "ok")
        };
        let router = axum::Router::new().route("/hook/zebrafish-secret", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    fn answers(&self, status: StatusCode) {
        *self.status.lock().unwrap() = status;
    }

    fn received(&self) -> Vec<(HeaderMap, Bytes)> {
        self.received.lock().unwrap().clone()
    }
}

async fn callbacks_of(app: &TestApp, state: &str) -> Value {
    let path = format!("/api/v1/tasks?kind=callback&state={state}");
    until(&app.acme, &path, |page| !page["items"].as_array().unwrap().is_empty()).await["items"][0].clone()
}

#[tokio::test]
async fn what_nobody_decides_is_told_by_a_signed_callback_when_it_is_escalated() {
    let (app, receiver) = (TestApp::builder().reaches_loopback().build().await, Receiver::start().await);
    app.acme
        .put("/api/v1/drift/policy", &json!({ "escalate_url": "ftp://here" }))
        .await
        .assert_problem(422, "invalid_drift_policy");
    let policy = json!({ "escalate_after_hours": 1, "escalate_url": receiver.url });
    app.acme.put("/api/v1/drift/policy", &policy).await.assert_status(200);
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let shown = viewer.get("/api/v1/drift/policy").await.assert_status(200).text();
    assert!(!shown.contains("zebrafish"), "{shown}");
    let scope = app.scope(&app.acme).await;
    let item = aos_store::NewReview {
        kind: "drift".into(),
        subject: "deals/amount".into(),
        connection: None,
        stream: Some("deals".into()),
        title: "deals.amount renamed: rename to deal_value".into(),
        payload: json!({ "path": "amount", "changes": [], "candidates": [] }),
        confidence: Some(0.7),
        severity: "breaking".into(),
        expires_at: None,
        escalate_at: Some(app.clock.now() + chrono::Duration::minutes(5)),
    };
    let (review, _) = app.store.tenant(&scope).open_review(&item).await.unwrap();
    assert!(receiver.received().is_empty());
    app.clock.advance(chrono::Duration::minutes(6));
    enqueue(&app.acme, json!({ "kind": "noop" })).await;
    callbacks_of(&app, "success").await;
    let (headers, body) = receiver.received()[0].clone();
    assert!(headers.contains_key("webhook-signature"), "{headers:?}");
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&told["kind"], &told["result"]["review_id"]), (&json!("review_told"), &json!(review.id)), "{told}");
    assert_eq!((&told["result"]["state"], &told["result"]["title"]), (&json!("open"), &json!(item.title)), "{told}");
}

#[tokio::test]
async fn the_end_of_a_task_is_told_to_its_callback_signed_with_the_tenants_secret() {
    let (app, receiver) = (TestApp::builder().reaches_loopback().build().await, Receiver::start().await);
    let secret = app.acme.post(&format!("{CALLBACKS}/secret"), &json!({})).await.assert_status(201).json();
    let secret = Secret::parse(secret["secret"].as_str().unwrap()).unwrap();
    let id = enqueue(&app.acme, json!({ "kind": "noop", "callback_url": receiver.url })).await;
    ended(&app.acme, &id).await;
    let delivery = callbacks_of(&app, "success").await;
    assert_eq!(delivery["child_of"], json!(id));
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let (headers, body) = &received[0];
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (message, at, signatures) = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
    webhook::verify(&[secret], &message, &at, &signatures, body, app.clock.now()).unwrap();
    let told: Value = serde_json::from_slice(body).unwrap();
    assert_eq!((&told["id"], &told["status"], &told["type"]), (&json!(id), &json!("success"), &json!("task.success")));
    let endpoint = app.acme.get(CALLBACKS).await.assert_status(200).json()["items"][0].clone();
    assert_eq!((&endpoint["url"], &endpoint["state"]), (&json!(receiver.url), &json!("working")), "{endpoint}");
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_and_can_be_enabled_and_told_again() {
    let (app, receiver) = (TestApp::builder().reaches_loopback().build().await, Receiver::start().await);
    receiver.answers(StatusCode::GONE);
    enqueue(&app.acme, json!({ "kind": "noop", "callback_url": receiver.url })).await;
    let dead = callbacks_of(&app, "failed").await;
    let endpoint = app.acme.get(CALLBACKS).await.assert_status(200).json()["items"][0].clone();
    assert_eq!(endpoint["state"], "disabled", "{endpoint}");
    let path = format!("{CALLBACKS}/{}", endpoint["id"].as_str().unwrap());
    app.acme.post(&format!("{path}/replay"), &json!({})).await.assert_problem(409, "callback_disabled");
    receiver.answers(StatusCode::NO_CONTENT);
    let enabled = app.acme.post(&format!("{path}/enable"), &json!({})).await.assert_status(200).json();
    assert_eq!((&enabled["state"], &enabled["failures"]), (&json!("working"), &json!(0)));
    let again = app.acme.post(&format!("{path}/replay"), &json!({})).await.assert_status(202).json();
    assert_eq!(again["ids"], json!([dead["id"]]), "{again}");
    assert_eq!(ended(&app.acme, dead["id"].as_str().unwrap()).await["state"], "success");
    let received = receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].0["webhook-id"], received[1].0["webhook-id"], "a repeated message keeps its id");
}

#[tokio::test]
async fn a_callback_whose_name_leads_to_this_machine_is_never_sent() {
    let (app, receiver) = (TestApp::new().await, Receiver::start().await);
    let url = receiver.url.replace("127.0.0.1", "localhost");
    enqueue(&app.acme, json!({ "kind": "noop", "callback_url": url })).await;
    let dead = callbacks_of(&app, "failed").await;
    assert!(dead["error"].as_str().unwrap().contains("may not be reached"), "{dead}");
    assert_eq!(receiver.received().len(), 0);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_the_one_before_signs_for_a_day() {
    let app = TestApp::new().await;
    let path = format!("{CALLBACKS}/secret");
    let first = app.acme.post(&path, &json!({})).await.assert_status(201).json();
    assert_eq!(first["previous_valid_until"], json!(null));
    let second = app.acme.post(&path, &json!({})).await.assert_status(201).json();
    assert_ne!(first["secret"], second["secret"]);
    assert_eq!(second["previous_valid_until"], "2027-01-16T08:00:00Z");
    let member = app.colleague(&app.acme, Role::Member).await;
    member.post(&path, &json!({})).await.assert_problem(403, "forbidden");
    member.get(CALLBACKS).await.assert_status(200);
}

#[tokio::test]
async fn a_slack_webhook_is_taken_used_and_never_shown_again() {
    let (app, receiver) = (TestApp::builder().reaches_loopback().build().await, Receiver::start().await);
    app.acme.post(&format!("{SLACK}/test"), &json!({})).await.assert_problem(409, "slack_not_configured");
    let put = app.acme.put(SLACK, &json!({ "webhook_url": receiver.url, "on": ["success"] })).await.assert_status(200);
    assert_eq!((&put.json()["configured"], &put.json()["on"]), (&json!(true), &json!(["success"])));
    let tested = app.acme.post(&format!("{SLACK}/test"), &json!({})).await.assert_status(202).json();
    let tested = ended(&app.acme, tested["id"].as_str().unwrap()).await;
    assert_eq!(tested["state"], "success", "{tested}");
    let id = enqueue(&app.acme, json!({ "kind": "noop" })).await;
    let posted = "/api/v1/tasks?kind=slack&state=success";
    until(&app.acme, posted, |page| page["items"].as_array().unwrap().len() == 2).await;
    let texts: Vec<String> =
        receiver.received().iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect();
    assert!(texts.iter().any(|text| text.contains(&id)), "{texts:?}");
    for path in [SLACK, "/api/v1/tasks", "/api/v1/callbacks"] {
        let shown = app.acme.get(path).await.assert_status(200).text();
        assert!(!shown.contains("zebrafish-secret"), "{path} shows the webhook: {shown}");
    }
    assert!(!put.text().contains("zebrafish-secret"));
    app.acme.delete(SLACK).await.assert_status(204);
    assert_eq!(app.acme.get(SLACK).await.json()["configured"], false);
}

#[tokio::test]
async fn a_slack_webhook_that_cannot_be_is_refused_without_repeating_it() {
    let app = TestApp::builder().no_worker().build().await;
    for url in [
        "http://10.1.2.3/zebrafish",
        "zebrafish",
        "ftp://hooks.slack.com/zebrafish",
        &format!("https://hooks.slack.com/{}", "zebrafish".repeat(300)),
    ] {
        let problem =
            app.acme.put(SLACK, &json!({ "webhook_url": url })).await.assert_problem(422, "webhook_url_refused");
        assert!(!problem.to_string().contains("zebrafish"), "{problem}");
    }
    app.acme.put(SLACK, &json!({ "on": ["failed"] })).await.assert_problem(422, "slack_not_configured");
    let good = "https://hooks.slack.com/services/T0/B0/zebrafish";
    app.acme.put(SLACK, &json!({ "webhook_url": good, "on": ["queued"] })).await.assert_problem(422, "invalid_body");
    let shown = app.acme.put(SLACK, &json!({ "webhook_url": good })).await.assert_status(200).json();
    assert_eq!((&shown["origin"], &shown["on"]), (&json!("https://hooks.slack.com"), &json!(["failed"])));
    let kept = app.acme.put(SLACK, &json!({ "on": [] })).await.assert_status(200).json();
    assert_eq!((&kept["configured"], &kept["on"]), (&json!(true), &json!([])));
    let member = app.colleague(&app.acme, Role::Member).await;
    member.put(SLACK, &json!({ "webhook_url": good })).await.assert_problem(403, "forbidden");
    member.delete(SLACK).await.assert_problem(403, "forbidden");
    member.get(SLACK).await.assert_status(200);
}
