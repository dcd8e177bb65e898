//! The orchestration over HTTP: one job of a tenant at a time, and questions to the AOD service.

use crate::waiting::{ended, until};
use aos_simulators::{Chaos, aod};
use aos_testkit::TestApp;
use axum::Router;
use axum::routing::post;
use serde_json::{Value, json};

const STATUS: &str = "/api/v1/aoa/status";

#[tokio::test]
async fn a_run_is_a_task_and_the_status_tells_of_it() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let task = app.acme.post("/api/v1/aoa/run", &json!({ "sources": ["crm"] })).await.assert_status(202).json();
    let done = ended(&app.acme, task["id"].as_str().unwrap()).await;
    assert_eq!((&done["state"], &done["result"]["records"]["account"]), (&json!("success"), &json!(12)), "{done}");
    let logs = app.acme.get(&format!("/api/v1/tasks/{}/logs", task["id"].as_str().unwrap())).await.json();
    assert!(logs.to_string().contains("crm"), "{logs}");
    let run = app.acme.get(&format!("/dcl/connect/{}", task["id"].as_str().unwrap())).await.assert_status(200).json();
    assert_eq!((&run["status"], &run["sources"][0]["status"]), (&json!("finished"), &json!("done")), "{run}");
    let status = app.acme.get(STATUS).await.assert_status(200).json();
    assert_eq!((&status["active"], &status["last"]["id"]), (&json!(null), &task["id"]), "{status}");
    let (state, picture) = (app.acme.get("/api/v1/aoa/state").await, app.acme.get("/dcl/state").await);
    assert_eq!(state.assert_status(200).json(), picture.json());
}

#[tokio::test]
async fn a_reset_clears_what_was_derived_and_a_run_brings_it_back() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let before = app.acme.get("/dcl/views/account").await.json();
    assert_eq!(before["total"], 12);
    let task = app.acme.post("/api/v1/aoa/reset", &json!({})).await.assert_status(202).json();
    assert_eq!(ended(&app.acme, task["id"].as_str().unwrap()).await["state"], "success");
    assert_eq!(app.acme.get("/dcl/views/account").await.json()["total"], 0);
    assert_eq!(app.acme.get("/api/v1/connections").await.json()["items"].as_array().unwrap().len(), 1);
    app.acme.connect().await;
    assert_eq!(app.acme.get("/dcl/views/account").await.json()["items"], before["items"]);
}

#[tokio::test]
async fn of_fifty_jobs_asked_of_two_processes_at_once_one_is_taken_and_the_others_are_told_which() {
    let app = TestApp::builder().no_worker().build().await;
    let second = app.second_process().await;
    let asked = (0..50).map(|number| {
        let client = if number % 2 == 0 { app.acme.clone() } else { second.client(&app.acme) };
        async move {
            match number / 2 % 4 {
                0 => client.post("/api/v1/aoa/run", &json!({})).await,
                1 => client.post("/api/v1/aoa/reset", &json!({})).await,
                2 => client.post("/api/v1/aoa/prod-mode", &json!({ "enabled": true })).await,
                _ => client.post("/api/v1/tasks", &json!({ "payload": { "action": "aoa_connect" } })).await,
            }
        }
    });
    let replies = futures_util::future::join_all(asked).await;
    let (taken, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status.is_success());
    assert_eq!((taken.len(), refused.len()), (1, 49));
    let task = taken[0].json();
    let href = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    for reply in refused {
        assert_eq!(reply.header("location"), Some(href.as_str()));
        let problem = reply.assert_problem(409, "aoa_busy");
        assert_eq!(problem["task"], json!({ "id": task["id"], "href": href }));
    }
    app.acme.post("/dcl/connect", &json!({})).await.assert_problem(409, "connect_running");
    assert_eq!(app.acme.get(STATUS).await.json()["active"]["id"], task["id"]);
    app.globex.post("/api/v1/aoa/reset", &json!({})).await.assert_status(202);
    app.acme.delete(&href).await.assert_status(200);
    app.acme.post("/api/v1/aoa/reset", &json!({})).await.assert_status(202);
}

