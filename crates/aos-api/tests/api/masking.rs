//! Personal data is masked for those who may not see it, on every way to it.

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use serde_json::{Value, json};

/// In every personal value of the source, and nowhere else.
const PERSONAL: &str = "lovelace";
/// In a column that feeds no field, so that nobody knows what it holds.
const UNKNOWN: &str = "shoe size 38";

/// A source with people in it, one of whom cannot land; and someone who may look at it but not at personal data.
async fn people() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let mut rows = String::from("contact_id,first_name,last_name,email,phone,account_id,zzqx\n");
    for row in 1..=12 {
        rows +=
            &format!("C{row:03},Ada,Lovelace{row},ada{row}@lovelace.example,+49 30 90{row:04},A{row:03},{UNKNOWN}\n");
    }
    rows += "C013,,,,,A013,\n,Nobody,Lovelace13,nobody@lovelace.example,+49 30 900013,A013,\n";
    let folder = app.files.source("crm", &[("contact.csv", rows.as_bytes())]);
    app.acme.create_connection("crm", &folder).await;
    app.acme.connect().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    (app, viewer)
}

async fn query(client: &Client, sql: &str) -> Value {
    client.post("/dcl/query", &json!({ "sql": sql })).await.assert_status(200).json()
}

#[tokio::test]
async fn a_viewer_sees_masks_in_the_place_of_personal_data_wherever_it_is_shown() {
    let (app, viewer) = people().await;
    let sql = json!({ "sql": "SELECT * FROM contact" });
    for path in [
        "/dcl/views/contact",
        "/dcl/views/contact/crm/C001",
        "/dcl/preview?node=dcl_contact",
        "/dcl/preview?node=src_crm_contact",
        "/dcl/source_schemas",
        "/api/v1/rejections",
        "/dcl/query",
    ] {
        let ask = |client: Client| {
            let sql = sql.clone();
            async move { if path == "/dcl/query" { client.post(path, &sql).await } else { client.get(path).await } }
        };
        let clear = ask(app.acme.clone()).await.assert_status(200).text().to_lowercase();
        assert!(clear.contains(PERSONAL), "{path} shows nothing personal, so this proves nothing: {clear}");
        let masked = ask(viewer.clone()).await.assert_status(200).text().to_lowercase();
        assert!(!masked.contains(PERSONAL), "{path} shows personal data: {masked}");
        assert!(!masked.contains(UNKNOWN), "{path} shows a value of which nobody knows what it is: {masked}");
        assert!(masked.contains("[masked:"), "{path}: {masked}");
    }
}

#[tokio::test]
async fn a_masked_value_keeps_its_place_and_says_its_class() {
    let (_app, viewer) = people().await;
    let page = viewer.get("/dcl/views/contact?sort=contact_id").await.assert_status(200).json();
    assert_eq!(page["items"][0]["email"], "[masked:email]");
    assert_eq!(page["items"][0]["first_name"], "[masked:person_name]");
    assert_eq!(page["items"][0]["contact_id"], "C001", "what is not personal stays");
    assert_eq!(page["items"][12]["email"], Value::Null, "a null stays a null: {page}");
    let column = |name: &str| {
        let columns = page["columns"].as_array().unwrap();
        columns.iter().find(|column| column["name"] == name).unwrap().clone()
    };
    assert_eq!(column("email"), json!({ "name": "email", "type": "string", "masked": "email" }));
    assert_eq!(column("contact_id"), json!({ "name": "contact_id", "type": "string" }));
    let record = viewer.get("/dcl/views/contact/crm/C001").await.assert_status(200).json();
    assert_eq!(record["cells"]["email"]["masked"], "email", "{record}");
    assert_eq!(record["cells"]["email"]["value"], "[masked:email]", "{record}");
}

#[tokio::test]
async fn whom_a_record_belongs_to_is_masked_as_the_person_it_may_name() {
    let app = TestApp::new().await;
    let mut deals = String::from("opportunity_id,name,stage,amount,deal_owner\n");
    let owners = ["Ada Lovelace", "Alan Turing", "Charles Babbage", "Grace Hopper"];
    for (row, owner) in (1..=12).zip(owners.into_iter().cycle()) {
        deals += &format!("O{row:03},Deal {row},Won,{row}00,{owner}\n");
    }
    app.acme.create_connection("crm", &app.files.source("crm", &[("opportunity.csv", deals.as_bytes())])).await;
    app.acme.connect().await;
    let own = app.acme.get("/dcl/views/opportunity").await.assert_status(200).json();
    assert_eq!(own["items"][0]["owner_id"], "Ada Lovelace", "{own}");
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let masked = viewer.get("/dcl/views/opportunity").await.assert_status(200).json();
    assert_eq!(masked["items"][0]["owner_id"], "[masked:person_name]", "{masked}");
    let asked = json!({ "query": "How many opportunities are there by owner?" });
    let refused = viewer.post("/nlp/v1/query", &asked).await.assert_status(200).json();
    assert_eq!(refused["refusal"]["code"], "not_allowed", "{refused}");
    let answer = app.acme.post("/nlp/v1/query", &asked).await.assert_status(200).json();
    assert_eq!(answer["rows"], json!(owners.map(|owner| json!([owner, 3]))), "{answer}");
}

