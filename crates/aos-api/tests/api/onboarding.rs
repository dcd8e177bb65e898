//! Proposals: looked into step by step in Safe Mode, promoted by people or by a policy, and counted.

use crate::credentials::account;
use aos_core::Role;
use aos_simulators::{Running, Vendor};
use aos_testkit::{Client, TestApp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn app() -> TestApp {
    TestApp::builder().system_clock().reaches_loopback().build().await
}

async fn with_principal(client: &Client, secret: &str) {
    let principal = json!({ "client_id": "simulator-client", "client_secret": secret });
    client.put("/api/v1/service-principals/reader", &principal).await.assert_status(200);
}

fn salesforce(running: &Running) -> Value {
    json!({
        "source_type": "salesforce", "name": "crm", "credential_locator": "sp:reader", "resource_ids": ["Account"],
        "config": { "login_url": running.url() }, "risk_level": "low",
        "evidence": { "status": "seen", "source": "dns", "ts": "2026-11-01T00:00:00Z" },
        "owner": { "user": "ops", "confidence": 0.9, "why": "bills it" },
    })
}

async fn propose(client: &Client, intent: &Value) -> String {
    let proposed = client.post("/api/v1/aam/intents", intent).await.assert_status(202).json();
    format!("/api/v1/aam/intents/{}", proposed["id"].as_str().unwrap())
}

/// Waits until an intent is in a state, and returns it.
async fn until(client: &Client, path: &str, state: &str) -> Value {
    let begun = Instant::now();
    loop {
        let intent = client.get(path).await.assert_status(200).json();
        if intent["state"] == state {
            return intent;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "it does not become {state}: {intent}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Has an intent looked into again, once the task that found it wanting has ended.
async fn retry(client: &Client, path: &str) {
    let begun = Instant::now();
    loop {
        let asked = client.post(&format!("{path}/retry"), &json!({})).await;
        if asked.status == 202 {
            return;
        }
        asked.assert_problem(409, "task_active");
        assert!(begun.elapsed() < Duration::from_secs(120), "the task does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn steps(intent: &Value) -> Vec<String> {
    intent["transitions"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap().to_owned()).collect()
}

async fn funnel(client: &Client) -> Value {
    client.get("/api/v1/aam/metrics/funnel").await.assert_status(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_is_not_read_beyond_its_sample_until_somebody_promotes_it() {
    let (app, running) = (app().await, account(Vendor::Salesforce).await);
    with_principal(&app.acme, "simulator-secret").await;
    let path = propose(&app.acme, &salesforce(&running)).await;
    let intent = until(&app.acme, &path, "sampled").await;
    assert_eq!(steps(&intent), ["checked", "discovered", "sampled"]);
    let connection = format!("/api/v1/connections/{}", intent["connection_id"].as_str().unwrap());
    let shown = app.acme.get(&connection).await.assert_status(200).json();
    assert_eq!((&shown["status"], shown["safe_mode_since"].is_string()), (&json!("safe_mode"), true), "{shown}");

    let samples = app.acme.get(&format!("{path}/samples")).await.assert_status(200).json();
    let sample = &samples["items"][0];
    assert_eq!((&sample["stream"], &sample["entity"]), (&json!("Account"), &json!("account")), "{sample}");
    assert_eq!(sample["records"].as_array().unwrap().len(), 20);
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.get(&format!("{path}/samples")).await.assert_problem(403, "forbidden");

    // Nobody reads more of it: not on demand, not by task, not by a connect.
    app.acme.post(&format!("{connection}/sync"), &json!({})).await.assert_problem(409, "connection_in_safe_mode");
    app.acme.connect().await;
    assert_eq!(app.acme.get("/dcl/views/account").await.json()["total"], 0);
    let scope = app.scope(&app.acme).await;
    let id = shown["id"].as_str().unwrap().parse().unwrap();
    let begun = app.store.tenant(&scope).start_run(id, "trace").await;
    assert!(matches!(begun, Err(aos_store::Error::SafeMode { .. })), "the store begins no run either");
    let before = funnel(&app.acme).await;
    assert_eq!((&before["eligible"], &before["reachable"], &before["active"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(before["coverage_met"], false);

    let promoted = app.acme.post(&format!("{path}/promote"), &json!({ "reason": "ours" })).await.assert_status(200);
    assert_eq!(promoted.json()["state"], "promoted");
    assert_eq!(
        app.acme.get(&format!("{path}/samples")).await.json()["items"],
        json!([]),
        "the sample went with the decision"
    );
    let begun = Instant::now();
    while app.acme.get("/dcl/views/account").await.json()["total"] == 0 {
        assert!(begun.elapsed() < Duration::from_secs(120), "a promoted connection is read");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let after = app.acme.get("/api/v1/aam/metrics/funnel?namespace=autonomy").await.assert_status(200);
    assert_eq!((after.header("x-slo-coverage"), &after.json()["coverage_met"]), (Some("1.0000"), &json!(true)));
    app.acme.post(&format!("{path}/reject"), &json!({})).await.assert_problem(409, "intent_state");
    let audited = app.acme.get("/api/v1/audit?limit=1000").await.text();
    for action in ["intent.propose", "intent.sampled", "intent.promoted"] {
        assert!(audited.contains(action), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_connected_says_why_and_does_not_count() {
    let app = app().await;
    let batch = json!({ "intents": [
        { "source_type": "slack", "namespace": "demo" },
        { "source_type": "airbyte", "config": { "source": "faker" } },
        { "source_type": "filesource", "config": { "path": "/etc" } },
    ] });
    let proposed = app.acme.post("/api/v1/aam/intents/batch", &batch).await.assert_status(202).json();
    let paths: Vec<String> = proposed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|intent| format!("/api/v1/aam/intents/{}", intent["id"].as_str().unwrap()))
        .collect();
    for (path, (state, code)) in paths.iter().zip([
        ("rejected", "unsupported_type"),
        ("rejected", "not_allowed"),
        ("failed", "path_not_allowed"),
    ]) {
        assert_eq!(until(&app.acme, path, state).await["code"], code);
    }
    let funnel = funnel(&app.acme).await;
    assert_eq!(
        (&funnel["proposed"], &funnel["eligible"], &funnel["unsupported_type"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!((&funnel["error"], &funnel["coverage"]), (&json!(1), &json!(0.0)));
    let demo = app.acme.get("/api/v1/aam/metrics/funnel?namespace=demo").await.json();
    assert_eq!((&demo["proposed"], &demo["coverage"]), (&json!(1), &Value::Null));
    let rejected = app.acme.get("/api/v1/aam/intents?state=rejected").await.assert_status(200).json();
    assert_eq!(rejected["items"].as_array().unwrap().len(), 2);
    assert_eq!(app.globex.get("/api/v1/aam/intents").await.json()["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_without_credentials_waits_for_them_and_goes_on_when_they_are_there() {
    let (app, running) = (app().await, account(Vendor::Salesforce).await);
    let path = propose(&app.acme, &salesforce(&running)).await;
    assert_eq!(until(&app.acme, &path, "failed").await["code"], "credentials");
    assert_eq!(funnel(&app.acme).await["awaiting_credentials"], 1);
    with_principal(&app.acme, "wrong").await;
    retry(&app.acme, &path).await;
    assert_eq!(until(&app.acme, &path, "failed").await["code"], "unauthorized");
    with_principal(&app.acme, "simulator-secret").await;
    retry(&app.acme, &path).await;
    let intent = until(&app.acme, &path, "sampled").await;
    app.acme.post(&format!("{path}/retry"), &json!({})).await.assert_problem(409, "intent_state");

    // Turned down, it leaves nothing to be read.
    app.acme.post(&format!("{path}/reject"), &json!({ "reason": "not ours" })).await.assert_status(200);
    let connection = format!("/api/v1/connections/{}", intent["connection_id"].as_str().unwrap());
    app.acme.get(&connection).await.assert_problem(404, "connection_not_found");
    app.acme.post(&format!("{path}/promote"), &json!({})).await.assert_problem(409, "intent_state");
    assert_eq!(funnel(&app.acme).await["eligible"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_promotes_what_is_within_its_limits_and_nothing_else() {
    let (app, running) = (app().await, account(Vendor::Salesforce).await);
    with_principal(&app.acme, "simulator-secret").await;
    let policy = json!({ "auto_promote": true, "risk_max": "low", "confidence_min": 0.5 });
    let member = app.colleague(&app.acme, Role::Member).await;
    member.put("/api/v1/aam/onboarding/policy", &policy).await.assert_problem(403, "forbidden");
    app.acme.put("/api/v1/aam/onboarding/policy", &policy).await.assert_status(200);
    assert_eq!(app.acme.get("/api/v1/aam/onboarding/policy").await.json(), policy);

    let path = propose(&app.acme, &salesforce(&running)).await;
    let intent = until(&app.acme, &path, "promoted").await;
    assert_eq!(intent["transitions"][3]["detail"]["policy"], true, "{intent}");
    let mut risky = salesforce(&running);
    risky["risk_level"] = json!("high");
    risky["name"] = json!("risky");
    let path = propose(&app.acme, &risky).await;
    until(&app.acme, &path, "sampled").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    until(&app.acme, &path, "sampled").await;
}

#[tokio::test]
async fn an_intent_carries_no_secret_and_what_does_not_fit_is_refused() {
    let app = TestApp::builder().no_worker().build().await;
    let refused =
        async |intent: Value| app.acme.post("/api/v1/aam/intents", &intent).await.assert_problem(422, "invalid_intent");
    let said = refused(json!({ "source_type": "pipedrive", "config": { "api_token": "hush-4711" } })).await;
    assert!(!said.to_string().contains("hush-4711"), "{said}");
    refused(json!({ "source_type": "pipedrive", "config": { "api_token": { "secret": "hush-4711" } } })).await;
    refused(json!({ "source_type": "fax" })).await;
    refused(json!({ "source_type": "slack", "name": "a/b" })).await;
    let locator = json!({ "source_type": "slack", "credential_locator": "safe:crm" });
    app.acme.post("/api/v1/aam/intents", &locator).await.assert_problem(422, "invalid_credentials");
    let taken = json!({ "source_type": "slack", "config": { "token": "hush-4711" } });
    let taken = app.acme.post("/api/v1/aam/intents", &taken).await.assert_status(202);
    assert!(!taken.text().contains("hush-4711"), "settings of what nothing here reads are not kept");
    app.acme.post("/api/v1/aam/intents/batch", &json!({ "intents": [] })).await.assert_problem(422, "invalid_intent");
}