#[tokio::test]
async fn a_connection_is_not_removed_while_a_job_waits_or_runs() {
    let app = TestApp::builder().no_worker().build().await;
    let id = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let run = app.acme.post("/dcl/connect", &json!({})).await.assert_status(202).json();
    let path = format!("/api/v1/connections/{id}");
    app.acme.delete(&path).await.assert_problem(409, "connect_running");
    app.acme.delete(&format!("/api/v1/tasks/{}", run["task_id"].as_str().unwrap())).await.assert_status(200);
    let ended = app.acme.get(&format!("/dcl/connect/{}", run["run_id"].as_str().unwrap())).await.json();
    assert_eq!(ended["status"], "failed", "{ended}");
    assert!(ended["error"].as_str().unwrap().contains("canceled"), "{ended}");
    app.acme.delete(&path).await.assert_status(204);
}

#[tokio::test]
async fn a_run_of_what_is_not_there_is_refused_before_it_is_enqueued() {
    let app = TestApp::builder().no_worker().build().await;
    let run = |body: Value| {
        let client = app.acme.clone();
        async move { client.post("/api/v1/aoa/run", &body).await }
    };
    run(json!({ "sources": ["nothing"] })).await.assert_problem(404, "connection_not_found");
    run(json!({ "agents": ["nobody"] })).await.assert_problem(422, "unknown_agent");
    run(json!({ "sources": vec!["x"; 1001] })).await.assert_problem(422, "invalid_payload");
    run(json!({ "sorces": [] })).await.assert_problem(422, "invalid_body");
    assert_eq!(app.acme.get(STATUS).await.json()["active"], json!(null));
}

/// Serves a router on a free port of this machine and returns its address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