#[tokio::test]
async fn nothing_is_found_out_about_masked_values_by_asking_cleverly() {
    let (app, viewer) = people().await;
    viewer.get("/dcl/views/contact?filter=email:contains:ada1").await.assert_problem(403, "field_masked");
    viewer.get("/dcl/views/contact?sort=last_name").await.assert_problem(403, "field_masked");
    let found = "SELECT count(*) AS n FROM contact WHERE email LIKE 'ada%'";
    assert_eq!(query(&app.acme, found).await["rows"], json!([[12]]));
    assert_eq!(query(&viewer, found).await["rows"], json!([[0]]));
    let distinct = query(&viewer, "SELECT count(email) AS n, count(DISTINCT email) AS d FROM contact").await;
    assert_eq!(distinct["rows"], json!([[12, 1]]));
    for sql in [
        "SELECT email FROM main.contact",
        "SELECT email FROM internal.fragments_contact",
        "WITH contact AS (SELECT * FROM main.contact) SELECT email FROM contact",
    ] {
        viewer.post("/dcl/query", &json!({ "sql": sql })).await.assert_problem(400, "query_refused");
    }
    assert_eq!(query(&app.acme, "SELECT count(*) AS n FROM main.contact").await["rows"], json!([[13]]));
}

#[tokio::test]
async fn what_one_saw_clear_another_is_not_served_from_memory() {
    let (app, viewer) = people().await;
    for client in [&app.acme, &viewer, &app.acme] {
        let page = client.get("/dcl/views/contact?sort=contact_id").await.json();
        let clear = page["items"][0]["email"] == "ada1@lovelace.example";
        assert_eq!(clear, client.token() == app.acme.token(), "{page}");
    }
}

#[tokio::test]
async fn a_viewer_sees_neither_what_people_wrote_into_tasks_nor_where_callbacks_lead_nor_addresses_of_people() {
    let app = TestApp::builder().no_worker().build().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let url = "https://93.184.215.14/hooks/in?token=wordthatletsin";
    let slack = json!({ "kind": "slack", "payload": { "text": "Ada Lovelace called", "channel": "#sales" }, "callback_url": url });
    let mut chained = json!({ "kind": "noop" });
    chained["on_success_next_task"] = slack.clone();
    let task = crate::waiting::enqueue(&app.acme, slack.clone()).await;
    let first = crate::waiting::enqueue(&app.acme, chained).await;
    let schedule = json!({ "name": "nightly", "cron": "0 3 * * *", "task": slack });
    let schedule = app.acme.post("/api/v1/tasks/schedules", &schedule).await.assert_status(201).json();
    let scope = app.scope(&app.acme).await;
    app.store.tenant(&scope).ensure_callback_endpoint(url).await.unwrap();
    for path in [
        format!("/api/v1/tasks/{task}"),
        format!("/api/v1/tasks/{first}"),
        "/api/v1/tasks/schedules".to_owned(),
        format!("/api/v1/tasks/schedules/{}", schedule["id"].as_str().unwrap()),
        "/api/v1/callbacks".to_owned(),
        "/api/v1/members".to_owned(),
    ] {
        let secret = if path.ends_with("members") { "\"acme@test.invalid\"" } else { "wordthatletsin" };
        let clear = app.acme.get(&path).await.assert_status(200).text();
        assert!(clear.contains(secret), "{path} shows nothing to hide, so this proves nothing: {clear}");
        let masked = viewer.get(&path).await.assert_status(200).text();
        assert!(!masked.contains(secret) && !masked.to_lowercase().contains("lovelace"), "{path}: {masked}");
        assert!(masked.contains("[masked:"), "{path}: {masked}");
    }
    let shown = viewer.get(&format!("/api/v1/tasks/{task}")).await.json();
    assert_eq!(shown["callback_url"], "https://93.184.215.14/[masked:unclassified]");
    assert_eq!(shown["payload"], json!({ "text": "[masked:free_text]", "channel": "#sales" }));
    let members = viewer.get("/api/v1/members").await.json().to_string();
    assert!(members.contains("viewer-acme@test.invalid"), "one's own address is one's own: {members}");
}
