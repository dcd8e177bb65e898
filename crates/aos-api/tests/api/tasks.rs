//! Tasks over HTTP: enqueued, followed, canceled, chained, run again; and what cannot be enqueued.

use crate::waiting::{ended, enqueue, until};
use aos_core::Role;
use aos_testkit::TestApp;
use serde_json::json;

const TASKS: &str = "/api/v1/tasks";

#[tokio::test]
async fn a_task_is_enqueued_done_and_found_again() {
    let app = TestApp::new().await;
    let created =
        app.acme.post(TASKS, &json!({ "kind": "noop", "payload": { "sleep_ms": 1 }, "max_retries": 2 })).await;
    let created = created.assert_status(201);
    let task = created.json();
    let id = task["id"].as_str().unwrap();
    assert_eq!(created.header("location"), Some(format!("{TASKS}/{id}").as_str()));
    assert_eq!((&task["state"], &task["attempts"], &task["max_retries"]), (&json!("queued"), &json!(0), &json!(2)));
    assert_eq!(task["trace_id"].as_str(), created.header("x-trace-id"));
    let done = ended(&app.acme, id).await;
    assert_eq!((&done["state"], &done["attempts"], &done["error"]), (&json!("success"), &json!(1), &json!(null)));
    assert!(done["started_at"].is_string() && done["finished_at"].is_string());
    let page = app.acme.get(&format!("{TASKS}?state=success&kind=noop&since=2026-01-01T00:00:00Z")).await;
    let page = page.assert_status(200).json();
    assert_eq!((page["items"].as_array().unwrap().len(), &page["items"][0]["id"]), (1, &json!(id)));
    assert!(page["items"][0].get("payload").is_none(), "lists leave out what may be large");
    for none in ["state=failed,queued", "kind=connect", "since=2999-01-01T00:00:00Z"] {
        assert_eq!(
            app.acme.get(&format!("{TASKS}?{none}")).await.assert_status(200).json()["items"],
            json!([]),
            "{none}"
        );
    }
    app.acme.get(&format!("{TASKS}/{id}/logs")).await.assert_status(200);
}

#[tokio::test]
async fn the_action_of_a_payload_names_the_kind() {
    let app = TestApp::new().await;
    let body = json!({ "payload": { "action": "aoa_prod_mode", "enabled": false } });
    let task = app.acme.post(TASKS, &body).await.assert_status(201).json();
    assert_eq!((&task["kind"], &task["payload"]), (&json!("prod_mode"), &json!({ "enabled": false })));
    let done = ended(&app.acme, task["id"].as_str().unwrap()).await;
    assert_eq!(done["result"], json!({ "enabled": false }), "{done}");
    assert_eq!(app.acme.get("/api/v1/aoa/status").await.json()["prod_mode"], false);
}

#[tokio::test]
async fn a_task_that_waits_is_canceled_at_once() {
    let app = TestApp::builder().no_worker().build().await;
    let id = enqueue(&app.acme, json!({ "kind": "noop" })).await;
    let path = format!("{TASKS}/{id}");
    assert_eq!(app.acme.delete(&path).await.assert_status(200).json()["state"], "canceled");
    assert_eq!(app.acme.delete(&path).await.assert_status(200).json()["state"], "canceled");
    let nobody = format!("{TASKS}/00000000-0000-7000-8000-000000000000");
    app.acme.delete(&nobody).await.assert_problem(404, "task_not_found");
    app.acme.get(&nobody).await.assert_problem(404, "task_not_found");
    app.acme.get(&format!("{nobody}/logs")).await.assert_problem(404, "task_not_found");
}

#[tokio::test]
async fn a_task_that_runs_is_stopped() {
    let app = TestApp::new().await;
    let id = enqueue(&app.acme, json!({ "kind": "noop", "payload": { "sleep_ms": 600_000 } })).await;
    let path = format!("{TASKS}/{id}");
    until(&app.acme, &path, |task| task["state"] == "in_progress").await;
    let told = app.acme.delete(&path).await.assert_status(202).json();
    assert_eq!((&told["state"], &told["cancel_requested"]), (&json!("in_progress"), &json!(true)));
    let done = ended(&app.acme, &id).await;
    assert_eq!(done["state"], "canceled", "{done}");
    let over = enqueue(&app.acme, json!({ "kind": "noop" })).await;
    ended(&app.acme, &over).await;
    let problem = app.acme.delete(&format!("{TASKS}/{over}")).await.assert_problem(409, "task_ended");
    assert_eq!(problem["task"]["id"], json!(over));
}

