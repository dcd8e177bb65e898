//! The main job over HTTP: connect files, see the picture, read unified records, explain a cell, balance the ledger.

use aos_testkit::TestApp;
use axum::body::Body;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn files_become_an_explained_picture_with_a_balanced_ledger() {
    let app = TestApp::new().await;
    let id = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let run = app.acme.connect().await;
    assert_eq!((&run["status"], &run["sources"][0]["status"]), (&json!("finished"), &json!("done")), "{run}");

    let state = app.acme.get("/api/v1/dcl/state").await.assert_status(200).json();
    assert_eq!(state["sources_added"], json!(["crm"]));
    assert_eq!(state["entity_sources"]["opportunity"], json!(["crm"]));
    let node = |id: &str| state["nodes"].as_array().unwrap().iter().any(|node| node["id"] == id);
    assert!(node("sys_crm") && node("src_crm_opportunity") && node("dcl_opportunity"), "{state}");
    assert_eq!(state["ledger"]["balanced"], true);

    let page = app.acme.get("/dcl/views/opportunity?sort=-amount&limit=5").await.assert_status(200).json();
    assert_eq!((&page["entity"], &page["total"]), (&json!("opportunity"), &json!(12)));
    assert_eq!(page["items"][0]["_record_id"], "O012");
    let next = format!("/dcl/views/opportunity?sort=-amount&limit=5&cursor={}", page["next_cursor"].as_str().unwrap());
    let next = app.acme.get(&next).await.assert_status(200).json();
    assert_eq!(next["items"][0]["_record_id"], "O007");
    let filtered = app.acme.get("/dcl/views/opportunity?filter=amount:gte:5000&filter=name:contains:deal%201").await;
    assert_eq!(filtered.assert_status(200).json()["total"], 3);

    let record = app.acme.get("/api/v1/dcl/views/opportunity/crm/O003").await.assert_status(200).json();
    assert_eq!(record["cells"]["name"]["value"], "Acme Deal 3");
    assert_eq!(record["cells"]["name"]["source_field"], "name");
    assert!(record["cells"]["name"]["raw"]["row"].is_u64());

    let body = json!({ "sql": "SELECT count(*) AS n, sum(amount) AS total FROM opportunity" });
    let answer = app.acme.post("/api/v1/dcl/query", &body).await.assert_status(200).json();
    assert_eq!(answer["rows"][0][0].to_string().trim_matches('"'), "12");

    let lineage = app.acme.get("/api/v1/dcl/lineage?search=amount").await.assert_status(200).json();
    assert_eq!(lineage["items"][0]["column"], "amount");
    let preview = app.acme.get("/api/v1/dcl/preview?node=src_crm_account&limit=3").await.assert_status(200).json();
    assert_eq!((preview["rows"].as_array().unwrap().len(), &preview["total"]), (3, &json!(12)));

    let connection = app.acme.get(&format!("/api/v1/connections/{id}")).await.assert_status(200).json();
    assert_eq!((&connection["status"], &connection["last_run"]["balanced"]), (&json!("ready"), &json!(true)));
    let check = app.acme.post(&format!("/api/v1/connections/{id}/check"), &json!({})).await.assert_status(200).json();
    assert_eq!(check["ok"], true);
}

#[tokio::test]
async fn connecting_twice_changes_no_record_and_the_ledger_says_so() {
    let app = TestApp::new().await;
    let id = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let before = app.acme.get("/dcl/views/account").await.json();
    app.acme.connect().await;
    assert_eq!(before, app.acme.get("/dcl/views/account").await.json());
    let runs = app.acme.get(&format!("/api/v1/connections/{id}/runs")).await.assert_status(200).json();
    assert_eq!((&runs["items"][0]["outcome"], &runs["items"][1]["outcome"]), (&json!("no_change"), &json!("success")));
    let ledger = app.acme.get("/api/v1/ledger?limit=1").await.assert_status(200).json();
    assert_eq!(ledger["items"].as_array().unwrap().len(), 1);
    let next = format!("/api/v1/ledger?limit=1&cursor={}", ledger["next_cursor"].as_str().unwrap());
    let next = app.acme.get(&next).await.assert_status(200).json();
    assert_eq!((&next["items"][0]["id"], &next["next_cursor"]), (&runs["items"][1]["id"], &json!(null)));
}

#[tokio::test]
async fn the_state_is_sent_again_only_when_it_has_changed() {
    let app = TestApp::new().await;
    let first = app.acme.get("/api/v1/dcl/state").await.assert_status(200);
    assert!(first.header("cache-control").unwrap().contains("private"));
    let tag = first.header("etag").unwrap().to_owned();
    let ask = |path: &str| {
        let request = app.acme.request(Method::GET, path).header("if-none-match", tag.clone());
        app.acme.send(request.body(Body::empty()).unwrap())
    };
    let unchanged = ask("/dcl/state").await.assert_status(304);
    assert_eq!((unchanged.body.len(), unchanged.header("etag")), (0, Some(tag.as_str())));
    ask("/dcl/state?joins=true").await.assert_status(200);
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let changed = ask("/dcl/state").await.assert_status(200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
}

#[tokio::test]
async fn a_deleted_connection_takes_its_records_along() {
    let app = TestApp::new().await;
    let id = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    app.acme.delete(&format!("/api/v1/connections/{id}")).await.assert_status(204);
    app.acme.get(&format!("/api/v1/connections/{id}")).await.assert_problem(404, "connection_not_found");
    assert_eq!(app.acme.get("/dcl/views/account").await.assert_status(200).json()["total"], 0);
    assert_eq!(app.acme.get("/dcl/state").await.assert_status(200).json()["sources_added"], json!([]));
}

#[tokio::test]
async fn lists_are_paged() {
    let app = TestApp::new().await;
    for number in 0..5 {
        app.acme.create_connection(&format!("crm{number}"), &app.files.crm(&format!("crm{number}"), "Acme")).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page =
            app.acme.get(&format!("/api/v1/connections?limit=2&cursor={cursor}")).await.assert_status(200).json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["crm0", "crm1", "crm2", "crm3", "crm4"]);
}