async fn discovered(app: &TestApp, question: &str) -> Value {
    let body = json!({ "nlp_query": question, "min_confidence": 0.6 });
    let task = app.acme.post("/api/v1/aoa/discover", &body).await.assert_status(202).json();
    assert_eq!(task["exclusive"], json!(null), "it changes nothing here, so it runs beside a job");
    ended(&app.acme, task["id"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_discovery_is_what_the_service_says_with_the_agents_it_concerns() {
    let options = aod::Options { token: Some("key".to_owned()), ..aod::Options::default() };
    let url = serve(aod::router(options)).await;
    let app = TestApp::builder().reaches_loopback().aod(&url, Some("key")).build().await;
    assert_eq!(app.acme.get(STATUS).await.json()["aod_configured"], true);
    let task = discovered(&app, "Which systems hold our cloud cost?").await;
    assert_eq!(task["state"], "success", "{task}");
    let result = &task["result"];
    assert_eq!((&result["success"], &result["request_id"]), (&json!(true), &task["id"]));
    let discovery = &result["discovery"];
    let entities = discovery["entities"].as_array().unwrap();
    assert!(
        !entities.is_empty() && entities.iter().all(|found| found["confidence"].as_f64().unwrap() >= 0.6),
        "{result}"
    );
    assert!(entities.iter().all(|found| found["confidence_level"].is_string()), "{result}");
    assert_eq!(discovery["agent_recommendations"][0]["agent"], "finops_pilot", "{result}");
    assert_eq!(discovery["provenance"]["endpoint"], url);
    let nothing = discovered(&app, "zebrafish").await;
    assert_eq!(nothing["result"]["discovery"]["entities"], json!([]), "{nothing}");
    assert_eq!(nothing["result"]["discovery"]["agent_recommendations"], json!([]));
}

#[tokio::test]
async fn without_a_service_or_with_one_that_may_not_be_reached_it_says_what_to_do() {
    let app = TestApp::new().await;
    let problem = app.acme.post("/api/v1/aoa/discover", &json!({ "nlp_query": "cost" })).await;
    assert!(problem.assert_problem(503, "aod_not_configured")["next_step"].as_str().unwrap().contains("[aod] url"));
    app.acme.post("/api/v1/aoa/discover", &json!({ "nlp_query": "" })).await.assert_problem(422, "invalid_payload");
    let stranger = json!({ "nlp_query": "cost", "tenant_id": "another" });
    app.acme.post("/api/v1/aoa/discover", &stranger).await.assert_problem(422, "invalid_body");
    // `localhost` is a name, so where it leads is seen only when it is called.
    let url = serve(aod::router(aod::Options::default())).await.replace("127.0.0.1", "localhost");
    let app = TestApp::builder().aod(&url, None).build().await;
    let task = discovered(&app, "cost").await;
    assert_eq!((&task["state"], &task["attempts"]), (&json!("failed"), &json!(1)), "{task}");
    assert!(task["error"].as_str().unwrap().contains("allow_private"), "{task}");
}

#[tokio::test]
async fn an_answer_that_breaks_the_contract_is_refused_whole() {
    let broken = |answer: fn(Value) -> Value| {
        let handler = move |axum::Json(asked): axum::Json<Value>| async move { axum::Json(answer(asked)) };
        Router::new().route("/api/discover", post(handler))
    };
    let found = |confidence: f64| {
        json!({ "id": "x", "name": "x", "entity_type": "table", "discovery_type": "schema_analysis", "source": "s",
            "confidence": confidence })
    };
    type Answer = fn(Value) -> Value;
    let cases: [(Answer, &str); 5] = [
        (|_| json!({ "hello": "world" }), "expected JSON"),
        (|_| json!({ "success": true, "request_id": "another", "discovery": { "entities": [] } }), "request_id"),
        (|asked| json!({ "success": false, "request_id": asked["request_id"], "message": "no" }), "success = false"),
        (|asked| json!({ "success": true, "request_id": asked["request_id"] }), "discovery is missing"),
        (
            |asked| json!({ "success": true, "request_id": asked["request_id"], "discovery": { "entities": [asked["context"]["found"]] } }),
            "confidence",
        ),
    ];
    for (answer, why) in cases {
        let url = serve(broken(answer)).await;
        let app = TestApp::builder().reaches_loopback().aod(&url, None).build().await;
        let body = json!({ "nlp_query": "cost", "context": { "found": found(1.5) } });
        let task = app.acme.post("/api/v1/aoa/discover", &body).await.assert_status(202).json();
        let task = ended(&app.acme, task["id"].as_str().unwrap()).await;
        assert_eq!((&task["state"], &task["result"]), (&json!("failed"), &json!(null)), "{task}");
        assert!(task["error"].as_str().unwrap().contains(why), "{why}: {task}");
    }
}

#[tokio::test]
async fn a_service_that_fails_is_asked_again_and_a_wrong_token_is_not() {
    let chaos = Chaos { failure_share: 1.0, ..Chaos::default() };
    let url = serve(aod::router(aod::Options { chaos, ..aod::Options::default() })).await;
    let app = TestApp::builder().reaches_loopback().aod(&url, None).system_clock().build().await;
    let body = json!({ "nlp_query": "cost" });
    let task = app.acme.post("/api/v1/aoa/discover", &body).await.assert_status(202).json();
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let again = until(&app.acme, &path, |task| task["attempts"].as_u64() >= Some(2)).await;
    assert_eq!(again["max_retries"], 2, "{again}");

    let options = aod::Options { token: Some("key".to_owned()), ..aod::Options::default() };
    let url = serve(aod::router(options)).await;
    let app = TestApp::builder().reaches_loopback().aod(&url, Some("zebrafish")).build().await;
    let task = discovered(&app, "cost").await;
    assert_eq!((&task["state"], &task["attempts"]), (&json!("failed"), &json!(1)), "{task}");
    assert!(task["error"].as_str().unwrap().contains("[aod] token"), "{task}");
    assert!(!task["error"].as_str().unwrap().contains("zebrafish"), "{task}");
}