#[tokio::test]
async fn a_success_enqueues_what_follows_it() {
    let app = TestApp::new().await;
    let last = json!({ "kind": "prod_mode", "payload": { "enabled": true } });
    let body = json!({ "kind": "noop", "on_success_next_task": { "kind": "noop", "on_success_next_task": last } });
    let first = ended(&app.acme, &enqueue(&app.acme, body).await).await;
    assert_eq!(first["on_success_next_task"]["on_success_next_task"]["kind"], "prod_mode");
    let second = ended(&app.acme, first["next_task_id"].as_str().unwrap()).await;
    assert_eq!(second["child_of"], first["id"]);
    let third = ended(&app.acme, second["next_task_id"].as_str().unwrap()).await;
    assert_eq!((&third["kind"], &third["exclusive"]), (&json!("prod_mode"), &json!("aoa")));
    assert_eq!(third["next_task_id"], json!(null));
}

#[tokio::test]
async fn dead_letters_are_run_again_one_or_all() {
    let app = TestApp::new().await;
    // Nothing is configured to post to, so that no attempt helps.
    let body = json!({ "kind": "slack", "payload": { "text": "hello" }, "max_retries": 3 });
    let (one, two) = (enqueue(&app.acme, body.clone()).await, enqueue(&app.acme, body).await);
    let dead = ended(&app.acme, &one).await;
    assert_eq!((&dead["state"], &dead["attempts"]), (&json!("failed"), &json!(1)), "{dead}");
    assert!(dead["error"].as_str().unwrap().contains("/api/v1/notifications/slack"), "{dead}");
    ended(&app.acme, &two).await;
    let again = app.acme.post(&format!("{TASKS}/{one}/replay"), &json!({})).await.assert_status(202).json();
    assert_eq!((&again["id"], &again["error"]), (&json!(one), &json!(null)));
    ended(&app.acme, &one).await;
    let all = app.acme.post(&format!("{TASKS}/replay"), &json!({ "kind": ["slack"] })).await.assert_status(202).json();
    assert_eq!((all["ids"].as_array().unwrap().len(), &all["more"]), (2, &json!(false)));
    let named = json!({ "ids": [one] });
    ended(&app.acme, &one).await;
    let named = app.acme.post(&format!("{TASKS}/replay"), &named).await.assert_status(202).json();
    assert_eq!(named["ids"], json!([one]));
    let fine = enqueue(&app.acme, json!({ "kind": "noop" })).await;
    ended(&app.acme, &fine).await;
    let refused = app.acme.post(&format!("{TASKS}/{fine}/replay"), &json!({})).await;
    refused.assert_problem(409, "task_not_replayable");
    let both = json!({ "ids": [one], "kind": ["slack"] });
    app.acme.post(&format!("{TASKS}/replay"), &both).await.assert_problem(422, "invalid_body");
}

#[tokio::test]
async fn the_queue_says_how_it_stands_and_takes_a_limit() {
    let app = TestApp::builder().no_worker().build().await;
    for _ in 0..3 {
        enqueue(&app.acme, json!({ "kind": "noop" })).await;
    }
    enqueue(&app.acme, json!({ "kind": "noop", "delay_seconds": 60 })).await;
    app.clock.advance(chrono::Duration::seconds(5));
    let stats = app.acme.get("/api/v1/tasks/stats").await.assert_status(200).json();
    assert_eq!((&stats["waiting"], &stats["delayed"], &stats["running"]), (&json!(3), &json!(1), &json!(0)), "{stats}");
    assert_eq!((&stats["oldest_waiting_seconds"], &stats["max_running"]), (&json!(5.0), &json!(null)), "{stats}");
    let path = "/api/v1/tasks/settings";
    assert_eq!(app.acme.put(path, &json!({ "max_running": 2 })).await.assert_status(200).json()["max_running"], 2);
    app.acme.put(path, &json!({ "max_running": 0 })).await.assert_problem(422, "invalid_body");
    let member = app.colleague(&app.acme, Role::Member).await;
    member.put(path, &json!({ "max_running": 9 })).await.assert_problem(403, "forbidden");
}

