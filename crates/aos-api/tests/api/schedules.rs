//! Schedules over HTTP: kept, changed, refused, and due when their time has come.

use crate::waiting::{ended, until};
use aos_testkit::TestApp;
use serde_json::{Value, json};

const SCHEDULES: &str = "/api/v1/tasks/schedules";

fn nightly(name: &str) -> Value {
    json!({ "name": name, "cron": "0 3 * * *", "time_zone": "Europe/Berlin", "task": { "kind": "noop", "max_retries": 1 } })
}

#[tokio::test]
async fn a_schedule_is_kept_changed_and_removed() {
    let app = TestApp::builder().no_worker().build().await;
    let made = app.acme.post(SCHEDULES, &nightly("night")).await.assert_status(201).json();
    let path = format!("{SCHEDULES}/{}", made["id"].as_str().unwrap());
    assert_eq!((&made["task"]["kind"], &made["task"]["max_retries"]), (&json!("noop"), &json!(1)));
    // The test's clock stands at 2027-01-15 08:00 UTC; it is winter in Berlin.
    assert_eq!(made["next_at"], "2027-01-16T02:00:00Z");
    assert_eq!(app.acme.get(&path).await.assert_status(200).json(), made);
    app.acme.post(SCHEDULES, &nightly("night")).await.assert_problem(409, "name_taken");
    let off = json!({ "name": "night", "cron": "30 4 * * MON", "task": { "kind": "noop" }, "enabled": false });
    let changed = app.acme.put(&path, &off).await.assert_status(200).json();
    assert_eq!((&changed["time_zone"], &changed["next_at"]), (&json!("UTC"), &json!(null)));
    let list = app.acme.get(SCHEDULES).await.assert_status(200).json();
    assert_eq!(list["items"], json!([changed]));
    app.acme.delete(&path).await.assert_status(204);
    app.acme.delete(&path).await.assert_problem(404, "schedule_not_found");
    app.acme.get(&path).await.assert_problem(404, "schedule_not_found");
    app.acme.put(&path, &nightly("night")).await.assert_problem(404, "schedule_not_found");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_is_refused() {
    let app = TestApp::builder().no_worker().build().await;
    for (change, code) in [
        (json!({ "cron": "every day" }), "invalid_schedule"),
        (json!({ "cron": "61 * * * *" }), "invalid_schedule"),
        (json!({ "cron": "* * * * * *" }), "invalid_schedule"),
        (json!({ "time_zone": "Mars/Olympus" }), "invalid_schedule"),
        (json!({ "name": "" }), "invalid_schedule"),
        (json!({ "task": { "kind": "noop", "delay_seconds": 5 } }), "invalid_schedule"),
        (json!({ "task": { "kind": "sing" } }), "unknown_task_kind"),
        (json!({ "task": { "kind": "noop", "callback_url": "http://10.0.0.1/" } }), "callback_url_refused"),
        (json!({ "task": { "kind": "sync", "payload": { "connection": "nobody" } } }), "unknown_connection"),
        (json!({ "task": { "kind": "connect", "payload": { "sources": ["nobody"] } } }), "unknown_connection"),
        (
            json!({ "task": { "kind": "noop", "on_success_next_task": { "kind": "sync", "payload": { "connection": "nobody" } } } }),
            "unknown_connection",
        ),
        (json!({ "when": "later" }), "invalid_body"),
    ] {
        let mut body = nightly("night");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        app.acme.post(SCHEDULES, &body).await.assert_problem(422, code);
    }
    assert_eq!(app.acme.get(SCHEDULES).await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_schedule_enqueues_its_task_when_its_time_has_come() {
    let app = TestApp::new().await;
    let made = app.acme.post(SCHEDULES, &nightly("night")).await.assert_status(201).json();
    let path = format!("{SCHEDULES}/{}", made["id"].as_str().unwrap());
    assert_eq!(made["last_task_id"], json!(null));
    app.clock.advance(chrono::Duration::hours(20));
    // The session of the test has expired with the clock.
    let acme = app.anonymous().signed_in("acme@test.invalid", aos_testkit::PASSWORD).await;
    let due = until(&acme, &path, |schedule| schedule["last_task_id"].is_string()).await;
    assert_eq!(due["next_at"], "2027-01-17T02:00:00Z");
    let task = ended(&acme, due["last_task_id"].as_str().unwrap()).await;
    assert_eq!((&task["state"], &task["schedule_id"]), (&json!("success"), &made["id"]));
    let of_it = format!("/api/v1/tasks?schedule_id={}", made["id"].as_str().unwrap());
    assert_eq!(acme.get(&of_it).await.assert_status(200).json()["items"].as_array().unwrap().len(), 1);
}
