//! Models over HTTP: chosen, tried, limited and counted, each tenant its own.

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use aos_testservers::{Act, ModelServer, Speaks};
use serde_json::{Value, json};

const SETTINGS: &str = "/api/v1/models/settings";
const TEST: &str = "/api/v1/models/test";
const KEY: &str = "sk-test-4711-4711-4711";

async fn app() -> TestApp {
    TestApp::builder().reaches_loopback().build().await
}

fn choice(server: &ModelServer) -> Value {
    json!({ "provider": "open_ai", "base_url": server.url(), "model": "gpt-4.1-mini", "api_key": KEY })
}

async fn leave_production(app: &TestApp, client: &Client) {
    let scope = app.scope(client).await;
    app.store.tenant(&scope).set_production_mode(false).await.unwrap();
}

#[tokio::test]
async fn a_model_is_chosen_tried_and_counted_and_its_key_never_shown() {
    let app = app().await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Say("ready".into())]);
    app.acme.post(TEST, &json!({})).await.assert_problem(409, "production_mode");
    leave_production(&app, &app.acme).await;
    app.acme.post(TEST, &json!({})).await.assert_problem(409, "model_not_configured");
    let shown = app.acme.put(SETTINGS, &choice(&server)).await.assert_status(200).json();
    assert_eq!((&shown["has_key"], &shown["production_mode"]), (&json!(true), &json!(false)));
    assert!(!shown.to_string().contains(KEY));
    assert_eq!(app.acme.get("/api/v1/models").await.assert_status(200).json()["usable"], true);

    let tried = app.acme.post(TEST, &json!({})).await.assert_status(200).json();
    assert_eq!((&tried["said"], &tried["tokens_in"], &tried["tokens_out"]), (&json!("ready"), &json!(11), &json!(7)));
    assert_eq!(tried["dollars"], "0.000016", "11 × 0.40 + 7 × 1.60 millionths, rounded up");
    assert_eq!(server.seen()[0].header("authorization"), Some(format!("Bearer {KEY}").as_str()));

    let usage = app.acme.get("/api/v1/models/usage?days=1").await.assert_status(200).json();
    assert_eq!(usage["items"][0]["feature"], "test");
    assert_eq!((&usage["items"][0]["calls"], &usage["items"][0]["dollars"]), (&json!(1), &json!("0.000016")));
    assert_eq!((&usage["today"]["tokens_used"], &usage["today"]["tokens_held"]), (&json!(18), &json!(0)));
    assert_eq!(app.acme.get("/api/v1/models/calls").await.assert_status(200).json()["items"][0]["outcome"], "ok");
    for path in ["/api/v1/models/usage", "/api/v1/models/calls"] {
        assert_eq!(app.globex.get(path).await.assert_status(200).json()["items"], json!([]), "another's is another's");
    }
    let reset = app.acme.post("/dcl/reset_llm_stats", &json!({})).await.assert_status(200).json();
    assert_eq!(reset, json!({ "ok": true, "calls": 0, "tokens": 0, "calls_saved": 0 }));
    assert_eq!(app.acme.get("/api/v1/models/usage").await.json()["items"][0]["calls"], 1, "what was used stays");
    let trail = app.acme.get("/api/v1/audit?limit=100").await.assert_status(200).json().to_string();
    assert!(trail.contains("models.reset_counters") && !trail.contains(KEY));
}

#[tokio::test]
async fn a_budget_that_is_spent_is_refused_before_the_call() {
    let app = app().await;
    leave_production(&app, &app.acme).await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Say("ready".into())]);
    let mut limited = choice(&server);
    limited["tokens_per_day_max"] = json!(100);
    app.acme.put(SETTINGS, &limited).await.assert_status(200);
    app.acme.post(TEST, &json!({})).await.assert_problem(429, "model_budget_spent");
    limited["tokens_per_day_max"] = json!(null);
    limited["dollars_per_day_max"] = json!("0.01");
    limited["model"] = json!("unheard-of");
    app.acme.put(SETTINGS, &limited).await.assert_status(200);
    app.acme.post(TEST, &json!({})).await.assert_problem(409, "model_price_unknown");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn what_a_provider_answers_is_told_as_a_problem_with_its_next_step() {
    let app = app().await;
    leave_production(&app, &app.acme).await;
    let said = json!({ "error": { "message": format!("Incorrect API key provided: {KEY}") } }).to_string();
    let server = ModelServer::start(Speaks::OpenAi, [Act::Refuse(401, vec![], said)]);
    app.acme.put(SETTINGS, &choice(&server)).await.assert_status(200);
    let refused = app.acme.post(TEST, &json!({})).await;
    assert!(!refused.json().to_string().contains(KEY));
    refused.assert_problem(502, "model_refused");
    server.now([Act::Refuse(429, vec![("retry-after", "300".into())], "{}".into())]);
    app.acme.post(TEST, &json!({})).await.assert_problem(503, "model_rate_limited");
    server.now([Act::Decline]);
    app.acme.post(TEST, &json!({})).await.assert_problem(502, "model_declined");
}