#[tokio::test]
async fn tasks_are_listed_in_pages_newest_first() {
    let app = TestApp::builder().no_worker().build().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(enqueue(&app.acme, json!({ "kind": "noop" })).await);
    }
    ids.reverse();
    let first = app.acme.get(&format!("{TASKS}?limit=3")).await.assert_status(200).json();
    let next = format!("{TASKS}?limit=3&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = app.acme.get(&next).await.assert_status(200).json();
    let listed = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    assert_eq!(listed.iter().map(|task| task["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert_eq!(second["next_cursor"], json!(null));
}

#[tokio::test]
async fn what_cannot_be_a_task_is_refused_with_the_reason() {
    let app = TestApp::builder().no_worker().build().await;
    let mut chain = json!({ "kind": "noop" });
    for _ in 0..21 {
        chain = json!({ "kind": "noop", "on_success_next_task": chain });
    }
    let large = "x".repeat(300 * 1024);
    let year = 400u64 * 24 * 60 * 60;
    for (body, code) in [
        (json!({}), "unknown_task_kind"),
        (json!({ "kind": "sing" }), "unknown_task_kind"),
        (json!({ "kind": "callback", "payload": {} }), "unknown_task_kind"),
        (json!({ "payload": { "action": "rm -rf" } }), "unknown_task_kind"),
        (json!({ "kind": "noop", "payload": { "sleep": 1 } }), "invalid_payload"),
        (json!({ "kind": "noop", "payload": 7 }), "invalid_payload"),
        (json!({ "kind": "prod_mode", "payload": {} }), "invalid_payload"),
        (json!({ "kind": "noop", "on_success_next_task": { "kind": "sing" } }), "unknown_task_kind"),
        (chain, "invalid_task"),
        (json!({ "kind": "slack", "payload": { "text": large } }), "invalid_payload"),
        (json!({ "kind": "discover", "payload": { "nlp_query": "x", "context": { "more": large } } }), "too_large"),
        (json!({ "kind": "noop", "delay_seconds": year }), "invalid_task"),
        (json!({ "kind": "noop", "delay_seconds": u64::MAX }), "invalid_task"),
        (json!({ "kind": "noop", "run_at": "2999-01-01T00:00:00Z" }), "invalid_task"),
        (json!({ "kind": "noop", "delay_seconds": 1, "run_at": "2027-02-01T00:00:00Z" }), "invalid_task"),
        (json!({ "kind": "noop", "max_retries": 100 }), "invalid_task"),
        (json!({ "kind": "noop", "timeout_seconds": 0 }), "invalid_task"),
        (json!({ "kind": "noop", "timeout_seconds": 90_000 }), "invalid_task"),
        (json!({ "kind": "noop", "priority": 10 }), "invalid_body"),
        (json!({ "kind": "noop", "tenant_id": "another" }), "invalid_body"),
    ] {
        let shown: String = body.to_string().chars().take(100).collect();
        let reply = app.acme.post(TASKS, &body).await;
        assert_eq!(reply.json()["code"], code, "{shown}: {}", reply.text());
        reply.assert_problem(422, code);
    }
    assert_eq!(app.acme.get(TASKS).await.json()["items"], json!([]), "nothing of it was kept");
    app.acme.get(&format!("{TASKS}?state=asleep")).await.assert_problem(400, "invalid_query");
    app.acme.get(&format!("{TASKS}?since=yesterday")).await.assert_problem(400, "invalid_query");
}

#[tokio::test]
async fn a_callback_to_a_private_address_is_refused_where_it_can_be_seen() {
    let app = TestApp::builder().no_worker().build().await;
    for url in [
        "http://127.0.0.1/hook",
        "http://2130706433/hook",
        "http://[::ffff:10.0.0.1]/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://user:secret@example.com/hook",
        "ftp://example.com/hook",
        "http://example.com:22/hook",
        "not an address",
    ] {
        let body = json!({ "kind": "noop", "callback_url": url });
        app.acme.post(TASKS, &body).await.assert_problem(422, "callback_url_refused");
        let next = json!({ "kind": "noop", "on_success_next_task": body });
        app.acme.post(TASKS, &next).await.assert_problem(422, "callback_url_refused");
    }
    let public = json!({ "kind": "noop", "callback_url": "https://hooks.example.com/tasks?of=acme" });
    app.acme.post(TASKS, &public).await.assert_status(201);
}

#[tokio::test]
async fn a_viewer_sees_tasks_and_runs_none() {
    let app = TestApp::builder().no_worker().build().await;
    let id = enqueue(&app.acme, json!({ "kind": "noop" })).await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    for path in [TASKS.to_owned(), format!("{TASKS}/{id}"), format!("{TASKS}/stats"), "/api/v1/aoa/status".to_owned()] {
        viewer.get(&path).await.assert_status(200);
    }
    viewer.post(TASKS, &json!({ "kind": "noop" })).await.assert_problem(403, "forbidden");
    viewer.delete(&format!("{TASKS}/{id}")).await.assert_problem(403, "forbidden");
    viewer.post(&format!("{TASKS}/{id}/replay"), &json!({})).await.assert_problem(403, "forbidden");
    viewer.post("/api/v1/aoa/run", &json!({})).await.assert_problem(403, "forbidden");
    let member = app.colleague(&app.acme, Role::Member).await;
    member.post(TASKS, &json!({ "kind": "noop" })).await.assert_status(201);
    member.post("/api/v1/aoa/reset", &json!({})).await.assert_status(202);
}
