//! A source changes; what the tenant sees, decides and takes back.

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn opportunities(amount: &str, more: u32) -> Vec<u8> {
    let mut text = format!("opportunity_id,account_id,name,{amount},currency,stage,close_date,probability\n");
    for row in 1..=30 {
        text += &format!(
            "O{row:03},A{row:03},Deal {row},{}.50,USD,Closed Won,2026-03-{:02},0.{row:02}\n",
            row * 1_000 + more,
            row % 28 + 1
        );
    }
    text.into_bytes()
}

async fn ended(client: &Client, id: &Value) -> Value {
    let path = format!("/api/v1/tasks/{}", id.as_str().unwrap());
    let begun = Instant::now();
    loop {
        let task = client.get(&path).await.assert_status(200).json();
        if !task["finished_at"].is_null() {
            return task;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{task}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn sync(client: &Client, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let reply = client.post(&format!("/api/v1/connections/{id}/sync"), &json!({})).await;
        // A decision may have begun one already.
        if reply.status == 409 && begun.elapsed() < Duration::from_secs(120) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        return ended(client, &reply.assert_status(202).json()["id"]).await;
    }
}

async fn amount(client: &Client) -> Value {
    let record = client.get("/api/v1/dcl/views/opportunity/crm/O001").await.assert_status(200).json();
    record["cells"]["amount"]["value"].clone()
}

#[tokio::test]
async fn a_renamed_field_is_noticed_rehearsed_approved_and_undone() {
    let app = TestApp::new().await;
    let folder = app.files.source("crm", &[("opportunity.csv", &opportunities("amount", 0))]);
    let crm = app.acme.create_connection("crm", &folder).await;
    sync(&app.acme, &crm).await;
    let first_read = app.clock.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    app.clock.advance(chrono::Duration::seconds(2));
    let before = app.acme.get("/dcl/views/opportunity").await.json();
    let stream = format!("/api/v1/connections/{crm}/streams/opportunity");
    app.acme
        .put(&format!("{stream}/contract"), &json!({ "rules": [{ "path": "amount", "action": "freeze" }] }))
        .await
        .assert_status(204);

    app.files.source("crm", &[("opportunity.csv", &opportunities("deal_value", 7))]);
    let task = sync(&app.acme, &crm).await;
    assert_eq!(task["result"]["streams"][0]["code"], "drift", "{task}");
    assert_eq!(app.acme.get("/dcl/views/opportunity").await.json(), before, "what is held stays");
    let drifting = app.acme.get("/api/v1/drift").await.assert_status(200).json();
    assert_eq!(
        (&drifting["items"][0]["stream"], &drifting["items"][0]["goes_on"]),
        (&json!("opportunity"), &json!(false))
    );
    let health = app.acme.get(&format!("/api/v1/connections/{crm}/health")).await.json();
    assert!(health["alerts"].to_string().contains("drift"), "{health}");

    let reviews = app.acme.get("/api/v1/reviews?state=open&kind=drift").await.assert_status(200).json();
    let review = &reviews["items"][0];
    assert_eq!(review["payload"]["candidates"][0]["to"], "deal_value", "{reviews}");
    let path = format!("/api/v1/reviews/{}", review["id"].as_str().unwrap());
    assert!(app.globex.get("/api/v1/reviews").await.json()["items"].as_array().unwrap().is_empty());
    let waiting = app.acme.get("/api/v1/reviews/waiting").await.assert_status(200).json();
    let open = reviews["items"].as_array().unwrap().len();
    assert_eq!(waiting["kinds"]["drift"], open, "{waiting}");
    let strangers = app.globex.get("/api/v1/reviews/waiting").await.assert_status(200).json();
    assert_eq!(strangers, json!({ "total": 0, "kinds": {} }));
    app.globex.get(&path).await.assert_problem(404, "review_not_found");
    app.globex.post(&format!("{path}/approve"), &json!({})).await.assert_problem(404, "review_not_found");

    let rehearsal = app.acme.post(&format!("{path}/rehearse"), &json!({})).await.assert_status(200).json();
    let field = rehearsal["fields"].as_array().unwrap().iter().find(|field| field["field"] == "amount").unwrap();
    assert_eq!((&field["gained"], &field["lost"]), (&json!(30), &json!(0)), "{rehearsal}");
    assert!(rehearsal["views"].to_string().contains("opportunity"), "{rehearsal}");
    let accepted =
        app.acme.post(&format!("{path}/rehearse"), &json!({ "accept": true })).await.assert_status(200).json();
    let field = accepted["fields"].as_array().unwrap().iter().find(|field| field["field"] == "amount").unwrap();
    assert_eq!((&field["gained"], &field["lost"]), (&json!(0), &json!(30)), "beside what is held: {accepted}");
    app.acme.post(&format!("{path}/comments"), &json!({ "text": "announced in June" })).await.assert_status(201);
    app.acme.put(&format!("{path}/assignee"), &json!({ "assignee": "someone" })).await.assert_status(200);

    let stale = json!({ "revision": review["revision"] });
    app.acme.post(&format!("{path}/approve"), &stale).await.assert_problem(409, "stale");
    let decided = app.acme.post(&format!("{path}/approve"), &json!({})).await.assert_status(200).json();
    let remap = ended(&app.acme, &decided["task_id"]).await;
    assert_eq!((&remap["kind"], &remap["state"]), (&json!("remap"), &json!("success")), "{remap}");
    app.acme.post(&format!("{path}/approve"), &json!({})).await.assert_problem(409, "review_decided");
    sync(&app.acme, &crm).await;
    assert_eq!(amount(&app.acme).await, json!(1007.5));
    let then = app.acme.get(&format!("/dcl/views/opportunity/as-of?at={first_read}&limit=1000")).await;
    let then = then.assert_status(200).json();
    let one = then["items"].as_array().unwrap().iter().find(|one| one["_record_id"] == "O001").unwrap();
    assert!(one["amount"].to_string().contains("1000.5"), "{one}");
    assert_eq!(one["_mapping_versions"]["opportunity"], 1, "{one}");
    let shown = app.acme.get(&path).await.assert_status(200).json();
    assert_eq!((&shown["state"], shown["comments"].as_array().unwrap().len()), (&json!("approved"), 1), "{shown}");
    let history = app.acme.get(&format!("{stream}/drift")).await.assert_status(200).json();
    assert_eq!(history["versions"].as_array().unwrap().len(), 2, "{history}");
    assert!(history["drift"].is_null(), "{history}");

    let undone = app.acme.post(&format!("{path}/undo"), &json!({})).await.assert_status(200).json();
    ended(&app.acme, &undone["items"][0]["task_id"]).await;
    // The old mapping does not know the new column: what it gives for the records in the lake has no amount.
    let record = app.acme.get("/api/v1/dcl/views/opportunity/crm/O001").await.assert_status(200).json();
    assert!(record["cells"]["amount"].is_null(), "{record}");
    let drifting = app.acme.get("/api/v1/drift").await.assert_status(200).json();
    assert_eq!(drifting["items"][0]["changes"], 1, "it drifts again: {drifting}");
    let open = app.acme.get("/api/v1/reviews?state=open&order=urgency").await.assert_status(200).json();
    assert_eq!(open["items"][0]["payload"]["path"], "amount", "and is asked about again: {open}");
    app.acme.get("/api/v1/reviews?order=loudest").await.assert_problem(400, "invalid_query");
    let seen = app.acme.get(&format!("{stream}/observations")).await.assert_status(200).json();
    assert!(seen["items"].as_array().unwrap().len() >= 3, "{seen}");
}

#[tokio::test]
async fn rows_whose_keys_name_other_records_are_kept_aside_and_asked_about() {
    let app = TestApp::new().await;
    let folder = app.files.source("crm", &[("opportunity.csv", &opportunities("amount", 0))]);
    let crm = app.acme.create_connection("crm", &folder).await;
    sync(&app.acme, &crm).await;
    app.clock.advance(chrono::Duration::seconds(2));
    let before = app.acme.get("/dcl/views/opportunity").await.json();

    let text = String::from_utf8(opportunities("amount", 0)).unwrap();
    let (names, rows) = text.split_once('\n').unwrap();
    let rows: Vec<(&str, &str)> = rows.lines().map(|row| row.split_once(',').unwrap()).collect();
    let dealt_out_anew = (0..rows.len()).map(|at| format!("{},{}", rows[(at + 7) % rows.len()].0, rows[at].1));
    let text = format!("{names}\n{}\n", dealt_out_anew.collect::<Vec<_>>().join("\n"));
    app.files.source("crm", &[("opportunity.csv", text.as_bytes())]);
    let task = sync(&app.acme, &crm).await;
    assert_eq!(task["result"]["streams"][0]["outcome"], "partial", "{task}");
    assert_eq!(app.acme.get("/dcl/views/opportunity").await.json(), before, "no row is overwritten by another");
    let reviews = app.acme.get("/api/v1/reviews?state=open&kind=drift").await.assert_status(200).json();
    let change = &reviews["items"][0]["payload"]["changes"][0];
    assert_eq!((&change["path"], &change["kind"]), (&json!("opportunity_id"), &json!("id_reused")), "{reviews}");
    let aside = app.acme.get("/api/v1/rejections?code=drifted&limit=100").await.assert_status(200).json();
    assert_eq!(aside["items"].as_array().unwrap().len(), 30, "{aside}");
}

#[tokio::test]
async fn a_viewer_decides_nothing_and_sees_no_values_of_the_source() {
    let app = TestApp::new().await;
    let folder = app.files.source("crm", &[("opportunity.csv", &opportunities("amount", 0))]);
    let crm = app.acme.create_connection("crm", &folder).await;
    sync(&app.acme, &crm).await;
    app.files.source("crm", &[("opportunity.csv", &opportunities("deal_value", 7))]);
    sync(&app.acme, &crm).await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let reviews = viewer.get("/api/v1/reviews").await.assert_status(200).json();
    let review = &reviews["items"][0];
    assert!(review["payload"]["candidates"][0]["evidence"].to_string().contains("[masked:"), "{review}");
    let path = format!("/api/v1/reviews/{}", review["id"].as_str().unwrap());
    viewer.post(&format!("{path}/approve"), &json!({})).await.assert_status(403);
    viewer.post(&format!("{path}/rehearse"), &json!({})).await.assert_status(403);
    viewer.put("/api/v1/drift/policy", &json!({})).await.assert_status(403);
}

#[tokio::test]
async fn a_limit_is_stated_and_what_it_takes_is_said() {
    let app = TestApp::new().await;
    let policy = app.acme.get("/api/v1/drift/policy").await.assert_status(200).json();
    assert_eq!(
        (&policy["auto_from"], &policy["auto_from_now"], &policy["risk"]),
        (&json!(0.85), &Value::Null, &Value::Null)
    );
    let said = app.acme.put("/api/v1/drift/policy", &json!({ "wrong_max": 0.01 })).await.assert_status(200).json();
    assert_eq!(said["risk"], json!({ "state": "not_yet", "more_reviews": 230 }), "{said}");
    app.acme
        .put("/api/v1/drift/policy", &json!({ "wrong_max": 2.0 }))
        .await
        .assert_problem(422, "invalid_drift_policy");
    app.acme.put("/api/v1/drift/policy", &json!({ "autonomy": "recommend" })).await.assert_status(200);
}