#[tokio::test]
async fn only_who_manages_models_chooses_one_and_addresses_are_judged() {
    let app = TestApp::new().await;
    let server = ModelServer::start(Speaks::OpenAi, [Act::Say("ready".into())]);
    app.acme.put(SETTINGS, &choice(&server)).await.assert_problem(422, "model_address_refused");
    let member = app.colleague(&app.acme, Role::Member).await;
    member.put(SETTINGS, &json!({})).await.assert_problem(403, "forbidden");
    member.post(TEST, &json!({})).await.assert_problem(403, "forbidden");
    member.get(SETTINGS).await.assert_status(200);
    app.acme.put(SETTINGS, &json!({ "provider": "compatible" })).await.assert_problem(422, "invalid_model_settings");
    app.acme.put(SETTINGS, &json!({ "model": "m" })).await.assert_problem(422, "invalid_model_settings");
    app.acme.put(SETTINGS, &json!({ "dollars_per_day_max": "-1" })).await.assert_problem(422, "invalid_body");
}

#[tokio::test]
async fn a_question_that_the_grammar_does_not_understand_is_planned_by_the_model_and_says_so() {
    let app = app().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let ask = json!({ "query": "How many frobnicated accounts are there?" });
    let refused = app.acme.post("/api/v1/nlp/query", &ask).await.assert_status(200).json();
    assert!(refused["refusal"]["reason"].as_str().unwrap().contains("frobnicated"), "{refused}");

    let plan = json!({ "entity": "account", "measures": [{ "op": "count" }] });
    let server = ModelServer::start(Speaks::OpenAi, [Act::Give(json!({ "answerable": true, "plan": plan }))]);
    app.acme.put(SETTINGS, &choice(&server)).await.assert_status(200);
    app.acme.post("/api/v1/nlp/query", &ask).await.assert_status(200);
    assert!(server.seen().is_empty(), "in production mode nobody is asked");
    leave_production(&app, &app.acme).await;
    let answer = app.acme.post("/api/v1/nlp/query", &ask).await.assert_status(200).json();
    // What counts as one is decided beside the plan.
    let mut run = plan.clone();
    run["of"] = json!("records");
    assert_eq!(answer["plan"], run, "{answer}");
    assert!(answer["notes"].to_string().contains("language model"), "{answer}");
    let understood = json!({ "query": "How many accounts are there?" });
    app.acme.post("/api/v1/nlp/query", &understood).await.assert_status(200);
    let counters = app.acme.get("/api/v1/models/usage").await.json()["counters"].clone();
    assert_eq!((&counters["calls"], &counters["calls_saved"]), (&json!(1), &json!(1)), "{counters}");
    let sent = server.seen()[0].body.to_string();
    assert!(sent.contains("frobnicated") && !sent.contains("Acme"), "no record leaves: {sent}");

    // What a model makes up is refused like anybody's plan.
    let invented = json!({ "entity": "weather", "measures": [{ "op": "count" }] });
    server.now([Act::Give(json!({ "answerable": true, "plan": invented }))]);
    let refused = app.acme.post("/api/v1/nlp/query", &ask).await.assert_status(200).json();
    assert!(refused["refusal"].is_object() && refused["answer"].is_null(), "{refused}");
    server.now([Act::Give(json!({ "answerable": false, "why_not": "nothing is frobnicated" }))]);
    let refused = app.acme.post("/api/v1/nlp/query", &ask).await.assert_status(200).json();
    assert!(refused["refusal"]["reason"].as_str().unwrap().contains("nothing is frobnicated"), "{refused}");
}
